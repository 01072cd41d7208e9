"""A document as Markdown, for tickets and chats."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from policy_core.printable import printable
from policy_core.report.document import Cell, Document, Heading, Paragraph, Table

__all__ = ["code", "markdown"]

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")


def markdown(title: str, document: Document) -> str:
    """``title`` becomes the first heading. Text is escaped: names from manifests cannot form markup."""
    blocks = [f"# {_escape(printable(title))}"]
    for block in document:
        match block:
            case Heading(text, level):
                blocks.append(f"{'#' * (level + 1)} {_text(text)}")
            case Paragraph(text):
                blocks.append(_text(text))
            case Table():
                blocks.append("\n".join(_table(block)))
    return "\n\n".join(blocks) + "\n"


def code(title: str, where: str, lines: Sequence[str]) -> str:
    """Lines of a manifest as a block of code, under ``title`` and the place they are from."""
    text = [printable(line) for line in lines]
    # A fence longer than any in the text cannot be closed by it.
    longest = max((len(found) for line in text for found in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    head = f"# {_escape(printable(title))}\n\n{_escape(printable(where))}"
    return "\n".join([head, "", f"{fence}yaml", *text, fence, ""])


def _table(table: Table) -> Iterator[str]:
    yield _row([column.title for column in table.columns])
    yield _row(["---"] * len(table.columns))
    for row in table.rows:
        yield _row([_text(cell) for cell in row.cells])


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _text(cell: Cell) -> str:
    return _escape("".join(span.text for span in cell).strip())


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)
