"""Which pods get through to one pod's port: the answer of :func:`policy_core.verdict.connection` for every
source at once, by a few ANDs over pod classes."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from policy_core.index import Bits
from policy_core.matching import Family
from policy_core.model import Action, Direction, Pod, Tier
from policy_core.rules import PolicySet
from policy_core.split import UNDECIDED, Matching, around, split
from policy_core.tiers import CompiledTieredPolicy

__all__ = ["Reach", "reach", "sources_by_family"]


@dataclass(frozen=True, slots=True)
class Reach:
    """The classes of source pods by verdict, disjoint. The pod itself is in one of them like its equals:
    whoever counts leaves it out. Templates that are scaled to 0 are in none: nothing of them can connect.
    hostNetwork pods of the pod's own node are let in whatever policy says; those that owe it to nothing else
    are in ``own_node`` as well (a node that is not known counts).
    ``let_in`` are those that the pod's ingress lets in, or may let in, over some family: the others are kept
    out whatever their own egress says."""

    allow: Bits
    deny: Bits
    partial: Bits
    unknown: Bits
    own_node: Bits
    let_in: Bits


def reach(
    policies: PolicySet,
    pod: Pod,
    protocol: str,
    port: int,
    over: Collection[int] = (4, 6),
) -> Reach:
    """Judge connections from every pod to ``port`` of ``pod`` (a pod that takes part). ``over`` limits the
    address families, as a Service's ``ipFamilies`` does."""
    index = policies.index
    allow = deny = possible = judged = own_node = let_in = 0
    for family, applicable in sources_by_family(policies, pod, over):
        certainly_in, maybe_in, from_own_node = _ingress(policies, pod, protocol, port, family)
        certainly_out, maybe_out = _egress(policies, pod, protocol, port, family)
        applicable &= index.present
        through = certainly_in & certainly_out
        maybe = (certainly_in | maybe_in) & (certainly_out | maybe_out) & ~through
        allow |= through & applicable
        possible |= maybe & applicable
        deny |= applicable & ~through & ~maybe
        judged |= applicable
        own_node |= from_own_node & applicable
        let_in |= (certainly_in | maybe_in) & applicable
    deny |= index.present & ~judged  # no address family in common
    differing = allow & deny & ~possible
    # Which families the two will share is only known where the addresses of both are.
    uncertain = differing & index.unaddressed if pod.ips else differing
    return Reach(
        allow=allow & ~deny & ~possible,
        deny=deny & ~allow & ~possible,
        partial=differing & ~uncertain,
        unknown=possible | uncertain,
        own_node=own_node,
        let_in=let_in,
    )


def sources_by_family(policies: PolicySet, pod: Pod, over: Collection[int]) -> list[tuple[Family, Bits]]:
    """For each address family the source classes it applies to, as in :func:`policy_core.rules.families`."""
    index = policies.index
    own = {address.version for address in pod.ips}
    found: list[tuple[Family, Bits]] = []
    for family, addressed in zip((4, 6), index.addressed, strict=True):
        if family not in over:
            continue
        if family in own:
            found.append((family, addressed | index.unaddressed))
        elif not own:
            found.append((family, addressed))
    if not own:
        found.append((None, index.unaddressed))
    return found


def _ingress(
    policies: PolicySet, pod: Pod, protocol: str, port: int, family: Family
) -> tuple[Bits, Bits, Bits]:
    """The classes that the pod's ingress lets in for certain, those that it may let in, and those among both
    that no rule lets in for certain, only their being (or perhaps being) on the pod's own node."""
    index = policies.index
    unseen = policies.is_unseen(pod)
    selecting = () if pod.host_network else policies.selecting(pod, Direction.INGRESS)
    concerned = policies.tiers.concerning(index, pod, Direction.INGRESS)
    if not selecting and not unseen and not concerned:
        return index.everyone, 0, 0
    ports = index.class_ports[index.class_of[pod.ref]]
    certain = possible = 0
    if unseen:
        possible = index.everyone
    elif not selecting:
        certain = index.everyone
    for compiled in selecting:
        for rule in compiled.rules:
            if rule.ports.contains(protocol, port, ports):
                certain |= rule.peers.classes(family)
                possible |= rule.peers.possible(family)
    if concerned:
        free = 0 if selecting or unseen else index.everyone
        certain, possible = _tiered_ingress(policies, pod, protocol, port, family, certain, possible, free)
    if pod.node:
        here, perhaps_here = index.hosts_by_node.get(pod.node, 0), index.hosts_by_node.get("", 0)
    else:
        here, perhaps_here = 0, index.host_network
    return certain | here, possible | perhaps_here, (here | perhaps_here) & ~certain


def _tiered_ingress(
    policies: PolicySet,
    pod: Pod,
    protocol: str,
    port: int,
    family: Family,
    certain: Bits,
    possible: Bits,
    free: Bits,
) -> tuple[Bits, Bits]:
    index = policies.index
    bit = index.class_bit(pod)
    ports = index.class_ports[index.class_of[pod.ref]]

    def matching(policy: CompiledTieredPolicy) -> Iterator[tuple[Action, Bits, Bits]]:
        if not policy.concerned & bit:
            return
        for rule in policy.rules:
            if rule.ports.contains(protocol, port, ports):
                matched, perhaps = rule.peers.classes(family), rule.peers.possible(family)
                if policy.subjects & bit:
                    yield rule.action, matched, perhaps
                else:
                    yield rule.action, 0, matched | perhaps

    return _tiered(policies, Direction.INGRESS, matching, certain, possible, free)


def _egress(policies: PolicySet, pod: Pod, protocol: str, port: int, family: Family) -> tuple[Bits, Bits]:
    """The classes whose egress lets them out to the pod for certain, and those that it may let out."""
    index = policies.index
    bit = index.class_bit(pod)
    ports = index.class_ports[index.class_of[pod.ref]]
    free = policies.open(Direction.EGRESS)
    certain, possible = free, policies.unseen
    for lead in policies.leads.to(pod):
        if lead.ports.contains(protocol, port, ports):
            matches = policies.matches(lead, pod, family)
            if matches:
                certain |= policies.let_out(lead)
            elif matches is None:
                possible |= policies.let_out(lead)
    if not policies.tiers.policies[Direction.EGRESS]:
        return certain, possible

    def matching(policy: CompiledTieredPolicy) -> Iterator[tuple[Action, Bits, Bits]]:
        for rule in policy.rules:
            matched, perhaps = rule.peers.classes(family) & bit, rule.peers.possible(family) & bit
            if (matched or perhaps) and rule.ports.contains(protocol, port, ports):
                if matched:
                    yield rule.action, policy.subjects, policy.possible
                else:
                    yield rule.action, 0, policy.concerned

    return _tiered(policies, Direction.EGRESS, matching, certain, possible, free)


def _tiered(
    policies: PolicySet,
    direction: Direction,
    matching: Matching,
    certain: Bits,
    possible: Bits,
    free: Bits,
) -> tuple[Bits, Bits]:
    """The sources that are let through for certain, and those that may be. ``free`` are those of connections
    that no NetworkPolicy isolates."""
    everyone, ranks = policies.index.everyone, policies.tiers.of[direction]
    admin = split(ranks[Tier.ADMIN], everyone, matching)
    baseline = split(ranks[Tier.BASELINE], free, matching) if free else UNDECIDED
    certain, allow = around(admin, baseline, everyone, free, certain, certain | possible)
    return certain, allow & ~certain
