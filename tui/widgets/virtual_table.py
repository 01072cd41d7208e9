"""The list of all list panes: draws only the lines that are on screen, so that its length does not matter."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import chain
from typing import Any, ClassVar, Generic, TypeVar

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Size, clamp
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from tui.widgets.roles import ROLE_CLASSES, ROLE_CSS
from tui.widgets.row_cursor import first_index, neighbours, position_in, position_of
from tui.widgets.scrolling import set_content_size
from tui.widgets.still import StillView
from tui.widgets.table_column import CellText, Share, TableColumn, fit_columns, need
from tui.widgets.table_lines import GAP, GUTTER, empty_line, header_line, row_line

__all__ = ["CellText", "Share", "TableColumn", "VirtualTable"]

RowT = TypeVar("RowT")

_BY_IDENTITY: Callable[[Any], Hashable] = id
"""Rows are told apart by identity until someone says how."""
_TINY = 4
"""With fewer lines than this, each is needed for a row and the header is left out."""


class VirtualTable(StillView, Generic[RowT], can_focus=True):
    """Shows rows in the order of an index list; what is shown, and in which order, is decided elsewhere.

    The cursor stays on its object, whatever happens to the order. Messages tell what the person did; changes
    made by the program (:meth:`set_rows`, :meth:`set_order`, :meth:`move_to`) post none.
    """

    ALLOW_SELECT = False

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False, id="table.up"),
        Binding("down,j", "move(1)", "Down", show=False, id="table.down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="table.page_up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="table.page_down"),
        Binding("home,g", "first", "First", show=False, id="table.first"),
        Binding("end,G", "last", "Last", show=False, id="table.last"),
        Binding("enter", "select", "open", key_display="↵", id="table.select"),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "virtual-table--header",
        "virtual-table--cursor",
        "virtual-table--hover",
        "virtual-table--mark",
        "virtual-table--match",
        "virtual-table--sign",
        "virtual-table--empty",
        *ROLE_CLASSES,
    }

    DEFAULT_CSS = f"""
    VirtualTable {{
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        color: $foreground;
        {ROLE_CSS}
        & > .virtual-table--header {{ color: $muted; text-style: underline; }}
        & > .virtual-table--empty {{ color: $muted; }}
        & > .virtual-table--mark {{ color: $mark; }}
        & > .virtual-table--sign {{ color: $accent; text-style: bold; }}
        & > .virtual-table--hover {{ background: $block-hover-background; }}
        & > .virtual-table--cursor {{ background: $block-cursor-blurred-background; }}
        & > .virtual-table--match {{
            color: $match-foreground; background: $match-background; text-style: bold underline;
        }}
        &:focus > .virtual-table--cursor {{
            color: $block-cursor-foreground;
            background: $block-cursor-background;
            text-style: bold;
        }}
    }}
    """

    highlight: reactive[str] = reactive("")
    """Words whose occurrences in the cells are emphasised, in any case of letters."""
    empty_text: reactive[str] = reactive("")
    """What is said where there is no row; where it is too long for a line, one line for each `` · ``."""
    is_subject: reactive[bool] = reactive(False)
    """Whether the cursor's row is what is looked at elsewhere: then the cursor is shown without the keyboard,
    too. In any other list it would look like something that was chosen."""
    vacant: reactive[bool] = reactive(False)
    """Whether what the cursor was on has gone, and the person has not moved since: it is between two rows,
    the nearest of which is :attr:`cursor_row`."""
    _hover_y: reactive[int | None] = reactive(None)
    """The line under the mouse: the line, not the row, so that it stays right while scrolling."""

    class RowMessage(Message):
        """``row`` is one of the rows that :meth:`set_rows` was given."""

        def __init__(self, table: VirtualTable[Any], row: Any) -> None:
            super().__init__()
            self.table = table
            self.row = row

        @property
        def control(self) -> VirtualTable[Any]:
            return self.table

    class RowHighlighted(RowMessage):
        """The person moved the cursor to the row."""

    class RowSelected(RowMessage):
        """The person pressed enter on the row, clicked it while the cursor was there, or clicked it twice."""

    class HeaderSelected(Message):
        """The person clicked the title of the column with the key ``column``."""

        def __init__(self, table: VirtualTable[Any], column: str) -> None:
            super().__init__()
            self.table = table
            self.column = column

        @property
        def control(self) -> VirtualTable[Any]:
            return self.table

    def __init__(
        self,
        columns: Sequence[TableColumn[RowT]],
        *,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._columns = columns
        self._rows: Sequence[RowT] = ()
        self._key: Callable[[RowT], Hashable] = _BY_IDENTITY
        self._find: Callable[[Hashable], int | None] | None = None
        self._order: Sequence[int] = ()
        self._marked = 0
        self._cursor: int | None = None
        """An index of ``_rows``; kept while no row is shown, so that the cursor returns to its object."""
        self._at = -1
        """Where in the order the cursor is; -1 if no row is shown."""
        self._sort: tuple[str | None, bool] = (None, False)
        self._needs: dict[str, int] = {}
        """How wide the rows want the measured columns to be; measured once for each column and its rows."""
        self._layout: tuple[int, list[tuple[TableColumn[RowT], int]]] | None = None
        """The columns that are shown with their widths, and the list's width that this is right for."""
        self._sizes: list[tuple[str, int]] = []
        """The columns and widths that the drawn rows have."""
        self._attentive = False
        """Whether something was done here since the keyboard came: the click that brings it only points."""
        self._strips: LRUCache[Hashable, tuple[RowT, Strip]] = LRUCache(512)
        """Drawn rows by their identity and all else that they depend on; each with its row, so that no other
        can come to have its identity."""
        self._signs: Mapping[Any, str] = {}
        self._neighbour_above = False
        """While vacant: the nearest row is the one before the place where the cursor is."""
        self._still: tuple[int, Hashable | None] | None = None
        """While rows are renewed: the cursor's line on the screen, and the key of the row that comes first
        there; None for that where the list begins with it."""

    # What is shown --------------------------------------------------------------------------------------

    @property
    def row_count(self) -> int:
        """How many rows are shown."""
        return len(self._order)

    @property
    def cursor_row(self) -> RowT | None:
        """The row under the cursor; None if none is shown."""
        return self._rows[self._order[self._at]] if self._at >= 0 else None

    @property
    def cursor_is_marked(self) -> bool:
        """Whether the cursor is on one of the marked rows."""
        return 0 <= self._at < self._marked

    def set_rows(
        self,
        rows: Sequence[RowT],
        key: Callable[[RowT], Hashable],
        find: Callable[[Hashable], int | None] | None = None,
        needs: Mapping[str, int] | None = None,
    ) -> None:
        """Replace the rows; all are shown, unmarked and in their own order. ``key`` tells which row of before
        is which row now; ``find`` knows where the row with a key is, and ``needs`` how wide the rows want the
        columns to be. Neither ``rows`` nor an order is copied:
        they must not change later."""
        self._find = find
        cursor = self._cursor_among(rows, key)
        self._rows, self._key, self._cursor = rows, key, cursor
        self._needs = dict(needs or {})
        self._layout = None
        self._strips.clear()
        self._show(range(len(rows)), 0, -1 if cursor is None else cursor)

    def renew_rows(
        self,
        rows: Sequence[RowT],
        needs: Mapping[str, int] | None,
        find: Callable[[Hashable], int | None] | None = None,
    ) -> None:
        """Replace the rows by what they have become, told apart as before; ``needs`` is how wide those that
        are new or different want the columns to be, as far as that is known. What is shown follows from
        :meth:`set_order`, and nothing moves that need not."""
        top = self.scroll_offset.y
        first = self._key(self._rows[self._order[top]]) if 0 < top < len(self._order) else None
        self._still = (self._at - top, first)
        self._find = find
        cursor = self._cursor_among(rows, self._key)
        if cursor is not None and self._cursor is not None and self._at >= 0:
            found = self._key(rows[cursor])
            if found != self._key(self._rows[self._cursor]):
                after = (self._key(self._rows[i]) for i in self._order[self._at + 1 :])
                self._neighbour_above = found not in after
        self._cursor = cursor
        self._rows, self._order = rows, range(len(rows))
        self._at = -1 if self._cursor is None else self._cursor
        if needs is None:
            self._needs.clear()  # all are measured when they are drawn
        else:
            self._needs = {key: max(width, needs.get(key, 0)) for key, width in self._needs.items()}
        self._layout = None

    def set_signs(self, signs: Mapping[Any, str]) -> None:
        """A character beside the rows with these keys."""
        if signs != self._signs:
            self._signs = signs
            self.refresh_changed()

    def set_order(self, indices: Sequence[int], marked: int = 0) -> None:
        """Show the rows with these indices, in this order; the first ``marked`` of them with a mark.

        Where the cursor's row is no longer shown, the cursor goes to the next one that is, else to the one
        before. A list without the keyboard shows its marked rows, any other keeps its cursor in sight.
        """
        self._show(indices, marked, position_in(indices, self._cursor, self._order, self._at))

    def set_columns(self, columns: Sequence[TableColumn[RowT]]) -> None:
        """Show other columns of the same rows."""
        if columns != self._columns:
            self._columns = columns
            self._layout = None
            self._strips.clear()
            self.refresh()

    @property
    def shown_columns(self) -> list[str]:
        """The keys of the columns for which there is room."""
        return [column.key for column, _ in self._fitted(self.scrollable_content_region.width)]

    def _fitted(self, width: int) -> list[tuple[TableColumn[RowT], int]]:
        """The columns for which a list of this width has room, with their widths."""
        if self._layout is None or self._layout[0] != width:
            for column in self._columns:
                if column.measured and column.key not in self._needs:
                    self._needs[column.key] = need(column, self._rows)
            self._layout = width, fit_columns(self._columns, width - GUTTER, GAP, self._needs)
            sizes = [(column.key, size) for column, size in self._layout[1]]
            if sizes != self._sizes:
                self._sizes = sizes
                self._strips.clear()
        return self._layout[1]

    def set_sort(self, column: str | None, reverse: bool = False) -> None:
        """Show by an arrow in the header that the rows are sorted by the column with this key."""
        self._sort = (column, reverse)
        self.refresh_changed()

    def move_to(self, key: Hashable) -> bool:
        """Put the cursor on the row with this key and scroll there; False if it is not shown."""
        position = position_of(self._index_of(key), self._order)
        if position is None:
            return False
        self.point_at(position)
        return True

    def _index_of(self, key: Hashable) -> int | None:
        if self._find is not None:
            return self._find(key)
        return next((i for i, row in enumerate(self._rows) if self._key(row) == key), None)

    def point_at(self, position: int) -> None:
        """Put the cursor on the row at this position of the order and scroll there."""
        self._cursor, self._at = self._order[position], position
        self.vacant = False
        self.scroll_to_cursor()
        self.refresh()

    def scroll_to_top(self) -> None:
        """Show the first rows, wherever the cursor is."""
        self._scroll(0)

    def scroll_to_cursor(self) -> None:
        """Scroll as little as brings the cursor's row on screen."""
        if self._at >= 0 and self.size:
            top, height = self.scroll_offset.y, self._body_height
            self._scroll(clamp(top, self._at - height + 1, self._at))

    def _show(self, order: Sequence[int], marked: int, at: int) -> None:
        line = self._at - self.scroll_offset.y
        self._order, self._marked, self._at = order, marked, at
        self._cursor = order[at] if at >= 0 else self._cursor
        still, self._still = self._still, None
        self._measure()
        if self.size and still:
            self._scroll(self._still_top(*still))
        elif self.size:
            if marked and not self.has_focus:
                self._scroll(0)
            else:
                self._scroll(at - line)
                self.scroll_to_cursor()
        self.refresh_changed()

    def _still_top(self, line: int, first: Hashable | None) -> int:
        """The position to begin with, so that the person finds again what they look at: the cursor on its
        line of the screen where it is theirs, in any other list the row that came first."""
        if self.has_focus or self.is_subject:
            return self._at - line
        top = self.scroll_offset.y
        if first is None:
            return 0
        if top < len(self._order) and self._key(self._rows[self._order[top]]) == first:
            return top
        position = position_of(self._index_of(first), self._order)
        return top if position is None else position

    def _cursor_among(self, rows: Sequence[RowT], key: Callable[[RowT], Hashable]) -> int | None:
        """The index of the row that the cursor belongs on."""
        if self._cursor is None or not rows:
            return 0 if rows else None
        nearest = chain([self._cursor], neighbours(self._order, self._at))
        keys = (self._key(self._rows[i]) for i in nearest)
        return first_index(rows, key, keys, self._cursor, self._find)

    # Size and scrolling ---------------------------------------------------------------------------------

    @property
    def _header_height(self) -> int:
        return 1 if self.scrollable_content_region.height >= _TINY else 0

    @property
    def _body_height(self) -> int:
        return max(1, self.scrollable_content_region.height - self._header_height)

    def _measure(self) -> None:
        if self.is_mounted:
            set_content_size(self, Size(0, len(self._order) + self._header_height))

    def _scroll(self, y: int) -> None:
        self.scroll_to(y=max(0, y), animate=False, force=True)

    def notify_style_update(self) -> None:
        self._strips.clear()
        self.refresh()
        super().notify_style_update()

    def on_resize(self) -> None:
        self._measure()
        if self.has_focus or not self._marked:
            self.scroll_to_cursor()

    def on_focus(self) -> None:
        self._attentive = False
        if not self.mouse_hover:
            # A click must find the row that it aimed at, so only the keyboard scrolls.
            self.scroll_to_cursor()

    # Drawing --------------------------------------------------------------------------------------------

    def draw_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        if y < self._header_height:
            return header_line(self._fitted(width), *self._sort, width, self._style)
        y -= self._header_height
        if not self._order:
            return empty_line(self.empty_text, y, self._body_height, width, self._style)
        position = y + self.scroll_offset.y
        if position < len(self._order):
            return self._row_strip(position, width, hover=y + self._header_height == self._hover_y)
        return Strip.blank(width, self._style())

    def _style(self, *components: str) -> Style:
        return self.get_visual_style(*components).rich_style

    def _row_strip(self, position: int, width: int, hover: bool) -> Strip:
        row = self._rows[self._order[position]]
        marked = position < self._marked
        cursor = position == self._at and not self.vacant and (self.has_focus or self.is_subject)
        sign = self._signs.get(self._key(row), " ") if self._signs else " "
        fitted = self._fitted(width)
        key = (id(row), width, marked, cursor and 1 + self.has_focus, hover, self.highlight, sign)
        known = self._strips.get(key)
        if known is None:
            strip = row_line(
                fitted,
                row,
                words=self.highlight,
                marked=marked,
                cursor=cursor,
                hover=hover,
                sign=sign,
                width=width,
                style_of=self._style,
            )
            known = self._strips[key] = (row, strip)
        return known[1]

    # What the person does -------------------------------------------------------------------------------

    def move_cursor(self, by: int) -> None:
        """As if the person had pressed up or down ``by`` times."""
        if self.vacant and by:  # the first step is to a neighbour
            by += self._neighbour_above if by < 0 else self._neighbour_above - 1
        self._go(self._at + by)

    def _go(self, position: int) -> None:
        self._attentive = True
        if not self._order:
            return
        position = clamp(position, 0, len(self._order) - 1)
        moved = position != self._at or self.vacant
        self.vacant = False
        self._at, self._cursor = position, self._order[position]
        self.scroll_to_cursor()
        if moved:
            self.refresh()
            self._announce(self.RowHighlighted)

    def _announce(self, message: type[RowMessage]) -> None:
        row = self.cursor_row
        if row is not None:
            # Whoever moved the cursor: a message of the parent's own would not reach the screen.
            self.post_message(message(self, row).set_sender(self))

    def action_move(self, by: int) -> None:
        self.move_cursor(by)

    def action_page(self, by: int) -> None:
        self.move_cursor(by * max(1, self._body_height - 1))

    def action_first(self) -> None:
        self._go(0)

    def action_last(self) -> None:
        self._go(len(self._order) - 1)

    def action_select(self) -> None:
        self._attentive = True
        self._announce(self.RowSelected)

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None or event.button != 1:
            return
        if offset.y < self._header_height:
            self._click_header(offset.x)
            return
        position = offset.y - self._header_height + self.scroll_offset.y
        if position >= len(self._order):
            return
        again = position == self._at and not self.vacant
        chosen = again and (self._attentive or event.chain > 1)
        self._go(position)
        if chosen:
            self._announce(self.RowSelected)
        elif again:
            self._announce(self.RowHighlighted)

    def _click_header(self, x: int) -> None:
        start = GUTTER
        for column, size in self._fitted(self.scrollable_content_region.width):
            if start <= x < start + size + GAP:
                self.post_message(self.HeaderSelected(self, column.key))
                return
            start += size + GAP

    def on_mouse_move(self, event: events.MouseMove) -> None:
        offset = event.get_content_offset(self)
        self._hover_y = offset.y if offset else None

    def on_leave(self) -> None:
        self._hover_y = None
