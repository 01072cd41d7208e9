"""The main screen: four linked lists, and the details of what is selected.

Data flows one way: a key or a message changes the state, then lists and details are shown from the state.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.events import DescendantFocus
from textual.message import Message

from policy_core.manifests.locate import parsed_path
from policy_core.model import Problem, Ref
from policy_core.printable import printable
from policy_core.report.document import Link
from tui import subjects
from tui.actions import ACTIONS, bindings
from tui.catalogue import ALL_NAMESPACES, Catalogue, NamespaceRow, Pane, Row
from tui.columns import columns, next_sort, sort_key
from tui.freshness import Freshness, clock_time
from tui.latest import Latest
from tui.question import Question, question_about
from tui.screens.aside import work_aside
from tui.screens.base import BaseScreen, uncovered
from tui.screens.pages import Pages
from tui.state import ExplorerState, Listing, Place, Step
from tui.widgets.detail_pane import DetailPane, Tab
from tui.widgets.document_view import DocumentView
from tui.widgets.key_bar import KeyBar
from tui.widgets.lists import Lists
from tui.widgets.resource_pane import ResourcePane
from tui.widgets.status_bar import StatusBar
from tui.widgets.tab_bar import TabBar
from tui.widgets.virtual_table import VirtualTable

__all__ = ["MANY_ROWS", "ExplorerScreen"]

MANY_ROWS = 20_000
"""To look at more of them would hold up the keys."""
_MANY_PODS = 5_000
"""With more of them what there is to say of one object may take long to work out."""


class ExplorerScreen(BaseScreen[None]):
    CSS_PATH = "../app.tcss"
    OWN = ACTIONS
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(OWN)]
    AUTO_FOCUS = "#pane-pods VirtualTable"

    class _Prepared(Message):
        """What the lists show has been worked out."""

    def __init__(self) -> None:
        super().__init__()
        self.state: ExplorerState | None = None
        """None until something was read."""
        self._lists = Lists(columns, sort_key)
        self._panes = self._lists.panes
        self._detail = DetailPane()
        self._status = StatusBar()
        self._pages = Pages(self, self._detail, lambda: self.state)
        self._orders = Latest(self._prepare)
        self._then: Callable[[], object] | None = None
        """What to do as soon as the lists show what is being worked out for them."""

    def compose(self) -> ComposeResult:
        yield self._status
        with Horizontal(id="body"):
            yield self._lists
            yield self._detail
        yield KeyBar()

    def on_mount(self) -> None:
        self._lists.activate(Pane.PODS)

    # What was read --------------------------------------------------------------------------------------

    def loading_progress(self, text: str) -> None:
        self._status.say(text)

    def load(self, catalogue: Catalogue, scope: str = "") -> None:
        """Show what was read, with what the person has typed meanwhile."""
        self.state = ExplorerState(catalogue, scope)
        self._lists.load(catalogue)
        for pane, widget in self._panes.items():
            self.state.listings[pane] = Listing(widget.query_text)
        self._set_scope(scope)
        self._show_lists()
        pane = self._pane_in_use()
        if self._panes[pane].current is None and not self._panes[pane].query_text:
            # Nothing to see there. The pods come first, since they are what people ask about.
            order = (Pane.PODS, Pane.SERVICES, Pane.POLICIES, Pane.NAMESPACES)
            pane = next((each for each in order if self._panes[each].current), pane)
            self._lists.activate(pane)
            self._panes[pane].table.focus()
        row = self._panes[pane].current
        self._look_at(Place(row.ref if row else ALL_NAMESPACES))

    # Showing the state ----------------------------------------------------------------------------------

    def _show_lists(self, then: Callable[[], object] | None = None, aside: bool = True) -> None:
        """Then do what ``then`` says. Where too many rows have to be looked at first, that is done
        ``aside``, and the lists stay meanwhile as they are."""
        if self.state is None or not self._lists.is_attached:  # it is being closed
            return
        work = self.state.preparation(sort_key, MANY_ROWS) if aside else None
        self._then = then
        if work is not None:
            self._orders.want(work)
            return
        self._lists.show(self.state, self._nothing_of_scope())
        self._show_status()
        if then is not None:
            self._then = None
            then()

    def _prepare(self, work: Callable[[], None]) -> None:
        work_aside(self, work, "lists", "the lists", done=self._Prepared())

    @on(_Prepared)
    def _prepared(self) -> None:
        self._orders.done()
        if not self._orders.busy:
            self._show_lists(self._then)

    def _nothing_of_scope(self) -> str:
        """Why there is nothing in the namespace that is in scope; manifests have those that they have."""
        return ""

    def _show_status(self) -> None:
        if self.state is None:
            return
        snapshot = self.state.catalogue.evaluation.snapshot
        enforced = self.state.enforcement
        policy = "policy enforcement not known" if enforced.enforced is None else f"policy {enforced.text}"
        self._status.tooltip = Content(printable(f"Policy {enforced.told}"))
        problems = len(snapshot.problems)
        scope = self.state.scope
        gone = " (gone)" if self.state.gone_since(Ref("Namespace", "", scope)) is not None else ""
        self._status.show(snapshot.title, f"{scope}{gone}", policy, problems, *self._freshness())

    def _freshness(self) -> tuple[Freshness | None, Sequence[str], str]:
        """How fresh what is shown is, how long ago each kind was heard of, and the one that was heard the
        longest ago; manifests do not age."""
        return None, (), ""

    def _show_details(self) -> None:
        state, row = self.state, self._current_row()
        if state is None or state.place is None or row is None:
            return
        many = len(state.catalogue.rows[Pane.PODS]) > _MANY_PODS
        self._pages.show(state.evaluation(), row, state.place, aside=many)

    @on(Pages.Described)
    def _described(self, event: Pages.Described) -> None:
        self._pages.take(event)

    def _current_row(self) -> Row | None:
        return self.state.row() if self.state else None

    # Changing the state ---------------------------------------------------------------------------------

    def _look_at(self, place: Place) -> None:
        """Select without leaving a trace in the history: the cursor moved."""
        if self.state is None or self.state.place == place:
            return
        if self.state.place is not None and self.state.place.path:
            self._detail.turn_to(Tab.RULES)  # the manifest was asked for at one place only
        self.state.look_at(place)
        self._show_lists()
        self._show_details()

    def go(self, place: Place) -> None:
        """Go somewhere as a step of its own, which ``back`` takes back."""
        if self.state is None:
            return
        if place.subject not in self.state.catalogue.position:
            self.tell(self._missing(place.subject))
            return
        if self.state.place is not None and self.state.place != place:
            self.state.history.leave(self.state.here)
        self.state.look_at(place)
        self._arrive(place)

    def _missing(self, ref: Ref) -> str:
        """Why there is nothing to show."""
        assert self.state is not None  # noqa: S101 - something leads there
        since = self.state.gone_since(ref)
        if since is not None:
            return f"{ref} is gone since {clock_time(since)}"
        return subjects.whereabouts(self.state.catalogue.evaluation.snapshot, ref)

    def _arrive(self, place: Place) -> None:
        if self.state is None:
            return
        pane = self.state.reveal(place.subject)
        if pane is None:
            return
        self._panes[pane].set_query(self.state.listings[pane].query)
        self._lists.activate(pane)
        self._set_scope(self.state.scope)
        self._show_lists(partial(self._panes[pane].table.move_to, place.subject))
        self._show_details()
        self._detail.turn_to(Tab.YAML if place.path else Tab.RULES)

    # What the person did --------------------------------------------------------------------------------

    @on(VirtualTable.RowHighlighted)
    def _row_highlighted(self, event: VirtualTable.RowHighlighted) -> None:
        self._point_at(event.row)

    def _point_at(self, row: Row | None) -> None:
        """The cursor of a list is on ``row`` now; the one of the namespaces sets the scope as well."""
        if row is None or self.state is None:
            return
        if isinstance(row, NamespaceRow):
            self.state.scope_to(row)
        self._look_at(Place(row.ref))

    def _set_scope(self, namespace: str) -> None:
        """The scope was changed elsewhere: the list of namespaces follows."""
        if self.state is not None:
            self.state.scope = namespace
            self._panes[Pane.NAMESPACES].table.move_to(Ref("Namespace", "", namespace))

    @on(VirtualTable.RowSelected)
    def _row_selected(self, event: VirtualTable.RowSelected) -> None:
        if not event.table.vacant:  # else the page of what was there is the one that is meant
            self._look_at(Place(event.row.ref))
        self._detail.attend()

    @on(VirtualTable.HeaderSelected)
    def _header_selected(self, event: VirtualTable.HeaderSelected) -> None:
        pane = self._lists.pane_of(event.table)
        if pane is not None and self.state is not None:
            listing = self.state.listings[pane]
            again = listing.sort == event.column
            self._relist(pane, replace(listing, sort=event.column, reverse=again and not listing.reverse))

    @on(ResourcePane.QueryChanged)
    def _query_changed(self, event: ResourcePane.QueryChanged) -> None:
        if self.state is None:
            return
        pane = self._panes[event.pane]
        listing = replace(self.state.listings[event.pane], query=event.query)
        self._relist(event.pane, listing, lambda: self._point_at(pane.current))

    @on(TabBar.Activated)
    def _tab_activated(self, event: TabBar.Activated) -> None:
        self.action_pane(event.key)

    @on(DocumentView.LinkFollowed)
    def _link_followed(self, event: DocumentView.LinkFollowed) -> None:
        self.go(Place(event.link.ref, event.link.path))

    @on(StatusBar.ProblemsClicked)
    def _problems_clicked(self) -> None:
        self.action_problems()

    def _relist(self, pane: Pane, listing: Listing, then: Callable[[], object] | None = None) -> None:
        if self.state is not None:
            self.state.listings[pane] = listing
            self._show_lists(then)

    def _pane_in_use(self) -> Pane:
        """The list that has the keyboard, else the one that the details belong to."""
        if self._lists.in_use is not None:
            return self._lists.in_use
        at = self.state.pane_of(self.state.place.subject) if self.state and self.state.place else None
        return at or Pane.PODS

    @on(DescendantFocus)
    def _focus_moved(self) -> None:
        if not self._detail.has_attention:
            # Zoomed, the lists are hidden: whoever goes to one wants to see it.
            self.remove_class("-zoomed")
        self._fit()

    def on_resize(self) -> None:
        self.call_after_refresh(self._fit)  # by then the breakpoints have been applied

    def _fit(self) -> None:
        # Where there is room for both it says nothing: with a class of the screen all of it is styled anew.
        self.set_class(self._detail.has_attention and self.has_class("-narrow"), "-reading")
        self._lists.fit()

    # Actions --------------------------------------------------------------------------------------------

    def action_pane(self, name: str) -> None:
        pane = Pane(name)
        self._lists.activate(pane)
        self._panes[pane].table.focus()
        left = self.state.here if self.state and self.state.place else None
        if not self._panes[pane].table.vacant:
            self._point_at(self._panes[pane].current)
        if self.state is not None and left is not None and left.subject != self.state.here.subject:
            self.state.history.leave(left)

    def action_filter(self) -> None:
        pane = self._pane_in_use()
        self._lists.activate(pane)
        self._panes[pane].start_filter()

    def action_leave(self) -> None:
        """One step out: of the manifest, of the details, of the filter, of the marks, of the namespace."""
        pane, state = self._pane_in_use(), self.state
        if self._detail.has_attention and self._detail.tab is Tab.YAML:
            if state is not None and state.place is not None and state.place.path and state.history.behind:
                self.action_back()
            else:
                self._detail.turn_to(Tab.RULES)
        elif self._detail.has_attention:
            self.remove_class("-zoomed")
            self._panes[pane].table.focus()
        elif self._panes[pane].query_text:
            self._panes[pane].drop_filter()
        elif state is not None and (state.marks(pane) or state.scope):
            if state.marks(pane):
                state.anchor = None
            else:
                self._set_scope("")
            self._show_lists()

    def action_scope(self) -> None:
        row = self._current_row()
        if self.state is None or row is None:
            return
        namespace = row.ref.name if isinstance(row, NamespaceRow) else row.ref.namespace
        self._set_scope("" if self.state.scope == namespace else namespace)
        self._show_lists()

    def action_open(self) -> None:
        self._detail.attend()

    def action_back(self) -> None:
        self._step(Step.BACK)

    def action_forward(self) -> None:
        self._step(Step.FORWARD)

    def _step(self, step: Step) -> None:
        if self.state is None or self.state.place is None:
            return
        here = self.state.here
        gone = self.state.history.forget(step, self.state.is_there)
        if gone:
            self.tell(self._missing(gone[0].subject))
        place = self.state.history.take(step, here)
        if place is None:
            self.tell("nothing to go back to" if step is Step.BACK else "nothing further")
            return
        self.state.return_to(place)
        if replace(place, trace=None) != replace(here, trace=None):
            self._arrive(place)
        if place.trace is not None:
            self._show_trace(place.trace)

    def action_yaml(self) -> None:
        self._detail.turn_to(Tab.RULES if self._detail.tab is Tab.YAML else Tab.YAML)

    def action_zoom(self) -> None:
        self.toggle_class("-zoomed")
        if self.has_class("-zoomed"):
            self._detail.attend()

    def action_sort(self) -> None:
        self._sort(self._pane_in_use(), further=True)

    def action_reverse(self) -> None:
        self._sort(self._pane_in_use(), further=False)

    def _sort(self, pane: Pane, further: bool) -> None:
        """By the next column that is on screen, or the other way round by the same one."""
        if self.state is None:
            return
        listing = self.state.listings[pane]
        following = next_sort(self._panes[pane].table.shown_columns, listing.sort)
        if further:
            self._relist(pane, replace(listing, sort=following, reverse=False))
        else:
            self._relist(pane, replace(listing, sort=listing.sort or following, reverse=not listing.reverse))

    def action_problems(self) -> None:
        from tui.screens.problems import ProblemsScreen

        if self.state is not None:
            catalogue = self.state.catalogue
            self.app.push_screen(
                ProblemsScreen(catalogue.evaluation.snapshot.problems, catalogue.position), self._open_problem
            )

    def _open_problem(self, problem: Problem | None) -> None:
        if problem is not None and problem.subject is not None:
            self.go(Place(problem.subject, parsed_path(problem.field)))
            self._detail.turn_to(Tab.YAML)
            self._detail.attend()

    def action_matrix(self) -> None:
        from tui.screens.matrix import MatrixScreen

        row = self._current_row()
        if self.state is not None:
            namespace = self.state.scope or (row.ref.namespace or row.ref.name if row else "")
            self.app.push_screen(MatrixScreen(self.state.catalogue.evaluation, namespace), self._follow_from)

    def action_exposure(self) -> None:
        from tui.screens.exposure import ExposureScreen

        if self.state is not None:
            evaluation = self.state.catalogue.evaluation
            self.app.push_screen(ExposureScreen(evaluation, self.state.scope), self._follow_from)

    def _follow_from(self, to: Link | Question | None) -> None:
        """Where another screen leads, once it has gone."""
        if isinstance(to, Question):
            self.open_trace(to)
        elif to is not None:
            self.follow(to)

    def action_trace(self) -> None:
        if self.state is not None and self.state.departed is not None:
            self.tell(self._missing(self.state.departed.row.ref))  # why another end must be chosen
        self.open_trace(question_about(self._current_row()))

    def open_trace(self, question: Question) -> None:
        """Also from a screen that has just gone."""
        if self.state is not None and self.state.place is not None:
            self.state.history.leave(self.state.here)
            self._show_trace(question)

    def _show_trace(self, question: Question) -> None:
        from tui.screens.trace import TraceScreen

        if self.state is not None:
            ahead = bool(self.state.history.ahead)
            self.app.push_screen(
                TraceScreen(self.state.catalogue, question, ahead, self._traced, self._leave_trace)
            )

    def _traced(self, question: Question | None) -> None:
        """The trace in front of the object that is looked at belongs to the place, with all its changes."""
        if self.state is not None and self.state.place is not None:
            self.state.place = replace(self.state.place, trace=question)

    def _leave_trace(self, to: Link | Step) -> None:
        self.app.pop_screen()
        if isinstance(to, Link):
            self.follow(to)
            self.call_next(uncovered, self, self._detail.attend)
        else:
            self._step(to)

    def on_screen_resume(self) -> None:
        """A trace that was left in no way of its own, as by the palette, is a step all the same."""
        if self.is_current and self.state is not None and self.state.place and self.state.place.trace:
            self.state.history.leave(self.state.here)
            self._traced(None)

    def action_copy(self) -> None:
        row = self._current_row()
        if self.state is None or self.state.place is None or row is None:
            return
        evaluation = self.state.evaluation()
        as_yaml = self._detail.tab is Tab.YAML
        text = subjects.copied(evaluation, row, as_yaml, self.state.place.path)
        self.copy_markdown(subjects.title(row), text)

    def picture_title(self) -> str:
        row = self._current_row()
        return subjects.title(row) if row else "start"

    def follow(self, link: Link) -> None:
        """Where the command palette leads."""
        self.go(Place(link.ref, link.path))
