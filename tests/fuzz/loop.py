"""Runs input after input, and keeps what breaks an invariant."""

from __future__ import annotations

import argparse
import hashlib
import random
import resource
import signal
import time
import traceback
from pathlib import Path
from types import FrameType

from tests.fuzz.invariants import check

__all__ = ["SECONDS", "Fuzzing", "arguments"]

SECONDS = 6
"""Of processor time, for all that is done with one input: it is read about ten times."""
MEGABYTES = 300
"""That an input may add to what was needed at most before."""


class TooSlow(BaseException):
    """No Exception: nothing on the way may take it for one of its own."""


def _stop(number: int, frame: FrameType | None) -> None:
    raise TooSlow


class Fuzzing:
    """Counts, and keeps what breaks an invariant: one input for every place in the program."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self.folder = folder
        self.seconds = seconds
        self.runs = 0
        self.slowest = 0.0
        self.findings: dict[str, int] = {}
        signal.signal(signal.SIGVTALRM, _stop)

    def run(self, data: bytes) -> None:
        self.runs += 1
        started, before = time.process_time(), _peak()
        signal.setitimer(signal.ITIMER_VIRTUAL, self.seconds)
        try:
            check(data)
        except (Exception, TooSlow) as error:  # noqa: BLE001  (whatever escapes is a finding)
            self._found(data, error)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        self.slowest = max(self.slowest, time.process_time() - started)
        if _peak() - before > MEGABYTES:
            self._found(data, MemoryError(f"{_peak() - before} MB more"))

    def _found(self, data: bytes, error: BaseException) -> None:
        frames = traceback.extract_tb(error.__traceback__)
        place = " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(frames[-4:]))
        what = f"{type(error).__name__} at {place}"
        self.findings[what] = self.findings.get(what, 0) + 1
        if self.findings[what] == 1:
            self.folder.mkdir(parents=True, exist_ok=True)
            file = self.folder / f"{hashlib.sha256(what.encode()).hexdigest()[:12]}"
            file.write_bytes(data)
            print(f"{file}: {what}: {error!s:.600}", flush=True)

    def __str__(self) -> str:
        return f"{self.runs} inputs, {len(self.findings)} findings, the slowest {self.slowest:.1f} s"


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def arguments(program: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"python -m {program}")
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument(
        "--keep", type=Path, default=Path(".fuzz"), help="folder for what breaks an invariant"
    )
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    return options
