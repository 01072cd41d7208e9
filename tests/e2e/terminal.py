"""A real pseudo-terminal around the installed program: keys in, screen out."""

from __future__ import annotations

import os
import re
import sys
import time
from pathlib import Path
from types import TracebackType

import pexpect
import pyte

__all__ = ["PROGRAM", "Terminal"]

PROGRAM = str(Path(sys.executable).with_name("netpol-tui"))

_PATIENCE = 20.0
"""Seconds until a screen that does not come counts as not coming; slow machines are no failure."""


class Terminal:
    """Runs ``command`` through a shell, so that pipes work, and keeps what a person would see."""

    def __init__(self, command: str, columns: int = 120, lines: int = 36) -> None:
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        # COLUMNS and LINES would overrule the terminal's own size; pytest's workers set them. The others
        # belong to whoever runs the tests.
        dropped = (
            "NO_COLOR",
            "KUBECONFIG",
            "COLUMNS",
            "LINES",
            "PYTHONIOENCODING",
            "PYTHONUTF8",
            "LC_ALL",
            "TMUX",
        )
        environment = {k: v for k, v in os.environ.items() if k not in dropped}
        environment |= {"TERM": "xterm-256color", "TEXTUAL_ANIMATIONS": "none", "COLORTERM": "truecolor"}
        self.child = pexpect.spawn(
            "/bin/sh", ["-c", command], dimensions=(lines, columns), env=environment, timeout=_PATIENCE
        )

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.child.close(force=True)

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    def _take(self, seconds: float = 0.05) -> None:
        try:
            data = self.child.read_nonblocking(65536, seconds)
        except pexpect.TIMEOUT:
            return
        # pyte knows no kitty keyboard or pixel reports; they draw nothing.
        self._stream.feed(re.sub(rb"\x1b\[[<>=?][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p", b"", data))

    def wait_for(self, *wanted: str) -> str:
        """Until all of ``wanted`` is on the screen; fails with the screen as it is."""
        end = time.monotonic() + _PATIENCE
        while not all(text in self.text for text in wanted):
            assert time.monotonic() < end, f"{wanted} did not appear in:\n{self.text}"
            try:
                self._take()
            except pexpect.EOF:
                raise AssertionError(f"the program ended before {wanted}:\n{self.text}") from None
        return self.text

    def wait_until_gone(self, unwanted: str) -> None:
        """Until the text is no longer on the screen. After an escape this also makes sure that the next key
        is not taken for one pressed together with it."""
        end = time.monotonic() + _PATIENCE
        while unwanted in self.text:
            assert time.monotonic() < end, f"{unwanted!r} did not go from:\n{self.text}"
            self._take()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.child.send(key)
            time.sleep(0.05)  # as fast as a person

    def ends_with(self) -> int:
        """Wait for the end; the exit code."""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            try:
                self._take()
            except pexpect.EOF:
                break
        else:
            raise AssertionError(f"the program goes on:\n{self.text}")
        self.child.wait()
        assert self.child.exitstatus is not None
        return int(self.child.exitstatus)
