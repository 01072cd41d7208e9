"""The one-line filter under a list, with the signs that tell it as one."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

__all__ = ["FilterBar", "FilterInput"]

_PROMPT, _HINT = "/ ", " esc clears"


class FilterInput(Input):
    """An input that leaves up, down, enter and escape to the list it filters."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "keep", key_display="↵", id="filter.keep"),
        Binding("escape", "drop", "clear", key_display="esc", id="filter.drop"),
        Binding("up", "move(-1)", "move", key_display="↑", id="filter.up"),
        Binding("down", "move(1)", "move", key_display="↓", id="filter.down"),
    ]

    class Moved(Message):
        """The person wants to move within the list while typing."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    class Dropped(Message):
        """The filter is no longer wanted."""

    def __init__(self) -> None:
        super().__init__(
            placeholder="name, label=value, address, port, state", compact=True, select_on_focus=False
        )

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Textual finds no character for the slash, and would name what it does elsewhere."""
        return key == "slash" or super().check_consume_key(key, character)

    def action_move(self, by: int) -> None:
        self.post_message(self.Moved(by))

    def action_drop(self) -> None:
        self.post_message(self.Dropped())


class FilterBar(Horizontal):
    """The input behind a prompt; beside what is typed, where there is room, how to get rid of it."""

    DEFAULT_CSS = """
    FilterBar {
        height: 1;
        background: $surface;
        color: $muted;
        &:focus-within { background-tint: $foreground 5%; }
        & > FilterInput { width: 1fr; height: 1; }
        & > Static { width: auto; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.input = FilterInput()
        self._hint = Static(_HINT, markup=False)

    def compose(self) -> ComposeResult:
        yield Static(_PROMPT, markup=False)
        yield self.input
        yield self._hint

    def on_mount(self) -> None:
        self.watch(self.input, "value", self._make_room)

    def on_resize(self) -> None:
        self._make_room()

    def _make_room(self) -> None:
        """What is typed comes first; one column more is for the cursor behind it."""
        typed = cell_len(self.input.value)
        self._hint.display = 0 < typed < self.size.width - len(_PROMPT) - len(_HINT)
