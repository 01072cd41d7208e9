"""The first line of the screen: what was read, what of it is shown, and what is wrong with it."""

from __future__ import annotations

from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from policy_core.printable import printable

__all__ = ["StatusBar"]


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

    def show(self, source: str, scope: str, enforcement: str, problems: int) -> None:
        """Nothing is drawn anew where nothing changed: that would lay the whole screen out again."""
        self._problems = problems
        parts = [
            Content.styled("netpol-tui", "bold"),
            Content(f"  {printable(source)}"),
            Content.styled(" › ", "dim") + Content(printable(scope) or "all namespaces"),
        ]
        if problems:
            word = "problem" if problems == 1 else "problems"
            parts.append(Content.styled(f"   ! {problems:,} {word}", "$text-warning"))
        parts.append(Content.styled(f"   {enforcement}", "dim"))
        text = Content("").join(parts)
        if text != self.content:
            self.update(text)

    def say(self, text: str) -> None:
        self.update(Content.styled("netpol-tui", "bold") + Content(f"  {printable(text)}"))

    def on_click(self) -> None:
        if self._problems:
            self.post_message(self.ProblemsClicked())
