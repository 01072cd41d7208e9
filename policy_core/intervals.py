"""Sets of integers kept as disjoint closed intervals: the algebra under port sets and address sets."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

__all__ = ["Interval", "IntervalSet", "cut"]

Interval = tuple[int, int]
"""Both ends belong to the interval; first <= last."""


@dataclass(frozen=True, slots=True)
class IntervalSet:
    """A set of integers. ``intervals`` is canonical: sorted, disjoint and never adjacent, so equal sets
    compare and hash equal. Build one with :meth:`of`, which accepts intervals in any order."""

    intervals: tuple[Interval, ...] = ()

    @classmethod
    def of(cls, intervals: Iterable[Interval]) -> IntervalSet:
        merged: list[Interval] = []
        for first, last in sorted(intervals):
            if first > last:
                raise ValueError(f"interval ends before it starts: {first}..{last}")
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
            else:
                merged.append((first, last))
        return cls(tuple(merged))

    def __bool__(self) -> bool:
        return bool(self.intervals)

    def __iter__(self) -> Iterator[Interval]:
        return iter(self.intervals)

    def __contains__(self, value: int) -> bool:
        at = bisect_right(self.intervals, value, key=itemgetter(0)) - 1
        return at >= 0 and value <= self.intervals[at][1]

    def __or__(self, other: IntervalSet) -> IntervalSet:
        if not other.intervals:
            return self
        if not self.intervals:
            return other
        return IntervalSet.of(self.intervals + other.intervals)

    def __and__(self, other: IntervalSet) -> IntervalSet:
        mine, theirs = self.intervals, other.intervals
        common: list[Interval] = []
        i = j = 0
        while i < len(mine) and j < len(theirs):
            first = max(mine[i][0], theirs[j][0])
            last = min(mine[i][1], theirs[j][1])
            if first <= last:
                common.append((first, last))
            if mine[i][1] < theirs[j][1]:
                i += 1
            else:
                j += 1
        return IntervalSet(tuple(common))

    def __sub__(self, other: IntervalSet) -> IntervalSet:
        left: list[Interval] = []
        theirs = other.intervals
        j = 0
        for first, last in self.intervals:
            while j < len(theirs) and theirs[j][1] < first:
                j += 1
            k = j
            while k < len(theirs) and theirs[k][0] <= last:
                if first < theirs[k][0]:
                    left.append((first, theirs[k][0] - 1))
                first = theirs[k][1] + 1
                k += 1
            if first <= last:
                left.append((first, last))
        return IntervalSet(tuple(left))

    def __le__(self, other: IntervalSet) -> bool:
        return not self - other

    def size(self) -> int:
        """How many integers the set holds."""
        return sum(last - first + 1 for first, last in self.intervals)


def cut(sets: Sequence[IntervalSet]) -> dict[int, IntervalSet]:
    """The line cut wherever a set begins or ends, and the pieces that lie in the same sets put together:
    under each bitset of positions in ``sets`` the integers that are in exactly those. Integers that are in
    none of them are left out."""
    changes: dict[int, int] = defaultdict(int)
    for position, each in enumerate(sets):
        for first, last in each:
            changes[first] ^= 1 << position
            changes[last + 1] ^= 1 << position
    pieces: dict[int, list[Interval]] = defaultdict(list)
    within = start = 0
    for edge in sorted(changes):
        if within:
            pieces[within].append((start, edge - 1))
        within ^= changes[edge]
        start = edge
    return {within: IntervalSet.of(intervals) for within, intervals in pieces.items()}
