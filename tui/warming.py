"""What all pages have in common, worked out before the first of them is asked for."""

from __future__ import annotations

from tui import subjects
from tui.catalogue import Catalogue, Pane

__all__ = ["warm"]

_MANY_PODS = 5_000
"""With fewer it takes no time that anybody would notice."""


def warm(catalogue: Catalogue) -> None:
    """In a thread, before the garbage collector is told that all of it stays: what comes after that it would
    look through again and again."""
    if len(catalogue.rows[Pane.PODS]) < _MANY_PODS:
        return
    for pane in (Pane.PODS, Pane.SERVICES, Pane.POLICIES):
        for row in catalogue.rows[pane][:1]:
            subjects.page(catalogue.evaluation, row)
