"""What is for some classes each, seen from one class: a question that is asked of each class of many."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import compress
from typing import Generic, TypeVar

from policy_core.classes import Bits

T = TypeVar("T")

__all__ = ["Concern"]


class Concern(Generic[T]):
    """One bit of a long int costs a copy of the int, one of its bytes costs nothing."""

    def __init__(self, concerned: Iterable[tuple[T, Bits]], classes: int) -> None:
        """Things, in order, each with the classes that it is for; ``classes`` is how many there are."""
        found = [(each, bitset) for each, bitset in concerned if bitset]
        self._things = [each for each, _ in found]
        self._bytes = [bitset.to_bytes(classes + 7 >> 3, "little") for _, bitset in found]

    def profile(self, number: int) -> bytes:
        """Equal for classes that the same things are for; all 0 where there are none."""
        at, bit = number >> 3, number & 7
        return bytes([each[at] >> bit & 1 for each in self._bytes])

    def of(self, number: int) -> tuple[T, ...]:
        """The things for one class."""
        return tuple(compress(self._things, self.profile(number)))
