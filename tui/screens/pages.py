"""What the details say of an object, worked out aside where that may take long."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from textual.message import Message
from textual.screen import Screen

from policy_core.evaluation import Evaluation
from policy_core.model import Ref
from policy_core.report.layout import layout
from tui import subjects
from tui.catalogue import Row
from tui.latest import Latest
from tui.screens.aside import work_aside
from tui.state import ExplorerState, Path, Place
from tui.subjects import Page
from tui.widgets.detail_pane import DetailPane
from tui.widgets.document_view import LaidOut

__all__ = ["Pages"]

_PATIENCE = 0.15
"""Seconds after which it is said that the details are on their way."""


class _Wanted(NamedTuple):
    evaluation: Evaluation
    row: Row
    path: Path
    width: int


class Pages:
    """Shows pages in the details: at once, or as soon as a thread has made them, of several the newest."""

    class Described(Message):
        """What the details are to show of the subject, as it was in that evaluation."""

        def __init__(self, evaluation: Evaluation, at: tuple[Ref, Path], page: Page, lines: LaidOut) -> None:
            super().__init__()
            self.evaluation = evaluation
            self.at = at
            self.page = page
            self.lines = lines

    def __init__(
        self, screen: Screen[None], detail: DetailPane, state: Callable[[], ExplorerState | None]
    ) -> None:
        self._screen = screen
        self._detail = detail
        self._state = state
        self._work = Latest(self._begin)
        self._shown: tuple[Ref, Path] | None = None
        """What the details tell of; None while they only say that something comes."""

    @property
    def busy(self) -> bool:
        return self._work.busy

    def show(self, evaluation: Evaluation, row: Row, place: Place, aside: bool) -> None:
        if aside:
            self.renew(evaluation, row, place)
            self._screen.set_timer(_PATIENCE, partial(self._say_what_comes, row, place))
        else:
            self._shown = place.subject, place.path
            self._detail.show(*subjects.page(evaluation, row, place.path))

    def renew(self, evaluation: Evaluation, row: Row, place: Place) -> None:
        """What is shown may be something else now. With thousands of pods that takes long to work out, so it
        is always done aside."""
        self._work.want(_Wanted(evaluation, row, place.path, self._detail.line_width))

    def _say_what_comes(self, row: Row, place: Place) -> None:
        """Nobody should take what is still shown for what they have gone to."""
        state = self._state()
        if state is not None and state.place == place and self._shown != (place.subject, place.path):
            self._shown = None
            self._detail.say("working it out…", subjects.title(row))

    def _begin(self, wanted: _Wanted) -> None:
        work_aside(self._screen, partial(self._work_out, wanted), "details", "the details")

    def _work_out(self, wanted: _Wanted) -> None:
        """In a thread: it touches no widget, it only posts a message."""
        page = subjects.page(wanted.evaluation, wanted.row, wanted.path)
        lines = layout(page[1], wanted.width) if wanted.width else []
        at = wanted.row.ref, wanted.path
        self._screen.post_message(self.Described(wanted.evaluation, at, page, (wanted.width, lines)))

    def take(self, event: Described) -> None:
        """Whoever went elsewhere meanwhile waits for the page of that, as it is now."""
        state = self._state()
        departed = state.departed if state else None
        known = departed is None or event.evaluation is departed.evaluation
        place = state.place if state and known else None
        if place is not None and (place.subject, place.path) == event.at:
            self._shown = event.at
            self._detail.show(*event.page, event.lines)
        self._work.done()
