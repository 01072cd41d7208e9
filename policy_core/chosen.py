"""The items that a bitset chooses from a list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import compress
from typing import TypeVar

from policy_core.classes import Bits, bits

__all__ = ["chosen"]

T = TypeVar("T")
_MEMBERSHIP = bytes.maketrans(b"01", b"\x00\x01")
_DENSE = 8
"""Where one in so many is chosen, to look at all of them takes no longer than to find out where these are."""


def chosen(items: Sequence[T], bitset: Bits) -> Iterator[T]:
    """The items whose positions are in a bitset, in order; fast for many."""
    if bitset.bit_count() * _DENSE < len(items):
        return map(items.__getitem__, bits(bitset))
    return compress(items, f"{bitset:b}"[::-1].encode().translate(_MEMBERSHIP))
