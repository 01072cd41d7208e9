"""The rows of the four lists, computed once for what was read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import chain, compress
from operator import is_not
from typing import Any, NamedTuple, cast

from policy_core.details.overview import PodCounts
from policy_core.evaluation import Evaluation
from policy_core.isolation import Isolation
from policy_core.model import Pod, Ref
from policy_core.parts import ByNamespace
from policy_core.renewal import Difference, difference
from tui.renewed_rows import (
    Policies,
    namespaces_of,
    network_policies_of,
    pods_of,
    policies_of,
    services_of,
)
from tui.rows import (
    ALL_NAMESPACES,
    NamespaceRow,
    Pane,
    PodRow,
    PolicyRow,
    Row,
    ServiceRow,
)

__all__ = ["ALL_NAMESPACES", "Catalogue", "NamespaceRow", "Pane", "PodRow", "PolicyRow", "Row", "ServiceRow"]


Widths = Mapping[Pane, Mapping[str, int]]
"""Of columns, by their keys."""


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
    widths: Widths = field(default_factory=dict)
    """How wide the rows that are new or different want the columns to be; empty: that was not measured."""

    @classmethod
    def of(
        cls,
        evaluation: Evaluation,
        previous: Catalogue | None = None,
        measure: Callable[[Mapping[Pane, Sequence[Row]]], Widths] = lambda rows: {},
    ) -> Catalogue:
        """``previous`` is what the same cluster was like before (see :mod:`policy_core.renewal`); ``measure``
        tells how wide rows want the columns to be."""
        snapshot = evaluation.snapshot
        # What could not be read makes a difference everywhere.
        same_coverage = previous is not None and previous.evaluation.snapshot.coverage == snapshot.coverage
        known = previous if same_coverage else None
        pods = pods_of(evaluation, known)
        changes = pods.since(previous.pods if previous else ByNamespace[PodRow]({}))
        pod_counts = (previous.pod_counts if previous else PodCounts()).after(*map(_told, changes))
        services = services_of(evaluation, known)
        network = network_policies_of(evaluation, known)
        policies = policies_of(evaluation, known, network, changes)
        if previous is not None and policies == previous.policies:
            policies = previous.policies
        listed = (
            previous.rows[Pane.POLICIES] if previous and policies is previous.policies else policies.rows()
        )
        namespaces = tuple(namespaces_of(evaluation, known, pods, services, pod_counts))
        rows: dict[Pane, Sequence[Row]] = {
            Pane.NAMESPACES: namespaces,
            Pane.PODS: pods,
            Pane.SERVICES: services,
            Pane.POLICIES: listed,
        }
        position = Positions(namespaces, pods, services, listed, previous.position if previous else None)
        if previous is None:
            return cls(evaluation, rows, position, pod_counts, policies, widths=measure(rows))
        differences: dict[Pane, Difference[Any]] = {
            Pane.NAMESPACES: difference(previous.rows[Pane.NAMESPACES], namespaces),
            Pane.PODS: changes,
            Pane.SERVICES: services.since(previous.services),
            Pane.POLICIES: difference(previous.rows[Pane.POLICIES], listed),
        }
        widths = measure({pane: differing.new for pane, differing in differences.items()})
        seen = _seen(differences, previous)
        return cls(evaluation, rows, position, pod_counts, policies, *seen, widths)

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
            widths={
                pane: _widest(widths, earlier.widths[pane])
                for pane, widths in self.widths.items()
                if pane in earlier.widths
            },
        )

    def find(self, ref: Ref) -> Row | None:
        found = self.pods.find(ref) or self.services.find(ref)  # without counting those before it
        if found is not None:
            return found
        at = self.position.get(ref)
        return self.rows[at[0]][at[1]] if at else None


def _widest(one: Mapping[str, int], other: Mapping[str, int]) -> Mapping[str, int]:
    """Of the same columns."""
    return {key: max(width, other[key]) for key, width in one.items()}


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

    def places(self, refs: Set[Ref]) -> dict[Pane, frozenset[int]]:
        """Where in each list those of ``refs`` are that are in one."""
        namespaces, policies = self._namespaces.at, self._policies.at
        return {
            Pane.NAMESPACES: frozenset(namespaces[ref] for ref in namespaces.keys() & refs),
            Pane.POLICIES: frozenset(policies[ref] for ref in policies.keys() & refs),
            Pane.PODS: frozenset(self._pods.positions(refs)),
            Pane.SERVICES: frozenset(self._services.positions(refs)),
        }

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
