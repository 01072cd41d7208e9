"""Text that is hard to cut into documents: what is broken hides nothing but itself."""

from __future__ import annotations

import pytest

from policy_core.manifests.collect import Collector
from policy_core.model import Problem, Reading

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: NAME}\n"


def pod(name: str) -> str:
    return POD.replace("NAME", name)


def read(text: str, file: str = "x.yaml") -> Reading:
    collector = Collector()
    collector.add(file, text)
    return collector.reading(file)


def names(reading: Reading) -> list[str]:
    return [obj.ref.name for obj in reading.objects]


def the_problem(reading: Reading) -> Problem:
    (problem,) = reading.problems
    return problem


@pytest.mark.parametrize("last", ["%wheel ALL=(ALL) ALL", "%d items\n\n    # a comment", "...", "%YAML 1.1"])
def test_text_that_looks_like_a_directive_does_not_reach_the_next_document(last: str) -> None:
    config = (
        f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: sudoers}}\ndata:\n  sudoers: |\n    {last}\n"
    )
    reading = read(f"{config}---\n{pod('a')}")
    assert not reading.problems
    assert names(reading) == ["a"]
    assert reading.objects[0].origin.line == config.count("\n") + 2


@pytest.mark.parametrize(
    "marker", ["---", "---#c", "--- # c", "---  ", "...\n---", "... # end\n# c\n\n%YAML 1.1\n---"]
)
def test_a_marker_parts_two_documents(marker: str) -> None:
    reading = read(f"{pod('a')}{marker}\n{pod('b')}")
    assert not reading.problems
    assert names(reading) == ["a", "b"]
    assert reading.objects[1].origin.line == 4 + marker.count("\n") + 1


def test_directives_at_the_start_of_the_file_belong_to_what_follows() -> None:
    assert names(read(f"# c\n\n%YAML 1.1\n---\n{pod('a')}---\n{pod('b')}")) == ["a", "b"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_byte_order_mark_may_stand_before_every_document(end: str) -> None:
    text = f"\ufeff{pod('a')}---\n\ufeff{pod('b')}\ufeff---\n{pod('c')}"
    reading = read(text.replace("\n", end))
    assert not reading.problems
    assert names(reading) == ["a", "b", "c"]
    json = '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "NAME"}}'
    stream = f"\ufeff{json.replace('NAME', 'a')}{end}\ufeff{json.replace('NAME', 'b')}"
    assert names(read(stream, "x.json")) == ["a", "b"]
