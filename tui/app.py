"""The application: a first picture at once, then the explorer and the reading in the background."""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
from collections.abc import Iterable
from concurrent.futures import Future
from threading import Thread
from typing import TYPE_CHECKING, Any, BinaryIO

from textual.app import App, ComposeResult, SystemCommand
from textual.command import CommandPalette, Provider
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from tui.messages import Failed, Loaded, Progressed
from tui.options import UsageError, check_namespace, load
from tui.terminal import is_standard_input, painted_on_terminal, take_keys_from_terminal
from tui.themes import THEMES, variable_defaults

# What only the explorer needs is imported after the first paint, in _open.
if TYPE_CHECKING:
    from tui.catalogue import Catalogue
    from tui.screens.explorer import ExplorerScreen

__all__ = ["NetpolApp", "explore"]


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

    def __init__(self, options: argparse.Namespace, piped: BinaryIO | None = None) -> None:
        super().__init__()
        self._options = options
        self._piped = piped
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
        self.call_after_refresh(self._open)

    def _open(self) -> None:
        from tui.screens.explorer import ExplorerScreen

        self.explorer = ExplorerScreen()
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
        from policy_core.evaluation import Evaluation
        from policy_core.snapshot import assemble
        from policy_core.sources.files import SourceError
        from tui.catalogue import Catalogue

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
        self._hand_over(Catalogue.of(Evaluation.of(snapshot)))

    def _hand_over(self, catalogue: Catalogue) -> None:
        # All of it stays until the end: looking through it for garbage again and again would only make the
        # keys wait, a quarter of a second now and then with 10,000 pods.
        gc.collect()
        gc.freeze()
        self.post_message(Loaded(catalogue))

    def on_progressed(self, message: Progressed) -> None:
        if self.explorer is not None:
            self.explorer.loading_progress(message.text)

    def on_loaded(self, message: Loaded) -> None:
        if self.explorer is not None:
            self.explorer.load(message.catalogue, self._options.namespace or "")

    def on_failed(self, message: Failed) -> None:
        self.exit(message.text, return_code=2)


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
    app = NetpolApp(options, piped)
    with painted_on_terminal():
        failure = app.run()
    if failure is not None:
        raise UsageError(failure)
    return app.return_code or 0
