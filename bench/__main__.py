"""``python -m bench``: every benchmark, as Markdown tables."""

from __future__ import annotations

from importlib import import_module

__all__ = ["BENCHMARKS"]

BENCHMARKS = (
    "bench_reading",
    "bench_evaluation",
    "bench_renewal",
    "bench_live",
    "bench_matrix",
    "bench_trace",
    "bench_check",
    "bench_explorer",
    "bench_select",
    "bench_first_paint",
    "bench_list",
    "growth",
)

if __name__ == "__main__":
    for name in BENCHMARKS:
        import_module(f"bench.{name}").main()
