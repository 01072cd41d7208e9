"""How far one direction of a pod is open: one notion for the word in the lists, the pages and the counts.

A pod meets the other end over its own address families only: what is open to every address of another family
is open to nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from policy_core.index import Index
from policy_core.ipblock import EVERY_IPV4, EVERY_IPV6, AddressSet
from policy_core.model import Direction, Pod, PodPeer, RuleRef
from policy_core.ports import ALL_PORTS
from policy_core.rules import CompiledRule, PolicySet

__all__ = ["Openness", "Wide", "can_match", "openness", "own_families", "wide"]

_EVERY = {4: EVERY_IPV4, 6: EVERY_IPV6}
Wide = dict[int, tuple[RuleRef, ...]]
"""For each address family that is open to anyone on every port: the rules that open it."""


class Openness(StrEnum):
    """How far one direction of a pod is open."""

    OPEN = "open"
    """No policy selects the pod."""
    WIDE = "wide"
    """Isolated, yet rules allow anyone (at least every address of a family of the pod's) on every port."""
    RESTRICTED = "restricted"
    CLOSED = "closed"
    """Isolated, and no rule allows anything."""
    HOST = "host"
    """A hostNetwork pod: policy does not isolate it."""
    FINISHED = "finished"
    UNSEEN = "unseen"
    """Nobody knows: the NetworkPolicies of its namespace could not be read."""


def openness(policies: PolicySet, pod: Pod, direction: Direction) -> Openness:
    if pod.finished:
        return Openness.FINISHED
    if pod.host_network:
        return Openness.HOST
    if policies.is_unseen(pod):
        return Openness.UNSEEN
    selecting = policies.selecting(pod, direction)
    if not selecting:
        return Openness.OPEN
    rules = [rule for policy in selecting for rule in policy.rules]
    if wide(rules, own_families(pod)):
        return Openness.WIDE
    some = any(can_match(policies.index, rule, pod, direction) for rule in rules)
    return Openness.RESTRICTED if some else Openness.CLOSED


def own_families(pod: Pod) -> tuple[int, ...]:
    """The pod's address families; both where it has no address yet, since neither is ruled out."""
    return tuple(sorted({address.version for address in pod.ips})) or (4, 6)


def wide(rules: Iterable[CompiledRule], families: Iterable[int]) -> Wide:
    """The families among ``families`` that the rules together open to anyone on every port. A rule that
    needs no other to do so is named alone, and first of all one that allows anyone in so many words."""
    every_port = [rule for rule in rules if rule.ports.numbers == ALL_PORTS and rule.peers.addresses]
    found: Wide = {}
    for family in families if every_port else ():
        every = _EVERY[family]
        anyone = [rule for rule in every_port if rule.rule.peers is None]
        alone = anyone or [rule for rule in every_port if every <= rule.peers.addresses]
        together = AddressSet.union(rule.peers.addresses for rule in every_port)
        opening = alone or [rule for rule in every_port if every & rule.peers.addresses]
        if alone or every <= together:
            found[family] = tuple(rule.ref for rule in opening)
    return found


def can_match(index: Index, rule: CompiledRule, pod: Pod, direction: Direction) -> bool:
    """Whether the rule could let anything through: some peer over the pod's own families, on some port. Pods
    that a selector matches may come at any time; what ports given by name mean only those tell that are
    here, for certain or perhaps."""
    families = own_families(pod)
    some_peer = _selects(rule) or any(rule.peers.addresses & _EVERY[family] for family in families)
    if direction is Direction.INGRESS:
        return some_peer and bool(rule.ports.on(index.class_ports[index.class_of[pod.ref]]))
    return some_peer and (bool(rule.ports.numbers) or _some_name(index, rule, pod, families))


def _selects(rule: CompiledRule) -> bool:
    return rule.rule.peers is None or any(
        isinstance(peer, PodPeer)
        and not any(selector is not None and selector.invalid for selector in (peer.namespaces, peer.pods))
        for peer in rule.rule.peers
    )


def _some_name(index: Index, rule: CompiledRule, pod: Pod, families: Sequence[int]) -> bool:
    """Whether some destination has a port that the rule names."""
    destinations = 0
    for family in families:
        destinations |= rule.peers.classes(family) | rule.peers.possible(family)
    own = index.class_of[pod.ref]
    if len(index.members[own]) == 1 and not pod.several:
        destinations &= ~index.class_bit(pod)  # nobody but the pod itself
    declaring = 0
    for name in rule.ports.names:
        declaring |= index.declaring.get(name, 0)
    return bool(destinations & declaring & index.present)
