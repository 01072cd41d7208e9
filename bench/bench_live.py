"""A real API server with 10,000 pods: reading it beside kubectl, and the keys while 1,000 of its objects
change a second. ``python -m bench.bench_live``.

It runs on the control plane of the live tests (``make control-plane``), on this machine: what the API server
itself takes is part of every figure, and of both sides of every ratio.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.terminal import FRAME_ENDS, Terminal
from bench.timing import Figure, ratio, table
from tests.live.cluster import ControlPlane
from tests.live.load import Spread, create_pods, pod_paths

__all__ = ["main"]

_PODS = 10_000
_RUNS = 5
_RATE, _SECONDS = 1_000, 10
_DOWN = b"\x1b[B"


def _timed(command: list[str], kubeconfig: Path) -> tuple[float, int, str]:
    """Milliseconds of the whole process, the most memory it took in MB, and what it printed."""
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdout=output,
            env={**os.environ, "KUBECONFIG": str(kubeconfig)},
            stdin=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        taken = (time.perf_counter() - started) * 1000
        if process.returncode:
            raise RuntimeError(f"{command} failed")
        size = output.tell()
        output.seek(0)
        return taken, usage.ru_maxrss // 1024, output.read().decode() if size < 1000 else ""


def _reading(cluster: ControlPlane) -> None:
    config = cluster.kubeconfig
    commands = {
        "netpol-tui: read, put together, indexed": [
            *(sys.executable, "-m", "bench.live_snapshot", str(config), "raw")
        ],
        "kubectl get pods -A -o json": [str(cluster.program("kubectl")), "get", "pods", "-A", "-o", "json"],
        "the client's typed models, the lists alone": [
            *(sys.executable, "-m", "bench.live_snapshot", str(config), "typed")
        ],
    }
    taken: dict[str, list[float]] = {name: [] for name in commands}
    memory: dict[str, list[int]] = {name: [] for name in commands}
    for run in range(_RUNS + 1):
        for name, command in commands.items():
            milliseconds, megabytes, printed = _timed(command, config)
            if printed:
                assert json.loads(printed)["pods"] == _PODS
            if run:  # the first one warms up
                taken[name].append(milliseconds)
                memory[name].append(megabytes)
    ours, *others = commands
    rows = [
        [
            name,
            str(Figure(tuple(taken[name]))),
            f"{max(memory[name])}",
            "" if name == ours else ratio(list(zip(taken[ours], taken[name], strict=True))),
        ]
        for name in (ours, *others)
    ]
    titles = ["whole process", "ms: median (range)", "peak MB", "netpol-tui by this, in pairs"]
    print(table(titles, rows))


def _keys(cluster: ControlPlane, spread: Spread) -> None:
    """Walk down the pods while they change; each press until the frame with the details of the next one."""
    paths = sorted(path.split("/")[4:7:2] for path in pod_paths(cluster.kubeconfig, spread))
    headings = [f"m Pod {namespace}/{name} \x1b".encode() for namespace, name in paths]
    command = [sys.executable, "-m", "tui", "--kubeconfig", str(cluster.kubeconfig), "--no-remember"]
    with Terminal(command) as terminal:
        terminal.until(headings[0], FRAME_ENDS)
        terminal.settle()
        at = 0
        quiet, at = _walk(terminal, headings, at, time.monotonic() + 3)
        load = [sys.executable, "-m", "tests.live.load", str(cluster.kubeconfig), "churn"]
        with subprocess.Popen(
            [*load, "--rate", str(_RATE), "--seconds", str(_SECONDS)],
            stdout=subprocess.PIPE,
            text=True,
        ) as churn:
            time.sleep(1)  # until it has listed what it changes
            busy, at = _walk(terminal, headings, at, time.monotonic() + _SECONDS)
            reached = churn.communicate()[0].strip()
    rows = [
        [name, str(len(values)), *Figure(tuple(values)).spread]
        for name, values in (("nothing changes", quiet), (f"{_RATE:,} changes a second", busy))
    ]
    print(table(["select the next pod, while", "keys", "median ms", "p90", "worst"], rows))
    print(f"\nThe load: {reached}. Mean of all keys: {statistics.mean(busy):.1f} ms.")


def _walk(terminal: Terminal, headings: list[bytes], at: int, until: float) -> tuple[list[float], int]:
    taken = []
    while time.monotonic() < until:
        at += 1
        terminal.press(_DOWN)
        taken.append(terminal.until(headings[at], FRAME_ENDS))
        time.sleep(0.05)  # people press no faster
    return taken, at


def main() -> None:
    print(f"\n## A real API server with {_PODS:,} pods\n")
    spread = Spread()
    with ControlPlane() as cluster:
        # Whatever else would work on the pods takes time from the API server.
        cluster.scheduler.kill()
        cluster.kwok.kill()
        create_pods(cluster.kubeconfig, _PODS, spread)
        _reading(cluster)
        print()
        _keys(cluster, spread)


if __name__ == "__main__":
    main()
