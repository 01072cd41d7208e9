"""A Service: its endpoints, what exposes it, and who gets through to it by policy."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_

from policy_core.caveats import may_apply
from policy_core.details.closure import Closure, closure
from policy_core.effective import Effective, effective
from policy_core.evaluation import Evaluation
from policy_core.index import Bits, Index
from policy_core.model import Direction, NetworkPolicy, Pod, Service, UnevaluatedPolicy
from policy_core.openness import own_families
from policy_core.reach import Reach, reach
from policy_core.routing import Backend, Exposure, Target
from policy_core.verdict import Verdict

__all__ = [
    "BackendDetail",
    "GetThrough",
    "ServiceDetail",
    "TargetReach",
    "any_may_apply",
    "backend_detail",
    "service_detail",
]

_FAMILIES = {"IPv4": 4, "IPv6": 6}


@dataclass(frozen=True, slots=True)
class GetThrough:
    """How many other pods policy lets through to a pod's port, of ``total`` other pods. hostNetwork pods that
    only being on the pod's own node lets in are not counted anywhere: they would hide that policy closes it.
    """

    allow: int
    partial: int
    unknown: int
    total: int


@dataclass(frozen=True, slots=True)
class TargetReach:
    """``through`` is None where nothing is routed (the target port's name does not resolve on the pod) and
    for an endpoint that is no known pod. ``outside`` tells whether policy may let in addresses that are no
    known pods."""

    target: Target
    through: GetThrough | None
    outside: bool = False


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


@dataclass(frozen=True, slots=True)
class Permission:
    """What policy lets in to those of the Service's pods that policy treats alike."""

    pods: tuple[Pod, ...]
    ingress: Effective


@dataclass(frozen=True, slots=True)
class ServiceDetail:
    """``verdict`` tells whether anybody at all is served: allow where some other pod reaches some ready
    endpoint (or nothing here could say no), deny where none does, partial or unknown where that hangs on the
    address family or on something unknown."""

    service: Service
    backends: tuple[BackendDetail, ...]
    by_slices: bool
    """Whether the endpoints come from EndpointSlices; else the selector was evaluated."""
    exposures: tuple[Exposure, ...]
    permission: tuple[Permission, ...]
    verdict: Verdict
    closure: Closure | None
    """What closes it, where the verdict is deny and there is one cause."""
    unevaluated: tuple[UnevaluatedPolicy | NetworkPolicy, ...]

    @property
    def ready(self) -> int:
        return sum(detail.backend.ready for detail in self.backends)


def service_detail(evaluation: Evaluation, service: Service) -> ServiceDetail:
    routing = evaluation.routing
    seen: _Seen = {}
    backends = tuple(
        backend_detail(evaluation, service, backend, seen) for backend in routing.backends(service)
    )
    pods = [detail.backend.pod for detail in backends if detail.backend.pod]
    verdict = _verdict(backends)
    return ServiceDetail(
        service,
        backends,
        routing.has_slices(service),
        routing.exposures(service),
        tuple(_permissions(evaluation, pods)),
        verdict,
        closure(evaluation, service, routing.backends(service)) if verdict is Verdict.DENY else None,
        any_may_apply(evaluation, pods),
    )


def _permissions(evaluation: Evaluation, pods: Iterable[Pod]) -> Iterator[Permission]:
    index = evaluation.index
    alike: dict[Hashable, list[Pod]] = {}
    for pod in pods:
        selecting = evaluation.policies.selecting(pod, Direction.INGRESS)
        policies = tuple(compiled.policy.ref for compiled in selecting)
        # Port names may mean something else on each pod, and a block nothing over its address families.
        names = index.classes[index.class_of[pod.ref]].ports
        alike.setdefault((policies, names, pod.host_network, own_families(pod)), []).append(pod)
    for group in alike.values():
        yield Permission(tuple(group), effective(evaluation.policies, group[0], Direction.INGRESS))


def any_may_apply(
    evaluation: Evaluation, pods: Iterable[Pod]
) -> tuple[UnevaluatedPolicy | NetworkPolicy, ...]:
    """What may apply, unevaluated, to any of the pods."""
    if not (evaluation.snapshot.unevaluated or evaluation.snapshot.faulty):
        return ()
    return tuple({p.ref: p for pod in pods for p in may_apply(evaluation.snapshot, pod)}.values())


def _verdict(backends: tuple[BackendDetail, ...]) -> Verdict:
    ready = [detail for detail in backends if detail.backend.ready and detail.backend.pod]
    if not ready:
        # Endpoints outside the known pods: nothing here could say no.
        return Verdict.ALLOW if any(detail.backend.ready for detail in backends) else Verdict.DENY
    targets = [target for detail in ready for target in detail.targets]
    if any(detail.reachable_from is None or detail.reachable_from > 0 for detail in ready):
        return Verdict.ALLOW
    if any(target.outside for target in targets):
        return Verdict.ALLOW
    counts = [target.through for target in targets if target.through]
    if any(count.partial for count in counts):
        return Verdict.PARTIAL
    return Verdict.UNKNOWN if any(count.unknown for count in counts) else Verdict.DENY


_Seen = dict[tuple[int, str, str, int], Reach]
"""Answers already found, by class, node, protocol and port: a Service's pods are mostly equals."""


def backend_detail(
    evaluation: Evaluation, service: Service, backend: Backend, seen: _Seen | None = None
) -> BackendDetail:
    index = evaluation.index
    pod = backend.pod
    if pod is None:
        unjudged = tuple(TargetReach(t, None) for t in backend.targets)
        return BackendDetail(backend, unjudged, None, index.count(index.present))
    others = _others(index, index.present, pod)
    seen = {} if seen is None else seen
    over = _families(service, backend)
    if service.headless and not service.ports:
        return BackendDetail(backend, (), None, others)
    targets, allowed = [], []
    for target in backend.targets:
        if target.number is None:
            targets.append(TargetReach(target, None))
            continue
        key = (index.class_of[pod.ref], pod.node, target.port.protocol, target.number)
        found = seen.get(key)
        if found is None:
            found = seen[key] = reach(evaluation.policies, pod, target.port.protocol, target.number, over)
        allowed.append(found.allow & ~found.own_node)
        through = GetThrough(
            allow=_others(index, found.allow & ~found.own_node, pod),
            partial=_others(index, found.partial & ~found.own_node, pod),
            unknown=_others(index, found.unknown & ~found.own_node, pod),
            total=others - _others(index, found.own_node, pod),
        )
        targets.append(TargetReach(target, through, _lets_outside_in(evaluation, pod, target)))
    anyhow = reduce(or_, allowed, 0)
    return BackendDetail(backend, tuple(targets), _others(index, anyhow, pod), others)


def _families(service: Service, backend: Backend) -> set[int]:
    """The address families that the Service serves on this endpoint: those of the endpoint's own addresses
    within what the Service has or asks for."""
    asked = {_FAMILIES[family] for family in service.ip_families if family in _FAMILIES}
    if not asked:
        addresses = [text for text in service.cluster_ips if text not in ("", "None")]
        asked = {6 if ":" in text else 4 for text in addresses} or {4, 6}
    return asked & {address.version for address in backend.addresses} or asked


def _lets_outside_in(evaluation: Evaluation, pod: Pod, target: Target) -> bool:
    """Whether some rule (or the absence of any policy) lets addresses in that are no known pods."""
    selecting = evaluation.policies.selecting(pod, Direction.INGRESS)
    if not selecting:
        return True
    ports = evaluation.index.class_ports[evaluation.index.class_of[pod.ref]]
    return target.number is not None and any(
        rule.peers.addresses and rule.ports.contains(target.port.protocol, target.number, ports)
        for policy in selecting
        for rule in policy.rules
    )


def _others(index: Index, bitset: Bits, pod: Pod) -> int:
    """How many pods the bitset has, the pod that asks left out; where it stands for several, the others of
    them remain."""
    return index.count(bitset) - (not pod.several and bool(bitset & index.class_bit(pod)))
