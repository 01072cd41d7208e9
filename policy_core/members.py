"""The pods of some classes as a sequence, of which nobody needs all: a rule may match every pod there is, and
what is told of it is how many, and the first few."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from math import isqrt
from typing import overload
from weakref import WeakKeyDictionary

from policy_core.classes import bitset_of
from policy_core.index import Bits, Index
from policy_core.model import Pod

__all__ = ["Members"]

_FEW = 200
"""So many pods are put in order at once."""


class Members(Sequence[Pod]):
    """By namespace and name; equal to the tuple of the same pods. ``apart_from`` is left out."""

    __slots__ = ("_apart_from", "_bitset", "_few", "_index", "_length", "_pods")

    def __init__(self, index: Index, bitset: Bits, apart_from: Pod | None = None, few: int = _FEW) -> None:
        self._index = index
        self._bitset = bitset
        self._few = few
        inside = apart_from is not None and bool(bitset & index.class_bit(apart_from))
        self._apart_from = apart_from if inside else None
        self._length = index.count(bitset) - inside
        self._pods: tuple[Pod, ...] | None = None

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Pod]:
        return iter(self._all())

    @overload
    def __getitem__(self, position: int) -> Pod: ...
    @overload
    def __getitem__(self, position: slice) -> tuple[Pod, ...]: ...
    def __getitem__(self, position: int | slice) -> Pod | tuple[Pod, ...]:
        if self._pods is None and isinstance(position, slice):
            start, stop, step = position.indices(self._length)
            if (start, step) == (0, 1):
                return self.first(stop)
        return self._all()[position]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Members):
            return self._all() == other._all()
        return self._all() == other if isinstance(other, tuple) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self._all())

    def first(self, most: int) -> tuple[Pod, ...]:
        """The first ``most`` of them."""
        if self._pods is None and self._length > max(self._few, most):
            return tuple(islice(self._in_order(), most))
        return self._all()[:most]

    def _all(self) -> tuple[Pod, ...]:
        if self._pods is None:
            apart_from = self._apart_from
            pods = self._index.pods_of(self._bitset)
            if apart_from is not None:
                pods = tuple(pod for pod in pods if pod is not apart_from)
            self._pods = pods
        return self._pods

    def _in_order(self) -> Iterator[Pod]:
        """Each in its turn, with a look at those before it that are none of them."""
        index, bitset = self._index, self._bitset
        flags = bitset.to_bytes((bitset.bit_length() >> 3) + 1, "little")
        last = len(flags) * 8
        for namespace in _regions(index).meeting(bitset):
            for pod, number in zip(index.pods.of_namespace(namespace), index.numbers(namespace), strict=True):
                here = number < last and flags[number >> 3] >> (number & 7) & 1
                if here and pod is not self._apart_from:
                    yield pod


class _Regions:
    """Namespaces, some together, with the classes that they have."""

    def __init__(self, index: Index) -> None:
        self._classes = index.bitsets.namespaces
        names = list(index.pods.parts)
        step = isqrt(len(names)) + 1
        listed = (names[start : start + step] for start in range(0, len(names), step))
        numbers = self._classes.numbers
        self._regions = [(bitset_of(n for name in some for n in numbers[name]), some) for some in listed]
        self._large = {name: self._classes.bits(name) for name in names if len(numbers[name]) > _FEW}

    def meeting(self, bitset: Bits) -> Iterator[str]:
        """The namespaces that have some of the classes, in order."""
        for region, names in self._regions:
            if bitset & region:
                yield from (name for name in names if bitset & self._of(name))

    def _of(self, name: str) -> Bits:
        return self._large.get(name) or self._classes.bits(name)


_REGIONS: WeakKeyDictionary[Index, _Regions] = WeakKeyDictionary()


def _regions(index: Index) -> _Regions:
    found = _REGIONS.get(index)
    if found is None:
        found = _REGIONS[index] = _Regions(index)
    return found
