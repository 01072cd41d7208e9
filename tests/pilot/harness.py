"""An application that holds nothing but the widgets under test, and remembers what they said."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.widget import Widget

from tui.themes import THEMES, variable_defaults

__all__ = ["Harness", "open_harness"]

MessageT = TypeVar("MessageT", bound=Message)


class Harness(App[None]):
    """The first widget fills the screen and has the keyboard if it can."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, *widgets: Widget) -> None:
        super().__init__()
        self._widgets = widgets
        self.messages: list[Message] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return variable_defaults(self.current_theme.dark)

    def on_mount(self) -> None:
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name

    def compose(self) -> ComposeResult:
        yield from self._widgets

    def remember(self, message: Message) -> None:
        # A message is seen once for each widget that it passes on its way up.
        if type(message).__module__.startswith("tui.") and not any(message is m for m in self.messages):
            self.messages.append(message)

    def said(self, kind: type[MessageT]) -> list[MessageT]:
        """The messages of one kind since the last look, in order."""
        found = [message for message in self.messages if isinstance(message, kind)]
        self.messages = [message for message in self.messages if not isinstance(message, kind)]
        return found

    def lines(self, widget: Widget | None = None) -> list[str]:
        """What the widget shows, without blanks at the ends of its lines."""
        widget = widget or self._widgets[0]
        height = widget.content_size.height
        return [widget.render_line(y).text.rstrip() for y in range(height)]


@asynccontextmanager
async def open_harness(
    *widgets: Widget, size: tuple[int, int] = (60, 12)
) -> AsyncIterator[tuple[Harness, Pilot[None]]]:
    app = Harness(*widgets)
    async with app.run_test(size=size, message_hook=app.remember) as pilot:
        await pilot.pause()
        yield app, pilot
