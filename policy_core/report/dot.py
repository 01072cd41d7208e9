"""Words of Graphviz's language."""

from __future__ import annotations

from policy_core.printable import printable

__all__ = ["edge", "quoted"]


def edge(tail: str, head: str, *attributes: str) -> str:
    return f"  {tail} -> {head} [{', '.join(filter(None, attributes))}];\n"


def quoted(text: str) -> str:
    """A string that is taken literally: Graphviz reads a backslash in a label as the start of an escape."""
    escaped = printable(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
