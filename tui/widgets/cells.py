"""Text measured in terminal columns, as Textual measures it: cropping and padding."""

from __future__ import annotations

from typing import Literal

from rich.cells import cell_len, set_cell_size

__all__ = ["Align", "crop", "fit"]

Align = Literal["left", "right", "center"]


def crop(text: str, width: int) -> str:
    """``text`` in at most ``width`` columns; what is cut off is shown as ``…``."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return text
    # Half of a wide character becomes a blank, which has no place before the ellipsis.
    return set_cell_size(text, width - 1).rstrip() + "…"


def fit(text: str, width: int, align: Align = "left") -> str:
    """``text`` in exactly ``width`` columns."""
    text = crop(text, width)
    missing = max(0, width - cell_len(text))
    left = {"left": 0, "right": missing, "center": missing // 2}[align]
    return " " * left + text + " " * (missing - left)
