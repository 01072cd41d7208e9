"""A small document model: what a report says, before anyone decides how it looks.

Reports build documents; the text report, the Markdown report and the explorer's detail pane lay them out.
So all three say the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from policy_core.model import Ref
from policy_core.printable import printable

__all__ = [
    "NOTHING",
    "NO_BREAK",
    "Block",
    "Cell",
    "Column",
    "Document",
    "Heading",
    "Link",
    "Names",
    "Paragraph",
    "Rail",
    "Role",
    "Row",
    "Span",
    "Table",
    "unbroken",
]

NOTHING = "—"
"""The text of a cell that has nothing to say."""
NO_BREAK = "\u00a0"
"""In a span's text: a blank at which no line is broken. It is shown as a plain one."""


def unbroken(text: str) -> str:
    """``text`` as one word."""
    return text.replace(" ", NO_BREAK)


class Role(StrEnum):
    """Why a piece of text is there; whoever draws it chooses the look."""

    PLAIN = "plain"
    MUTED = "muted"
    NAME = "name"
    """The name of a Kubernetes object."""
    PORT = "port"
    ALLOW = "allow"
    DENY = "deny"
    UNKNOWN = "unknown"
    """Not certain: a caveat, or something that could not be evaluated."""


@dataclass(frozen=True, slots=True)
class Link:
    """Leads to an object; with a ``path`` (as ``("spec", "ingress", 0)``) to that place in its manifest."""

    ref: Ref
    path: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text on one line. The text is made printable when the span is built."""

    text: str
    role: Role = Role.PLAIN
    link: Link | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", printable(self.text))


Cell = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """``level`` 1 opens a section, 2 a part of it."""

    text: Cell
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text that wraps; ``indent`` in columns."""

    text: Cell
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Column:
    """``weight`` 0: as wide as its widest cell; else the column shares what is left by weight and wraps.
    ``evident``: its cells say without the title what they are."""

    title: str
    weight: int = 0
    evident: bool = False


@dataclass(frozen=True, slots=True)
class Names:
    """``total`` names, of which the ``first`` are at hand: told as far as there is room."""

    first: tuple[str, ...] = ()
    total: int = 0

    def text(self, most: int | None = None) -> str:
        """``a, b and 3 more``: ``most`` of those at hand, by default all; empty without names."""
        shown = self.first[:most]
        more = f" and {self.total - len(shown):,} more" if self.total > len(shown) else ""
        return ", ".join(shown) + more


@dataclass(frozen=True, slots=True)
class Row:
    """``link`` is where the row as a whole leads; ``children`` are lines that belong below it and may be
    folded away. ``names`` say in short what the children are: they stand behind the last cell."""

    cells: tuple[Cell, ...]
    link: Link | None = None
    children: tuple[Cell, ...] = ()
    names: Names = Names()


@dataclass(frozen=True, slots=True)
class Table:
    """``names_below``: where a row's names do not fit behind its last cell, they get a line of their own."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    indent: int = 0
    names_below: bool = False


@dataclass(frozen=True, slots=True)
class Rail:
    """A line of a diagram: ``lead`` is drawn before its text, ``onward`` before what wraps."""

    lead: Cell
    text: Cell
    onward: Cell


Block = Heading | Paragraph | Table | Rail
Document = tuple[Block, ...]
