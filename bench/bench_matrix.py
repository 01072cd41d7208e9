"""All pairs of a cluster as JSON, whole processes: ``python -m bench.bench_matrix``.

Beside each run of netpol-tui a fresh process reads the same file with ``json.load`` and does nothing else.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.timing import RUNS, Figure, ratio, table

__all__ = ["main", "pairs", "tiered_pairs"]

SIZES = (2_000, 10_000)
TIERED = 100
"""ClusterNetworkPolicies of 25 rules each, for the second table."""
_JSON_LOAD = "import json, sys\nwith open(sys.argv[1]) as file:\n    json.load(file)"

Run = tuple[float, float]
"""Milliseconds from the start of a process to its end, and the most memory that it held, in MB."""


def pairs(pods: int, runs: int = RUNS) -> list[tuple[Run, Run, int]]:
    """netpol-tui and ``json.load`` in turn, and how many bytes netpol-tui wrote. The first pair warms up and
    is not counted."""
    with tempfile.TemporaryDirectory() as folder:
        cluster, matrix = Path(folder, "cluster.json"), Path(folder, "matrix.json")
        # In a process of its own: a child starts with its parent's peak.
        with cluster.open("wb") as file:
            subprocess.run([sys.executable, "-m", "bench.matrix_cluster", str(pods)], check=True, stdout=file)
        words = [sys.executable, "-m", "tui", "matrix", "-o", "json", "-f", str(cluster)]
        found = []
        for number in range(runs + 1):
            ours = _run(words, matrix)
            other = _run([sys.executable, "-c", _JSON_LOAD, str(cluster)], Path(os.devnull))
            if number:
                found.append((ours, other, matrix.stat().st_size))
        return found


def tiered_pairs(pods: int, runs: int = RUNS) -> list[tuple[Run, Run]]:
    """netpol-tui on the cluster with tiered policies, and on the same without them, in turn. The first pair
    warms up and is not counted."""
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for tiered in (TIERED, 0):
            files.append(Path(folder, f"{tiered}.json"))
            words = [sys.executable, "-m", "bench.matrix_cluster", str(pods), str(tiered)]
            with files[-1].open("wb") as file:
                subprocess.run(words, check=True, stdout=file)
        found = []
        for number in range(runs + 1):
            with_them, without = (
                _run(
                    [sys.executable, "-m", "tui", "matrix", "-o", "json", "-f", str(file)],
                    Path(folder, "matrix"),
                )
                for file in files
            )
            if number:
                found.append((with_them, without))
        return found


def _run(words: Sequence[str], output: Path) -> Run:
    with output.open("wb") as file:
        start = time.perf_counter()
        process = subprocess.Popen(words, stdout=file)
        _, status, usage = os.wait4(process.pid, 0)
        took = (time.perf_counter() - start) * 1000
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, list(words))
    return took, usage.ru_maxrss / 1024


def main() -> None:
    print("\n## All pairs, whole processes\n")
    rows = []
    for pods in SIZES:
        found = pairs(pods)
        ours, other = (Figure(tuple(pair[at][0] for pair in found)) for at in (0, 1))
        memory = Figure(tuple(pair[0][1] for pair in found))
        rows.append(
            [
                f"{pods:,} pods, {found[0][2] / 1e6:,.1f} MB of matrix",
                str(ours),
                str(other),
                ratio([(one[0], two[0]) for one, two, _ in found]),
                f"{max(memory.values):,.0f}",
            ]
        )
    titles = ["ms, median (min–max)", "netpol-tui", "json.load", "ours ÷ json.load, pair by pair", "peak, MB"]
    print(table(titles, rows))
    print(f"\n### With {TIERED} tiered policies of 25 rules\n")
    rows = []
    for pods in SIZES:
        both = tiered_pairs(pods)
        with_them, without = (Figure(tuple(pair[at][0] for pair in both)) for at in (0, 1))
        times = ratio([(one[0], two[0]) for one, two in both])
        rows.append(
            [f"{pods:,} pods", str(with_them), str(without), times, f"{max(o[1] for o, _ in both):,.0f}"]
        )
    print(table(["ms, median (min–max)", "with them", "without", "with ÷ without", "peak, MB"], rows))


if __name__ == "__main__":
    main()
