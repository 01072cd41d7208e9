"""Where the person is: selection, scope, filters, sorting, history. No widgets, no drawing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from policy_core.enforcement import Enforcement, enforcement_in
from policy_core.evaluation import Evaluation
from policy_core.model import Ref
from tui.catalogue import (
    ALL_NAMESPACES,
    Catalogue,
    NamespaceRow,
    Pane,
    Row,
)
from tui.marks import Marks
from tui.orders import Listing, Orders, SortKey
from tui.question import Question

__all__ = ["Ahead", "Departed", "ExplorerState", "History", "Listing", "Order", "Place", "SortKey", "Step"]

Path = tuple[str | int, ...]

_MOST_GONE = 10_000
"""Objects of which it is known when they went away."""


@dataclass(frozen=True, slots=True)
class Place:
    """Something to look at: an object, or with ``path`` one place in its manifest, or with ``trace`` a
    connection, in front of the object. In the history also the namespace that was in scope there, and what
    the subject's own list was marked for."""

    subject: Ref
    path: Path = ()
    scope: str = ""
    anchor: Ref | None = None
    trace: Question | None = None


class Step(Enum):
    """Along the history."""

    BACK = auto()
    FORWARD = auto()


@dataclass(frozen=True, slots=True)
class Departed:
    """An object that the person looked at when it went away: the last that was known of it. ``since`` as
    time.time() counts."""

    row: Row
    pane: Pane
    evaluation: Evaluation
    since: float


@dataclass(slots=True)
class History:
    """Back and forward, as in a browser: going somewhere new forgets what lay ahead."""

    behind: list[Place] = field(default_factory=list)
    ahead: list[Place] = field(default_factory=list)

    def leave(self, place: Place) -> None:
        self.behind.append(place)
        self.ahead.clear()

    def take(self, step: Step, here: Place) -> Place | None:
        """The place that the step leads to, if there is one."""
        back = step is Step.BACK
        source, target = (self.behind, self.ahead) if back else (self.ahead, self.behind)
        if not source:
            return None
        target.append(here)
        return source.pop()

    def forget(self, step: Step, is_there: Callable[[Ref], bool]) -> list[Place]:
        """The next places that the step would lead to, as far as what was there is no more. They are
        dropped."""
        source = self.behind if step is Step.BACK else self.ahead
        gone = []
        while source and not is_there(source[-1].subject):
            gone.append(source.pop())
        return gone


@dataclass(frozen=True, slots=True)
class Order:
    """Which rows a list shows: positions in the catalogue's rows; the first ``marked`` of them belong to
    what is selected elsewhere. ``total`` counts the objects in scope before the filter, ``shown`` those after
    it; the row for all namespaces is no object."""

    indices: Sequence[int]
    marked: int
    total: int
    shown: int


@dataclass(frozen=True, slots=True)
class Ahead:
    """What the lists are to show of a catalogue that is not shown yet."""

    catalogue: Catalogue
    orders: Orders
    marks: Marks


class ExplorerState:
    """Changed by the screen's handlers only; what the lists show follows from it."""

    def __init__(self, catalogue: Catalogue, scope: str = "") -> None:
        self.catalogue = catalogue
        self.scope = scope
        """A namespace's name; empty for all."""
        self.listings = {pane: Listing() for pane in Pane}
        self.enforcement: Enforcement = enforcement_in(catalogue.evaluation)
        self.place: Place | None = None
        self.anchor: Ref | None = None
        """What was looked at before in another list. The list of the subject itself is marked for it, so that
        going there from a pod walks through that pod's policies, not through all of them."""
        self.history = History()
        self.departed: Departed | None = None
        """What is being looked at, where that has gone."""
        self._gone: dict[Ref, float] = {}
        """What went away while the person was here, and when."""
        self._orders = Orders(catalogue)
        self._marks = Marks(catalogue)

    def ahead(self, catalogue: Catalogue) -> Ahead:
        """For :meth:`preparation`, before :meth:`renew`."""
        return Ahead(catalogue, Orders(catalogue, self._orders), Marks(catalogue))

    def renew(
        self, catalogue: Catalogue, now: float, gone: Mapping[Ref, float], ahead: Ahead | None = None
    ) -> None:
        """The cluster is like this at ``now``. Everything that the person has set stays. ``gone`` tells of
        what went away earlier when that was, ``ahead`` what was prepared."""
        ahead = ahead or self.ahead(catalogue)
        before, self.catalogue = self.catalogue, catalogue
        self._orders, self._marks = ahead.orders, ahead.marks
        self.enforcement = enforcement_in(catalogue.evaluation)
        self._remember_gone(catalogue, now, gone)
        subject = self.place.subject if self.place else None
        if subject is None or subject in catalogue.position:
            self.departed = None
        elif self.departed is None:
            row, pane = before.find(subject), self._pane_in(before, subject)
            since = self._gone.get(subject, now)
            self.departed = Departed(row, pane, before.evaluation, since) if row and pane else None

    def _remember_gone(self, catalogue: Catalogue, now: float, gone: Mapping[Ref, float]) -> None:
        for ref in catalogue.changed.keys() & self._gone.keys():
            del self._gone[ref]
        self._gone.update((ref, gone.get(ref, now)) for ref in catalogue.gone)
        for ref in list(self._gone)[:-_MOST_GONE]:
            del self._gone[ref]

    def gone_since(self, ref: Ref) -> float | None:
        """When it went away; None for what is there, and for what was never seen."""
        return None if ref in self.catalogue.position else self._gone.get(ref)

    def vacant(self, pane: Pane) -> bool:
        """Whether that which the list's cursor was on has gone. The person is still there in thought."""
        if self.departed is not None and self.departed.pane is pane:
            return True
        scope = Ref("Namespace", "", self.scope)
        return pane is Pane.NAMESPACES and scope not in self.catalogue.position

    @property
    def here(self) -> Place:
        """The place that is being looked at, as the history remembers it."""
        assert self.place is not None  # noqa: S101 - whoever leaves a place was at one
        return replace(self.place, scope=self.scope, anchor=self.anchor)

    def look_at(self, place: Place) -> None:
        """What was looked at so far becomes the anchor when it is of another list."""
        if self.place is not None and self.pane_of(self.place.subject) is not self.pane_of(place.subject):
            self.anchor = self.place.subject
        self._turn_to(place)

    def return_to(self, place: Place) -> None:
        """To a place of the history, with all that was in force there."""
        self.scope, self.anchor = place.scope, place.anchor
        self._turn_to(place)

    def _turn_to(self, place: Place) -> None:
        self.place = place
        if self.departed is not None and self.departed.row.ref != place.subject:
            self.departed = None

    def is_there(self, subject: Ref) -> bool:
        """Whether it can be shown: it is there, or the last that was known of it is at hand."""
        return subject in self.catalogue.position or self._departed(subject) is not None

    def _departed(self, subject: Ref) -> Departed | None:
        return self.departed if self.departed is not None and self.departed.row.ref == subject else None

    def row(self) -> Row | None:
        """What is being looked at; where that has gone, the last that was known of it."""
        if self.place is None:
            return None
        return self.departed.row if self.departed else self.catalogue.find(self.place.subject)

    def evaluation(self) -> Evaluation:
        """What there is to say of :meth:`row` follows from this."""
        return self.departed.evaluation if self.departed else self.catalogue.evaluation

    def pane_of(self, subject: Ref) -> Pane | None:
        departed = self._departed(subject)
        return departed.pane if departed else self._pane_in(self.catalogue, subject)

    @staticmethod
    def _pane_in(catalogue: Catalogue, subject: Ref) -> Pane | None:
        at = catalogue.position.get(subject)
        return at[0] if at else None

    def marks(self, pane: Pane) -> frozenset[Ref]:
        """What belongs to the object that is being looked at; in that object's own list to the anchor."""
        subject = self._marked_for(pane, self.catalogue)
        return self._marks.related(*subject) if subject else frozenset()

    def _marked_for(self, pane: Pane, catalogue: Catalogue) -> tuple[Row, Evaluation] | None:
        if self.place is None:
            return None
        subject = self.place.subject if pane is not self.pane_of(self.place.subject) else self.anchor
        departed = self._departed(subject) if subject else None
        if departed is not None:
            return departed.row, departed.evaluation
        row = catalogue.find(subject) if subject else None
        return (row, catalogue.evaluation) if row else None

    def order(self, pane: Pane, sort_key: SortKey | None) -> Order:
        """What the list shows now. ``sort_key`` gives a row's rank by the listing's sort column."""
        listing = self.listings[pane]
        within = self._orders.within(pane, listing, self.scope, sort_key)
        found = self._orders.found(pane, listing, self.scope, sort_key)
        subject = self._marked_for(pane, self.catalogue)
        rows = self._marks.rows(*subject, pane) if subject else frozenset()
        indices, marked = self._orders.floated(pane, found, rows)
        return Order(indices, marked, self._count(pane, within), self._count(pane, found))

    def _count(self, pane: Pane, indices: Sequence[int]) -> int:
        rows = self.catalogue.rows[pane]
        return len(indices) - sum(rows[i].ref == ALL_NAMESPACES for i in indices[:1])

    def preparation(
        self, sort_key: Callable[[Pane, str], SortKey | None], most: int, ahead: Ahead | None = None
    ) -> Callable[[], None] | None:
        """What may be done in another thread before :meth:`order` is asked, with ``ahead`` before that
        catalogue is shown; None where it would not look at more than ``most`` rows of any list."""
        ahead = ahead or Ahead(self.catalogue, self._orders, self._marks)
        orders, marks, scope = ahead.orders, ahead.marks, self.scope
        wanted = [(pane, self.listings[pane], self._marked_for(pane, ahead.catalogue)) for pane in Pane]

        def work() -> None:
            for pane, listing, subject in wanted:
                orders.found(pane, listing, scope, sort_key(pane, listing.sort))
                if subject is not None:
                    marks.rows(*subject, pane)

        efforts = (
            orders.effort(pane, listing, scope) + (marks.effort(subject[0]) if subject else 0)
            for pane, listing, subject in wanted
        )
        return work if max(efforts) > most else None

    def reveal(self, subject: Ref) -> Pane | None:
        """Drop whatever hides the object's row: another namespace's scope, a filter. Returns its list, or
        None where there is no such object."""
        at = self.catalogue.position.get(subject)
        if at is None:
            return None
        pane, index = at
        row = self.catalogue.rows[pane][index]
        if self.scope and pane is not Pane.NAMESPACES and subject.namespace not in ("", self.scope):
            self.scope = ""
        listing = self.listings[pane]
        if not all(term in row.haystack for term in listing.query.lower().split()):
            self.listings[pane] = Listing("", listing.sort, listing.reverse)
        return pane

    def scope_to(self, row: Row) -> None:
        if isinstance(row, NamespaceRow):
            self.scope = "" if row.ref == ALL_NAMESPACES else row.ref.name
