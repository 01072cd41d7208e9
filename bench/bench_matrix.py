"""All pairs of a cluster, whole processes: ``python -m bench.bench_matrix [PODS [FORM …]]``.

Beside each run of netpol-tui a fresh process reads the same file with ``json.load`` and does nothing else.
With a number of pods only the large cluster of that size is measured, in each form of output or in those
named after it.
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

__all__ = ["JSON_LOAD", "counted", "forms", "main", "pairs", "tiered_pairs"]

SIZES = (2_000, 10_000)
TIERED = 100
"""ClusterNetworkPolicies of 25 rules each, for the second table."""
FORMS = ("text", "md", "dot", "csv", "json")
LARGE = 10_000
"""Pods of the large cluster, unless others are asked for."""
JSON_LOAD = "import json, sys\nwith open(sys.argv[1]) as file:\n    json.load(file)"

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
            other = _run([sys.executable, "-c", JSON_LOAD, str(cluster)], Path(os.devnull))
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


def forms(pods: int, of: Sequence[str] = FORMS, runs: int = RUNS) -> dict[str, list[tuple[Run, int]]]:
    """The large cluster of :mod:`bench.large_cluster` in each form, in turn, and how many bytes that were;
    under ``overview`` what it takes to read and index the same, and to say a few words. The first round
    warms up and is not counted, unless it is the only one."""
    with tempfile.TemporaryDirectory() as folder:
        cluster = Path(folder, "cluster.json")
        with cluster.open("wb") as file:
            subprocess.run([sys.executable, "-m", "bench.large_cluster", str(pods)], check=True, stdout=file)
        commands = {"overview": ["overview"], **{form: ["matrix", "-o", form] for form in of}}
        found: dict[str, list[tuple[Run, int]]] = {name: [] for name in commands}
        for number in range(runs + (runs > 1)):
            for name, command in commands.items():
                run = counted([sys.executable, "-m", "tui", *command, "-f", str(cluster)])
                if number or runs == 1:
                    found[name].append(run)
        return found


def counted(words: Sequence[str]) -> tuple[Run, int]:
    """One run of a program, and how many bytes it wrote: through a pipe, since that may be more than a disk
    holds."""
    start = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.PIPE)
    assert process.stdout is not None
    written = 0
    with process.stdout as output:
        while piece := os.read(output.fileno(), 1 << 20):
            written += len(piece)
    return _ended(process, words, start), written


def _run(words: Sequence[str], output: Path) -> Run:
    with output.open("wb") as file:
        start = time.perf_counter()
        return _ended(subprocess.Popen(words, stdout=file), words, start)


def _ended(process: subprocess.Popen[bytes], words: Sequence[str], start: float) -> Run:
    _, status, usage = os.wait4(process.pid, 0)
    took = (time.perf_counter() - start) * 1000
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, list(words))
    return took, usage.ru_maxrss / 1024


def main() -> None:
    print("\n## All pairs, whole processes\n")
    _small_clusters()
    _large_cluster(LARGE, RUNS)


def _large_cluster(pods: int, runs: int, of: Sequence[str] = FORMS) -> None:
    print(f"\n### The large cluster of {pods:,} pods\n")
    rows = []
    for name, found in forms(pods, of, runs=runs).items():
        took = Figure(tuple(run[0] for run, _ in found))
        most = max(run[1] for run, _ in found)
        rows.append([name, str(took), f"{most:,.0f}", f"{found[0][1] / 1e6:,.1f}"])
    print(table(["form", "ms, median (min–max)", "peak, MB", "written, MB"], rows))


def _small_clusters() -> None:
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
    if sys.argv[1:]:
        _large_cluster(int(sys.argv[1]), 1, sys.argv[2:] or FORMS)
    else:
        main()
