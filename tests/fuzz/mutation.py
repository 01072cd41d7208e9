"""Sound manifests → manifests with something odd about them, all chance from one generator."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import yaml

from tests.fuzz.writing import as_json, as_yaml

__all__ = ["LONGEST", "mutated", "seeds"]

LONGEST = 8_000
"""Characters in an input: enough for everything, and a slow one is no fault of its length."""
_LARGEST = 5_000
"""Values in a document that is written anew: aliases may stand for any number."""

_ROOT = Path(__file__).parents[2]
_FOLDERS = ("tests/fixtures", "tests/fuzz", "tests/unit", "policy_core/sources/demo")

_FRAGMENTS = [
    *"{}[],:\"'|>-?&*!%@`#~\\\n\t\r \0",
    *("\ufeff", "\x85", "\u2028", "\u202e", "\x1b[31m", "\x7f", "\U0001f600", "\u00e9", "e\u0301", "\ud800", "\u0663"),
    *("\n---\n", "\n...\n", "---", "...", "--- |\n", "---#c\n", "%YAML 1.1\n---\n", "%TAG ! tag:x,2000:\n---\n"),
    *("&a ", "*a", "&a {<<: *a}", "<<: *a\n", "<<: ", "<<: [*a, *a]\n", "!!binary ", "!!str ", "!!int x", "!x "),
    *("? ", "- ", ": ", " #", "|\n", ">-\n", "|2\n", '"', "'", "{{ .Values.x }}", "{{- if x }}\n", "\\ud83d\\ude00"),
    *("null", "~", "y", "yes", "017", "0o17", "0x1F", "1_000", "1:30", "1e3", "1e400", ".inf", ".nan", "NaN", "-0", "=", ""),
    *("9" * 30, "9" * 4400, "-1", "65536", "80", "a" * 300, "[" * 120, "{a: " * 110, "- " * 110, " " * 50, "#\n" * 50),
    *("10.0.0.0/8", "::/0", "::ffff:1.2.3.4/96", "010.0.0.1/8", "10.0.0.1%eth0", "metadata", "spec", "items", "kind"),
    *("kind: List\nitems:\n", '{"kind": "List", "items": [', "==== START logs for x\n", "==== END logs for x\n"),
]  # fmt: skip

_VALUES: list[Any] = [
    *(None, "", "x", 0, -1, 1, 80, 65536, 2**31, 2**63, 1.5, 80.0, 1e300, True, False, [], {}, [None], [[]], {"": None}),
    *("80", "http", "TCP", "UDP", "sctp", "Ingress", "Egress", "In", "NotIn", "Exists", "None", "List", "Pod", "a/b", "a.b/c"),
    *("10.0.0.0/8", "0.0.0.0/0", "::/0", "::ffff:1.2.3.4/96", "10.0.0.1", "fe80::1", "1.2.3.4/33", "<<", "=", "a\nb", "\x1b[2J"),
    *("\u202e", "\ufeff", "\x85", "---", "- a", "{{ x }}", "y", "017", "1e3", "\U0001f600", "a" * 300, "\u0661", "\u00b2", '"]["', "\0"),
]  # fmt: skip
_NAMES = ["x", "name", "spec", "items", "kind", "labels", "podSelector", "matchLabels", "from", "to", "ports", "port",
          "endPort", "ipBlock", "except", "<<", "", "a.b/c", 'a"b', "a]b", "[0]", "\x1b", "y", "null", "1", "\u202e"]  # fmt: skip


def seeds() -> list[bytes]:
    """The documents of every manifest that the tests and the demo have, alone and together."""
    found = []
    for folder in _FOLDERS:
        for file in sorted((_ROOT / folder).rglob("*")):
            if file.suffix == ".yaml":
                text = file.read_text(encoding="utf-8")
                found += [text, *text.split("\n---\n")]
            elif file.suffix == ".json":
                value = json.loads(file.read_text(encoding="utf-8"))
                found += [json.dumps(item, indent=1) for item in [value, *(value.get("items") or ())]]
    short = [text for text in found if len(text) <= LONGEST]
    pairs = [f"{one}\n---\n{other}" for one, other in zip(short[::3], short[1::3], strict=False)]
    return [text.encode() for text in (*short, *pairs)]


def mutated(data: bytes, chance: random.Random) -> bytes:
    """``data`` with one to a few changes, to its text or to the values that it stands for."""
    text = data.decode(errors="replace")
    changed = _by_value(text, chance) if chance.random() < 0.5 else None
    if changed is None or chance.random() < 0.1:
        changed = _by_text(text if changed is None else changed, chance)
    changed = changed[:LONGEST]
    if chance.random() < 0.97:
        return changed.encode(errors=chance.choice(["surrogatepass", "replace"]))
    return changed.encode(chance.choice(["utf-16", "utf-16-le", "utf-32", "utf-8-sig"]), errors="replace")


def _by_text(text: str, chance: random.Random) -> str:
    for _ in range(chance.choice([1, 1, 2, 3, 8])):
        at, to = sorted(chance.choices(range(len(text) + 1), k=2))
        text = chance.choice(_EDITS)(text, at, to, chance)[:LONGEST]
    return text


_Edit = Callable[[str, int, int, random.Random], str]
_EDITS: list[_Edit] = [
    lambda text, at, to, chance: text[:at] + chance.choice(_FRAGMENTS) + text[at:],
    lambda text, at, to, chance: text[:at] + chance.choice(_FRAGMENTS) + text[at + 1 :],
    lambda text, at, to, chance: text[:at] + chance.choice(_FRAGMENTS) * chance.choice([2, 20, 400]) + text[at:],
    lambda text, at, to, chance: text[:at] + text[at + chance.randint(1, 9) :],
    lambda text, at, to, chance: text[:at] + text[to:],
    lambda text, at, to, chance: text[:to] + text[at:to] * chance.choice([1, 1, 30]) + text[to:],
    lambda text, at, to, chance: text[:at],
    lambda text, at, to, chance: text[:at] + text[at:to].replace("\n", chance.choice(["\n ", "\r\n", "\r", "\n\t", " ", "\n\n"])) + text[to:],
    lambda text, at, to, chance: text[:at] + text[at:to].replace(chance.choice(_SIGNS), chance.choice(_FRAGMENTS)) + text[to:],
    lambda text, at, to, chance: _line_moved(text, at, to),
]  # fmt: skip
_SIGNS = ["\n", " ", ":", ",", '"', "- ", "{", "}", "[", "]", "  "]


def _line_moved(text: str, at: int, to: int) -> str:
    lines = text.split("\n")
    lines.insert(text.count("\n", 0, to), lines.pop(text.count("\n", 0, at)))
    return "\n".join(lines)


def _by_value(text: str, chance: random.Random) -> str | None:
    """``text`` written anew with some values changed; None where it is nothing sound."""
    try:
        values = list(yaml.load_all(text, yaml.CSafeLoader))
        if not values or not isinstance(chance.choice(values), (dict, list)):
            return None
        for _ in range(chance.choice([1, 1, 2, 4])):
            holder = [chance.choice(values)]
            _change(holder, chance)
            if sum(1 for _ in islice(_places(holder), _LARGEST)) == _LARGEST:
                return None
            values[chance.randrange(len(values))] = holder[0] if holder else None
        if chance.random() < 0.2:
            values = [{"apiVersion": "v1", "kind": "List", "items": values}]
        write, marker = chance.choice([(as_json, "\n---\n"), (as_json, "\n"), (as_yaml, "\n---\n")])
        return marker.join(write(value, chance) for value in values)
    except _UNSOUND:
        return None


_UNSOUND = (yaml.YAMLError, ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError)
"""What PyYAML raises where it can make nothing of a text."""


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container below ``value``, with every key or index in it."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, child in list(steps):
        yield value, step
        yield from _places(child)


def _change(holder: list[Any], chance: random.Random) -> None:
    places = list(islice(_places(holder), _LARGEST))
    (around, step), (other, from_step) = chance.choice(places), chance.choice(places)
    match chance.randrange(8):
        case 0 | 1:
            around[step] = copy.deepcopy(chance.choice(_VALUES))
        case 2:
            around[step] = copy.deepcopy(other[from_step])
        case 3 if not any(part is around for part, _ in _places([other[from_step]])):
            around[step] = other[from_step]  # the very same: an alias, in YAML
        case 4 if isinstance(around, dict):
            around[chance.choice([*_NAMES, f"{step}s", str(step).title(), str(step)[:-1]])] = around.pop(step)
        case 5 if isinstance(around, dict):
            around[chance.choice(_NAMES)] = copy.deepcopy(chance.choice(_VALUES))
        case 6:
            del around[step]
        case _ if isinstance(around, list):
            around += [copy.deepcopy(around[step]) for _ in range(chance.choice([1, 3, 20]))]
        case _:
            for _ in range(chance.choice([1, 2, 60])):
                around[step] = chance.choice([[around[step]], {chance.choice(_NAMES): around[step]}])
