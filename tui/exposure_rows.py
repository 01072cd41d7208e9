"""The rows of the list of exposed pods, what its columns show of them, and how it is narrowed and sorted."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from policy_core.details.exposure import Exposed
from policy_core.report.document import Role
from policy_core.report.exposure_words import (
    arrival_text,
    dialled_text,
    place_text,
    verdict_role,
    verdict_text,
)
from policy_core.verdict import Verdict
from tui.widgets.table_column import Share, TableColumn

__all__ = ["EXPOSURE_COLUMNS", "ExposureRow", "exposure_rows", "matching", "sorted_rows"]


@dataclass(frozen=True, slots=True, eq=False)
class ExposureRow:
    exposed: Exposed
    key: Hashable
    """Tells which row of before is which row now."""
    name: str
    dialled: str
    verdict: str
    haystack: str
    """What a filter looks through, in small letters."""


def exposure_rows(exposed: Iterable[Exposed]) -> list[ExposureRow]:
    return [_row(each) for each in exposed]


def _row(exposed: Exposed) -> ExposureRow:
    entrance = exposed.entrance
    name, dialled, verdict = exposed.subject.name, dialled_text(exposed), verdict_text(exposed, short=True)
    labels = exposed.pods[0].labels.items() if exposed.pods else ()
    every = [
        exposed.subject.path,
        *(pod.name for pod in exposed.pods),
        *(f"{key}={value}" for key, value in labels),
        entrance.way.value,
        str(entrance.by),
        dialled,
        place_text(exposed),
        *entrance.hosts,
        *entrance.addresses,
        str(exposed.target or ""),
        verdict,
        _WORDS[exposed.verdict],
    ]
    key = exposed.subject, entrance.way, entrance.by, entrance.gateway, entrance.ports, exposed.target, name
    return ExposureRow(exposed, key, name, dialled, verdict, "\n".join(every).lower())


_WORDS = {
    Verdict.ALLOW: "allow open",
    Verdict.DENY: "deny closed",
    Verdict.PARTIAL: "partial",
    Verdict.UNKNOWN: "unknown",
}

EXPOSURE_COLUMNS: tuple[TableColumn[ExposureRow], ...] = (
    TableColumn(
        "name", "exposed", lambda row: (row.name, Role.NAME), Share(3, 12, 44), priority=9, name=True
    ),
    TableColumn(
        "pods",
        "pods",
        lambda row: (f"{len(row.exposed.pods):,}", Role.PLAIN),
        5,
        "right",
        priority=2,
    ),
    TableColumn(
        "namespace",
        "namespace",
        lambda row: (row.exposed.subject.namespace, Role.MUTED),
        Share(2, 9, 18),
        priority=5,
        name=True,
    ),
    TableColumn("way", "by", lambda row: (row.exposed.way.value, Role.PLAIN), 12, priority=8),
    TableColumn(
        "dialled",
        "a client dials",
        lambda row: (row.dialled, Role.PLAIN),
        Share(4, 16, 60),
        priority=7,
        name=True,  # the port stands at the end
    ),
    TableColumn(
        "target", "→ port", lambda row: (arrival_text(row.exposed), Role.PORT), 6, "right", priority=4
    ),
    TableColumn(
        "verdict",
        "who gets in",
        lambda row: (row.verdict, verdict_role(row.exposed)),
        Share(4, 16, 44),
        priority=8,
        name=True,
    ),
)

_BY_VALUE: dict[str, Callable[[ExposureRow], Any]] = {
    "pods": lambda row: len(row.exposed.pods),
    "target": lambda row: row.exposed.target or 0,
    "verdict": lambda row: (list(Verdict).index(row.exposed.verdict), row.verdict),
}


def matching(rows: Sequence[ExposureRow], query: str) -> list[int]:
    """The positions of those that have every word of ``query``."""
    words = query.lower().split()
    return [at for at, row in enumerate(rows) if all(word in row.haystack for word in words)]


def sorted_rows(rows: Sequence[ExposureRow], order: list[int], column: str, reverse: bool) -> list[int]:
    """No column: the order of the rows, by namespace and name."""
    if not column:
        return order[::-1] if reverse else order
    rank = _BY_VALUE.get(column) or _by_text(column)
    return sorted(order, key=lambda at: rank(rows[at]), reverse=reverse)


def _by_text(column: str) -> Callable[[ExposureRow], Any]:
    cell = next(each.cell for each in EXPOSURE_COLUMNS if each.key == column)
    return lambda row: cell(row)[0]
