"""Pods whose way out may hang on objects that are not evaluated, or not wholly."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from policy_core.evaluation import Evaluation
from policy_core.index import Bits, bits
from policy_core.model import Direction, Pod, Ref, UnevaluatedPolicy
from policy_core.not_evaluated import NotEvaluated, may_apply

__all__ = ["Doubt", "doubt"]


def _about_nodes(policy: NotEvaluated) -> bool:
    """Policy that selects pods does not hold a hostNetwork pod back."""
    if not isinstance(policy, UnevaluatedPolicy):
        return False
    return any(each.hosts and not each.pods for each in policy.selections)


@dataclass(frozen=True, slots=True)
class Doubt:
    """By pod class: how many of its pods are in doubt, and on account of which objects."""

    pods: frozenset[Ref]
    numbers: Mapping[int, int]
    objects: Mapping[int, frozenset[Ref]]
    classes: Bits

    def count(self, bitset: Bits, pod: Pod, own: Bits) -> int:
        """How many pods of the classes in ``bitset``. The ``pod`` that asks, of the class ``own``, is left
        out, unless it stands for several."""
        itself = bool(bitset & own) and pod.ref in self.pods and not pod.several
        return sum(self.numbers[number] for number in bits(bitset & self.classes)) - itself

    def on_account_of(self, bitset: Bits, pod: Pod, own: Bits) -> frozenset[Ref]:
        """The objects; so, too, without the pod that asks."""
        others = bitset if self.count(own, pod, own) else bitset & ~own
        return frozenset().union(*(self.objects[number] for number in bits(others & self.classes)))


@lru_cache(maxsize=1)
def doubt(evaluation: Evaluation) -> Doubt:
    """Every page asks for the same, so it is kept for the snapshot at hand."""
    index, snapshot = evaluation.index, evaluation.snapshot
    numbers: Counter[int] = Counter()
    objects: dict[int, set[Ref]] = defaultdict(set)
    found = set()
    for pod in index.pods if snapshot.doubtful else ():
        applying = may_apply(snapshot, pod, Direction.EGRESS, outside=False)
        refs = {policy.ref for policy in applying if not pod.host_network or _about_nodes(policy)}
        if refs:
            number = index.class_of[pod.ref]
            numbers[number] += 1
            objects[number] |= refs
            found.add(pod.ref)
    classes = sum(1 << number for number in numbers)
    return Doubt(
        frozenset(found), numbers, {number: frozenset(refs) for number, refs in objects.items()}, classes
    )
