"""A document as Markdown, for tickets and chats."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from policy_core.printable import printable
from policy_core.report.document import NO_BREAK, Cell, Document, Heading, Link, Paragraph, Rail, Table

__all__ = ["code", "markdown"]

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&])")
_LEADING = re.compile(r"^(\d*)([-+=]|[.)](?=\s|$))")
"""What would make a list or a heading of a paragraph that starts with it."""
_BULLET = "· "
_DRAWING = str.maketrans(dict.fromkeys("│┊├─▶●○·"))
"""What a diagram is drawn with, and Markdown does without."""


def markdown(title: str, document: Document, source: str, place: Callable[[Link], str]) -> str:
    """``title`` becomes the first heading, ``source`` a line below it. ``place`` tells where in the files a
    link leads, or nothing: nobody can follow it in a ticket. Text is escaped: names from manifests cannot
    form markup."""
    blocks = [f"# {_escape(title)}", _no_list(_escape(source))]
    for block in document:
        match block:
            case Heading(text, level):
                blocks.append(f"{'#' * (level + 1)} {_text(text, place)}")
            case Paragraph(text) if len(text) > 1 and text[0].text == _BULLET:
                item = f"- {_no_list(_text(text[1:], place))}"
                if blocks[-1].startswith("- "):
                    item = f"{blocks.pop()}\n{item}"
                blocks.append(item)
            case Rail(lead, text):
                # In a list the lines say the same without the drawing.
                if said := _text(text, place):
                    drawn = _text(lead, place)
                    mark = " ".join(drawn.translate(_DRAWING).split())
                    item = f"- {_no_list(f'{mark} {said}'.strip())}"
                    if blocks[-1].startswith("- "):
                        # What has no more than the line at its left belongs to what is above.
                        item = f"{blocks.pop()}\n{'  ' if drawn.strip(' │┊·') == '' else ''}{item}"
                    blocks.append(item)
            case Paragraph(()):
                pass  # a gap, which blocks have between them anyway
            case Paragraph(text):
                blocks.append(_no_list(_text(text, place)))
            case Table():
                blocks.append("\n".join(_table(block, place)))
    return "\n\n".join(blocks) + "\n"


def code(title: str, where: str, lines: Sequence[str]) -> str:
    """Lines of a manifest as a block of code, under ``title`` and the place they are from."""
    text = [printable(line) for line in lines]
    # A fence longer than any in the text cannot be closed by it.
    longest = max((len(found) for line in text for found in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join(
        [f"# {_escape(title)}", "", _no_list(_escape(where)), "", f"{fence}yaml", *text, fence, ""]
    )


def _table(table: Table, place: Callable[[Link], str]) -> Iterator[str]:
    yield _row([column.title for column in table.columns])
    yield _row(["---"] * len(table.columns))
    for row in table.rows:
        names = row.names.text()
        cells = [_text(cell, place) for cell in row.cells]
        yield _row([*cells[:-1], f"{cells[-1]}: {_escape(names)}"] if names else cells)


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _text(cell: Cell, place: Callable[[Link], str]) -> str:
    text = ""
    for span in cell:
        where = place(span.link) if span.link else ""
        text += f"{span.text} ({where})" if where else span.text
    return _escape(text)


def _no_list(text: str) -> str:
    return _LEADING.sub(r"\1\\\2", text)


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", printable(text).replace(NO_BREAK, " ").strip())
