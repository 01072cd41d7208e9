"""The explorer for a long time on a cluster that never stops changing, while somebody walks about in it at
random: ``python -m bench.soak --pods 150000 --minutes 30 --rate 500``.

Ends with 1 where what is shown in the end is not what is read anew. Prints memory minute by minute, and how
long keys took until the screen had been drawn; that the application tells itself, since after a key that
changes nothing the next frame is about something else.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from bench.terminal import FRAME_ENDS, Terminal
from bench.timing import Figure, table

_KEYS = (b"j", b"k", b"j", b"j", b"\x1b[6~", b"\x1b[5~", b"\x1b[F", b"\x1b[H", b"1", b"2", b"3", b"4", b"\r")
"""Up, down, pages, ends, the four lists, and going into what is selected."""
_SESSIONS: tuple[tuple[bytes, ...], ...] = (
    (b"2", b"/", b"2", b"1", b"\x1b"),
    (b"1", b"j", b"j", b"\r", b"2", b"j", b"j", b"\x1b"),
    (b"4", b"/", b"1", b"3", b"\x1b"),
)
"""What people do in one go: filters, a namespace and its pods. Where no filter opens its digits only turn to
lists: other keys might stop the screen."""
_PAUSE, _IMPATIENCE = 0.2, 1.0
"""Seconds between a frame and the next key, and after which that is pressed though no frame has come."""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pods", type=int, default=10_000)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--rate", type=int, default=500, help="watch events a second")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return _soak(options.pods, options.rate, options.minutes, Path(folder) / "report.json")


def _soak(pods: int, rate: int, minutes: float, report: Path) -> int:
    random = Random(3)
    memory: list[tuple[float, float]] = []
    command = [sys.executable, "-m", "bench.soak_app", str(pods), str(rate), str(report)]
    with Terminal(command, patience=600) as terminal:
        terminal.until(b"live")
        start = time.monotonic()
        while (now := time.monotonic() - start) < minutes * 60:
            if not memory or now - memory[-1][0] >= min(60, minutes * 6):
                memory.append((now, terminal.memory()))
                print(f"{now / 60:5.1f} min {memory[-1][1]:8,.0f} MB", flush=True)
            for key in random.choice(_SESSIONS) if random.random() < 0.1 else [random.choice(_KEYS)]:
                terminal.press(key)
                terminal.rest(_IMPATIENCE, until=FRAME_ENDS)
                terminal.rest(_PAUSE)
        terminal.press(b"\x1b[20~")
        while not report.exists() and terminal.running():
            terminal.rest(0.5)
    if not report.exists():
        print("the explorer has ended before its time")
        return 1
    time.sleep(1)
    result = json.loads(report.read_text(encoding="utf-8"))
    if "failed" in result:
        print(result["failed"])
        return 1
    print(f"\n## {minutes:g} minutes of {rate} events a second, {pods:,} pods\n")
    third, took = len(memory) // 3 or 1, tuple(result.pop("keys"))
    rows = [[name, str(value)] for name, value in result.items()]
    rows.append(["watch events a second", f"{result['watch events'] / minutes / 60:,.0f}"])
    for name, part in (("first", memory[:third]), ("last", memory[-third:])):
        rows.append([f"memory, {name} third, MB", str(Figure(tuple(value for _, value in part)))])
    rows.append(["keys", f"{len(took):,}"])
    rows.append(["ms from a key until the screen is drawn", " / ".join(Figure(took).spread)])
    print(table(["what", "figure"], rows))
    return int(bool(result["lists that differ"] or result["verdicts that differ"]))


if __name__ == "__main__":
    sys.exit(main())
