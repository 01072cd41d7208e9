"""A small document model: what a report says, before anyone decides how it looks.

Reports build documents; the text report, the Markdown report and the explorer's detail pane lay them out.
So all three say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import overload

from policy_core.model import Ref
from policy_core.printable import printable

__all__ = [
    "NOTHING",
    "NO_BREAK",
    "Block",
    "Cell",
    "Children",
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
        text = printable(self.text)
        if text is not self.text:
            object.__setattr__(self, "text", text)


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


class Children(Sequence[Cell]):
    """Lines that are made when somebody looks at them: most rows stay folded, and a page may have hundreds
    of rows with 50 lines each. Equal to the tuple of the same lines."""

    __slots__ = ("_length", "_lines", "_make")

    def __init__(self, length: int, make: Callable[[], Iterable[Cell]]) -> None:
        self._length = length
        self._make = make
        self._lines: tuple[Cell, ...] | None = None

    def _made(self) -> tuple[Cell, ...]:
        if self._lines is None:
            self._lines = tuple(self._make())
        return self._lines

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Cell]:
        return iter(self._made())

    @overload
    def __getitem__(self, position: int) -> Cell: ...
    @overload
    def __getitem__(self, position: slice) -> tuple[Cell, ...]: ...
    def __getitem__(self, position: int | slice) -> Cell | tuple[Cell, ...]:
        return self._made()[position]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Children):
            return self is other or (len(self) == len(other) and self._made() == other._made())
        return self._made() == other if isinstance(other, tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._made())


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
    children: Sequence[Cell] = ()
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
