"""How wide the columns of a table become."""

from __future__ import annotations

from policy_core.report.document import Cell, Column, Table
from policy_core.report.widths import Share, cell_width, share_out
from policy_core.report.wrap import longest_word, spans_width

__all__ = ["column_widths"]

_NARROWEST, _WIDEST_WORD = 8, 24
"""A weighted column is no narrower than its longest word, within these bounds: names broken in every line
read worse than a record below each other."""
_NARROW = 60
"""Below this a table is a table only if no cell has to wrap."""


def column_widths(table: Table, width: int, gap: int) -> list[int] | None:
    """A width for each column, all and the gaps between them within ``width``; None where that would leave
    the columns too narrow to read."""
    if not table.columns:
        return None
    available = width - gap * (len(table.columns) - 1)
    shares = [
        _claim(column, cells, available) for column, cells in zip(table.columns, _columns(table), strict=True)
    ]
    needed = sum((share.most or share.least) if width < _NARROW else share.least for share in shares)
    if needed > available:
        return None
    widths = share_out(available, shares)
    rest = available - sum(widths)
    for position, column in enumerate(table.columns):
        # A title on one line is worth room that no cell needs, but no room that a cell could use.
        missing = cell_width(column.title) - widths[position]
        if 0 < missing <= rest:
            widths[position] += missing
            rest -= missing
    return widths


def _columns(table: Table) -> list[list[Cell]]:
    return [[row.cells[i] for row in table.rows if i < len(row.cells)] for i in range(len(table.columns))]


def _claim(column: Column, cells: list[Cell], available: int) -> Share:
    title = cell_width(column.title)
    title_word = max(map(cell_width, column.title.split()), default=0)
    natural = max(map(spans_width, cells), default=0)
    if not column.weight:
        # One line for each cell, within reason.
        return Share(0, max(title_word, min(natural, max(_WIDEST_WORD, available // 3)), 1))
    most = max(natural, title, 1)
    word = max(map(longest_word, cells), default=0)
    least = min(most, max(title_word, min(word, _WIDEST_WORD), _NARROWEST))
    return Share(column.weight, least, most)
