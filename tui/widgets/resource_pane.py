"""One list with its title and its filter. All four lists are this class; they differ by their columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input

from tui.catalogue import Pane, Row
from tui.state import Listing, Order
from tui.widgets.filter_input import FilterInput
from tui.widgets.table_column import TableColumn
from tui.widgets.virtual_table import VirtualTable

__all__ = ["ResourcePane"]


class ResourcePane(Vertical):
    """Draws the rows and the order it is given. Says what the person did in :class:`QueryChanged` and in the
    messages of its table."""

    DEFAULT_CSS = """
    ResourcePane FilterInput { display: none; height: 1; }
    ResourcePane.-filtering FilterInput { display: block; }
    """

    class QueryChanged(Message):
        def __init__(self, pane: Pane, query: str) -> None:
            super().__init__()
            self.pane = pane
            self.query = query

    def __init__(self, pane: Pane, number: int, columns: Sequence[TableColumn[Any]]) -> None:
        super().__init__(id=f"pane-{pane}")
        self.pane = pane
        self._number = number
        self._columns = columns
        self._shown: tuple[Order, Listing, bool] | None = None
        self.table: VirtualTable[Row] = VirtualTable(columns)
        self._filter = FilterInput()

    def compose(self) -> ComposeResult:
        yield self.table
        yield self._filter

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self.table.cursor_row

    @property
    def query_text(self) -> str:
        """What stands in the filter."""
        return self._filter.value

    @property
    def is_typing(self) -> bool:
        """Whether the keyboard is in the filter."""
        return self._filter.has_focus

    def load(self, rows: Sequence[Row]) -> None:
        self._shown = None
        self.table.set_rows(rows, key=lambda row: row.ref)

    def show(self, order: Order, listing: Listing, one_namespace: bool) -> None:
        """``one_namespace``: all rows are of one namespace, so a column for it would say nothing. A list that
        stays as it is is not drawn again."""
        if (order, listing, one_namespace) == self._shown:
            return
        self._shown = (order, listing, one_namespace)
        hidden = {"namespace"} if one_namespace else set()
        self.table.set_columns(tuple(c for c in self._columns if c.key not in hidden))
        self.table.highlight = listing.query
        self.table.set_sort(listing.sort or None, listing.reverse)
        self.table.empty_text = (
            f"no {self.pane} match “{listing.query}”" if listing.query else f"no {self.pane} here"
        )
        self.table.set_order(order.indices, order.marked)
        if order.marked and not self.has_focus_within and not self.table.cursor_is_marked:
            # Coming here next, the person most likely wants what belongs to the thing they looked at.
            self.table.point_at(0)
        self.border_title = Content(self.label(order))
        self.set_class(bool(listing.query) or self._filter.has_focus, "-filtering")

    def label(self, order: Order) -> str:
        """``2 Pods 12/31`` while filtered, ``2 Pods 31`` else; marked ones are counted too."""
        same = order.shown == order.total
        number = f"{order.shown:,}" if same else f"{order.shown:,}/{order.total:,}"
        marks = f" ●{order.marked}" if order.marked else ""
        return f"{self._number} {self.pane.title()} {number}{marks}"

    def set_query(self, query: str) -> None:
        """The filter was changed elsewhere. What is shown must not come back here: by then the person may
        have typed on."""
        with self.prevent(Input.Changed):
            self._filter.value = query

    def start_filter(self) -> None:
        self.add_class("-filtering")
        self._filter.focus()

    def drop_filter(self) -> None:
        """Show every row again."""
        if self._filter.value:
            self._filter.value = ""
        self.table.focus()
        self.remove_class("-filtering")

    @on(Input.Changed)
    def _query_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.QueryChanged(self.pane, event.value))

    @on(Input.Submitted)
    def _query_entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.table.focus()
        self.set_class(bool(event.value), "-filtering")

    @on(FilterInput.Dropped)
    def _filter_dropped(self, event: FilterInput.Dropped) -> None:
        event.stop()
        self.drop_filter()

    @on(FilterInput.Moved)
    def _moved(self, event: FilterInput.Moved) -> None:
        event.stop()
        self.table.move_cursor(event.by)
