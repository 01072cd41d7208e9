"""What a pod's own node adds to the connectivity matrix: its traffic is let in whatever policy says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from policy_core.column import EVERYTHING, Allowed, Column, column
from policy_core.index import Bits
from policy_core.matrix_classes import MatrixClass, MatrixClasses
from policy_core.ports import ALL_PORTS, NO_PORTS

__all__ = ["Hosts"]


class Hosts:
    """The classes that use a node's network: whatever policy says, they are let in to the pods of that node.
    No policy isolates them, so to be let in is all that they need."""

    def __init__(self, classes: MatrixClasses) -> None:
        by_node: dict[str, Bits] = defaultdict(int)
        self.every: Bits = 0
        for each in classes.every:
            if each.host_network:
                by_node[each.pods[0].node] |= 1 << each.number
                self.every |= 1 << each.number
        self._unknown = by_node.pop("", 0)
        self._by_node = dict(by_node)

    def let_in(self, found: Column, destination: MatrixClass, common: Bits) -> Column:
        """The column of an isolated class with its pods' own nodes taken into account. Only sources in
        ``common`` can speak to it at all."""
        if not self.every & common:
            return found
        nodes = {pod.node for pod in destination.pods}
        on_some_node: Bits = 0
        for node in nodes:
            on_some_node |= self._by_node.get(node, 0)
        perhaps = (self.every if "" in nodes else self._unknown) & common
        everywhere = on_some_node & common if len(nodes) == 1 and not perhaps & on_some_node else 0
        some = on_some_node & common & ~everywhere & ~perhaps
        if not (everywhere or some or perhaps):
            return found
        return column((*_widened(found, everywhere, some, perhaps), (EVERYTHING, everywhere)))


def _widened(found: Column, everywhere: Bits, some: Bits, perhaps: Bits) -> Iterator[tuple[Allowed, Bits]]:
    """The parts of a column, and what the sources in none of them have instead of nothing."""
    denied = some | perhaps
    for allowed, sources in found:
        denied &= ~sources
        yield allowed, sources & ~(everywhere | some | perhaps)
        yield _some(allowed), sources & some
        yield _perhaps(allowed), sources & perhaps
    yield _some(Allowed(NO_PORTS)), denied & some
    yield _perhaps(Allowed(NO_PORTS)), denied & perhaps


def _some(allowed: Allowed) -> Allowed:
    """Some of the destination's pods let in everything, the others what policy says."""
    return Allowed(allowed.ports, ALL_PORTS - allowed.ports - allowed.unknown, allowed.unknown)


def _perhaps(allowed: Allowed) -> Allowed:
    """Perhaps the destination is on the source's own node."""
    return Allowed(allowed.ports, NO_PORTS, ALL_PORTS - allowed.ports)
