"""Which pods can be reached from outside the cluster, by which way, and whom policy lets in."""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from policy_core.details.exposure import Exposed, exposed_pods
from policy_core.details.exposure_caveats import exposure_caveats
from policy_core.evaluation import Evaluation
from policy_core.printable import printable
from policy_core.report.document import Link
from policy_core.report.exposure import exposed_details, exposure_document, exposure_sentence
from policy_core.report.ticket import ticket
from tui.actions import EXPOSURE, EXPOSURE_ACTIONS, bindings
from tui.catalogue import Catalogue
from tui.columns import next_sort
from tui.exposure_rows import EXPOSURE_COLUMNS, ExposureRow, exposure_rows, matching, sorted_rows
from tui.freshness import Freshness
from tui.latest import Latest
from tui.question import Question, end_text, port_text
from tui.screens.base import BaseScreen
from tui.widgets.filter_input import FilterBar, FilterInput
from tui.widgets.key_bar import KeyBar
from tui.widgets.place_line import place_line
from tui.widgets.virtual_table import VirtualTable

__all__ = ["ExposureScreen"]


class ExposureScreen(BaseScreen[Link | Question | None]):
    """Dismissed with what to look at or to trace, if anything. ``scope``: one namespace alone, or empty."""

    OWN = EXPOSURE_ACTIONS
    HELP_FIRST = EXPOSURE
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(OWN)]
    AUTO_FOCUS = "VirtualTable"

    class Computed(Message):
        """The list has been worked out."""

        def __init__(self, evaluation: Evaluation, rows: list[ExposureRow]) -> None:
            super().__init__()
            self.evaluation = evaluation
            self.rows = rows

    def __init__(self, evaluation: Evaluation, scope: str) -> None:
        super().__init__()
        self.rows: list[ExposureRow] | None = None
        """None until they have been worked out."""
        self._evaluation = evaluation
        self._scope = scope
        self._sort, self._reverse = "", False
        self._work = Latest(self._work_out)
        self._freshness: Freshness | None = None
        """None for manifests."""
        self._where = Static(id="exposure-where")
        columns = [each for each in EXPOSURE_COLUMNS if each.key != "namespace" or not scope]
        self._table: VirtualTable[ExposureRow] = VirtualTable(columns, id="exposed")
        self._more = Static(id="exposure-more")
        self._filter = FilterBar()

    def compose(self) -> ComposeResult:
        yield self._where
        yield self._table
        yield self._filter
        yield self._more
        yield KeyBar()

    def on_mount(self) -> None:
        self._filter.input.placeholder = "name, way, address, host, port, unknown, closed"
        self._table.empty_text = "working it out…"
        self._show_where()
        self._work.want(self._evaluation)

    def tell_freshness(self, freshness: Freshness) -> None:
        """The list is no fresher than what it is worked out from."""
        self._freshness = freshness
        self._show_where()

    def renew(self, catalogue: Catalogue, now: float) -> None:
        """The cluster is like this; the list follows, and the person stays where they are."""
        self._work.want(catalogue.evaluation)

    @work(thread=True, description="the exposed pods")
    def _work_out(self, evaluation: Evaluation) -> None:
        rows = exposure_rows(exposed_pods(evaluation, self._scope))
        self.post_message(self.Computed(evaluation, rows))

    @on(Computed)
    def _computed(self, message: Computed) -> None:
        self._evaluation = message.evaluation
        self.rows = message.rows
        self._table.set_rows(message.rows, key=lambda row: row.key)
        self._show()
        self._work.done()

    # What is shown --------------------------------------------------------------------------------------

    @property
    def _query(self) -> str:
        return self._filter.input.value

    def _show(self) -> None:
        if self.rows is None:
            return
        order = sorted_rows(self.rows, matching(self.rows, self._query), self._sort, self._reverse)
        self._table.highlight = self._query
        self._table.empty_text = self._nothing()
        self._table.set_sort(self._sort or None, self._reverse)
        self._table.set_order(order)
        self._filter.set_class(bool(self._query) or self._filter.input.has_focus, "-shown")
        self._show_where()
        self._show_more()

    def _nothing(self) -> str:
        if self._query:
            return f"no exposed pod matches “{self._query}” · esc clears the filter"
        where = f" in {self._scope}" if self._scope else ""
        return f"no pod{where} is exposed to the outside, as far as was read"

    def _show_where(self) -> None:
        counted = ""
        if self.rows is not None:
            shown, every = self._table.row_count, len(self.rows)
            some = f"{shown:,} of " if shown != every else ""
            counted = f"{some}{every:,} {'way' if every == 1 else 'ways'} in"
        where = place_line(
            "Exposed",
            self._evaluation.snapshot.title,
            self._scope or "all namespaces",
            counted,
            self._freshness,
            self.screen.size.width - 2,
        )
        if where != self._where.content:
            self._where.update(where, layout=False)  # it is a line, whatever it says

    def _show_more(self) -> None:
        row = self._table.cursor_row
        self._more.update(Content("") if row is None else _told(self._evaluation, row.exposed))

    # What the person did --------------------------------------------------------------------------------

    @on(VirtualTable.RowHighlighted)
    def _row_highlighted(self) -> None:
        self._show_more()

    @on(VirtualTable.RowSelected)
    def _row_selected(self, event: VirtualTable.RowSelected) -> None:
        exposed = event.row.exposed
        self.dismiss(Link(exposed.pods[0].ref if exposed.pods else exposed.subject))

    @on(VirtualTable.HeaderSelected)
    def _header_selected(self, event: VirtualTable.HeaderSelected) -> None:
        self._reverse = event.column == self._sort and not self._reverse
        self._sort = event.column
        self._show()

    @on(Input.Changed)
    def _query_changed(self) -> None:
        self._show()

    @on(Input.Submitted)
    def _query_entered(self) -> None:
        self._table.focus()
        self.call_after_refresh(self._show)

    @on(FilterInput.Dropped)
    def _query_dropped(self) -> None:
        self._filter.input.value = ""
        self._query_entered()

    @on(FilterInput.Moved)
    def _moved_while_typing(self, event: FilterInput.Moved) -> None:
        self._table.move_cursor(event.by)

    # Actions --------------------------------------------------------------------------------------------

    def action_filter(self) -> None:
        self._filter.add_class("-shown")
        self._filter.input.focus()

    def action_leave(self) -> None:
        if self._query:
            self._query_dropped()
        else:
            self.dismiss(None)

    def action_service(self) -> None:
        row = self._table.cursor_row
        if row is None:
            return
        service = row.exposed.entrance.service
        if service is None:
            self.tell(f"no Service leads there: {row.exposed.way.value} is the pod's own")
        else:
            self.dismiss(Link(service))

    def action_trace(self) -> None:
        row = self._table.cursor_row
        if row is not None and row.exposed.pods:
            self.dismiss(_question(row.exposed))

    def action_sort(self) -> None:
        self._sort, self._reverse = next_sort(self._table.shown_columns, self._sort), False
        self._show()

    def action_reverse(self) -> None:
        self._reverse = not self._reverse
        self._show()

    def action_copy(self) -> None:
        if self.rows is None:
            return
        shown = [self.rows[at].exposed for at in matching(self.rows, self._query)]
        caveats = exposure_caveats(self._evaluation, shown)
        title = f"Exposed pods: {self._scope or 'all namespaces'}"
        document = exposure_document(self._evaluation, shown, caveats)
        self.copy_markdown(title, ticket(self._evaluation.snapshot, title, document))

    def picture_title(self) -> str:
        return f"exposed {self._scope}".strip()


def _question(exposed: Exposed) -> Question:
    """Who connects, as far as that is known, and where it arrives: what policy judges."""
    pod, entrance = exposed.pods[0], exposed.entrance
    port = port_text(entrance.protocol, exposed.target) if exposed.target else ""
    if entrance.proxy is not None and entrance.proxy.pods:
        return Question(end_text(entrance.proxy.pods[0].ref), end_text(pod.ref), port)
    if entrance.service is not None and entrance.arrives is not None and entrance.proxy is None:
        dialled = port_text(entrance.protocol, (entrance.ports or (entrance.arrives.port,))[0])
        return Question(destination=end_text(entrance.service), port=dialled)
    return Question(destination=end_text(pod.ref), port=port)


def _told(evaluation: Evaluation, exposed: Exposed) -> Content:
    """The row in sentences."""
    lines = [exposure_sentence(exposed), *exposed_details(evaluation, exposed)]
    return Content("\n").join(Content(printable(line)) for line in lines)
