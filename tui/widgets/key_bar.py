"""The keys that can be pressed here, in the last line of a screen.

Textual's Footer makes a widget of every key, and all of them anew whenever the keyboard goes elsewhere: tens
of milliseconds for a key that moves it, and garbage that takes long to find. This is one line that is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.reactive import reactive
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

__all__ = ["KeyBar"]


class _Key(NamedTuple):
    """``key`` is Textual's name of it, ``shown`` what a person calls it."""

    key: str
    shown: str
    description: str
    enabled: bool
    tooltip: str

    @property
    def parts(self) -> tuple[str, str]:
        """As they are drawn, with the room around them."""
        return f" {self.shown} ", f"{self.description} " if self.description else ""

    @property
    def width(self) -> int:
        return sum(map(cell_len, self.parts))


class KeyBar(Widget):
    """Of each action of the screen and of what has the keyboard the first key, where its binding is shown."""

    ALLOW_SELECT = False

    COMPONENT_CLASSES: ClassVar[set[str]] = {"key-bar--key", "key-bar--description", "key-bar--hover"}

    DEFAULT_CSS = """
    KeyBar {
        dock: bottom;
        height: 1;
        color: $footer-foreground;
        background: $footer-background;
        & > .key-bar--key {
            color: $footer-key-foreground; background: $footer-key-background; text-style: bold;
        }
        & > .key-bar--description {
            color: $footer-description-foreground; background: $footer-description-background;
        }
        & > .key-bar--hover { background: $block-hover-background; }
    }
    """

    _keys: reactive[tuple[_Key, ...]] = reactive(())
    _hover: reactive[_Key | None] = reactive(None)
    """The key under the mouse."""

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def _bindings_changed(self, screen: Screen[object]) -> None:
        if self.app.app_focus and screen is self.screen:
            self._keys = tuple(self._of(screen))

    def _of(self, screen: Screen[object]) -> Iterator[_Key]:
        seen = set()
        for _, binding, enabled, tooltip in screen.active_bindings.values():
            if binding.show and binding.action not in seen:
                seen.add(binding.action)
                shown = self.app.get_key_display(binding)
                yield _Key(binding.key, shown, binding.description, enabled, tooltip)

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.visual_style.rich_style
        segments = []
        for key in self._keys if y == 0 else ():
            state = Style(dim=not key.enabled)
            hover = ("key-bar--hover",) if key is self._hover else ()
            for text, name in zip(key.parts, ("key-bar--key", "key-bar--description"), strict=True):
                segments.append(Segment(text, self.get_visual_style(name, *hover).rich_style + state))
        return Strip(segments).adjust_cell_length(width, base)

    def _key_at(self, event: events.MouseEvent) -> _Key | None:
        end = 0
        for key in self._keys:
            end += key.width
            if event.x < end:
                return key
        return None

    def on_mouse_down(self, event: events.MouseDown) -> None:
        key = self._key_at(event)
        if key is not None and key.enabled:
            self.app.simulate_key(key.key)
        elif key is not None:
            self.app.bell()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        self._hover = self._key_at(event)
        self.tooltip = self._hover.tooltip or None if self._hover else None

    def on_leave(self) -> None:
        self._hover = None
