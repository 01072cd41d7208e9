"""What fuzzing has found, each as small as it got, with what was wrong about it."""

from __future__ import annotations

import json

import pytest

from policy_core.evaluation import Evaluation
from policy_core.manifests.collect import Collector
from policy_core.manifests.locate import lines, parsed_path
from policy_core.model import NetworkPolicy, Origin, Reading, Ref
from policy_core.snapshot import assemble
from policy_core.sources import files
from tui.catalogue import Catalogue
from tui.subjects import manifest


def read(text: str, file: str = "x.yaml") -> Reading:
    collector = Collector()
    collector.add(file, text)
    return collector.reading(file)


def messages(reading: Reading) -> list[tuple[int, str]]:
    return [(problem.line, problem.message) for problem in reading.problems]


@pytest.mark.parametrize("end", ["", "\n", "\n\n# c\n", "\n\n# c"])
@pytest.mark.parametrize("metadata", ["metadata: {name: a}", "metadata:\n  name: a"])
def test_the_last_line_of_an_object_is_within_a_file_without_a_final_newline(metadata: str, end: str) -> None:
    # libyaml counts one line more at the end of a text whose last line has no end.
    (pod,) = read(f"kind: Pod\napiVersion: v1\n{metadata}{end}").objects
    assert pod.origin == Origin("x.yaml", 1, 1, 3 + metadata.count("\n"))


@pytest.mark.parametrize("marks", ["\ufeff\ufeff", "\ufeff# c\n\ufeff\ufeff"])
def test_any_number_of_byte_order_marks_is_none(marks: str) -> None:
    # libyaml does not count the second one, so that the end of the text was not recognised.
    (pod,) = read(f"{marks}kind: Pod\napiVersion: v1\nmetadata: {{name: a}}").objects
    assert pod.origin
    assert pod.origin.end_line == 3 + marks.count("\n")


def test_an_entry_of_a_flow_sequence_that_is_a_pair_has_its_places() -> None:
    # It starts like JSON, with a string, so its places were looked for as those of a JSON object: that raised.
    # And it has no bracket that closes it, so it was taken to end on the line before.
    reading = read('kind: PodList\napiVersion: v1\nitems: ["metadata": {\n   "labels": {\n    "a": 1}}]\n')
    assert messages(reading) == [(3, "metadata.name is missing")]
    reading = read(
        'kind: PodList\napiVersion: v1\nitems: ["metadata": {"name": a,\n   "labels": {\n    "a": 1}}]\n'
    )
    assert messages(reading) == [(5, "must be text, not the number 1: put it in quotes")]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "{kind: Pod, apiVersion: v1, metadata: {name: a}}",
            "{kind: Pod, apiVersion: v1, metadata: {name: a}}",
        ),
        (
            "{kind: PodList, apiVersion: v1, items: ['metadata': {name: a}]}",
            "{kind: PodList, apiVersion: v1, items: ['metadata': {name: a}]}",
        ),
        (
            '{"kind": "PodList", apiVersion: v1, items: ["metadata": {name: a}]}',
            '{"kind": "PodList", apiVersion: v1, items: ["metadata": {name: a}]}',
        ),
        (
            '{"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "a", "\\ud800": "x"}}',
            '    "\ud800": "x"',
        ),
    ],
    ids=["flow", "pair", "pair-with-quotes", "surrogate"],
)
def test_an_object_on_one_line_can_be_looked_at(text: str, shown: str) -> None:
    # Only JSON can be set out in lines of its own; YAML in flow style was taken for JSON, which raised. So did
    # looking for a place in JSON with half a character in it, as if it were YAML.
    evaluation = Evaluation.of(assemble(read(text)))
    row = Catalogue.of(evaluation).find(Ref("Pod", "default", "a"))
    assert row
    source = manifest(evaluation.snapshot, row, ("metadata", "name"))
    assert source
    assert shown in source.lines
    (number,) = source.highlighted
    assert "name" in source.lines[number - source.first_number]


@pytest.mark.parametrize("indent", [None, 1])
def test_what_is_in_a_json_list_in_a_list_has_its_place(indent: int | None) -> None:
    # It was given the lines of the list around all, and its fields were looked for among those of that list.
    faulty = {"metadata": {"name": "a", "labels": {"b": 1}}}
    inner = {"kind": "PodList", "apiVersion": "v1", "items": [faulty]}
    text = json.dumps({"kind": "List", "metadata": {"labels": {"b": ""}}, "items": [inner]}, indent=indent)
    reading = read(text)
    ((pod,), (problem,)) = reading.objects, reading.problems
    assert pod.origin
    assert pod.origin.at == text.rindex("{", 0, text.rindex('"metadata"'))
    assert problem.line == text.count("\n", 0, text.index('"b": 1')) + 1
    repeated_name = text.replace('"name": "a"', '"name": "a", "name": "c"')
    assert [problem.field for problem in read(repeated_name).problems] == [
        "metadata.labels.b",
        "metadata.name",
    ]


def repeated(first: str, times: int = 20, levels: int = 2) -> str:
    """A list of lists of lists of one object."""
    above = "".join(
        f"- &l{level} {{kind: List, items: [{', '.join([f'*l{level - 1}'] * times)}]}}\n"
        for level in range(1, levels + 1)
    )
    return f"kind: List\napiVersion: v1\nitems:\n- &l0 {{{first}}}\n{above}"


def test_aliases_do_not_multiply_messages() -> None:
    # Each of a few KB could stand for millions: as many copies as aliases may add, all with the same hundreds.
    reading = read(repeated(f"kind: Pod, apiVersion: v1, metadata: {{name: a}}, {'x: 1, ' * 100}"))
    assert len(reading.objects) == 1
    assert len(reading.problems) == 99
    reading = read(repeated(f"kind: PodList, apiVersion: v1, items: [{'x, ' * 10}], {'x: 1, ' * 100}"))
    assert len(reading.problems) == 109


def test_what_is_short_does_not_stand_for_what_is_long() -> None:
    # Less than 1 KB were 40,000 peers, and the policy's page took seconds; as many in a long file are fine.
    inner = f"ingress: [&r {{from: [&p {{podSelector: {{}}}}{', *p' * 199}]}}{', *r' * 199}]"
    policy = (
        f"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: a}}\nspec: {{{inner}}}\n"
    )
    ((line, message),) = messages(read(policy))
    assert line == 4
    assert message.startswith("aliases make the document larger than 1")
    pods = "".join(
        f"- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: p{number}\n    labels: *labels\n"
        for number in range(3000)
    )
    shared = ", ".join(f"l{number}: x" for number in range(30))
    reading = read(f"kind: List\nlabels: &labels {{{shared}}}\nitems:\n{pods}")
    assert not reading.problems
    assert len(reading.objects) == 3000


def test_an_object_that_aliases_repeat_counts_where_it_stands_last() -> None:
    policy = "apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: a}"
    text = f"kind: List\nitems: [&a {{{policy}}}, {{{policy}, spec: {{podSelector: {{}}}}}}, *a]\n"
    reading = read(text)
    assert [obj.ref for obj in reading.objects] == [Ref("NetworkPolicy", "default", "a")] * 2
    first, last = reading.objects
    assert isinstance(first, NetworkPolicy)
    assert first.origin
    assert last.origin
    assert first.origin.at == text.rindex("{apiVersion")
    assert last.origin.at == text.index("&a")
    # The lists that it is in tell what kind it is, so it may be several objects.
    reading = read("a: &a {metadata: {name: x}, spec: {ports: [{port: 1}]}}\nkind: List\napiVersion: v1\n"
                   "items: [{kind: PodList, apiVersion: v1, items: [*a]}, {kind: ServiceList, apiVersion: v1, items: [*a]}]\n")  # fmt: skip
    assert [obj.ref.kind for obj in reading.objects] == ["Pod", "Service"]


def test_a_key_of_thousands_of_digits_is_a_key() -> None:
    # Shown in a path it looks like the index of an entry, and no integer may have so many digits.
    key = f'a"[{"9" * 5000}]'
    value = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "labels": {key: 1}}}
    text = json.dumps(value, indent=1)
    reading = read(text)
    ((pod,), (problem,)) = reading.objects, reading.problems
    assert pod.origin
    first, last = lines(text, pod.origin, parsed_path(problem.field))
    assert first <= problem.line <= last


@pytest.mark.parametrize(
    "text",
    [f"a: *{'x' * 3000}\n", f'{{"{"x" * 3000}": 1,\n"{"x" * 3000}": 2}}', f"a: &a\n  b: *{'x' * 3000}"],
    ids=["alias", "key", "inner"],
)
def test_names_in_messages_are_cut(text: str) -> None:
    # A message is read in one line; one of thousands of characters hides all others.
    assert all(len(message) < 200 for _, message in messages(read(text)))


@pytest.mark.parametrize("length", [10, 12])
def test_a_file_of_nothing_but_nul_bytes_is_in_no_other_encoding(length: int) -> None:
    # Where the length was no multiple of four, it was called no UTF-32-BE.
    reading = files.read(["-"], stdin=lambda: b"\0" * length)
    assert messages(reading) == [(1, "a NUL byte here"), (0, "the file is empty")]


def test_what_is_no_base64_is_told_as_such() -> None:
    # Text beyond ASCII has an error of its own in the standard library, whose words came through.
    assert messages(read("a: !!binary \u00e9\n"))[-1] == (1, "not base64 text, though it is tagged !!binary")


@pytest.mark.parametrize("number", [f"{'1' * 5000}.5", f"-{'1' * 5000}e5"])
def test_a_long_number_that_is_no_integer_is_not_what_is_wrong(number: str) -> None:
    # It was gone through again from each of its digits.
    text = f'{{"a": {number},\n"b": "\\ud83d\\ude00",\n"c": NaN}}'
    assert messages(read(text, "x.json")) == [(3, "not valid JSON: NaN is no JSON value")]


@pytest.mark.parametrize("digits", ["\u00b2", "\u0663", "\uff18\uff10"])
def test_only_ascii_digits_are_a_port_number_in_quotes(digits: str) -> None:
    # The advice was to write the port without quotes, which makes no number of it.
    policy = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "a"},
        "spec": {"podSelector": {}, "ingress": [{"ports": [{"port": digits}]}]},
    }
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "a"},
        "spec": {"ports": [{"port": 80, "targetPort": digits}]},
    }
    for value in (policy, service):
        ((_, message),) = messages(read(json.dumps(value)))
        assert message == f'"{digits}" is no valid port name'
