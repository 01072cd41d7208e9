"""A Service: its endpoints, what exposes it, and who gets through to it by policy."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass

from policy_core.caveats import rule_caveats
from policy_core.details.backend import BackendDetail, Seen, backend_detail
from policy_core.details.closure import Cause, Closure, closure
from policy_core.details.standing import Standing, standing
from policy_core.effective import Effective, effective
from policy_core.evaluation import Evaluation
from policy_core.model import Direction, Pod, Ref, Service
from policy_core.not_evaluated import NotEvaluated, any_may_apply
from policy_core.openness import own_families
from policy_core.routing import Exposure
from policy_core.unread_caveats import about_counts, about_endpoints, about_routes
from policy_core.verdict import Verdict

__all__ = ["Permission", "ServiceDetail", "service_detail"]


@dataclass(frozen=True, slots=True)
class Permission:
    """What policy lets in to those of the Service's pods that policy treats alike."""

    pods: tuple[Pod, ...]
    ingress: Effective


@dataclass(frozen=True, slots=True)
class ServiceDetail:
    service: Service
    backends: tuple[BackendDetail, ...]
    by_slices: bool
    """Whether the endpoints come from EndpointSlices; else the selector was evaluated."""
    selected: int
    """How many pods the selector matches: some may be no endpoint for want of an address of its families."""
    exposures: tuple[Exposure, ...]
    permission: tuple[Permission, ...]
    standing: Standing
    closure: Closure | None
    """What closes it, where it is closed and there is one cause."""
    unevaluated: tuple[NotEvaluated, ...]
    caveats: tuple[str, ...]
    routes_unread: bool = False
    """Whether Ingresses or routes that could not be read may expose it."""

    @property
    def verdict(self) -> Verdict:
        """Whether anybody at all is served: allow where some other pod reaches some ready endpoint (or
        nothing here could say no), deny where none does, partial or unknown where that hangs on the address
        family or on something unknown."""
        return self.standing.verdict

    @property
    def doubts(self) -> frozenset[Ref]:
        """The objects that are not evaluated and may apply to the pods that connect."""
        return frozenset().union(*(detail.doubts for detail in self.backends))

    @property
    def ready(self) -> int:
        return sum(detail.backend.ready for detail in self.backends)


def service_detail(evaluation: Evaluation, service: Service) -> ServiceDetail:
    routing = evaluation.routing
    seen: Seen = {}
    backends = tuple(
        backend_detail(evaluation, service, backend, seen) for backend in routing.backends(service)
    )
    pods = [detail.backend.pod for detail in backends if detail.backend.pod]
    exposures = routing.exposures(service)
    unseen = routing.unseen(service)
    stands = standing(service, backends, exposures, unseen, evaluation.snapshot.unread.some("Pod"))
    closed = stands in (Standing.CLOSED, Standing.UNSEEN_PODS)
    why = closure(evaluation, service, routing.backends(service)) if closed else None
    if stands is Standing.UNSEEN_PODS and why and why.cause in (Cause.NO_RULE, Cause.OTHER_PORT):
        stands = Standing.CLOSED  # whoever else there is
    permissions = tuple(_permissions(evaluation, pods))
    return ServiceDetail(
        service,
        backends,
        routing.has_slices(service),
        len(routing.selected(service)),
        exposures,
        permissions,
        stands,
        why if stands is Standing.CLOSED else None,
        any_may_apply(evaluation.snapshot, pods, Direction.INGRESS),
        tuple(dict.fromkeys(_caveats(evaluation, service, permissions))),
        bool(evaluation.snapshot.unread.routes(service.namespace)),
    )


def _caveats(evaluation: Evaluation, service: Service, permissions: Iterable[Permission]) -> Iterator[str]:
    if service.internal_traffic_policy == "Local":
        yield "internalTrafficPolicy Local: pods reach only endpoints of their own node; no count heeds that."
    snapshot = evaluation.snapshot
    if snapshot.unread:
        yield from about_endpoints(snapshot, service, evaluation.routing.unseen(service))
        yield from about_routes(snapshot, service.namespace)
        yield from about_counts(snapshot)
    for permission in permissions:
        yield from rule_caveats(evaluation, permission.pods[0], permission.ingress)


def _permissions(evaluation: Evaluation, pods: Iterable[Pod]) -> Iterator[Permission]:
    index = evaluation.index
    alike: dict[Hashable, list[Pod]] = {}
    for pod in pods:
        selecting = evaluation.policies.selecting(pod, Direction.INGRESS)
        tiers = () if pod.finished else evaluation.policies.tiers.concerning(index, pod, Direction.INGRESS)
        policies = (
            *(compiled.policy.ref for compiled in selecting),
            *(compiled.policy.ref for compiled in tiers),
        )
        # Port names may mean something else on each pod, and a block nothing over its address families.
        names = index.classes[index.class_of[pod.ref]].ports
        alike.setdefault((policies, names, pod.host_network, own_families(pod)), []).append(pod)
    for group in alike.values():
        yield Permission(tuple(group), effective(evaluation.policies, group[0], Direction.INGRESS))
