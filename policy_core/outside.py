"""What a class of pods may exchange with addresses outside the cluster's pods."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import NamedTuple

from policy_core.column import Allowed
from policy_core.index import Index, bits
from policy_core.intervals import IntervalSet, cut
from policy_core.ipblock import EVERY_IPV4, EVERY_IPV6, AddressSet
from policy_core.model import Direction
from policy_core.openness import own_families
from policy_core.ports import ALL_PORTS, NO_PORTS, PortSet
from policy_core.rules import CompiledRule, PolicySet

__all__ = ["NOWHERE", "AddressRange", "Outside", "outside"]

_EVERY = {4: EVERY_IPV4, 6: EVERY_IPV6}


class AddressRange(NamedTuple):
    """Addresses that may all be reached (or may all reach the pods) on exactly these ports."""

    addresses: AddressSet
    ports: PortSet
    unknown: PortSet = NO_PORTS
    """The ports of which nobody knows, since the pods' policies could not be read."""

    @property
    def allowed(self) -> Allowed:
        return Allowed(self.ports, unknown=self.unknown)


Outside = Mapping[Direction, tuple[AddressRange, ...]]
"""For each direction the ranges with some allowed port, disjoint and as large as can be, in address order.
The pod's own node, whose traffic is always let in, is not told apart."""

NOWHERE: Outside = dict.fromkeys(Direction, ())


def outside(policies: PolicySet) -> tuple[Outside, ...]:
    """For each of the index's classes; only over the address families that it has, over both where it has no
    address yet."""
    index = policies.index
    rules: dict[Direction, list[list[CompiledRule]]] = {}
    for direction in Direction:
        rules[direction] = [[] for _ in index.classes]
        for policy in policies.of[direction]:
            naming = [rule for rule in policy.rules if rule.peers.addresses]
            for number in bits(policy.subjects) if naming else ():
                rules[direction][number] += naming
    known: dict[object, tuple[AddressRange, ...]] = {}

    def ranges(direction: Direction, number: int) -> tuple[AddressRange, ...]:
        space = _space(index, number)
        if policies.unseen >> number & 1:
            return (AddressRange(space, NO_PORTS, ALL_PORTS),)
        if not policies.isolated[direction] >> number & 1:
            found: list[AddressRange] = [AddressRange(space, ALL_PORTS)]
        else:
            found = [
                AddressRange(rule.peers.addresses & space, _ports(rule, direction, index, number))
                for rule in rules[direction][number]
            ]
        key = frozenset(found)
        if key not in known:
            known[key] = _partition(found)
        return known[key]

    return tuple(
        {direction: ranges(direction, number) for direction in Direction}
        for number in range(len(index.classes))
    )


def _space(index: Index, number: int) -> AddressSet:
    pod = index.pods[index.members[number][0]]
    return reduce(or_, (_EVERY[family] for family in own_families(pod)))


def _ports(rule: CompiledRule, direction: Direction, index: Index, number: int) -> PortSet:
    """A port's name means something on a pod only, never at an address outside."""
    return rule.ports.numbers if direction is Direction.EGRESS else rule.ports.on(index.class_ports[number])


def _partition(allowed: list[AddressRange]) -> tuple[AddressRange, ...]:
    by_ports: dict[PortSet, IntervalSet] = {}
    for within, line in cut([each.addresses.line for each in allowed]).items():
        ports = PortSet.union(allowed[position].ports for position in bits(within))
        if ports:
            by_ports[ports] = by_ports.get(ports, IntervalSet()) | line
    ranges = (AddressRange(AddressSet(line), ports) for ports, line in by_ports.items())
    return tuple(sorted(ranges, key=lambda each: each.addresses.line.intervals))
