"""The explorer of a live cluster: what changes there changes here, and nothing else does."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar, Protocol, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from policy_core.coverage import covers
from policy_core.details.coverage import banner
from policy_core.health import Health
from policy_core.model import Ref
from tui.actions import ACTIONS, LIVE_ACTIONS, bindings
from tui.catalogue import Catalogue
from tui.freshness import CONNECTING, Freshness, ages, clock_time, complaint, freshness, oldest
from tui.live_view import MARKED_FOR, LiveView
from tui.options import is_namespace
from tui.screens.base import FollowsCluster
from tui.screens.chooser import ChooserScreen
from tui.screens.coming import Coming, Next
from tui.screens.explorer import MANY_ROWS, ExplorerScreen
from tui.screens.sources import SourcesScreen
from tui.state import Ahead, Place
from tui.widgets.banner import Banner
from tui.widgets.status_bar import StatusBar

if TYPE_CHECKING:
    from tui.following import Following
    from tui.session import Session

__all__ = ["LiveExplorerScreen"]

TICK = 1.0
"""Seconds between two looks at the clock: ages are told in seconds."""


class _Program(Protocol):
    """What the application does for this screen."""

    session: Session | None

    @property
    def live(self) -> Following | None: ...

    def switch_context(self, name: str) -> None: ...


class LiveExplorerScreen(ExplorerScreen):
    OWN = (*ACTIONS, *LIVE_ACTIONS)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(LIVE_ACTIONS)]

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._view = LiveView(clock)
        self._banner = Banner(id="banner")
        self._sources: SourcesScreen | None = None
        self._coming = Coming(self, MANY_ROWS, self._renew)
        self._unmarking = False
        """Whether something is going to take the marks away."""

    def compose(self) -> ComposeResult:
        widgets = iter(super().compose())
        yield next(widgets)
        yield self._banner
        yield from widgets

    def on_mount(self) -> None:
        self.set_interval(TICK, self.tick)

    @property
    def _program(self) -> _Program:
        return cast(_Program, self.app)

    # What the cluster does ------------------------------------------------------------------------------

    def load(self, catalogue: Catalogue, scope: str = "") -> None:
        self._coming.drop()  # it was of another cluster
        super().load(catalogue, scope)
        self._tell_freshness()

    def renew(self, catalogue: Catalogue) -> None:
        """Show what has changed in the cluster, unless the person has stopped the screen."""
        shown = self._view.take(catalogue)
        if shown is None:
            self._show_status()
        else:
            self._show_soon(shown, {})

    def hear(self, health: Health) -> None:
        """How fresh it is."""
        self._view.health = health
        self._tell_freshness()

    def _show_soon(self, catalogue: Catalogue, gone: Mapping[Ref, float]) -> None:
        if self.state is not None:
            self._coming.take(self.state, Next(catalogue, gone))

    @on(Coming.Prepared)
    def _prepared_what_comes(self) -> None:
        self._coming.prepared()

    def _renew(self, ahead: Ahead, gone: Mapping[Ref, float]) -> None:
        if self.state is None or not self._lists.is_attached:  # it is being closed
            return
        catalogue = ahead.catalogue
        scope, before = Ref("Namespace", "", self.state.scope), self.state.departed
        self.state.renew(catalogue, self._view.now, gone, ahead)
        if self.state.scope and scope in catalogue.gone:
            self.tell(f"{self._nothing_of_scope()}; should it come back, it is shown again", "warning")
        self._lists.renew(catalogue)
        if catalogue.changed.get(scope) == "+":
            self._set_scope(self.state.scope)  # it has a row now
        self._show_lists(aside=False)  # the rows are others already
        if before is not None and self.state.departed is None:
            self._panes[before.pane].table.move_to(before.row.ref)  # it is back
        self._show_marks()
        if before is None and self.state.departed is not None:
            self._show_details()  # the last that was known, and not what was shown of it
        else:
            self._describe_anew()
        self._show_banner()
        for screen in self._above():
            screen.renew(catalogue, self._view.now)

    def _above(self) -> list[FollowsCluster]:
        """The screens that lie over this one and show the cluster, too."""
        return [s for s in self.app.screen_stack if s is not self and isinstance(s, FollowsCluster)]

    def on_screen_suspend(self) -> None:
        self._tell_freshness()

    def _show_marks(self) -> None:
        """One timer takes away whatever has been marked for long enough."""
        marks = self._view.marks()
        for widget in self._panes.values():
            widget.table.set_signs(marks)
        if marks and not self._unmarking:
            self._unmarking = True
            self.set_timer(MARKED_FOR / 4, self._unmark)

    def _unmark(self) -> None:
        self._unmarking = False
        self._show_marks()

    def _nothing_of_scope(self) -> str:
        state = self.state
        if state is None or not state.scope or state.scope in state.catalogue.evaluation.snapshot.namespaces:
            return ""
        since = state.gone_since(Ref("Namespace", "", state.scope))
        if since is not None:
            return f"namespace {state.scope} is gone since {clock_time(since)}"
        return f"nothing could be read in namespace {state.scope}"

    def tick(self) -> None:
        self._tell_freshness()

    def _tell_freshness(self) -> None:
        self._show_status()
        self._show_banner()
        fresh, *_ = self._freshness()
        if fresh is not None:
            for screen in self._above():
                screen.tell_freshness(fresh)
        health = self._view.health
        if self.state is not None and health is not None and self._sources is not None:
            coverage = self.state.catalogue.evaluation.snapshot.coverage
            self._sources.show(health, coverage, self._view.now)

    def _show_banner(self) -> None:
        health = self._view.health
        lost = complaint(health, self._view.now) if health and self.state else ""
        limits = self._limits()
        if lost:
            self._banner.show(lost, lost=True)
        elif limits and limits != self._view.dismissed:
            self._banner.show(limits, "i more · esc hide")
        else:
            self._banner.show("")

    def _limits(self) -> str:
        """What may not be read."""
        return banner(self.state.catalogue.evaluation.snapshot.coverage) if self.state else ""

    def _freshness(self) -> tuple[Freshness | None, list[str], str]:
        health, now = self._view.health, self._view.now
        if health is None:
            return None, [], ""
        view = self._view
        fresh = freshness(health, now, view.paused, len(view.missed))
        return fresh, ages(health, now), oldest(health, now)

    def loading_progress(self, text: str) -> None:
        """In full where the details will be: what is wrong with a server takes more than a line."""
        if self.state is None:
            live = self._program.live
            self._status.say(live.context if live else "", CONNECTING)
            self._detail.say(text)

    # What the person does -------------------------------------------------------------------------------

    def action_pause(self) -> None:
        meanwhile = self._view.toggle_pause()
        if self._view.paused is not None and (left := self._coming.drop()) is not None:
            self._view.put_back(left.catalogue, left.gone)
        if meanwhile is not None:
            self._show_soon(meanwhile.catalogue, meanwhile.gone)
        self._show_status()

    def action_refresh_cluster(self) -> None:
        if self._program.live is not None:
            self._program.live.refresh()
            still = "; the screen stays paused, p goes on" if self._view.paused is not None else ""
            self.tell(f"everything is read anew{still}")

    def action_sources(self) -> None:
        self._sources = SourcesScreen()
        self.app.push_screen(self._sources, self._sources_closed)
        self.call_after_refresh(self._tell_freshness)

    def _sources_closed(self, _: None) -> None:
        self._sources = None

    def action_contexts(self) -> None:
        session = self._program.session
        if session is None:
            return
        names = session.feed.contexts()
        recent = [name for name in session.recent() if name in names]
        ordered = list(dict.fromkeys((*recent, *names)))
        self.app.push_screen(ChooserScreen("Context", ordered, session.feed.context), self._turn_to)

    def _turn_to(self, context: str | None) -> None:
        if context is not None:
            self._program.switch_context(context)

    def action_namespaces(self) -> None:
        if self.state is None:
            return
        snapshot = self.state.catalogue.evaluation.snapshot
        new = "" if covers(snapshot.coverage, "Namespace") else "look into"
        names = ["", *snapshot.namespaces]
        screen = ChooserScreen("Namespace", names, self.state.scope, new, is_namespace)
        self.app.push_screen(screen, self._scope_to)

    def _scope_to(self, namespace: str | None) -> None:
        if namespace is None or self.state is None:
            return
        known = ("", *self.state.catalogue.evaluation.snapshot.namespaces)
        if namespace not in known and self._program.live is not None:
            self._program.live.look_into(namespace)
            self.tell(f"looking into {namespace}: what may be read there is shown as it comes")
        left = self.state.here if self.state.place else None
        self._set_scope(namespace)
        self._show_lists()
        self._look_within(namespace)
        if left is not None and left.subject != self.state.here.subject:
            self.state.history.leave(left)

    def _look_within(self, namespace: str) -> None:
        """What is looked at is in scope; where nothing of the list is, the namespace itself."""
        if self.state is None or self.state.place is None:
            return
        subject, its_own = self.state.place.subject, Ref("Namespace", "", namespace)
        if not namespace or subject == its_own or subject.namespace == namespace:
            return
        row = self._panes[self._pane_in_use()].current
        if row is not None and row.ref.namespace == namespace:
            self._point_at(row)
        elif its_own in self.state.catalogue.position:
            self._look_at(Place(its_own))

    @on(StatusBar.FreshnessClicked)
    def _freshness_clicked(self) -> None:
        self.action_sources()

    @on(Banner.Clicked)
    def _banner_clicked(self, event: Banner.Clicked) -> None:
        event.stop()
        if self._banner.can_be_hidden:
            self._hide_banner()
        else:
            self.action_sources()

    def _hide_banner(self) -> None:
        self._view.dismissed = self._limits()
        self._show_banner()

    def action_leave(self) -> None:
        """One step out; the banner about what may not be read is the first."""
        if self._banner.can_be_hidden:
            self._hide_banner()
        else:
            super().action_leave()

    # The details ----------------------------------------------------------------------------------------

    def _show_details(self) -> None:
        super()._show_details()
        self._show_departure()

    def _show_departure(self) -> None:
        departed = self.state.departed if self.state else None
        if departed is None:
            self._detail.note("")
        else:
            since = clock_time(departed.since)
            self._detail.note(
                f"{departed.row.ref} is gone since {since}: this is the last that was known of it"
            )

    def _describe_anew(self) -> None:
        """What the details say may be something else now. With thousands of pods that takes long to work
        out, so it is done aside."""
        self._show_departure()
        state, row = self.state, self._current_row()
        if state is not None and state.place is not None and row is not None and not state.departed:
            self._pages.renew(state.evaluation(), row, state.place)
