"""How much there is to scroll, told without laying the whole screen out anew."""

from __future__ import annotations

from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.widget import Widget

__all__ = ["set_content_size"]


def set_content_size(view: ScrollView, size: Size) -> None:
    """The content of ``view`` takes ``size`` now. Setting ``virtual_size`` would say so as well, but lays out
    the screen each time, which is most of what selecting another row would cost. A scrollbar that comes or
    goes still does."""
    view.set_reactive(Widget.virtual_size, size)
    view._scroll_update(size)
