"""What has changed between two states of a cluster, told by identity.

A source that follows a cluster keeps the object of what has not changed. So the same object means the same in
all that was worked out from it alone, and only the others have to be looked at. Everything that takes a
``previous`` is made the same with it and without: it is where finished parts may be taken from, and nothing
keeps hold of it afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress, count, repeat
from operator import is_not
from typing import Generic, NamedTuple, TypeVar

__all__ = ["Carried", "Difference", "carried", "difference"]

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


class Carried(NamedTuple, Generic[V]):
    """``new`` are the positions of the objects that were not there before, ``gone`` those that are not there
    any more had before; both ascending."""

    values: list[V | None]
    new: list[int]
    gone: list[int]


def carried(before: Sequence[T], values: Sequence[V], now: Sequence[T]) -> Carried[V]:
    """For each object of ``now`` the value that it had before; None for one that is new. ``values`` belong to
    the objects of ``before``, in their order."""
    if before is now:
        return Carried(list(values), [], [])
    had: Sequence[int]
    has: Sequence[int]
    if len(before) == len(now):
        had = has = [*compress(count(), map(is_not, before, now))]
        found: list[V | None] = list(values)
    else:
        first, last = _alike_at_both_ends(before, now)
        had, has = range(first, len(before) - last), range(first, len(now) - last)
        found = [*values[:first], *repeat(None, len(has)), *values[len(values) - last :]]
    known = {id(before[position]): values[position] for position in had}
    new = [position for position in has if id(now[position]) not in known]
    left = {id(now[position]) for position in has}
    for position in has:
        found[position] = known.get(id(now[position]))
    return Carried(found, new, [position for position in had if id(before[position]) not in left])
