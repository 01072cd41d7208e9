"""Which addresses policy lets in that are no known pods."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum, auto

from policy_core.evaluation import Evaluation
from policy_core.index import Bits, Index
from policy_core.ipblock import EVERY_IPV4, EVERY_IPV6, AddressSet
from policy_core.model import Direction, Pod
from policy_core.openness import own_families

__all__ = ["EVERY", "LetIn", "Outside", "let_in", "lets_outside_in"]

EVERY = {4: EVERY_IPV4, 6: EVERY_IPV6}
"""All addresses of each family."""
_NONE = AddressSet()


class Outside(Enum):
    NOBODY = auto()
    SOME = auto()
    ANYONE = auto()
    UNKNOWN = auto()
    """The pod's policies could not be read."""


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
    if evaluation.policies.is_unseen(pod):
        return LetIn(_NONE, every)
    selecting = evaluation.policies.selecting(pod, Direction.INGRESS)
    if not selecting:
        return LetIn(every)
    ports = evaluation.index.class_ports[evaluation.index.class_of[pod.ref]]
    named = AddressSet.union(
        rule.peers.addresses
        for policy in selecting
        for rule in policy.rules
        if rule.ports.contains(protocol, number, ports)
    )
    return LetIn(named & every)


def lets_outside_in(
    evaluation: Evaluation, pod: Pod, protocol: str, number: int, over: Collection[int]
) -> Outside:
    """Which of such addresses some rule (or the absence of any policy) lets in to ``number`` of the pod, over
    the address families of ``over`` that the pod has."""
    found = let_in(evaluation, pod, protocol, number, over)
    if found.possible:
        return Outside.UNKNOWN
    families = [family for family in own_families(pod) if family in over]
    if families and all(EVERY[family] <= found.certain for family in families):
        return Outside.ANYONE
    pods = evaluation.index.in_addresses(found.certain)
    some = any(
        _holds_more(evaluation.index, found.certain & EVERY[family], pods[family == 6]) for family in families
    )
    return Outside.SOME if some else Outside.NOBODY


def _holds_more(index: Index, addresses: AddressSet, pods: Bits) -> bool:
    """Whether there are addresses besides those of the pods, which hostNetwork pods of one node share."""
    size = addresses.line.size()
    return size > index.count(pods) or size > len(
        {address for pod in index.pods_of(pods) for address in pod.ips if address in addresses}
    )
