"""The four lists side by side, or below 100 columns one of them under a strip of tabs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from textual.app import ComposeResult
from textual.containers import Vertical

from tui.catalogue import Catalogue, Pane, Row
from tui.state import ExplorerState, SortKey
from tui.widgets.resource_pane import ResourcePane
from tui.widgets.tab_bar import TabBar
from tui.widgets.table_column import TableColumn
from tui.widgets.virtual_table import VirtualTable

__all__ = ["Lists"]


class Lists(Vertical):
    """Shows what the state says; knows which list is in use."""

    def __init__(
        self,
        columns: Callable[[Pane], Sequence[TableColumn[Any]]],
        sort_key: Callable[[Pane, str], SortKey | None],
    ) -> None:
        super().__init__(id="lists")
        self._sort_key = sort_key
        self.panes: Mapping[Pane, ResourcePane] = {
            pane: ResourcePane(pane, number, columns(pane)) for number, pane in enumerate(Pane, 1)
        }
        self._tabs = TabBar(*((pane, f"{number} {pane.title()}") for number, pane in enumerate(Pane, 1)))
        self._most_lines: int | None = None

    def compose(self) -> ComposeResult:
        yield self._tabs
        yield from self.panes.values()

    def load(self, catalogue: Catalogue) -> None:
        for widget in self.panes.values():
            widget.load(catalogue)

    def renew(self, catalogue: Catalogue) -> None:
        """The rows have become these. What is shown of them follows from :meth:`show`."""
        touched = catalogue.touched
        for pane, widget in self.panes.items():
            if pane in touched:
                widget.renew(catalogue)

    def show(self, state: ExplorerState, nothing_of_scope: str = "") -> None:
        """``nothing_of_scope``: why there is nothing in the namespace that is in scope, where that is
        known."""
        own = state.pane_of(state.place.subject) if state.place else None
        for pane, widget in self.panes.items():
            widget.table.is_subject = pane is own
            listing = state.listings[pane]
            order = state.order(pane, self._sort_key(pane, listing.sort))
            self._tabs.set_label(pane, widget.label(order))
            scope = "" if pane is Pane.NAMESPACES else state.scope
            widget.show(order, listing, scope, nothing_of_scope)
            widget.table.vacant = state.vacant(pane)
        self.fit()

    def fit(self) -> None:
        """In the narrow layout a short list leaves its room to the details; not while its filter is typed,
        when everything would jump with every key."""
        shown = self.panes[Pane(self._tabs.active)]
        most: int | None = None
        if self.screen.has_class("-narrow") and not shown.is_typing:
            lines = sum((1, 1, max(1, shown.table.row_count), bool(shown.query_text)))
            most = min(lines, self.screen.size.height)  # a row more changes nothing where there is no room
        if most != self._most_lines:  # setting a style lays the screen out, changed or not
            self._most_lines = most
            self.styles.max_height = most

    def activate(self, pane: Pane) -> None:
        """In the narrow layout only one list is on screen."""
        self._tabs.activate(pane)
        for each, widget in self.panes.items():
            # Where there is room for all it says nothing, and styling a list anew takes long.
            widget.set_class(each is pane, "-active", update=self.screen.has_class("-narrow"))
        self.fit()

    @property
    def in_use(self) -> Pane | None:
        """The list that has the keyboard."""
        return next((pane for pane, widget in self.panes.items() if widget.has_focus_within), None)

    def pane_of(self, table: VirtualTable[Row]) -> Pane | None:
        return next((pane for pane, widget in self.panes.items() if widget.table is table), None)
