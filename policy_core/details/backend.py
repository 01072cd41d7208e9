"""One endpoint of a Service: where its ports lead, and how many pods get through to them by policy."""

from __future__ import annotations

from dataclasses import dataclass

from policy_core.details.doubt import doubt
from policy_core.details.outside import Outside, lets_outside_in
from policy_core.evaluation import Evaluation
from policy_core.index import Bits, Index
from policy_core.model import Pod, Ref, Service
from policy_core.reach import Reach, reach
from policy_core.routing import Backend, Target, endpoint_families

__all__ = ["BackendDetail", "GetThrough", "Seen", "TargetReach", "backend_detail"]


@dataclass(frozen=True, slots=True)
class GetThrough:
    """How many other pods policy lets through to a pod's port, of ``total`` other pods. hostNetwork pods that
    only being on the pod's own node lets in are not counted anywhere: they would hide that policy closes it.
    """

    allow: int
    unknown: int
    total: int
    ipv4_only: int = 0
    ipv6_only: int = 0
    doubtful: int = 0
    """How many of those that the pod's ingress lets in have a way out that may hang on objects that are not
    evaluated: each may get through or not, whatever else is said of it."""
    doubtful_allow: int = 0
    """How many of these are among ``allow``."""

    @property
    def partial(self) -> int:
        """Those that get through over one address family, not over the other."""
        return self.ipv4_only + self.ipv6_only


@dataclass(frozen=True, slots=True)
class TargetReach:
    """``through`` is None where nothing is routed (the target port's name does not resolve on the pod) and
    for an endpoint that is no known pod. ``outside`` tells whom policy lets in of the addresses that are
    no known pods."""

    target: Target
    through: GetThrough | None
    outside: Outside = Outside.NOBODY


@dataclass(frozen=True, slots=True)
class BackendDetail:
    """One endpoint. ``reachable_from`` counts the other pods that get through on at least one port; None
    where that cannot be said: for an endpoint that is no known pod, and where clients choose the port
    themselves (a headless Service without ports)."""

    backend: Backend
    targets: tuple[TargetReach, ...]
    reachable_from: int | None
    others: int
    """How many other pods there are."""
    doubts: frozenset[Ref] = frozenset()
    """The objects that are not evaluated and may keep some of the pods counted here from getting out."""


Seen = dict[tuple[int, str, frozenset[int], str, int], Reach]
"""Answers already found, by class, node, address families, protocol and port: a Service's pods are mostly
equals."""


def backend_detail(
    evaluation: Evaluation, service: Service, backend: Backend, seen: Seen | None = None
) -> BackendDetail:
    index = evaluation.index
    pod = backend.pod
    if pod is None:
        unjudged = tuple(TargetReach(t, None) for t in backend.targets)
        return BackendDetail(backend, unjudged, None, index.count(index.present))
    others = _others(index, index.present, pod)
    seen = {} if seen is None else seen
    over = endpoint_families(service, backend)
    if service.headless and not service.ports:
        return BackendDetail(backend, (), None, others)
    targets, allowed, let_in = [], 0, 0
    for target in backend.targets:
        if target.number is None:
            targets.append(TargetReach(target, None))
            continue
        protocol, number = target.port.protocol, target.number
        key = (index.class_of[pod.ref], pod.node, over, protocol, number)
        found = seen.get(key)
        if found is None:
            found = seen[key] = reach(evaluation.policies, pod, protocol, number, over)
        allowed |= found.allow & ~found.own_node
        let_in |= found.let_in & ~found.own_node
        through = _get_through(evaluation, pod, target, found)
        outside = lets_outside_in(evaluation, pod, protocol, number, over)
        targets.append(TargetReach(target, through, outside))
    doubts = doubt(evaluation).on_account_of(let_in, pod, index.class_bit(pod))
    return BackendDetail(backend, tuple(targets), _others(index, allowed, pod), others, doubts)


def _get_through(evaluation: Evaluation, pod: Pod, target: Target, found: Reach) -> GetThrough:
    index = evaluation.index
    counted = ~found.own_node
    allow, partial = found.allow & counted, found.partial & counted
    over_ipv4 = 0
    if partial and target.number is not None:
        by_ipv4 = reach(evaluation.policies, pod, target.port.protocol, target.number, (4,))
        over_ipv4 = partial & by_ipv4.allow
    doubtful = doubt(evaluation)
    return GetThrough(
        allow=_others(index, allow, pod),
        ipv4_only=_others(index, over_ipv4, pod),
        ipv6_only=_others(index, partial & ~over_ipv4, pod),
        unknown=_others(index, found.unknown & counted, pod),
        total=_others(index, index.present & counted, pod),
        doubtful=doubtful.count(found.let_in & counted, pod, index.class_bit(pod)),
        doubtful_allow=doubtful.count(allow, pod, index.class_bit(pod)),
    )


def _others(index: Index, bitset: Bits, pod: Pod) -> int:
    """How many pods the bitset has, the pod that asks left out; where it stands for several, the others of
    them remain."""
    return index.count(bitset) - (not pod.several and bool(bitset & index.class_bit(pod)))
