"""What the details of a pod take, for 1,000 pods chosen at random.

``python -m bench.bench_select list.json``, or with a number of pods.

That is all the work from the key to lines that can be drawn: effective rules, routes, the document, its
layout, and the pod's manifest. What drawing takes the benchmark of the explorer tells.
"""

from __future__ import annotations

import json
import sys
import time
from random import Random

from bench.explorer import made
from bench.timing import Figure, table
from policy_core.collection import collection_paused
from policy_core.report.layout import layout
from tui import subjects
from tui.catalogue import Catalogue
from tui.tidying import keep

__all__ = ["main", "run"]

_PODS = 1_000
_WIDTH = 76
"""Of the details on a screen of 120 columns, about."""


def run(catalogue: Catalogue, pods: int = _PODS) -> list[tuple[float, str]]:
    """Milliseconds for each pod, and what it is called."""
    found = []
    for row in Random(7).choices(catalogue.pods, k=pods):
        start = time.perf_counter()
        _, document, _ = subjects.page(catalogue.evaluation, row)
        layout(document, _WIDTH)
        found.append(((time.perf_counter() - start) * 1000, row.ref.path))
    return found


def _read_and_run(what: str) -> list[tuple[float, str]]:
    with collection_paused():
        catalogue = made(what)
    keep()  # as the explorer does
    return run(catalogue)


def main(what: str = "10000") -> None:
    print("\n## The details of pods chosen at random\n")
    found = _read_and_run(what)
    spread = Figure(tuple(taken for taken, _ in found)).spread
    titles = ["pods", "median ms", "90th percentile", "worst", "which is"]
    print(table(titles, [[f"{len(found):,}", *spread, max(found)[1]]]))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps([taken for taken, _ in _read_and_run(sys.argv[2])]))
    else:
        main(*sys.argv[1:2])
