"""Shows a document: laid out to the width at hand, its links and folds within reach of keyboard and mouse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Size, clamp
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from policy_core.report.document import Document, Link, Span, Table
from policy_core.report.layout import Line, layout
from tui.widgets.roles import ROLE_CLASSES, ROLE_CSS, role_class
from tui.widgets.scrolling import set_content_size
from tui.widgets.still import StillView

__all__ = ["DocumentView", "LaidOut"]

_GUTTER = 2
"""Columns for the cursor and a blank."""
_LEVELS = {1: "document-view--heading", 2: "document-view--subheading"}


@dataclass(frozen=True, slots=True)
class _Stop:
    """Where the cursor can be: a link, or a line that can only be unfolded."""

    line: int
    link: Link | None


LaidOut = tuple[int, list[Line]]
"""A document's lines, all of it folded, and the width that they are for."""


class DocumentView(StillView, can_focus=True):
    """The cursor goes from link to link and over what can be unfolded, and scrolls where there is neither.
    Enter follows (:class:`LinkFollowed`), space folds."""

    ALLOW_SELECT = False

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False, id="document.up"),
        Binding("down,j", "move(1)", "Down", show=False, id="document.down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="document.page_up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="document.page_down"),
        Binding("home,g", "first", "Top", show=False, id="document.first"),
        Binding("end,G", "last", "Bottom", show=False, id="document.last"),
        Binding("enter", "follow", "follow", key_display="↵", id="document.follow"),
        Binding("space", "fold", "unfold", id="document.fold"),
        Binding("right,l", "fold(True)", "Unfold", show=False, id="document.open"),
        Binding("left,h", "fold(False)", "Fold", show=False, id="document.close"),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "document-view--heading",
        "document-view--subheading",
        "document-view--link",
        "document-view--link-hover",
        "document-view--cursor",
        "document-view--link-cursor",
        *ROLE_CLASSES,
    }

    DEFAULT_CSS = f"""
    DocumentView {{
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
        color: $foreground;
        {ROLE_CSS}
        & > .document-view--heading {{ color: $accent; text-style: bold; }}
        & > .document-view--subheading {{ text-style: bold; }}
        & > .document-view--link {{ text-style: underline; }}
        & > .document-view--link-hover {{
            color: $block-cursor-foreground;
            background: $block-cursor-background;
        }}
        & > .document-view--cursor {{ background: $block-cursor-blurred-background; }}
        & > .document-view--link-cursor {{
            color: $block-cursor-foreground;
            background: $block-cursor-background;
            text-style: bold;
        }}
    }}
    """

    _hover: reactive[tuple[int, Link] | None] = reactive(None)
    """The link under the mouse, and its line."""

    class LinkFollowed(Message):
        """The person chose a link."""

        def __init__(self, view: DocumentView, link: Link) -> None:
            super().__init__()
            self.view = view
            self.link = link

        @property
        def control(self) -> DocumentView:
            return self.view

    def __init__(
        self,
        *,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._document: Document = ()
        self._subject: object = None
        self._unfolded: set[int] = set()
        self._lines: list[Line] = []
        self._laid_out: LaidOut | None = None
        self._stops: list[_Stop] = []
        self._at: int | None = None
        """Which stop the cursor is on, if there is any; None until the first layout. Stops are counted alike
        at every width."""

    # Content --------------------------------------------------------------------------------------------

    @property
    def line_width(self) -> int:
        """How wide the lines of a document are here; 0 while that is not known."""
        return max(0, self.scrollable_content_region.width - _GUTTER)

    def show(self, document: Document, subject_key: object = None, laid_out: LaidOut | None = None) -> None:
        """Show ``document``. Place, cursor and folds are kept where the last document had the same
        ``subject_key``, and was not shown without one. ``laid_out`` saves doing so where it fits."""
        self._laid_out = laid_out
        if subject_key is not None and (document, subject_key) == (self._document, self._subject):
            return
        if subject_key is None or subject_key != self._subject:
            self._unfolded.clear()
            self._at = None
            self.scroll_to(y=0, animate=False, force=True)
        else:
            self._unfolded = _same_rows(self._unfolded, self._document, document)
        place = self._link_place() if subject_key == self._subject else None
        self._document, self._subject = document, subject_key
        self._lay_out()
        if place is not None:
            self._return_to(*place)

    def _link_place(self) -> tuple[Link, int, int] | None:
        """The link under the cursor, the how manieth of its kind it is, and its line on the screen."""
        stop = self._stop
        if stop is None or stop.link is None:
            return None
        nth = sum(each.link == stop.link for each in self._stops[: self._at])
        return stop.link, nth, stop.line - self.scroll_offset.y

    def _return_to(self, link: Link, nth: int, line: int) -> None:
        """The document is another one now: the cursor stays on its link, and while the keyboard is here the
        link on its line of the screen."""
        same = [at for at, stop in enumerate(self._stops) if stop.link == link]
        if same:
            self._at = same[min(nth, len(same) - 1)]
            if self.has_focus and 0 <= line < len(self._window):
                self._scroll(self._stops[self._at].line - line)

    def _lay_out(self) -> None:
        width = self.line_width
        if not width:
            return  # not on screen; on_resize comes back here
        known, self._laid_out = self._laid_out, None
        if known is not None and known[0] == width and not self._unfolded:
            self._lines = known[1]
        else:
            self._lines = layout(self._document, width, self._unfolded)
        self._stops = [
            _Stop(number, link)
            for number, line in enumerate(self._lines)
            for link in line.links or ((None,) if line.fold is not None else ())
        ]
        at = self._first_rule() if self._at is None else self._at
        self._at = clamp(at, 0, max(0, len(self._stops) - 1))
        self._hover = None
        set_content_size(self, Size(0, len(self._lines)))
        self.refresh_changed()

    def on_resize(self) -> None:
        self._lay_out()

    # The cursor -----------------------------------------------------------------------------------------

    @property
    def _stop(self) -> _Stop | None:
        return self._stops[self._at or 0] if self._stops else None

    def _first_rule(self) -> int:
        """The first link into a manifest, if it is on the first screen: people ask what decides."""
        shown = self.scrollable_content_region.height
        into = (
            at for at, stop in enumerate(self._stops) if stop.link and stop.link.path and stop.line < shown
        )
        return next(into, 0)

    @property
    def _window(self) -> range:
        """The numbers of the lines on screen."""
        top = self.scroll_offset.y
        return range(top, top + max(1, self.scrollable_content_region.height))

    def _put(self, at: int) -> None:
        self._at = at
        line, window = self._stops[at].line, self._window
        if line not in window:
            self._scroll(line if line < window.start else line - len(window) + 1)
        self.refresh()

    def _scroll(self, y: int) -> None:
        self.scroll_to(y=max(0, y), animate=False, force=True)

    def _first_in_window(self) -> int | None:
        window = self._window
        return next((at for at, stop in enumerate(self._stops) if stop.line in window), None)

    def action_move(self, step: int) -> None:
        window = self._window
        stop = self._stop
        if stop is not None and stop.line in window:
            at = (self._at or 0) + step
        else:
            # Scrolled out of sight: go on from what the person sees.
            lines = [stop.line for stop in self._stops]
            if step > 0:
                at = sum(line < window.start for line in lines)
            else:
                at = sum(line < window.stop for line in lines) - 1
        # A stop further away would leap over text that nobody has seen yet.
        if 0 <= at < len(self._stops) and window.start - 1 <= self._stops[at].line <= window.stop:
            self._put(at)
        else:
            self._scroll(window.start + step)

    def action_page(self, step: int) -> None:
        window = self._window
        self._scroll(window.start + step * max(1, len(window) - 1))
        at = self._first_in_window()
        if self._window == window and self._stops:
            at = len(self._stops) - 1 if step > 0 else 0
        if at is not None:
            self._put(at)

    def action_first(self) -> None:
        self._at = 0
        self._scroll(0)
        self.refresh()

    def action_last(self) -> None:
        self._at = max(0, len(self._stops) - 1)
        self._scroll(len(self._lines))
        self.refresh()

    def on_focus(self) -> None:
        stop = self._stop
        at = self._first_in_window()
        if at is not None and stop is not None and stop.line not in self._window:
            self._at = at
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    # Links and folds ------------------------------------------------------------------------------------

    def action_follow(self) -> None:
        stop = self._stop
        if stop is None:
            raise SkipAction
        if stop.link is None:
            self._toggle(stop.line)
        else:
            self.post_message(self.LinkFollowed(self, stop.link))

    def action_fold(self, unfold: bool | None = None) -> None:
        """Unfold or fold the row under the cursor, or the one it belongs to; None turns it over."""
        stop = self._stop
        if stop is None:
            raise SkipAction
        line = self._lines[stop.line]
        open_ = line.unfolded or line.within is not None
        if (line.fold is None and line.within is None) or open_ == unfold:
            raise SkipAction
        self._toggle(stop.line)

    def _toggle(self, number: int) -> None:
        line = self._lines[number]
        fold = line.within if line.fold is None else line.fold
        if fold is None:
            return
        self._unfolded ^= {fold}
        owner = next(i for i, each in enumerate(self._lines) if each.fold == fold)
        self._lay_out()
        # The row's own line comes before its children: unfolding does not move it.
        self._put(next(at for at, stop in enumerate(self._stops) if stop.line == owner))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        number = self._line_at(offset)
        if offset is None or number is None or event.button != 1:
            return
        span = self._span_at(offset.x, number)
        stops = [at for at, stop in enumerate(self._stops) if stop.line == number]
        if span is not None and span.link is not None:
            self._at = next((at for at in stops if self._stops[at].link == span.link), self._at)
            self.refresh()
            self.post_message(self.LinkFollowed(self, span.link))
        elif self._lines[number].fold is not None:
            self._toggle(number)
        elif stops:
            self._put(stops[0])

    def on_mouse_move(self, event: events.MouseMove) -> None:
        offset = event.get_content_offset(self)
        number = self._line_at(offset)
        span = self._span_at(offset.x, number) if offset is not None and number is not None else None
        self._hover = (number, span.link) if number is not None and span and span.link else None

    def on_leave(self) -> None:
        self._hover = None

    def _line_at(self, offset: Offset | None) -> int | None:
        if offset is None:
            return None
        number = offset.y + self.scroll_offset.y
        return number if number < len(self._lines) else None

    def _span_at(self, x: int, number: int) -> Span | None:
        end = _GUTTER
        for span in self._lines[number].spans:
            end += cell_len(span.text)
            if _GUTTER <= x < end:
                return span
        return None

    # Drawing --------------------------------------------------------------------------------------------

    def draw_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        number = y + self.scroll_offset.y
        if number >= len(self._lines):
            return Strip.blank(width, self.visual_style.rich_style)
        line = self._lines[number]
        stop = self._stop if self.has_focus else None
        here = stop is not None and stop.line == number
        state = (*filter(None, [_LEVELS.get(line.level)]), *(["document-view--cursor"] if here else []))
        base = self.get_visual_style(*state).rich_style
        segments = [Segment("▌ " if here else "  ", base)]
        for span in line.spans:
            names = [*state[: line.level > 0], role_class(span.role), *state[line.level > 0 :]]
            if span.link is not None:
                names.append("document-view--link")
                if here and stop is not None and span.link == stop.link:
                    names.append("document-view--link-cursor")
                if self._hover == (number, span.link):
                    names.append("document-view--link-hover")
            segments.append(Segment(span.text, self.get_visual_style(*names).rich_style))
        return Strip(segments).adjust_cell_length(width, base)


def _same_rows(numbers: Collection[int], before: Document, after: Document) -> set[int]:
    """The numbers in ``after`` of the rows that had these ``numbers`` in ``before``: those that say the same
    of the same, however many there are above them now."""
    if not numbers:
        return set()
    names = {name: number for number, name in enumerate(_row_names(after))}
    wanted = (name for number, name in enumerate(_row_names(before)) if number in numbers)
    return {names[name] for name in wanted if name in names}


def _row_names(document: Document) -> Iterator[Hashable]:
    """What each row that can be folded is known by, in the order in which a layout numbers them."""
    seen: Counter[Hashable] = Counter()
    for block in document:
        for row in block.rows if isinstance(block, Table) else ():
            if row.children:
                name = (row.link, "".join(span.text for span in row.cells[0]) if row.cells else "")
                yield name, seen[name]
                seen[name] += 1
