"""``make bench`` can be started: figures are never asserted, that the benchmarks run is."""

from __future__ import annotations

import inspect
import io
import sys
from importlib import import_module

import pytest

from bench import (
    bench_evaluation,
    bench_explorer,
    bench_first_paint,
    bench_matrix,
    bench_reading,
    bench_select,
    growth,
)
from bench.__main__ import BENCHMARKS
from bench.explorer import made
from bench.matrix_cluster import cluster_json
from bench.pods import pods_json, pods_yaml
from bench.terminal import Terminal
from policy_core.connectivity import connectivity
from policy_core.evaluation import Evaluation
from policy_core.snapshot import assemble
from policy_core.sources import files


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


def test_the_details_of_so_many_pods_are_measured() -> None:
    found = bench_select.run(made("40"), pods=30)
    assert len(found) == 30
    assert all(milliseconds > 0 for milliseconds, _ in found)
    assert len({path for _, path in found}) > 5


def test_the_matrix_is_measured_beside_reading_the_same_file() -> None:
    [(ours, other, written)] = bench_matrix.pairs(40, runs=1)
    assert min(*ours, *other) > 0
    assert written > 1_000


def test_the_matrix_of_the_large_cluster_is_measured_in_each_form() -> None:
    found = bench_matrix.forms(300, runs=1)
    assert list(found) == ["overview", *bench_matrix.FORMS]
    for [(run, written)] in found.values():
        assert min(run) > 0
        assert written > 500


def test_a_cluster_of_the_matrix_is_what_it_says_and_always_the_same() -> None:
    evaluation = Evaluation.of(assemble(files.read(["-"], stdin=io.BytesIO(cluster_json(400).encode()))))
    assert evaluation.snapshot.problems == ()
    assert len(evaluation.index.pods) == 400
    assert len(connectivity(evaluation).classes) == len(evaluation.snapshot.network_policies) == 40
    assert cluster_json(400) == cluster_json(400)


def test_every_operation_of_the_explorer_is_answered_in_a_real_terminal() -> None:
    figures, turns = bench_explorer.run("120", moves=2)
    assert {name: len(values) for name, values in figures.items()} == {
        "show the bundle": 1,
        "select the next pod": 2,
        "page down in the pods": 1,
        "go to a pod far away": 2,
        "a keystroke in the filter": 2,
        "select the next Service": 1,
        "select the next policy": 1,
        "choose the next namespace": 1,
    }
    assert all(milliseconds > 0 for values in figures.values() for milliseconds in values)
    assert all(turn > 16 for turn in turns)


def test_a_size_is_measured_from_the_first_paint_to_all_pairs(tmp_path) -> None:
    path = growth.bundle(tmp_path, 1000)
    lines = list(growth.column(path, 1000, moves=1))
    assert len(dict(lines)) == len(lines)
    assert [name for name, figure in lines if not any(map(str.isdigit, figure))] == []
    assert growth.bundle(tmp_path, 1000) == path
    assert [each.name for each in tmp_path.iterdir()] == ["l1000.json"]


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
