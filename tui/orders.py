"""Which rows of a list are shown, and in which order: worked out once, and narrowed as a filter is typed.

With 150,000 rows nothing may look at all of them for a key that was pressed. What must is told beforehand by
:meth:`Orders.effort`, and can be done in another thread: what is found is kept.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, overload

from tui.catalogue import Catalogue, Pane, Row

__all__ = ["Floated", "Listing", "Orders", "SortKey"]

SortKey = Callable[[Any], Any]
"""A row's rank by some column."""
_Base = tuple[str, bool, str]
"""Column, reverse, scope."""
_Filtered = tuple[_Base, tuple[str, ...]]
_KeyT = TypeVar("_KeyT", _Base, _Filtered)
_TO_SORT = 10
"""To sort a row is as much work as to look at so many."""
_KEPT = 24
"""So many are remembered for each list: going back over what was typed is as quick as typing."""


@dataclass(frozen=True, slots=True)
class Listing:
    """How one list is filtered and sorted. ``sort`` empty: the snapshot's own order."""

    query: str = ""
    sort: str = ""
    reverse: bool = False

    @property
    def terms(self) -> tuple[str, ...]:
        return tuple(self.query.lower().split())


class Floated(Sequence[int]):
    """An order with some of its places first: those at the positions ``first``, ascending."""

    __slots__ = ("_before", "_first", "_order")

    def __init__(self, order: Sequence[int], first: Sequence[int]) -> None:
        self._order = order
        self._first = first
        self._before = [at - number for number, at in enumerate(first)]
        """For each of the first how many of the others come before it."""

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, position: int) -> int: ...
    @overload
    def __getitem__(self, position: slice) -> list[int]: ...
    def __getitem__(self, position: int | slice) -> int | list[int]:
        if isinstance(position, slice):
            return [self._at(each) for each in range(*position.indices(len(self)))]
        if position < 0:
            position += len(self)
        if not 0 <= position < len(self):
            raise IndexError(position)
        return self._at(position)

    def _at(self, position: int) -> int:
        number = len(self._first)
        if position < number:
            return self._order[self._first[position]]
        rest = position - number
        return self._order[rest + bisect_right(self._before, rest)]

    def index(self, value: int, start: int = 0, stop: int | None = None) -> int:
        at = self._order.index(value)
        number = bisect_left(self._first, at)
        found = number if self._first[number : number + 1] == [at] else at + len(self._first) - number
        if not start <= found < (len(self) if stop is None else stop):
            raise ValueError(value)
        return found

    def __contains__(self, value: object) -> bool:
        return value in self._order

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Floated):
            return NotImplemented
        return self is other or (self._first == other._first and self._order == other._order)

    __hash__ = None  # type: ignore[assignment]


class Orders:
    """Those of one catalogue."""

    def __init__(self, catalogue: Catalogue, previous: Orders | None = None) -> None:
        """Of lists that are quite what they were all that is known of ``previous`` still holds."""
        self._catalogue = catalogue
        self._flat: dict[Pane, tuple[Row, ...]] = {}
        same = set(Pane) - catalogue.touched if previous else set()
        bases, found = (previous._bases, previous._found) if previous else ({}, {})
        self._bases: dict[Pane, dict[_Base, Sequence[int]]] = {
            pane: bases[pane] if pane in same else {} for pane in Pane
        }
        self._found: dict[Pane, dict[_Filtered, Sequence[int]]] = {
            pane: found[pane] if pane in same else {} for pane in Pane
        }

    def _rows(self, pane: Pane) -> Sequence[Row]:
        """As a tuple: to find each in its namespace's part would take most of the time."""
        found = self._flat.get(pane)
        if found is None:
            found = self._flat[pane] = tuple(self._catalogue.rows[pane])
        return found

    @staticmethod
    def _base(pane: Pane, listing: Listing, scope: str) -> _Base:
        return listing.sort, listing.reverse, "" if pane is Pane.NAMESPACES else scope

    def within(self, pane: Pane, listing: Listing, scope: str, sort_key: SortKey | None) -> Sequence[int]:
        """The rows in scope, before the filter."""
        base = self._base(pane, listing, scope)
        found = self._bases[pane].get(base)
        if found is None:
            found = _keep(self._bases[pane], base, self._ordered(pane, listing, base[2], sort_key))
        return found

    def _ordered(self, pane: Pane, listing: Listing, scope: str, sort_key: SortKey | None) -> Sequence[int]:
        rows = self._rows(pane)
        indices = self._scoped(pane, scope)
        if sort_key is None:
            return indices
        # The row for all namespaces is no namespace: it stays on top.
        fixed = 1 if pane is Pane.NAMESPACES else 0
        key = sort_key
        ranks = {i: key(rows[i]) for i in indices[fixed:]}
        return [*indices[:fixed], *sorted(ranks, key=ranks.__getitem__, reverse=listing.reverse)]

    def _scoped(self, pane: Pane, scope: str) -> Sequence[int]:
        rows = self._catalogue.rows[pane]
        if not scope:
            return range(len(rows))
        if pane is Pane.POLICIES:
            # A cluster-scoped policy belongs to every namespace.
            return [i for i, row in enumerate(rows) if row.ref.namespace in (scope, "")]
        first = bisect_left(rows, scope, key=_namespace)
        return range(first, bisect_right(rows, scope, lo=first, key=_namespace))

    def found(self, pane: Pane, listing: Listing, scope: str, sort_key: SortKey | None) -> Sequence[int]:
        """The rows that have every word of the filter."""
        indices = self.within(pane, listing, scope, sort_key)
        if not listing.terms:
            return indices
        key = self._base(pane, listing, scope), listing.terms
        found = self._found[pane].get(key)
        if found is None:
            rows = self._rows(pane)
            narrower = self._narrower(pane, key)
            found = indices if narrower is None else narrower
            for term in listing.terms:
                found = [i for i in found if term in rows[i].haystack]
            _keep(self._found[pane], key, found)
        return found

    def _narrower(self, pane: Pane, key: _Filtered) -> Sequence[int] | None:
        """The shortest order that is known to have all that is looked for: that of a filter of which every
        word is in some word of this one."""
        base, terms = key
        found: Sequence[int] | None = None
        for (other, fewer), indices in list(self._found[pane].items()):
            if other == base and all(any(word in term for term in terms) for word in fewer):
                found = indices if found is None or len(indices) < len(found) else found
        return found

    def effort(self, pane: Pane, listing: Listing, scope: str) -> int:
        """About how many rows have to be looked at; 0 for what is known."""
        base = self._base(pane, listing, scope)
        known = self._bases[pane].get(base)
        effort = 0
        if known is None and listing.sort:
            effort = len(self._scoped(pane, base[2])) * _TO_SORT
        if listing.terms and (base, listing.terms) not in self._found[pane]:
            found = self._narrower(pane, (base, listing.terms))
            effort += len(self._scoped(pane, base[2]) if found is None else found)
        return effort

    def floated(self, pane: Pane, order: Sequence[int], marked: Collection[int]) -> tuple[Sequence[int], int]:
        """``order`` with those of the ``marked`` rows first that are in it, and how many these are."""
        if isinstance(order, range):
            first = sorted(order.index(i) for i in marked if i in order)
        else:
            first = [at for at, i in enumerate(order) if i in marked] if marked else []
        return (Floated(order, first), len(first)) if first else (order, 0)


def _namespace(row: Row) -> str:
    return row.ref.namespace


def _keep(known: dict[_KeyT, Sequence[int]], key: _KeyT, found: Sequence[int]) -> Sequence[int]:
    while len(known) >= _KEPT:
        known.pop(next(iter(known)), None)
    known[key] = found
    return found
