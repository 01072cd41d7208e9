"""What a cluster has become, on its way to the screen: what the lists are to show of it may take long to work
out, and is then worked out aside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from textual.message import Message
from textual.screen import Screen

from policy_core.model import Ref
from tui.catalogue import Catalogue
from tui.columns import sort_key
from tui.screens.aside import work_aside
from tui.state import Ahead, ExplorerState

__all__ = ["Coming", "Next"]


@dataclass(frozen=True, slots=True)
class Next:
    """``gone`` tells of what went away earlier when that was."""

    catalogue: Catalogue
    gone: Mapping[Ref, float]

    def after(self, earlier: Next | None) -> Next:
        """The same where ``earlier`` was never shown."""
        if earlier is None:
            return self
        return Next(self.catalogue.since(earlier.catalogue), {**earlier.gone, **self.gone})


class Coming:
    """Shows one catalogue after another. What comes while one is prepared waits, all of it as one: so there
    is always something new to see, however fast the cluster changes."""

    class Prepared(Message):
        """There is nothing left that would hold up the keys."""

    def __init__(
        self, screen: Screen[None], most: int, show: Callable[[Ahead, Mapping[Ref, float]], object]
    ) -> None:
        """No more than ``most`` rows of a list are looked at before ``show`` is called."""
        self._screen = screen
        self._most = most
        self._show = show
        self._state: ExplorerState | None = None
        self._prepared: Ahead | None = None
        """Of what is being prepared."""
        self._first: Next | None = None
        self._waiting: Next | None = None

    def take(self, state: ExplorerState, new: Next) -> None:
        if self._first is not None:
            self._waiting = new.after(self._waiting)
            return
        self._first, self._state = new, state
        self._prepared = state.ahead(new.catalogue)
        self._advance()

    def _advance(self) -> None:
        if self._first is None or self._state is None or self._prepared is None:
            return
        # Again each time, since the person may have typed on.
        work = self._state.preparation(sort_key, self._most, self._prepared)
        if work is not None:
            work_aside(self._screen, work, "coming", "what is coming", done=self.Prepared())
            return
        state, shown, ahead, waiting = self._state, self._first, self._prepared, self._waiting
        self.drop()
        self._show(ahead, shown.gone)
        if waiting is not None:
            self.take(state, waiting)

    def prepared(self) -> None:
        """To be called for each :class:`Prepared`."""
        self._advance()

    def drop(self) -> Next | None:
        """What was to be shown, as one. It is not, any more."""
        left = self._waiting.after(self._first) if self._waiting else self._first
        self._first = self._waiting = self._prepared = self._state = None
        return left
