"""``make bench`` can be started: figures are never asserted, that the benchmarks run is."""

from __future__ import annotations

import inspect
from importlib import import_module

import pytest

from bench import bench_evaluation, bench_reading
from bench.__main__ import BENCHMARKS
from bench.pods import pods_json, pods_yaml


@pytest.mark.parametrize("name", BENCHMARKS)
def test_every_benchmark_starts_without_arguments(name: str) -> None:
    inspect.signature(import_module(f"bench.{name}").main).bind()


def test_both_readers_find_every_pod(tmp_path) -> None:
    for suffix, make, other in (("yaml", pods_yaml, "CSafeLoader"), ("json", pods_json, "json.loads")):
        path = tmp_path / f"pods.{suffix}"
        path.write_text(make(7))
        assert [bench_reading.READERS[reader](str(path)) for reader in ("ours", other)] == [7, 7]


def test_the_evaluation_is_measured_step_by_step() -> None:
    figures = bench_evaluation.run(40)
    assert len(figures) == 5
    assert all(milliseconds > 0 for milliseconds in figures.values())
