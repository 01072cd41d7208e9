"""However a value is written, the same is read."""

from __future__ import annotations

import json
import random
import re
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from policy_core.manifests.collect import Collector
from policy_core.manifests.extent import MAX_DEPTH, extent
from policy_core.model import Reading
from tests.fuzz.writing import as_aliases, as_json, as_yaml, shuffled

__all__ = ["check_renderings"]

_PLACE = re.compile(r"\bx\.yaml:\d+")


def check_renderings(text: str) -> None:
    """Where ``text`` is JSON, the same value in YAML gives the same objects and problems."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return
    depth = extent(value)[1]
    if not isinstance(value, (dict, list)) or depth > MAX_DEPTH or not all(map(_alike, _parts(value))):
        return
    chance = random.Random(len(text))
    one = _comparable(_read(as_json(value, chance)))
    other = _comparable(_read(as_json(shuffled(value, chance), chance)))
    assert one == other, f"the order of keys counts:\n{one}\n{other}"
    # What is merged into a mapping is one level deeper.
    for write in (as_yaml, as_aliases) if depth * 2 <= MAX_DEPTH else (as_yaml,):
        other = _comparable(_read(write(value, chance)))
        assert one == other, f"JSON and YAML differ:\n{one}\n{other}"


def _read(text: str) -> Reading:
    collector = Collector()
    collector.add("x.yaml", text)
    return collector.reading("x")


def _parts(value: Any) -> Iterator[Any]:
    pending = [value]
    while pending:
        part = pending.pop()
        yield part
        if isinstance(part, dict):
            pending += [*part, *part.values()]
        elif isinstance(part, list):
            pending += part


def _alike(value: Any) -> bool:
    """Whether YAML and JSON have the same of it: only JSON knows surrogates and integers beyond 64 bits."""
    match value:
        case str():
            return value.isprintable() or not re.search("[\ud800-\udfff\x85\u2028\u2029\ufeff\x7f]", value)
        case int():
            return -(2**63) <= value < 2**64
        case float():
            return abs(value) <= sys.float_info.max
    return True


def _comparable(reading: Reading) -> list[list[str]]:
    """What it says, wherever it stands, once: an object that aliases repeat is read once, where it is last."""
    objects = reversed([_PLACE.sub("", str(_plain(obj))) for obj in reading.objects])
    problems = {_PLACE.sub("", f"{p.severity} {p.subject} {p.field}: {p.message}") for p in reading.problems}
    return [list(dict.fromkeys(objects)), sorted(problems), sorted(reading.other_kinds)]


def _plain(value: Any) -> Any:
    """``value`` without places, and without what depends on the order of keys: which flaw of a selector is the
    one that it tells."""
    if is_dataclass(value):
        parts = {field.name: getattr(value, field.name) for field in fields(value) if field.name != "origin"}
        return [type(value).__name__, _plain({**parts, "invalid": bool(parts.get("invalid"))})]
    if isinstance(value, dict):
        return sorted((key, _plain(part)) for key, part in value.items())
    if isinstance(value, (tuple, frozenset)):
        return [*map(_plain, sorted(value) if isinstance(value, frozenset) else value)]
    return value
