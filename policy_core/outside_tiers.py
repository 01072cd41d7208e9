"""What the tiers leave of the addresses outside that NetworkPolicies let through.

The addresses are cut where a rule begins or ends to match them. For each piece the ports, cut in the same
way, walk through the tiers as a bitset.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from policy_core.address_range import AddressRange
from policy_core.classes import Bits, bits, union
from policy_core.intervals import IntervalSet, cut
from policy_core.ipblock import AddressSet
from policy_core.lanes import Lanes, Step
from policy_core.model import Direction, Tier
from policy_core.ports import ALL_PORTS, PortSet
from policy_core.rules import PolicySet
from policy_core.split import UNDECIDED, around
from policy_core.tiers import CompiledTieredPolicy

__all__ = ["tiered_ranges"]


def tiered_ranges(
    policies: PolicySet,
    number: int,
    direction: Direction,
    space: AddressSet,
    lower: Sequence[AddressRange],
    tiered: Sequence[CompiledTieredPolicy],
    ports: Mapping[int, PortSet],
) -> list[AddressRange]:
    """Of one class of pods with the addresses of ``space``; disjoint. ``lower`` is what the NetworkPolicies
    alone let through, ``tiered`` are the policies that have rules for addresses and are, or may be, for the
    class, with no others of their rules; ``ports`` those that each of these means here, by its id()."""
    bit, ranks = 1 << number, policies.tiers.of[direction]
    isolated = (policies.isolated[direction] | policies.unseen) & bit
    rules = [rule for policy in tiered for rule in policy.rules]
    mine = {policy.policy.ref: policy for policy in tiered}
    place = {id(rule): position for position, rule in enumerate(rules)}
    pieces = _Pieces([ports[id(rule)] for rule in rules], lower)
    everything, free = pieces.everything, 0 if isolated else pieces.everything

    def steps(policy: CompiledTieredPolicy) -> Iterator[Step]:
        """Each rule under its place, and once more under a place of its own for what it perhaps matches."""
        for rule in mine[policy.policy.ref].rules if policy.policy.ref in mine else ():
            at = place[id(rule)]
            here = pieces.of_rules[at]
            certain = here if policy.subjects & bit else 0
            yield at, rule.action, certain, here & ~certain
            yield len(rules) + at, rule.action, 0, here

    admin, baseline = (Lanes(ranks[tier], steps) for tier in (Tier.ADMIN, Tier.BASELINE))
    sets = [space, *(each.addresses for each in lower)]
    sets += [rule.peers.addresses for rule in rules] + [rule.peers.perhaps for rule in rules]
    found = []
    for within, line in cut([addresses.line for addresses in sets]).items():
        if not within & 1:
            continue
        matched = list(bits(within >> 1 + len(lower)))
        certain, perhaps = pieces.let_through(within >> 1)
        before = admin.decide(matched, everything)
        after = baseline.decide(matched, everything) if free else UNDECIDED
        certain, perhaps = around(before, after, everything, free, certain, perhaps)
        if perhaps:
            known, unknown = pieces.ports(certain), pieces.ports(perhaps & ~certain)
            found.append(AddressRange(AddressSet(line), known, unknown))
    return found


class _Pieces:
    """All ports, cut wherever a rule begins or ends to match them, as bitsets over the pieces."""

    def __init__(self, rules: Sequence[PortSet], lower: Sequence[AddressRange]) -> None:
        sets = [ALL_PORTS, *rules, *(each.ports for each in lower), *(each.unknown for each in lower)]
        cuts = list(cut([ports.line for ports in sets]).items())
        self._lines: list[IntervalSet] = [line for _, line in cuts]
        self.everything: Bits = (1 << len(cuts)) - 1

        def holding(position: int) -> Bits:
            return union(1 << piece for piece, (within, _) in enumerate(cuts) if within >> position & 1)

        every = [holding(position) for position in range(1, len(sets))]
        self.of_rules = every[: len(rules)]
        self._certain = every[len(rules) : len(rules) + len(lower)]
        self._unknown = every[len(rules) + len(lower) :]

    def let_through(self, within: Bits) -> tuple[Bits, Bits]:
        """Certain, and certain or perhaps, in the ranges at these positions."""
        here = [position for position in range(len(self._certain)) if within >> position & 1]
        certain = union(self._certain[position] for position in here)
        return certain, certain | union(self._unknown[position] for position in here)

    def ports(self, bitset: Bits) -> PortSet:
        return PortSet.union(PortSet(self._lines[piece]) for piece in bits(bitset))
