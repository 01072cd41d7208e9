"""The connectivity matrix with equal rows and equal columns put together: what is worth a line of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policy_core.column import Allowed
from policy_core.connectivity import Connectivity
from policy_core.index import Bits, bits
from policy_core.model import Direction
from policy_core.outside import AddressRange

__all__ = ["Entry", "Group", "groups", "outside_groups"]


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
    """Every class that is shown is in one of them, by their first classes. Entries that are about nobody but
    the source itself are left out."""
    alike: dict[object, Bits] = {}
    for number, column in enumerate(found.columns):
        alike[column] = alike.get(column, 0) | 1 << number
    parts: list[tuple[Bits, tuple[Entry, ...]]] = [(found.shown(), ())]
    for destinations in alike.values():
        first = (destinations & -destinations).bit_length() - 1
        for allowed, sources in found.columns[first]:
            split = []
            for part, entries in parts:
                if there := part & sources:
                    split.append((there, (*entries, Entry(allowed, destinations))))
                if rest := part & ~sources:
                    split.append((rest, entries))
            parts = split
    made = (_group(found, part, entries) for part, entries in parts if part)
    return tuple(sorted(made, key=lambda group: group.sources & -group.sources))


def _group(found: Connectivity, sources: Bits, entries: tuple[Entry, ...]) -> Group:
    alone = sources.bit_count() == 1 and found.classes[sources.bit_length() - 1].single
    itself = sources if alone else 0
    merged: dict[Allowed, Bits] = {}
    for entry in entries:
        merged[entry.allowed] = merged.get(entry.allowed, 0) | entry.destinations
    others = {allowed: to for allowed, to in merged.items() if to & ~itself}
    return Group(sources, tuple(Entry(*each) for each in others.items()), itself)


def outside_groups(found: Connectivity, direction: Direction) -> Iterator[tuple[AddressRange, Bits]]:
    """The ranges of addresses with the classes that have something to do with them on the same ports."""
    having: dict[AddressRange, Bits] = {}
    for number in bits(found.ends):
        for each in found.outside[number][direction]:
            having[each] = having.get(each, 0) | 1 << number
    yield from having.items()
