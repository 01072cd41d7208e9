"""A list of pods in an application of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from textual.pilot import Pilot

from policy_core.report.document import Role
from tests.pilot.harness import Harness, open_harness
from tui.widgets.virtual_table import Share, TableColumn, VirtualTable

__all__ = ["COLUMNS", "Pod", "cursor_name", "names", "numbered", "opened", "pods"]


@dataclass(frozen=True)
class Pod:
    name: str
    node: str = "node-1"
    state: str = "open"


COLUMNS: tuple[TableColumn[Pod], ...] = (
    TableColumn("name", "pod", lambda pod: (pod.name, Role.NAME), Share(2, 8), priority=9),
    TableColumn("state", "state", lambda pod: (pod.state, Role.ALLOW), 6, priority=5),
    TableColumn("node", "node", lambda pod: (pod.node, Role.MUTED), Share(1, 6), "right", priority=1),
)


def pods(*names: str) -> list[Pod]:
    return [Pod(name) for name in names]


def numbered(count: int) -> list[Pod]:
    return [Pod(f"pod-{number}") for number in range(count)]


@asynccontextmanager
async def opened(
    rows: Sequence[Pod], size: tuple[int, int] = (60, 12), *others: Any
) -> AsyncIterator[tuple[VirtualTable[Pod], Harness, Pilot[None]]]:
    table = VirtualTable(COLUMNS)
    async with open_harness(table, *others, size=size) as (app, pilot):
        table.set_rows(rows, key=lambda pod: pod.name)
        await pilot.pause()
        yield table, app, pilot


def names(app: Harness) -> list[str]:
    """The first cells of the rows on screen."""
    return [line[3:].split("  ")[0].strip() for line in app.lines()[1:] if line]


def cursor_name(table: VirtualTable[Pod]) -> str | None:
    return table.cursor_row.name if table.cursor_row else None
