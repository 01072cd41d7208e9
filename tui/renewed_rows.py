"""The rows of each list: those of a namespace are made again where something in it has changed, and stay the
same elsewhere.

Each function takes the catalogue of before, where what could be read was the same.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import replace
from operator import is_not
from typing import TYPE_CHECKING, NamedTuple, cast

from policy_core.details.overview import PodCounts, counted
from policy_core.evaluation import Evaluation
from policy_core.isolation import Isolation, Isolations, unsettled
from policy_core.model import NetworkPolicy, Pod, Ref, Tier, TieredPolicy, UnevaluatedPolicy
from policy_core.parts import ByNamespace, Part
from policy_core.renewal import Difference, carried
from policy_core.selectors import namespace_matches
from policy_core.snapshot import Snapshot
from tui.rows import (
    NamespaceRow,
    Pane,
    PodRow,
    PolicyRow,
    Row,
    ServiceRow,
    all_namespaces,
    namespace_row,
    pod_row,
    policy_row,
    service_row,
)

if TYPE_CHECKING:
    from tui.catalogue import Catalogue

__all__ = ["Policies", "namespaces_of", "network_policies_of", "pods_of", "policies_of", "services_of"]


class Policies(NamedTuple):
    """The rows of the policies, in the order in which they decide."""

    admin: tuple[PolicyRow, ...]
    network: ByNamespace[PolicyRow]
    baseline: tuple[PolicyRow, ...]
    unevaluated: tuple[PolicyRow, ...]

    def rows(self) -> tuple[PolicyRow, ...]:
        return (*self.admin, *self.network, *self.baseline, *self.unevaluated)


def pods_of(evaluation: Evaluation, previous: Catalogue | None) -> ByNamespace[PodRow]:
    pods, isolation = evaluation.snapshot.pods, Isolations(evaluation)
    if previous is None:
        return ByNamespace(
            {
                name: Part(map(pod_row, part, isolation.of_namespace(name)))
                for name, part in pods.parts.items()
            }
        )
    earlier, rows = previous.evaluation.snapshot.pods, previous.pods
    asked = unsettled(evaluation, previous.evaluation)
    parts: dict[str, Part[PodRow]] = {}
    for name in {*(pods.parts if asked is None else asked), *pods.differing(earlier)}:
        part, before = pods.of_namespace(name), rows.of_namespace(name)
        known = carried(earlier.of_namespace(name), before, part)
        listed = cast(list[PodRow], known.values)
        for position in known.new:
            listed[position] = pod_row(part[position], isolation.of(part[position]))
        numbers = () if asked is None else asked.get(name, ())
        if asked is None or sum(map(evaluation.index.size, numbers)) * 2 > len(part):
            # A pod that has finished is in no class, yet there may be doubts about it.
            states: Iterable[tuple[int, Isolation]] = enumerate(isolation.of_namespace(name))
        else:
            states = (
                (part.at(pod.name, pod.kind), isolation.of_class(pod, number))
                for number in numbers
                for pod in evaluation.index.members(number)
            )
        for position, state in states:
            if listed[position].isolation != state:
                listed[position] = pod_row(part[position], state)
        if _differ(listed, before):
            parts[name] = Part(listed)
    return rows.with_parts(parts)


def _differ(rows: Sequence[Row], before: Sequence[Row]) -> bool:
    return len(rows) != len(before) or any(map(is_not, rows, before))


def services_of(evaluation: Evaluation, previous: Catalogue | None) -> ByNamespace[ServiceRow]:
    services, routing = evaluation.snapshot.services, evaluation.routing
    same_routes = previous is not None and _same_routes(evaluation, previous.evaluation)
    if previous is None or routing.touched is None or not same_routes:
        return ByNamespace(
            {
                name: Part(service_row(evaluation, service) for service in part)
                for name, part in services.parts.items()
            }
        )
    earlier, rows = previous.evaluation.snapshot.services, previous.services
    touched: dict[str, list[Ref]] = defaultdict(list)
    for ref in routing.touched:
        touched[ref.namespace].append(ref)
    parts: dict[str, Part[ServiceRow]] = {}
    for name in {*touched, *services.differing(earlier)}:
        part, before = services.of_namespace(name), rows.of_namespace(name)
        known = carried(earlier.of_namespace(name), before, part)
        listed = cast(list[ServiceRow], known.values)
        for position in known.new:
            listed[position] = service_row(evaluation, part[position])
        for ref in touched.get(name, ()):
            position = part.at(ref.name, ref.kind)
            if position >= 0:
                listed[position] = _counted_again(evaluation, listed[position])
        if _differ(listed, before):
            parts[name] = Part(listed)
    return rows.with_parts(parts)


def _counted_again(evaluation: Evaluation, row: ServiceRow) -> ServiceRow:
    backends = evaluation.routing.backends(row.service)
    counts = sum(backend.ready for backend in backends), len(backends)
    return row if counts == (row.ready, row.endpoints) else replace(row, ready=counts[0], endpoints=counts[1])


def _same_routes(one: Evaluation, other: Evaluation) -> bool:
    """Whether they expose the same Service in the same way."""
    return _leading_in(one.snapshot) == _leading_in(other.snapshot)


def _leading_in(snapshot: Snapshot) -> object:
    # Listeners of Gateways may ask for labels of namespaces.
    namespaces = snapshot.namespaces if snapshot.gateways else None
    classes = snapshot.gateway_classes if snapshot.gateways else None
    return snapshot.routes, snapshot.reference_grants, snapshot.gateways, classes, namespaces


def network_policies_of(evaluation: Evaluation, previous: Catalogue | None) -> ByNamespace[PolicyRow]:
    """One of these selects pods of its own namespace only: where none of those has changed it has the
    same."""
    policies = evaluation.snapshot.network_policies
    faulty = _faulty(evaluation.snapshot)

    def told(policy: NetworkPolicy) -> tuple[int | None, bool]:
        return _size(evaluation, policy), policy.ref in faulty

    if previous is None:
        return ByNamespace(
            {
                name: Part(policy_row(policy, *told(policy)) for policy in part)
                for name, part in policies.parts.items()
            }
        )
    earlier, rows = previous.evaluation.snapshot, previous.network_policies
    anew = {*_resized(evaluation, previous.evaluation), *policies.differing(earlier.network_policies)}
    if _faulty(earlier) != faulty:
        anew |= {*policies.parts}
    parts: dict[str, Part[PolicyRow]] = {}
    for name in anew:
        part, before = policies.of_namespace(name), rows.of_namespace(name)
        known = carried(earlier.network_policies.of_namespace(name), before, part)
        listed = [
            row
            if row is not None and (row.pods, row.faulty) == told(policy)
            else policy_row(policy, *told(policy))
            for policy, row in zip(part, known.values, strict=True)
        ]
        if _differ(listed, before):
            parts[name] = Part(listed)
    return rows.with_parts(parts)


def policies_of(
    evaluation: Evaluation,
    previous: Catalogue | None,
    network: ByNamespace[PolicyRow],
    changes: Difference[PodRow],
) -> Policies:
    """Those of the tiers where they decide, around the NetworkPolicies."""
    snapshot = evaluation.snapshot
    known: dict[int, PolicyRow] = {}
    if previous is not None:
        first, _, last, others = previous.policies
        known = {id(row.policy): row for row in (*first, *last, *others)}
    faulty = _faulty(snapshot)
    earlier = previous.evaluation.snapshot if previous else None
    same_namespaces = earlier is not None and earlier.namespaces == snapshot.namespaces

    def row(policy: TieredPolicy | UnevaluatedPolicy) -> PolicyRow:
        had = known.get(id(policy))
        pods: int | None
        if had is None or had.pods is None or earlier is None or not same_namespaces:
            pods = _size(evaluation, policy)
        else:
            pods = had.pods
            pods += sum(_is_for(snapshot, policy, each.pod) for each in changes.new)
            pods -= sum(_is_for(earlier, policy, each.pod) for each in changes.gone)
        doubtful = policy.ref in faulty
        same = had is not None and (had.pods, had.faulty) == (pods, doubtful)
        return had if had is not None and same else policy_row(policy, pods, doubtful)

    def of(tier: Tier) -> tuple[PolicyRow, ...]:
        found = [policy for policy in snapshot.tiered_policies if policy.tier is tier]
        found.sort(key=lambda policy: (policy.priority or 0, policy.name, policy.kind))
        return tuple(map(row, found))

    return Policies(of(Tier.ADMIN), network, of(Tier.BASELINE), tuple(map(row, snapshot.unevaluated)))


def _faulty(snapshot: Snapshot) -> Set[Ref | None]:
    return {problem.subject for problem in snapshot.problems}


def _size(evaluation: Evaluation, policy: NetworkPolicy | TieredPolicy | UnevaluatedPolicy) -> int | None:
    """How many pods it isolates, or is for."""
    index = evaluation.index
    if isinstance(policy, NetworkPolicy):
        return sum(map(index.size, index.subject_numbers(policy)))
    if isinstance(policy, TieredPolicy) and policy.in_force:
        certain, possible = index.peer_pods(policy.subject, "")
        return index.count(certain | possible)
    return None


def _is_for(snapshot: Snapshot, policy: TieredPolicy | UnevaluatedPolicy, pod: Pod) -> bool:
    """Whether it is, or may be, for the pod."""
    if isinstance(policy, UnevaluatedPolicy):
        return False
    subject = policy.subject
    if pod.finished or pod.host_network or subject.namespaces is None:
        return False
    if subject.pods is not None and not subject.pods.matches(pod.labels):
        return False
    return namespace_matches(subject.namespaces, snapshot.namespaces[pod.namespace]) is not False


def _resized(evaluation: Evaluation, previous: Evaluation) -> frozenset[str]:
    """The namespaces in which there are more or fewer pods of some class."""
    now, before = evaluation.index, previous.index
    return frozenset(
        name
        for name in now.pods.differing(before.pods)
        if now.classed(name) is not before.classed(name) or any(True for _ in now.resized(name, before))
    )


def namespaces_of(
    evaluation: Evaluation,
    previous: Catalogue | None,
    pods: ByNamespace[PodRow],
    services: ByNamespace[ServiceRow],
    pod_counts: PodCounts,
) -> Iterator[NamespaceRow]:
    snapshot = evaluation.snapshot
    unevaluated = Counter(policy.namespace for policy in snapshot.unevaluated)
    rows: dict[str, NamespaceRow] = {}
    anew: Iterable[str] = snapshot.namespaces
    if previous is not None:
        earlier = previous.evaluation.snapshot
        _, *listed = cast(Sequence[NamespaceRow], previous.rows[Pane.NAMESPACES])
        if earlier.namespaces is snapshot.namespaces and earlier.unevaluated == snapshot.unevaluated:
            rows = dict(zip(snapshot.namespaces, listed, strict=True))
            anew = {
                *pods.differing(previous.pods),
                *services.differing(previous.services),
                *snapshot.network_policies.differing(earlier.network_policies),
            } & rows.keys()
    for name in anew:
        exposed = sum(each.exposed for each in services.of_namespace(name))
        counts = counted(snapshot, name, pod_counts, exposed)
        rows[name] = namespace_row(snapshot.namespaces[name], counts, unevaluated[name])
    yield all_namespaces(snapshot, [row.counts for row in rows.values()])
    yield from rows.values()
