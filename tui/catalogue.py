"""The rows of the four lists, computed once after loading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from policy_core.details.overview import NamespaceCounts, namespace_counts
from policy_core.details.policy import selected_pods
from policy_core.evaluation import Evaluation
from policy_core.isolation import Isolation, isolations
from policy_core.model import Namespace, NetworkPolicy, Pod, Ref, Service, UnevaluatedPolicy
from tui.words import openness, pod_state, selects, service_ports, service_type

__all__ = ["ALL_NAMESPACES", "Catalogue", "NamespaceRow", "Pane", "PodRow", "PolicyRow", "Row", "ServiceRow"]


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
    policy: NetworkPolicy | UnevaluatedPolicy
    pods: int | None
    """How many pods it isolates; None where the kind is not evaluated."""
    faulty: bool
    haystack: str


Row = NamespaceRow | PodRow | ServiceRow | PolicyRow


def _haystack(ref: Ref, labels: Iterable[tuple[str, str]], more: Iterable[str] = ()) -> str:
    """What a filter looks through: ``namespace/name``, every ``label=value``, and what else the lists show;
    one a line."""
    return "\n".join([ref.path, *(f"{key}={value}" for key, value in labels), *more]).lower()


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """Rows by list, in the order of the snapshot: by namespace and name."""

    evaluation: Evaluation
    rows: dict[Pane, tuple[Row, ...]]
    position: dict[Ref, tuple[Pane, int]]
    """Where each object's row is."""
    changed: Mapping[Ref, str] = field(default_factory=dict)
    """What is new (``+``) or different (``~``) since the catalogue before."""
    gone: frozenset[Ref] = frozenset()
    """What was in the catalogue before and is no more."""
    touched: frozenset[Pane] = frozenset(Pane)
    """The lists that are not quite what they were before. That of the namespaces counts what the others
    hold, so it always may be."""

    @classmethod
    def of(cls, evaluation: Evaluation, previous: Catalogue | None = None) -> Catalogue:
        """``previous`` is what the same cluster was like before."""
        states = isolations(evaluation)
        rows: dict[Pane, tuple[Row, ...]] = {
            Pane.NAMESPACES: tuple(_namespaces(evaluation, states)),
            Pane.PODS: tuple(
                PodRow(p.ref, p, states[p.ref], _pod_haystack(p, states[p.ref]))
                for p in evaluation.snapshot.pods
            ),
            Pane.SERVICES: tuple(_service(evaluation, s) for s in evaluation.snapshot.services),
            Pane.POLICIES: tuple(_policies(evaluation)),
        }
        position = {row.ref: (pane, i) for pane, listed in rows.items() for i, row in enumerate(listed)}
        if previous is None:
            return cls(evaluation, rows, position)
        return cls(evaluation, rows, position, *_differences(rows, position, previous))

    def since(self, earlier: Catalogue) -> Catalogue:
        """The same with all changes since the catalogue before ``earlier``, which was never shown."""
        signs = {**self.changed, **earlier.changed}  # what is new does not become less so
        changed = {ref: sign for ref, sign in signs.items() if ref in self.position}
        changed |= dict.fromkeys(changed.keys() & earlier.gone, "~")
        return replace(
            self,
            changed=changed,
            gone=(self.gone | earlier.gone) - self.position.keys(),
            touched=self.touched | earlier.touched,
        )

    def find(self, ref: Ref) -> Row | None:
        at = self.position.get(ref)
        return self.rows[at[0]][at[1]] if at else None


def _differences(
    rows: Mapping[Pane, Sequence[Row]], position: Mapping[Ref, object], previous: Catalogue
) -> tuple[dict[Ref, str], frozenset[Ref], frozenset[Pane]]:
    """What a person would see of it: of a namespace only itself, since its counts follow from the rest."""
    changed: dict[Ref, str] = {}
    touched = {Pane.NAMESPACES}
    for pane, listed in rows.items():
        before_pane = len(changed)
        for row in listed:
            before = previous.find(row.ref)
            if before is None:
                changed[row.ref] = "+"
            elif before is not row and _shown(before) != _shown(row):
                changed[row.ref] = "~"
        if len(changed) > before_pane or len(listed) != len(previous.rows[pane]):
            touched.add(pane)
    return changed, frozenset(previous.position.keys() - position.keys()), frozenset(touched)


def _shown(row: Row) -> object:
    return row.namespace if isinstance(row, NamespaceRow) else row


def _namespaces(evaluation: Evaluation, states: dict[Ref, Isolation]) -> Iterable[NamespaceRow]:
    snapshot = evaluation.snapshot
    counts = namespace_counts(evaluation, states)
    pods = Counter(pod.namespace for pod in snapshot.pods)
    # A cluster-scoped one is of no namespace: it counts among all only.
    policies = Counter(policy.namespace for policy in snapshot.network_policies)
    policies += Counter(policy.namespace for policy in snapshot.unevaluated)
    total = NamespaceCounts(
        name="",
        pods=sum(n.pods for n in counts),
        finished=sum(n.finished for n in counts),
        isolated_ingress=sum(n.isolated_ingress for n in counts),
        isolated_egress=sum(n.isolated_egress for n in counts),
        services=sum(n.services for n in counts),
        policies=sum(n.policies for n in counts),
        exposed=sum(n.exposed for n in counts),
    )
    yield NamespaceRow(ALL_NAMESPACES, total, pods.total(), policies.total(), None, "")
    for count in counts:
        namespace = snapshot.namespaces[count.name]
        yield NamespaceRow(
            namespace.ref,
            count,
            pods[count.name],
            policies[count.name],
            namespace,
            _haystack(namespace.ref, namespace.labels.items()),
        )


def _pod_haystack(pod: Pod, isolation: Isolation) -> str:
    states = {openness(state, isolation.uncertain) for state in (isolation.ingress, isolation.egress)}
    return _haystack(pod.ref, pod.labels.items(), (*map(str, pod.ips), pod_state(pod), pod.node, *states))


def _service(evaluation: Evaluation, service: Service) -> ServiceRow:
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


def _policies(evaluation: Evaluation) -> Iterable[PolicyRow]:
    faulty = {problem.subject for problem in evaluation.snapshot.problems}
    for policy in evaluation.snapshot.network_policies:
        yield PolicyRow(
            policy.ref,
            policy,
            len(selected_pods(evaluation, policy)),
            policy.ref in faulty,
            _haystack(policy.ref, policy.labels.items(), [selects(policy)]),
        )
    for other in evaluation.snapshot.unevaluated:
        haystack = _haystack(other.ref, (), [selects(other)])
        yield PolicyRow(other.ref, other, None, other.ref in faulty, haystack)
