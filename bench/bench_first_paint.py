"""Start to first paint: netpol-tui on the demo beside a bare Textual app, each a whole process.

``python -m bench.bench_first_paint``; with ``bare`` or ``ours``, one run of it. Figures are times from the
process's start until its first screen was drawn, and for netpol-tui also until the demo was read, judged and
shown.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import statistics
import struct
import subprocess
import sys
import termios
import time

from bench.timing import RUNS, Figure, table

__all__ = ["main"]

_PROGRAMS = {
    "bare": "from textual.app import App; App().run()",
    "ours": "import sys; from tui.cli import main; sys.exit(main(['--demo']))",
}
_DRAWN = 400
"""Bytes: the first screen is longer, what a terminal is asked before it is shorter."""
_SHOWN = {"ours": b"PERMISSION"}
"""What is on the screen once everything is there."""


def start(program: str) -> dict[str, float]:
    """Milliseconds until the program, in a pseudo-terminal of 120×36, has drawn, and until it shows what it
    was asked for; then it is ended."""
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAMS[program]],
        stdin=child,
        stdout=child,
        stderr=child,
        env=os.environ | {"TERM": "xterm-256color"},
    )
    os.close(child)
    output = b""
    figures: dict[str, float] = {}
    try:
        while "first paint" not in figures or _SHOWN.get(program, b"") not in output:
            output += os.read(parent, 65536)
            if len(output) >= _DRAWN:
                figures.setdefault("first paint", (time.perf_counter() - began) * 1000)
        if program in _SHOWN:
            figures["demo shown"] = (time.perf_counter() - began) * 1000
        return figures
    finally:
        process.kill()
        process.wait()
        os.close(parent)


def main(runs: int = RUNS * 2) -> None:
    print("\n## Start\n")
    found: dict[str, list[float]] = {}
    ratios = []
    for run in range(runs + 1):
        pair = {program: start(program) for program in _PROGRAMS}
        if run:
            ratios.append(pair["ours"]["first paint"] / pair["bare"]["first paint"])
            for program, figures in pair.items():
                for name, value in figures.items():
                    found.setdefault(f"{program}: {name}", []).append(value)
    rows = [[name, str(Figure(tuple(values)))] for name, values in found.items()]
    ratio = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"
    rows.append(["first paint, ours / bare, pair by pair", ratio])
    print(table(["", "ms, median (min–max)"], rows))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(start(sys.argv[1])))
    else:
        main()
