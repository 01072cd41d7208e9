"""The one-line filter under a list."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

__all__ = ["FilterInput"]


class FilterInput(Input):
    """An input that leaves up, down, enter and escape to the list it filters."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False, id="filter.up"),
        Binding("down", "move(1)", show=False, id="filter.down"),
        Binding("escape", "drop", show=False, id="filter.drop"),
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
            placeholder="name, namespace, label=value, address", compact=True, select_on_focus=False
        )

    def action_move(self, by: int) -> None:
        self.post_message(self.Moved(by))

    def action_drop(self) -> None:
        self.post_message(self.Dropped())
