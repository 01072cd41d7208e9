"""Start to first paint: netpol-tui on the demo beside a bare Textual app, each a whole process.

``python -m bench.bench_first_paint``; with ``bare`` or ``ours``, one run of it. Figures are times from the
process's start, in a pseudo-terminal, until its first frame had arrived (of netpol-tui the line "starting…"),
and for netpol-tui also until the demo was read and judged and the details of its first pod were there.
"""

from __future__ import annotations

import json
import sys

from bench.terminal import FRAME_ENDS, LINES, Terminal
from bench.timing import RUNS, Figure, ratio, table

__all__ = ["bundle", "main", "painted", "start"]

_PROGRAMS = {
    "bare": "from textual.app import App; App().run()",
    "ours": "import sys; from tui.cli import main; sys.exit(main(['--demo']))",
}
_FIRST = {"bare": (), "ours": ("starting…".encode(),)}
_LAST_LINE = f"\x1b[{LINES};1H".encode()
_DETAILS = (b"m Pod ", b"PERMISSION", FRAME_ENDS)
"""The title of the first pod's details, what they say, and the end of that frame."""


def start(program: str) -> dict[str, float]:
    """Milliseconds until the program has drawn, and until it shows what it was asked for."""
    with Terminal([sys.executable, "-c", _PROGRAMS[program]]) as terminal:
        figures = {"first paint": terminal.until(*_FIRST[program], _LAST_LINE)}
        if program == "ours":
            figures["demo shown"] = terminal.until(*_DETAILS)
        return figures


def painted(path: str | None = None) -> float:
    """Milliseconds until netpol-tui on the bundle, or without one a bare application, has drawn."""
    if path is None:
        return start("bare")["first paint"]
    with Terminal([sys.executable, "-m", "tui", "-f", path]) as terminal:
        return terminal.until(*_FIRST["ours"], _LAST_LINE)


def bundle(path: str) -> dict[str, float]:
    """netpol-tui on a bundle; also until progress is told, if there is time for that, and the most megabytes
    held."""
    with Terminal([sys.executable, "-m", "tui", "-f", path]) as terminal:
        figures = {"first paint": terminal.until(*_FIRST["ours"], _LAST_LINE)}
        shown_at_once, told = terminal.first((b"reading 1 of 1", FRAME_ENDS), _DETAILS)
        if not shown_at_once:
            figures["progress told"] = told
        return figures | {"bundle shown": terminal.until(*_DETAILS), "peak, MB": terminal.peak()}


def main(runs: int = RUNS * 2) -> None:
    print("\n## Start\n")
    found: dict[str, list[float]] = {}
    pairs = []
    for run in range(runs + 1):
        pair = {program: start(program) for program in _PROGRAMS}
        if run:
            pairs.append((pair["ours"]["first paint"], pair["bare"]["first paint"]))
            for program, figures in pair.items():
                for name, value in figures.items():
                    found.setdefault(f"{program}: {name}", []).append(value)
    rows = [[name, str(Figure(tuple(values)))] for name, values in found.items()]
    rows.append(["first paint, ours / bare, pair by pair", ratio(pairs)])
    print(table(["", "ms, median (min–max)"], rows))


if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            main()
        case ["bare" | "ours" as program]:
            print(json.dumps(start(program)))
