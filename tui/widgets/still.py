"""Drawing no more than what has become something else: over a slow line everything else would flicker."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Region
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

__all__ = ["StillView", "set_border_title"]


def set_border_title(widget: Widget, title: Content) -> None:
    """As setting ``border_title`` does, which draws the whole widget anew each time, changed or not, with all
    that is in it."""
    before = widget._border_title
    if before is None or widget.size.height == 0:
        widget.border_title = title
    elif title != before:
        widget._border_title = title
        border = -widget.content_offset
        widget.refresh(Region(border.x, border.y, widget.outer_size.width, 1))


class StillView(ScrollView):
    """Draws lines; :meth:`refresh_changed` is for when some of them may have become others."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._drawn: dict[int, Strip] = {}
        """The lines as they were drawn last, by their place in the widget."""

    def draw_line(self, y: int) -> Strip:
        """What stands in line ``y`` of the widget."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        strip = self._drawn[y] = self.draw_line(y)
        return strip

    def refresh_changed(self) -> None:
        height, width = self.scrollable_content_region.height, self.size.width
        changed = [y for y in range(height) if self.draw_line(y) != self._drawn.get(y)]
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))
