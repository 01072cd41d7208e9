"""Which egress rules may let out to a pod, found without looking at every rule there is.

The peers of most rules name a label and a namespace: each rule is kept under one of them, and is asked only
about pods that have it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from policy_core.ipblock import AddressSet
from policy_core.labels import LabelSelector
from policy_core.model import NAME_LABEL, Direction, IPBlock, NetworkPolicy, Pod, PodPeer
from policy_core.parts import Part
from policy_core.rules import CompiledPolicy, CompiledRule, PolicySet

__all__ = ["callers"]

_Place = tuple[int, int]
"""A policy among those of its namespace, and one of its rules."""
_Key = tuple[str, tuple[str, str] | None]
"""A namespace, or empty for any; a label, or None for any."""


class _Named(NamedTuple):
    """The egress rules of one namespace's policies."""

    pods: dict[_Key, list[_Place]]
    blocks: dict[AddressSet, list[_Place]]


def callers(policies: PolicySet, pod: Pod) -> Iterator[tuple[CompiledPolicy, CompiledRule]]:
    """Every egress rule whose peers match the pod, or may; some that do not are among them."""
    keys: list[_Key] = [("", None)]
    if not pod.host_network:  # else no selector matches it
        within = ("", pod.namespace)
        keys += [(pod.namespace, None), *((n, label) for n in within for label in pod.labels.items())]
    for namespace, part in policies.index.snapshot.network_policies.parts.items():
        named = part.fact(_named)
        places = {place for key in keys for place in named.pods.get(key, ())}
        for block, listed in named.blocks.items():
            if not pod.ips or any(address in block for address in pod.ips):
                places.update(listed)
        if places:
            compiled = {id(c.policy): c for c in policies.of_namespace(namespace, Direction.EGRESS)}
            for position, number in sorted(places):
                policy = compiled[id(part[position])]
                yield policy, policy.rules[number]


def _named(policies: Part[NetworkPolicy]) -> _Named:
    found = _Named(defaultdict(list), defaultdict(list))
    for position, policy in enumerate(policies):
        for number, rule in enumerate(policy.egress if Direction.EGRESS in policy.types else ()):
            if rule.peers is None:
                found.pods["", None].append((position, number))
            for peer in rule.peers or ():
                match peer:
                    case IPBlock():
                        found.blocks[peer.addresses].append((position, number))
                    case PodPeer():
                        found.pods[_key(peer, policy.namespace)].append((position, number))
    return _Named(dict(found.pods), dict(found.blocks))


def _key(peer: PodPeer, own_namespace: str) -> _Key:
    if peer.namespaces is None:
        namespace = own_namespace
    else:
        namespace = next((value for key, value in _equalities(peer.namespaces) if key == NAME_LABEL), "")
    return namespace, next(iter(_equalities(peer.pods)), None) if peer.pods else None


def _equalities(selector: LabelSelector) -> Iterable[tuple[str, str]]:
    return selector.match_labels
