"""Drives the explorer without a terminal: keys in, the text of the screen out."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from textual.events import Key
from textual.keys import _character_to_key
from textual.pilot import Pilot

from tui.app import NetpolApp
from tui.screens.explorer import ExplorerScreen

__all__ = ["SIZES", "Driver", "answered", "explorer", "loaded"]

SIZES = [(80, 24), (120, 36), (200, 50)]


class Driver:
    def __init__(self, app: NetpolApp, pilot: Pilot[str]) -> None:
        self.app = app
        self.pilot = pilot
        self.keys = 0
        """Keys pressed so far; typed names do not count."""

    @property
    def screen(self) -> ExplorerScreen:
        assert self.app.explorer is not None
        return self.app.explorer

    @property
    def text(self) -> str:
        """The whole screen as a person reads it."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    async def press(self, *keys: str) -> None:
        self.keys += len(keys)
        await self._send(keys, rounds=3)  # to the widget, from it to the screen, and what follows

    async def type(self, name: str) -> None:
        await self._send(name, rounds=0)  # people type ahead

    async def _send(self, keys: Iterable[str], rounds: int) -> None:
        """Press keys, and after each let messages go round; the pilot itself sleeps twice for every key."""
        driver = self.app._driver
        assert driver is not None
        for key in keys:
            name = _character_to_key(key) if len(key) == 1 else key
            event = Key(name, key if len(key) == 1 else None)
            event.set_sender(self.app)
            driver.send_message(event)
            for _ in range(rounds):
                await self.pilot.pause(0)
        await self.pilot.pause()

    async def choose(self, name: str, *, pane: str = "") -> None:
        """Filter a list down to ``name`` and take its first row."""
        if pane:
            await self.press(pane)
        await self.press("slash")
        await self.type(name)
        await self.press("enter")


@asynccontextmanager
async def explorer(
    *paths: Path | str,
    size: tuple[int, int] = (120, 36),
    namespace: str | None = None,
    demo: str = "shop",
) -> AsyncIterator[Driver]:
    """The explorer on manifests, or on a demo if no path is given, with everything loaded."""
    options = Namespace(
        demo=None if paths else demo,
        filename=[str(path) for path in paths],
        recursive=True,
        namespace=namespace,
        no_color=False,
    )
    app = NetpolApp(options)
    async with app.run_test(size=size) as pilot:
        await loaded(app, pilot)
        yield Driver(app, pilot)


async def loaded(app: NetpolApp, pilot: Pilot[str]) -> None:
    """Until everything that was asked for is read and shown."""
    while app.explorer is None or app.explorer.state is None:
        assert app.is_running, f"ended: {app.return_value}"
        await pilot.pause(0.01)
    await pilot.pause()


async def answered(app: NetpolApp, pilot: Pilot[str]) -> None:
    """Until the trace that was asked for last, if any was, is shown."""
    while any(worker.group == "answer" and not worker.is_finished for worker in app.workers):
        await pilot.pause(0.01)
    await pilot.pause()
