"""How far one direction of a pod is open: one notion for the word in the lists, the pages and the counts.

A pod meets the other end over its own address families only: what is open to every address of another family
is open to nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from policy_core.index import Index
from policy_core.ipblock import EVERY, AddressSet
from policy_core.model import Direction, Pod, PodPeer, RuleRef, Tier
from policy_core.ports import ALL_PORTS, PortSet
from policy_core.rules import CompiledRule, PolicySet
from policy_core.tier_openness import TierOpenness

__all__ = ["Openness", "Wide", "can_match", "openness", "own_families", "wide"]

Wide = dict[int, tuple[RuleRef, ...]]
"""For each address family that is open to anyone on every port: the rules that open it."""


class Openness(StrEnum):
    """How far one direction of a pod is open."""

    OPEN = "open"
    """No NetworkPolicy selects the pod, and no tier denies anything."""
    WIDE = "wide"
    """Isolated, yet rules allow anyone (at least every address of a family of the pod's) on every port."""
    RESTRICTED = "restricted"
    CLOSED = "closed"
    """Nothing is allowed: isolated without a rule, or denied by a tier."""
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
    tiers = TierOpenness(policies, pod, direction)
    if tiers.concerned:
        return _tiered(policies, pod, direction, tiers)
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


# Through the tiers ----------------------------------------------------------------------------------------


def _tiered(policies: PolicySet, pod: Pod, direction: Direction, tiers: TierOpenness) -> Openness:
    """Whether anything can get through, and whether anything is kept out. A rule has no part in it that comes
    after others which decide for everybody on all of its ports."""
    families = own_families(pod)
    left, allows, denies = tiers.says(Tier.ADMIN, families, ALL_PORTS)
    if allows and denies:
        return Openness.RESTRICTED
    selecting = policies.selecting(pod, direction)
    if selecting and left:
        rules = [rule for policy in selecting for rule in policy.rules]
        denies |= len(wide(rules, families, left)) < len(families)
        allows |= any(
            can_match(policies.index, rule, pod, direction)
            and (rule.ports.names or rule.ports.numbers & left)
            for rule in rules
        )
    elif policies.is_unseen(pod) and left:
        return Openness.UNSEEN
    elif left:
        last = tiers.says(Tier.BASELINE, families, left)
        allows |= last.allows or bool(last.left)  # by default
        denies |= last.denies
    if not allows:
        return Openness.CLOSED
    if denies:
        return Openness.RESTRICTED
    return Openness.WIDE if selecting else Openness.OPEN


# Words for the parts --------------------------------------------------------------------------------------


def own_families(pod: Pod) -> tuple[int, ...]:
    """The pod's address families; both where it has no address yet, since neither is ruled out."""
    return tuple(sorted({address.version for address in pod.ips})) or (4, 6)


def wide(rules: Iterable[CompiledRule], families: Iterable[int], ports: PortSet = ALL_PORTS) -> Wide:
    """The families among ``families`` that the rules together open to anyone on all of ``ports``. A rule that
    needs no other to do so is named alone, and first of all one that allows anyone in so many words."""
    every_port = [rule for rule in rules if ports <= rule.ports.numbers and rule.addresses]
    found: Wide = {}
    for family in families if every_port else ():
        every = EVERY[family]
        anyone = [rule for rule in every_port if rule.rule.peers is None]
        alone = anyone or [rule for rule in every_port if every <= rule.addresses]
        together = AddressSet.union(rule.addresses for rule in every_port)
        opening = alone or [rule for rule in every_port if every & rule.addresses]
        if alone or every <= together:
            found[family] = tuple(rule.ref for rule in opening)
    return found


def can_match(index: Index, rule: CompiledRule, pod: Pod, direction: Direction) -> bool:
    """Whether the rule could let anything through: some peer over the pod's own families, on some port. Pods
    that a selector matches may come at any time; what ports given by name mean only those tell that are
    here, for certain or perhaps."""
    families = own_families(pod)
    some_peer = _selects(rule) or any(rule.addresses & EVERY[family] for family in families)
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
    if index.size(own) == 1 and not pod.several:
        destinations &= ~index.class_bit(pod)  # nobody but the pod itself
    declaring = 0
    for name in rule.ports.names:
        declaring |= index.declaring.get(name, 0)
    return bool(destinations & declaring & index.present)
