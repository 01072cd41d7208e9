"""Who may connect to whom: a grid of namespaces, and behind each of its cells one of workloads."""

from __future__ import annotations

from collections.abc import Sized
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.widgets import Footer, Input, Static

from policy_core.connectivity import connectivity
from policy_core.evaluation import Evaluation
from policy_core.printable import printable
from policy_core.report.document import Link
from policy_core.report.ticket import ticket
from policy_core.report.words import count
from tui.matrix_documents import cell_document, cell_title, grid_document
from tui.matrix_grids import LEGEND, Grid, WorkloadGrid
from tui.matrix_state import MatrixState
from tui.pictures import picture_name
from tui.screens.explanation import ExplanationScreen
from tui.terminal import clipboard_caveat
from tui.widgets.filter_input import FilterBar, FilterInput
from tui.widgets.matrix_grid import MatrixGrid

__all__ = ["MatrixScreen"]


_KEYS = (
    ("↑ ↓ ← →", "move from cell to cell; pgup, pgdn, ctrl+← and ctrl+→ by a screen"),
    ("enter", "from namespaces to their workloads, and from those to what decides"),
    ("/", "narrow it: web > db keeps sources with web and destinations with db in their names"),
    ("esc", "one step out: of the filter, the workloads, the matrix"),
    ("c", "copy what is shown as a Markdown table"),
    ("m", "back to the explorer"),
    ("12%", "how many of the pairs of workloads have some port open"),
    ("3306 +1", "the port that is open, and how many more stretches of ports are"),
    ("—", "one pod with itself: policy has no say"),
)


class MatrixScreen(Screen[Link | None]):
    """Dismissed with what to look at in the explorer, if anything. ``namespace``: where the cursor starts."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "filter", key_display="/", id="matrix.filter"),
        Binding("c", "copy", "copy", id="matrix.copy"),
        Binding("ctrl+s", "picture", "picture", show=False, id="matrix.picture"),
        Binding("question_mark,f1", "help", "help", key_display="?", id="matrix.help"),
        Binding("escape", "leave", "back", key_display="esc", id="matrix.leave"),
        Binding("m", "dismiss(None)", "explorer", id="matrix.close"),
        Binding("q", "quit", "quit", id="matrix.quit"),
    ]
    AUTO_FOCUS = "MatrixGrid"

    class Computed(Message):
        """The matrix has been worked out."""

        def __init__(self, state: MatrixState) -> None:
            super().__init__()
            self.state = state

    def __init__(self, evaluation: Evaluation, namespace: str) -> None:
        super().__init__()
        self.state: MatrixState | None = None
        """None until the matrix has been worked out."""
        self._evaluation = evaluation
        self._namespace = namespace
        self._where = Static(id="matrix-where")
        self._grid = MatrixGrid()
        self._legend = Static(id="matrix-legend")
        self._sentence = Static(id="matrix-sentence")
        self._filter = FilterBar()

    def compose(self) -> ComposeResult:
        yield self._where
        yield self._grid
        yield self._filter
        yield self._legend
        yield self._sentence
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self._filter.input.placeholder = "sources > destinations, as: web > db"
        self._where.update(_place(self._evaluation.snapshot.title, "working it out…", ""))
        self._legend.update(_legend())
        self._work_out()

    @work(thread=True)
    def _work_out(self) -> None:
        self.post_message(self.Computed(MatrixState(connectivity(self._evaluation))))

    @on(Computed)
    def _computed(self, message: Computed) -> None:
        self.state = message.state
        self.state.start_at(self._namespace)
        self._show()

    def _show(self) -> None:
        if self.state is None:
            return
        view, cell = self.state.view, self.state.view.cell
        counted = (
            f"{_of(view.rows, view.grid.rows, 'source')} × "
            f"{_of(view.columns, view.grid.columns, 'destination')}"
        )
        self._where.update(_place(self._evaluation.snapshot.title, view.title, counted))
        self._sentence.update(_told(view.grid, cell) if cell else Content(""))
        self._filter.set_class(bool(view.query) or self._filter.input.has_focus, "-shown")
        self._grid.show(view)

    # What the person did --------------------------------------------------------------------------------

    @on(MatrixGrid.Moved)
    def _moved(self, message: MatrixGrid.Moved) -> None:
        if self.state is not None:
            self.state.view.move(message.rows, message.columns)
            self._show()

    @on(MatrixGrid.Opened)
    def _opened(self) -> None:
        """Further in: from namespaces to workloads, from those to what decided."""
        if self.state is None or self.state.view.cell is None:
            return
        grid = self.state.view.grid
        if isinstance(grid, WorkloadGrid):
            self.open_explanation(grid, *self.state.view.cell)
        elif self.state.go_down():
            self._take_query()
            self._show()

    def open_explanation(self, grid: WorkloadGrid, row: int, column: int) -> None:
        """Explain what two workloads have to do with each other."""
        title = cell_title(grid, row, column)
        document = cell_document(self._evaluation, grid, row, column)
        self.app.push_screen(ExplanationScreen(title, document), self._explained)

    def _explained(self, link: Link | None) -> None:
        if link is not None:
            self.dismiss(link)

    @on(Input.Changed)
    def _query_changed(self, event: Input.Changed) -> None:
        if self.state is not None:
            self.state.view.filter(event.value)
            self._show()

    @on(Input.Submitted)
    def _query_entered(self) -> None:
        self._grid.focus()
        self.call_after_refresh(self._show)

    @on(FilterInput.Dropped)
    def _query_dropped(self) -> None:
        self._filter.input.value = ""
        self._query_entered()

    @on(FilterInput.Moved)
    def _moved_while_typing(self, event: FilterInput.Moved) -> None:
        if self.state is not None:
            self.state.view.move(event.by, 0)
            self._show()

    def _take_query(self) -> None:
        """Another grid is shown, with a filter of its own."""
        if self.state is not None:
            with self.prevent(Input.Changed):
                self._filter.input.value = self.state.view.query

    # Actions --------------------------------------------------------------------------------------------

    def action_filter(self) -> None:
        self._filter.add_class("-shown")
        self._filter.input.focus()

    def action_leave(self) -> None:
        """One step out: of the filter, of the workloads, of the matrix."""
        if self.state is not None and self.state.view.query:
            self._query_dropped()
        elif self.state is not None and self.state.go_up():
            self._take_query()
            self._show()
        else:
            self.dismiss(None)

    def action_copy(self) -> None:
        if self.state is None:
            return
        view = self.state.view
        title = f"Connectivity: {view.title}"
        self.app.copy_to_clipboard(ticket(self._evaluation.snapshot, title, grid_document(view)))
        self._tell(f"{title}: sent as Markdown to your terminal's clipboard{clipboard_caveat()}")

    def action_picture(self) -> None:
        title = f"matrix {self.state.view.title}" if self.state else "matrix"
        try:
            path = self.app.save_screenshot(picture_name(title), path=".")
        except OSError as error:
            self._tell(f"the picture could not be saved: {error}", "error")
        else:
            self._tell(f"saved {Path(path).resolve()}")

    def action_help(self) -> None:
        from tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(("In the matrix", _KEYS)))

    def action_quit(self) -> None:
        self.app.exit()

    def _tell(self, text: str, severity: SeverityLevel = "information") -> None:
        self.notify(printable(text), severity=severity, markup=False, timeout=4)


def _place(source: str, title: str, counted: str) -> Content:
    return Content("").join(
        [
            Content.styled("Matrix", "bold"),
            Content(f"  {printable(source)}"),
            Content.styled(" › ", "dim") + Content(printable(title)),
            Content.styled(f"   {counted}", "dim"),
        ]
    )


def _of(shown: Sized, every: Sized, noun: str) -> str:
    """``7 sources``, ``2 of 7 sources``."""
    some = f"{len(shown):,} of " if len(shown) != len(every) else ""
    return some + count(len(every), noun)


def _told(grid: Grid, cell: tuple[int, int]) -> Content:
    """The cell in a sentence, and below it what enter does."""
    hint = (
        "↵ tells what decides"
        if isinstance(grid, WorkloadGrid)
        else "↵ shows the workloads"
        if any(cell)
        else ""
    )
    return Content(f"{printable(grid.sentence(*cell))}\n") + Content.styled(hint, "dim")


def _legend() -> Content:
    """What the signs mean, in the colours that they have in the grid."""
    said = [Content.styled(sign, f"${colour}") + Content(f" {word}") for sign, word, colour in LEGEND]
    return Content("   ").join(said)
