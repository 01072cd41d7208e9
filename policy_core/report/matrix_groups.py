"""The connectivity matrix with equal rows and equal columns put together: what is worth a line of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_

from policy_core.address_range import AddressRange
from policy_core.classes import bitset_of
from policy_core.column import Allowed, Column
from policy_core.connectivity import Connectivity
from policy_core.index import Bits, bits
from policy_core.model import Direction

__all__ = ["Entry", "Group", "groups", "outside_groups", "parts_alike", "surely_more_than"]


@dataclass(frozen=True, slots=True)
class Entry:
    """Destinations that a group of sources has the same of."""

    allowed: Allowed
    destinations: Bits


@dataclass(frozen=True, slots=True)
class Group:
    """Sources that are allowed the same everywhere, between different pods. ``itself`` is the source where it
    is but one single pod: what it is allowed of itself is about nobody."""

    sources: Bits
    entries: tuple[Entry, ...]
    itself: Bits


def groups(found: Connectivity) -> tuple[Group, ...]:
    """By their first classes. Every class is in one of them, but of a part of the matrix only those that are
    in it. Entries that are about nobody but the source itself are left out."""
    alike: dict[Column, Bits] = {}
    for number, column in enumerate(found.columns):
        alike[column] = alike.get(column, 0) | 1 << number
    kinds: dict[Allowed, int] = {}
    entries = [
        (kinds.setdefault(allowed, len(kinds)), sources, destinations)
        for column, destinations in alike.items()
        for allowed, sources in column
    ]
    # What one class of a part has, all of it have.
    parts = {
        _first(part): part
        for part in parts_alike(found.shown(), [found.ends, *(sources for _, sources, _ in entries)])
    }
    firsts = bitset_of(parts)
    rows: dict[int, dict[int, Bits]] = {first: {} for first in sorted(parts)}
    for kind, sources, destinations in entries:
        for first in bits(sources & firsts):
            rows[first][kind] = rows[first].get(kind, 0) | destinations
    by_kind = tuple(kinds)
    return tuple(
        _group(found, parts[first], [Entry(by_kind[kind], to) for kind, to in row.items()])
        for first, row in rows.items()
        if row or parts[first] & found.ends
    )


def surely_more_than(most: int, found: Connectivity) -> bool:
    """Whether the groups have more entries than that, told by far fewer than all columns. False says
    nothing."""
    parts = [found.ends]
    seen = 0
    known: set[Bits] = set()
    for each, column in zip(found.classes, found.columns, strict=True):
        others = ~(1 << each.number) if each.single else -1
        new = [sources for _, sources in column if sources not in known]
        known.update(new)
        seen = reduce(or_, (sources & others for _, sources in column), seen)
        parts = reduce(_cut, new, parts)
        # Parts only fall apart any further, and a source of another class has some entry.
        if len(parts) > most and sum(1 for part in parts if part & seen) > most:
            return True
    return False


def _cut(parts: list[Bits], by: Bits) -> list[Bits]:
    return [piece for part in parts for piece in (part & by, part & ~by) if piece]


def parts_alike(whole: Bits, sets: Iterable[Bits]) -> list[Bits]:
    """``whole`` split so that each part lies in each of the sets or outside it. Small sets leave their marks
    on their members; large ones, of which most have to do with every class, are looked at side by side."""
    width = whole.bit_length()
    marks: list[list[int]] = [[] for _ in range(width)]
    large: list[str] = []
    for position, each in enumerate({each & whole for each in sets}):
        if each.bit_count() * _SMALL < width:
            for number in bits(each):
                marks[number].append(position)
        else:
            large.append(f"{each | 1 << width:b}"[:0:-1])
    labels = [0] * width
    for at in range(0, len(large), _AT_ONCE):
        known: dict[object, int] = {}
        sides = zip(labels, *large[at : at + _AT_ONCE], strict=True)
        labels = [known.setdefault(key, len(known)) for key in sides]
    parts: dict[object, list[int]] = defaultdict(list)
    for number in bits(whole):
        parts[labels[number], tuple(marks[number])].append(number)
    return list(map(bitset_of, parts.values()))


_SMALL, _AT_ONCE = 32, 64


def _first(part: Bits) -> int:
    return (part & -part).bit_length() - 1


def _group(found: Connectivity, sources: Bits, entries: Iterable[Entry]) -> Group:
    alone = sources.bit_count() == 1 and found.classes[_first(sources)].single
    itself = sources if alone else 0
    return Group(sources, tuple(entry for entry in entries if entry.destinations & ~itself), itself)


def outside_groups(found: Connectivity, direction: Direction) -> Iterator[tuple[AddressRange, Bits]]:
    """The ranges of addresses with the classes that have something to do with them on the same ports."""
    having: dict[AddressRange, Bits] = {}
    for number in bits(found.ends):
        for each in found.outside[number][direction]:
            having[each] = having.get(each, 0) | 1 << number
    yield from having.items()
