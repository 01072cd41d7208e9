"""The terminal as the explorer needs it: keys from it and pictures to it, wherever the streams lead."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from tui.options import UsageError

__all__ = ["clipboard_caveat", "is_standard_input", "painted_on_terminal", "take_keys_from_terminal"]


def clipboard_caveat() -> str:
    """What to add where something was sent to the clipboard: whether it arrives is for the terminal to
    decide, and tmux by default keeps it from arriving."""
    return "; in tmux this needs set-clipboard on" if "TMUX" in os.environ else ""


def is_standard_input(path: str) -> bool:
    """``-``, and whatever else leads there: /dev/stdin, /dev/fd/0 and so on."""
    if path == "-":
        return True
    try:
        return os.path.samestat(os.stat(path), os.fstat(0))  # noqa: PTH116 - pathlib costs start-up
    except (OSError, ValueError):
        return False  # reading it will say what is wrong


def take_keys_from_terminal() -> BinaryIO:
    """Move the pipe away from standard input and put the terminal there, where Textual reads its keys."""
    if sys.stdin.isatty():
        raise UsageError("-f - reads standard input, which is the terminal: pipe manifests into it")
    pipe = os.fdopen(os.dup(0), "rb")
    _put_terminal_on(0)
    return pipe


@contextmanager
def painted_on_terminal() -> Iterator[None]:
    """Textual paints on standard error, in UTF-8: people redirect the one, and set the other otherwise."""
    screen = sys.__stderr__
    if screen is None:
        raise UsageError("standard error is closed: the explorer paints there")
    if hasattr(screen, "reconfigure"):
        screen.reconfigure(encoding="utf-8")
    kept = None if screen.isatty() else os.dup(2)
    if kept is not None:
        _put_terminal_on(2)
    try:
        yield
    finally:
        if kept is not None:
            screen.flush()
            os.dup2(kept, 2)
            os.close(kept)


def _put_terminal_on(descriptor: int) -> None:
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError as error:
        raise UsageError(f"no terminal: {error.strerror} (print instead: netpol-tui overview)") from error
    os.dup2(terminal, descriptor)
    os.close(terminal)
