"""What belongs to an object, and where in the lists that is."""

from __future__ import annotations

from typing import TypeVar

from policy_core.evaluation import Evaluation
from policy_core.model import Ref
from policy_core.related import related
from tui.catalogue import Catalogue, Pane, PodRow, PolicyRow, Row, ServiceRow

__all__ = ["Marks"]

_KeyT = TypeVar("_KeyT")
_ValueT = TypeVar("_ValueT")
_KEPT = 8
_EFFORT = 50
"""To find one object is as much work as to look at so many rows."""


class Marks:
    """Of one catalogue. What is found is kept for a while; it may be looked for in another thread."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._related: dict[Ref, frozenset[Ref]] = {}
        self._rows: dict[Ref, dict[Pane, frozenset[int]]] = {}

    def related(self, row: Row, evaluation: Evaluation) -> frozenset[Ref]:
        """``evaluation``: what the object was last known in."""
        found = self._related.get(row.ref)
        if found is None:
            found = _keep(self._related, row.ref, _related(row, evaluation))
        return found

    def rows(self, row: Row, evaluation: Evaluation, pane: Pane) -> frozenset[int]:
        """Where in a list's rows they are."""
        found = self._rows.get(row.ref)
        if found is None:
            found = _keep(self._rows, row.ref, self._catalogue.position.places(self.related(row, evaluation)))
        return found[pane]

    def effort(self, row: Row) -> int:
        """As of how many rows that are looked at, to find what belongs to it."""
        if row.ref in self._rows:
            return 0
        match row:
            case PolicyRow(pods=int(number)) | ServiceRow(endpoints=number):
                return number * _EFFORT
        return 0


def _related(row: Row, evaluation: Evaluation) -> frozenset[Ref]:
    match row:
        case PodRow(pod=found) | ServiceRow(service=found) | PolicyRow(policy=found):
            return related(evaluation, found)
    return frozenset()


def _keep(known: dict[_KeyT, _ValueT], key: _KeyT, found: _ValueT) -> _ValueT:
    while len(known) >= _KEPT:
        known.pop(next(iter(known)), None)
    known[key] = found
    return found
