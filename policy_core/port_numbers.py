"""Port sets by number: the same few occur all over, and a number is cheap to look up."""

from __future__ import annotations

from policy_core.classes import bits
from policy_core.intervals import cut
from policy_core.numbered import Numbered
from policy_core.ports import PortSet

__all__ = ["PortNumbers"]


class PortNumbers(Numbered[PortSet]):
    def __init__(self) -> None:
        super().__init__()
        self._pieces: dict[frozenset[int], tuple[tuple[PortSet, tuple[int, ...]], ...]] = {}

    def pieces(self, numbers: frozenset[int]) -> tuple[tuple[PortSet, tuple[int, ...]], ...]:
        """The ports that lie in the same of these sets, together, and the numbers of those sets."""
        found = self._pieces.get(numbers)
        if found is None:
            ordered = sorted(numbers)
            found = self._pieces[numbers] = tuple(
                (PortSet(line), tuple(ordered[position] for position in bits(within)))
                for within, line in cut([self.listed[number].line for number in ordered]).items()
            )
        return found
