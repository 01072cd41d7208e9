"""One list with its title and its filter. All four lists are this class; they differ by their columns."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input

from policy_core.model import Ref
from tui.catalogue import Catalogue, Pane, Row
from tui.state import Listing, Order
from tui.widgets.filter_input import FilterBar, FilterInput
from tui.widgets.still import set_border_title
from tui.widgets.table_column import TableColumn
from tui.widgets.virtual_table import VirtualTable

__all__ = ["ResourcePane"]


class ResourcePane(Vertical):
    """Draws the rows and the order it is given. Says what the person did in :class:`QueryChanged` and in the
    messages of its table."""

    DEFAULT_CSS = """
    ResourcePane FilterBar { display: none; }
    ResourcePane.-filtering FilterBar { display: block; }
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
        self._shown: tuple[Order, Listing, str, str] | None = None
        self.table: VirtualTable[Row] = VirtualTable(columns)
        self._vacant: frozenset[str] = frozenset()
        """The columns that no row has anything to put in."""
        self._bar = FilterBar()
        self._filter = self._bar.input
        self._began_at: Ref | None = None
        """Where the cursor was when the filter began; None once the person has put it elsewhere."""
        self._return_to: Ref | None = None
        """Where the cursor goes as soon as a dropped filter hides nothing any more."""

    def compose(self) -> ComposeResult:
        yield self.table
        yield self._bar

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

    def load(self, catalogue: Catalogue) -> None:
        rows = catalogue.rows[self.pane]
        self._shown = None
        self._vacant = self._without_cells(rows)
        self.table.set_rows(
            rows, lambda row: row.ref, self._finder(catalogue), catalogue.widths.get(self.pane)
        )

    def renew(self, catalogue: Catalogue) -> None:
        """The rows have become those of this catalogue."""
        rows = catalogue.rows[self.pane]
        self._shown = None
        self._vacant = self._without_cells(rows)
        self.table.renew_rows(rows, catalogue.widths.get(self.pane), self._finder(catalogue))

    def _finder(self, catalogue: Catalogue) -> Callable[[Hashable], int | None]:
        def find(ref: Hashable) -> int | None:
            at = catalogue.position.get(ref) if isinstance(ref, Ref) else None
            return at[1] if at is not None and at[0] is self.pane else None

        return find

    def _without_cells(self, rows: Sequence[Row]) -> frozenset[str]:
        sparse = (column for column in self._columns if column.sparse)
        return frozenset(column.key for column in sparse if not any(column.cell(row)[0] for row in rows))

    def show(self, order: Order, listing: Listing, scope: str, nothing_of_scope: str = "") -> None:
        """``scope``: the one namespace that all rows are of, so that a column for it would say nothing; empty
        for all namespaces. ``nothing_of_scope``: why there is nothing in it, where that is known. A list that
        stays as it is is not drawn again."""
        if (order, listing, scope, nothing_of_scope) != self._shown:
            before = self._shown[1] if self._shown else listing
            self._shown = (order, listing, scope, nothing_of_scope)
            self._draw(order, listing, scope, nothing_of_scope)
            if (before.sort, before.reverse) != (listing.sort, listing.reverse):
                # The cursor keeps its object, but who sorts wants to see what comes first.
                self.table.scroll_to_top()
        if self._return_to is not None and not listing.query:
            self.table.move_to(self._return_to)
            self._return_to = None

    def _draw(self, order: Order, listing: Listing, scope: str, nothing_of_scope: str) -> None:
        hidden = {*self._vacant, *(("namespace",) if scope else ())}
        self.table.set_columns(tuple(c for c in self._columns if c.key not in hidden))
        self.table.highlight = listing.query
        self.table.set_sort(listing.sort or None, listing.reverse)
        self.table.empty_text = self._nothing(listing.query, scope, nothing_of_scope)
        self.table.set_order(order.indices, order.marked)
        away = not self.has_focus_within and not self.table.is_subject
        if order.marked and away and not self.table.cursor_is_marked:
            # Coming here next, the person most likely wants what belongs to the thing they looked at.
            self.table.point_at(0)
        set_border_title(self, Content(self.label(order)))
        self.set_class(bool(listing.query) or self._filter.has_focus, "-filtering")

    def _nothing(self, query: str, scope: str, nothing_of_scope: str) -> str:
        """What an empty list says: why, and the way out."""
        if query:
            return f"no {self.pane} match “{query}” · esc clears the filter"
        if scope and nothing_of_scope:
            return f"{nothing_of_scope} · esc shows all namespaces"
        if scope:
            return f"no {self.pane} in {scope} · n shows all namespaces"
        return f"no {self.pane} were read"

    def label(self, order: Order) -> str:
        """``2 Pods 12/31`` while filtered, ``2 Pods 31`` else; marked ones are counted too."""
        same = order.shown == order.total
        number = f"{order.shown:,}" if same else f"{order.shown:,}/{order.total:,}"
        marks = f" ●{order.marked}" if order.marked else ""
        return f"{self._number} {self.pane.title()} {number}{marks}"

    def set_query(self, query: str) -> None:
        """The filter was changed elsewhere. What is shown must not come back here: by then the person may
        have typed on."""
        self._began_at = None
        with self.prevent(Input.Changed):
            self._filter.value = query

    def start_filter(self) -> None:
        self._began_at = self.current.ref if self.current else None
        self.add_class("-filtering")
        self._filter.focus()

    def drop_filter(self) -> None:
        """Show every row again, with the cursor where it was unless the person has put it elsewhere."""
        self._return_to, self._began_at = self._began_at, None
        if self._filter.value:
            self._filter.value = ""
        elif self._return_to is not None and self.current and self.current.ref != self._return_to:
            # All that was typed has been taken back, but the cursor is where that led.
            self.post_message(self.QueryChanged(self.pane, ""))
        self.table.focus()
        self.remove_class("-filtering")

    @on(Input.Changed)
    def _query_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.QueryChanged(self.pane, event.value))

    @on(Input.Submitted)
    def _query_entered(self, event: Input.Submitted) -> None:
        event.stop()
        self._began_at = None
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

    @on(VirtualTable.RowHighlighted)
    @on(VirtualTable.RowSelected)
    def _row_chosen(self) -> None:
        self._began_at = None
