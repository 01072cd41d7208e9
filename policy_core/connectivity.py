"""All pairs: which pods may connect to which, on which ports. The answer of
:func:`policy_core.verdict.connection` for every two pods and every port at once, by a few ANDs for each
destination.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from policy_core.column import EVERYTHING, Allowed, Column, Columns, column
from policy_core.evaluation import Evaluation
from policy_core.index import Bits, bits
from policy_core.matrix_classes import MatrixClass, MatrixClasses
from policy_core.model import Direction
from policy_core.outside import Outside, outside
from policy_core.ports import ALL_PORTS, NO_PORTS

__all__ = ["Connectivity", "connectivity"]

_NOTHING = Allowed(NO_PORTS)


@dataclass(frozen=True, slots=True, eq=False)
class Connectivity:
    classes: tuple[MatrixClass, ...]
    to: tuple[Column, ...]
    """For each destination class its column. A class's own bit is about different pods of it, and where it
    is one single pod everything: a pod reaching itself is outside policy."""
    outside: tuple[Outside, ...]
    """For each class what it may exchange with addresses outside the cluster's pods."""

    def allowed(self, source: int, destination: int) -> Allowed:
        """What one pair of classes is allowed: for a single question, not for all of them."""
        for allowed, sources in self.to[destination]:
            if sources >> source & 1:
                return allowed
        return _NOTHING


def connectivity(evaluation: Evaluation) -> Connectivity:
    """Every pair of classes, and every class with the addresses that rules name."""
    policies = evaluation.policies
    classes = MatrixClasses(evaluation)
    columns = Columns(policies, classes)
    hosts = _Hosts(classes)
    to: list[Column] = [()] * len(classes.every)
    for number, parts in enumerate(classes.parts):
        as_policy_has_it, common = columns.of(number)
        isolated = policies.isolated[Direction.INGRESS] >> number & 1
        for destination in (classes.every[part] for part in bits(parts)):
            found = as_policy_has_it
            if isolated and hosts.every & common:
                found = hosts.let_in(found, destination, common)
            if destination.single:
                own = 1 << destination.number
                found = column((*((a, sources & ~own) for a, sources in found), (EVERYTHING, own)))
            to[destination.number] = found
    ranges = outside(policies)
    return Connectivity(classes.every, tuple(to), tuple(ranges[each.index_class] for each in classes.every))


class _Hosts:
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
    yield _some(_NOTHING), denied & some
    yield _perhaps(_NOTHING), denied & perhaps


def _some(allowed: Allowed) -> Allowed:
    """Some of the destination's pods let in everything, the others what policy says."""
    return Allowed(allowed.ports, ALL_PORTS - allowed.ports - allowed.unknown, allowed.unknown)


def _perhaps(allowed: Allowed) -> Allowed:
    """Perhaps the destination is on the source's own node."""
    return Allowed(allowed.ports, NO_PORTS, ALL_PORTS - allowed.ports)
