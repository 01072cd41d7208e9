"""A pseudo-terminal around a program, as both of the benchmarks that watch one need it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

__all__ = ["COLUMNS", "FRAME_ENDS", "LINES", "Terminal"]

COLUMNS, LINES = 120, 36
FRAME_ENDS = b"\x1b[?2026l"
"""What a program that knows of synchronised output writes behind every frame."""
_ASKED, _ANSWER = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
"""Whether the terminal knows synchronised output, and that it does."""
_QUIET = 0.06
"""Seconds without output after which the program has drawn all that it had to draw."""
_PATIENCE = 300.0
_DROPPED = ("COLUMNS", "LINES", "COLORTERM", "NO_COLOR")
"""These would overrule the terminal's own size and colours."""


class Terminal:
    """Starts ``command`` in a terminal of 120×36 and ends it when left. Times are milliseconds."""

    def __init__(self, command: Sequence[str], patience: float = _PATIENCE) -> None:
        """``patience`` is how many seconds may pass without what is waited for."""
        self._patience = patience
        self._fd, child = pty.openpty()
        fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        environment = {name: value for name, value in os.environ.items() if name not in _DROPPED}
        self._output = b""
        self._pressed = time.perf_counter()
        self._process = subprocess.Popen(
            command,
            stdin=child,
            stdout=child,
            stderr=child,
            env=environment | {"TERM": "xterm-256color"},
            start_new_session=True,
        )
        os.close(child)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._fd)

    def press(self, keys: bytes) -> None:
        """Output and time count from here."""
        self._output = b""
        self._pressed = time.perf_counter()
        os.write(self._fd, keys)

    def until(self, *texts: bytes) -> float:
        """The time from the last :meth:`press`, or from the start, until the output holds ``texts``, one
        behind the other; raises RuntimeError where they do not come."""
        return self.first(texts)[1]

    def first(self, *answers: Sequence[bytes]) -> tuple[int, float]:
        """Which of several answers has come, and the time, as :meth:`until` tells it."""
        end = time.perf_counter() + self._patience
        while True:
            for number, texts in enumerate(answers):
                if self._holds(texts):
                    return number, (time.perf_counter() - self._pressed) * 1000
            if time.perf_counter() > end or not self._take(self._patience):
                awaited = " or ".join(map(str, answers))
                raise RuntimeError(f"{awaited} did not come; the last of the output: {self._output[-500:]!r}")

    def running(self) -> bool:
        return self._process.poll() is None

    def memory(self) -> float:
        """Megabytes that the program has in memory at the moment (``VmRSS``)."""
        return self._status("VmRSS")

    def peak(self) -> float:
        """The most that it has had at any time (``VmHWM``)."""
        return self._status("VmHWM")

    def _status(self, name: str) -> float:
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="utf-8")
        return int(status.split(f"{name}:")[1].split()[0]) / 1024

    def settle(self) -> bytes:
        """Wait for the program to have drawn everything; the output since the last :meth:`press`."""
        while self._take(_QUIET):
            pass
        return self._output

    def rest(self, seconds: float, until: bytes | None = None) -> None:
        """Press nothing for so long, or until this has come since the last :meth:`press`; what is drawn
        meanwhile is read, as a terminal does."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and self.running():
            if until is not None and until in self._output:
                return
            self._take(left)

    def _holds(self, texts: Sequence[bytes]) -> bool:
        at = 0
        for text in texts:
            at = self._output.find(text, at) + len(text)
            if at < len(text):
                return False
        return True

    def _take(self, seconds: float) -> bool:
        """Read what there is; False if nothing came."""
        if not select.select([self._fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._fd, 65536)
        except OSError:  # the program has ended
            return False
        if _ASKED in data:
            os.write(self._fd, _ANSWER)
        self._output += data
        return bool(data)
