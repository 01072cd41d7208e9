"""Work that is done aside, one piece after another, and for the newest only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["Latest"]

WantedT = TypeVar("WantedT")


class Latest(Generic[WantedT]):
    """``start`` begins a piece of work, whose end is told to :meth:`done`. What is wanted meanwhile waits; of
    several only the last is worth the work."""

    def __init__(self, start: Callable[[WantedT], object]) -> None:
        self._start = start
        self._waiting: list[WantedT] = []
        self.busy = False

    def want(self, wanted: WantedT) -> None:
        self._waiting = [wanted]
        self._begin()

    def want_unless_waiting(self, wanted: WantedT) -> None:
        """The same once more, where nothing newer waits."""
        if not self._waiting:
            self.want(wanted)

    def done(self) -> None:
        """What was begun is finished."""
        self.busy = False
        self._begin()

    def _begin(self) -> None:
        if self._waiting and not self.busy:
            self.busy = True
            self._start(self._waiting.pop())
