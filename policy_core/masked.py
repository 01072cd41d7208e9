"""A side of a connection whose far end has an address that nobody knows here: a client's that a node has
replaced with its own, or whatever a DNS name resolves to."""

from __future__ import annotations

from collections.abc import Collection

from policy_core.ipblock import EVERY_IPV4, EVERY_IPV6, AddressSet
from policy_core.model import Direction, Pod
from policy_core.openness import own_families
from policy_core.rules import PolicySet
from policy_core.verdict import UNSEEN, Reason, Side, Verdict

__all__ = ["masked_side"]


def masked_side(
    policies: PolicySet, direction: Direction, pod: Pod, protocol: str, port: int, over: Collection[int]
) -> Side:
    """Allow where every address is let through, deny where none is, else unknown. ``over`` are the address
    families that may be meant. For egress the far end may be a pod, too: names lead anywhere."""
    families = [family for family in own_families(pod) if family in over]
    if not families:
        return Side(Verdict.DENY, Reason.NO_COMMON_FAMILY)
    if pod.host_network:
        return Side(Verdict.ALLOW, Reason.HOST_NETWORK)
    if policies.is_unseen(pod):
        return UNSEEN
    selecting = policies.selecting(pod, direction)
    if not selecting:
        return Side(Verdict.ALLOW, Reason.OPEN)
    names = tuple(compiled.policy.ref for compiled in selecting)
    index = policies.index
    ports = index.class_ports[index.class_of[pod.ref]] if direction is Direction.INGRESS else {}
    opening = [
        rule
        for compiled in selecting
        for rule in compiled.rules
        # What a port name means on the far end nobody knows either.
        if rule.ports.contains(protocol, port, ports) or (direction is Direction.EGRESS and rule.ports.names)
    ]
    every = AddressSet.union(EVERY_IPV4 if family == 4 else EVERY_IPV6 for family in families)
    numbered = [rule for rule in opening if rule.ports.contains(protocol, port, ports)]
    if every <= AddressSet.union(rule.peers.addresses for rule in numbered):
        refs = tuple(rule.ref for rule in numbered if rule.peers.addresses & every)
        return Side(Verdict.ALLOW, Reason.RULE, refs, names)
    if direction is Direction.INGRESS:
        opening = [rule for rule in opening if rule.peers.addresses & every]
    if opening:
        return Side(Verdict.UNKNOWN, Reason.MASKED, tuple(rule.ref for rule in opening), names)
    return Side(Verdict.DENY, Reason.ISOLATED, selected_by=names)
