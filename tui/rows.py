"""The rows of the four lists: what each says of its object, and the text that a filter looks through."""

from __future__ import annotations

from collections.abc import Collection, Iterable
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
    "all_namespaces",
    "namespace_row",
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


class _OfNamespace:
    """Rows are kept by namespace and name, as what they are about is."""

    __slots__ = ()
    ref: Ref

    @property
    def namespace(self) -> str:
        return self.ref.namespace

    @property
    def name(self) -> str:
        return self.ref.name


@dataclass(frozen=True, slots=True)
class PodRow(_OfNamespace):
    ref: Ref
    pod: Pod
    isolation: Isolation
    haystack: str


@dataclass(frozen=True, slots=True)
class ServiceRow(_OfNamespace):
    ref: Ref
    service: Service
    ready: int
    endpoints: int
    exposed: bool
    haystack: str


@dataclass(frozen=True, slots=True)
class PolicyRow(_OfNamespace):
    ref: Ref
    policy: NetworkPolicy | TieredPolicy | UnevaluatedPolicy
    pods: int | None
    """How many pods it isolates, or is for; None where the kind is not evaluated, or that cannot be read."""
    faulty: bool
    haystack: str


Row = NamespaceRow | PodRow | ServiceRow | PolicyRow


def _haystack(ref: Ref, labels: Iterable[tuple[str, str]], more: Iterable[str] = ()) -> str:
    """What a filter looks through: ``namespace/name``, every ``label=value``, and what else the lists show;
    one a line."""
    return "\n".join([ref.path, *(f"{key}={value}" for key, value in labels), *more]).lower()


def all_namespaces(snapshot: Snapshot, counts: Collection[NamespaceCounts]) -> NamespaceRow:
    """The row for all of them."""
    # A cluster-scoped policy is of no namespace: it counts among all only.
    policies = len(snapshot.network_policies) + len(snapshot.unevaluated) + len(snapshot.tiered_policies)
    total = NamespaceCounts(
        name="",
        pods=sum(n.pods for n in counts),
        finished=sum(n.finished for n in counts),
        isolated_ingress=sum(n.isolated_ingress for n in counts),
        isolated_egress=sum(n.isolated_egress for n in counts),
        services=sum(n.services for n in counts),
        policies=sum(n.policies for n in counts),
        exposed=sum(n.exposed for n in counts),
        unread=frozenset().union(*{n.unread for n in counts}),
    )
    return NamespaceRow(ALL_NAMESPACES, total, total.pods + total.finished, policies, None, "")


def namespace_row(namespace: Namespace, counts: NamespaceCounts, unevaluated: int) -> NamespaceRow:
    """``unevaluated`` is how many policies of its are not evaluated."""
    pods, policies = counts.pods + counts.finished, counts.policies + unevaluated
    haystack = _haystack(namespace.ref, namespace.labels.items())
    return NamespaceRow(namespace.ref, counts, pods, policies, namespace, haystack)


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
