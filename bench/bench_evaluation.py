"""Index, lists and selecting a pod: ``python -m bench.bench_evaluation``; with a number, one run of it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import TypeVar

from bench.clusters import cluster
from bench.timing import measure, table
from policy_core.details.pod import pod_detail
from policy_core.evaluation import Evaluation
from policy_core.report.layout import ALL, layout
from policy_core.report.pod import pod_document
from policy_core.snapshot import assemble
from tui.catalogue import Catalogue

__all__ = ["main", "run"]

T = TypeVar("T")


def run(pods: int) -> dict[str, float]:
    figures: dict[str, float] = {}

    def timed(name: str, call: Callable[[], T]) -> T:
        start = time.perf_counter()
        result = call()
        figures[name] = (time.perf_counter() - start) * 1000
        return result

    reading = cluster(pods)
    snapshot = timed("assemble", lambda: assemble(reading))
    evaluation = timed("index and compile", lambda: Evaluation.of(snapshot))
    timed("rows of the lists", lambda: Catalogue.of(evaluation))
    middle = snapshot.pods[pods // 2]
    detail = timed("effective rules and routes of a pod", lambda: pod_detail(evaluation, middle))
    timed("its document, laid out", lambda: layout(pod_document(detail), 100, ALL))
    return figures


def main() -> None:
    print("\n## Evaluation\n")
    sizes = (1_000, 10_000)
    figures = {size: measure("bench.bench_evaluation", str(size)) for size in sizes}
    rows = [[name, *(str(figures[size][name]) for size in sizes)] for name in figures[sizes[0]]]
    print(table(["ms, median (min–max)", *(f"{size:,} pods" for size in sizes)], rows))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(run(int(sys.argv[1]))))
    else:
        main()
