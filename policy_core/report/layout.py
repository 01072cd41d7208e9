"""Lays a document out in lines of a given width, for the text report and for the explorer alike."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Final

from policy_core.report.document import (
    NOTHING,
    Cell,
    Column,
    Document,
    Heading,
    Link,
    Names,
    Paragraph,
    Rail,
    Role,
    Row,
    Span,
    Table,
)
from policy_core.report.tables import column_widths
from policy_core.report.widths import cell_width
from policy_core.report.wrap import pad, spans_width, wrap

__all__ = ["ALL", "Line", "ansi", "layout", "plain"]

_GAP = "  "
_SEPARATOR: Cell = (Span(" · ", Role.MUTED),)
_MOST_NAMES = 3
FOLDED, UNFOLDED = "▸ ", "▾ "


class _Everything(Container[int]):
    def __contains__(self, item: object) -> bool:
        return True


ALL: Final[Container[int]] = _Everything()
"""Every row unfolded, and no marks that offer to fold it: for output that cannot be folded."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line, wrapped and padded. Its spans begin at column 0: indentation is a span of its own."""

    spans: Cell = ()
    links: tuple[Link, ...] = ()
    """Where the line leads: the row's own link first. A link that runs on from the line above is not named
    again, so each is met once."""
    fold: int | None = None
    """The number of the row that can be folded here, counted over the whole document."""
    unfolded: bool = False
    within: int | None = None
    """The number of the row whose child this line is."""
    level: int = 0
    """The level of the heading, 0 for any other line."""

    @property
    def link(self) -> Link | None:
        return self.links[0] if self.links else None

    @property
    def text(self) -> str:
        return "".join(span.text for span in self.spans)


def layout(document: Document, width: int, unfolded: Container[int] = ()) -> list[Line]:
    """``document`` in lines of at most ``width`` columns, with the rows whose numbers are in ``unfolded``
    showing their children. Numbers do not depend on ``width`` or ``unfolded``."""
    lines: list[Line] = []
    folds = count()
    after: object = None
    for block in document:
        match block:
            case Heading(text, level):
                if after is not None and (level == 1 or after is Table):
                    lines.append(Line())
                flow = _flow(text, width, hanging=2 * (level - 1))
                lines.extend(replace(line, level=level) for line in flow)
            case Paragraph(text, indent):
                lines.extend(_flow(text, width, indent, _bullet(text)))
            case Rail():
                lines.extend(_rail(block, width))
            case Table():
                lines.extend(_table(block, width, unfolded, folds))
        after = type(block)
    return lines


def _flow(
    cell: Cell,
    width: int,
    indent: int = 0,
    hanging: int = 0,
    within: int | None = None,
    own: Link | None = None,
    seen: set[Link] | None = None,
) -> Iterator[Line]:
    """Wrapped text; every line but the first is indented by ``hanging`` more. ``own`` is what all of it leads
    to, ``seen`` where lines above led."""
    seen = set() if seen is None else seen
    for number, spans in enumerate(wrap(cell, width - indent, hanging)):
        margin = _blanks(indent + (hanging if number else 0))
        yield Line(margin + spans, _new_links(own, spans, seen), within=within)


def _rail(rail: Rail, width: int) -> Iterator[Line]:
    seen: set[Link] = set()
    for number, spans in enumerate(wrap(rail.text, width - spans_width(rail.lead))):
        lead = rail.onward if number else rail.lead
        yield Line(lead + spans, _new_links(None, spans, seen))


def _bullet(cell: Cell) -> int:
    """The width of a mark at the start, which wrapped lines stay clear of."""
    mark = cell[0].text if cell else ""
    return cell_width(mark) if len(mark) <= 3 and mark.endswith(" ") else 0


def _blanks(width: int) -> Cell:
    return (Span(" " * width),) if width > 0 else ()


def _new_links(own: Link | None, spans: Iterable[Span], seen: set[Link]) -> tuple[Link, ...]:
    found = dict.fromkeys(link for link in (own, *(span.link for span in spans)) if link and link not in seen)
    seen.update(found)
    return tuple(found)


# Tables -------------------------------------------------------------------------------------------------


def _table(table: Table, width: int, unfolded: Container[int], folds: Iterator[int]) -> Iterator[Line]:
    indent = min(table.indent, max(0, width - 1))
    foldable = unfolded is not ALL and any(row.children for row in table.rows)
    marks = len(FOLDED) if foldable else 0
    widths = column_widths(table, width - indent - marks, len(_GAP))
    if widths:
        # The last column has whatever the others leave.
        widths[-1] = width - indent - marks - sum(widths[:-1]) - len(_GAP) * (len(widths) - 1)
    if widths and any(column.title for column in table.columns):
        titles = tuple((Span(column.title, Role.MUTED),) for column in table.columns)
        yield from _grid(titles, widths, _blanks(indent + marks))
    for row in table.rows:
        fold = next(folds) if row.children else None
        shown = fold is not None and fold in unfolded
        mark = (UNFOLDED if shown else FOLDED) if fold is not None else " " * marks
        margin = (*_blanks(indent), Span(mark, Role.MUTED)) if foldable else _blanks(indent)
        names, behind = Names() if shown else row.names, False
        if widths:
            cells = _with_names(row.cells, names, widths[-1])
            behind = cells != row.cells
            lines = list(_grid(cells, widths, margin, row.link))
        else:
            lines = list(_record(table, row, width, margin))
        if fold is not None and foldable:
            lines[0] = replace(lines[0], fold=fold, unfolded=shown)
        yield from lines
        below = indent + marks + (2 if widths else 4)  # a record's own lines are further in, too
        if table.names_below and not behind and (fitting := _fitting(names, width - below)):
            yield Line((*_blanks(below), *fitting))
        if shown:
            for child in row.children:
                yield from _flow(child, width, below, 2, fold)


def _with_names(cells: tuple[Cell, ...], names: Names, room: int) -> tuple[Cell, ...]:
    """``cells`` with the names behind the last, which has ``room``; unchanged where they do not fit."""
    introduced = (*cells[-1], Span(": ", Role.MUTED)) if cells else ()
    fitting = _fitting(names, room - spans_width(introduced))
    return (*cells[:-1], introduced + fitting) if fitting else cells


def _fitting(names: Names, room: int) -> Cell:
    """As many of the names as fit in ``room`` columns."""
    for most in range(min(_MOST_NAMES, len(names.first)), 0, -1):
        cell = (Span(names.text(most), Role.MUTED),)
        if spans_width(cell) <= room:
            return cell
    return ()


def _grid(
    cells: Sequence[Cell], widths: Sequence[int], margin: Cell, own: Link | None = None
) -> Iterator[Line]:
    """One row, its cells beside each other, each wrapped in its column."""
    columns = [wrap(cell, width) for cell, width in zip(cells, widths, strict=False)]
    seen: set[Link] = set()
    later = _blanks(spans_width(margin))
    for number in range(max(map(len, columns), default=0)):
        spans: Cell = later if number else margin
        for position, (lines, width) in enumerate(zip(columns, widths, strict=False)):
            if position:
                spans += (Span(_GAP),)
            spans += pad(lines[number] if number < len(lines) else (), width)
        yield Line(spans, _new_links(None if number else own, spans, seen))


def _record(table: Table, row: Row, width: int, margin: Cell) -> Iterator[Line]:
    """One row where the columns do not fit: on one line if that holds it, else the first cell, and below it
    the others with their titles, as many on a line as it holds."""
    start = spans_width(margin)
    first = row.cells[0] if row.cells else ()
    others = [
        (*_label(column), *cell)
        for column, cell in zip(table.columns[1:], row.cells[1:], strict=False)
        if not _empty(cell)
    ]
    head, *more = _packed([first, *others], width - start) or [()]
    below = _packed(others, width - start - 2) if more or _empty(first) else []
    seen: set[Link] = set()
    if not (_empty(first) and below):
        for number, spans in enumerate(wrap(first if below else head, width - start)):
            lead = _blanks(start) if number else margin
            yield Line(lead + spans, _new_links(row.link, spans, seen))
    for cell in below:
        yield from _flow(cell, width, start + 2, 2, own=row.link, seen=seen)


def _packed(cells: Iterable[Cell], width: int) -> list[Cell]:
    """Cells put together as long as they fit on one line."""
    packed: list[Cell] = []
    used, gap = 0, spans_width(_SEPARATOR)
    for cell in filter(None, cells):
        needed = spans_width(cell)
        if packed and used + gap + needed <= width:
            packed[-1] = (*packed[-1], *_SEPARATOR, *cell)
            used += gap + needed
        else:
            packed.append(cell)
            used = needed
    return packed


def _empty(cell: Cell) -> bool:
    return "".join(span.text for span in cell).strip() in ("", NOTHING)


def _label(column: Column) -> Cell:
    return (Span(f"{column.title} ", Role.MUTED),) if column.title and not column.evident else ()


# Lines as text ------------------------------------------------------------------------------------------

_SGR: dict[Role, str] = {
    Role.MUTED: "2",
    Role.NAME: "1",
    # Blue, orange and purple stay apart for the colour-blind, on dark and on light grounds.
    Role.ALLOW: "38;5;33",
    Role.DENY: "38;5;208",
    Role.UNKNOWN: "38;5;170",
}


def plain(lines: Iterable[Line]) -> str:
    """The lines as text, without blanks at their ends and without a newline after the last."""
    return "\n".join(line.text.rstrip() for line in lines)


def ansi(lines: Iterable[Line]) -> str:
    """As :func:`plain`, with the roles as terminal colours (SGR). Colour only stresses what words say."""
    return "\n".join("".join(_ansi(line)) for line in lines)


def _ansi(line: Line) -> Iterator[str]:
    spans = list(line.spans)
    while spans and not spans[-1].text.strip():
        spans.pop()
    for number, span in enumerate(spans, 1):
        text = span.text.rstrip() if number == len(spans) else span.text
        sgr = ";".join(dict.fromkeys(filter(None, ("1" if line.level else "", _SGR.get(span.role, "")))))
        yield f"\x1b[{sgr}m{text}\x1b[0m" if sgr and text.strip() else text
