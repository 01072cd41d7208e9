"""Text measured in terminal columns, as Textual measures it: cropping, padding, and what is emphasised."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Literal

from rich.cells import cell_len

from policy_core.report.widths import clusters

__all__ = ["Align", "crop", "fit", "pieces"]

Align = Literal["left", "right", "center"]

_GENERATED = len("-hx2lq")
"""What Kubernetes puts at the end of a name that it makes up."""


def crop(text: str, width: int, keep_end: bool = False) -> str:
    """``text`` in at most ``width`` columns; what is left out is shown as ``…``: the end, or with
    ``keep_end`` something in the middle."""
    if width <= 0:
        return ""
    start, end = _left_out(text, width, keep_end)
    return text if start == len(text) else f"{text[:start]}…{text[end:]}"


def fit(text: str, width: int, align: Align = "left") -> str:
    """``text`` in exactly ``width`` columns."""
    return "".join(piece for piece, _ in pieces(text, width, align))


def pieces(
    text: str, width: int, align: Align = "left", keep_end: bool = False, words: str = ""
) -> Iterator[tuple[str, bool]]:
    """``text`` in exactly ``width`` columns, in pieces, each with whether it is an occurrence of one of the
    ``words``. Looked for before cropping: the ellipsis is one where something it stands for is."""
    cropped = crop(text, width, keep_end)
    missing = max(0, width - cell_len(cropped))
    left = {"left": 0, "right": missing, "center": missing // 2}[align]
    pattern = _pattern(words)
    if not cropped or pattern is None or not pattern.search(text):
        yield " " * left + cropped + " " * (missing - left), False
        return
    yield " " * left, False
    found = [False] * len(text)
    for match in pattern.finditer(text):
        found[match.start() : match.end()] = [True] * len(match[0])
    if cropped != text:
        start, end = _left_out(text, width, keep_end)
        found[start:end] = [any(found[start:end])]
    for emphasised, group in groupby(zip(cropped, found, strict=True), key=itemgetter(1)):
        yield "".join(letter for letter, _ in group), emphasised
    yield " " * (missing - left), False


def _left_out(text: str, width: int, keep_end: bool) -> tuple[int, int]:
    """From where to where ``text`` is left out so that it takes ``width`` columns with an ellipsis there; its
    length twice where all of it fits."""
    if cell_len(text) <= width:
        return len(text), len(text)
    letters, room, end = clusters(text), max(0, width - 1), len(text)
    if keep_end:
        end -= _length(reversed(letters), room // 2)
        # Of a generated name the random part tells more than half of the hash before it.
        dash = text.find("-", end, len(text) - _GENERATED + 1)
        end = end if dash < 0 else dash
    start = _length(letters, room - cell_len(text[end:]))
    return len(text[:start].rstrip()), end


def _length(letters: Iterable[str], room: int) -> int:
    """How many characters of ``letters`` have room."""
    length = 0
    for letter in letters:
        room -= cell_len(letter)
        if room < 0:
            break
        length += len(letter)
    return length


@lru_cache(maxsize=16)
def _pattern(words: str) -> re.Pattern[str] | None:
    """Finds any of the words, of two at one place the longer, in any case of letters."""
    alternatives = sorted(set(words.split()), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, alternatives)), re.IGNORECASE) if alternatives else None
