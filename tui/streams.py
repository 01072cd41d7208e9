"""The standard streams as the program finds them: they may be closed, or unable to say every character."""

from __future__ import annotations

import os
import sys
from typing import Any, TextIO

from tui.options import UsageError

__all__ = ["nowhere", "prepare_streams"]


def prepare_streams() -> None:
    """Make it safe to write. Raises UsageError where standard output is closed: nobody would see the result.

    Python sets a stream to None if its descriptor is closed at the start.
    """
    _fill_descriptors()
    if sys.stderr is None:  # nobody wants to know
        sys.stderr = nowhere()
    if sys.stdout is None:
        sys.stdout = nowhere()
        raise UsageError("standard output is closed")
    for stream in (sys.stdout, sys.stderr):
        _write_anything(stream)


def nowhere() -> TextIO:
    """A stream for what nobody reads."""
    return open(os.devnull, "w")  # noqa: PTH123 - pathlib costs start-up


def _fill_descriptors() -> None:
    """So that no file read later gets the number of a closed stream, and with it what is written there."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _write_anything(stream: Any) -> None:
    """Characters that the stream's encoding lacks become escapes, not errors."""
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")
