"""A live cluster shown anew after an event: ``python -m bench.bench_renewal 10000 150000``."""

from __future__ import annotations

import gc
import json
import statistics
import sys
import time
import tracemalloc
from collections.abc import Sequence

from bench.churn import CHANGES, Churn
from bench.feed import EVENTS, Feed, FollowedStore
from bench.timing import measure, table
from policy_core.collection import collection_paused
from policy_core.evaluation import Evaluation
from policy_core.model import Reading
from policy_core.snapshot import assemble
from tui.catalogue import Catalogue
from tui.columns import measured
from tui.tidying import keep

__all__ = ["grown", "main", "renewed", "run"]

_TIMES = 40
_WORST, _SCRATCH = ", the worst", "everything from scratch"


def renewed(reading: Reading, before: Catalogue | None) -> Catalogue:
    known = before.evaluation if before else None
    snapshot = assemble(reading, known.snapshot if known else None)
    return Catalogue.of(Evaluation.of(snapshot, known), before, measured)


def run(pods: int) -> dict[str, float]:
    """Of the processor: the keys wait for all of it. Each event is shown on its own."""
    with collection_paused():
        followed = FollowedStore()
        feed = Feed(pods, followed.take)
        start = time.process_time()
        catalogue = renewed(followed.reading(), None)
        figures = {_SCRATCH: (time.process_time() - start) * 1000}
    keep()  # as the explorer does
    for name, (event, _) in EVENTS.items():
        took: list[float] = []
        for _ in range(_TIMES):
            event(feed)
            start = time.process_time()
            catalogue = renewed(followed.reading(), catalogue)
            took.append((time.process_time() - start) * 1000)
        figures[name] = statistics.median(took)
        figures[f"{name}{_WORST}"] = max(took)
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


def main(sizes: Sequence[int] = (10_000,)) -> None:
    print("\n## Showing a live cluster anew after one event, of the processor\n")
    measured = {pods: measure("bench.bench_renewal", "--one", str(pods), runs=3) for pods in sizes}
    rows = [
        [name, *(str(of[name]) for of in measured.values())]
        for name in [*(each + part for each in EVENTS for part in ("", _WORST)), _SCRATCH]
    ]
    print(table(["ms, median (min–max)", *(f"{pods:,} pods" for pods in sizes)], rows))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(run(int(sys.argv[2]))))
    else:
        main([*map(int, sys.argv[1:])] or (10_000,))
