"""Who may connect to whom: a grid of namespaces, and behind each of its cells one of workloads."""

from __future__ import annotations

from collections.abc import Sized
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from policy_core.connectivity import connectivity
from policy_core.evaluation import Evaluation
from policy_core.printable import printable
from policy_core.report.document import Link
from policy_core.report.ticket import ticket
from policy_core.report.words import count
from tui.actions import MATRIX, MATRIX_ACTIONS, bindings
from tui.catalogue import Catalogue
from tui.freshness import Freshness
from tui.latest import Latest
from tui.matrix_documents import cell_document, cell_question, cell_title, grid_document
from tui.matrix_grids import LEGEND, Grid, WorkloadGrid
from tui.matrix_state import MatrixState
from tui.question import Question
from tui.screens.base import BaseScreen
from tui.screens.explanation import ExplanationScreen
from tui.widgets.filter_input import FilterBar, FilterInput
from tui.widgets.key_bar import KeyBar
from tui.widgets.matrix_grid import MatrixGrid
from tui.widgets.place_line import place_line

__all__ = ["MatrixScreen"]


class MatrixScreen(BaseScreen[Link | Question | None]):
    """Dismissed with what to look at or to trace, if anything. ``namespace``: where the cursor starts."""

    OWN = MATRIX_ACTIONS
    HELP_FIRST = MATRIX
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(OWN)]
    AUTO_FOCUS = "MatrixGrid"

    class Computed(Message):
        """The matrix has been worked out."""

        def __init__(self, evaluation: Evaluation, state: MatrixState) -> None:
            super().__init__()
            self.evaluation = evaluation
            self.state = state

    def __init__(self, evaluation: Evaluation, namespace: str) -> None:
        super().__init__()
        self.state: MatrixState | None = None
        """None until the matrix has been worked out."""
        self._evaluation = evaluation
        self._namespace = namespace
        self._work = Latest(self._work_out)
        self._where = Static(id="matrix-where")
        self._freshness: Freshness | None = None
        """None for manifests."""
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
        yield KeyBar()

    def on_mount(self) -> None:
        self._filter.input.placeholder = "sources > destinations, as: web > db"
        self._show_where()
        self._legend.update(_legend())
        self._work.want(self._evaluation)

    def tell_freshness(self, freshness: Freshness) -> None:
        """The matrix is no fresher than what it is worked out from."""
        self._freshness = freshness
        self._show_where()

    def renew(self, catalogue: Catalogue, now: float) -> None:
        """The cluster is like this; the matrix follows, and the person stays where they are."""
        self._work.want(catalogue.evaluation)

    @work(thread=True, description="the matrix")
    def _work_out(self, evaluation: Evaluation) -> None:
        self.post_message(self.Computed(evaluation, MatrixState(connectivity(evaluation))))

    @on(Computed)
    def _computed(self, message: Computed) -> None:
        self._evaluation = message.evaluation
        if self.state is None:
            self.state = message.state
            self.state.start_at(self._namespace)
        else:
            before, self.state = self.state, self.state.moved_to(message.state)
            if len(self.state.views) < len(before.views):
                self.tell(f"{before.view.title}: no pods are left there", "warning")
                self._take_query()
        self._show()
        self._work.done()

    def _show(self) -> None:
        if self.state is None:
            return
        view, cell = self.state.view, self.state.view.cell
        self._show_where()
        self._sentence.update(_told(view.grid, cell) if cell else Content(""))
        self._filter.set_class(bool(view.query) or self._filter.input.has_focus, "-shown")
        self._grid.show(view)

    def _show_where(self) -> None:
        title, counted = "working it out…", ""
        if self.state is not None:
            view = self.state.view
            title = view.title
            counted = (
                f"{_of(view.rows, view.grid.rows, 'source')} × "
                f"{_of(view.columns, view.grid.columns, 'destination')}"
            )
        room = self.screen.size.width - 2
        where = place_line("Matrix", self._evaluation.snapshot.title, title, counted, self._freshness, room)
        if where != self._where.content:
            self._where.update(where, layout=False)  # it is a line, whatever it says

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

    def _explained(self, to: Link | bool | None) -> None:
        if isinstance(to, Link):
            self.dismiss(to)
        elif to:
            self.action_trace()

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

    def action_trace(self) -> None:
        """Of the cell's workloads; of those of a cell of namespaces there may be too many."""
        if self.state is None or self.state.view.cell is None:
            return
        grid = self.state.view.grid
        if isinstance(grid, WorkloadGrid):
            self.dismiss(cell_question(grid, *self.state.view.cell))
        else:
            self.tell("a trace is of two workloads: enter shows those of the namespaces")

    def action_copy(self) -> None:
        if self.state is not None:
            view = self.state.view
            title = f"Connectivity: {view.title}"
            self.copy_markdown(title, ticket(self._evaluation.snapshot, title, grid_document(view)))

    def picture_title(self) -> str:
        return f"matrix {self.state.view.title}" if self.state else "matrix"


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
