"""What could not be read, or what an API server would refuse; with file and line."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from policy_core.model import Problem, Ref
from policy_core.printable import printable
from tui.columns import PROBLEM_COLUMNS
from tui.widgets.virtual_table import VirtualTable

__all__ = ["ProblemsScreen"]


class ProblemsScreen(ModalScreen[Problem | None]):
    """Dismissed with the problem that was chosen, if any. ``known`` are the objects that can be gone to."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape,exclamation_mark,q", "dismiss(None)", "close", key_display="esc", id="problems.close"
        ),
    ]

    def __init__(self, problems: Sequence[Problem], known: Container[Ref]) -> None:
        super().__init__()
        self._problems = problems
        self._known = known
        self._table: VirtualTable[Problem] = VirtualTable(PROBLEM_COLUMNS)
        self._whole = Static(id="problem")
        self._box = Vertical(id="problems")

    def compose(self) -> ComposeResult:
        with self._box:
            self._box.border_title = Content(f"Problems {len(self._problems):,}")
            self._box.border_subtitle = Content("esc closes")
            yield self._table
            yield self._whole

    def on_mount(self) -> None:
        self._table.empty_text = "everything could be read"
        self._table.set_rows(self._problems, key=id)
        self._table.set_order(range(len(self._problems)), 0)
        self._table.focus()
        if self._problems:
            self._tell(self._problems[0])

    @on(VirtualTable.RowHighlighted)
    def _row_highlighted(self, event: VirtualTable.RowHighlighted) -> None:
        self._tell(event.row)

    @on(VirtualTable.RowSelected)
    def _row_selected(self, event: VirtualTable.RowSelected) -> None:
        if self._leads_somewhere(event.row):
            self.dismiss(event.row)

    def _leads_somewhere(self, problem: Problem) -> bool:
        return problem.subject is not None and problem.subject in self._known

    def _tell(self, problem: Problem) -> None:
        self._whole.update(Content(printable(str(problem))))
        leads = "↵ shows the line" if self._leads_somewhere(problem) else "no object that could be shown"
        self._box.border_subtitle = Content(f"{leads} · esc closes")
