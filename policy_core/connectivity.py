"""All pairs: which pods may connect to which, on which ports. The answer of
:func:`policy_core.verdict.connection` for every two pods and every port at once, by a few ANDs for each
destination.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from policy_core.all_columns import AllColumns
from policy_core.classes import bitset_of
from policy_core.column import Allowed, Column, Columns
from policy_core.evaluation import Evaluation
from policy_core.index import Bits, bits
from policy_core.matrix_classes import MatrixClass, MatrixClasses
from policy_core.model import Direction
from policy_core.outside import NOWHERE, Outside, outside
from policy_core.own_node import Hosts

__all__ = ["Connectivity", "connectivity"]


@dataclass(frozen=True, slots=True, eq=False)
class Connectivity:
    classes: tuple[MatrixClass, ...]
    columns: AllColumns
    """For each destination class its column as it is between different pods."""
    outside: Sequence[Outside]
    """For each class what it may exchange with addresses outside the cluster's pods."""
    ends: Bits
    """Only pairs with at least one end in these classes are there: every class, unless restricted."""

    def to(self) -> Iterator[Column]:
        """For each destination class, in order, its column with the pods that reach themselves."""
        return self.columns.to()

    def allowed(self, source: int, destination: int) -> Allowed:
        """What one pair of classes is allowed: for a single question, not for all of them."""
        return self.columns.allowed(source, destination)

    def of_namespace(self, name: str) -> Bits:
        return bitset_of(each.number for each in self.classes if each.namespace == name)

    def restricted(self, ends: Bits) -> Connectivity:
        """The pairs of which at least one end is in ``ends``, and what those exchange with the outside.
        Classes keep their numbers."""
        ranges = [NOWHERE] * len(self.outside)
        for number in bits(ends):
            ranges[number] = self.outside[number]
        return replace(self, columns=self.columns.restricted(ends), outside=ranges, ends=ends)

    def shown(self) -> Bits:
        """The classes that some pair is about."""
        found = self.ends
        if found.bit_count() == len(self.classes):
            return found
        for number, each in enumerate(self.columns):
            for _, sources in each:
                found |= sources | 1 << number
        return found


def connectivity(evaluation: Evaluation) -> Connectivity:
    """Every pair of classes, and every class with the addresses that rules name."""
    policies = evaluation.policies
    classes = MatrixClasses(evaluation)
    as_policy_has_it = Columns(policies, classes)
    columns = AllColumns(
        classes.every,
        [as_policy_has_it.of(number) for number in range(len(evaluation.index.classes))],
        policies.open(Direction.INGRESS) & ~policies.tiers.concerned[Direction.INGRESS],
        Hosts(classes),
        classes.bits,
    )
    ranges = outside(policies)
    return Connectivity(
        classes.every, columns, [ranges[each.index_class] for each in classes.every], classes.bits
    )
