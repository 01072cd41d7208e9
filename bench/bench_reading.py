"""How fast manifests are read, beside what PyYAML and the json module take for plain values alone.

Every measurement is a process of its own, started afresh for every run, and runs of ours and of the other
alternate, so that a busy machine slows both. Run: ``python -m bench.bench_reading [--quick]``.
"""

from __future__ import annotations

import json
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


READERS = {"ours": ours, "CSafeLoader": csafe, "json.loads": plain_json}


def once(reader: str, path: Path) -> dict[str, float]:
    """Milliseconds for the reading alone, and for the whole process with its start and its imports."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "bench.bench_reading", reader, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    process = (time.perf_counter() - started) * 1000
    return {"reading": json.loads(done.stdout)["reading"], "process": process}


def child(reader: str, path: str) -> dict[str, float]:
    READERS[reader](str(Path(path).with_name("warm" + Path(path).suffix)))  # imports are not what is measured
    started = time.perf_counter()
    READERS[reader](path)
    return {"reading": (time.perf_counter() - started) * 1000}


def compare(path: Path, other: str, label: str) -> list[list[str]]:
    """Two rows, the reading alone and the whole process; ours and the other in turn."""
    pairs = [{reader: once(reader, path) for reader in ("ours", other)} for _ in range(RUNS)]
    rows = []
    for what in ("reading", "process"):
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


if __name__ == "__main__":
    if len(sys.argv) > 2:
        print(json.dumps(child(*sys.argv[1:3])))
    else:
        main((1_000,) if "--quick" in sys.argv else (1_000, 10_000))
