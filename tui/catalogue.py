"""The rows of the four lists, computed once for what was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import cast

from policy_core.details.overview import PodCounts, counted
from policy_core.evaluation import Evaluation
from policy_core.isolation import Isolation, isolations, unsettled
from policy_core.model import NetworkPolicy, Pod, Ref, Tier, TieredPolicy, UnevaluatedPolicy
from policy_core.renewal import Difference, carried, difference
from policy_core.snapshot import Snapshot
from tui.rows import (
    ALL_NAMESPACES,
    NamespaceRow,
    Pane,
    PodRow,
    PolicyRow,
    Row,
    ServiceRow,
    namespace_rows,
    pod_row,
    policy_row,
    service_row,
)

__all__ = ["ALL_NAMESPACES", "Catalogue", "NamespaceRow", "Pane", "PodRow", "PolicyRow", "Row", "ServiceRow"]


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """Rows by list, in the order of the snapshot: by namespace and name."""

    evaluation: Evaluation
    rows: dict[Pane, tuple[Row, ...]]
    position: dict[Ref, tuple[Pane, int]]
    """Where each object's row is."""
    pod_counts: PodCounts
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
        pods = tuple(_pods(evaluation, known))
        changes = difference(previous.rows[Pane.PODS] if previous else (), pods)
        pod_counts = (previous.pod_counts if previous else PodCounts()).after(*map(_told, changes))
        services = tuple(_services(evaluation, known))
        exposed = Counter(row.service.namespace for row in services if row.exposed)
        rows: dict[Pane, tuple[Row, ...]] = {
            Pane.NAMESPACES: tuple(namespace_rows(snapshot, counted(snapshot, pod_counts, exposed))),
            Pane.PODS: pods,
            Pane.SERVICES: services,
            Pane.POLICIES: tuple(_policies(evaluation, known, changes)),
        }
        if previous is None:
            return cls(evaluation, rows, _positions(rows), pod_counts)
        differences: dict[Pane, Difference[Row]] = {
            p: difference(previous.rows[p], rows[p]) for p in Pane if p is not Pane.PODS
        }
        differences[Pane.PODS] = changes
        changed, gone, touched = _seen(differences, previous)
        same_order = not gone and "+" not in changed.values()
        position = previous.position if same_order else _positions(rows)
        return cls(evaluation, rows, position, pod_counts, changed, gone, touched)

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


def _positions(rows: Mapping[Pane, Sequence[Row]]) -> dict[Ref, tuple[Pane, int]]:
    found: dict[Ref, tuple[Pane, int]] = {}
    for pane, listed in rows.items():
        places = zip([pane] * len(listed), range(len(listed)), strict=True)
        found.update(zip(map(attrgetter("ref"), listed), places, strict=True))
    return found


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


def _told(rows: Iterable[Row]) -> Iterator[tuple[Pod, Isolation]]:
    return ((row.pod, row.isolation) for row in rows if isinstance(row, PodRow))


def _pods(evaluation: Evaluation, previous: Catalogue | None) -> list[PodRow]:
    pods = evaluation.snapshot.pods
    if previous is None:
        states = isolations(evaluation)
        return [pod_row(pod, states[pod.ref]) for pod in pods]
    before = cast(tuple[PodRow, ...], previous.rows[Pane.PODS])
    rows = carried(previous.evaluation.snapshot.pods, before, pods)
    new = [pod for pod, row in zip(pods, rows, strict=True) if row is None]
    asked = unsettled(evaluation, previous.evaluation)
    doubted = set(map(id, asked))
    states = isolations(evaluation, [*new, *asked])
    return [
        row
        if row is not None and (id(pod) not in doubted or states[row.ref] == row.isolation)
        else pod_row(pod, states[pod.ref])
        for pod, row in zip(pods, rows, strict=True)
    ]


def _services(evaluation: Evaluation, previous: Catalogue | None) -> Iterator[ServiceRow]:
    services, routing = evaluation.snapshot.services, evaluation.routing
    if previous is None or not _same_routes(evaluation, previous.evaluation):
        yield from (service_row(evaluation, service) for service in services)
        return
    earlier = previous.evaluation.routing
    before = cast(tuple[ServiceRow, ...], previous.rows[Pane.SERVICES])
    rows = carried(earlier.snapshot.services, before, services)
    for service, row in zip(services, rows, strict=True):
        if row is None:
            yield service_row(evaluation, service)
            continue
        backends = routing.backends(service)
        if backends is earlier.backends(service):
            yield row
        else:
            ready = sum(backend.ready for backend in backends)
            yield replace(row, ready=ready, endpoints=len(backends))


def _same_routes(one: Evaluation, other: Evaluation) -> bool:
    """Whether they expose the same Service in the same way."""
    return _leading_in(one.snapshot) == _leading_in(other.snapshot)


def _leading_in(snapshot: Snapshot) -> object:
    # Listeners of Gateways may ask for labels of namespaces.
    namespaces = snapshot.namespaces if snapshot.gateways else None
    classes = snapshot.gateway_classes if snapshot.gateways else None
    return snapshot.routes, snapshot.reference_grants, snapshot.gateways, classes, namespaces


def _policies(
    evaluation: Evaluation, previous: Catalogue | None, changes: Difference[Row]
) -> Iterator[PolicyRow]:
    """Those of the tiers where they decide, around the NetworkPolicies. One of these selects pods of its own
    namespace only: where none of those has changed it has the same."""
    snapshot, index = evaluation.snapshot, evaluation.index
    policies = _in_order(snapshot)
    rows: Sequence[PolicyRow | None] = [None] * len(policies)
    if previous is not None:
        earlier = previous.evaluation.snapshot
        before = cast(tuple[PolicyRow, ...], previous.rows[Pane.POLICIES])
        rows = carried(_in_order(earlier), before, policies)
    touched = {row.ref.namespace for row in (*changes.gone, *changes.new)}
    faulty = {problem.subject for problem in snapshot.problems}
    for policy, row in zip(policies, rows, strict=True):
        pods: int | None = None
        if isinstance(policy, NetworkPolicy):
            same = row is not None and policy.namespace not in touched
            pods = row.pods if row is not None and same else index.count(index.subjects(policy))
        elif isinstance(policy, TieredPolicy):
            certain, possible = index.peer_pods(policy.subject, "")
            pods = index.count(certain | possible)
        doubtful = (policy.ref if row is None else row.ref) in faulty
        if row is not None and (row.pods, row.faulty) == (pods, doubtful):
            yield row
        else:
            yield policy_row(policy, pods, doubtful)


def _in_order(snapshot: Snapshot) -> tuple[NetworkPolicy | TieredPolicy | UnevaluatedPolicy, ...]:
    def of(tier: Tier) -> list[TieredPolicy]:
        found = (policy for policy in snapshot.tiered_policies if policy.tier is tier)
        return sorted(found, key=lambda policy: (policy.priority or 0, policy.name, policy.kind))

    return (*of(Tier.ADMIN), *snapshot.network_policies, *of(Tier.BASELINE), *snapshot.unevaluated)
