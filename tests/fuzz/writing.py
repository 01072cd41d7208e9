"""A value → text, in all the ways in which it can be written."""

from __future__ import annotations

import json
import random
from typing import Any

import yaml

__all__ = ["as_aliases", "as_json", "as_yaml", "shuffled"]


class _Dumper(yaml.CSafeDumper):
    """Quotes every string: what a plain one means is another question."""


class _Merge(str):
    """The key of a mapping that is merged into the one around it."""


_Dumper.add_representer(_Merge, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:merge", "<<"))
_Dumper.add_representer(
    str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')
)


def as_yaml(value: Any, chance: random.Random) -> str:
    """In block or flow style. Where parts of ``value`` are one and the same, they are anchors and aliases."""
    flow, width = chance.choice([True, False, None]), chance.choice([60, 10**6])
    return yaml.dump(
        value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=flow, width=width
    )


def as_aliases(value: Any, chance: random.Random) -> str:
    """In YAML with everything that is there twice written once, and now and then in a mapping of its own."""
    known: dict[str, Any] = {}

    def once(part: Any) -> Any:
        return known.setdefault(json.dumps(part), part)

    def shared(part: Any) -> Any:
        if isinstance(part, list):
            return once([shared(item) for item in part])
        if not isinstance(part, dict):
            return part
        items = [(key, shared(item)) for key, item in part.items()]
        cut = chance.randrange(len(items) + 1) if chance.random() < 0.3 else 0
        merged = {_Merge("merged"): once(dict(items[:cut]))} if cut else {}
        return once({**merged, **dict(items[cut:])})

    return as_yaml(shared(value), chance)


def as_json(value: Any, chance: random.Random) -> str:
    return json.dumps(value, indent=chance.choice([None, 1, 4]), ensure_ascii=chance.choice([True, False]))


def shuffled(value: Any, chance: random.Random) -> Any:
    """``value`` with the keys of its mappings in any order, which means nothing."""
    if isinstance(value, list):
        return [shuffled(item, chance) for item in value]
    if isinstance(value, dict):
        return {key: shuffled(value[key], chance) for key in chance.sample([*value], len(value))}
    return value
