"""One destination of the connectivity matrix: its sources, put together by what they are allowed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from policy_core.flows import Flow, Flows, Sources
from policy_core.index import Bits
from policy_core.matrix_classes import MatrixClasses
from policy_core.model import Direction
from policy_core.numbered import Numbered
from policy_core.port_numbers import PortNumbers
from policy_core.ports import ALL_PORTS, NO_PORTS, PortSet
from policy_core.rules import PolicySet
from policy_core.split import UNDECIDED, Decided, around
from policy_core.tier_flows import ByPorts

__all__ = ["EVERYTHING", "Allowed", "Column", "Columns", "column"]


class Allowed(NamedTuple):
    """The ports of a destination as one source has them, disjoint; every other port is denied."""

    ports: PortSet
    """Allowed for certain, over every address family that the two have in common."""
    partial: PortSet = NO_PORTS
    """Allowed over one family only, or by only those of the destination's pods that are on the node whose
    network the source uses."""
    unknown: PortSet = NO_PORTS
    """Hanging on labels that could not be read, addresses not assigned yet, or nodes not known."""

    def __bool__(self) -> bool:
        return bool(self.ports or self.partial or self.unknown)


EVERYTHING = Allowed(ALL_PORTS)

Column = tuple[tuple[Allowed, Bits], ...]
"""What one destination lets through: the sources by what they are allowed, disjoint bitsets over matrix
classes. A source that is in none has no port."""


def column(parts: Iterable[tuple[Allowed, Bits]]) -> Column:
    """Parts that are allowed the same put together, and those that are allowed nothing left out."""
    together: dict[Allowed, Bits] = {}
    for allowed, sources in parts:
        if sources and allowed:
            together[allowed] = together.get(allowed, 0) | sources
    return tuple(together.items())


class _Judged(NamedTuple):
    """The sources by verdict on some ports, disjoint; the others are denied."""

    ports: PortSet
    verdicts: tuple[Bits, Bits, Bits]
    """Allowed, partial, unknown."""


class Columns:
    """Works out the columns of the index's classes, as policy has them: a pod's own node and a pod reaching
    itself are left to whoever asks."""

    def __init__(self, policies: PolicySet, classes: MatrixClasses) -> None:
        self._index = policies.index
        self._numbers = PortNumbers()
        self._flows = Flows(policies, classes, self._numbers)
        self._unaddressed = classes.of_index(policies.index.unaddressed)
        self._everyone = classes.bits
        self._open_in = policies.open(Direction.INGRESS)
        self._open_out = classes.of_index(policies.open(Direction.EGRESS))
        self._known: dict[tuple[tuple[PortSet, int], ...], Allowed] = {}
        self._of_kind: dict[object, tuple[Column, Bits]] = {}
        self._columns: Numbered[Column] = Numbered()
        self._sources: Numbered[Bits] = Numbered()

    def of(self, index_class: int) -> tuple[Column, Bits]:
        """The column of a class of the index, and the sources that have an address family in common with
        it. Equal ones are one object."""
        open_in = bool(self._open_in >> index_class & 1)
        kind = (self._flows.kind(index_class), open_in)
        found = self._of_kind.get(kind)
        if found is None:
            parts, common = self._work_out(index_class, open_in)
            shared = tuple((allowed, self._sources.once(sources)) for allowed, sources in parts)
            found = self._of_kind[kind] = self._columns.once(shared), self._sources.once(common)
        return found

    def _work_out(self, index_class: int, open_in: bool) -> tuple[Column, Bits]:
        flows = self._flows.to(index_class)
        common = 0
        for _, applicable in flows:
            common |= applicable
        # Which families the two will share is only known where the addresses of both are.
        addressed = any(atom is not None for atom in self._index.classes[index_class].atoms)
        uncertain = self._unaddressed if addressed else common
        numbers = frozenset(number for flow, _ in flows for number in flow.numbers())
        free = _Free(self._everyone, self._everyone if open_in else 0, self._open_out)
        judged = [
            _Judged(ports, _judge(flows, within, uncertain, free))
            for ports, within in self._numbers.pieces(numbers)
        ]
        return column(self._partition(judged, common)), common

    def _partition(self, judged: Sequence[_Judged], sources: Bits) -> list[tuple[Allowed, Bits]]:
        """Split the sources by the verdicts on all ports."""
        parts: list[tuple[Bits, tuple[tuple[PortSet, int], ...]]] = [(sources, ())]
        for ports, verdicts in judged:
            split = []
            for rest, signature in parts:
                for position, having in enumerate(verdicts):
                    if found := rest & having:
                        split.append((found, (*signature, (ports, position))))
                        rest ^= found
                if rest:
                    split.append((rest, signature))
            parts = split
        return [(self._allowed(signature), part) for part, signature in parts if signature]

    def _allowed(self, signature: tuple[tuple[PortSet, int], ...]) -> Allowed:
        found = self._known.get(signature)
        if found is None:
            found = self._known[signature] = Allowed(
                *(PortSet.union(ports for ports, at in signature if at == verdict) for verdict in range(3))
            )
        return found


class _Free(NamedTuple):
    """The sources of connections that no NetworkPolicy isolates, at either end."""

    everyone: Bits
    into: Bits
    out: Bits


def _judge(
    flows: Sequence[tuple[Flow, Bits]], within: Sequence[int], uncertain: Bits, free: _Free
) -> tuple[Bits, Bits, Bits]:
    """The sources that are allowed, partly allowed and perhaps allowed on ports that lie in the port sets of
    these numbers. Where the families differ for a source in ``uncertain`` nothing is known."""
    allow = deny = possible = 0
    for flow, applicable in flows:
        let_in, let_out = _united(flow.certain_in, within), _united(flow.certain_out, within)
        perhaps_in = let_in | _united(flow.possible_in, within)
        perhaps_out = let_out | _united(flow.possible_out, within)
        if flow.tiers is not None:
            admin_in, baseline_in, admin_out, baseline_out = (_at(tier, within) for tier in flow.tiers)
            let_in, perhaps_in = around(admin_in, baseline_in, free.everyone, free.into, let_in, perhaps_in)
            let_out, perhaps_out = around(
                admin_out, baseline_out, free.everyone, free.out, let_out, perhaps_out
            )
        through = let_in & let_out & applicable
        maybe = perhaps_in & perhaps_out & applicable & ~through
        allow |= through
        possible |= maybe
        deny |= applicable & ~through & ~maybe
    if len(flows) == 1:
        return allow, 0, possible
    differing = allow & deny & ~possible
    return allow & ~deny & ~possible, differing & ~uncertain, possible | differing & uncertain


def _at(tier: ByPorts, within: Iterable[int]) -> Decided:
    """What a tier does on ports that lie in the port sets of these numbers: one at most is its own."""
    return next((tier[number] for number in within if number in tier), UNDECIDED)


def _united(sources: Sources, numbers: Iterable[int]) -> Bits:
    found = 0
    for number in numbers:
        found |= sources.get(number, 0)
    return found
