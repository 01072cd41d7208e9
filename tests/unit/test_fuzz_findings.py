"""What fuzzing has found, each as small as it got, with what was wrong about it."""

from __future__ import annotations

import json

import pytest

from policy_core.manifests.collect import Collector
from policy_core.manifests.locate import lines, parsed_path
from policy_core.model import Origin, Reading


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


@pytest.mark.parametrize("number", [f"{'1' * 5000}.5", f"-{'1' * 5000}e5"])
def test_a_long_number_that_is_no_integer_is_not_what_is_wrong(number: str) -> None:
    # It was gone through again from each of its digits.
    text = f'{{"a": {number},\n"b": "\\ud83d\\ude00",\n"c": NaN}}'
    assert messages(read(text, "x.json")) == [(3, "not valid JSON: NaN is no JSON value")]
