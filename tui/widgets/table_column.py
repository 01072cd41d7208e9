"""What a list shows of a row, and how its columns share the width of the pane."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from policy_core.report.widths import Share, cell_width, share_out
from tui.widgets.cells import Align

__all__ = ["CellText", "Share", "TableColumn", "fit_columns", "need"]

RowT = TypeVar("RowT")

CellText = tuple[str, str]
"""What a cell says, and why: a :class:`~policy_core.report.document.Role` decides its look."""

_LONG = 28
"""Of a longer name this much, from both its ends, will do: no reason to go without another column."""


@dataclass(frozen=True, slots=True)
class TableColumn(Generic[RowT]):
    """``width`` is a number of terminal columns, or a share of what those leave. Where the pane is too narrow
    for all, the columns of the lowest ``priority`` go first, of equal ones the rightmost."""

    key: str
    title: str
    cell: Callable[[RowT], CellText]
    width: int | Share = field(default=Share(1, 8))
    align: Align = "left"
    priority: int = 0
    whole: bool = False
    """At least as wide as its longest cell: nothing is cut off."""
    name: bool = False
    """Its cells are cut in the middle, since names differ at the end as well."""
    sparse: bool = False
    """Is left out where no row has anything in it."""
    alike: Callable[[RowT], Hashable] | None = None
    """Rows for which it gives the same have the same cell: a long list has few different ones."""
    extra: bool = False
    """Is shown only where the names beside it are shown in full, or at good length."""

    @property
    def share(self) -> Share:
        return Share(0, self.width, self.width) if isinstance(self.width, int) else self.width

    @property
    def measured(self) -> bool:
        """Whether its width depends on its cells."""
        return self.whole or self.name


def need(column: TableColumn[RowT], rows: Sequence[RowT]) -> int:
    """How wide a measured column would have to be for these rows, within bounds."""
    if column.alike is not None:
        rows = list(dict(zip(map(column.alike, rows), rows, strict=True)).values())
    widths = (cell_width(column.cell(row)[0]) for row in rows)
    if column.whole:
        return max(column.share.least, max(widths, default=0))
    most, longest = column.share.most or _LONG, 0
    for width in widths:
        longest = max(longest, width)
        if longest >= most:
            break
    return max(column.share.least, min(longest, most))


def fit_columns(
    columns: Sequence[TableColumn[Any]], width: int, gap: int, needs: Mapping[str, int]
) -> list[tuple[TableColumn[Any], int]]:
    """The columns that are shown in ``width``, with their widths; at least one if there is any. ``needs``
    has the :func:`need` of every measured column by its key."""

    def wanted(column: TableColumn[Any]) -> int:
        return needs.get(column.key, column.share.least)

    def least(column: TableColumn[Any]) -> int:
        return wanted(column) if column.whole else column.share.least

    shown = list(columns)
    while len(shown) > 1:
        # min() takes the first of equals, so look from the right.
        last = min(reversed(shown), key=lambda column: column.priority)
        if sum(map(wanted if last.extra else least, shown)) + gap * (len(shown) - 1) <= width:
            break
        shown.remove(last)
    if not shown:
        return []
    room = width - gap * (len(shown) - 1)
    if sum(map(wanted, shown)) <= room:
        shares = [replace(column.share, least=wanted(column)) for column in shown]
    else:
        shares = [
            replace(c.share, least=least(c), most=wanted(c) if c.measured else c.share.most) for c in shown
        ]
    widths = share_out(room, shares)
    if len(shown) == 1:
        widths = [min(widths[0], max(0, width))]
    return list(zip(shown, widths, strict=True))
