"""A namespace: what is in it, what of it is open, and where its pods may go outside the cluster."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_

from policy_core.classes import union
from policy_core.effective import EffectivePeer
from policy_core.evaluation import Evaluation
from policy_core.index import Bits, Index, bits
from policy_core.ipblock import EVERY_IPV4, EVERY_IPV6
from policy_core.isolation import Isolation, Isolations
from policy_core.model import (
    Action,
    Direction,
    Namespace,
    NetworkPolicy,
    Peer,
    Pod,
    PodPeer,
    RuleRef,
    Service,
    Tier,
)
from policy_core.not_evaluated import NotEvaluated, any_may_apply
from policy_core.openness import Openness
from policy_core.outside import outside_of
from policy_core.ports import ALL_PORTS, PortSet
from policy_core.routing import Exposure
from policy_core.snapshot import Snapshot
from policy_core.unread_caveats import about_routes

__all__ = ["NamespaceDetail", "WayOut", "namespace_detail"]


@dataclass(frozen=True, slots=True)
class WayOut:
    """What lets pods out of the cluster, or with a tier around what they are let do keeps them in. ``rule``
    None: no policy decides about it at all."""

    rule: RuleRef | None
    peer: EffectivePeer
    ports: PortSet
    pods: tuple[Pod, ...]
    tier: Tier = Tier.NETWORK_POLICY
    action: Action = Action.ALLOW
    perhaps: bool = False
    """Whether it hangs on labels of the namespace, which could not be read, that the policy is for them."""


@dataclass(frozen=True, slots=True)
class NamespaceDetail:
    namespace: Namespace
    pods: tuple[tuple[Pod, Isolation], ...]
    services: tuple[Service, ...]
    policies: tuple[NetworkPolicy, ...]
    ways_out: tuple[WayOut, ...]
    exposures: tuple[tuple[Service, Exposure], ...]
    unevaluated: tuple[NotEvaluated, ...]
    unread: tuple[str, ...] = ()
    """What could not be read here, a sentence each."""
    unread_kinds: frozenset[str] = frozenset()

    def open_pods(self, direction: Direction) -> tuple[Pod, ...]:
        """The pods that policy does not restrict in this direction: no policy selects them, some rule opens
        them to anyone, or they use their node's network."""
        return tuple(
            pod
            for pod, state in self.pods
            if (state.ingress if direction is Direction.INGRESS else state.egress)
            in (Openness.OPEN, Openness.WIDE, Openness.HOST)
        )


def namespace_detail(evaluation: Evaluation, namespace: Namespace) -> NamespaceDetail:
    snapshot, name = evaluation.snapshot, namespace.name
    services = tuple(snapshot.services.of_namespace(name))
    states = Isolations(evaluation).of_namespace(name)
    pods = tuple(zip(snapshot.pods.of_namespace(name), states, strict=True))
    return NamespaceDetail(
        namespace,
        pods,
        services,
        tuple(snapshot.network_policies.of_namespace(name)),
        tuple(_ways_out(evaluation, name)),
        tuple((s, exposure) for s in services for exposure in evaluation.routing.exposures(s)),
        any_may_apply(snapshot, (pod for pod, state in pods if state.uncertain)),
        tuple(_unread(snapshot, name)),
        frozenset(kind for kind in _SHOWN if snapshot.unread.here(kind, name)),
    )


_SHOWN = ("Pod", "Service", "NetworkPolicy")


def _unread(snapshot: Snapshot, name: str) -> Iterator[str]:
    kinds = [kind for kind in _SHOWN if snapshot.unread.here(kind, name)]
    if kinds:
        yield f"{snapshot.unread.said(kinds, [name])}: what they would add is not known."
    yield from about_routes(snapshot, name)


def _ways_out(evaluation: Evaluation, namespace: str) -> Iterator[WayOut]:
    """Every rule that lets pods of the namespace reach an address outside the cluster, and first those pods
    that nothing keeps from it. Where tiers have a say in the order in which they decide, and last the pods
    for which they leave some address."""
    index, policies = evaluation.index, evaluation.policies
    free = index.in_namespace(namespace) & policies.open(Direction.EGRESS)
    admin, baseline = (
        list(_ways_of_tier(evaluation, tier, subjects))
        for tier, subjects in ((Tier.ADMIN, index.in_namespace(namespace)), (Tier.BASELINE, free))
    )
    left = union(
        1 << n for n in bits(free) if not admin + baseline or outside_of(policies, n, Direction.EGRESS)
    )
    anywhere = EffectivePeer(None, namespace, ())
    by_default = [WayOut(None, anywhere, ALL_PORTS, index.pods_of(left))] if left else []
    if admin or baseline:
        yield from admin
        yield from _ways_of_policies(evaluation, namespace)
        yield from baseline
        yield from by_default
    else:
        yield from by_default
        yield from _ways_of_policies(evaluation, namespace)


def _ways_of_tier(evaluation: Evaluation, tier: Tier, subjects: Bits) -> Iterator[WayOut]:
    index, policies = evaluation.index, evaluation.policies
    for policy in policies.tiers.policies[Direction.EGRESS]:
        if policy.policy.tier is not tier:
            continue
        for bitset, perhaps in ((policy.subjects, False), (policy.possible, True)):
            pods = index.pods_of(bitset & subjects)
            for rule in policy.rules if pods else ():
                peers = [peer for peer in rule.rule.peers if not isinstance(peer, PodPeer)]
                for peer in (None,) if rule.rule.closed else peers:
                    if rule.ports.numbers:
                        who, ports = EffectivePeer(peer, "", ()), rule.ports.numbers
                        yield WayOut(rule.ref, who, ports, pods, tier, rule.action, perhaps)


def _ways_of_policies(evaluation: Evaluation, namespace: str) -> Iterator[WayOut]:
    index, policies = evaluation.index, evaluation.policies
    for policy in policies.of_namespace(namespace, Direction.EGRESS):
        for rule in policy.rules:
            # A port's name never matches an address outside the cluster.
            for peer in (None,) if rule.rule.peers is None else rule.rule.peers:
                pods = policy.subjects if peer is None else policy.subjects & _meeting(index, peer)
                if pods and rule.ports.numbers:
                    who = EffectivePeer(peer, namespace, ())
                    yield WayOut(rule.ref, who, rule.ports.numbers, index.pods_of(pods))


def _meeting(index: Index, peer: Peer) -> Bits:
    """The classes that have, or may get, an address of a family in which the peer has one."""
    if isinstance(peer, PodPeer):
        return 0
    spoken = (
        addressed
        for every, addressed in zip((EVERY_IPV4, EVERY_IPV6), index.addressed, strict=True)
        if peer.addresses & every
    )
    return reduce(or_, spoken, index.unaddressed if peer.addresses else 0)
