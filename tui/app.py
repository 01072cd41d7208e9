"""The application: a first picture at once, then the explorer and the reading in the background."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from threading import Thread
from typing import TYPE_CHECKING, Any, BinaryIO

from textual.app import App, ComposeResult, SystemCommand
from textual.command import CommandPalette, Provider
from textual.content import Content
from textual.events import Event, InputEvent
from textual.screen import Screen
from textual.widgets import Static

from policy_core.collection import collection_paused
from policy_core.printable import printable
from tui.messages import Failed, FeedMessage, Heard, Loaded, Progressed, Renewed
from tui.options import UsageError, check_namespace, connect, is_live, load, namespaces_to_try
from tui.terminal import is_standard_input, painted_on_terminal, take_keys_from_terminal
from tui.themes import THEMES, variable_defaults
from tui.tidying import Tidying

# What only the explorer needs is imported after the first paint, in _open.
if TYPE_CHECKING:
    from policy_core.evaluation import Evaluation
    from policy_core.sources.cluster.connection import Connection
    from tui.catalogue import Catalogue
    from tui.following import Following
    from tui.screens.explorer import ExplorerScreen
    from tui.session import Session

__all__ = ["NetpolApp", "explore"]

_TURN = 0.001
"""Seconds for which a thread that works aside may keep the screen from going on."""


def _actions() -> type[Provider]:
    from tui.palette import ActionProvider

    return ActionProvider


def _objects() -> type[Provider]:
    from tui.palette import ObjectProvider

    return ObjectProvider


class NetpolApp(App[str]):
    """Returns a message from :meth:`run` if nothing could be read, else None."""

    TITLE = "netpol-tui"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - as Textual declares it
    CSS = "#splash { width: 1fr; height: 1fr; padding: 0 1; color: $muted; }"
    COMMANDS = App.COMMANDS | {_actions, _objects}

    def __init__(
        self,
        options: argparse.Namespace,
        piped: BinaryIO | None = None,
        connection: Connection | None = None,
        select: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``connection`` leads to the cluster to follow, None for manifests; ``select`` names an object to
        begin with; ``clock`` is what ages are told by."""
        super().__init__()
        sys.setswitchinterval(_TURN)
        self._options = options
        self._piped = piped
        self._select = select
        self._connection = connection
        self._clock = clock
        self._tidying = Tidying()
        self.session: Session | None = None
        """None where manifests are shown, and until the first picture has been painted."""
        self.explorer: ExplorerScreen | None = None
        """None until the first picture has been painted."""

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return variable_defaults(self.current_theme.dark)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Of Textual's own commands only the one that the table of actions lacks."""
        yield SystemCommand("Theme", "choose other colours", self.action_change_theme)

    def action_command_palette(self) -> None:
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette(placeholder="actions, objects, themes", id="--command-palette"))

    def compose(self) -> ComposeResult:
        yield Static(Content.styled("netpol-tui", "bold") + Content("  starting…"), id="splash")

    def on_mount(self) -> None:
        for theme in THEMES:
            self.register_theme(theme)
        # Textual's own variable may name one of its themes, or one of ours.
        wanted = os.environ.get("TEXTUAL_THEME", "")
        self.theme = wanted if wanted in self.available_themes else THEMES[0].name
        self.set_interval(1, self._tidying.look)
        self.call_after_refresh(self._open)

    async def on_event(self, event: Event) -> None:
        if isinstance(event, InputEvent):
            self._tidying.key_pressed()
        await super().on_event(event)

    def _open(self) -> None:
        from tui.screens.explorer import ExplorerScreen

        if self._connection is None:
            self.explorer = ExplorerScreen()
        else:
            from tui.screens.live_explorer import LiveExplorerScreen
            from tui.session import Session

            self.session = Session(self._options, self._connection, self.post_message)
            self.explorer = LiveExplorerScreen(self._clock)
        self.push_screen(self.explorer)
        self.run_worker(self._read_aside(), name="reading")

    async def _read_aside(self) -> None:
        """Read in a thread that the end of the program does not wait for: a pipe may never be closed."""
        done: Future[None] = Future()
        done.set_running_or_notify_cancel()

        def run() -> None:
            try:
                self._read()
            except BaseException as error:  # noqa: BLE001 - raised where the future is awaited
                done.set_exception(error)
            else:
                done.set_result(None)

        Thread(target=run, name="reading", daemon=True).start()
        await asyncio.wrap_future(done)

    def _read(self) -> None:
        """In a thread: everything slow. It touches no widget; it only posts messages."""
        if self.session is not None:
            self.session.feed.run()
        else:
            self._read_manifests()

    @collection_paused()
    def _read_manifests(self) -> None:
        from policy_core.evaluation import Evaluation
        from policy_core.snapshot import assemble
        from policy_core.sources.files import SourceError
        from tui.catalogue import Catalogue
        from tui.columns import measured

        def progress(done: int, total: int, name: str) -> None:
            self.post_message(Progressed(f"reading {done + 1} of {total}: {name}"))

        try:
            reading = load(self._options, progress, self._piped)
        except SourceError as error:
            self.post_message(Failed(str(error)))
            return
        self.post_message(Progressed(f"evaluating {len(reading.objects):,} objects"))
        snapshot = assemble(reading)
        if self._options.namespace:
            try:
                check_namespace(self._options.namespace, snapshot)
            except UsageError as error:
                self.post_message(Failed(str(error)))
                return
        self._hand_over(Catalogue.of(Evaluation.of(snapshot), measure=measured))

    def _hand_over(self, catalogue: Catalogue) -> None:
        from tui.warming import settle

        settle(catalogue)
        self.post_message(Loaded(catalogue))

    @property
    def live(self) -> Following | None:
        """The cluster that is followed."""
        return self.session.feed if self.session else None

    def _shown(self, message: FeedMessage) -> ExplorerScreen | None:
        """The explorer, if it is there already and shows what the message tells of."""
        return self.explorer if message.feed is self.live else None

    def on_progressed(self, message: Progressed) -> None:
        if explorer := self._shown(message):
            explorer.loading_progress(message.text)

    def on_loaded(self, message: Loaded) -> None:
        explorer, catalogue = self._shown(message), message.catalogue
        if explorer is None:
            return
        scope = self._options.namespace or ""
        if self.session is not None:
            scope = self.session.first_scope(catalogue.evaluation.snapshot)
        explorer.load(catalogue, scope)
        if self._select:
            self._go_to_selected(explorer, catalogue.evaluation, scope)

    def _go_to_selected(self, explorer: ExplorerScreen, evaluation: Evaluation, scope: str) -> None:
        from tui.selecting import selected
        from tui.state import Place

        try:
            explorer.go(Place(selected(evaluation, self._select, scope)))
        except UsageError as error:
            explorer.tell(str(error), "warning")

    def on_renewed(self, message: Renewed) -> None:
        from tui.screens.live_explorer import LiveExplorerScreen

        if isinstance(explorer := self._shown(message), LiveExplorerScreen):
            explorer.renew(message.catalogue)

    def on_heard(self, message: Heard) -> None:
        from tui.screens.live_explorer import LiveExplorerScreen

        if isinstance(explorer := self._shown(message), LiveExplorerScreen):
            explorer.hear(message.health)

    def on_failed(self, message: Failed) -> None:
        self.exit(message.text, return_code=2)

    def switch_context(self, name: str) -> None:
        """Turn to the cluster of another context of the same kubeconfig."""
        from tui.screens.live_explorer import LiveExplorerScreen

        if self.session is None:
            return
        self.remember()
        try:
            self.session.turn_to(name)
        except UsageError as error:
            self.notify(printable(str(error)), severity="error", markup=False)
            return
        self._select = ""
        self.explorer = LiveExplorerScreen(self._clock)
        self.switch_screen(self.explorer)
        self.run_worker(self._read_aside(), name="reading")

    def remember(self) -> None:
        """Note where the person is, for the next time."""
        if self.session and self.explorer and self.explorer.state:
            self.session.note(self.explorer.state.scope)

    def on_unmount(self) -> None:
        self.remember()
        if self.session is not None:
            self.session.feed.stop()


def explore(options: argparse.Namespace) -> int:
    """Open the explorer in this terminal; returns the exit code. Raises UsageError where there is nothing
    to read, or no terminal to take keys from."""
    if sys.__stdin__ is None:
        raise UsageError("standard input is closed: the explorer needs it")
    options.filename = ["-" if is_standard_input(path) else path for path in options.filename]
    elsewhere = "-" in options.filename or not sys.__stdin__.isatty()
    piped = take_keys_from_terminal() if elsewhere else None
    if options.no_color:
        os.environ["NO_COLOR"] = "1"
    elif os.environ.get("NO_COLOR") == "":  # set to nothing it says nothing; Textual takes it for a word
        del os.environ["NO_COLOR"]
    connection = None
    if is_live(options):
        connection = connect(options)
        namespaces_to_try(
            options, connection
        )  # what is wrong with the settings is said before the screen is taken
    app = NetpolApp(options, piped, connection, options.select)
    with painted_on_terminal():
        failure = app.run()
    if failure is not None:
        raise UsageError(failure)
    return app.return_code or 0
