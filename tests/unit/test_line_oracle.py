"""In whatever style objects are written, a fault has the line that a search for it in the text has."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from policy_core.manifests import locate
from policy_core.manifests.collect import Collector
from policy_core.model import NetworkPolicy

FAULT = 424242
OBJECTS = list(yaml.load_all(Path(__file__).with_name("every_kind.yaml").read_text(), yaml.CSafeLoader))
Style = Callable[[list[dict[str, Any]], random.Random], str]


def dumped(value: Any, **options: Any) -> str:
    return yaml.dump(value, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, **options)


def blocks(values: list[dict[str, Any]], chance: random.Random) -> str:
    markers = ["---", "--- # c", "...\n---"]
    return "".join(f"{chance.choice(markers)}\n{dumped(value)}# c\n\n" for value in values)


def flows(values: list[dict[str, Any]], chance: random.Random) -> str:
    return "---\n".join(dumped(value, default_flow_style=True, width=60) for value in values)


def block_list(values: list[dict[str, Any]], chance: random.Random) -> str:
    items = [dumped(value, default_flow_style=chance.choice([True, False])) for value in values]
    return "kind: List\napiVersion: v1\nitems:\n" + "".join(
        "- " + item.rstrip("\n").replace("\n", "\n  ") + "\n\n" for item in items
    )


def flow_list(values: list[dict[str, Any]], chance: random.Random) -> str:
    return dumped({"kind": "List", "items": values}, default_flow_style=True, width=60)


def json_stream(values: list[dict[str, Any]], chance: random.Random) -> str:
    return chance.choice(["\n", " ", "\n---\n"]).join(in_json(value, chance) for value in values)


def json_list(values: list[dict[str, Any]], chance: random.Random) -> str:
    return in_json({"apiVersion": "v1", "items": values, "kind": "List"}, chance)


def json_items(values: list[dict[str, Any]], chance: random.Random) -> str:
    return f'{{"kind": "List", "items": [{",".join(in_json(value, chance) for value in values)}]}}'


def in_json(value: Any, chance: random.Random) -> str:
    return json.dumps(value, indent=chance.choice([None, 1, "\t"]), ensure_ascii=chance.choice([True, False]))


def faulty(value: dict[str, Any], number: int, chance: random.Random) -> dict[str, Any]:
    """``value`` with one label that is a number, its fields in any order and text that is hard to count in."""
    noise = chance.choice(["line 1\nline 2\n\n# 3", "---\nx", "{{ x }}", "caf\u00e9", "\\n\"'"])
    labels = [*value["metadata"].get("labels", {}).items(), (chance.choice(["a.b/c-d", "z"]), FAULT)]
    chance.shuffle(labels)
    metadata = {
        **value["metadata"],
        # There is one of these only, and it has one name.
        "name": "default" if value["kind"].startswith("Baseline") else f"n{number}",
        "labels": dict(labels),
        "annotations": {"n": noise},
    }
    fields = list({**value, "metadata": dict(chance.sample(list(metadata.items()), len(metadata)))}.items())
    return dict(chance.sample(fields, len(fields)))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("style", [blocks, flows, block_list, flow_list, json_stream, json_list, json_items])
def test_a_fault_has_the_line_that_it_stands_on(style: Style, end: str) -> None:
    for seed in range(20):
        chance = random.Random(seed)
        text = style([faulty(value, n, chance) for n, value in enumerate(chance.sample(OBJECTS, 3))], chance)
        expected = [n for n, line in enumerate(text.split("\n"), 1) for _ in range(line.count(str(FAULT)))]
        collector = Collector()
        collector.add("x.yaml", text.replace("\n", end))
        reading = collector.reading("x")
        assert [problem.line for problem in reading.problems] == expected, (seed, text)
        assert all(f"not the number {FAULT}" in problem.message for problem in reading.problems)


def test_thousands_of_faulty_objects_on_one_line_are_not_parsed_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def parse(*_: Any) -> None:
        raise AssertionError("parsed for its places")

    monkeypatch.setattr(locate, "json_place", parse)
    monkeypatch.setattr(locate, "yaml_place", parse)
    policy = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "spec": {"ingress": [{"from": [{"ipBlock": {"cidr": "10.0.0.1/8"}}]}]},
    }
    items = [{**policy, "metadata": {"name": f"p{n}"}} for n in range(3000)]
    collector = Collector()
    collector.add("x.json", json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
    reading = collector.reading("x")
    assert sum(isinstance(found, NetworkPolicy) for found in reading.objects) == len(reading.problems) == 3000


def test_an_object_is_parsed_once_for_the_places_of_all_its_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = []
    place = locate.yaml_place

    def counted(text: str, line: int) -> Any:
        parsed.append(line)
        return place(text, line)

    monkeypatch.setattr(locate, "yaml_place", counted)
    labels = "".join(f"    l{n}: {n}\n" for n in range(2000))
    collector = Collector()
    collector.add("x.yaml", f"apiVersion: v1\nkind: Pod\nmetadata:\n  name: once\n  labels:\n{labels}")
    assert [problem.line for problem in collector.reading("x").problems] == list(range(6, 2006))
    assert len(parsed) == 1
