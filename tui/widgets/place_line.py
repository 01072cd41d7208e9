"""The first line of a screen that lies over the explorer: what it is, of what, how fresh and how much."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content

from policy_core.printable import printable
from tui.freshness import Freshness
from tui.widgets.cells import crop
from tui.widgets.status_bar import freshness_content

__all__ = ["place_line"]

_GAP = "   "
_LEAST_NAME = 10
"""Columns of a context's name that tell it from others."""


def place_line(
    brand: str, source: str, title: str, counted: str, freshness: Freshness | None, room: int
) -> Content:
    """In ``room`` columns; how fresh it is must be seen, the rest as far as there is room. ``freshness`` is
    None for manifests."""
    head, name = Content.styled(brand, "bold") + Content("  "), printable(source)
    where = Content.styled(" › ", "dim") + Content(printable(title))
    if freshness is not None:
        where += freshness_content(freshness)
        name = crop(name, max(_LEAST_NAME, room - head.cell_length - where.cell_length), keep_end=True)
        # What is cut off by the line's end would take the end of what must be seen along.
        counted = crop(counted, room - sum(map(cell_len, (head.plain, name, where.plain, _GAP))))
    counting = Content.styled(f"{_GAP}{counted}", "dim") if counted else Content("")
    return Content("").join([head, Content(name), where, counting])
