"""What all pages have in common, worked out before the first of them is asked for."""

from __future__ import annotations

import gc
from collections.abc import Mapping

from tui import subjects
from tui.catalogue import Catalogue, Pane
from tui.columns import measured

__all__ = ["settled"]

_MANY_PODS = 5_000
"""With fewer it takes no time that anybody would notice."""


_COLLECT = (2_000, 10, 10)
"""Thresholds of the garbage collector. The first is higher than usual, since the parts of a page are many
objects, and hardly any is in a cycle. What is, Textual's own, keeps hold of what was shown before: to look
for it seldom would leave hundreds of megabytes of a large cluster that changes."""


def settled(catalogue: Catalogue) -> Mapping[Pane, Mapping[str, int]]:
    """In a thread: what is worked out before the catalogue is shown, and how wide the rows want the columns
    to be."""
    widths = measured(catalogue)
    if len(catalogue.rows[Pane.PODS]) >= _MANY_PODS:
        _warm(catalogue)
        _keep()
    return widths


def _warm(catalogue: Catalogue) -> None:
    for pane in (Pane.PODS, Pane.SERVICES, Pane.POLICIES):
        for row in catalogue.rows[pane][:1]:
            subjects.page(catalogue.evaluation, row)


def _keep() -> None:
    """All that there is by now stays until the end: looking through it for garbage, even once, would only
    make the keys wait, two seconds with 150,000 pods."""
    gc.freeze()
    gc.collect()  # of nothing: else it goes on to wait for a quarter as much garbage as all this is
    gc.set_threshold(*_COLLECT)
