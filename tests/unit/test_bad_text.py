"""Text that is hard to cut into documents: what is broken hides nothing but itself."""

from __future__ import annotations

import json

import pytest

from policy_core.manifests.collect import Collector
from policy_core.model import NetworkPolicy, PolicyPort, Problem, Reading, Rule, Severity

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


POLICY = """{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "p"}, "spec": {
  "podSelector": {"matchLabels": {"a": "x", "a": "b"}},
  "ingress": [{"ports": [
    {"port": 80,
     "port": 443}]}]}}
"""
OTHER = (
    '{"apiVersion": "v1", "kind": "Pod",\n "metadata": {"name": "\\ud83d\\ude00", "labels": {"a": "b"}}}\n'
)


@pytest.mark.parametrize(
    ("text", "file", "line"),
    [
        (POLICY, "x.yaml", 2),
        (f"{POD}---\n{POLICY}", "x.yaml", 6),
        (POLICY, "x.json", 2),
        (OTHER + POLICY, "x.json", 4),
        (f'{{"kind": "List", "apiVersion": "v1", "items": [{OTHER}, {POLICY}]}}', "x.json", 4),
        (f"kind: List\napiVersion: v1\nitems:\n- {{a: b}}\n-\n {POLICY}", "x.yaml", 7),
    ],
    ids=["yaml", "yaml-documents", "json", "json-stream", "json-list", "yaml-list"],
)
def test_of_a_key_written_twice_the_last_counts_in_yaml_and_json(text: str, file: str, line: int) -> None:
    reading = read(text, file)
    (found,) = (obj for obj in reading.objects if isinstance(obj, NetworkPolicy))
    assert found.pod_selector.match_labels == (("a", "b"),)
    assert not found.pod_selector.invalid
    assert found.ingress == (Rule(ports=(PolicyPort("TCP", 443),)),)
    problems = [problem for problem in reading.problems if problem.subject == found.ref]
    assert [(problem.line, problem.field, problem.severity) for problem in problems] == [
        (line, "spec.podSelector.matchLabels.a", Severity.WARNING),
        (line + 3, "spec.ingress[0].ports[0].port", Severity.WARNING),
    ]
    assert all("the last one counts" in problem.message for problem in problems)


def test_what_a_repeated_key_stood_for_before_does_not_swallow_messages() -> None:
    text = "apiVersion: v1\nkind: Pod\nitems: {a: b}\nitems: x\nmetadata: {name: p, labels: {a: b, a: c}}\n"
    problems = read(text).problems
    assert [(problem.line, problem.field) for problem in problems] == [(4, "items"), (5, "metadata.labels.a")]


def many(texts: list[str], kind: str = "List") -> str:
    """A list as kubectl prints it: every item starts a line of its own, and the kind comes last."""
    items = ",\n        ".join(text.replace("\n", "\n        ") for text in texts)
    return f'{{\n    "apiVersion": "v1",\n    "items": [\n        {items}\n    ],\n    "kind": "{kind}"\n}}\n'


def json_pod(name: str, indent: int | None = 2) -> str:
    """JSON that is no YAML to libyaml, because of its surrogates."""
    metadata = {"name": name, "labels": {"a": "b"}, "annotations": {"c": "\U0001f600"}}
    return json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": metadata}, indent=indent)


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize(
    ("sound", "broken"),
    [
        ('"Pod",', '"Pod"'),
        ('"v1",', '"v1", x,'),
        ('"b"', '"b'),
        ('"b"', "NaN"),
        ('"b"', "9" * 5000),
        ('"b"', "[" * 200 + "]" * 200),
        ("{", "x{"),
    ],
    ids=["comma", "word", "quote", "constant", "number", "depth", "start"],
)
def test_a_broken_item_of_a_json_list_is_one_message_and_hides_no_other(
    indent: int | None, place: int, sound: str, broken: str
) -> None:
    items = [json_pod(name, indent) for name in "abc"]
    before, after = items[place].split(sound, 1)
    line = 4 + sum(item.count("\n") + 1 for item in items[:place]) + before.count("\n")
    text = many([*items[:place], before + broken + after, *items[place + 1 :]])
    for following in ("", json_pod("z")):
        reading = read(text + following, "x.json")
        assert names(reading) == [name for name in "abc" if name != "abc"[place]] + ["z"] * bool(following)
        # A missing comma shows where something follows.
        assert the_problem(reading).line == line + (sound == '"Pod",' and indent is not None)


@pytest.mark.parametrize("broken", ["NaN", "9" * 5000, "-Infinity", "[" * 200 + "]" * 200, "nul"])
def test_what_is_no_json_value_has_its_line(broken: str) -> None:
    text = json_pod("a").replace('"b"', f'"\\ud83d\\ude00 NaN {{",\n\n"c": {broken}')
    problem = the_problem(read(json_pod("z") + "\n" + text, "x.json"))
    assert problem.line == 1 + json_pod("z").count("\n") + text[: text.index('"c"')].count("\n") + 1
    assert "set_int_max" not in problem.message


@pytest.mark.parametrize(
    "log", ["plain text", "---", "{", "{}\n---\n...", '{"level": "info"}', "[1, 2]", "12"]
)
def test_the_logs_in_a_dump_on_standard_output_are_stepped_over(log: str) -> None:
    logs = f"==== START logs for container c of pod ns/p ====\n{log}\n==== END logs for container c of pod ns/p ===="
    text = f"{many([json_pod('a')])}{logs}\n{many([json_pod('b')])}{logs}\n{logs}\n"
    reading = read(text, "<stdin>")
    assert not reading.problems
    assert names(reading) == ["a", "b"]
    assert reading.objects[1].origin.line == text[: text.index('"name": "b"')].count("\n") - 3


def test_text_between_two_json_objects_is_one_message_and_nulls_are_none() -> None:
    reading = read(f'{json_pod("a")}\nnull\n2024 x [1, 2] "y\n12\n{json_pod("b")}\nnull', "x.json")
    assert names(reading) == ["a", "b"]
    problem = the_problem(reading)
    assert problem.line == json_pod("a").count("\n") + 3
    assert "text between two objects" in problem.message
