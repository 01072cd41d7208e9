"""Which egress rules may let out to a pod, found without looking at every rule there is.

The peers of most rules name a label and a namespace: each rule is kept under one of them, and is asked only
about pods that have it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from policy_core.ipblock import AddressSet
from policy_core.matching import PortMatch, match_ports
from policy_core.model import NAME_LABEL, Direction, IPBlock, NetworkPolicy, Pod, PodPeer, PolicyPort
from policy_core.parts import Part
from policy_core.rules import CompiledPolicy, CompiledRule, PolicySet

__all__ = ["callers"]

_Place = tuple[int, int]
"""A policy among those of its namespace, and one of its rules."""
_Key = tuple[str, tuple[str, str] | None]
"""A namespace, or empty for any; a label, or None for any."""


_Ports = tuple[PolicyPort, ...] | None


class _Named(NamedTuple):
    """The egress rules of one namespace's policies, those with equal ports together."""

    pods: Mapping[_Key, Mapping[_Ports, Sequence[_Place]]]
    blocks: Mapping[AddressSet, Mapping[_Ports, Sequence[_Place]]]


def callers(
    policies: PolicySet, pod: Pod, wanted: Callable[[PortMatch], bool]
) -> Iterator[tuple[CompiledPolicy, CompiledRule]]:
    """Every egress rule with ``wanted`` ports whose peers match the pod, or may; some that do not are among
    them."""
    keys: list[_Key] = [("", None)]
    if not pod.host_network:  # else no selector matches it
        within = ("", pod.namespace)
        keys += [(pod.namespace, None), *((n, label) for n in within for label in pod.labels.items())]
    known: dict[_Ports, bool] = {}
    for namespace, part in policies.index.snapshot.network_policies.parts.items():
        named = part.fact(_named)
        found = [named.pods[key] for key in keys if key in named.pods]
        found += [
            by_ports
            for block, by_ports in named.blocks.items()
            if not pod.ips or any(address in block for address in pod.ips)
        ]
        places: set[_Place] = set()
        for by_ports in found:
            for ports, listed in by_ports.items():
                if ports not in known:
                    known[ports] = wanted(match_ports(ports))
                if known[ports]:
                    places.update(listed)
        if places:
            compiled = {id(c.policy): c for c in policies.of_namespace(namespace, Direction.EGRESS)}
            for position, number in sorted(places):
                policy = compiled[id(part[position])]
                yield policy, policy.rules[number]


def _named(policies: Part[NetworkPolicy]) -> _Named:
    pods: dict[_Key, dict[_Ports, list[_Place]]] = {}
    blocks: dict[AddressSet, dict[_Ports, list[_Place]]] = {}
    for position, policy in enumerate(policies):
        for number, rule in enumerate(policy.egress if Direction.EGRESS in policy.types else ()):
            place = position, number
            if rule.peers is None:
                pods.setdefault(("", None), {}).setdefault(rule.ports, []).append(place)
            for peer in rule.peers or ():
                match peer:
                    case IPBlock():
                        blocks.setdefault(peer.addresses, {}).setdefault(rule.ports, []).append(place)
                    case PodPeer():
                        key = _key(peer, policy.namespace)
                        pods.setdefault(key, {}).setdefault(rule.ports, []).append(place)
    return _Named(pods, blocks)


def _key(peer: PodPeer, own_namespace: str) -> _Key:
    if peer.namespaces is None:
        namespace = own_namespace
    else:
        names = (value for key, value in peer.namespaces.match_labels if key == NAME_LABEL)
        namespace = next(names, "")
    return namespace, peer.pods.match_labels[0] if peer.pods and peer.pods.match_labels else None
