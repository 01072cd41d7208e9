"""A → B : port, and what decided it.

A connection needs the source's egress and the destination's ingress. Each address family is judged by
itself, because an ``ipBlock`` may let one through and not the other. Replies are implied by the connection.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from policy_core.index import Bits, NamedPorts
from policy_core.ipblock import IPAddress
from policy_core.model import Direction, Pod, Ref
from policy_core.rules import CompiledRule, Family, PolicySet, RuleRef, families

__all__ = ["Connection", "End", "Reason", "Side", "Verdict", "connection", "over_families"]

End = Pod | IPAddress
"""A pod, or the address of a host outside the cluster's pods."""


class Verdict(StrEnum):
    ALLOW = "allow"
    DENY = "deny"
    PARTIAL = "partial"
    """The address families differ."""
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a side says what it says."""

    OPEN = "no policy selects the pod for this direction"
    RULE = "a rule matches"
    ISOLATED = "isolated, and no rule matches"
    POSSIBLE = "isolated, and whether a rule matches hangs on something unknown"
    ITSELF = "a pod reaching itself is outside policy"
    OUTSIDE = "the far end is outside the cluster's policy"
    HOST_NETWORK = "policy does not isolate a hostNetwork pod"
    OWN_NODE = "traffic from the pod's own node is always let in"
    MAYBE_OWN_NODE = "let in only from the pod's own node, and which node that is is not known"
    NO_COMMON_FAMILY = "the two ends have no address family in common"
    FAMILIES = "the address families differ"


@dataclass(frozen=True, slots=True)
class Side:
    """One direction's own verdict.

    ``decided_by`` names the rules that let the connection in (or might); ``selected_by`` the policies that
    isolate the pod in this direction.
    """

    verdict: Verdict
    reason: Reason
    decided_by: tuple[RuleRef, ...] = ()
    selected_by: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class Connection:
    """``by_family`` holds the verdict of each address family that the ends have in common."""

    verdict: Verdict
    egress: Side
    ingress: Side
    by_family: dict[Family, Verdict]


def over_families(verdicts: Iterable[Verdict], certain: bool = True) -> Verdict:
    """One verdict for several address families: unknown wins, and families that differ are ``partial``, or
    unknown where it is not certain that the ends share all of these families."""
    found = set(verdicts)
    if Verdict.UNKNOWN in found:
        return Verdict.UNKNOWN
    if len(found) == 1:
        return found.pop()
    return Verdict.PARTIAL if certain else Verdict.UNKNOWN


def connection(policies: PolicySet, source: End, destination: End, protocol: str, port: int) -> Connection:
    """Judge a new connection from ``source`` to ``port`` (1 to 65535, after Service translation) of
    ``destination``. ``protocol`` is TCP, UDP or SCTP. Finished pods take part in nothing: do not ask.
    """
    if _itself(source, destination):
        itself = Side(Verdict.ALLOW, Reason.ITSELF)
        return Connection(Verdict.ALLOW, itself, itself, {})
    common = families(_addresses(source), _addresses(destination))
    if not common:
        apart = Side(Verdict.DENY, Reason.NO_COMMON_FAMILY)
        return Connection(Verdict.DENY, apart, apart, {})
    judged = _Judge(policies, source, destination, protocol, port)
    out = {family: judged.side(Direction.EGRESS, family) for family in common}
    into = {family: judged.side(Direction.INGRESS, family) for family in common}
    by_family = {family: _both(out[family].verdict, into[family].verdict) for family in common}
    # Which families the two will share is only known where the addresses of both are.
    certain = bool(_addresses(source) and _addresses(destination))
    verdict = over_families(by_family.values(), certain)
    return Connection(verdict, _merge(out.values(), certain), _merge(into.values(), certain), by_family)


def _itself(source: End, destination: End) -> bool:
    """Two pods of one template are no more the same than any other two."""
    if not isinstance(source, Pod) or not isinstance(destination, Pod):
        return False
    return source.ref == destination.ref and not source.several


def _both(egress: Verdict, ingress: Verdict) -> Verdict:
    for verdict in (Verdict.DENY, Verdict.UNKNOWN):
        if verdict in (egress, ingress):
            return verdict
    return Verdict.ALLOW


def _merge(sides: Iterable[Side], certain: bool) -> Side:
    different = list(dict.fromkeys(sides))
    if len(different) == 1:
        return different[0]
    return Side(
        over_families((side.verdict for side in different), certain),
        Reason.FAMILIES if len({side.verdict for side in different}) > 1 else different[0].reason,
        tuple(dict.fromkeys(ref for side in different for ref in side.decided_by)),
        different[0].selected_by,
    )


def _addresses(end: End) -> tuple[IPAddress, ...]:
    return end.ips if isinstance(end, Pod) else (end,)


@dataclass(frozen=True, slots=True)
class _Judge:
    policies: PolicySet
    source: End
    destination: End
    protocol: str
    port: int

    def side(self, direction: Direction, family: Family) -> Side:
        if direction is Direction.EGRESS:
            subject, peer = self.source, self.destination
        else:
            subject, peer = self.destination, self.source
        if not isinstance(subject, Pod):
            return Side(Verdict.ALLOW, Reason.OUTSIDE)
        if subject.host_network:
            return Side(Verdict.ALLOW, Reason.HOST_NETWORK)
        selecting = self.policies.selecting(subject, direction)
        if not selecting:
            return Side(Verdict.ALLOW, Reason.OPEN)
        names = tuple(compiled.policy.ref for compiled in selecting)
        if direction is Direction.INGRESS and _from_own_node(peer, subject):
            return Side(Verdict.ALLOW, Reason.OWN_NODE, selected_by=names)

        certain, possible = self._matching((r for c in selecting for r in c.rules), peer, family)
        if certain:
            return Side(Verdict.ALLOW, Reason.RULE, certain, names)
        if possible:
            return Side(Verdict.UNKNOWN, Reason.POSSIBLE, possible, names)
        if direction is Direction.INGRESS and _maybe_own_node(peer, subject):
            return Side(Verdict.UNKNOWN, Reason.MAYBE_OWN_NODE, selected_by=names)
        return Side(Verdict.DENY, Reason.ISOLATED, selected_by=names)

    def _matching(
        self, rules: Iterable[CompiledRule], peer: End, family: Family
    ) -> tuple[tuple[RuleRef, ...], tuple[RuleRef, ...]]:
        index = self.policies.index
        # Names are resolved on the destination pod, whichever side the rule belongs to.
        ports: NamedPorts = (
            index.class_ports[index.class_of[self.destination.ref]]
            if isinstance(self.destination, Pod)
            else {}
        )
        bit: Bits = index.class_bit(peer) if isinstance(peer, Pod) else 0
        certain, possible = [], []
        for rule in rules:
            if not rule.ports.contains(self.protocol, self.port, ports):
                continue
            if rule.peers.classes(family) & bit if isinstance(peer, Pod) else peer in rule.peers.addresses:
                certain.append(rule.ref)
            elif rule.peers.possible(family) & bit:
                possible.append(rule.ref)
        return tuple(certain), tuple(possible)


def _from_own_node(peer: End, subject: Pod) -> bool:
    if isinstance(peer, Pod):
        return peer.host_network and peer.node != "" and peer.node == subject.node
    return peer in subject.host_ips


def _maybe_own_node(peer: End, subject: Pod) -> bool:
    return isinstance(peer, Pod) and peer.host_network and not (peer.node and subject.node)
