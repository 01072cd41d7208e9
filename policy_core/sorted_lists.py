"""Objects in the order in which a snapshot has them: what a source hands over that knows them to be so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from policy_core.model import ObjectOfInterest

__all__ = ["SortedLists"]


class SortedLists(Sequence["ObjectOfInterest"]):
    """One list after the other. Each has objects of a single type, by namespace and name, and none twice; a
    list in which nothing has changed should be the same object as in the reading before, and of one
    (:class:`policy_core.parts.ByNamespace`) every part."""

    def __init__(self, lists: Iterable[Sequence[ObjectOfInterest]]) -> None:
        self.lists = tuple(filter(None, lists))

    def __len__(self) -> int:
        return sum(map(len, self.lists))

    def __iter__(self) -> Iterator[ObjectOfInterest]:
        return chain.from_iterable(self.lists)

    @overload
    def __getitem__(self, position: int) -> ObjectOfInterest: ...
    @overload
    def __getitem__(self, position: slice) -> tuple[ObjectOfInterest, ...]: ...
    def __getitem__(self, position: int | slice) -> ObjectOfInterest | tuple[ObjectOfInterest, ...]:
        return tuple(self)[position]
