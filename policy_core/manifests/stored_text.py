"""A text too long to be kept: it stays in its file, and only what is asked for is read."""

from __future__ import annotations

import codecs
import json
import os
import threading
import weakref
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from typing import BinaryIO

__all__ = ["BLOCK", "ChangedError", "StoredText", "UnfamiliarError"]

BLOCK = 1 << 20
"""Bytes that are read and decoded at a time: far less than a hundredth of a second of work."""
_EXCERPT = 1 << 15
_INDENT = 200
"""Bytes before an object that are looked at for the blanks before it."""


class UnfamiliarError(ValueError):
    """The text is not of the plain shape that can be read piece by piece. It may be sound for all that."""


class ChangedError(OSError):
    """The file is not the one that was read any more, so nothing in it can be found."""

    def __init__(self) -> None:
        super().__init__("the file has changed since it was read")


class StoredText:
    """UTF-8 in ``file``, which belongs to it from now on. Offsets in a text are of characters, those in a
    file of bytes, so :meth:`blocks` notes for every block where it starts in both."""

    def __init__(self, file: BinaryIO, block: int = BLOCK) -> None:
        self._file = file
        self._block = block
        self._lock = threading.Lock()
        """Whoever reads has to seek first, and the screen asks while another thread reads."""
        self._stamp = self._stamped()
        self.at = 0
        """How far :meth:`blocks` has come, in bytes."""
        self._starts = array("Q"), array("Q")
        weakref.finalize(self, file.close)

    def _stamped(self) -> tuple[int, int]:
        status = os.fstat(self._file.fileno())
        return status.st_size, status.st_mtime_ns

    @property
    def size(self) -> int:
        """Bytes."""
        return self._stamp[0]

    def check(self) -> None:
        """Raise ChangedError where the file is not what it was."""
        if self._stamped() != self._stamp:
            raise ChangedError

    def whole(self) -> bytes:
        return self._bytes(0, self.size)

    def text(self) -> str:
        self.check()
        return self.whole().decode()

    def blocks(self) -> Iterator[str]:
        """The text from its start. Raises UnfamiliarError where it is no UTF-8 with plain line ends."""
        decoder = codecs.getincrementaldecoder("utf-8")()
        in_text, in_file = array("Q", [0]), array("Q", [0])
        self.at = at = 0
        while at < self.size:
            data = self._bytes(at, self._block)
            self.at = at = at + len(data)
            if not data or b"\r" in data:
                raise UnfamiliarError
            try:
                text = decoder.decode(data, at >= self.size)
            except UnicodeDecodeError:
                raise UnfamiliarError from None
            in_text.append(in_text[-1] + len(text))
            in_file.append(at - len(decoder.getstate()[0]))
            if text:
                yield text
        self._starts = in_text, in_file

    def excerpt(self, at: int) -> str:
        """The JSON object at offset ``at``, with the blanks before it on its line and the comma behind it.
        Raises ChangedError."""
        self.check()
        start = self._in_file(at)
        around = self._bytes(max(0, start - _INDENT), min(start, _INDENT))
        before = around.rpartition(b"\n")[2].decode("utf-8", "replace")
        indent = before if len(before) < len(around) and not before.strip(" \t") else ""
        length = _EXCERPT
        while True:
            data = self._bytes(start, length)
            text = codecs.getincrementaldecoder("utf-8")("replace").decode(data)
            try:
                _, end = json.JSONDecoder().raw_decode(text)
            except ValueError:
                if len(data) < length:
                    raise ChangedError from None
                length *= 2
            else:
                return indent + text[: end + (text[end : end + 1] == ",")]

    def _in_file(self, at: int) -> int:
        in_text, in_file = self._starts
        block = bisect_right(in_text, at) - 1
        inside, start = at - in_text[block], in_file[block]
        if block + 1 == len(in_text):
            return start
        length = in_file[block + 1] - start
        if length == in_text[block + 1] - in_text[block]:
            return start + inside  # a byte for each character
        return start + len(self._bytes(start, length).decode()[:inside].encode())

    def _bytes(self, start: int, length: int) -> bytes:
        with self._lock:
            self._file.seek(start)
            return self._file.read(length)
