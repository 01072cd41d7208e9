"""A pod: what policy lets in and out of it, beside the Services that route to it."""

from __future__ import annotations

from dataclasses import dataclass

from policy_core.caveats import caveats
from policy_core.details.backend import BackendDetail, backend_detail
from policy_core.details.exposure import Exposed, exposures_of
from policy_core.effective import Effective, effective
from policy_core.evaluation import Evaluation
from policy_core.model import Direction, Pod, Service
from policy_core.not_evaluated import NotEvaluated, directions_in_doubt, may_apply
from policy_core.routing import Exposure

__all__ = ["PodDetail", "ServiceRoute", "pod_detail"]


@dataclass(frozen=True, slots=True)
class ServiceRoute:
    """One Service that routes to the pod; ``detail`` is about the pod as its backend."""

    service: Service
    detail: BackendDetail
    exposures: tuple[Exposure, ...]


@dataclass(frozen=True, slots=True)
class PodDetail:
    pod: Pod
    ingress: Effective
    egress: Effective
    services: tuple[ServiceRoute, ...]
    unevaluated: tuple[NotEvaluated, ...]
    """Objects of other kinds that may also apply: with any of these no answer here is the whole truth."""
    caveats: tuple[str, ...]
    doubtful: frozenset[Direction] = frozenset()
    """The directions in which one of them may have a say."""
    services_unread: bool = False
    """Whether there may be further Services that route here, which could not be read."""
    exposed: tuple[Exposed, ...] = ()
    """The ways in from outside."""
    routes_unread: bool = False
    """Whether there may be further ones, by Ingresses or routes that could not be read."""


def pod_detail(evaluation: Evaluation, pod: Pod) -> PodDetail:
    ingress = effective(evaluation.policies, pod, Direction.INGRESS)
    egress = effective(evaluation.policies, pod, Direction.EGRESS)
    routing = evaluation.routing
    services = tuple(
        ServiceRoute(service, backend_detail(evaluation, service, backend), routing.exposures(service))
        for service, backend in routing.services_of(pod)
    )
    exposures = [exposure for route in services for exposure in route.exposures]
    return PodDetail(
        pod,
        ingress,
        egress,
        services,
        may_apply(evaluation.snapshot, pod),
        caveats(evaluation, pod, (ingress, egress), exposures),
        directions_in_doubt(evaluation.snapshot, pod),
        not pod.finished and evaluation.snapshot.unread.here("Service", pod.namespace),
        exposures_of(evaluation, pod),
        bool(evaluation.snapshot.unread.routes(pod.namespace)),
    )
