"""Shows an object's own lines of its manifest, numbered, with one field's lines marked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from policy_core.printable import printable
from tui.widgets.scrolling import set_content_size

__all__ = ["CodeView"]

_TOKENS = {
    "Name.Tag": "key",
    "Comment": "comment",
    "Punctuation": "punctuation",
    "Literal.String": "string",
    "Keyword": "type",
    "Name.Label": "anchor",
}
"""Kinds of tokens by the beginning of their names, and the component class that colours them."""
_CONSTANT = re.compile(r"(?:true|false|null|~|[-+]?[0-9][0-9._]*)", re.IGNORECASE)

_CONTEXT = 3
"""Lines above the marked ones that are shown with them."""
_MOST = 100_000
"""Characters up to which a text is coloured: about a tenth of a second's work."""
_LONGEST = 300
"""Characters up to which a line is coloured: the lexer's time can grow with the square of a line's length."""


class CodeView(ScrollView, can_focus=True):
    """Source lines in the colours of YAML (JSON is YAML), with line numbers that stay when scrolled aside."""

    ALLOW_SELECT = False

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll(-1)", "Up", show=False, id="code.up"),
        Binding("down,j", "scroll(1)", "Down", show=False, id="code.down"),
        Binding("left,h", "shift(-1)", "Left", show=False, id="code.left"),
        Binding("right,l", "shift(1)", "Right", show=False, id="code.right"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="code.page_up"),
        Binding("pagedown,space", "page(1)", "Page down", show=False, id="code.page_down"),
        Binding("home,g", "edge(False)", "Top", show=False, id="code.first"),
        Binding("end,G", "edge(True)", "Bottom", show=False, id="code.last"),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "code-view--number",
        "code-view--marked",
        "code-view--constant",
        *(f"code-view--{name}" for name in _TOKENS.values()),
    }

    DEFAULT_CSS = """
    CodeView {
        overflow: auto;
        scrollbar-size: 1 1;
        color: $foreground;
        & > .code-view--number { color: $muted; }
        & > .code-view--key { color: $accent; }
        & > .code-view--comment { color: $muted; text-style: italic; }
        & > .code-view--punctuation { color: $muted; }
        & > .code-view--string { color: $port; }
        & > .code-view--constant { color: $port; }
        & > .code-view--type { color: $unknown; }
        & > .code-view--anchor { color: $unknown; }
        & > .code-view--marked { background: $block-cursor-blurred-background; text-style: bold; }
    }
    """

    def __init__(
        self,
        *,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._source: Sequence[str] = ()
        self._first = 1
        self._marked = range(0)
        self._numbered = True
        self._subject: object = None
        self._pieces: list[list[tuple[str, str]]] | None = None
        """Every line as (component class or nothing, text); None until the first is drawn."""

    def show(
        self,
        lines: Sequence[str],
        first_number: int = 1,
        highlighted: range = range(0),
        subject_key: object = None,
    ) -> None:
        """``first_number`` is the number of the first line in its file; ``highlighted`` are numbers of that
        kind, too. What is shown already stays where it is, and so does what has become of it: the same place
        of the same ``subject_key``, unless that is None."""
        still = subject_key is not None and (subject_key, highlighted) == (self._subject, self._marked)
        self._subject = subject_key
        self._show(lines, first_number, highlighted, numbered=True, still=still)

    def say(self, text: str) -> None:
        """Something that stands in no file."""
        self._subject = None
        self._show([text], 1, range(0), numbered=False)

    def _show(
        self,
        lines: Sequence[str],
        first_number: int,
        highlighted: range,
        numbered: bool,
        still: bool = False,
    ) -> None:
        now = (self._first, self._marked, self._numbered)
        if (first_number, highlighted, numbered) == now and lines == self._source:
            return
        self._source, self._first, self._marked = lines, first_number, highlighted
        self._numbered = numbered
        self._pieces = None
        longest = max((cell_len(printable(line)) for line in lines), default=0)
        set_content_size(self, Size(self._gutter_width + longest, len(lines)))
        if not still:
            top = highlighted.start - first_number - _CONTEXT if highlighted else 0
            self.scroll_to(0, max(0, top), animate=False, force=True)
        self.refresh()

    @property
    def _digits(self) -> int:
        return len(str(self._first + len(self._source)))

    @property
    def _gutter_width(self) -> int:
        return self._digits + 3

    def render_line(self, y: int) -> Strip:
        scroll_x, scroll_y = self.scroll_offset
        width = self.scrollable_content_region.width
        at = y + scroll_y
        if at >= len(self._source):
            return Strip.blank(width, self.visual_style.rich_style)
        if self._pieces is None:
            self._pieces = _pieces([printable(line) for line in self._source])
        number = self._first + at
        marked = number in self._marked
        state = ["code-view--marked"] if marked else []
        base = self.get_visual_style(*state).rich_style
        gutter = Segment(
            f"{'▌' if marked else ' '}{number if self._numbered else '':>{self._digits}}  ",
            self.get_visual_style("code-view--number", *state).rich_style,
        )
        text = Strip(
            Segment(text, self.get_visual_style(*([f"code-view--{name}"] if name else []), *state).rich_style)
            for name, text in self._pieces[at]
        )
        room = max(0, width - self._gutter_width)
        text = text.crop(scroll_x, scroll_x + room).adjust_cell_length(room, base)
        return Strip([gutter, *text]).adjust_cell_length(width, base)

    def _move(self, x: int = 0, y: int = 0) -> None:
        self.scroll_relative(x or None, y or None, animate=False)

    def action_scroll(self, step: int) -> None:
        self._move(y=step)

    def action_shift(self, step: int) -> None:
        self._move(x=step * 8)

    def action_page(self, step: int) -> None:
        self._move(y=step * max(1, self.scrollable_content_region.height - 1))

    def action_edge(self, bottom: bool) -> None:
        self.scroll_to(y=len(self._source) if bottom else 0, animate=False)


def _pieces(lines: list[str]) -> list[list[tuple[str, str]]]:
    if sum(map(len, lines)) > _MOST:
        return [[("", line)] for line in lines]
    pieces: list[list[tuple[str, str]]] = [[]]
    for name, text in _tokens("\n".join(line[:_LONGEST] for line in lines)):
        first, *others = text.split("\n")
        pieces[-1].append((name, first))
        pieces.extend([(name, other)] for other in others)
    return [[*found, ("", line[_LONGEST:])] for found, line in zip(pieces, lines, strict=False)]


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """(component class or nothing, text). The lexer is imported at first use: starting does not need it."""
    from pygments.lexers.data import YamlLexer

    for kind, piece in YamlLexer(stripnl=False, ensurenl=False).get_tokens(text):
        kind_name = str(kind).removeprefix("Token.")
        name = next((name for prefix, name in _TOKENS.items() if kind_name.startswith(prefix)), "")
        if not name and _CONSTANT.fullmatch(piece):
            name = "constant"
        yield name, piece
