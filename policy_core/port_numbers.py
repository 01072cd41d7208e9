"""Port sets by number: the same few occur all over, and a number is cheap to look up."""

from __future__ import annotations

from policy_core.classes import bits
from policy_core.intervals import cut
from policy_core.ports import ALL_PORTS, PortSet

__all__ = ["PortNumbers"]


class PortNumbers:
    def __init__(self) -> None:
        self.sets: list[PortSet] = []
        self._numbers: dict[PortSet, int] = {}
        self._pieces: dict[frozenset[int], tuple[tuple[PortSet, tuple[int, ...]], ...]] = {}
        self.all = self.number(ALL_PORTS)

    def number(self, ports: PortSet) -> int:
        found = self._numbers.setdefault(ports, len(self.sets))
        if found == len(self.sets):
            self.sets.append(ports)
        return found

    def pieces(self, numbers: frozenset[int]) -> tuple[tuple[PortSet, tuple[int, ...]], ...]:
        """The ports that lie in the same of these sets, together, and the numbers of those sets."""
        found = self._pieces.get(numbers)
        if found is None:
            ordered = sorted(numbers)
            found = self._pieces[numbers] = tuple(
                (PortSet(line), tuple(ordered[position] for position in bits(within)))
                for within, line in cut([self.sets[number].line for number in ordered]).items()
            )
        return found
