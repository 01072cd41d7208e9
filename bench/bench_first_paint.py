"""Start to first paint: netpol-tui on the demo beside a bare Textual app, each a whole process.

``python -m bench.bench_first_paint``; with ``bare`` or ``ours``, one run of it; with the path of a JSON
bundle one run each of a bare app, of netpol-tui on the bundle, and of ``json.load``. Figures are times from
the process's start, in a pseudo-terminal, until its first frame had arrived (of netpol-tui the line
"starting…"), and for netpol-tui also until the demo was read and judged and the details of its first pod were
there.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from bench.terminal import FRAME_ENDS, LINES, Terminal
from bench.timing import RUNS, Figure, ratio, table

__all__ = ["main", "start"]

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


def bundle(path: str) -> dict[str, float]:
    """The same with a bundle; also until progress is told, and the most megabytes held."""
    with Terminal([sys.executable, "-m", "tui", "-f", path]) as terminal:
        return {
            "first paint": terminal.until(*_FIRST["ours"], _LAST_LINE),
            "progress told": terminal.until(b"reading 1 of 1", FRAME_ENDS),
            "bundle shown": terminal.until(*_DETAILS),
            "peak, MB": terminal.peak(),
        }


def main_of_bundle(path: str) -> None:
    bare, ours = start("bare"), bundle(path)
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", f"import json; json.load(open({path!r}, encoding='utf-8'))"], check=True
    )
    loaded = (time.perf_counter() - began) * 1000
    rows = [["bare: first paint", f"{bare['first paint']:,.0f}"]]
    rows += [[f"ours: {name}", f"{value:,.0f}"] for name, value in ours.items()]
    rows += [
        ["json.load", f"{loaded:,.0f}"],
        ["bundle shown ÷ json.load", f"{ours['bundle shown'] / loaded:.2f}"],
    ]
    print(table([f"ms, {Path(path).stat().st_size / 1e6:,.0f} MB", "one run"], rows))


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
        case [path]:
            main_of_bundle(path)
