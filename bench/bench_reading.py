"""How fast manifests are read, beside what PyYAML and the json module take for plain values alone.

Every measurement is a process of its own, started afresh for every run, and runs of ours and of the other
alternate, so that a busy machine slows both. Run: ``python -m bench.bench_reading [--quick]``; with ``--large
[PODS …]`` of large clusters, and how much memory that takes at most.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.pods import pods_json, pods_yaml
from bench.timing import RUNS, Figure, ratio, table

__all__ = ["main"]


def ours(path: str) -> int:
    """File → model objects."""
    from policy_core.sources import files

    return len(files.read([path]).objects)


def csafe(path: str) -> int:
    """File → plain values, by PyYAML's fastest loader."""
    import yaml

    with Path(path).open(encoding="utf-8") as file:
        return sum(len(document["items"]) for document in yaml.load_all(file, Loader=yaml.CSafeLoader))


def plain_json(path: str) -> int:
    """File → plain values, by the json module."""
    return len(json.loads(Path(path).read_bytes())["items"])


def json_load(path: str) -> int:
    """As :func:`plain_json`, as most would write it."""
    with Path(path).open(encoding="utf-8") as file:
        return len(json.load(file)["items"])


READERS = {"ours": ours, "CSafeLoader": csafe, "json.loads": plain_json, "json.load": json_load}


def once(reader: str, path: Path) -> dict[str, float]:
    """Milliseconds for the reading alone, and for the whole process with its start and its imports."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "bench.bench_reading", reader, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    process = (time.perf_counter() - started) * 1000
    return {**json.loads(done.stdout), "process": process}


def child(reader: str, path: str) -> dict[str, float]:
    READERS[reader](str(Path(path).with_name("warm" + Path(path).suffix)))  # imports are not what is measured
    started = time.perf_counter()
    READERS[reader](path)
    reading = (time.perf_counter() - started) * 1000
    return {"reading": reading, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def compare(
    path: Path, other: str, label: str, runs: int = RUNS, whats: tuple[str, ...] = ("reading", "process")
) -> list[list[str]]:
    """A row for the reading alone and one for the whole process; ours and the other in turn."""
    pairs = [{reader: once(reader, path) for reader in ("ours", other)} for _ in range(runs)]
    rows = []
    for what in whats:
        figures = [Figure(tuple(pair[reader][what] for pair in pairs)) for reader in ("ours", other)]
        times = ratio([(pair[other][what], pair["ours"][what]) for pair in pairs])
        rows.append([f"{label}: {what}", str(figures[0]), f"{other} {figures[1]}", times])
    return rows


def main(counts: tuple[int, ...] = (1_000, 10_000)) -> None:
    print("\n## Reading\n")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for suffix, make, other in ((".yaml", pods_yaml, "CSafeLoader"), (".json", pods_json, "json.loads")):
            (Path(folder) / f"warm{suffix}").write_text(make(1))
            for count in counts:
                path = Path(folder) / f"pods-{count}{suffix}"
                path.write_text(make(count))
                size = f"{path.stat().st_size / 1e6:.1f} MB"
                rows += compare(path, other, f"{suffix[1:].upper()}, {count:,} pods, {size}")
    print(table(["ms, median (min–max)", "netpol-tui", "values alone", "other ÷ ours, pair by pair"], rows))


def large(counts: tuple[int, ...] = (10_000, 50_000)) -> None:
    print("\n## Reading a large cluster\n")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "warm.json").write_text(pods_json(1))
        for count in counts:
            path = Path(folder) / f"cluster-{count}.json"
            with path.open("w", encoding="utf-8") as file:
                # In a process of its own: what this one has at most, its children have as well.
                subprocess.run(
                    [sys.executable, "-m", "bench.large_cluster", str(count)], check=True, stdout=file
                )
            label = f"{count:,} pods, {path.stat().st_size / 1e6:,.0f} MB"
            rows += compare(path, "json.load", label, 3, ("reading", "peak"))
            path.unlink()
    print(
        table(["ms, MB: median (min–max)", "netpol-tui", "values alone", "other ÷ ours, pair by pair"], rows)
    )


if __name__ == "__main__":
    if "--large" in sys.argv:
        large(tuple(map(int, sys.argv[sys.argv.index("--large") + 1 :])) or (10_000, 50_000))
    elif len(sys.argv) > 2:
        print(json.dumps(child(*sys.argv[1:3])))
    else:
        main((1_000,) if "--quick" in sys.argv else (1_000, 10_000))
