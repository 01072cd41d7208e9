"""The columns of the connectivity matrix, each made when it is asked for.

Destinations are let in alike by the thousand, but for what each one's own node adds: so what policy says is
worked out and kept once for all of them, and the rest is cheap enough to be added time and again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from policy_core.column import EVERYTHING, Allowed, Column, column
from policy_core.index import Bits
from policy_core.matrix_classes import MatrixClass
from policy_core.own_node import Hosts, Own
from policy_core.ports import NO_PORTS

__all__ = ["AllColumns"]

NOTHING = Allowed(NO_PORTS)


@dataclass(frozen=True, slots=True, eq=False)
class AllColumns:
    """For each destination class, by its number, the column as it is between different pods: classes that are
    let in alike have equal ones. A class of one single pod has no other: its own bit is about nobody."""

    classes: tuple[MatrixClass, ...]
    by_policy: Sequence[tuple[Column, Bits]]
    """For each of the index's classes the column as policy has it, and the sources that have an address
    family in common with it."""
    free: Bits
    """The index's classes into which everything is let: nothing is left that a node could add."""
    hosts: Hosts
    ends: Bits
    """Only pairs with at least one end in these classes are there."""

    def __len__(self) -> int:
        return len(self.classes)

    def __iter__(self) -> Iterator[Column]:
        return map(self.__getitem__, range(len(self.classes)))

    def __getitem__(self, number: int) -> Column:
        found, own = self.apart(number)
        return own.widen(found) if own else found

    def apart(self, number: int) -> tuple[Column, Own | None]:
        """A column as policy has it, and the sources to which a node adds something."""
        each = self.classes[number]
        found, common = self.by_policy[each.index_class]
        own = None if self.free >> each.index_class & 1 else self.hosts.own(each, common)
        if self.ends >> number & 1:
            return found, own
        return (
            column((allowed, sources & self.ends) for allowed, sources in found),
            own and Own(*(sources & self.ends for sources in own)),
        )

    def to(self) -> Iterator[Column]:
        """Each in order, with the pods that reach themselves: everything in a class of one single pod, since
        that is outside policy. In all others the class's own bit is about different pods of it."""
        for each, found in zip(self.classes, self, strict=True):
            own = 1 << each.number
            if each.single and own & self.ends:
                apart = ((allowed, sources & ~own) for allowed, sources in found)
                yield column((*apart, (EVERYTHING, own)))
            else:
                yield found

    def allowed(self, source: int, destination: int) -> Allowed:
        """What one pair of classes is allowed: for a single question, not for all of them."""
        each, bit = self.classes[destination], 1 << source
        if source == destination and each.single:
            return EVERYTHING
        if not (bit | 1 << destination) & self.ends:
            return NOTHING
        found, common = self.by_policy[each.index_class]
        parts = [(allowed, bit) for allowed, sources in found if sources & bit]
        if self.classes[source].host_network and not self.free >> each.index_class & 1:
            own = self.hosts.own(each, common & bit)
            parts = list(own.widen(tuple(parts))) if own else parts
        return parts[0][0] if parts else NOTHING

    def restricted(self, ends: Bits) -> AllColumns:
        return replace(self, ends=ends)
