"""A set cut into the parts that no other set can tell apart."""

from __future__ import annotations

from collections.abc import Iterable

from policy_core.classes import Bits

__all__ = ["blocks"]


def blocks(universe: Bits, bitsets: Iterable[Bits]) -> list[Bits]:
    """The parts of ``universe``, disjoint and none empty, each wholly inside or outside every one of
    ``bitsets``."""
    found = [universe] if universe else []
    for bitset in bitsets:
        parts = []
        for block in found:
            inside = block & bitset
            if inside == block or not inside:
                parts.append(block)
            else:
                parts += (inside, block ^ inside)
        found = parts
    return found
