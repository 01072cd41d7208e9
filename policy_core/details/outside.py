"""Which addresses policy lets in that are no known pods."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum, auto

from policy_core.evaluation import Evaluation
from policy_core.index import Bits, Index
from policy_core.ipblock import EVERY, AddressSet
from policy_core.model import Direction, Pod
from policy_core.openness import own_families
from policy_core.outside import outside_of

__all__ = ["LetIn", "Outside", "let_in", "lets_outside_in"]

_NONE = AddressSet()


class Outside(Enum):
    NOBODY = auto()
    SOME = auto()
    ANYONE = auto()
    UNKNOWN = auto()
    """Nobody for certain: the pod's policies could not be read, or which are for it is not known."""


@dataclass(frozen=True, slots=True)
class LetIn:
    """Addresses, disjoint: those that are let in for ``certain``, and those of which nobody knows."""

    certain: AddressSet = _NONE
    possible: AddressSet = _NONE


def let_in(evaluation: Evaluation, pod: Pod, protocol: str, number: int, over: Collection[int]) -> LetIn:
    """Whom policy lets in to ``number`` of the pod by address alone, over the address families of ``over``
    that the pod has. Addresses of known pods and of the pod's own node are not told apart."""
    families = [family for family in own_families(pod) if family in over]
    every = AddressSet.union(EVERY[family] for family in families)
    if pod.host_network:
        return LetIn(every)
    ranges = outside_of(evaluation.policies, evaluation.index.class_of[pod.ref], Direction.INGRESS)
    certain, possible = (
        AddressSet.union(
            each.addresses
            for each in ranges
            if (each.ports if known else each.unknown).contains(protocol, number)
        )
        for known in (True, False)
    )
    return LetIn(certain & every, possible & every)


def lets_outside_in(
    evaluation: Evaluation, pod: Pod, protocol: str, number: int, over: Collection[int]
) -> Outside:
    """Which of such addresses some rule (or the absence of any policy) lets in to ``number`` of the pod, over
    the address families of ``over`` that the pod has."""
    found = let_in(evaluation, pod, protocol, number, over)
    families = [family for family in own_families(pod) if family in over]
    if families and all(EVERY[family] <= found.certain for family in families):
        return Outside.ANYONE
    pods = evaluation.index.in_addresses(found.certain)
    some = any(
        _holds_more(evaluation.index, found.certain & EVERY[family], pods[family == 6]) for family in families
    )
    if some:
        return Outside.SOME
    return Outside.UNKNOWN if found.possible else Outside.NOBODY


def _holds_more(index: Index, addresses: AddressSet, pods: Bits) -> bool:
    """Whether there are addresses besides those of the pods, which hostNetwork pods of one node share."""
    size = addresses.line.size()
    return size > index.count(pods) or size > len(
        {address for pod in index.pods_of(pods) for address in pod.ips if address in addresses}
    )
