"""A text that is read in pieces gives what the reader of whole texts gives, to the letter, or is left to that."""

from __future__ import annotations

import json
import tempfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_core.manifests import locate
from policy_core.manifests.collect import Collector
from policy_core.manifests.stored_text import StoredText, UnfamiliarError
from policy_core.manifests.texts import excerpt, lines
from policy_core.model import Reading
from policy_core.sources import files

PODS = [
    {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "\U0001f600", "labels": {"a": "café€\U0001f600"}},
    },
    {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "b", "labels": {"a/b/c": 1, "x": ':\\"'}}},
    {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "c"}, "status": {"podIP": "10.0.0.256"}},
    {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "d", "namespace": "x"},
        "spec": {"containers": [{"ports": [{"containerPort": 0}, {"containerPort": 1e3}]}]},
    },
]
OTHERS: list[Any] = [
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": {"x": "[{\n---\n"}},
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}, "n": [[], {}, -1.5e-3, True, None]},
    {"apiVersion": "netpol-tui/v1", "kind": "Coverage", "resources": [{"kind": "Pod", "state": "what"}]},
    {"metadata": {"name": "of the list's kind"}, "generation": 12345678},
    {"kind": "Service"},
    {},
]
ODD: list[Any] = [{"kind": "List", "items": [PODS[0]]}, {"items": []}, {"kind": "PodList"}, 1, "x", None, []]
KINDS = ["List", "PodList", "Lists", None, 1]


def texts(items: Any, kinds: Any = st.just("List")) -> st.SearchStrategy[str]:
    """Lists, and objects one after another."""
    layout = st.tuples(st.sampled_from([None, 0, 1, "\t"]), st.booleans())

    def dumped(value: Any, layout: tuple[Any, bool]) -> str:
        return json.dumps(value, indent=layout[0], ensure_ascii=layout[1])

    def listed(kind: Any, items: list[Any], layout: tuple[Any, bool], order: list[str]) -> str:
        every = {"apiVersion": "v1", "items": items, "kind": kind, "metadata": {"resourceVersion": ""}}
        return dumped({name: every[name] for name in order if every[name] is not None}, layout)

    orders = st.permutations(["apiVersion", "items", "kind", "metadata"])
    lists = st.builds(listed, kinds, st.lists(items, max_size=4), layout, orders)
    return st.lists(lists | st.builds(dumped, items, layout), min_size=1, max_size=2).map("\n".join)


sound = texts(st.sampled_from(PODS + OTHERS))
odd = texts(st.sampled_from(PODS + OTHERS + ODD), st.sampled_from(KINDS))
repeats = st.sampled_from(["", '"kind":', '"name":', '"items":', '"a":'])
changes = st.lists(
    st.tuples(
        st.integers(0, 3000), st.sampled_from([*'{}[],:"\n \\-#0N\t\r\0\ufeff\u2028', ', "kind": "List"', ""])
    ),
    max_size=3,
)
blocks = st.integers(1, 60) | st.integers(60, 3000)


def in_pieces(data: bytes, block: int) -> Reading | None:
    """None where the text is unfamiliar."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  (the text closes it)
    file.write(data)
    file.flush()
    collector = Collector()
    try:
        collector.add_stored("<stdin>", StoredText(file, block))
    except UnfamiliarError:
        assert collector.reading("<stdin>") == Collector().reading("<stdin>")
        return None
    return collector.reading("<stdin>")


def check_equal(found: Reading, data: bytes) -> None:
    whole = files.read(["-"], stdin=lambda: data)
    assert found == whole
    for obj in found.objects:
        assert obj.origin
        assert obj.origin.at is not None
        own, text = excerpt(found.texts, obj.origin).text, whole.texts["<stdin>"]
        assert own.removesuffix(",").lstrip(" \t") in text[obj.origin.at :]
        assert own.removesuffix(",") in text
        for path in paths(json.loads(own.removesuffix(","))):
            assert lines(found.texts, obj.origin, path) == locate.lines(text, obj.origin, path), path


def paths(value: Any, above: locate.Path = ()) -> list[locate.Path]:
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [above, *(path for step, below in steps for path in paths(below, (*above, step)))]


@given(sound, blocks)
@settings(deadline=None)
def test_what_is_sound_is_read_in_pieces(text: str, block: int) -> None:
    found = in_pieces(text.encode(), block)
    assert found is not None
    check_equal(found, text.encode())


@given(sound | odd, repeats, changes, blocks)
@settings(deadline=None)
def test_what_is_odd_is_read_alike_or_left_to_the_other_reader(
    text: str, key: str, at: list[tuple[int, str]], block: int
) -> None:
    if key:
        text = text.replace(key, f'{key} "x", {key}', 1)
    for offset, part in at:
        offset %= len(text) + 1
        text = text[:offset] + part + text[offset + (not part) :]
    data = text.encode()
    found = in_pieces(data, block)
    if found is not None:
        check_equal(found, data)


BARE = {"metadata": {"name": "x"}}
DEEP = json.loads("[" * 97 + "]" * 97)


@pytest.mark.parametrize(
    ("value", "familiar"),
    [
        ({"kind": "PodList", "apiVersion": "v1", "items": [BARE]}, True),
        ({"apiVersion": "v1", "items": [BARE], "kind": "PodList"}, False),
        ({"items": [BARE], "apiVersion": "v1", "kind": "List"}, True),
        ({"kind": "List", "items": [{"kind": "List", "items": [PODS[0]]}]}, False),
        ({"kind": "List", "items": [{"kind": "PodList", "apiVersion": "v1"}]}, False),
        ({"kind": "Pod", "items": [PODS[0]]}, False),
        ({"kind": "List", "items": [{**PODS[0], "spec": DEEP}]}, True),
        ({"kind": "List", "items": [{**PODS[0], "spec": [DEEP]}]}, False),
        ({**PODS[0], "spec": [DEEP]}, True),
        ({**PODS[0], "spec": [[DEEP]]}, True),
        ({**PODS[0], "spec": [[[DEEP]]]}, False),
    ],
)
def test_what_is_familiar(value: Any, familiar: bool) -> None:
    data = json.dumps(value).encode()
    found = in_pieces(data, 50)
    assert (found is not None) == familiar
    if found is not None:
        assert found == files.read(["-"], stdin=lambda: data)
