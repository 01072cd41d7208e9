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
    "Block",
    "Cell",
    "Column",
    "Document",
    "Heading",
    "Link",
    "Paragraph",
    "Role",
    "Row",
    "Span",
    "Table",
]


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
    """``weight`` 0: as wide as its widest cell; else the column shares what is left by weight and wraps."""

    title: str
    weight: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """``link`` is where the row as a whole leads; ``children`` are lines that belong below it and may be
    folded away."""

    cells: tuple[Cell, ...]
    link: Link | None = None
    children: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    indent: int = 0


Block = Heading | Paragraph | Table
Document = tuple[Block, ...]
