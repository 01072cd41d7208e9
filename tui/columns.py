"""What each list shows of its rows, and how it sorts: one pane class serves all four lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from policy_core.details.overview import NamespaceCounts
from policy_core.model import (
    Direction,
    NetworkPolicy,
    Problem,
    Severity,
    Tier,
    TieredPolicy,
    UnevaluatedPolicy,
)
from policy_core.openness import Openness
from policy_core.report.document import Role
from tui.choices import Choice
from tui.rows import NamespaceRow, Pane, PodRow, PolicyRow, Row, ServiceRow
from tui.widgets.table_column import CellText, Share, TableColumn, need
from tui.words import openness, pod_state, selects, service_ports, service_type, tier

__all__ = ["CHOICE_COLUMNS", "PROBLEM_COLUMNS", "columns", "measured", "next_sort", "sort_key"]

_ROLES: dict[Openness, Role] = {
    Openness.OPEN: Role.ALLOW,
    Openness.WIDE: Role.ALLOW,
    Openness.RESTRICTED: Role.PLAIN,
    Openness.CLOSED: Role.DENY,
    Openness.HOST: Role.UNKNOWN,
    Openness.FINISHED: Role.MUTED,
    Openness.UNSEEN: Role.UNKNOWN,
}


def _number(value: int) -> CellText:
    return (f"{value:,}", Role.PLAIN if value else Role.MUTED)


def _numbers(
    key: str, title: str, cell: Callable[[Any], CellText], width: int, priority: int
) -> TableColumn[Any]:
    """Of a number nothing may be cut off, so ``width`` is but the least one."""
    return TableColumn(key, title, cell, width, "right", priority, whole=True)


def _namespace(of: Callable[[Any], str]) -> TableColumn[Any]:
    """Two objects of one name are told apart by nothing else, so of all columns but the name it goes last."""
    return TableColumn(
        "namespace", "namespace", lambda row: (of(row), Role.MUTED), Share(2, 9, 16), priority=8, name=True
    )


# Namespaces -------------------------------------------------------------------------------------------------


def _namespace_name(row: NamespaceRow) -> CellText:
    return (row.counts.name, Role.NAME) if row.namespace else ("all namespaces", Role.PLAIN)


def _isolated(isolated: int, counts: NamespaceCounts) -> CellText:
    """The colour tells whether these are all of the pods that take part."""
    pods = counts.pods
    if "NetworkPolicy" in counts.unread or (not pods and "Pod" in counts.unread):
        return (f"{isolated:,}?" if isolated else "?", Role.UNKNOWN)
    if not pods:
        return ("—", Role.MUTED)
    return (f"{isolated:,}", Role.DENY if isolated == pods else Role.PLAIN if isolated else Role.ALLOW)


def _counted(value: int, row: NamespaceRow, kind: str) -> CellText:
    """With a mark where there may be more that could not be read."""
    if kind in row.counts.unread:
        return (f"{value:,}?" if value else "?", Role.UNKNOWN)
    return _number(value)


_NAMESPACES: tuple[TableColumn[NamespaceRow], ...] = (
    TableColumn("name", "namespace", _namespace_name, Share(1, 14), priority=9, name=True),
    _numbers("pods", "pods", lambda row: _counted(row.pods, row, "Pod"), 6, 8),
    _numbers("ingress", "←isol.", lambda row: _isolated(row.counts.isolated_ingress, row.counts), 6, 7),
    _numbers("egress", "→isol.", lambda row: _isolated(row.counts.isolated_egress, row.counts), 6, 6),
    _numbers("services", "svcs", lambda row: _counted(row.counts.services, row, "Service"), 5, 3),
    _numbers("policies", "pols", lambda row: _counted(row.policies, row, "NetworkPolicy"), 5, 4),
    _numbers("exposed", "exposed", lambda row: _counted(row.counts.exposed, row, "Service"), 7, 2),
)


# Pods -------------------------------------------------------------------------------------------------------


def _pod_name(row: PodRow) -> CellText:
    return (row.pod.name, Role.MUTED if row.pod.finished else Role.NAME)


def _isolation(row: PodRow) -> int:
    """Equal ones are shared: their identity is quicker to tell than their value."""
    return id(row.isolation)


def _open(
    key: str, title: str, direction: Direction, state: Callable[[PodRow], Openness]
) -> TableColumn[PodRow]:
    def cell(row: PodRow) -> CellText:
        uncertain = direction in row.isolation.doubts
        return (openness(state(row), uncertain), Role.UNKNOWN if uncertain else _ROLES[state(row)])

    return TableColumn(key, title, cell, Share(0, 4, 7), priority=7, whole=True, alike=_isolation)


def _state(row: PodRow) -> CellText:
    muted = row.pod.finished or row.pod.is_template
    return (pod_state(row.pod), Role.MUTED if muted else Role.PLAIN if row.pod.ready else Role.DENY)


_PODS: tuple[TableColumn[PodRow], ...] = (
    TableColumn("name", "pod", _pod_name, Share(3, 11), priority=9, name=True),
    _namespace(lambda row: row.pod.namespace),
    _open("ingress", "←in", Direction.INGRESS, lambda row: row.isolation.ingress),
    _open("egress", "→out", Direction.EGRESS, lambda row: row.isolation.egress),
    TableColumn(
        "ip",
        "address",
        lambda row: (", ".join(map(str, row.pod.ips)) or "—", Role.MUTED),
        Share(1, 15, 30),
        priority=1,
        extra=True,
    ),
    TableColumn("phase", "state", _state, 11, priority=4, extra=True),
    TableColumn(
        "node",
        "node",
        lambda row: (row.pod.node or "—", Role.MUTED),
        Share(1, 8, 20),
        priority=2,
        extra=True,
    ),
)


# Services ---------------------------------------------------------------------------------------------------


def _endpoints(row: ServiceRow) -> CellText:
    if row.service.type == "ExternalName":
        return ("—", Role.MUTED)
    return (f"{row.ready:,}/{row.endpoints:,}", Role.PLAIN if row.ready else Role.DENY)


_SERVICES: tuple[TableColumn[ServiceRow], ...] = (
    TableColumn(
        "name", "service", lambda row: (row.service.name, Role.NAME), Share(3, 11), priority=9, name=True
    ),
    _namespace(lambda row: row.service.namespace),
    TableColumn(
        "type", "type", lambda row: (service_type(row.service), Role.PLAIN), 12, priority=3, extra=True
    ),
    _numbers("endpoints", "ready", _endpoints, 5, 7),
    TableColumn(
        "ports", "ports", lambda row: (service_ports(row.service), Role.PORT), Share(2, 10, 30), priority=6
    ),
    TableColumn(
        "exposed",
        "outside",
        lambda row: ("exposed", Role.UNKNOWN) if row.exposed else ("", Role.PLAIN),
        7,
        priority=4,
        extra=True,
    ),
    TableColumn(
        "address",
        "address",
        lambda row: (", ".join(row.service.cluster_ips) or "—", Role.MUTED),
        Share(1, 15, 30),
        priority=2,
        extra=True,
    ),
)


# Policies ---------------------------------------------------------------------------------------------------


def _policy_name(row: PolicyRow) -> CellText:
    if isinstance(row.policy, UnevaluatedPolicy):
        return (f"? {row.ref.name}", Role.UNKNOWN)
    return (f"! {row.ref.name}", Role.DENY) if row.faulty else (row.ref.name, Role.NAME)


def _types(row: PolicyRow) -> CellText:
    match row.policy:
        case UnevaluatedPolicy():
            return ("?", Role.UNKNOWN)
        case NetworkPolicy(types=types):
            directions = [d for d in Direction if d in types]
        case TieredPolicy() as policy:
            directions = [d for d in Direction if policy.rules(d)]
    arrows = {Direction.INGRESS: "←", Direction.EGRESS: "→"}
    return (" ".join(arrows[d] for d in directions), Role.PLAIN)


def _tier(row: PolicyRow) -> CellText:
    return (tier(row.policy), Role.PLAIN)


def _priority(row: PolicyRow) -> CellText:
    if not isinstance(row.policy, TieredPolicy) or row.policy.priority is None:
        return ("", Role.PLAIN)
    return (str(row.policy.priority), Role.PLAIN)


def _selected(row: PolicyRow) -> CellText:
    if row.pods is None:
        return ("?", Role.UNKNOWN)
    return (f"{row.pods:,}", Role.PLAIN if row.pods else Role.DENY)


def _selector(row: PolicyRow) -> CellText:
    return (selects(row.policy), Role.UNKNOWN if isinstance(row.policy, UnevaluatedPolicy) else Role.MUTED)


_POLICIES: tuple[TableColumn[PolicyRow], ...] = (
    TableColumn("name", "policy", _policy_name, Share(3, 11), priority=9, name=True),
    _namespace(lambda row: row.ref.namespace or "cluster"),
    TableColumn("tier", "tier", _tier, 8, priority=6, sparse=True),
    TableColumn("priority", "prio", _priority, 4, "right", priority=4, sparse=True),
    TableColumn("types", "isol.", _types, 5, priority=5),
    _numbers("pods", "pods", _selected, 5, 7),
    TableColumn("selector", "selects", _selector, Share(2, 12, 36), priority=3, extra=True),
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


# What can be an end of a connection -------------------------------------------------------------------------

CHOICE_COLUMNS: tuple[TableColumn[Choice], ...] = (
    TableColumn("kind", "kind", lambda c: (c.kind, Role.MUTED), 11, priority=7),
    TableColumn("name", "name", lambda c: (c.name, Role.NAME), Share(3, 14, 48), priority=9, name=True),
    _namespace(lambda choice: choice.namespace),
    TableColumn(
        "facts",
        "",
        lambda c: (c.facts, Role.DENY if c.fault else Role.MUTED),
        Share(4, 20),
        priority=3,
    ),
)


# Sorting ----------------------------------------------------------------------------------------------------

_COLUMNS: dict[Pane, tuple[TableColumn[Any], ...]] = {
    Pane.NAMESPACES: _NAMESPACES,
    Pane.PODS: _PODS,
    Pane.SERVICES: _SERVICES,
    Pane.POLICIES: _POLICIES,
}

_OPENNESS = {state: rank for rank, state in enumerate(Openness)}

_BY_VALUE: dict[tuple[Pane, str], Callable[[Any], Any]] = {
    (Pane.NAMESPACES, "pods"): lambda row: row.pods,
    (Pane.NAMESPACES, "ingress"): lambda row: row.counts.isolated_ingress,
    (Pane.NAMESPACES, "egress"): lambda row: row.counts.isolated_egress,
    (Pane.NAMESPACES, "services"): lambda row: row.counts.services,
    (Pane.NAMESPACES, "policies"): lambda row: row.policies,
    (Pane.NAMESPACES, "exposed"): lambda row: row.counts.exposed,
    (Pane.PODS, "ingress"): lambda row: _OPENNESS[row.isolation.ingress],
    (Pane.PODS, "egress"): lambda row: _OPENNESS[row.isolation.egress],
    (Pane.PODS, "ip"): lambda row: [(ip.version, int(ip)) for ip in row.pod.ips],
    (Pane.SERVICES, "endpoints"): lambda row: (row.ready, row.endpoints),
    (Pane.SERVICES, "ports"): lambda row: [port.port for port in row.service.ports],
    (Pane.POLICIES, "tier"): lambda row: _rank(row)[:1],
    (Pane.POLICIES, "priority"): lambda row: _rank(row)[1:],
    (Pane.POLICIES, "pods"): lambda row: -1 if row.pods is None else row.pods,
}
"""Columns that sort by something else than their text."""


def _rank(row: PolicyRow) -> tuple[int, int]:
    """The place of its tier, and its priority in it; NetworkPolicies have none."""
    if isinstance(row.policy, TieredPolicy):
        return list(Tier).index(row.policy.tier), row.policy.priority or 0
    return (len(Tier) if isinstance(row.policy, UnevaluatedPolicy) else 1), -1


def columns(pane: Pane) -> tuple[TableColumn[Any], ...]:
    return _COLUMNS[pane]


def measured(rows: Mapping[Pane, Sequence[Row]]) -> dict[Pane, dict[str, int]]:
    """How wide these rows of each list want its columns to be, by the columns' keys."""
    return {
        pane: {column.key: need(column, here) for column in _COLUMNS[pane] if column.measured}
        for pane, here in rows.items()
    }


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
