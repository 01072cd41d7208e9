"""Traces in a cluster that was read: ``python -m bench.bench_trace``; with a number, one run of it.

A trace is everything that ``netpol-tui trace`` does after reading: finding the ends by name, the verdict,
every hop with its file and line, the nearest miss, name resolution, the caveats, laying it out as text.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from random import Random

from bench.clusters import cluster
from bench.matrix_cluster import cluster_json
from bench.timing import measure, table
from policy_core.api import Cluster
from policy_core.evaluation import Evaluation
from policy_core.snapshot import assemble
from policy_core.verdict import Verdict

__all__ = ["main", "run"]

_TRACES = 200


def run(pods: int) -> dict[str, float]:
    random = Random(pods)
    from_file = Cluster.parse(cluster_json(pods))
    generated = Cluster(Evaluation.of(assemble(cluster(pods))))
    names = [pod.ref.path for pod in from_file.evaluation.snapshot.pods]
    others = [pod.ref.path for pod in generated.evaluation.snapshot.pods]
    services = [f"service:{service.ref.path}" for service in generated.evaluation.snapshot.services]
    to_pods = [_timed(from_file, random.choice(names), random.choice(names), 8080) for _ in range(_TRACES)]
    to_services = [
        _timed(generated, random.choice(others), random.choice(services), 80) for _ in range(_TRACES)
    ]
    assert {verdict for _, verdict in to_pods} >= {Verdict.DENY}
    return {
        "pod to pod, the first": to_pods[0][0],
        "pod to pod, the others": statistics.median(took for took, _ in to_pods[1:]),
        "pod to pod, the slowest of the others": max(took for took, _ in to_pods[1:]),
        "pod to Service, the first": to_services[0][0],
        "pod to Service, the others": statistics.median(took for took, _ in to_services[1:]),
    }


def _timed(cluster: Cluster, source: str, destination: str, port: int) -> tuple[float, Verdict]:
    start = time.perf_counter()
    cluster.explain(source, destination, port)
    took = (time.perf_counter() - start) * 1000
    return took, cluster.judge(source, destination, port).verdict


def main() -> None:
    print("\n## Traces, after reading\n")
    sizes = (1_000, 10_000)
    figures = {size: measure("bench.bench_trace", str(size)) for size in sizes}
    rows = [[name, *(str(figures[size][name]) for size in sizes)] for name in figures[sizes[0]]]
    print(table(["ms, median (min–max)", *(f"{size:,} pods" for size in sizes)], rows))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(run(int(sys.argv[1]))))
    else:
        main()
