"""How large and how deep a document may be once its aliases are followed."""

from __future__ import annotations

from typing import Any

__all__ = ["MAX_ALIASED", "MAX_DEPTH", "Budget", "extent"]

MAX_DEPTH = 100
"""Levels of nesting; real manifests stay below 30."""
MAX_ALIASED = 200_000
_ALIASED_AT_LEAST = 10_000
"""Values that the aliases of one document may add. They share their memory, but reading and showing them
takes time: what is short must not stand for what is long."""


def extent(value: Any, most: int | None = None) -> tuple[int, int]:
    """The number of values in ``value`` and its depth, level by level; stops after more than ``most`` values
    or more than :data:`MAX_DEPTH` levels."""
    level = [value] if isinstance(value, (dict, list)) else []
    size, depth = 1, 0
    while level and depth <= MAX_DEPTH and (most is None or size <= most):
        depth += 1
        children = [child for node in level for child in (node.values() if type(node) is dict else node)]
        size += len(children)
        level = [child for child in children if type(child) is dict or type(child) is list]
    return size, depth


class Budget:
    """What the aliases of a document of ``length`` characters may still add."""

    __slots__ = ("left", "most")

    def __init__(self, length: int) -> None:
        self.most = self.left = min(_ALIASED_AT_LEAST + length, MAX_ALIASED)

    def spend(self, value: Any, at_depth: int) -> str:
        """Count what an alias to ``value`` adds; says what is too much, or nothing."""
        size, depth = extent(value, self.left)
        self.left -= size
        if self.left < 0:
            return f"the document larger than {self.most:,} values"
        if at_depth + depth > MAX_DEPTH:
            return f"the document nest more than {MAX_DEPTH} levels deep"
        return ""
