"""What all benchmarks share: runs of whole processes, figures and tables."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["RUNS", "Figure", "last_json", "measure", "ratio", "table"]

RUNS = 5


@dataclass(frozen=True, slots=True)
class Figure:
    """Milliseconds, of several runs or of many keys."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def spread(self) -> tuple[str, str, str]:
        """The median, the 90th percentile and the worst."""
        ordered = sorted(self.values)
        ninetieth = ordered[-(-len(ordered) * 9 // 10) - 1]
        return f"{self.median:,.1f}", f"{ninetieth:,.1f}", f"{ordered[-1]:,.1f}"

    def __str__(self) -> str:
        return f"{self.median:,.1f} ({min(self.values):,.1f}–{max(self.values):,.1f})"


def measure(module: str, *arguments: str, runs: int = RUNS) -> dict[str, Figure]:
    """Run ``python -m module arguments`` once to warm up and then ``runs`` times; every run prints a JSON
    object of name → milliseconds as its last line."""
    collected: dict[str, list[float]] = {}
    for run in range(runs + 1):
        found = last_json(module, *arguments)
        if run:
            for name, value in found.items():
                collected.setdefault(name, []).append(value)
    return {name: Figure(tuple(values)) for name, values in collected.items()}


def last_json(module: str, *arguments: str) -> Any:
    """What the last line says that ``python -m module arguments`` prints."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def ratio(pairs: Sequence[tuple[float, float]]) -> str:
    """The first of each pair by the second, pair by pair."""
    ratios = [one / other for one, other in pairs]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
