"""What the thread that reads tells the application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from policy_core.health import Health
    from tui.catalogue import Catalogue

__all__ = ["Failed", "FeedMessage", "Heard", "Loaded", "Progressed", "Renewed"]


class FeedMessage(Message):
    """``feed`` is the live cluster that it tells of, None for manifests: what a cluster still had to say when
    the person had already turned to another one is of no interest."""

    feed: object = None


class Progressed(FeedMessage):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Loaded(FeedMessage):
    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self.catalogue = catalogue


class Renewed(FeedMessage):
    """What was loaded has changed in the cluster; this is all of it as it is now."""

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self.catalogue = catalogue


class Heard(FeedMessage):
    """How fresh what is shown is."""

    def __init__(self, health: Health) -> None:
        super().__init__()
        self.health = health


class Failed(FeedMessage):
    """Nothing can be shown; ``text`` says why."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
