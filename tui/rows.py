"""The rows of the four lists: what each says of its object, and the text that a filter looks through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from policy_core.details.overview import NamespaceCounts
from policy_core.evaluation import Evaluation
from policy_core.isolation import Isolation
from policy_core.model import (
    Direction,
    Namespace,
    NetworkPolicy,
    Pod,
    Ref,
    Service,
    TieredPolicy,
    UnevaluatedPolicy,
)
from policy_core.snapshot import Snapshot
from tui.words import openness, pod_state, selects, service_ports, service_type, tier

__all__ = [
    "ALL_NAMESPACES",
    "NamespaceRow",
    "Pane",
    "PodRow",
    "PolicyRow",
    "Row",
    "ServiceRow",
    "namespace_rows",
    "pod_row",
    "policy_row",
    "service_row",
]


class Pane(StrEnum):
    """The lists, in their order on the screen."""

    NAMESPACES = "namespaces"
    PODS = "pods"
    SERVICES = "services"
    POLICIES = "policies"


ALL_NAMESPACES = Ref("Namespace", "", "")
"""The row that stands for no restriction to one namespace."""


@dataclass(frozen=True, slots=True)
class NamespaceRow:
    """``counts`` is of the pods that take part and of the policies that are evaluated; ``pods`` and
    ``policies`` count all that the lists have, as those say themselves."""

    ref: Ref
    counts: NamespaceCounts
    pods: int
    policies: int
    namespace: Namespace | None
    """None for the row that stands for all namespaces."""
    haystack: str


@dataclass(frozen=True, slots=True)
class PodRow:
    ref: Ref
    pod: Pod
    isolation: Isolation
    haystack: str


@dataclass(frozen=True, slots=True)
class ServiceRow:
    ref: Ref
    service: Service
    ready: int
    endpoints: int
    exposed: bool
    haystack: str


@dataclass(frozen=True, slots=True)
class PolicyRow:
    ref: Ref
    policy: NetworkPolicy | TieredPolicy | UnevaluatedPolicy
    pods: int | None
    """How many pods it isolates, or is for; None where the kind is not evaluated."""
    faulty: bool
    haystack: str


Row = NamespaceRow | PodRow | ServiceRow | PolicyRow


def _haystack(ref: Ref, labels: Iterable[tuple[str, str]], more: Iterable[str] = ()) -> str:
    """What a filter looks through: ``namespace/name``, every ``label=value``, and what else the lists show;
    one a line."""
    return "\n".join([ref.path, *(f"{key}={value}" for key, value in labels), *more]).lower()


def namespace_rows(snapshot: Snapshot, counts: Iterable[NamespaceCounts]) -> Iterable[NamespaceRow]:
    counts = tuple(counts)
    # A cluster-scoped one is of no namespace: it counts among all only.
    policies = Counter(policy.namespace for policy in snapshot.network_policies)
    policies += Counter(policy.namespace for policy in snapshot.unevaluated)
    policies += Counter("" for _ in snapshot.tiered_policies)
    total = NamespaceCounts(
        name="",
        pods=sum(n.pods for n in counts),
        finished=sum(n.finished for n in counts),
        isolated_ingress=sum(n.isolated_ingress for n in counts),
        isolated_egress=sum(n.isolated_egress for n in counts),
        services=sum(n.services for n in counts),
        policies=sum(n.policies for n in counts),
        exposed=sum(n.exposed for n in counts),
        unread=frozenset().union(*(n.unread for n in counts)),
    )
    yield NamespaceRow(ALL_NAMESPACES, total, total.pods + total.finished, policies.total(), None, "")
    for count in counts:
        namespace = snapshot.namespaces[count.name]
        yield NamespaceRow(
            namespace.ref,
            count,
            count.pods + count.finished,
            policies[count.name],
            namespace,
            _haystack(namespace.ref, namespace.labels.items()),
        )


def pod_row(pod: Pod, isolation: Isolation) -> PodRow:
    states = {
        openness(isolation.ingress, Direction.INGRESS in isolation.doubts),
        openness(isolation.egress, Direction.EGRESS in isolation.doubts),
    }
    more = (*map(str, pod.ips), pod_state(pod), pod.node, *states)
    return PodRow(pod.ref, pod, isolation, _haystack(pod.ref, pod.labels.items(), more))


def service_row(evaluation: Evaluation, service: Service) -> ServiceRow:
    backends = evaluation.routing.backends(service)
    exposed = bool(evaluation.routing.exposures(service))
    more = [*service.cluster_ips, *service.external_ips, *service.load_balancer, service.external_name]
    more += [service.type, service_type(service), service_ports(service), "exposed" * exposed]
    more += [port.name for port in service.ports]
    more += [str(port.node_port) for port in service.ports if port.node_port]
    return ServiceRow(
        service.ref,
        service,
        sum(backend.ready for backend in backends),
        len(backends),
        exposed,
        _haystack(service.ref, (*service.labels.items(), *(service.selector or {}).items()), more),
    )


def policy_row(
    policy: NetworkPolicy | TieredPolicy | UnevaluatedPolicy, pods: int | None, faulty: bool
) -> PolicyRow:
    labels = () if isinstance(policy, UnevaluatedPolicy) else policy.labels.items()
    more = (selects(policy), policy.ref.kind, tier(policy))
    return PolicyRow(policy.ref, policy, pods, faulty, _haystack(policy.ref, labels, more))
