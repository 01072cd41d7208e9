"""A line or two across the screen: what may be wrong with all that is shown below."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from policy_core.printable import printable

__all__ = ["Banner"]


class Banner(Static):
    """Takes no room while there is nothing to say."""

    DEFAULT_CSS = """
    Banner {
        display: none; height: auto; max-height: 2; padding: 0 1;
        background: $warning-muted; color: $text-warning;
        &.-lost { background: $error-muted; color: $text-error; }
        &.-shown { display: block; }
    }
    """

    def show(self, text: str, lost: bool = False) -> None:
        """``lost``: it is worse than something that may not be read."""
        content = Content(f"! {printable(text)}") if text else Content("")
        if content != self.content:
            self.update(content)
        self.set_class(bool(text), "-shown")
        self.set_class(lost, "-lost")
