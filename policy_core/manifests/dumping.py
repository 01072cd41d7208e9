"""Plain values → YAML that reads back as the same values, here and in the API server."""

from __future__ import annotations

from typing import Any

import yaml

from policy_core.manifests.scalars import resolve

__all__ = ["yaml_documents", "yaml_text"]

_NEVER_FOLD = 1 << 30


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
