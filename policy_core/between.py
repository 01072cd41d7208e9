"""How much of the connectivity matrix is open between two namespaces, and between a namespace and the
outside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from policy_core.address_range import AddressRange
from policy_core.column import Allowed
from policy_core.connectivity import Connectivity
from policy_core.index import Bits, bits
from policy_core.ipblock import EVERY_IPV4, EVERY_IPV6
from policy_core.model import Direction
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


@dataclass(frozen=True, slots=True)
class Between:
    namespaces: Mapping[str, Bits]
    """The classes of every namespace that has some, in name order."""
    cells: Mapping[tuple[str, str], Tally]
    """Under (source, destination)."""
    outside: Mapping[tuple[str, Direction], Tally]
    """Of the classes of each namespace: pairs with the outside."""

    def cell(self, source: str, destination: str) -> Tally:
        return self.cells[source, destination]


_LEVELS = (Level.ALL, Level.SOME, Level.PARTLY, Level.UNKNOWN)


def between(found: Connectivity) -> Between:
    spaces: dict[str, Bits] = defaultdict(int)
    for each in found.classes:
        spaces[each.namespace] |= 1 << each.number
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    lone: dict[str, int] = defaultdict(int)
    for each, column in zip(found.classes, found.columns, strict=True):
        others = ~(1 << each.number) if each.single else -1
        lone[each.namespace] += each.single
        for allowed, sources in column:
            position = _LEVELS.index(level(allowed))
            for name, members in spaces.items():
                if there := members & sources & others:
                    counts[name, each.namespace][position] += there.bit_count()
    cells = {
        (source, destination): Tally(
            senders.bit_count() * receivers.bit_count() - (lone[source] if source == destination else 0),
            *counts[source, destination],
        )
        for source, senders in spaces.items()
        for destination, receivers in spaces.items()
    }
    outside = {
        (name, direction): _outside(found, members, direction)
        for name, members in spaces.items()
        for direction in Direction
    }
    return Between(dict(sorted(spaces.items())), cells, outside)


def _outside(found: Connectivity, members: Bits, direction: Direction) -> Tally:
    levels = [outside_level(found.outside[number][direction]) for number in bits(members)]
    unknown = levels.count(Level.UNKNOWN)
    return Tally(len(levels), levels.count(Level.ALL), levels.count(Level.SOME), unknown=unknown)
