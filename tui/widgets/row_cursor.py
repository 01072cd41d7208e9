"""Where a list's cursor belongs after its rows or their order changed: on its object, else on what was
nearest."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import chain
from typing import TypeVar

__all__ = ["first_index", "neighbours", "position_in", "position_of"]

RowT = TypeVar("RowT")


def neighbours(order: Sequence[int], at: int) -> Iterator[int]:
    """The indices of the rows after the one at the position ``at``, then of those before it, nearest
    first."""
    for following in range(at + 1, len(order)):
        yield order[following]
    for preceding in range(at - 1, -1, -1):
        yield order[preceding]


def position_in(order: Sequence[int], cursor: int | None, before: Sequence[int], at: int) -> int:
    """Where in ``order`` a cursor belongs that was on the row with the index ``cursor``, at the position
    ``at`` of the order ``before``; -1 if no row is shown."""
    if not order or cursor is None:
        return 0 if order else -1
    if 0 <= at < len(order) and order[at] == cursor:
        return at
    try:
        return order.index(cursor)
    except ValueError:
        shown = order if isinstance(order, range) else frozenset(order)
        neighbour = next((i for i in neighbours(before, at) if i in shown), None)
        return 0 if neighbour is None else order.index(neighbour)


def first_index(
    rows: Sequence[RowT],
    key: Callable[[RowT], Hashable],
    wanted: Iterable[Hashable],
    guess: int,
    find: Callable[[Hashable], int | None] | None = None,
) -> int:
    """The index of the row that has the first of the ``wanted`` keys that any row has, else 0. ``guess`` is
    where the very first one most likely is; ``find`` knows where the others are."""
    keys = iter(wanted)
    first = next(keys)
    if guess < len(rows) and key(rows[guess]) == first:
        return guess
    find = find or {key(row): index for index, row in enumerate(rows)}.get
    found = (find(k) for k in chain([first], keys))
    return next((index for index in found if index is not None), 0)


def position_of(index: int | None, order: Sequence[int]) -> int | None:
    """Where in ``order`` the row with this index is, if it is there."""
    if index is None:
        return None
    try:
        return order.index(index)
    except ValueError:
        return None
