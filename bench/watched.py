"""A whole process under limits of time, of memory and of what it writes."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Ended", "Limits", "run"]

_BETWEEN_LOOKS = 0.05


@dataclass(frozen=True)
class Limits:
    seconds: float = 600
    gigabytes: float = 12
    """Of memory."""
    written: float = 20
    """GB of output: who prints a line for every pair can fill a disk."""


@dataclass(frozen=True, slots=True)
class Ended:
    seconds: float
    megabytes: float
    """The most memory that it held at once."""
    code: int
    """Its exit code; negative the signal that ended it."""
    over: str = ""
    """``time``, ``memory`` or ``output`` where it was ended for that."""


def run(words: Sequence[str], output: Path, errors: Path, limits: Limits) -> Ended:
    """Its memory is looked at again and again: a limit on the address space would hit programs that reserve
    much and use little, as those in Go do. Needs Linux."""
    over: list[str] = []
    done = threading.Event()
    with output.open("wb") as out, errors.open("wb") as err:
        start = time.perf_counter()
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True
        )

        def watch() -> None:
            while not done.wait(_BETWEEN_LOOKS):
                if time.perf_counter() - start > limits.seconds:
                    over.append("time")
                elif _resident(process.pid) > limits.gigabytes:
                    over.append("memory")
                elif output.stat().st_size > limits.written * 2**30:
                    over.append("output")
                else:
                    continue
                os.killpg(process.pid, signal.SIGKILL)
                return

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            # Only waited for, so that its number is nobody else's while the watcher may still use it.
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            took = time.perf_counter() - start
        finally:
            done.set()
            watcher.join()
            with suppress(ProcessLookupError):  # an interrupt from the keyboard, or what it left running
                os.killpg(process.pid, signal.SIGKILL)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
    return Ended(took, usage.ru_maxrss / 1024, process.returncode, over[0] if over else "")


def _resident(process: int) -> float:
    """In GB."""
    with suppress(OSError, IndexError):
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**30
    return 0.0
