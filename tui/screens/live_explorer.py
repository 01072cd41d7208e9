"""The explorer of a live cluster: what changes there changes here, and nothing else does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from policy_core.coverage import covers
from policy_core.details.coverage import banner
from policy_core.health import Health
from tui.actions import ACTIONS, LIVE_ACTIONS, bindings
from tui.catalogue import Catalogue
from tui.freshness import Freshness, ages, complaint, freshness
from tui.live_view import MARKED_FOR, LiveView
from tui.screens.chooser import ChooserScreen
from tui.screens.explorer import ExplorerScreen
from tui.screens.sources import SourcesScreen
from tui.widgets.banner import Banner

if TYPE_CHECKING:
    from tui.app import NetpolApp

__all__ = ["LiveExplorerScreen"]

_TICK = 1.0
"""Seconds between two looks at the clock: ages are told in seconds."""


class LiveExplorerScreen(ExplorerScreen):
    OWN = (*ACTIONS, *LIVE_ACTIONS)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(LIVE_ACTIONS)]

    app: NetpolApp

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._view = LiveView(clock)
        self._banner = Banner(id="banner")
        self._sources: SourcesScreen | None = None

    def compose(self) -> ComposeResult:
        widgets = iter(super().compose())
        yield next(widgets)
        yield self._banner
        yield from widgets

    def on_mount(self) -> None:
        self.set_interval(_TICK, self._tick)

    # What the cluster does ------------------------------------------------------------------------------

    def load(self, catalogue: Catalogue, scope: str = "") -> None:
        super().load(catalogue, scope)
        self._tell_freshness()

    def renew(self, catalogue: Catalogue) -> None:
        """Show what has changed in the cluster, unless the person has stopped the screen."""
        shown = self._view.take(catalogue)
        if shown is None:
            self._show_status()
        else:
            self._renew(shown)

    def hear(self, health: Health) -> None:
        """How fresh it is."""
        self._view.health = health
        self._tell_freshness()

    def _renew(self, catalogue: Catalogue) -> None:
        if self.state is None:
            return
        self.state.renew(catalogue, self._view.now)
        if self.state.scope and self.state.scope not in catalogue.evaluation.snapshot.namespaces:
            self.tell(f"the namespace {self.state.scope} is gone: all namespaces are shown", "warning")
            self._set_scope("")
        for pane, widget in self._panes.items():
            widget.renew(catalogue.rows[pane], catalogue.changed)
        self._show_lists()
        self._show_marks()
        if self._view.marks():
            self.set_timer(MARKED_FOR, self._show_marks)
        self._show_details()
        for screen in self.app.screen_stack:
            if screen is not self and hasattr(screen, "renew"):
                screen.renew(catalogue)

    def _show_marks(self) -> None:
        marks = self._view.marks()
        for widget in self._panes.values():
            widget.table.set_signs(marks)

    def _tick(self) -> None:
        self._tell_freshness()

    def _tell_freshness(self) -> None:
        self._show_status()
        self._show_banner()
        health = self._view.health
        if self.state is not None and health is not None and self._sources is not None:
            coverage = self.state.catalogue.evaluation.snapshot.coverage
            self._sources.show(health, coverage, self._view.now)

    def _show_banner(self) -> None:
        health = self._view.health
        lost = complaint(health, self._view.now) if health and self.state else ""
        limits = banner(self.state.catalogue.evaluation.snapshot.coverage) if self.state else ""
        if limits == self._view.dismissed:
            limits = ""
        self._banner.show(lost or (f"{limits} · i tells more, esc hides this" if limits else ""), bool(lost))

    def _freshness(self) -> tuple[Freshness | None, list[str]]:
        health, now = self._view.health, self._view.now
        if health is None:
            return None, []
        view = self._view
        return freshness(health, now, view.paused, len(view.missed)), ages(health, now)

    # What the person does -------------------------------------------------------------------------------

    def action_pause(self) -> None:
        catalogue = self._view.toggle_pause()
        if catalogue is not None:
            self._renew(catalogue)
        self._show_status()

    def action_refresh_cluster(self) -> None:
        if self.app.live is not None:
            self.app.live.refresh()
            self.tell("everything is read anew")

    def action_sources(self) -> None:
        self._sources = SourcesScreen()
        self.app.push_screen(self._sources, self._sources_closed)
        self.call_after_refresh(self._tell_freshness)

    def _sources_closed(self, _: None) -> None:
        self._sources = None

    def action_contexts(self) -> None:
        session = self.app.session
        if session is None:
            return
        names = session.feed.contexts()
        recent = [name for name in session.recent() if name in names]
        ordered = list(dict.fromkeys((*recent, *names)))
        self.app.push_screen(ChooserScreen("Context", ordered, session.feed.context), self._turn_to)

    def _turn_to(self, context: str | None) -> None:
        if context is not None:
            self.app.switch_context(context)

    def action_namespaces(self) -> None:
        if self.state is None:
            return
        snapshot = self.state.catalogue.evaluation.snapshot
        listed = covers(snapshot.coverage, "Namespace")
        new = "" if listed else "not listed here · ↵ looks into it all the same"
        screen = ChooserScreen("Namespace", ["", *snapshot.namespaces], self.state.scope, new)
        self.app.push_screen(screen, self._scope_to)

    def _scope_to(self, namespace: str | None) -> None:
        if namespace is None or self.state is None:
            return
        if namespace and namespace not in self.state.catalogue.evaluation.snapshot.namespaces:
            if self.app.live is not None:
                self.app.live.look_into(namespace)
                self.tell(f"looking into {namespace}: what may be read there is shown as it comes")
            return
        self._set_scope(namespace)
        self._show_lists()

    def action_leave(self) -> None:
        """One step out; the banner about what may not be read is the first."""
        if self._banner.has_class("-shown") and not self._banner.has_class("-lost") and self.state:
            self._view.dismissed = banner(self.state.catalogue.evaluation.snapshot.coverage)
            self._show_banner()
        else:
            super().action_leave()

    def _show_details(self) -> None:
        super()._show_details()
        departed = self.state.departed if self.state else None
        if departed is None:
            self._detail.note("")
        else:
            since = time.strftime("%H:%M:%S", time.localtime(departed.since))
            self._detail.note(
                f"{departed.row.ref} is gone since {since}: this is the last that was known of it"
            )
