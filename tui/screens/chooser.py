"""One of several names, found by typing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input

from policy_core.printable import printable
from policy_core.report.document import Role
from tui.widgets.filter_input import FilterInput
from tui.widgets.table_column import Share, TableColumn
from tui.widgets.virtual_table import VirtualTable

__all__ = ["ChooserScreen"]


class ChooserScreen(ModalScreen[str | None]):
    """Dismissed with the name that was chosen. ``new`` says what is done with a name that is not listed, such
    as ``look into``; where it is empty only those that are listed can be chosen. ``can_be`` tells which names
    there can be at all. ``current`` is where the person is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "close", key_display="esc", id="chooser.close"),
    ]

    def __init__(
        self,
        title: str,
        names: Sequence[str],
        current: str,
        new: str = "",
        can_be: Callable[[str], bool] = bool,
    ) -> None:
        super().__init__()
        self._title = title
        self._names = names
        self._current = current
        self._new = new
        self._can_be = can_be
        self._typed = ""
        """The name that is not listed, where what was typed is one."""
        self._input = FilterInput()
        self._table: VirtualTable[str] = VirtualTable(
            [TableColumn("name", "", self._cell, Share(1, 10), priority=1, name=True)]
        )

    def _cell(self, name: str) -> tuple[str, Role]:
        if name and name == self._typed:
            return f"{self._new} “{name}”, which is not listed", Role.UNKNOWN
        if name == self._current:
            return f"{name or 'all namespaces'} ← you are here", Role.NAME
        return name or "all namespaces", Role.PLAIN

    def compose(self) -> ComposeResult:
        with Vertical(id="chooser") as box:
            box.border_title = Content(printable(self._title))
            box.border_subtitle = Content("type to narrow · ↵ chooses · esc closes")
            yield self._input
            yield self._table

    def on_mount(self) -> None:
        self._input.placeholder = "part of a name"
        self._table.can_focus = False
        self._table.is_subject = True
        self._table.set_rows(self._names, key=str)
        self._table.empty_text = "nothing is called so"
        self._table.move_to(self._current)
        self._input.focus()

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        typed, terms = event.value.strip(), event.value.lower().split()
        unlisted = bool(self._new) and typed not in self._names and self._can_be(typed)
        self._typed = typed if unlisted else ""
        rows = [*self._names, typed] if unlisted else self._names
        order = [i for i, name in enumerate(rows) if all(term in name.lower() for term in terms)]
        # What is called just so is what is meant, whatever else has it in its name.
        order.sort(key=lambda i: unlisted or rows[i] != typed)
        self._table.highlight = event.value
        self._table.set_rows(rows, key=str)
        self._table.set_order(order)
        if order and terms:
            self._table.point_at(0)

    @on(FilterInput.Moved)
    def _moved(self, event: FilterInput.Moved) -> None:
        self._table.move_cursor(event.by)

    @on(FilterInput.Dropped)
    def _dropped(self) -> None:
        self.dismiss(None)

    @on(VirtualTable.RowSelected)
    def _clicked(self, event: VirtualTable.RowSelected) -> None:
        self.dismiss(event.row)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        if self._table.cursor_row is not None:
            self.dismiss(self._table.cursor_row)
