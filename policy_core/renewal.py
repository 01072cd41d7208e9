"""What has changed between two states of a cluster, told by identity.

A source that follows a cluster keeps the object of what has not changed. So the same object means the same in
all that was worked out from it alone, and only the others have to be looked at. Everything that takes a
``previous`` is made the same with it and without: it is where finished parts may be taken from, and nothing
keeps hold of it afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress, count
from operator import is_not
from typing import Generic, NamedTuple, TypeVar

__all__ = ["Difference", "carried", "difference"]

T = TypeVar("T")
V = TypeVar("V")


class Difference(NamedTuple, Generic[T]):
    """An object that has changed is in both: as it was, and as it is."""

    gone: list[T]
    new: list[T]


def difference(before: Sequence[T], now: Sequence[T]) -> Difference[T]:
    """No object may be twice in either."""
    if before is now:
        return Difference([], [])
    was, has = _trimmed(before, now)
    earlier, later = set(map(id, was)), set(map(id, has))
    return Difference(
        [one for one in was if id(one) not in later], [one for one in has if id(one) not in earlier]
    )


def _trimmed(before: Sequence[T], now: Sequence[T]) -> tuple[Sequence[T], Sequence[T]]:
    """What is not in the same place, from either end: often that leaves little to look at."""
    if len(before) == len(now):
        return [*compress(before, map(is_not, before, now))], [*compress(now, map(is_not, before, now))]
    first, last = _alike_at_both_ends(before, now)
    return before[first : len(before) - last], now[first : len(now) - last]


def _alike_at_both_ends(before: Sequence[T], now: Sequence[T]) -> tuple[int, int]:
    shorter = min(len(before), len(now))
    first = next(compress(count(), map(is_not, before, now)), shorter)
    backwards = map(is_not, reversed(before), reversed(now))
    return first, min(next(compress(count(), backwards), shorter), shorter - first)


def carried(before: Sequence[T], values: Sequence[V], now: Sequence[T]) -> list[V | None]:
    """For each object of ``now`` the value that it had before; None for one that is new. ``values`` belong to
    the objects of ``before``, in their order."""
    if before is now:
        return list(values)
    first, last = _alike_at_both_ends(before, now)
    known = dict(
        zip(map(id, before[first : len(before) - last]), values[first : len(values) - last], strict=True)
    )
    return [
        *values[:first],
        *map(known.get, map(id, now[first : len(now) - last])),
        *values[len(values) - last :],
    ]
