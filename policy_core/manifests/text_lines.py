"""Lines and offsets of a text that may be very long: where a line starts, and on which line an offset is."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from functools import lru_cache
from itertools import accumulate

__all__ = ["TextLines", "text_lines"]

_CHUNK = 1 << 14


class TextLines:
    """Lines end at ``\\n`` alone and are counted from 0. Counting the ends in chunks is much quicker than
    keeping the start of every line of a file of which one object is looked at."""

    def __init__(self, text: str) -> None:
        self._text = text
        counts = (text.count("\n", start, start + _CHUNK) for start in range(0, len(text), _CHUNK))
        self._ends = array("Q", accumulate(counts))
        """How many lines have ended by the end of each chunk."""

    def start(self, line: int) -> int:
        """The offset at which the line starts; the length of the text for lines beyond the last."""
        if line <= 0:
            return 0
        chunk = bisect_left(self._ends, line)
        if chunk == len(self._ends):
            return len(self._text)
        missing = line - (self._ends[chunk - 1] if chunk else 0)
        offset = chunk * _CHUNK
        for _ in range(missing):
            offset = self._text.index("\n", offset) + 1
        return offset

    def line(self, offset: int) -> int:
        """The line that the offset is on."""
        chunk = min(offset, len(self._text)) // _CHUNK
        before = self._ends[chunk - 1] if chunk else 0
        return before + self._text.count("\n", chunk * _CHUNK, offset)


@lru_cache(maxsize=2)
def text_lines(text: str) -> TextLines:
    """Those of a file, kept for the next question about it."""
    return TextLines(text)
