"""The list widget at 150,000 rows, beside Textual's DataTable.

``python -m bench.bench_list``; with ``ours`` or ``datatable``, one run of it. Each operation is a call of the
widget's own method, timed until the last frame that follows from it is drawn, in an application without a
terminal at 120×36. Textual draws at most every 17 ms. DataTable runs once, under a time limit.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable

from textual.app import App, ComposeResult
from textual.widget import Widget
from textual.widgets import DataTable

from bench.timing import measure, table
from policy_core.report.document import Role
from tui.themes import variable_defaults
from tui.widgets.virtual_table import Share, TableColumn, VirtualTable

__all__ = ["main"]

ROWS = 150_000
_LIMIT = 180
"""Seconds after which DataTable is given up."""

Row = tuple[str, str, str, str]


def _rows() -> list[Row]:
    return [
        (
            f"app-{n % 50}-7d9f8b6c5d-{n:06}",
            f"team-{n % 20}",
            f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}",
            "open",
        )
        for n in range(ROWS)
    ]


class _Bench(App[None]):
    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self._widget = widget
        self._frames = 0
        self._last_frame = 0.0

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return variable_defaults()

    def compose(self) -> ComposeResult:
        yield self._widget

    def post_display_hook(self) -> None:
        self._frames += 1
        self._last_frame = time.perf_counter()

    async def until_drawn(self, act: Callable[[], object]) -> float:
        """Milliseconds from the act to the end of the last frame that follows from it."""
        await self._rest()
        before = self._frames
        start = time.perf_counter()
        act()
        await self._rest()
        assert self._frames > before, "nothing was drawn"
        return (self._last_frame - start) * 1000

    async def _rest(self) -> None:
        """Until no frame has come for three waits in a row: a single one may end late, and at once, where
        something else has held the loop."""
        waits = 0
        while waits < 3:
            before = self._frames
            await asyncio.sleep(0.03)
            waits = waits + 1 if self._frames == before else 0


async def ours() -> dict[str, float]:
    rows = _rows()
    columns: tuple[TableColumn[Row], ...] = (
        TableColumn("name", "pod", lambda row: (row[0], Role.NAME), Share(2, 10), name=True),
        TableColumn("namespace", "namespace", lambda row: (row[1], Role.MUTED), Share(1, 8)),
        TableColumn("ip", "address", lambda row: (row[2], Role.MUTED), 15),
        TableColumn("state", "state", lambda row: (row[3], Role.ALLOW), 8),
    )
    widget = VirtualTable(columns)
    backwards = list(range(ROWS - 1, -1, -1))
    found = [number for number in range(ROWS) if number % 50 == 7]
    app = _Bench(widget)
    until_drawn = app.until_drawn
    async with app.run_test(size=(120, 36)):
        timings = {"first layout": await until_drawn(lambda: widget.set_rows(rows, lambda row: row[0]))}
        timings["replace the order"] = await until_drawn(lambda: widget.set_order(backwards, 3))
        widget.action_first()
        timings["filter the cursor's row away"] = await until_drawn(lambda: widget.set_order(found))
        await until_drawn(lambda: widget.set_order(backwards))
        timings["scroll a page"] = await until_drawn(lambda: widget.action_page(1))
        timings["move the cursor"] = await until_drawn(lambda: widget.move_cursor(1))
        timings["to the last row"] = await until_drawn(widget.action_last)
        timings["move to an object"] = await until_drawn(lambda: widget.move_to(rows[ROWS // 2][0]))
        start = time.perf_counter()
        widget.notify_style_update()  # nothing drawn before may be used again
        for line in range(widget.size.height):
            widget.render_line(line)
        timings["draw every line anew"] = (time.perf_counter() - start) * 1000
    return timings


async def datatable() -> dict[str, float]:
    rows = _rows()
    widget: DataTable[str] = DataTable(cursor_type="row")
    app = _Bench(widget)
    until_drawn = app.until_drawn
    async with app.run_test(size=(120, 36)):
        widget.add_columns("pod", "namespace", "address", "state")
        timings = {"first layout": await until_drawn(lambda: widget.add_rows(rows))}
        timings["replace the order"] = await until_drawn(lambda: widget.sort(reverse=True))
        timings["scroll a page"] = await until_drawn(widget.action_page_down)
        timings["move the cursor"] = await until_drawn(widget.action_cursor_down)
    return timings


_RUNS: dict[str, Callable[[], Awaitable[dict[str, float]]]] = {"ours": ours, "datatable": datatable}


def main() -> None:
    print(f"\n## List of {ROWS:,} rows, milliseconds\n")
    figures = measure("bench.bench_list", "ours")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "bench.bench_list", "datatable"],
            check=True,
            capture_output=True,
            text=True,
            timeout=_LIMIT,
        )
        other = {name: f"{value:,.1f}" for name, value in json.loads(done.stdout.splitlines()[-1]).items()}
    except subprocess.TimeoutExpired:
        other = {"first layout": f"not within {_LIMIT} s"}
    rows = [[name, str(figure), other.get(name, "")] for name, figure in figures.items()]
    print(table(["operation", "VirtualTable", "DataTable"], rows))


if __name__ == "__main__":
    if sys.argv[1:]:
        print(json.dumps(asyncio.run(_RUNS[sys.argv[1]]())))  # type: ignore[arg-type]
    else:
        main()
