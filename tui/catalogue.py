"""The rows of the four lists, computed once for what was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import chain, compress
from operator import is_not
from typing import Any, NamedTuple, cast

from policy_core.details.overview import PodCounts, counted
from policy_core.evaluation import Evaluation
from policy_core.isolation import Isolation, Isolations, unsettled
from policy_core.model import NetworkPolicy, Pod, Ref, Tier, TieredPolicy, UnevaluatedPolicy
from policy_core.parts import ByNamespace, Part
from policy_core.renewal import Difference, carried, difference
from policy_core.selectors import namespace_matches
from policy_core.snapshot import Snapshot
from tui.rows import (
    ALL_NAMESPACES,
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

__all__ = ["ALL_NAMESPACES", "Catalogue", "NamespaceRow", "Pane", "PodRow", "PolicyRow", "Row", "ServiceRow"]


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """Rows by list, in the order of the snapshot: by namespace and name."""

    evaluation: Evaluation
    rows: Mapping[Pane, Sequence[Row]]
    position: Positions
    """Where each object's row is."""
    pod_counts: PodCounts
    policies: Policies
    changed: Mapping[Ref, str] = field(default_factory=dict)
    """What is new (``+``) or different (``~``) since the catalogue before."""
    gone: frozenset[Ref] = frozenset()
    """What was in the catalogue before and is no more."""
    touched: frozenset[Pane] = frozenset(Pane)
    """The lists that are not quite what they were before. That of the namespaces counts what the others
    hold, so it always may be."""

    @classmethod
    def of(cls, evaluation: Evaluation, previous: Catalogue | None = None) -> Catalogue:
        """``previous`` is what the same cluster was like before (see :mod:`policy_core.renewal`)."""
        snapshot = evaluation.snapshot
        # What could not be read makes a difference everywhere.
        same_coverage = previous is not None and previous.evaluation.snapshot.coverage == snapshot.coverage
        known = previous if same_coverage else None
        pods = _pods(evaluation, known)
        changes = pods.since(previous.pods if previous else ByNamespace[PodRow]({}))
        pod_counts = (previous.pod_counts if previous else PodCounts()).after(*map(_told, changes))
        services = _services(evaluation, known)
        network = _network_policies(evaluation, known)
        policies = _policies(evaluation, known, network, changes)
        if previous is not None and policies == previous.policies:
            policies = previous.policies
        listed = (
            previous.rows[Pane.POLICIES] if previous and policies is previous.policies else policies.rows()
        )
        namespaces = tuple(_namespaces(evaluation, known, pods, services, pod_counts))
        rows: dict[Pane, Sequence[Row]] = {
            Pane.NAMESPACES: namespaces,
            Pane.PODS: pods,
            Pane.SERVICES: services,
            Pane.POLICIES: listed,
        }
        position = Positions(namespaces, pods, services, listed, previous.position if previous else None)
        if previous is None:
            return cls(evaluation, rows, position, pod_counts, policies)
        differences: dict[Pane, Difference[Any]] = {
            Pane.NAMESPACES: difference(previous.rows[Pane.NAMESPACES], namespaces),
            Pane.PODS: changes,
            Pane.SERVICES: services.since(previous.services),
            Pane.POLICIES: difference(previous.rows[Pane.POLICIES], listed),
        }
        return cls(evaluation, rows, position, pod_counts, policies, *_seen(differences, previous))

    @property
    def pods(self) -> ByNamespace[PodRow]:
        return cast(ByNamespace[PodRow], self.rows[Pane.PODS])

    @property
    def network_policies(self) -> ByNamespace[PolicyRow]:
        return self.policies.network

    @property
    def services(self) -> ByNamespace[ServiceRow]:
        return cast(ByNamespace[ServiceRow], self.rows[Pane.SERVICES])

    def since(self, earlier: Catalogue) -> Catalogue:
        """The same with all changes since the catalogue before ``earlier``, which was never shown."""
        signs = {**self.changed, **earlier.changed}  # what is new does not become less so
        changed = {ref: sign for ref, sign in signs.items() if ref in self.position}
        changed |= dict.fromkeys(changed.keys() & earlier.gone, "~")
        return replace(
            self,
            changed=changed,
            gone=frozenset(ref for ref in self.gone | earlier.gone if ref not in self.position),
            touched=self.touched | earlier.touched,
        )

    def find(self, ref: Ref) -> Row | None:
        found = self.pods.find(ref) or self.services.find(ref)  # without counting those before it
        if found is not None:
            return found
        at = self.position.get(ref)
        return self.rows[at[0]][at[1]] if at else None


class Policies(NamedTuple):
    """The rows of the policies, in the order in which they decide."""

    admin: tuple[PolicyRow, ...]
    network: ByNamespace[PolicyRow]
    baseline: tuple[PolicyRow, ...]
    unevaluated: tuple[PolicyRow, ...]

    def rows(self) -> tuple[PolicyRow, ...]:
        return (*self.admin, *self.network, *self.baseline, *self.unevaluated)


class Positions(Mapping[Ref, tuple[Pane, int]]):
    """Where each object's row is: in which list, and where in it."""

    def __init__(
        self,
        namespaces: Sequence[Row],
        pods: ByNamespace[PodRow],
        services: ByNamespace[ServiceRow],
        policies: Sequence[Row],
        previous: Positions | None = None,
    ) -> None:
        self._pods, self._services = pods, services
        self._namespaces: _Numbered = _numbered(namespaces, previous._namespaces if previous else None)
        self._policies: _Numbered = _numbered(policies, previous._policies if previous else None)

    def __getitem__(self, ref: Ref) -> tuple[Pane, int]:
        if ref in self._namespaces.at:
            return Pane.NAMESPACES, self._namespaces.at[ref]
        if ref in self._policies.at:
            return Pane.POLICIES, self._policies.at[ref]
        if (position := self._services.position(ref)) is not None:
            return Pane.SERVICES, position
        if (position := self._pods.position(ref)) is not None:
            return Pane.PODS, position
        raise KeyError(ref)

    def __iter__(self) -> Iterator[Ref]:
        listed = chain(self._pods, self._services)
        return chain(self._namespaces.at, (row.ref for row in listed), self._policies.at)

    def __len__(self) -> int:
        listed = (self._namespaces.at, self._pods, self._services, self._policies.at)
        return sum(map(len, listed))


def _numbered(rows: Sequence[Row], previous: _Numbered | None) -> _Numbered:
    """The same where they are what they were."""
    if previous is not None and len(rows) == len(previous.rows):
        changed = compress(zip(previous.rows, rows, strict=True), map(is_not, previous.rows, rows))
        if all(before.ref == row.ref for before, row in changed):
            return _Numbered(rows, previous.at)
    return _Numbered(rows, {row.ref: position for position, row in enumerate(rows)})


class _Numbered(NamedTuple):
    rows: Sequence[Row]
    at: dict[Ref, int]


def _seen(
    differences: Mapping[Pane, Difference[Row]], previous: Catalogue
) -> tuple[dict[Ref, str], frozenset[Ref], frozenset[Pane]]:
    """What a person would see of it, and in which lists: of a namespace only itself, since its counts follow
    from the rest."""
    changed: dict[Ref, str] = {}
    gone: set[Ref] = set()
    touched = {Pane.NAMESPACES}
    for pane, differing in differences.items():
        seen = len(changed) + len(gone)
        for row in differing.new:
            before = previous.find(row.ref)
            if before is None:
                changed[row.ref] = "+"
            elif _shown(before) != _shown(row):
                changed[row.ref] = "~"
        gone.update({row.ref for row in differing.gone} - {row.ref for row in differing.new})
        if len(changed) + len(gone) > seen:
            touched.add(pane)
    return changed, frozenset(gone), frozenset(touched)


def _shown(row: Row) -> object:
    return row.namespace if isinstance(row, NamespaceRow) else row


def _told(rows: Iterable[PodRow]) -> Iterator[tuple[Pod, Isolation]]:
    return ((row.pod, row.isolation) for row in rows)


def _pods(evaluation: Evaluation, previous: Catalogue | None) -> ByNamespace[PodRow]:
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
    if asked is None:
        asked = {name: evaluation.index.sizes(name).keys() for name in pods.parts}
    parts: dict[str, Part[PodRow]] = {}
    for name in {*asked, *pods.differing(earlier)}:
        part, before = pods.of_namespace(name), rows.of_namespace(name)
        known = carried(earlier.of_namespace(name), before, part)
        listed = cast(list[PodRow], known.values)
        for position in known.new:
            listed[position] = pod_row(part[position], isolation.of(part[position]))
        for pod in (pod for number in asked.get(name, ()) for pod in evaluation.index.members(number)):
            position, state = part.at(pod.name, pod.kind), isolation.of(pod)
            if listed[position].isolation != state:
                listed[position] = pod_row(pod, state)
        if len(listed) != len(before) or any(map(is_not, listed, before)):
            parts[name] = Part(listed)
    return rows.with_parts(parts)


def _services(evaluation: Evaluation, previous: Catalogue | None) -> ByNamespace[ServiceRow]:
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
    names = {ref.namespace for ref in routing.touched}
    parts: dict[str, Part[ServiceRow]] = {}
    for name in {*names, *services.differing(earlier)}:
        part, before = services.of_namespace(name), rows.of_namespace(name)
        known = carried(earlier.of_namespace(name), before, part)
        listed = cast(list[ServiceRow], known.values)
        for position in known.new:
            listed[position] = service_row(evaluation, part[position])
        for ref in routing.touched:
            position = part.at(ref.name, ref.kind) if ref.namespace == name else -1
            if position >= 0:
                listed[position] = _counted_again(evaluation, listed[position])
        if len(listed) != len(before) or any(map(is_not, listed, before)):
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


def _network_policies(evaluation: Evaluation, previous: Catalogue | None) -> ByNamespace[PolicyRow]:
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
        if len(listed) != len(before) or any(map(is_not, listed, before)):
            parts[name] = Part(listed)
    return rows.with_parts(parts)


def _policies(
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


def _namespaces(
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
