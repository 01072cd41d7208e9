"""A → B : port, and what decided it.

A connection needs the source's egress and the destination's ingress. Each address family is judged by
itself, because an ``ipBlock`` may let one through and not the other. Replies are implied by the connection.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from policy_core.index import Bits, NamedPorts
from policy_core.ipblock import IPAddress
from policy_core.model import Direction, Pod, Ref
from policy_core.rules import CompiledRule, Family, PolicySet, RuleRef, families

__all__ = [
    "UNSEEN",
    "Connection",
    "End",
    "Reason",
    "Side",
    "Sides",
    "Verdict",
    "addresses",
    "connection",
    "over_families",
    "over_several",
]

End = Pod | IPAddress
"""A pod, or the address of a host outside the cluster's pods."""


class Verdict(StrEnum):
    ALLOW = "allow"
    DENY = "deny"
    PARTIAL = "partial"
    """The address families differ, or the endpoints of a Service, or the pods of a workload."""
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
    MASKED = "isolated, and whether a rule matches hangs on an address that is not known here"
    UNREAD = "the pod was not read"
    UNSEEN = "the NetworkPolicies of its namespace could not be read"
    ELSEWHERE = "where its name leads is not known here"
    NOT_LOCAL = "only endpoints of the pod's own node are used, and there is none"


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


UNSEEN = Side(Verdict.UNKNOWN, Reason.UNSEEN)
"""Of a pod whose policies could not be read."""


class Sides(NamedTuple):
    """Both sides over one address family."""

    egress: Side
    ingress: Side

    @property
    def verdict(self) -> Verdict:
        return _both(self.egress.verdict, self.ingress.verdict)


@dataclass(frozen=True, slots=True)
class Connection:
    """``egress`` and ``ingress`` are each side's own verdict over all address families that the ends have in
    common; ``by_family`` has both for each of these."""

    verdict: Verdict
    egress: Side
    ingress: Side
    by_family: Mapping[Family, Sides] = field(default_factory=dict, hash=False)

    def side(self, direction: Direction) -> Side:
        return self.egress if direction is Direction.EGRESS else self.ingress


def over_families(verdicts: Iterable[Verdict], certain: bool = True) -> Verdict:
    """One verdict for several address families: unknown wins, and families that differ are ``partial``, or
    unknown where it is not certain that the ends share all of these families."""
    found = set(verdicts)
    if Verdict.UNKNOWN in found:
        return Verdict.UNKNOWN
    if len(found) == 1:
        return found.pop()
    return Verdict.PARTIAL if certain else Verdict.UNKNOWN


def over_several(verdicts: Iterable[Verdict]) -> Verdict:
    """One verdict for several endpoints or pods: ``partial`` where it is certain that some get through and
    some do not; unknown where it hangs on one of them. Deny where there are none."""
    found = set(verdicts)
    if Verdict.PARTIAL in found or {Verdict.ALLOW, Verdict.DENY} <= found:
        return Verdict.PARTIAL
    if Verdict.UNKNOWN in found:
        return Verdict.UNKNOWN
    return Verdict.ALLOW if found == {Verdict.ALLOW} else Verdict.DENY


def connection(
    policies: PolicySet,
    source: End,
    destination: End,
    protocol: str,
    port: int,
    over: Collection[int] = (4, 6),
    translated: bool = False,
) -> Connection:
    """Judge a new connection from ``source`` to ``port`` (1 to 65535, after Service translation) of
    ``destination``. ``protocol`` is TCP, UDP or SCTP. Finished pods take part in nothing: do not ask.

    ``over`` limits the address families, as a Service's ``ipFamilies`` does. ``translated``: the source
    dialled a Service's address, so that policy judges even a pod that gets back to itself.
    """
    if not translated and _itself(source, destination):
        itself = Side(Verdict.ALLOW, Reason.ITSELF)
        return Connection(Verdict.ALLOW, itself, itself)
    possible = families(addresses(source), addresses(destination))
    common = [family for family in possible if family is None or family in over]
    if not common:
        apart = Side(Verdict.DENY, Reason.NO_COMMON_FAMILY)
        return Connection(Verdict.DENY, apart, apart)
    judged = _Judge(policies, source, destination, protocol, port)
    by_family = {
        family: Sides(judged.side(Direction.EGRESS, family), judged.side(Direction.INGRESS, family))
        for family in common
    }
    # Which families the two will share is only known where the addresses of both are.
    certain = bool(addresses(source) and addresses(destination))
    return Connection(
        over_families((sides.verdict for sides in by_family.values()), certain),
        _merge((sides.egress for sides in by_family.values()), certain),
        _merge((sides.ingress for sides in by_family.values()), certain),
        by_family,
    )


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


def addresses(end: End) -> tuple[IPAddress, ...]:
    """Those that are known; none of a pod to which none is assigned yet."""
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
        if self.policies.is_unseen(subject):
            let_in = direction is Direction.INGRESS and self._from_own_node(peer, subject)
            return Side(Verdict.ALLOW, Reason.OWN_NODE) if let_in else UNSEEN
        selecting = self.policies.selecting(subject, direction)
        if not selecting:
            return Side(Verdict.ALLOW, Reason.OPEN)
        names = tuple(compiled.policy.ref for compiled in selecting)
        if direction is Direction.INGRESS and self._from_own_node(peer, subject):
            return Side(Verdict.ALLOW, Reason.OWN_NODE, selected_by=names)

        certain, possible = self._matching((r for c in selecting for r in c.rules), peer, family)
        if certain:
            return Side(Verdict.ALLOW, Reason.RULE, certain, names)
        if possible:
            return Side(Verdict.UNKNOWN, Reason.POSSIBLE, possible, names)
        if direction is Direction.INGRESS and self._maybe_own_node(peer, subject):
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

    def _from_own_node(self, peer: End, subject: Pod) -> bool:
        if isinstance(peer, Pod):
            return peer.host_network and peer.node != "" and peer.node == subject.node
        return peer in self.policies.index.own_addresses(subject)

    def _maybe_own_node(self, peer: End, subject: Pod) -> bool:
        if isinstance(peer, Pod):
            return peer.host_network and not (peer.node and subject.node)
        # An address that is told neither by the pod nor by its node, which could not be read.
        return not subject.host_ips and self.policies.index.snapshot.unread.some("Node")
