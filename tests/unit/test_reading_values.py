"""YAML and JSON as plain values: what is kept, where it stands, and that it agrees with slower readers."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_core.manifests import events
from policy_core.manifests.documents import BrokenDocument, Document, documents
from policy_core.manifests.scalars import key_text, resolve, resolve_tagged
from policy_core.manifests.skipping import SKIPPED


def values(text: str) -> list[Any]:
    return [document.value for document in sound(text)]


def sound(text: str) -> list[Document]:
    found = list(documents(text))
    assert all(isinstance(document, Document) for document in found), found
    return [document for document in found if isinstance(document, Document)]


def broken(text: str) -> BrokenDocument:
    (found,) = documents(text)
    assert isinstance(found, BrokenDocument)
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\n---\nb: 2\n", [{"a": 1}, {"b": 2}]),
        ("--- # first\na: 1\n--- # second\n---\nb: 2", [{"a": 1}, {"b": 2}]),
        ("# Source: chart/templates/x.yaml\n---\n# only a comment\n---\n", []),
        ("null\n---\n~\n---\na: 1\n", [{"a": 1}]),
        ("%YAML 1.1\n---\na: 1\n...\n%YAML 1.1\n---\nb: 2\n", [{"a": 1}, {"b": 2}]),
        ("--- {a: 1}\n--- [2]\n", [{"a": 1}, [2]]),
        ('{"a": 1}\n{"b": 2} {"c": 3}', [{"a": 1}, {"b": 2}, {"c": 3}]),
        ('---\n{"a": 1}\n---\nb: 2\n', [{"a": 1}, {"b": 2}]),
        ("{a: 1, b: [x, y]}", [{"a": 1, "b": ["x", True]}]),
        ("a: |\n  ---\n  x\nb: 1", [{"a": "---\nx\n", "b": 1}]),
        ("'y': 'no'\ny: no", [{"y": "no", "true": False}]),
        ("a: !!str 12\nb: !!int '12'\nc: !x 12", [{"a": "12", "b": 12, "c": "12"}]),
    ],
)
def test_documents(text: str, expected: list[Any]) -> None:
    assert values(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x: &x {a: 1, b: 2}\nz: {<<: *x, a: 9}", {"a": 9, "b": 2}),
        ("x: &x {a: 1, b: 2}\nz: {a: 9, <<: *x}", {"a": 1, "b": 2}),
        ("x: &x {a: 1}\nw: &w {a: 5, c: 6}\nz: {<<: [*x, *w]}", {"a": 1, "c": 6}),
        ("z:\n  <<:\n    a: 1\n  b: 2", {"a": 1, "b": 2}),
        ("z: {<<: [{a: 1}, {a: 2, b: 3}]}", {"a": 1, "b": 3}),
    ],
)
def test_merge_keys(text: str, expected: dict[str, Any]) -> None:
    (document,) = sound(text)
    assert document.value["z"] == expected
    assert not document.flaws


def test_a_quoted_merge_key_is_an_ordinary_key() -> None:
    assert values("'<<': {a: 1}") == [{"<<": {"a": 1}}]


def test_only_what_nobody_reads_is_skipped() -> None:
    (pod,) = values("""
kind: Pod
metadata:
  managedFields: [{a: 1}]
  labels: {env: prod, volumes: x, managedFields: w, data: z}
spec:
  volumes: [{name: x}]
  containers:
  - env: [{name: A}]
    resources: {limits: {cpu: 1}}
    ports: [{containerPort: 80, name: http}]
""")
    assert pod["metadata"]["labels"] == {"env": "prod", "volumes": "x", "managedFields": "w", "data": "z"}
    assert pod["metadata"]["managedFields"] is SKIPPED
    assert pod["spec"]["volumes"] is SKIPPED
    assert pod["spec"]["containers"] == [
        {"env": [{"name": "A"}], "resources": SKIPPED, "ports": [{"containerPort": 80, "name": "http"}]}
    ]


def test_an_anchor_in_a_part_that_is_otherwise_skipped_can_be_used() -> None:
    (pod,) = values(
        "spec:\n  volumes: &v [{a: 1}]\n  containers:\n  - env: &e x\n    ports: *v\n    name: *e\n"
    )
    assert pod["spec"]["containers"] == [{"env": "x", "ports": [{"a": 1}], "name": "x"}]


def test_every_document_and_every_item_of_a_list_has_its_lines() -> None:
    text = """\
# a comment
apiVersion: v1
kind: List
items:
- kind: Pod
  metadata:
    name: a

# between
- kind: Pod
  metadata: {name: b}
---
kind: Service
# after
"""
    first, second = sound(text)
    a, b = first.value["items"]
    assert first.spans[id(first.value)] == (2, 11)
    assert first.spans[id(a)] == (5, 7)
    assert first.spans[id(b)] == (10, 11)
    assert second.spans[id(second.value)] == (13, 13)


def test_items_of_a_json_list_have_their_lines() -> None:
    (document,) = sound('{"kind": "List", "items": [\n {"kind":\n "Pod"},\n {"kind": "Service"}\n]}\n')
    a, b = document.value["items"]
    assert document.spans == {id(document.value): (1, 5), id(a): (2, 3), id(b): (4, 4)}


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("a: 1\nb: [1\nc: 2\n", "expected ',' or ']'", 3),
        ("a:\n\tb: 1\n", "a tab cannot indent", 2),
        ("a: {{ .Values.x }}-y\n", "it seems to be a template", 1),
        ("a: [1, *b]", 'no anchor "b"', 1),
        ("a: 1\nb: &x [1, *x]", "stands for something that contains it", 2),
        ("a: \x1b[31m", "control character U+001B", 1),
        ('{"a": 1,\n "b": [}', "not valid YAML", 2),
    ],
)
def test_a_broken_document_says_what_and_where(text: str, message: str, line: int) -> None:
    found = broken(text)
    assert message in found.message
    assert found.line == line


def test_a_broken_document_hides_no_other() -> None:
    first, second, third = documents("a: 1\n---\nb: [\n---\nc: 3\n")
    assert isinstance(first, Document)
    assert isinstance(second, BrokenDocument)
    assert isinstance(third, Document)
    assert (second.number, third.number, third.value) == (2, 3, {"c": 3})
    assert second.line in (3, 4)


def test_a_broken_json_document_hides_no_other() -> None:
    first, second, third = documents('{"a": 1}\n{"b": }\n{"c": 3}\n')
    assert isinstance(first, Document)
    assert isinstance(second, BrokenDocument)
    assert isinstance(third, Document)
    assert second.line == 2
    assert third.value == {"c": 3}


@pytest.mark.parametrize("text", ["{a: 1, b: 2, a: 3}", '{"a": 1, "b": 2,\n "a": 3}', "a: 1\nb: 2\na: 3"])
def test_of_duplicate_keys_the_last_counts_and_one_flaw_says_so(text: str) -> None:
    (document,) = sound(text)
    assert document.value == {"a": 3, "b": 2}
    (flaw,) = document.flaws
    assert "duplicate key" in flaw.message
    assert flaw.line == text.count("\n") + 1


def test_keys_that_cannot_be_strings_are_left_out() -> None:
    (document,) = sound("? [1]\n: x\n~: y\na: 1\n")
    assert document.value == {"a": 1}
    assert [flaw.line for flaw in document.flaws] == [1, 3]


def test_the_pure_python_parser_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: &x [1, 'y', y]\nb: {<<: {c: 1}, d: *x}\n---\ne: |\n  text\n# end\n"
    with_libyaml = [(d.value, sorted(d.spans.values())) for d in sound(text)]
    monkeypatch.setattr(events, "_Parser", events._PythonParser)
    assert [(d.value, sorted(d.spans.values())) for d in sound(text)] == with_libyaml


# The slow reference: PyYAML's nodes, resolved by the same rules.


def construct(node: yaml.Node) -> Any:
    match node:
        case yaml.MappingNode():
            return {key_of(key): construct(value) for key, value in node.value if key_of(key) is not None}
        case yaml.SequenceNode():
            return [construct(child) for child in node.value]
        case yaml.ScalarNode():
            return resolve_tagged(node.tag, node.value) if node.tag != PLAIN else resolve(node.value)
    raise AssertionError(node)


def key_of(node: yaml.Node) -> str | None:
    return key_text(construct(node))


PLAIN = "plain"


class NodeLoader(yaml.CSafeLoader):
    """Leaves plain scalars unresolved."""

    def resolve(self, kind: type[Any], value: Any, implicit: Any) -> Any:
        if kind is yaml.ScalarNode:
            return PLAIN if implicit[0] else "tag:yaml.org,2002:str"
        return super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call]


words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8) | st.sampled_from(
    [
        "y",
        "no",
        "017",
        "1e3",
        "0x1F",
        "~",
        "",
        "<<",
        "1:30",
        "true",
        "name",
        "a b",
        "#x",
        "- a",
        "metadata",
        "labels",
    ]
)
trees = st.recursive(
    words | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False, allow_infinity=False),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(words, children, max_size=4),
    max_leaves=25,
)


@given(st.dictionaries(words.map("x{}".format), trees, max_size=4), st.booleans())
@settings(max_examples=150, deadline=None)
def test_yaml_agrees_with_a_slow_reader(tree: dict[str, Any], flow: bool) -> None:
    text = yaml.dump(tree, Dumper=yaml.SafeDumper, allow_unicode=True, default_flow_style=flow)
    loader = NodeLoader(text)
    node = loader.get_single_node()
    loader.dispose()
    assert node is not None
    expected = construct(node)
    (document,) = sound(text)
    assert document.value == expected


@given(st.dictionaries(words, trees, max_size=4), st.sampled_from([None, 2]))
@settings(max_examples=150, deadline=None)
def test_json_agrees_with_the_json_module(tree: dict[str, Any], indent: int | None) -> None:
    text = json.dumps(tree, indent=indent)
    (document,) = sound(text)
    assert document.value == json.loads(text)


@given(st.text(max_size=200) | st.text(st.sampled_from("&*a:-[]{}<,\n\t '\"|>?!%#~1"), max_size=80))
@settings(max_examples=400, deadline=None)
def test_no_text_makes_it_raise(text: str) -> None:
    for document in documents(text):
        assert document.number >= 1
