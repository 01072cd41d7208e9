"""Every field of every kind, with something else put in its place: no more than one message, at its place."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from policy_core.manifests.collect import Collector

Steps = tuple[Any, ...]

OBJECTS = list(yaml.load_all(Path(__file__).with_name("every_kind.yaml").read_text(), yaml.CSafeLoader))
NEIGHBOUR = "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n"
ANYTHING = [
    None,
    "",
    "text",
    "\x1b[31m",
    12,
    -1,
    70000,
    1.5,
    float("inf"),
    True,
    [],
    [None],
    [[]],
    ["x"],
    {},
    {"x": None},
]
NOT_READ = {
    ("status", "podIP"), ("status", "hostIP"),  # where there is the plural
    ("metadata", "ownerReferences", 0, "apiVersion"),
    ("spec", "tls", 0, "hosts"),
    ("spec", "tls", 0, "hosts", 0),
    ("spec", "tls", 0),
    ("spec", "rules", 0, "backendRefs", 0, "weight"),
    ("spec", "rules", 0, "http", "paths", 0, "path"),
}  # fmt: skip


def paths(value: Any, path: Steps = ()) -> Iterator[Steps]:
    if path:
        yield path
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for step, child in children:
        yield from paths(child, (*path, step))


def swapped(value: Any, path: Steps, instead: Any) -> tuple[Any, Any]:
    """``value`` with ``instead`` at ``path``, and what was there."""
    result = around = copy.deepcopy(value)
    for step in path[:-1]:
        around = around[step]
    before, around[path[-1]] = around[path[-1]], instead
    return result, before


def lines(text: str, path: Steps) -> tuple[int, int]:
    """The first and the last line of what is around ``path``, from 1."""
    key = node = around = yaml.compose(text, yaml.CSafeLoader)
    first = 0
    for step in path:
        first, around = key.start_mark.line, node
        if isinstance(step, int):
            key = node = node.value[step]
        else:
            key, node = next(pair for pair in node.value if pair[0].value == step)
    return first + 1, around.end_mark.line + 1


def must_be_noted(path: Steps, before: Any, instead: Any) -> bool:
    if (
        path in NOT_READ
        or (path[-1] == "name" and "containers" in path[-3:])
        or path[-3:-1] == ("initContainers", 0)
    ):
        return False
    if isinstance(before, (dict, list)):
        return isinstance(instead, (str, int, float)) and instead != ""
    return isinstance(instead, (list, dict)) or (
        isinstance(before, str) and isinstance(instead, (bool, float))
    )


@pytest.mark.parametrize("sound", OBJECTS, ids=[value["kind"] for value in OBJECTS])
def test_whatever_is_put_in_place_of_a_field_is_one_message_at_its_place(sound: dict[str, Any]) -> None:
    for path in paths(sound):
        for instead in ANYTHING:
            value, before = swapped(sound, path, instead)
            text = yaml.dump(value, Dumper=yaml.CSafeDumper, sort_keys=False)
            collector = Collector()
            collector.add("x.yaml", f"{NEIGHBOUR}---\n{text}---\n{NEIGHBOUR}")
            reading = collector.reading("x")
            case = (path, instead, [str(problem) for problem in reading.problems])
            assert {reading.objects[0].ref.name, reading.objects[-1].ref.name} == {"x"}, case
            assert len(reading.problems) <= 1, case
            assert reading.problems or not must_be_noted(path, before, instead), case
            first, last = lines(text, path)
            assert all(first <= problem.line - 4 <= last for problem in reading.problems), case
