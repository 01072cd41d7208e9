"""One side of one connection over one address family, by NetworkPolicies and the tiers around them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from policy_core.domain_name import DomainName
from policy_core.index import Bits, NamedPorts
from policy_core.ipblock import IPAddress
from policy_core.matching import Family, PeerMatch, PortMatch
from policy_core.model import Direction, Pod, RuleRef
from policy_core.rules import CompiledRule, PolicySet
from policy_core.sides import UNSEEN, Reason, Side, Verdict
from policy_core.tiers import CompiledTieredPolicy, CompiledTieredRule
from policy_core.walk import walk

__all__ = ["End", "Judge", "addresses"]

End = Pod | IPAddress | DomainName
"""A pod, or a host outside the cluster's pods: its address, or its name alone (to connect to, not from)."""


def addresses(end: End) -> tuple[IPAddress, ...]:
    """Those that are known; none of a pod to which none is assigned yet, nor of a name."""
    match end:
        case Pod():
            return end.ips
        case DomainName():
            return ()
    return (end,)


@dataclass(frozen=True, slots=True)
class Judge:
    """One connection, of which either side can be asked for. Names are resolved on the destination pod."""

    policies: PolicySet
    source: End
    destination: End
    protocol: str
    port: int
    name: str = ""
    """By which the source knows the destination, where that is how it found it."""

    def side(self, direction: Direction, family: Family) -> Side:
        if direction is Direction.EGRESS:
            subject, peer = self.source, self.destination
        else:
            subject, peer = self.destination, self.source
        if not isinstance(subject, Pod):
            return Side(Verdict.ALLOW, Reason.OUTSIDE)
        if subject.host_network:
            return Side(Verdict.ALLOW, Reason.HOST_NETWORK)
        judged = self.by_policy(direction, subject, peer, family)
        if direction is Direction.EGRESS or judged.reason in (Reason.OPEN, Reason.DEFAULT):
            return judged
        if self._from_own_node(peer, subject):
            return Side(Verdict.ALLOW, Reason.OWN_NODE, selected_by=judged.selected_by)
        if judged.verdict is Verdict.DENY and self._maybe_own_node(peer, subject):
            return Side(Verdict.UNKNOWN, Reason.MAYBE_OWN_NODE, (), judged.selected_by, judged.walk)
        return judged

    def by_policy(self, direction: Direction, subject: Pod, peer: End, family: Family) -> Side:
        """Without what holds for the pod's own node."""
        tiered = self.policies.tiers.concerning(self.policies.index, subject, direction)
        lower = self._by_network_policies(direction, subject, peer, family)
        return self._through_tiers(direction, subject, peer, family, lower, tiered) if tiered else lower

    def _by_network_policies(self, direction: Direction, subject: Pod, peer: End, family: Family) -> Side:
        if self.policies.is_unseen(subject):
            return UNSEEN
        selecting = self.policies.selecting(subject, direction)
        if not selecting:
            return Side(Verdict.ALLOW, Reason.OPEN)
        names = tuple(compiled.policy.ref for compiled in selecting)
        certain, possible = self._matching((r for c in selecting for r in c.rules), peer, family)
        if certain:
            return Side(Verdict.ALLOW, Reason.RULE, certain, names)
        if possible:
            return Side(Verdict.UNKNOWN, Reason.POSSIBLE, possible, names)
        return Side(Verdict.DENY, Reason.ISOLATED, selected_by=names)

    def _through_tiers(
        self,
        direction: Direction,
        subject: Pod,
        peer: End,
        family: Family,
        lower: Side,
        tiered: Iterable[CompiledTieredPolicy],
    ) -> Side:
        bit = self.policies.index.class_bit(subject)

        def matches(policy: CompiledTieredPolicy, rule: CompiledTieredRule) -> bool | None:
            if not policy.concerned & bit:
                return False
            found = self._matches_tiered(rule, peer, family)
            return found if policy.subjects & bit or found is False else None

        return walk(self.policies.tiers.of[direction], {each.policy.tier for each in tiered}, matches, lower)

    def _matching(
        self, rules: Iterable[CompiledRule], peer: End, family: Family
    ) -> tuple[tuple[RuleRef, ...], tuple[RuleRef, ...]]:
        found = [(rule.ref, self._matches(rule.peers, rule.ports, peer, family)) for rule in rules]
        return (
            tuple(ref for ref, matches in found if matches),
            tuple(ref for ref, matches in found if matches is None),
        )

    def _matches_tiered(self, rule: CompiledTieredRule, peer: End, family: Family) -> bool | None:
        if self.name and any(names.matching(self.name) for names in rule.names):
            return rule.ports.contains(self.protocol, self.port, self._ports)
        return self._matches(rule.peers, rule.ports, peer, family)

    def _matches(self, peers: PeerMatch, ports: PortMatch, peer: End, family: Family) -> bool | None:
        if not ports.contains(self.protocol, self.port, self._ports):
            return False
        if isinstance(peer, DomainName):
            return False  # it has no address to be matched by
        if not isinstance(peer, Pod):
            return True if peer in peers.addresses else None if peer in peers.perhaps else False
        bit: Bits = self.policies.index.class_bit(peer)
        if peers.classes(family) & bit:
            return True
        return None if peers.possible(family) & bit else False

    @property
    def _ports(self) -> NamedPorts:
        """Names are resolved on the destination pod, whichever side the rule belongs to."""
        if not isinstance(self.destination, Pod):
            return {}
        index = self.policies.index
        return index.class_ports[index.class_of[self.destination.ref]]

    def _from_own_node(self, peer: End, subject: Pod) -> bool:
        if isinstance(peer, Pod):
            return peer.host_network and peer.node != "" and peer.node == subject.node
        return not isinstance(peer, DomainName) and peer in self.policies.index.own_addresses(subject)

    def _maybe_own_node(self, peer: End, subject: Pod) -> bool:
        if isinstance(peer, Pod):
            return peer.host_network and not (peer.node and subject.node)
        # An address that is told neither by the pod nor by its node, which could not be read.
        return not subject.host_ips and self.policies.index.snapshot.unread.some("Node")
