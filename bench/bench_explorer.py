"""The explorer on bundles of several sizes: from a key to the frame that answers it.

``python -m bench.bench_explorer 1000 10000``, or with the path of a bundle in place of a number of pods; with
``--run`` before it, one run of one size. The program runs as a process of its own in a pseudo-terminal. A key
is timed until the end of the frame that holds its answer: the title of the details of what must be selected
now, or the number of pods that the filter must leave. ``explorer_plan`` says which.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.explorer import READY
from bench.explorer_plan import Step
from bench.terminal import FRAME_ENDS, Terminal
from bench.timing import Figure, table

__all__ = ["main", "run"]

_RUNS = 3
_SIZES = ("1000", "10000")
_FRAME_MS = 16.0


def _play(terminal: Terminal, steps: list[Step]) -> dict[str, list[float]]:
    figures: dict[str, list[float]] = {}
    for step in steps:
        terminal.settle()
        terminal.press(step["press"].encode())
        if "hint" in step:  # typed before that is there, letters would be keys
            terminal.until(step["hint"].encode())
        elif "answer" in step:
            taken = terminal.until(step["answer"].encode(), FRAME_ENDS)
            if "as" in step:
                figures.setdefault(step["as"], []).append(taken)
        else:
            terminal.settle()
    return figures


def run(what: str, moves: int = 40) -> tuple[dict[str, list[float]], list[float]]:
    """Milliseconds for each key of each operation, and those of the event loop's turns that took longer than
    a frame; ``moves`` of the most frequent operations."""
    with TemporaryDirectory() as folder:
        plan, busy = Path(folder, "plan.json"), Path(folder, "busy.tsv")
        command = [sys.executable, "-m", "bench.explorer", what, "--moves", str(moves)]
        with Terminal([*command, "--plan", str(plan), "--busy", str(busy)]) as terminal:
            terminal.until(READY.encode())
            steps = json.loads(plan.read_text("utf-8"))
            shown = _play(terminal, steps[:1])
            busy.write_text("", "utf-8")  # what came before is starting, and reading
            figures = shown | _play(terminal, steps[1:])
            turns = (float(line.split("\t")[1]) for line in busy.read_text("utf-8").splitlines())
            return figures, [turn for turn in turns if turn > _FRAME_MS]


def main(sizes: tuple[str, ...] = _SIZES, runs: int = _RUNS) -> None:
    print("\n## The explorer, from a key to the frame that answers it\n")
    figures: dict[str, dict[str, list[float]]] = {}
    turns: dict[str, list[float]] = {size: [] for size in sizes}
    for size in sizes:
        for _ in range(runs):
            found, long = run(size)
            turns[size] += long
            for name, values in found.items():
                figures.setdefault(name, {}).setdefault(size, []).extend(values)
    rows = [
        [name, str(len(of[sizes[0]])), *(cell for size in sizes for cell in Figure(tuple(of[size])).spread)]
        for name, of in figures.items()
    ]
    called = [f"{int(size):,} pods" if size.isdecimal() else Path(size).stem for size in sizes]
    titles = [f"{size}: {what}" for size in called for what in ("median", "90th percentile", "worst")]
    print(table(["ms", "keys", *titles], rows))
    for size, name in zip(sizes, called, strict=True):
        worst = max(turns[size], default=0)
        print(f"\n{name}: {len(turns[size])} turns of the event loop above 16 ms, worst {worst:.0f} ms.")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--run", what]:
            print(json.dumps(run(what)))
        case []:
            main()
        case sizes:
            main(tuple(sizes), runs=1)
