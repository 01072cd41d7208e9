"""All pairs: which pods may connect to which, on which ports. The answer of
:func:`policy_core.verdict.connection` for every two pods and every port at once, by a few ANDs for each
destination.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from policy_core.column import EVERYTHING, Allowed, Column, Columns, column
from policy_core.evaluation import Evaluation
from policy_core.index import Bits, bits
from policy_core.matrix_classes import MatrixClass, MatrixClasses
from policy_core.model import Direction
from policy_core.outside import NOWHERE, Outside, outside
from policy_core.own_node import Hosts
from policy_core.ports import NO_PORTS

__all__ = ["Connectivity", "connectivity"]


@dataclass(frozen=True, slots=True, eq=False)
class Connectivity:
    classes: tuple[MatrixClass, ...]
    columns: tuple[Column, ...]
    """For each destination class its column as it is between different pods, so that classes that are let in
    alike have equal columns. A class of one single pod has no other: its own bit there is about nobody."""
    outside: tuple[Outside, ...]
    """For each class what it may exchange with addresses outside the cluster's pods."""
    ends: Bits
    """Only pairs with at least one end in these classes are there: every class, unless restricted."""

    def to(self) -> Iterator[Column]:
        """For each destination class, in order, its column with the pods that reach themselves: everything
        in a class of one single pod, since that is outside policy. In all others the class's own bit is
        about different pods of it."""
        for each, found in zip(self.classes, self.columns, strict=True):
            own = 1 << each.number
            if each.single and own & self.ends:
                apart = ((allowed, sources & ~own) for allowed, sources in found)
                yield column((*apart, (EVERYTHING, own)))
            else:
                yield found

    def allowed(self, source: int, destination: int) -> Allowed:
        """What one pair of classes is allowed: for a single question, not for all of them."""
        if source == destination and self.classes[source].single:
            return EVERYTHING
        for allowed, sources in self.columns[destination]:
            if sources >> source & 1:
                return allowed
        return Allowed(NO_PORTS)

    def of_namespace(self, name: str) -> Bits:
        return sum(1 << each.number for each in self.classes if each.namespace == name)

    def restricted(self, ends: Bits) -> Connectivity:
        """The pairs of which at least one end is in ``ends``, and what those exchange with the outside.
        Classes keep their numbers."""
        columns = (
            each if ends >> number & 1 else column((allowed, sources & ends) for allowed, sources in each)
            for number, each in enumerate(self.columns)
        )
        ranges = (each if ends >> number & 1 else NOWHERE for number, each in enumerate(self.outside))
        return replace(self, columns=tuple(columns), outside=tuple(ranges), ends=ends)

    def shown(self) -> Bits:
        """The classes that some pair is about."""
        found = self.ends
        for number, each in enumerate(self.columns):
            for _, sources in each:
                found |= sources | 1 << number
        return found


def connectivity(evaluation: Evaluation) -> Connectivity:
    """Every pair of classes, and every class with the addresses that rules name."""
    policies = evaluation.policies
    classes = MatrixClasses(evaluation)
    as_policy_has_it = Columns(policies, classes)
    hosts = Hosts(classes)
    columns: list[Column] = [()] * len(classes.every)
    free = policies.open(Direction.INGRESS) & ~policies.tiers.concerned[Direction.INGRESS]
    for number, parts in enumerate(classes.parts):
        found, common = as_policy_has_it.of(number)
        judged = not free >> number & 1
        for part in bits(parts):
            columns[part] = hosts.let_in(found, classes.every[part], common) if judged else found
    ranges = outside(policies)
    return Connectivity(
        classes.every,
        tuple(columns),
        tuple(ranges[each.index_class] for each in classes.every),
        classes.bits,
    )
