"""``make bench`` can be started: figures are never asserted, that the benchmarks run is."""

from __future__ import annotations

import inspect
import sys
from importlib import import_module

import pytest

from bench import bench_evaluation, bench_explorer, bench_first_paint, bench_reading
from bench.__main__ import BENCHMARKS
from bench.pods import pods_json, pods_yaml
from bench.terminal import Terminal


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


def test_every_operation_of_the_explorer_is_answered_in_a_real_terminal() -> None:
    figures = bench_explorer.run(120, moves=2)
    assert {name: len(values) for name, values in figures.items()} == {
        "show the bundle": 1,
        "select the next pod": 2,
        "page down in the pods": 1,
        "go to a pod far away": 1,
        "a keystroke in the filter": 2,
        "select the next Service": 1,
        "select the next policy": 1,
        "choose the next namespace": 1,
    }
    assert all(milliseconds > 0 for values in figures.values() for milliseconds in values)


def test_the_first_frame_comes_before_the_demo() -> None:
    figures = bench_first_paint.start("ours")
    assert 0 < figures["first paint"] < figures["demo shown"]


def test_a_terminal_says_what_did_not_come() -> None:
    with (
        Terminal([sys.executable, "-c", "print('something else')"]) as terminal,
        pytest.raises(RuntimeError, match=r"never said.*something else"),
    ):
        terminal.until(b"never said")


def test_only_output_behind_the_key_and_in_the_given_order_is_an_answer() -> None:
    echo = "import sys; print('told ' * 3, flush=True)\nfor line in sys.stdin: print('one two', flush=True)"
    with Terminal([sys.executable, "-c", echo]) as terminal:
        terminal.until(b"told")
        terminal.settle()
        terminal.press(b"go\n")
        assert terminal.until(b"one", b"two") > 0
        assert b"told" not in terminal.settle()
        terminal.press(b"\x04")
        with pytest.raises(RuntimeError):
            terminal.until(b"two", b"one")
