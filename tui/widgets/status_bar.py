"""The first line of the screen: what was read, what of it is shown, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.style import Style
from textual.widgets import Static

from policy_core.printable import printable
from policy_core.report.document import Role
from tui.freshness import Freshness
from tui.widgets.cells import crop

__all__ = ["StatusBar", "freshness_content"]

_COLOURS = {Role.ALLOW: "$allow", Role.DENY: "bold $deny", Role.UNKNOWN: "bold $unknown"}
_GAP = "   "
_SEPARATOR = " · "
_FRESHNESS = "freshness"
"""What the words on how fresh it is are known by, under the mouse."""
_LEAST_NAME = 10
"""Columns of a context's name that tell it from others."""
_LEAST_POLICY = 20
"""With fewer columns than this nobody could tell what is said of policy."""


class StatusBar(Static):
    DEFAULT_CSS = """
    StatusBar {
        height: 1; padding: 0 1; background: $panel; color: $foreground;
        text-wrap: nowrap; text-overflow: ellipsis;
    }
    """

    class FreshnessClicked(Message):
        """The person wants to know what was read."""

    class ProblemsClicked(Message):
        """The person wants to see the problems."""

    def __init__(self) -> None:
        super().__init__()
        self._problems = 0
        self._shown: tuple[str, str, str, int, Freshness | None, tuple[str, ...], str] | None = None
        self._said: tuple[str, Freshness | None] = ("", None)

    def show(
        self,
        source: str,
        scope: str,
        enforcement: str,
        problems: int,
        freshness: Freshness | None = None,
        ages: Sequence[str] = (),
        oldest: str = "",
    ) -> None:
        """``freshness`` is of a live cluster, ``ages`` how long ago it spoke of each kind, and ``oldest`` of
        the one that it spoke of the longest ago. Nothing is drawn anew where nothing changed."""
        self._problems = problems
        self._shown = (source, scope, enforcement, problems, freshness, tuple(ages), oldest)
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        if self._shown is None:
            self._draw_said(*self._said)
            return
        source, scope, enforcement, problems, freshness, ages, oldest = self._shown
        brand = Content.styled("netpol-tui", "bold") + Content("  ")
        where = Content.styled(" › ", "dim") + Content(printable(scope) or "all namespaces")
        name = printable(source)
        told: list[Content] = []
        if freshness is not None:
            hint = f" · {freshness.hint}" if freshness.hint else ""
            told.append(freshness_content(freshness, hint))
        if problems:
            word = "problem" if problems == 1 else "problems"
            told.append(Content.styled(f"{_GAP}! {problems:,} {word}", "$text-warning"))
        policy = Content.styled(f"{_GAP}{enforcement}", "dim")
        if freshness is None:
            self._say(Content("").join([brand, Content(name), where, *told, policy]))
            return
        # What must be seen comes before what is nice to know, and a long name before neither.
        room = self.size.width - 2
        must = Content("").join([where, *told])
        name = crop(name, max(_LEAST_NAME, room - must.cell_length), keep_end=True)
        left = Content(name) + must
        listed = f"{_GAP}{_SEPARATOR.join(ages)}"
        told_oldest = f"{_GAP}{oldest}" if oldest else ""
        # From the fullest to the least that is whole.
        endings = [(brand, listed), (Content(""), listed)]
        endings += [(brand, f"{_GAP}oldest {oldest}")] if oldest else []
        endings += [(brand, told_oldest), (Content(""), told_oldest)]
        for first, aged in endings:
            whole = first + left + policy
            if whole.cell_length + cell_len(aged) <= room:
                self._say(_ended(whole, aged, room))
                return
        rest = room - left.cell_length - cell_len(told_oldest)
        cut = crop(policy.plain, rest) if rest >= _LEAST_POLICY else ""
        self._say(_ended(left + Content.styled(cut, "dim"), told_oldest if rest >= 0 else "", room))

    def say(self, text: str, freshness: Freshness | None = None) -> None:
        """``freshness`` is of a live cluster: of a long text the end is shown then, and never none of it."""
        self._shown, self._said = None, (text, freshness)
        self._draw()

    def _draw_said(self, text: str, freshness: Freshness | None) -> None:
        brand, text = Content.styled("netpol-tui", "bold") + Content("  "), printable(text)
        if freshness is None:
            self._say(brand + Content(text))
            return
        fresh = freshness_content(freshness)
        room = self.size.width - 2 - brand.cell_length - fresh.cell_length
        self._say(brand + Content(crop(text, max(_LEAST_NAME, room), keep_end=True)) + fresh)

    def _say(self, text: Content) -> None:
        if text != self.content:
            self.update(text, layout=False)  # it is a line, whatever it says

    def on_click(self, event: Click) -> None:
        if event.style.meta.get(_FRESHNESS):
            self.post_message(self.FreshnessClicked())
        elif self._problems:
            self.post_message(self.ProblemsClicked())


def freshness_content(freshness: Freshness, hint: str = "") -> Content:
    """Sign and words, set off from what stands before them."""
    # No link of Textual's own, which would take its colour away.
    style = Style.from_meta({_FRESHNESS: True}) + Style.parse(_COLOURS[freshness.role])
    return Content(_GAP) + Content.styled(f"{freshness.sign} {freshness.text}{hint}", style)


def _ended(left: Content, aged: str, room: int) -> Content:
    """``left``, and at the right end ``aged``."""
    blank = Content(" " * (room - left.cell_length - cell_len(aged)))
    return left + blank + Content.styled(aged, "dim")
