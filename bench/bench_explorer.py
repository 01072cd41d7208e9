"""The explorer on a bundle of 1,000 and of 10,000 pods: from a key to the screen that answers it.

``python -m bench.bench_explorer``; with a number of pods, one run of it. In an application without a
terminal at 120×36; Textual draws at most every 17 ms, which the figures contain.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
from argparse import Namespace

from bench.clusters import cluster
from bench.timing import measure, table, until_drawn
from policy_core.evaluation import Evaluation
from policy_core.model import Ref
from policy_core.snapshot import assemble
from tui.app import NetpolApp
from tui.catalogue import Catalogue, Pane
from tui.state import Place

__all__ = ["main"]


async def run(pods: int) -> dict[str, float]:
    catalogue = Catalogue.of(Evaluation.of(assemble(cluster(pods))))
    app = NetpolApp(Namespace(demo=True, filename=[], namespace=None, no_color=False))
    async with app.run_test(size=(120, 36)) as pilot:
        while app.explorer is None or app.explorer.state is None:
            await pilot.pause(0.01)
        explorer = app.explorer
        timings = {"show the bundle": await until_drawn(pilot, lambda: explorer.load(catalogue))}
        lists = explorer._panes
        table_ = lists[Pane.PODS].table

        async def several(act: object, times: int = 10) -> float:
            return statistics.median([await until_drawn(pilot, act) for _ in range(times)])  # type: ignore[arg-type]

        timings["select the next pod"] = await several(lambda: table_.action_move(1))
        far = iter(range(pods // 2, pods, pods // 40))
        rows = catalogue.rows[Pane.PODS]
        timings["go to a pod far away"] = await several(lambda: explorer.go(Place(rows[next(far)].ref)))
        services = lists[Pane.SERVICES].table
        services.focus()
        timings["select the next Service"] = await several(lambda: services.action_move(1))
        policies = lists[Pane.POLICIES].table
        policies.focus()
        timings["select the next policy"] = await several(lambda: policies.action_move(1))
        names = iter(
            ["app-1", "app-1-", "app-10", "app-11", "app-12", "app-2", "app-21", "app-3", "app-31", "a"]
        )
        table_.focus()
        lists[Pane.PODS].start_filter()
        field = lists[Pane.PODS].query_one("FilterInput")

        def type_() -> None:
            field.value = next(names)  # type: ignore[attr-defined]

        timings["a keystroke in the filter"] = await several(type_)
        one = Ref("Namespace", "", "ns-1")
        timings["one namespace"] = await until_drawn(pilot, lambda: explorer.go(Place(one)))
    return timings


def main() -> None:
    print("\n## The explorer, from a key to the screen that answers it\n")
    sizes = (1_000, 10_000)
    figures = {size: measure("bench.bench_explorer", str(size)) for size in sizes}
    rows = [[name, *(str(figures[size][name]) for size in sizes)] for name in figures[sizes[0]]]
    print(table(["ms, median (min–max)", *(f"{size:,} pods" for size in sizes)], rows))


if __name__ == "__main__":
    if sys.argv[1:]:
        print(json.dumps(asyncio.run(run(int(sys.argv[1])))))
    else:
        main()
