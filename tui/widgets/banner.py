"""A line or two across the screen: what may be wrong with all that is shown below."""

from __future__ import annotations

from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.widgets import Static

from policy_core.printable import printable
from tui.widgets.cells import crop

__all__ = ["Banner"]

_LINES = 2
_SIGN = "! "


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

    class Clicked(Message):
        """The person clicked it."""

        def __init__(self, banner: Banner) -> None:
            super().__init__()
            self.banner = banner

        @property
        def control(self) -> Banner:
            return self.banner

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._said = ("", "")
        self._drawn_lines = 0

    def show(self, text: str, hint: str = "", lost: bool = False) -> None:
        """``hint``: what can be done about it, which is never cut off. ``lost``: it is worse than something
        that may not be read. Nothing is drawn anew where nothing changed."""
        if (text, hint) != self._said:
            self._said = (text, hint)
            self._draw()
        self.set_class(bool(text), "-shown")
        self.set_class(lost, "-lost")

    @property
    def can_be_hidden(self) -> bool:
        """Whether the person may have it out of the way."""
        return self.has_class("-shown") and not self.has_class("-lost")

    def _draw(self) -> None:
        text, hint = self._said
        hint = f"  {hint}" if hint else ""
        # Lines are broken between words, so not quite all of the room can be used.
        room = max(20, (self.screen.size.width - 2) * _LINES - len(_SIGN) - len(hint) - 12)
        said = crop(printable(text), room)
        shown = Content(f"{_SIGN}{said}") + Content.styled(hint, "dim") if text else Content("")
        # An age that goes on every second must not lay out the screen anew.
        self.update(shown, layout=self._lines(shown) != self._drawn_lines)
        self._drawn_lines = self._lines(shown)

    def _lines(self, content: Content) -> int:
        """How many it takes; 0 while it is out of sight."""
        width = self.content_size.width
        return content.get_height(self.styles.get_rules(), width) if width else 0

    def on_resize(self) -> None:
        self._draw()

    def on_click(self, event: Click) -> None:
        event.stop()
        self.post_message(self.Clicked(self))
