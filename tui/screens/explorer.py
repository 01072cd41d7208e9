"""The main screen: four linked lists, and the details of what is selected.

Data flows one way: a key or a message changes the state, then lists and details are shown from the state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.events import DescendantFocus
from textual.widgets import Footer

from policy_core.evaluation import Evaluation
from policy_core.manifests.locate import parsed_path
from policy_core.model import Problem, Ref
from policy_core.report.document import Link
from tui import subjects
from tui.actions import ACTIONS, bindings
from tui.catalogue import ALL_NAMESPACES, Catalogue, NamespaceRow, Pane, Row
from tui.columns import columns, next_sort, sort_key
from tui.freshness import Freshness
from tui.question import Question, question_about
from tui.screens.base import BaseScreen, uncovered
from tui.state import ExplorerState, Listing, Place, Step
from tui.widgets.detail_pane import DetailPane, Tab
from tui.widgets.document_view import DocumentView
from tui.widgets.resource_pane import ResourcePane
from tui.widgets.status_bar import StatusBar
from tui.widgets.tab_bar import TabBar
from tui.widgets.virtual_table import VirtualTable

__all__ = ["ExplorerScreen"]


class ExplorerScreen(BaseScreen[None]):
    CSS_PATH = "../app.tcss"
    OWN = ACTIONS
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(OWN)]
    AUTO_FOCUS = "#pane-pods VirtualTable"

    def __init__(self) -> None:
        super().__init__()
        self.state: ExplorerState | None = None
        """None until something was read."""
        self._panes = {pane: ResourcePane(pane, number, columns(pane)) for number, pane in enumerate(Pane, 1)}
        self._lists = Vertical(id="lists")
        self._most_lines: int | None = None
        self._tabs = TabBar(*((pane, f"{number} {pane.title()}") for number, pane in enumerate(Pane, 1)))
        self._detail = DetailPane()
        self._status = StatusBar()

    def compose(self) -> ComposeResult:
        yield self._status
        with Horizontal(id="body"):
            with self._lists:
                yield self._tabs
                yield from self._panes.values()
            yield self._detail
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self._activate(Pane.PODS)

    # What was read --------------------------------------------------------------------------------------

    def loading_progress(self, text: str) -> None:
        self._status.say(text)

    def load(self, catalogue: Catalogue, scope: str = "") -> None:
        """Show what was read, with what the person has typed meanwhile."""
        self.state = ExplorerState(catalogue, scope)
        for pane, widget in self._panes.items():
            widget.load(catalogue.rows[pane])
            self.state.listings[pane] = Listing(widget.query_text)
        self._set_scope(scope)
        self._show_lists()
        pane = self._pane_in_use()
        if self._panes[pane].current is None and not self._panes[pane].query_text:
            # Nothing to see there. The pods come first, since they are what people ask about.
            order = (Pane.PODS, Pane.SERVICES, Pane.POLICIES, Pane.NAMESPACES)
            pane = next((each for each in order if self._panes[each].current), pane)
            self._activate(pane)
            self._panes[pane].table.focus()
        row = self._panes[pane].current
        self._look_at(Place(row.ref if row else ALL_NAMESPACES))

    # Showing the state ----------------------------------------------------------------------------------

    def _show_lists(self) -> None:
        state = self.state
        if state is None:
            return
        own = state.pane_of(state.place.subject) if state.place else None
        for pane, widget in self._panes.items():
            widget.table.is_subject = pane is own
            listing = state.listings[pane]
            order = state.order(pane, sort_key(pane, listing.sort))
            self._tabs.set_label(pane, widget.label(order))
            widget.show(order, listing, "" if pane is Pane.NAMESPACES else state.scope)
        self._fit_lists()
        self._show_status()

    def _show_status(self) -> None:
        if self.state is None:
            return
        snapshot = self.state.catalogue.evaluation.snapshot
        enforced = self.state.enforcement
        policy = "policy enforcement not known" if enforced.enforced is None else f"policy {enforced.text}"
        problems = len(snapshot.problems)
        self._status.show(snapshot.title, self.state.scope, policy, problems, *self._freshness())

    def _freshness(self) -> tuple[Freshness | None, Sequence[str]]:
        """How fresh what is shown is, and how long ago each kind was heard of; manifests do not age."""
        return None, ()

    def _fit_lists(self) -> None:
        """In the narrow layout a short list leaves its room to the details; not while its filter is typed,
        when everything would jump with every key."""
        shown = self._panes[Pane(self._tabs.active)]
        most: int | None = None
        if self.has_class("-narrow") and not shown.is_typing:
            most = sum((1, 1, max(1, shown.table.row_count), bool(shown.query_text)))
        if most != self._most_lines:  # setting a style lays the screen out, changed or not
            self._most_lines = most
            self._lists.styles.max_height = most

    def _show_details(self) -> None:
        row = self._current_row()
        if self.state is None or self.state.place is None or row is None:
            return
        evaluation = self._evaluation()
        self._detail.show(
            subjects.title(row),
            subjects.document(evaluation, row),
            subjects.manifest(evaluation.snapshot, row, self.state.place.path),
        )

    def _current_row(self) -> Row | None:
        if self.state is None or self.state.place is None:
            return None
        departed = self.state.departed
        return departed.row if departed else self.state.catalogue.find(self.state.place.subject)

    def _evaluation(self) -> Evaluation:
        """What the details are computed from: of something that has gone the last that was known."""
        assert self.state is not None  # noqa: S101 - asked only where there are details
        return self.state.departed.evaluation if self.state.departed else self.state.catalogue.evaluation

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
            self.tell(subjects.whereabouts(self.state.catalogue.evaluation.snapshot, place.subject))
            return
        if self.state.place is not None and self.state.place != place:
            self.state.history.leave(self.state.here)
        self.state.look_at(place)
        self._arrive(place)

    def _arrive(self, place: Place) -> None:
        if self.state is None:
            return
        pane = self.state.reveal(place.subject)
        if pane is None:
            return
        self._panes[pane].set_query(self.state.listings[pane].query)
        self._activate(pane)
        self._set_scope(self.state.scope)
        self._show_lists()
        self._panes[pane].table.move_to(place.subject)
        self._show_details()
        self._detail.turn_to(Tab.YAML if place.path else Tab.RULES)

    def _activate(self, pane: Pane) -> None:
        """In the narrow layout only one list is on screen."""
        self._tabs.activate(pane)
        for each, widget in self._panes.items():
            widget.set_class(each is pane, "-active")
        self._fit_lists()

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
        self._look_at(Place(event.row.ref))
        self._detail.attend()

    @on(VirtualTable.HeaderSelected)
    def _header_selected(self, event: VirtualTable.HeaderSelected) -> None:
        pane = self._pane_of(event.table)
        if pane is not None and self.state is not None:
            listing = self.state.listings[pane]
            again = listing.sort == event.column
            self._relist(pane, replace(listing, sort=event.column, reverse=again and not listing.reverse))

    @on(ResourcePane.QueryChanged)
    def _query_changed(self, event: ResourcePane.QueryChanged) -> None:
        if self.state is None:
            return
        self._relist(event.pane, replace(self.state.listings[event.pane], query=event.query))
        self._point_at(self._panes[event.pane].current)

    @on(TabBar.Activated)
    def _tab_activated(self, event: TabBar.Activated) -> None:
        self.action_pane(event.key)

    @on(DocumentView.LinkFollowed)
    def _link_followed(self, event: DocumentView.LinkFollowed) -> None:
        self.go(Place(event.link.ref, event.link.path))

    @on(StatusBar.ProblemsClicked)
    def _problems_clicked(self) -> None:
        self.action_problems()

    def _relist(self, pane: Pane, listing: Listing) -> None:
        if self.state is not None:
            self.state.listings[pane] = listing
            self._show_lists()

    def _pane_of(self, table: VirtualTable[Row]) -> Pane | None:
        return next((pane for pane, widget in self._panes.items() if widget.table is table), None)

    def _pane_in_use(self) -> Pane:
        """The list that has the keyboard, else the one that the details belong to."""
        for pane, widget in self._panes.items():
            if widget.has_focus_within:
                return pane
        at = self.state.pane_of(self.state.place.subject) if self.state and self.state.place else None
        return at or Pane.PODS

    @on(DescendantFocus)
    def _focus_moved(self) -> None:
        self.set_class(self._detail.has_attention, "-reading")
        if not self._detail.has_attention:
            # Zoomed, the lists are hidden: whoever goes to one wants to see it.
            self.remove_class("-zoomed")
        self._fit_lists()

    def on_resize(self) -> None:
        self.call_after_refresh(self._fit_lists)  # by then the breakpoints have been applied

    # Actions --------------------------------------------------------------------------------------------

    def action_pane(self, name: str) -> None:
        pane = Pane(name)
        self._activate(pane)
        self._panes[pane].table.focus()
        left = self.state.here if self.state and self.state.place else None
        self._point_at(self._panes[pane].current)
        if self.state is not None and left is not None and left.subject != self.state.here.subject:
            self.state.history.leave(left)

    def action_filter(self) -> None:
        pane = self._pane_in_use()
        self._activate(pane)
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

    def _follow_from(self, to: Link | Question | None) -> None:
        """Where another screen leads, once it has gone."""
        if isinstance(to, Question):
            self.open_trace(to)
        elif to is not None:
            self.follow(to)

    def action_trace(self) -> None:
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
        evaluation = self._evaluation()
        as_yaml = self._detail.tab is Tab.YAML
        text = subjects.copied(evaluation, row, as_yaml, self.state.place.path)
        self.copy_markdown(subjects.title(row), text)

    def picture_title(self) -> str:
        row = self._current_row()
        return subjects.title(row) if row else "start"

    def follow(self, link: Link) -> None:
        """Where the command palette leads."""
        self.go(Place(link.ref, link.path))
