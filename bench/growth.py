"""What a person waits for, on large clusters of several sizes: ``python -m bench.growth 1000 10000``.

With ``--files FOLDER`` the bundles are taken from there, or made and left there: that of 150,000 pods takes
minutes to make. Figures are of one run of each size, of keys and events in it as its line says.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import bench_explorer, bench_first_paint, bench_matrix
from bench.feed import EVENTS
from bench.timing import Figure, last_json, table

__all__ = ["SIZES", "bundle", "column", "main"]

SIZES = (1_000, 10_000)
_PAIRS = 5
Line = tuple[str, str]
"""What was measured, and the figure."""


def column(path: Path, pods: int, moves: int = 40) -> Iterator[Line]:
    """All of one size; ``path`` is its bundle, ``moves`` the keys of the most frequent kind."""
    yield "the bundle, MB", f"{path.stat().st_size / 1e6:,.0f}"
    yield from _start(path)
    yield from _keys(path, moves)
    yield from _events(pods)
    yield from _all_pairs(path)


def _start(path: Path) -> Iterator[Line]:
    pairs = [(bench_first_paint.painted(str(path)), bench_first_paint.painted()) for _ in range(_PAIRS)]
    yield "first paint ÷ a bare application's", f"{statistics.median(one / two for one, two in pairs):.2f}"
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", bench_matrix.JSON_LOAD, str(path)], check=True)
    loaded = time.perf_counter() - began
    shown = bench_first_paint.bundle(str(path))
    seconds = shown["bundle shown"] / 1000
    told = shown.get("progress told")
    yield (
        "progress of the reading told, ms",
        f"{told:,.0f}" if told else f"all shown after {seconds * 1000:,.0f}",
    )
    yield "`json.load` of it, whole process, s", f"{loaded:,.1f}"
    yield "the details of the first pod shown, s", f"{seconds:,.1f}"
    yield "that ÷ `json.load`", f"{seconds / loaded:.2f}"
    yield "most memory by then, MB", f"{shown['peak, MB']:,.0f}"


def _keys(path: Path, moves: int) -> Iterator[Line]:
    figures, turns = bench_explorer.run(str(path), moves)
    for name, took in figures.items():
        yield f"{name}, ms", _spread(took)
    yield (
        "turns of the event loop above 16 ms meanwhile; the longest",
        f"{len(turns)}; {max(turns, default=0):.0f}",
    )
    took = last_json("bench.bench_select", "--one", str(path))
    yield f"working out and laying out the page of a pod, {len(took):,} at random, ms", _spread(took)


def _events(pods: int) -> Iterator[Line]:
    figures = last_json("bench.bench_renewal", "--one", str(pods))
    for name in EVENTS:
        yield f"shown anew after {name}, ms", f"{figures[name]:,.1f} / {figures[f'{name}, the worst']:,.1f}"


def _all_pairs(path: Path) -> Iterator[Line]:
    words = [sys.executable, "-m", "tui", "matrix", "-o", "text", "-f", str(path)]
    (took, most), written = bench_matrix.counted(words)
    yield "all pairs as text, whole process, s", f"{took / 1000:,.1f}"
    yield "its most memory, MB; written, MB", f"{most:,.0f}; {written / 1e6:,.1f}"


def _spread(took: Sequence[float]) -> str:
    return " / ".join(Figure(tuple(took)).spread)


def main(sizes: Sequence[int] = SIZES, folder: Path | None = None) -> None:
    print("\n## Growth: median / 90th percentile / worst, of events median / worst of 40\n")
    columns: list[dict[str, str]] = []
    with tempfile.TemporaryDirectory() as passing:
        for pods in sizes:
            columns.append({})
            for name, figure in column(bundle(folder or Path(passing), pods), pods):
                print(f"{pods:,} pods: {name}: {figure}", file=sys.stderr, flush=True)
                columns[-1][name] = figure
    rows = [[name, *(each[name] for each in columns)] for name in columns[0]]
    print(table(["", *(f"{pods:,} pods" for pods in sizes)], rows))


def bundle(folder: Path, pods: int) -> Path:
    path = folder / f"l{pods}.json"
    if not path.exists():
        unfinished = path.with_suffix(".part")
        with unfinished.open("wb") as file:
            subprocess.run([sys.executable, "-m", "bench.large_cluster", str(pods)], check=True, stdout=file)
        unfinished.rename(path)
    return path


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.growth")
    parser.add_argument("sizes", type=int, nargs="*", default=SIZES, metavar="PODS")
    parser.add_argument("--files", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    main(options.sizes, options.files)
