"""What the explorer knows of the cluster that it shows: how fresh it is, what has just changed, whether the
person has stopped it. No widgets, no drawing."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from policy_core.health import Health
from policy_core.model import Ref
from tui.catalogue import Catalogue

__all__ = ["LiveView", "Meanwhile"]

MARKED_FOR = 2.0
"""Seconds that a change stays marked."""
_CALM = 200
"""With more marks than this at once they would only flicker, and tell nobody anything."""


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What there is to show on going on, and when what has gone meanwhile went away."""

    catalogue: Catalogue
    gone: Mapping[Ref, float]


class LiveView:
    """``clock`` gives the time in seconds, as time.time() does."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self.health: Health | None = None
        """None until the cluster was heard; always for manifests."""
        self.paused: float | None = None
        """Since when the screen stands still."""
        self.missed: set[Ref] = set()
        """What has changed since."""
        self.dismissed = ""
        """The banner that the person does not want to see any more."""
        self._pending: Catalogue | None = None
        self._gone: dict[Ref, float] = {}
        """What went away while the screen stands still, and when."""
        self._marks: dict[Ref, tuple[str, float]] = {}

    @property
    def now(self) -> float:
        return self._clock()

    def take(self, catalogue: Catalogue) -> Catalogue | None:
        """What to show now that it is like this; None while the screen stands still."""
        if self.paused is not None:
            self._hold(catalogue.since(self._pending) if self._pending else catalogue)
            self._gone |= dict.fromkeys(catalogue.gone, self.now)  # once more, where it had come back
            return None
        self._mark(catalogue.changed)
        return catalogue

    def put_back(self, catalogue: Catalogue, gone: Mapping[Ref, float]) -> None:
        """It was taken before the screen was stopped, and not shown by then. ``gone`` tells of what went away
        earlier when that was."""
        self._hold(self._pending.since(catalogue) if self._pending else catalogue)
        self._gone = {**dict.fromkeys(catalogue.gone, self.now), **gone, **self._gone}

    def _hold(self, pending: Catalogue) -> None:
        self._pending = pending
        self.missed = pending.changed.keys() | pending.gone

    def toggle_pause(self) -> Meanwhile | None:
        """Stop, or go on; then with what is to be shown, where that has changed meanwhile."""
        if self.paused is None:
            self.paused = self.now
            return None
        self.paused, pending, self._pending = None, self._pending, None
        gone, self._gone, self.missed = self._gone, {}, set()
        if pending is None:
            return None
        self._mark(pending.changed)
        return Meanwhile(pending, gone)

    def _mark(self, changed: Mapping[Ref, str]) -> None:
        if len(changed) <= _CALM:
            until = self.now + MARKED_FOR
            self._marks |= {ref: (sign, until) for ref, sign in changed.items()}

    def marks(self) -> dict[Ref, str]:
        """What has just changed, with its sign; those whose time is over are forgotten."""
        now = self.now
        self._marks = {ref: mark for ref, mark in self._marks.items() if mark[1] > now}
        return {ref: sign for ref, (sign, _) in self._marks.items()} if len(self._marks) <= _CALM else {}
