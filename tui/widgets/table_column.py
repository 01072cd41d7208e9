"""What a list shows of a row, and how its columns share the width of the pane."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from policy_core.report.widths import Share, share_out
from tui.widgets.cells import Align

__all__ = ["CellText", "Share", "TableColumn", "fit_columns"]

RowT = TypeVar("RowT")

CellText = tuple[str, str]
"""What a cell says, and why: a :class:`~policy_core.report.document.Role` decides its look."""


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

    @property
    def share(self) -> Share:
        return Share(0, self.width) if isinstance(self.width, int) else self.width


def fit_columns(
    columns: Sequence[TableColumn[Any]], width: int, gap: int
) -> list[tuple[TableColumn[Any], int]]:
    """The columns that are shown in ``width``, with their widths; at least one if there is any."""
    shown = list(columns)
    while len(shown) > 1 and sum(c.share.least for c in shown) + gap * (len(shown) - 1) > width:
        # min() takes the first of equals, so look from the right.
        shown.remove(min(reversed(shown), key=lambda column: column.priority))
    if not shown:
        return []
    widths = share_out(width - gap * (len(shown) - 1), [column.share for column in shown])
    if len(shown) == 1:
        widths = [min(widths[0], max(0, width))]
    return list(zip(shown, widths, strict=True))
