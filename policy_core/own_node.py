"""What a pod's own node adds to the connectivity matrix: its traffic is let in whatever policy says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from policy_core.classes import bitset_of
from policy_core.column import EVERYTHING, Allowed, Column, column
from policy_core.index import Bits
from policy_core.matrix_classes import MatrixClass, MatrixClasses
from policy_core.ports import ALL_PORTS, NO_PORTS

__all__ = ["Hosts", "Own"]


class Own(NamedTuple):
    """The sources that are on the nodes of a destination's pods, disjoint."""

    everywhere: Bits
    """On the node of all of them."""
    some: Bits
    """On the nodes of some of them."""
    perhaps: Bits
    """Sources of which, or of pods of which, the node is not known."""

    @property
    def every(self) -> Bits:
        return self.everywhere | self.some | self.perhaps

    def widen(self, found: Column) -> Column:
        """A column as policy has it with these sources taken into account."""
        return column((*self._parts(found), (EVERYTHING, self.everywhere)))

    def of(self, found: Column) -> Column:
        """What :meth:`widen` makes of these sources alone."""
        return self.widen(tuple((allowed, sources & self.every) for allowed, sources in found))

    def _parts(self, found: Column) -> Iterator[tuple[Allowed, Bits]]:
        """The parts of a column, and what the sources in none of them have instead of nothing."""
        _, some, perhaps = self
        every, denied = self.every, some | perhaps
        for allowed, sources in found:
            there = sources & every
            if not there:
                yield allowed, sources
                continue
            denied &= ~there
            yield allowed, sources ^ there
            yield _some(allowed), there & some
            yield _perhaps(allowed), there & perhaps
        yield _some(Allowed(NO_PORTS)), denied & some
        yield _perhaps(Allowed(NO_PORTS)), denied & perhaps


class Hosts:
    """The classes that use a node's network: whatever policy says, they are let in to the pods of that node.
    No policy isolates them, so to be let in is all that they need."""

    def __init__(self, classes: MatrixClasses) -> None:
        by_node: dict[str, list[int]] = defaultdict(list)
        for each in classes.every:
            if each.host_network:
                by_node[each.pods[0].node].append(each.number)
        self.every: Bits = bitset_of(chain.from_iterable(by_node.values()))
        self._unknown = bitset_of(by_node.pop("", ()))
        self._by_node: Mapping[str, Sequence[int]] = by_node

    def own(self, destination: MatrixClass, common: Bits) -> Own | None:
        """Whom an isolated class lets in for where they are. Only sources in ``common`` can speak to it at
        all. None: nobody."""
        if not self.every & common:
            return None
        nodes = {pod.node for pod in destination.pods}
        on_some_node = bitset_of(chain.from_iterable(self._by_node.get(node, ()) for node in nodes))
        perhaps = (self.every if "" in nodes else self._unknown) & common
        everywhere = on_some_node & common if len(nodes) == 1 and not perhaps & on_some_node else 0
        some = on_some_node & common & ~everywhere & ~perhaps
        return Own(everywhere, some, perhaps) if everywhere or some or perhaps else None


@lru_cache(maxsize=1024)
def _some(allowed: Allowed) -> Allowed:
    """Some of the destination's pods let in everything, the others what policy says."""
    return Allowed(allowed.ports, ALL_PORTS - allowed.ports - allowed.unknown, allowed.unknown)


@lru_cache(maxsize=1024)
def _perhaps(allowed: Allowed) -> Allowed:
    """Perhaps the destination is on the source's own node."""
    return Allowed(allowed.ports, NO_PORTS, ALL_PORTS - allowed.ports)
