"""Plain values → YAML that reads back as the same values, here and in the API server."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import yaml

from policy_core.manifests.scalars import resolve

__all__ = ["line_count", "yaml_documents", "yaml_text"]

_NEVER_FOLD = 1 << 30
_LONGEST_KEY = 120
"""Characters; the writer sets longer keys on lines of their own."""


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc] # chosen at run time
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: Any, text: str) -> Any:
    # PyYAML knows fewer words and numbers than the API server's reader, which would take y for a boolean.
    plain = isinstance(resolve(text), str) and text.isprintable()
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


_Dumper.add_representer(str, _text)


def yaml_text(value: Any, *, short: bool = False) -> str:
    """One document in block style, a scalar a line; ``short``: lists and mappings of scalars on one line."""
    return str(_dump([value], default_flow_style=None if short else False))


def yaml_documents(values: Any) -> str:
    """One document after another, each with its marker."""
    return str(_dump(values, explicit_start=True))


def _dump(values: Any, **how: Any) -> Any:
    how = {"default_flow_style": False, "sort_keys": False, "allow_unicode": True, **how}
    return yaml.dump_all(values, Dumper=_Dumper, width=_NEVER_FOLD, **how)


def line_count(value: Any) -> int:
    """How many lines :func:`yaml_text` makes of a mapping or list, without making them."""
    found = _lines(value)
    return yaml_text(value).count("\n") if found is None else found


def _lines(value: Any) -> int | None:
    """None where the writer has to be asked."""
    if type(value) is dict:
        inners: Iterable[Any] = value.values()
        if not _short_keys(value):
            return None
        total = len(value)  # each key has a line: its value's, or its own above those of what is in it
    elif type(value) is list:
        # A mapping or list begins in the line of the item that it is.
        inners, total = value, sum(1 for item in value if not (item and type(item) in _NESTING))
    else:
        return 1
    for inner in inners:
        if inner and type(inner) in _NESTING:
            lines = _lines(inner)
            if lines is None:
                return None
            total += lines
    return total or 1


_NESTING = frozenset((dict, list))


def _short_keys(value: dict[Any, Any]) -> bool:
    """Whether the writer sets every key on the line of its value."""
    try:
        joined = "".join(value)
    except TypeError:  # one is no text
        return False
    return joined.isprintable() and (len(joined) <= _LONGEST_KEY or max(map(len, value)) <= _LONGEST_KEY)
