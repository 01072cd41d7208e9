"""Wrapping of spans: by words, and inside a word only where the word alone is too long."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from operator import attrgetter

from policy_core.report.document import NO_BREAK, Cell, Link, Role, Span
from policy_core.report.widths import cell_width, clusters

__all__ = ["longest_word", "pad", "spans_width", "wrap"]

_PIECES = re.compile(r" +|[^ ]+")
_JOINTS = f"/-=,.:_{NO_BREAK}"
"""A long name is best cut behind one of these."""


def spans_width(spans: Iterable[Span]) -> int:
    return sum([cell_width(span.text) for span in spans])


def pad(cell: Sequence[Span], width: int) -> Cell:
    """``cell`` filled up with blanks to ``width`` columns."""
    missing = width - spans_width(cell)
    return (*cell, Span(" " * missing)) if missing > 0 else tuple(cell)


def longest_word(cell: Sequence[Span]) -> int:
    """In columns. A word may run through several spans."""
    return max(map(cell_width, "".join([span.text for span in cell]).split(" ")))


def wrap(cell: Sequence[Span], width: int, hanging: int = 0) -> list[Cell]:
    """Lines of at most ``width`` columns, every line but the first ``hanging`` narrower; at least one line,
    perhaps empty. Only the blanks at which a line is broken are left out."""
    room = max(1, width)
    if spans_width(cell) <= room:  # as most do
        return [_merged(_without_blank_end(cell))]
    later = max(1, width - hanging)
    lines: list[list[Span]] = [[]]
    used = 0
    blank: list[Span] = []
    for space, word in _words(cell):
        if space:
            blank = word
            continue
        gap, size = spans_width(blank), spans_width(word)
        if used + gap + size <= room:
            lines[-1].extend(blank)
            used += gap
        elif used:
            lines.append([])
            used, room = 0, later
        blank = []
        if size <= room:
            lines[-1].extend(word)
            used += size
            continue
        for number, piece in enumerate(_cut(word, room, later)):
            if number:
                lines.append([])
                room = later
            lines[-1].extend(piece)
            used = spans_width(piece)
    return [_merged(line) for line in lines]


def _words(cell: Sequence[Span]) -> Iterator[tuple[bool, list[Span]]]:
    """Runs of blanks (True) and words (False) in turn."""
    run: list[Span] = []
    run_is_space = False
    for span in cell:
        for piece in _PIECES.findall(span.text):
            space = piece[0] == " "
            if run and space != run_is_space:
                yield run_is_space, run
                run = []
            run_is_space = space
            run.append(Span(piece, span.role, span.link))
    if run:
        yield run_is_space, run


def _cut(word: Sequence[Span], width: int, later: int) -> Iterator[list[Span]]:
    """A word that is longer than a line, in pieces: the first of at most ``width`` columns, the
    others of ``later``. Each holds at least one character."""
    letters = [(letter, span) for span in word for letter in clusters(span.text)]
    start = 0
    while start < len(letters):
        end, joint, used = start, 0, 0
        while end < len(letters):
            letter = letters[end][0]
            used += cell_width(letter)
            if used > width and end > start:
                break
            end += 1
            if letter in _JOINTS and used * 2 > width:
                joint = end
        if end < len(letters) and joint:
            end = joint
        piece = groupby(letters[start:end], key=lambda letter: letter[1])
        yield [replace(span, text="".join(letter for letter, _ in run)) for span, run in piece]
        start, width = end, later


def _without_blank_end(cell: Sequence[Span]) -> list[Span]:
    line = [span for span in cell if span.text]
    while line and line[-1].text[-1] == " ":
        last = line.pop()
        if text := last.text.rstrip(" "):
            line.append(Span(text, last.role, last.link))
    return line


def _merged(line: Sequence[Span]) -> Cell:
    """Neighbours of one look as one span, its blanks all plain now that the lines are made."""
    return tuple(
        _joined([*run], role, link) for (role, link), run in groupby(line, key=attrgetter("role", "link"))
    )


def _joined(run: list[Span], role: Role, link: Link | None) -> Span:
    text = "".join([span.text for span in run])
    if len(run) == 1 and NO_BREAK not in text:
        return run[0]
    return Span(text.replace(NO_BREAK, " "), role, link)
