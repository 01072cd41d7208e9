"""What all pages have in common, worked out before the first of them is asked for."""

from __future__ import annotations

from tui import subjects
from tui.catalogue import Catalogue, Pane
from tui.tidying import keep

__all__ = ["settle"]

_MANY_PODS = 5_000
"""With fewer it takes no time that anybody would notice."""


def settle(catalogue: Catalogue) -> None:
    """In a thread: what is worked out before the catalogue is shown."""
    if len(catalogue.rows[Pane.PODS]) >= _MANY_PODS:
        _warm(catalogue)
        keep()


def _warm(catalogue: Catalogue) -> None:
    for pane in (Pane.PODS, Pane.SERVICES, Pane.POLICIES):
        for row in catalogue.rows[pane][:1]:
            subjects.page(catalogue.evaluation, row)
