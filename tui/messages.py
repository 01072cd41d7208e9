"""What the thread that reads tells the application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from policy_core.health import Health
    from tui.catalogue import Catalogue

__all__ = ["Failed", "Heard", "Loaded", "Progressed", "Renewed"]


class Progressed(Message):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Loaded(Message):
    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self.catalogue = catalogue


class Renewed(Message):
    """What was loaded has changed in the cluster; this is all of it as it is now."""

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self.catalogue = catalogue


class Heard(Message):
    """How fresh what is shown is."""

    def __init__(self, health: Health) -> None:
        super().__init__()
        self.health = health


class Failed(Message):
    """Nothing can be shown; ``text`` says why."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
