"""Plain values → YAML that reads back as the same values, here and in the API server."""

from __future__ import annotations

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
    if type(value) is dict and value:
        total = 0
        for key, inner in value.items():
            if type(key) is not str or len(key) > _LONGEST_KEY or not key.isprintable():
                return None
            lines = _lines(inner)
            if lines is None:
                return None
            total += lines + ((type(inner) is dict or type(inner) is list) and bool(inner))
        return total
    if type(value) is list and value:
        total = 0
        for item in value:
            lines = _lines(item)
            if lines is None:
                return None
            total += lines
        return total
    return 1
