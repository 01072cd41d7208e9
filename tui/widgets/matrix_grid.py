"""The grid of the matrix: draws only the cells that are on screen; the names of rows and columns stay."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from policy_core.printable import printable
from tui.matrix_state import View
from tui.widgets.cells import crop, fit
from tui.widgets.roles import ROLE_CLASSES, ROLE_CSS, role_class
from tui.widgets.scrolling import set_content_size

__all__ = ["MatrixGrid"]

_CELL, _WIDEST = 9, 17
"""Columns of a cell at least and at most: a sign, a blank and a word, between two blanks or the brackets of
the cursor. Wider cells are for longer names above them."""
_TITLE_LINES = 2
_CORNER = "from ↓   to →"


class MatrixGrid(ScrollView, can_focus=True):
    """Shows a :class:`tui.matrix_state.View`; keys say where the person wants to go, nothing else changes."""

    ALLOW_SELECT = False

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1, 0)", "Up", show=False, id="matrix.up"),
        Binding("down,j", "move(1, 0)", "Down", show=False, id="matrix.down"),
        Binding("left,h", "move(0, -1)", "Left", show=False, id="matrix.left"),
        Binding("right,l", "move(0, 1)", "Right", show=False, id="matrix.right"),
        Binding("pageup", "page(-1, 0)", "Page up", show=False, id="matrix.page_up"),
        Binding("pagedown", "page(1, 0)", "Page down", show=False, id="matrix.page_down"),
        Binding("ctrl+left", "page(0, -1)", "Page left", show=False, id="matrix.page_left"),
        Binding("ctrl+right", "page(0, 1)", "Page right", show=False, id="matrix.page_right"),
        Binding("home,g", "move(-1000000, -1000000)", "First", show=False, id="matrix.first"),
        Binding("end,G", "move(1000000, 1000000)", "Last", show=False, id="matrix.last"),
        Binding("enter", "open", "open", key_display="↵", id="matrix.open"),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "matrix-grid--name",
        "matrix-grid--here",
        "matrix-grid--line",
        "matrix-grid--cursor",
        "matrix-grid--empty",
        *ROLE_CLASSES,
    }

    DEFAULT_CSS = f"""
    MatrixGrid {{
        overflow: auto auto;
        scrollbar-size: 1 1;
        color: $foreground;
        {ROLE_CSS}
        & > .matrix-grid--name {{ color: $muted; }}
        & > .matrix-grid--empty {{ color: $muted; }}
        & > .matrix-grid--here {{ color: $name; text-style: bold; }}
        & > .matrix-grid--line {{ background: $block-cursor-blurred-background; }}
        & > .matrix-grid--cursor {{
            color: $block-cursor-foreground; background: $block-cursor-background; text-style: bold;
        }}
    }}
    """

    view: reactive[View | None] = reactive(None, init=False)

    class Moved(Message):
        """The person wants the cursor so many rows and columns further."""

        def __init__(self, rows: int, columns: int) -> None:
            super().__init__()
            self.rows = rows
            self.columns = columns

    class Opened(Message):
        """The person wants to know more of the cell under the cursor."""

    def __init__(self) -> None:
        super().__init__()
        self._label_width = self._cell = _CELL

    def show(self, view: View) -> None:
        """Show the view as it is now; it is read while drawing, so call this after every change of it."""
        self.set_reactive(MatrixGrid.view, view)
        self._measure()
        self._scroll_to_cursor()
        self.refresh()

    # Size and scrolling ---------------------------------------------------------------------------------

    @property
    def _room(self) -> Size:
        """How many rows and columns of cells there is room for."""
        region = self.scrollable_content_region
        return Size(
            max(1, (region.width - self._label_width) // self._cell), max(1, region.height - _TITLE_LINES)
        )

    def _measure(self) -> None:
        """Names of rows take what they need, but no more than a third; cells get wider for the names above
        them as long as all of them have room."""
        if not self.is_mounted or self.view is None:
            return
        rows, columns = (
            [len(names[at]) for at in shown]
            for names, shown in (
                (self.view.grid.rows, self.view.rows),
                (self.view.grid.columns, self.view.columns),
            )
        )
        longest = max(rows, default=0) + 3
        self._label_width = max(len(_CORNER) + 1, min(longest, self.size.width // 3))
        room = (self.scrollable_content_region.width - self._label_width) // max(1, len(columns))
        self._cell = max(_CELL, min(room, max(columns, default=0) + 2, _WIDEST))
        width = self._label_width + len(columns) * self._cell
        set_content_size(self, Size(width, len(rows) + _TITLE_LINES))

    def _scroll_to_cursor(self) -> None:
        if self.view is None or not self.size:
            return
        room, (x, y) = self._room, self.scroll_offset
        first = -(-x // self._cell)
        if self.view.column < first:
            x = self.view.column * self._cell
        elif self.view.column >= first + room.width:
            x = (self.view.column - room.width + 1) * self._cell
        y = min(max(y, self.view.row - room.height + 1), self.view.row)
        self.scroll_to(x=x, y=y, animate=False, force=True)

    def on_resize(self) -> None:
        self._measure()
        self._scroll_to_cursor()

    # Drawing --------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        base = self._style()
        view = self.view
        if view is None:
            return Strip.blank(width, base)
        if view.cell is None:
            text = "nothing matches · esc clears the filter" if y == _TITLE_LINES else ""
            return Strip([Segment(fit(text, width), self._style("matrix-grid--empty"))])
        if y < _TITLE_LINES:
            label, cells = self._titles(view, y), self._title_cells(view, y)
        else:
            position = y - _TITLE_LINES + self.scroll_offset.y
            if position >= len(view.rows):
                return Strip.blank(width, base)
            label, cells = self._label(view, position), self._cells(view, position)
        room = max(0, width - self._label_width)
        start = self.scroll_offset.x % self._cell
        body = Strip(cells).crop_extend(start, start + room, base)
        return Strip.join([Strip([label]), body])

    def _style(self, *components: str) -> Style:
        return self.get_visual_style(*components).rich_style

    def _shown(self, view: View) -> range:
        """The columns that are on screen, wholly or in part."""
        first = self.scroll_offset.x // self._cell
        return range(first, min(len(view.columns), first + self._room.width + 2))

    def _titles(self, view: View, y: int) -> Segment:
        text = _CORNER if y == _TITLE_LINES - 1 else ""
        return Segment(fit(text, self._label_width), self._style("matrix-grid--name"))

    def _title_cells(self, view: View, y: int) -> Iterator[Segment]:
        for position in self._shown(view):
            line = _two_lines(printable(view.grid.columns[view.columns[position]]), self._cell - 1)[y]
            here = "matrix-grid--here" if position == view.column else "matrix-grid--name"
            yield Segment(fit(f" {line}", self._cell), self._style(here))

    def _label(self, view: View, position: int) -> Segment:
        name = printable(view.grid.rows[view.rows[position]])
        here = position == view.row
        style = self._style(*(("matrix-grid--line", "matrix-grid--here") if here else ("matrix-grid--name",)))
        return Segment(fit(f"{'▸ ' if here else '  '}{name}", self._label_width), style)

    def _cells(self, view: View, position: int) -> Iterator[Segment]:
        row, line = view.rows[position], position == view.row
        ground = ("matrix-grid--line",) if line else ()
        for at in self._shown(view):
            mark = view.grid.mark(row, view.columns[at])
            cursor = line and at == view.column
            look = ("matrix-grid--cursor",) if cursor else (role_class(mark.role), *ground)
            said = crop(f"{mark.sign} {mark.word}".rstrip(), self._cell - 2)
            yield Segment(fit(f"[{said}]" if cursor else f" {said}", self._cell), self._style(*look))

    # What the person does -------------------------------------------------------------------------------

    def action_move(self, rows: int, columns: int) -> None:
        self.post_message(self.Moved(rows, columns))

    def action_page(self, rows: int, columns: int) -> None:
        self.post_message(self.Moved(rows * self._room.height, columns * self._room.width))

    def action_open(self) -> None:
        self.post_message(self.Opened())

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        at = self._cell_at(offset) if offset is not None else None
        if at is None or self.view is None or event.button != 1:
            return
        rows, columns = at[0] - self.view.row, at[1] - self.view.column
        if rows or columns:
            self.post_message(self.Moved(rows, columns))
        else:
            self.post_message(self.Opened())

    def _cell_at(self, offset: Offset) -> tuple[int, int] | None:
        if self.view is None or offset.x < self._label_width or offset.y < _TITLE_LINES:
            return None
        row = offset.y - _TITLE_LINES + self.scroll_offset.y
        column = (offset.x - self._label_width + self.scroll_offset.x) // self._cell
        if row < len(self.view.rows) and column < len(self.view.columns):
            return row, column
        return None


def _two_lines(name: str, width: int) -> tuple[str, str]:
    """A name in two lines, broken behind a dash where that keeps more of it; short ones stand below."""
    if len(name) <= width:
        return "", name
    dash = name.rfind("-", 0, width) + 1
    first = dash if dash and len(name) - dash <= width else width
    return name[:first], name[first:]
