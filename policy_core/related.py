"""What belongs together: a pod with its Services and policies, a policy with its pods, a Service with its
backends and the policies that stand before them."""

from __future__ import annotations

from collections.abc import Iterable

from policy_core.details.policy import concerned_pods, selected_pods
from policy_core.evaluation import Evaluation
from policy_core.model import Direction, NetworkPolicy, Pod, Ref, Service, TieredPolicy, UnevaluatedPolicy
from policy_core.not_evaluated import may_apply, may_select

__all__ = ["related"]


def related(
    evaluation: Evaluation, subject: Pod | Service | NetworkPolicy | TieredPolicy | UnevaluatedPolicy
) -> frozenset[Ref]:
    """The identities of everything that is linked with ``subject``, itself left out."""
    match subject:
        case Pod():
            services = (service.ref for service, _ in evaluation.routing.services_of(subject))
            return frozenset((*services, *_policies(evaluation, [subject])))
        case Service():
            backends = evaluation.routing.backends(subject)
            pods = [backend.pod for backend in backends if backend.pod]
            return frozenset((*(pod.ref for pod in pods), *_policies(evaluation, pods)))
        case TieredPolicy():
            return frozenset(pod.ref for pod in concerned_pods(evaluation, subject))
        case NetworkPolicy():
            return _with_services(evaluation, subject.namespace, selected_pods(evaluation, subject))
        case UnevaluatedPolicy():
            snapshot = evaluation.snapshot
            return frozenset(p.ref for p in evaluation.index.pods if may_select(snapshot, subject, p))


def _policies(evaluation: Evaluation, pods: Iterable[Pod]) -> set[Ref]:
    found: set[Ref] = set()
    seen: set[int] = set()
    for pod in pods:
        found.update(policy.ref for policy in may_apply(evaluation.snapshot, pod))
        number = evaluation.index.class_of[pod.ref] if not pod.finished else -1
        if number not in seen:
            seen.add(number)
            for direction in Direction:
                found.update(c.policy.ref for c in evaluation.policies.selecting(pod, direction))
                if not pod.finished:
                    tiers = evaluation.policies.tiers
                    found.update(c.policy.ref for c in tiers.concerning(evaluation.index, pod, direction))
    return found


def _with_services(evaluation: Evaluation, namespace: str, pods: Iterable[Pod]) -> frozenset[Ref]:
    selected = {pod.ref for pod in pods}
    services = {
        service.ref
        for service in evaluation.snapshot.services
        if service.namespace == namespace
        and any(b.pod and b.pod.ref in selected for b in evaluation.routing.backends(service))
    }
    return frozenset(selected | services)
