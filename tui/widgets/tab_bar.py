"""A strip of tabs, one line high."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from policy_core.printable import printable
from policy_core.report.widths import Share, share_out
from tui.widgets.cells import crop

__all__ = ["TabBar"]

_FRAME = 2
"""Columns around a label: brackets for the active one, so that it is told apart without colour."""


class TabBar(Widget):
    """Tabs as (key, label). Labels that do not fit are shortened, the longest first."""

    ALLOW_SELECT = False

    COMPONENT_CLASSES: ClassVar[set[str]] = {"tab-bar--tab", "tab-bar--active", "tab-bar--hover"}

    DEFAULT_CSS = """
    TabBar {
        height: 1;
        & > .tab-bar--tab { color: $muted; }
        & > .tab-bar--active { color: $accent; text-style: bold; }
        & > .tab-bar--hover { background: $block-hover-background; }
    }
    """

    _hover: reactive[str | None] = reactive(None)
    """The key of the tab under the mouse."""

    class Activated(Message):
        """The person clicked the tab with this key; it may have been the active one already."""

        def __init__(self, tab_bar: TabBar, key: str) -> None:
            super().__init__()
            self.tab_bar = tab_bar
            self.key = key

        @property
        def control(self) -> TabBar:
            return self.tab_bar

    def __init__(
        self,
        *tabs: tuple[str, str],
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._labels = dict(tabs)
        self._active = next(iter(self._labels), "")

    @property
    def active(self) -> str:
        """The key of the active tab: at first that of the first one."""
        return self._active

    def activate(self, key: str) -> None:
        """Mark a tab as the active one, without a message. Raises KeyError if there is none of that key."""
        if key not in self._labels:
            raise KeyError(key)
        self._active = key
        self.refresh()

    def set_label(self, key: str, text: str) -> None:
        """Raises KeyError if there is no tab of that key."""
        if self._labels[key] != text:
            self._labels[key] = text
            self.refresh()

    def _tabs(self) -> Iterator[tuple[str, str]]:
        """Every tab's key and its text as drawn."""
        labels = {key: printable(label) for key, label in self._labels.items()}
        room = self.content_size.width - len(labels) * _FRAME
        widths = share_out(
            room, [Share(1, min(1, cell_len(text)), cell_len(text)) for text in labels.values()]
        )
        for (key, text), width in zip(labels.items(), widths, strict=True):
            text = crop(text, width)
            yield key, f"[{text}]" if key == self._active else f" {text} "

    def _tab_at(self, event: events.MouseEvent) -> str | None:
        offset = event.get_content_offset(self)
        end = 0
        for key, text in self._tabs() if offset is not None else ():
            end += cell_len(text)
            if offset is not None and offset.x < end:
                return key
        return None

    def render_line(self, y: int) -> Strip:
        width, base = self.content_size.width, self.visual_style.rich_style
        if y:
            return Strip.blank(width, base)
        segments = []
        for key, text in self._tabs():
            names = ["tab-bar--active" if key == self._active else "tab-bar--tab"]
            names += ["tab-bar--hover"] * (key == self._hover)
            segments.append(Segment(text, self.get_visual_style(*names).rich_style))
        return Strip(segments).adjust_cell_length(width, base)

    def on_click(self, event: events.Click) -> None:
        key = self._tab_at(event)
        if key is not None:
            self.activate(key)
            self.post_message(self.Activated(self, key))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        self._hover = self._tab_at(event)

    def on_leave(self) -> None:
        self._hover = None
