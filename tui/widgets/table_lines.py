"""The lines of a list, one strip each: its header, its rows, and what is said where there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from policy_core.printable import printable
from tui.widgets.cells import crop, fit, pieces
from tui.widgets.roles import role_class
from tui.widgets.table_column import TableColumn

__all__ = ["GAP", "GUTTER", "Fitted", "empty_line", "header_line", "row_line"]

GUTTER = 3
"""Columns for the cursor, the mark and the sign of what has just changed."""
GAP = 2

Fitted = Sequence[tuple[TableColumn[Any], int]]
"""The columns that are shown, with their widths."""
StyleOf = Callable[..., Style]
"""The look of something that has these component classes."""


def header_line(columns: Fitted, sort: str | None, reverse: bool, width: int, style_of: StyleOf) -> Strip:
    """The titles; an arrow tells which column the rows are sorted by."""
    style = style_of("virtual-table--header")
    parts = [" " * GUTTER]
    for column, size in columns:
        title = printable(column.title)
        if column.key == sort:
            title = f"{crop(title, size - 2)} {'▼' if reverse else '▲'}"
        parts.append(fit(title, size, column.align))
        parts.append(" " * GAP)
    return Strip([Segment("".join(parts), style)]).adjust_cell_length(width, style)


def row_line(
    columns: Fitted,
    row: object,
    *,
    words: str,
    marked: bool,
    cursor: bool,
    hover: bool,
    sign: str = " ",
    width: int,
    style_of: StyleOf,
) -> Strip:
    """A row's cells. ``words`` are emphasised in them."""
    state = ["virtual-table--hover"] * hover + ["virtual-table--cursor"] * cursor
    base, match = style_of(*state), style_of(*state, "virtual-table--match")
    segments = [
        Segment("▸" if cursor else " ", base),
        Segment("●" if marked else " ", style_of("virtual-table--mark", *state)),
        Segment(sign, style_of("virtual-table--sign", *state)),
    ]
    for column, size in columns:
        text, role = column.cell(row)
        plain = style_of(role_class(role), *state)
        for piece, found in pieces(printable(text), size, column.align, column.name, words):
            segments.append(Segment(piece, match if found else plain))
        segments.append(Segment(" " * GAP, base))
    return Strip(segments).adjust_cell_length(width, base)


def empty_line(text: str, y: int, height: int, width: int, style_of: StyleOf) -> Strip:
    """Line ``y`` of a list without rows: ``text`` in the middle, where it is too long in one line for each
    `` · `` of it."""
    text = printable(text)
    lines = [text] if cell_len(text) <= width else text.split(" · ")
    y -= max(0, (height - len(lines)) // 2)
    if not 0 <= y < len(lines):
        return Strip.blank(width, style_of())
    return Strip([Segment(fit(lines[y], width, "center"), style_of("virtual-table--empty"))], width)
