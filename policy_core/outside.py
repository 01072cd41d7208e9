"""What a class of pods may exchange with addresses outside the cluster's pods."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import or_
from weakref import WeakKeyDictionary

from policy_core.address_range import AddressRange
from policy_core.index import Index, bits
from policy_core.intervals import IntervalSet, cut
from policy_core.ipblock import EVERY, AddressSet
from policy_core.matching import PortMatch
from policy_core.model import Direction
from policy_core.openness import own_families
from policy_core.outside_tiers import tiered_ranges
from policy_core.ports import ALL_PORTS, NO_PORTS, PortSet
from policy_core.rules import PolicySet
from policy_core.tiers import CompiledTieredPolicy

__all__ = ["NOWHERE", "Outside", "outside", "outside_of"]


Outside = Mapping[Direction, tuple[AddressRange, ...]]
"""For each direction the ranges with some allowed port, disjoint and as large as can be, in address order.
The pod's own node, whose traffic is always let in, is not told apart."""

NOWHERE: Outside = dict.fromkeys(Direction, ())


def outside(policies: PolicySet) -> tuple[Outside, ...]:
    """For each of the index's classes; only over the address families that it has, over both where it has no
    address yet."""
    return tuple(
        {direction: outside_of(policies, number, direction) for direction in Direction}
        for number in range(len(policies.index.classes))
    )


def outside_of(policies: PolicySet, number: int, direction: Direction) -> tuple[AddressRange, ...]:
    """That of one of the index's classes, in one direction."""
    known = _KNOWN.setdefault(policies, {})
    if (number, direction) not in known:
        lower = frozenset(_by_network_policies(policies, number, direction))
        bit = 1 << number
        tiered = tuple(policy for policy in policies.tiers.addressing[direction] if policy.concerned & bit)
        # Most classes have what others have.
        names = policies.index.classes[number].ports if tiered and direction is Direction.INGRESS else ()
        certain = tuple(bool(policy.subjects & bit) for policy in tiered)
        isolated = bool((policies.isolated[direction] | policies.unseen) & bit)
        key = lower, tuple(map(id, tiered)), certain, names, isolated, _space(policies.index, number)
        if key not in known:
            known[key] = _ranges(policies, number, direction, list(lower), tiered)
        known[number, direction] = known[key]
    return known[number, direction]


_KNOWN: WeakKeyDictionary[PolicySet, dict[object, tuple[AddressRange, ...]]] = WeakKeyDictionary()
"""What was found already, as long as the policies are at hand."""


def _by_network_policies(policies: PolicySet, number: int, direction: Direction) -> list[AddressRange]:
    """What the NetworkPolicies alone let through; ranges may overlap."""
    bit, space = 1 << number, _space(policies.index, number)
    if policies.unseen & bit:
        return [AddressRange(space, NO_PORTS, ALL_PORTS)]
    if not policies.isolated[direction] & bit:
        return [AddressRange(space, ALL_PORTS)]
    return [
        AddressRange(rule.addresses & space, _ports(rule.ports, direction, policies.index, number))
        for policy in policies.of_namespace(policies.index.classes[number].namespace, direction)
        if policy.subjects & bit
        for rule in policy.rules
        if rule.addresses
    ]


def _ranges(
    policies: PolicySet,
    number: int,
    direction: Direction,
    lower: list[AddressRange],
    tiered: tuple[CompiledTieredPolicy, ...],
) -> tuple[AddressRange, ...]:
    if not tiered:
        return _partition(lower)
    index = policies.index
    ports = {id(r): _ports(r.ports, direction, index, number) for policy in tiered for r in policy.rules}
    return _partition(tiered_ranges(policies, number, direction, _space(index, number), lower, tiered, ports))


def _space(index: Index, number: int) -> AddressSet:
    pod = index.members(number)[0]
    return reduce(or_, (EVERY[family] for family in own_families(pod)))


def _ports(ports: PortMatch, direction: Direction, index: Index, number: int) -> PortSet:
    """A port's name means something on a pod only, never at an address outside."""
    return ports.numbers if direction is Direction.EGRESS else ports.on(index.class_ports[number])


def _partition(allowed: list[AddressRange]) -> tuple[AddressRange, ...]:
    by_ports: dict[tuple[PortSet, PortSet], IntervalSet] = {}
    for within, line in cut([each.addresses.line for each in allowed]).items():
        here = [allowed[position] for position in bits(within)]
        ports = PortSet.union(each.ports for each in here)
        unknown = PortSet.union(each.unknown for each in here) - ports
        if ports or unknown:
            by_ports[ports, unknown] = by_ports.get((ports, unknown), IntervalSet()) | line
    ranges = (AddressRange(AddressSet(line), *both) for both, line in by_ports.items())
    return tuple(sorted(ranges, key=lambda each: each.addresses.line.intervals))
