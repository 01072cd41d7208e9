"""``python -m bench``: every benchmark, as Markdown tables."""

from __future__ import annotations

from importlib import import_module

for name in ("bench_reading", "bench_evaluation", "bench_explorer", "bench_first_paint", "bench_list"):
    import_module(f"bench.{name}").main()
