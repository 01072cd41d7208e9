"""What the thread that reads tells the application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from tui.catalogue import Catalogue

__all__ = ["Failed", "Loaded", "Progressed"]


class Progressed(Message):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Loaded(Message):
    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self.catalogue = catalogue


class Failed(Message):
    """Nothing can be shown; ``text`` says why."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
