"""A live cluster shown anew after a change: ``python -m bench.bench_renewal``; with a number, one run."""

from __future__ import annotations

import gc
import json
import statistics
import sys
import time
import tracemalloc

from bench.churn import CHANGES, Churn
from bench.timing import measure, ratio, table
from policy_core.collection import collection_paused
from policy_core.evaluation import Evaluation
from policy_core.model import Reading
from policy_core.snapshot import assemble
from tui.catalogue import Catalogue

__all__ = ["grown", "main", "renewed", "run"]

_TIMES = 7
_NEW, _ANEW = ": with what was known", ": from scratch"


def renewed(reading: Reading, before: Catalogue | None) -> Catalogue:
    known = before.evaluation if before else None
    snapshot = assemble(reading, known.snapshot if known else None)
    return Catalogue.of(Evaluation.of(snapshot, known), before)


def run(pods: int) -> dict[str, float]:
    """Of the processor: the keys wait for all of it."""
    churn = Churn(pods)
    catalogue = renewed(churn.reading(), None)
    gc.collect()
    gc.freeze()
    figures: dict[str, float] = {}
    for name, (change, number) in CHANGES.items():
        took: dict[str, list[float]] = {_NEW: [], _ANEW: []}
        for _ in range(_TIMES):
            change(churn, number)
            with collection_paused():  # as the explorer does
                start = time.process_time()
                reading = churn.reading()
                catalogue = renewed(reading, catalogue)
                between = time.process_time()
                renewed(reading, None)
                took[_NEW].append((between - start) * 1000)
                took[_ANEW].append((time.process_time() - between) * 1000)
        for how, times in took.items():
            figures[name + how] = statistics.median(times[1:])
    return figures


def grown(pods: int, times: int = 200) -> tuple[int, int, int]:
    """Bytes in use after a half of so many renewals and after all of them, and how many catalogues are left
    then, with the collector off."""
    changes = list(CHANGES.values())
    half = 0
    gc.collect()
    gc.disable()
    others = _catalogues()
    tracemalloc.start()
    try:
        churn = Churn(pods)
        catalogue = renewed(churn.reading(), None)
        for step in range(1, times + 1):
            change, number = changes[step % len(changes)]
            change(churn, min(number, max(pods // 3, 1)))
            catalogue = renewed(churn.reading(), catalogue)
            if step == times // 2:
                half = _in_use()
        left = _catalogues() - others
        return half, _in_use(), left
    finally:
        tracemalloc.stop()
        gc.enable()


def _catalogues() -> int:
    return sum(isinstance(obj, Catalogue) for obj in gc.get_objects())


def _in_use() -> int:
    gc.collect()  # else tuples that wait to be used again are counted
    return tracemalloc.get_traced_memory()[0]


def main() -> None:
    print("\n## Showing a live cluster anew, of the processor\n")
    figures = measure("bench.bench_renewal", "10000")
    rows = []
    for name in CHANGES:
        new, anew = figures[name + _NEW], figures[name + _ANEW]
        pairs = list(zip(new.values, anew.values, strict=True))
        rows.append([name, str(new), str(anew), ratio(pairs)])
    titles = ["ms, median (min–max)", "with what was known", "from scratch", "the one ÷ the other"]
    print(table([f"10,000 pods; {titles[0]}", *titles[1:]], rows))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(run(int(sys.argv[1]))))
    else:
        main()
