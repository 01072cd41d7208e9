"""Runs whole processes, several times, and quotes medians: these machines are shared and noisy."""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.pilot import Pilot

__all__ = ["Figure", "measure", "table", "until_drawn"]

RUNS = 5


@dataclass(frozen=True, slots=True)
class Figure:
    """Milliseconds over several runs."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def __str__(self) -> str:
        return f"{self.median:,.1f} ({min(self.values):,.1f}–{max(self.values):,.1f})"


def measure(module: str, *arguments: str, runs: int = RUNS) -> dict[str, Figure]:
    """Run ``python -m module arguments`` once to warm up and then ``runs`` times; every run prints a JSON
    object of name → milliseconds as its last line."""
    collected: dict[str, list[float]] = {}
    for run in range(runs + 1):
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments], check=True, capture_output=True, text=True
        )
        if run:
            for name, value in json.loads(done.stdout.splitlines()[-1]).items():
                collected.setdefault(name, []).append(value)
    return {name: Figure(tuple(values)) for name, values in collected.items()}


async def until_drawn(pilot: Pilot[Any], act: Callable[[], object]) -> float:
    """Milliseconds from the act until nothing is left to be drawn; Textual draws at most every 17 ms."""
    start = time.perf_counter()
    act()
    drawn: asyncio.Event = asyncio.Event()
    pilot.app.screen.call_after_refresh(drawn.set)
    await drawn.wait()
    return (time.perf_counter() - start) * 1000


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
