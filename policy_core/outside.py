"""What a class of pods may exchange with addresses outside the cluster's pods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum, auto
from weakref import WeakKeyDictionary

from policy_core.address_range import AddressRange
from policy_core.index import Index, bits
from policy_core.intervals import IntervalSet, cut
from policy_core.ipblock import EVERY_IPV4, EVERY_IPV6, AddressSet
from policy_core.matching import PortMatch
from policy_core.model import Direction
from policy_core.numbered import Numbered
from policy_core.outside_tiers import tiered_ranges
from policy_core.ports import ALL_PORTS, NO_PORTS, PortSet
from policy_core.rules import CompiledRule, PolicySet
from policy_core.tiers import CompiledTieredPolicy

__all__ = ["NOWHERE", "Outside", "outside", "outside_of"]


Outside = Mapping[Direction, tuple[AddressRange, ...]]
"""For each direction the ranges with some allowed port, disjoint and as large as can be, in address order.
The pod's own node, whose traffic is always let in, is not told apart."""

NOWHERE: Outside = dict.fromkeys(Direction, ())


def outside(policies: PolicySet) -> list[Outside]:
    """For each of the index's classes; only over the address families that it has, over both where it has no
    address yet. Most classes have what others have, the very same."""
    known = _KNOWN.setdefault(policies, _Known())
    numbers = range(len(policies.index.classes))
    for direction in Direction:
        if direction not in known.tiered:
            known.tiered[direction] = _tiered_of_every_class(policies, direction)
    both: Numbered[tuple[tuple[AddressRange, ...], ...]] = Numbered()
    found = [
        both.number(tuple(outside_of(policies, n, direction) for direction in Direction)) for n in numbers
    ]
    shared: list[Outside] = [dict(zip(Direction, ranges, strict=True)) for ranges in both.listed]
    return [shared[number] for number in found]


def outside_of(policies: PolicySet, number: int, direction: Direction) -> tuple[AddressRange, ...]:
    """That of one of the index's classes, in one direction."""
    known = _KNOWN.setdefault(policies, _Known())
    index, bit = policies.index, 1 << number
    if direction in known.tiered:
        tiered = known.tiered[direction][number]
    else:
        tiered = tuple(policy for policy in policies.tiers.addressing[direction] if policy.concerned & bit)
    standing = _standing(policies, number, direction)
    rules = _rules(policies, number, direction) if standing is _Standing.ISOLATED else ()
    names = index.classes[number].ports if direction is Direction.INGRESS and (rules or tiered) else ()
    certain = tuple(bool(policy.subjects & bit) for policy in tiered)
    space = _space(index, number)
    # Most classes have the rules that others have, and most of the others have rules that say the same.
    told = direction, standing, tuple(map(id, rules)), tuple(map(id, tiered)), certain, names, space
    if told not in known.ranges:
        lower = frozenset(_by_network_policies(standing, rules, index, number, direction))
        key = lower, *told[3:], standing is _Standing.OPEN
        if key not in known.ranges:
            known.ranges[key] = _ranges(policies, number, direction, list(lower), tiered)
        known.ranges[told] = known.ranges[key]
    return known.ranges[told]


class _Known:
    """What was found already for some policies."""

    def __init__(self) -> None:
        self.ranges: dict[object, tuple[AddressRange, ...]] = {}
        self.tiered: dict[Direction, list[tuple[CompiledTieredPolicy, ...]]] = {}
        """Those that have rules for addresses and are, or may be, for each class."""


_KNOWN: WeakKeyDictionary[PolicySet, _Known] = WeakKeyDictionary()
"""As long as the policies are at hand."""


class _Standing(Enum):
    """What NetworkPolicies are to a class of pods, in one direction."""

    OPEN = auto()
    UNSEEN = auto()
    ISOLATED = auto()


def _standing(policies: PolicySet, number: int, direction: Direction) -> _Standing:
    if policies.unseen >> number & 1:
        return _Standing.UNSEEN
    return _Standing.ISOLATED if policies.isolated[direction] >> number & 1 else _Standing.OPEN


def _rules(policies: PolicySet, number: int, direction: Direction) -> tuple[CompiledRule, ...]:
    """The rules for addresses of the NetworkPolicies that isolate the class."""
    return tuple(
        rule
        for policy in policies.of_namespace(policies.index.classes[number].namespace, direction)
        if number in policy.numbers
        for rule in policy.rules
        if rule.addresses
    )


def _tiered_of_every_class(
    policies: PolicySet, direction: Direction
) -> list[tuple[CompiledTieredPolicy, ...]]:
    found: list[list[CompiledTieredPolicy]] = [[] for _ in policies.index.classes]
    for policy in policies.tiers.addressing[direction]:
        for number in bits(policy.concerned):
            found[number].append(policy)
    return list(map(tuple, found))


def _by_network_policies(
    standing: _Standing, rules: Iterable[CompiledRule], index: Index, number: int, direction: Direction
) -> list[AddressRange]:
    """What the NetworkPolicies alone let through; ranges may overlap."""
    space = _space(index, number)
    if standing is _Standing.UNSEEN:
        return [AddressRange(space, NO_PORTS, ALL_PORTS)]
    if standing is _Standing.OPEN:
        return [AddressRange(space, ALL_PORTS)]
    return [
        AddressRange(rule.addresses & space, _ports(rule.ports, direction, index, number)) for rule in rules
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
    ipv4, ipv6 = (atom is not None for atom in index.classes[number].atoms)
    return _EVERY_ADDRESS if ipv4 is ipv6 else EVERY_IPV4 if ipv4 else EVERY_IPV6


_EVERY_ADDRESS = EVERY_IPV4 | EVERY_IPV6


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
