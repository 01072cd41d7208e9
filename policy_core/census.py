"""How many pods the classes of a bitset have together, without looking at each class."""

from __future__ import annotations

from collections.abc import Iterable

from policy_core.classes import Bits

__all__ = ["Census"]


class Census:
    """The sizes of classes, digit by digit: for each binary digit the classes that have it in their size. So
    counting is an AND for each digit, however many the classes."""

    def __init__(self, sizes: Iterable[int]) -> None:
        """``sizes`` in the order of the classes' numbers."""
        of = list(sizes)
        length = (len(of) >> 3) + 1
        digits = [bytearray(length) for _ in range(max(of, default=0).bit_length())]
        for number, size in enumerate(of):
            byte, bit = number >> 3, 1 << (number & 7)
            digit = 0
            while size:
                if size & 1:
                    digits[digit][byte] |= bit
                size >>= 1
                digit += 1
        self._digits: tuple[Bits, ...] = tuple(int.from_bytes(each, "little") for each in digits)

    def count(self, bitset: Bits) -> int:
        return sum((bitset & having).bit_count() << digit for digit, having in enumerate(self._digits))
