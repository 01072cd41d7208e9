"""How many pairs of the connectivity matrix are open, by the namespaces of both ends.

Thousands of destinations have the same sources: these are counted by namespace once, and the counts are put
side by side in one long number, so that adding them up for many destinations is to add such numbers.
"""

from __future__ import annotations

import sys
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence

from policy_core.chosen import chosen
from policy_core.column import Allowed, Column
from policy_core.connectivity import Connectivity
from policy_core.index import Bits, bits
from policy_core.own_node import Own

__all__ = ["open_pairs"]

_FEW = 32
"""So many classes are counted one by one: hardly any other destination has just the same ones."""
_LANE = "Q"
_Row = tuple[str, int]
"""A destination namespace and a kind of what is allowed."""


def open_pairs(
    found: Connectivity, namespaces: Sequence[str], kind: Callable[[Allowed], int]
) -> Mapping[_Row, Sequence[int]]:
    """Under each destination namespace and kind of what is allowed the pairs from each source namespace, in
    the order of ``namespaces``, where there are some. A single pod's own pair is not counted."""
    pairs = _Pairs(found, namespaces, kind)
    for each in found.classes:
        name, own_bit = each.namespace, 1 << each.number if each.single else 0
        column, own = found.columns.apart(each.number)
        pairs.add(name, column, 1)
        if own_bit:
            pairs.add(name, _within(column, own_bit), -1)
        if own and (own := Own(*(sources & ~own_bit for sources in own))):
            pairs.add(name, _within(column, own.every), -1)
            pairs.add(name, own.of(column), 1)
    return pairs.rows()


def _within(column: Column, classes: Bits) -> Column:
    return tuple((allowed, there) for allowed, sources in column if (there := sources & classes))


class _Pairs:
    def __init__(
        self, found: Connectivity, namespaces: Sequence[str], kind: Callable[[Allowed], int]
    ) -> None:
        places = {name: place for place, name in enumerate(namespaces)}
        self._place = [places[each.namespace] for each in found.classes]
        self._lanes = len(places)
        self._kind = kind
        self._few: dict[_Row, Counter[int]] = defaultdict(Counter)
        self._many: dict[Bits, Counter[_Row]] = defaultdict(Counter)

    def add(self, destination: str, column: Column, times: int) -> None:
        for allowed, sources in column:
            row = destination, self._kind(allowed)
            if sources.bit_count() > _FEW:
                self._many[sources][row] += times
            else:
                for number in bits(sources):
                    self._few[row][self._place[number]] += times

    def rows(self) -> dict[_Row, Sequence[int]]:
        sums: dict[_Row, int] = defaultdict(int)
        for sources, rows in self._many.items():
            packed = self._packed(Counter(chosen(self._place, sources)))
            for row, times in rows.items():
                # What is below 0 on the way borrows from the next lane, and gives back.
                sums[row] += times * packed
        for row, few in self._few.items():
            sums[row] += self._packed(+few) - self._packed(-few)
        return {row: self._unpacked(packed) for row, packed in sums.items()}

    def _packed(self, counts: Mapping[int, int]) -> int:
        lanes = array(_LANE, bytes(array(_LANE).itemsize * self._lanes))
        for place, number in counts.items():
            lanes[place] = number
        return int.from_bytes(_little(lanes).tobytes(), "little")

    def _unpacked(self, packed: int) -> array[int]:
        return _little(array(_LANE, packed.to_bytes(array(_LANE).itemsize * self._lanes, "little")))


def _little(lanes: array[int]) -> array[int]:
    """The first lane is the lowest, whichever way the machine has its bytes."""
    if sys.byteorder == "big":
        lanes.byteswap()
    return lanes
