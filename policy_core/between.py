"""How much of the connectivity matrix is open between two namespaces, and between a namespace and the
outside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from policy_core.address_range import AddressRange
from policy_core.classes import bitset_of
from policy_core.column import Allowed
from policy_core.connectivity import Connectivity
from policy_core.index import Bits
from policy_core.ipblock import EVERY_IPV4, EVERY_IPV6
from policy_core.model import Direction
from policy_core.open_pairs import open_pairs
from policy_core.ports import ALL_PORTS

__all__ = ["Between", "Level", "Tally", "between", "level", "outside_level"]


_WHOLE = (EVERY_IPV4, EVERY_IPV6, EVERY_IPV4 | EVERY_IPV6)


class Level(StrEnum):
    """How much is open, of one pair or of many."""

    ALL = "all"
    """Every port, of every pair."""
    SOME = "some"
    """Some ports, or every port of some pairs."""
    PARTLY = "partly"
    """Nothing for certain in every case: over one address family only, or from the own node only."""
    UNKNOWN = "unknown"
    """Nothing for certain, and perhaps something."""
    NONE = "none"


def level(allowed: Allowed) -> Level:
    if allowed.ports:
        return Level.ALL if allowed.ports == ALL_PORTS else Level.SOME
    return Level.PARTLY if allowed.partial else Level.UNKNOWN if allowed.unknown else Level.NONE


def outside_level(ranges: tuple[AddressRange, ...]) -> Level:
    """Of what one class may exchange with addresses outside; ALL: with each of its families, on every port.
    Nothing about them is partial; unknown is all or nothing."""
    if not ranges:
        return Level.NONE
    # Those that are open to everybody are one range: that of whole families.
    first = ranges[0]
    if first.unknown:
        return Level.UNKNOWN
    everybody = first.addresses in _WHOLE and first.ports == ALL_PORTS
    return Level.ALL if everybody else Level.SOME


class Tally(NamedTuple):
    """How many pairs of classes there are and how many are open to which level; the others are closed. A
    single pod's own pair is not counted."""

    pairs: int = 0
    all: int = 0
    some: int = 0
    partly: int = 0
    unknown: int = 0

    @property
    def level(self) -> Level:
        if self.pairs and self.all == self.pairs:
            return Level.ALL
        if self.all or self.some:
            return Level.SOME
        return Level.PARTLY if self.partly else Level.UNKNOWN if self.unknown else Level.NONE


@dataclass(frozen=True, slots=True, eq=False)
class Between:
    namespaces: Mapping[str, Bits]
    """The classes of every namespace that has some, in name order."""
    outside: Mapping[tuple[str, Direction], Tally]
    """Of the classes of each namespace: pairs with the outside."""
    sizes: Mapping[str, int]
    """How many classes each namespace has."""
    lone: Mapping[str, int]
    """How many of them are one single pod."""
    places: Mapping[str, int]
    opened: Mapping[str, tuple[Sequence[int], ...]]
    """Under each destination, for each level, how many pairs there are from the namespace in each place."""

    def cell(self, source: str, destination: str) -> Tally:
        at = self.places[source]
        pairs = self.sizes[source] * self.sizes[destination]
        if source == destination:
            pairs -= self.lone[source]
        return Tally(pairs, *[row[at] for row in self.opened[destination]])


_LEVELS = (Level.ALL, Level.SOME, Level.PARTLY, Level.UNKNOWN)


def between(found: Connectivity) -> Between:
    spaces: dict[str, list[int]] = defaultdict(list)
    for each in found.classes:
        spaces[each.namespace].append(each.number)
    spaces = dict(sorted(spaces.items()))
    namespaces = {name: bitset_of(numbers) for name, numbers in spaces.items()}
    outside = {
        (name, direction): _outside(found, numbers, direction)
        for name, numbers in spaces.items()
        for direction in Direction
    }
    rows = open_pairs(found, list(spaces), lambda allowed: _LEVELS.index(level(allowed)))
    none = (0,) * len(spaces)
    lone = dict.fromkeys(spaces, 0)
    for each in found.classes:
        lone[each.namespace] += each.single
    return Between(
        namespaces,
        outside,
        {name: len(numbers) for name, numbers in spaces.items()},
        lone,
        {name: at for at, name in enumerate(spaces)},
        {name: tuple(rows.get((name, at), none) for at in range(len(_LEVELS))) for name in spaces},
    )


def _outside(found: Connectivity, members: Iterable[int], direction: Direction) -> Tally:
    levels = [outside_level(found.outside[number][direction]) for number in members]
    unknown = levels.count(Level.UNKNOWN)
    return Tally(len(levels), levels.count(Level.ALL), levels.count(Level.SOME), unknown=unknown)
