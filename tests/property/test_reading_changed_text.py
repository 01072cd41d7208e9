"""Whatever happens to a text, reading it says something about its lines, and never raises."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from policy_core.manifests.collect import Collector

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "\U0001f600", "labels": {"a": "b"}}}
LIST = {"apiVersion": "v1", "items": [POD, POD, POD], "kind": "List"}
TEXTS = [
    *(json.dumps(LIST, indent=indent).replace('"a": "b"', '"a": "b", "a": "c"') for indent in (None, 1, 4)),
    f'{{"kind": "List", "items": [\n{json.dumps(POD)},\n{json.dumps(POD)}\n]}}\n{json.dumps(POD)}\n',
    "kind: List\nitems:\n- {a: b, a: c}\n- kind: Pod\n  apiVersion: v1\n  metadata: {name: {{ x }}}\n---#c\n"
    "%YAML\n...\n%YAML 1.1\n---\n==== START logs for x\na\n==== END logs for x\n",
]
changes = st.lists(
    st.tuples(st.integers(0, 2000), st.sampled_from([*'{}[],:"\n \\-%#x0N\t&*\ufeff', ""])),
    min_size=1,
    max_size=6,
)


@given(st.sampled_from(TEXTS), changes, st.sampled_from(["x.yaml", "x.json"]))
@settings(max_examples=400, deadline=None)
def test_no_change_to_a_text_makes_reading_raise(text: str, at: list[tuple[int, str]], file: str) -> None:
    for offset, character in at:
        offset %= len(text)
        text = text[:offset] + character + text[offset + (not character) :]
    collector = Collector()
    collector.add(file, text)
    reading = collector.reading(file)
    assert reading.objects or reading.problems or reading.other_kinds
    assert all(0 <= problem.line <= text.count("\n") + 1 for problem in reading.problems)
