"""Which addresses policy lets in that are no known pods."""

from __future__ import annotations

from collections.abc import Collection
from enum import Enum, auto

from policy_core.evaluation import Evaluation
from policy_core.index import Bits, Index
from policy_core.ipblock import EVERY_IPV4, EVERY_IPV6, AddressSet
from policy_core.model import Direction, Pod

__all__ = ["Outside", "lets_outside_in"]


class Outside(Enum):
    NOBODY = auto()
    SOME = auto()
    ANYONE = auto()
    UNKNOWN = auto()
    """The pod's policies could not be read."""


def lets_outside_in(
    evaluation: Evaluation, pod: Pod, protocol: str, number: int, over: Collection[int]
) -> Outside:
    """Which of such addresses some rule (or the absence of any policy) lets in to ``number`` of the pod, over
    the address families of ``over`` that the pod has."""
    if evaluation.policies.is_unseen(pod):
        return Outside.UNKNOWN
    selecting = evaluation.policies.selecting(pod, Direction.INGRESS)
    if not selecting:
        return Outside.ANYONE
    ports = evaluation.index.class_ports[evaluation.index.class_of[pod.ref]]
    let_in = AddressSet.union(
        rule.peers.addresses
        for policy in selecting
        for rule in policy.rules
        if rule.ports.contains(protocol, number, ports)
    )
    own = {address.version for address in pod.ips} or {4, 6}
    pods = evaluation.index.in_addresses(let_in)
    families = [
        (every, inside)
        for family, every, inside in zip((4, 6), (EVERY_IPV4, EVERY_IPV6), pods, strict=True)
        if family in over and family in own
    ]
    if families and all(every <= let_in for every, _ in families):
        return Outside.ANYONE
    some = any(_holds_more(evaluation.index, let_in & every, inside) for every, inside in families)
    return Outside.SOME if some else Outside.NOBODY


def _holds_more(index: Index, addresses: AddressSet, pods: Bits) -> bool:
    """Whether there are addresses besides those of the pods, which hostNetwork pods of one node share."""
    size = addresses.line.size()
    return size > index.count(pods) or size > len(
        {address for pod in index.pods_of(pods) for address in pod.ips if address in addresses}
    )
