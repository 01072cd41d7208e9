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

__all__ = ["StatusBar"]

_COLOURS = {Role.ALLOW: "$allow", Role.DENY: "bold $deny", Role.UNKNOWN: "bold $unknown"}
_GAP = "   "
_FEWEST = 3
"""With fewer ages than this nobody could tell which are missing."""


class StatusBar(Static):
    DEFAULT_CSS = """
    StatusBar {
        height: 1; padding: 0 1; background: $panel; color: $foreground;
        text-wrap: nowrap; text-overflow: ellipsis;
    }
    """

    class ProblemsClicked(Message):
        """The person wants to see the problems."""

    def __init__(self) -> None:
        super().__init__()
        self._problems = 0

    def show(
        self,
        source: str,
        scope: str,
        enforcement: str,
        problems: int,
        freshness: Freshness | None = None,
        ages: Sequence[str] = (),
    ) -> None:
        """``freshness`` is of a live cluster, ``ages`` how long ago it spoke of each kind. Nothing is drawn
        anew where nothing changed."""
        self._problems = problems
        parts = [
            Content.styled("netpol-tui", "bold"),
            Content(f"  {printable(source)}"),
            Content.styled(" › ", "dim") + Content(printable(scope) or "all namespaces"),
        ]
        if freshness is not None:
            style = Style.from_meta({"@click": "screen.sources"}) + Style.parse(_COLOURS[freshness.role])
            parts.append(Content("   ") + Content.styled(f"{freshness.sign} {freshness.text}", style))
        if problems:
            word = "problem" if problems == 1 else "problems"
            parts.append(Content.styled(f"   ! {problems:,} {word}", "$text-warning"))
        parts.append(Content.styled(f"   {enforcement}", "dim"))
        text = Content("").join(parts)
        self._say(text + self._aged(ages, self.size.width - 2 - text.cell_length))

    def _aged(self, ages: Sequence[str], room: int) -> Content:
        """As many ages as there is room for, at the right; none rather than a part of one."""
        shown = list(ages)
        while shown and cell_len(_GAP + " · ".join(shown)) > room:
            shown.pop()
        if len(shown) < min(len(ages), _FEWEST):
            return Content("")
        listed = " · ".join(shown)
        return Content(" " * (room - cell_len(listed))) + Content.styled(listed, "dim")

    def say(self, text: str) -> None:
        self._say(Content.styled("netpol-tui", "bold") + Content(f"  {printable(text)}"))

    def _say(self, text: Content) -> None:
        if text != self.content:
            self.update(text, layout=False)  # it is a line, whatever it says

    def on_click(self, event: Click) -> None:
        if self._problems and "@click" not in event.style.meta:
            self.post_message(self.ProblemsClicked())
