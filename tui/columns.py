"""What each list shows of its rows, and how it sorts: one pane class serves all four lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from policy_core.isolation import Openness
from policy_core.model import Direction, NetworkPolicy, Problem, Service, Severity
from policy_core.report.document import Role
from tui.catalogue import NamespaceRow, Pane, PodRow, PolicyRow, ServiceRow
from tui.widgets.table_column import CellText, Share, TableColumn

__all__ = ["PROBLEM_COLUMNS", "columns", "next_sort", "sort_key"]

_OPENNESS: dict[Openness, CellText] = {
    Openness.OPEN: ("open", Role.ALLOW),
    Openness.WIDE: ("any", Role.ALLOW),
    Openness.RESTRICTED: ("rules", Role.PLAIN),
    Openness.CLOSED: ("shut", Role.DENY),
    Openness.HOST: ("host", Role.UNKNOWN),
    Openness.FINISHED: ("—", Role.MUTED),
}
"""The state of one direction in a word; the help page explains them."""


def _number(value: int) -> CellText:
    return (f"{value:,}", Role.PLAIN if value else Role.MUTED)


# Namespaces -------------------------------------------------------------------------------------------------


def _namespace_name(row: NamespaceRow) -> CellText:
    return (row.counts.name, Role.NAME) if row.namespace else ("all namespaces", Role.PLAIN)


def _isolated(isolated: int, pods: int) -> CellText:
    if not pods:
        return ("—", Role.MUTED)
    return (f"{isolated}/{pods}", Role.DENY if isolated == pods else Role.PLAIN if isolated else Role.ALLOW)


_NAMESPACES: tuple[TableColumn[NamespaceRow], ...] = (
    TableColumn("name", "namespace", _namespace_name, Share(1, 15), priority=9),
    TableColumn("pods", "pods", lambda row: _number(row.counts.pods), 6, "right", 8),
    TableColumn(
        "ingress", "←isol.", lambda r: _isolated(r.counts.isolated_ingress, r.counts.pods), 6, "right", 7
    ),
    TableColumn(
        "egress", "→isol.", lambda r: _isolated(r.counts.isolated_egress, r.counts.pods), 6, "right", 6
    ),
    TableColumn("services", "svcs", lambda row: _number(row.counts.services), 5, "right", 3),
    TableColumn("policies", "pols", lambda row: _number(row.counts.policies), 5, "right", 4),
    TableColumn("exposed", "exposed", lambda row: _number(row.counts.exposed), 7, "right", 2),
)


# Pods -------------------------------------------------------------------------------------------------------


def _openness(row: PodRow, direction: Direction) -> CellText:
    state = row.isolation.ingress if direction is Direction.INGRESS else row.isolation.egress
    text, role = _OPENNESS[state]
    # With an object that is not evaluated in play, nothing is plainly so.
    return (f"{text}?", Role.UNKNOWN) if row.isolation.uncertain else (text, role)


def _phase(row: PodRow) -> CellText:
    if row.pod.is_template:
        return (row.pod.kind, Role.MUTED)
    if not row.pod.ready and not row.pod.finished:
        return ("not ready", Role.DENY)
    return (row.pod.phase or "—", Role.MUTED if row.pod.finished else Role.PLAIN)


_PODS: tuple[TableColumn[PodRow], ...] = (
    TableColumn("name", "pod", lambda row: (row.pod.name, _name_role(row)), Share(3, 14), priority=9),
    TableColumn(
        "namespace", "namespace", lambda row: (row.pod.namespace, Role.MUTED), Share(1, 9, 16), priority=6
    ),
    TableColumn("ingress", "←in", lambda row: _openness(row, Direction.INGRESS), 6, priority=8),
    TableColumn("egress", "→out", lambda row: _openness(row, Direction.EGRESS), 6, priority=8),
    TableColumn(
        "ip",
        "address",
        lambda row: (", ".join(map(str, row.pod.ips)) or "—", Role.MUTED),
        Share(1, 20, 30),
        priority=3,
    ),
    TableColumn("phase", "state", _phase, 11, priority=4),
    TableColumn("node", "node", lambda row: (row.pod.node or "—", Role.MUTED), Share(1, 8, 20), priority=2),
)


def _name_role(row: PodRow) -> Role:
    return Role.MUTED if row.pod.finished else Role.NAME


# Services ---------------------------------------------------------------------------------------------------


def _ports(service: Service) -> str:
    shown = []
    for port in service.ports:
        target = "" if port.target == port.port else f"→{port.target}"
        shown.append(f"{port.port}{target}" + ("" if port.protocol == "TCP" else f"/{port.protocol}"))
    return " ".join(shown) or "—"


def _endpoints(row: ServiceRow) -> CellText:
    if row.service.type == "ExternalName":
        return ("—", Role.MUTED)
    return (f"{row.ready}/{row.endpoints}", Role.PLAIN if row.ready else Role.DENY)


def _type(row: ServiceRow) -> CellText:
    return ("headless" if row.service.headless else row.service.type, Role.PLAIN)


_SERVICES: tuple[TableColumn[ServiceRow], ...] = (
    TableColumn("name", "service", lambda row: (row.service.name, Role.NAME), Share(3, 12), priority=9),
    TableColumn(
        "namespace", "namespace", lambda row: (row.service.namespace, Role.MUTED), Share(1, 9, 16), priority=7
    ),
    TableColumn("type", "type", _type, 12, priority=5),
    TableColumn("endpoints", "ready", _endpoints, 5, "right", 8),
    TableColumn("ports", "ports", lambda row: (_ports(row.service), Role.PORT), Share(2, 10, 30), priority=7),
    TableColumn(
        "exposed",
        "outside",
        lambda row: ("exposed", Role.UNKNOWN) if row.exposed else ("", Role.PLAIN),
        7,
        priority=4,
    ),
    TableColumn(
        "address",
        "address",
        lambda row: (", ".join(row.service.cluster_ips) or "—", Role.MUTED),
        Share(1, 11, 30),
        priority=2,
    ),
)


# Policies ---------------------------------------------------------------------------------------------------


def _policy_name(row: PolicyRow) -> CellText:
    if not isinstance(row.policy, NetworkPolicy):
        return (f"? {row.ref.name}", Role.UNKNOWN)
    return (f"! {row.ref.name}", Role.DENY) if row.faulty else (row.ref.name, Role.NAME)


def _types(row: PolicyRow) -> CellText:
    if not isinstance(row.policy, NetworkPolicy):
        return ("?", Role.UNKNOWN)
    arrows = {Direction.INGRESS: "←in", Direction.EGRESS: "→out"}
    return (" ".join(arrows[d] for d in Direction if d in row.policy.types), Role.PLAIN)


def _selected(row: PolicyRow) -> CellText:
    if row.pods is None:
        return ("?", Role.UNKNOWN)
    return (f"{row.pods:,}", Role.PLAIN if row.pods else Role.DENY)


def _selector(row: PolicyRow) -> CellText:
    if not isinstance(row.policy, NetworkPolicy):
        return (f"{row.policy.kind}, not evaluated", Role.UNKNOWN)
    return (str(row.policy.pod_selector) or "every pod", Role.MUTED)


_POLICIES: tuple[TableColumn[PolicyRow], ...] = (
    TableColumn("name", "policy", _policy_name, Share(3, 14), priority=9),
    TableColumn(
        "namespace",
        "namespace",
        lambda row: (row.ref.namespace or "cluster", Role.MUTED),
        Share(1, 9, 16),
        priority=5,
    ),
    TableColumn("types", "isolates", _types, 8, priority=7),
    TableColumn("pods", "pods", _selected, 5, "right", 8),
    TableColumn("selector", "selects", _selector, Share(2, 12, 36), priority=3),
)


# Problems ---------------------------------------------------------------------------------------------------

PROBLEM_COLUMNS: tuple[TableColumn[Problem], ...] = (
    TableColumn(
        "severity",
        "",
        lambda p: (p.severity.value, Role.DENY if p.severity is Severity.ERROR else Role.UNKNOWN),
        7,
        priority=8,
    ),
    TableColumn("where", "where", lambda p: (p.where, Role.NAME), Share(1, 16, 36), priority=7),
    TableColumn(
        "what",
        "what",
        lambda p: (f"{p.field}: {p.message}" if p.field else p.message, Role.PLAIN),
        Share(3, 20),
        priority=9,
    ),
)


# Sorting ----------------------------------------------------------------------------------------------------

_COLUMNS: dict[Pane, tuple[TableColumn[Any], ...]] = {
    Pane.NAMESPACES: _NAMESPACES,
    Pane.PODS: _PODS,
    Pane.SERVICES: _SERVICES,
    Pane.POLICIES: _POLICIES,
}

_BY_VALUE: dict[tuple[Pane, str], Callable[[Any], Any]] = {
    (Pane.NAMESPACES, "pods"): lambda row: row.counts.pods,
    (Pane.NAMESPACES, "ingress"): lambda row: row.counts.isolated_ingress,
    (Pane.NAMESPACES, "egress"): lambda row: row.counts.isolated_egress,
    (Pane.NAMESPACES, "services"): lambda row: row.counts.services,
    (Pane.NAMESPACES, "policies"): lambda row: row.counts.policies,
    (Pane.NAMESPACES, "exposed"): lambda row: row.counts.exposed,
    (Pane.PODS, "ingress"): lambda row: list(Openness).index(row.isolation.ingress),
    (Pane.PODS, "egress"): lambda row: list(Openness).index(row.isolation.egress),
    (Pane.PODS, "ip"): lambda row: [(ip.version, int(ip)) for ip in row.pod.ips],
    (Pane.SERVICES, "endpoints"): lambda row: (row.ready, row.endpoints),
    (Pane.SERVICES, "ports"): lambda row: [port.port for port in row.service.ports],
    (Pane.POLICIES, "pods"): lambda row: -1 if row.pods is None else row.pods,
}
"""Columns that sort by something else than their text."""


def columns(pane: Pane) -> tuple[TableColumn[Any], ...]:
    return _COLUMNS[pane]


def sort_key(pane: Pane, column: str) -> Callable[[Any], Any] | None:
    """A row's rank by a column; None for no column: the order of the snapshot."""
    if not column:
        return None
    by_value = _BY_VALUE.get((pane, column))
    if by_value is not None:
        return by_value
    cell = next(each.cell for each in _COLUMNS[pane] if each.key == column)
    return lambda row: cell(row)[0]


def next_sort(shown: Sequence[str], column: str) -> str:
    """The column to sort by after ``column``, of those that are ``shown``; after the last one none, and so
    round."""
    keys = ["", *shown]
    return keys[(keys.index(column) + 1) % len(keys)] if column in keys else ""
