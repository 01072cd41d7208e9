"""What was read of a cluster, kind by kind: how much of it, how long ago, and what went wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from policy_core.coverage import Coverage, KindCoverage, KindState
from policy_core.details.coverage import state_text
from policy_core.health import Feed, Health, KindHealth
from policy_core.printable import printable
from policy_core.report.document import Role
from tui.freshness import age
from tui.widgets.table_column import CellText, Share, TableColumn
from tui.widgets.virtual_table import VirtualTable

__all__ = ["SourcesScreen"]

_FEEDS = {
    Feed.LISTING: ("reading", Role.UNKNOWN),
    Feed.LIVE: ("live", Role.ALLOW),
    Feed.LOST: ("not heard", Role.DENY),
    Feed.NONE: ("—", Role.MUTED),
}


_ROLES = {
    KindState.COMPLETE: Role.PLAIN,
    KindState.PARTIAL: Role.UNKNOWN,
    KindState.FORBIDDEN: Role.DENY,
    KindState.ABSENT: Role.MUTED,
    KindState.FAILED: Role.DENY,
}


@dataclass(frozen=True, slots=True)
class _Source:
    health: KindHealth
    state: str
    role: Role
    heard: str
    said: str


def _sources(health: Health, coverage: Coverage, now: float) -> list[_Source]:
    """Those that are served first, then those that are not installed."""
    found = []
    for kind in health.kinds:
        cover = coverage.get(kind.kind)
        whole = KindState.COMPLETE if cover is None else KindState.ABSENT
        state = cover.state if cover and cover.resource == kind.resource else whole
        where = ", ".join(sorted(cover.namespaces)) if cover else ""
        of = replace(cover, state=state) if cover else KindCoverage(kind.kind, kind.resource, state)
        text = "all of them" if state is KindState.COMPLETE else state_text(of)
        followed = kind.feed is not Feed.NONE and kind.heard
        said = kind.error or _said(state, where, cover.message if cover else "")
        found.append(_Source(kind, text, _ROLES[state], age(now - kind.heard) if followed else "—", said))
    return sorted(found, key=lambda source: source.role is Role.MUTED)


def _said(state: KindState, where: str, message: str) -> str:
    """In full what the table has no room for. ``message`` is the server's own."""
    if state is KindState.ABSENT:
        return "this cluster does not serve it, so there is none"
    parts = [f"read only in {where}"] if state is KindState.PARTIAL else []
    return "; ".join([*parts, *filter(None, [message])]) or "nothing went wrong with it"


def _feed(source: _Source) -> CellText:
    return _FEEDS[source.health.feed]


_COLUMNS: tuple[TableColumn[_Source], ...] = (
    TableColumn(
        "kind", "resource", lambda s: (s.health.resource, Role.NAME), Share(4, 14, 52), priority=9, name=True
    ),
    TableColumn("state", "may be read", lambda s: (s.state, s.role), Share(1, 13, 30), priority=8),
    TableColumn(
        "objects", "objects", lambda s: (f"{s.health.objects:,}", Role.PLAIN), 7, "right", priority=6
    ),
    TableColumn("feed", "feed", _feed, 9, priority=7),
    TableColumn("heard", "heard", lambda s: (s.heard, Role.PLAIN), 5, "right", priority=5),
)


class SourcesScreen(ModalScreen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,i,q", "dismiss(None)", "close", key_display="esc", id="sources.close"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._table: VirtualTable[_Source] = VirtualTable(_COLUMNS)
        self._said = Static(id="source")
        self._box = Vertical(id="sources")

    def compose(self) -> ComposeResult:
        with self._box:
            self._box.border_title = Content("What was read")
            self._box.border_subtitle = Content("esc closes")
            yield self._table
            yield self._said

    def on_mount(self) -> None:
        self._table.focus()

    def show(self, health: Health, coverage: Coverage, now: float) -> None:
        rows = _sources(health, coverage, now)
        self._table.set_rows(rows, key=lambda source: source.health.resource)
        self._tell(self._table.cursor_row)

    @on(VirtualTable.RowHighlighted)
    def _row_highlighted(self, event: VirtualTable.RowHighlighted) -> None:
        self._tell(event.row)

    def _tell(self, source: _Source | None) -> None:
        said = Content(printable(source.said) if source else "")
        if said != self._said.content:
            self._said.update(said)
