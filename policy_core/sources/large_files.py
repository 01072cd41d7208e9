"""Takes what is to be read in such a way that a large file need not be in memory as a whole."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import BinaryIO

__all__ = ["LARGE", "of_file", "of_stream"]

LARGE = 1 << 23
"""Bytes from which on a text stays in its file. A shorter one costs less to keep than all that is made of it
together, and the reader of whole texts reads it in a blink."""


def of_file(path: Path) -> bytes | BinaryIO:
    """As :func:`of_stream`."""
    if path.is_file() and path.stat().st_size < LARGE:
        return path.read_bytes()
    with path.open("rb") as stream:
        return of_stream(stream)


def of_stream(stream: BinaryIO) -> bytes | BinaryIO:
    """All that is in ``stream``; where that is much, a file that holds it and lives on by itself. What can be
    read only once, as a pipe can, goes into a temporary file without a name."""
    try:
        number = stream.fileno()
        status = os.fstat(number)
    except OSError:  # no file behind it
        status = None
    if status and stat.S_ISREG(status.st_mode) and stream.tell() == 0:
        return os.fdopen(os.dup(number), "rb") if status.st_size >= LARGE else stream.read()
    start = stream.read(LARGE)
    if len(start) < LARGE:
        return start
    whole = tempfile.TemporaryFile()  # noqa: SIM115  (whoever gets it closes it)
    try:
        whole.write(start)
        del start
        shutil.copyfileobj(stream, whole, 1 << 20)
        whole.flush()
    except BaseException:
        whole.close()
        raise
    return whole
