"""How fast manifests are read, beside what PyYAML and the json module take for plain values alone.

Every measurement is a process of its own, started afresh for every run, and runs of ours and of the other
alternate, so that a busy machine slows both. Run: ``python -m bench.bench_reading [--quick]``.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.pods import pods_json, pods_yaml

RUNS = 5


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


def measure(reader: str, path: Path) -> tuple[float, float]:
    """Seconds for the reading alone, and for the whole process with its start and its imports."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "bench.bench_reading", "--child", reader, str(path)]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(result.stdout), time.perf_counter() - started


def child(reader: str, path: str) -> None:
    READERS[reader](str(Path(path).with_name("warm" + Path(path).suffix)))  # imports are not what is measured
    started = time.perf_counter()
    READERS[reader](path)
    print(time.perf_counter() - started)


def compare(path: Path, other: str, label: str) -> None:
    seconds: dict[str, list[tuple[float, float]]] = {"ours": [], other: []}
    for _ in range(RUNS):
        for reader, found in seconds.items():
            found.append(measure(reader, path))
    reading = {reader: statistics.median(run[0] for run in found) for reader, found in seconds.items()}
    process = {reader: statistics.median(run[1] for run in found) for reader, found in seconds.items()}
    size = path.stat().st_size / 1e6
    print(
        f"| {label} | {size:.1f} MB | {reading['ours']:.3f} s | {other} {reading[other]:.3f} s "
        f"| {reading[other] / reading['ours']:.2f} | {process['ours']:.3f} s | {process[other]:.3f} s "
        f"| {process[other] / process['ours']:.2f} |"
    )


def main(counts: tuple[int, ...]) -> None:
    print("| input | size | ours | other | other ÷ ours | process: ours | process: other | other ÷ ours |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        for suffix, make, other in ((".yaml", pods_yaml, "CSafeLoader"), (".json", pods_json, "json.loads")):
            (Path(folder) / f"warm{suffix}").write_text(make(1))
            for count in counts:
                path = Path(folder) / f"pods-{count}{suffix}"
                path.write_text(make(count))
                compare(path, other, f"{suffix[1:].upper()}, {count:,} pods")


if __name__ == "__main__":
    if "--child" in sys.argv:
        child(*sys.argv[2:4])
    else:
        main((1_000,) if "--quick" in sys.argv else (1_000, 10_000))
