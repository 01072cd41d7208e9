"""What the rules of one tier leave open: worked out once for all classes that are alike to it, of thousands a
few."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from weakref import WeakKeyDictionary

from policy_core.index import Index
from policy_core.ipblock import EVERY
from policy_core.model import Action, Direction, Networks, Pod, Tier
from policy_core.ports import NO_PORTS, PortSet
from policy_core.rules import PolicySet
from policy_core.tiers import CompiledTieredPolicy, CompiledTieredRule, Rank, Tiers

__all__ = ["Says", "TierOpenness"]


class Says(NamedTuple):
    """Where something is allowed and something denied, ``left`` means nothing: rules that come later were not
    asked."""

    left: PortSet
    """The ports on which somebody may go on to the next tier."""
    allows: bool
    denies: bool


_KNOWN: WeakKeyDictionary[Tiers, dict[object, Says]] = WeakKeyDictionary()


class TierOpenness:
    """Of one direction of a pod that takes part."""

    def __init__(self, policies: PolicySet, pod: Pod, direction: Direction) -> None:
        self._index, self._tiers, self._direction = policies.index, policies.tiers, direction
        self._number = policies.index.class_of[pod.ref]
        self._profile = policies.tiers.by_class[direction].profile(self._number)

    @property
    def concerned(self) -> bool:
        """Whether some policy of the tiers is, or may be, for the pod."""
        return any(self._profile)

    def says(self, tier: Tier, families: tuple[int, ...], ports: PortSet) -> Says:
        """What the policies of a tier do to connections on ``ports`` over the pod's own ``families``."""
        ingress = self._direction is Direction.INGRESS
        named = self._index.classes[self._number].ports if ingress else ()
        key = (self._direction, tier, self._profile, families, named, ports)
        known = _KNOWN.setdefault(self._tiers, {})
        says = known.get(key)
        if says is None:
            found = _Found(self._index, self._number, families, self._direction)
            left = found.ask(self._tiers.of[self._direction][tier], ports)
            says = known[key] = Says(left, found.allows, found.denies)
        return says


@dataclass(slots=True)
class _Found:
    """What the rules do that are asked."""

    index: Index
    number: int
    """Of the pod's class."""
    families: tuple[int, ...]
    direction: Direction
    allows: bool = False
    denies: bool = False
    _passed: PortSet = NO_PORTS

    @property
    def both(self) -> bool:
        """Whether nothing more can make a difference."""
        return self.allows and self.denies

    def ask(self, ranks: Iterable[Rank], ports: PortSet) -> PortSet:
        """The ports on which somebody may go on to the next tier."""
        self._passed = NO_PORTS
        left = self._ask(ranks, ports)
        return left | self._passed

    def _ask(self, ranks: Iterable[Rank], ports: PortSet) -> PortSet:
        """Those on which somebody may match no rule. Of a rank any policy may be the first."""
        for rank in ranks:
            left = ports
            for lane in rank:
                if isinstance(lane, CompiledTieredPolicy):
                    left &= self._rules(lane, ports)
                else:
                    left &= self._ask(lane, ports)
            ports = left
            if self.both or not ports:
                break
        return ports

    def _rules(self, policy: CompiledTieredPolicy, left: PortSet) -> PortSet:
        bit = 1 << self.number
        for rule in policy.rules if policy.concerned & bit else ():
            if not _matches_some(rule, self.families):
                continue
            here = self._ports(rule) & left
            if not here:
                continue
            self.allows |= rule.action is Action.ALLOW
            self.denies |= rule.action is Action.DENY
            if rule.action is Action.PASS:
                self._passed |= here
            if policy.subjects & bit and _matches_everybody(rule, self.families):
                left -= here
            if self.both:
                break
        return left

    def _ports(self, rule: CompiledTieredRule) -> PortSet:
        if self.direction is Direction.INGRESS:
            return rule.ports.on(self.index.class_ports[self.number])
        if not rule.ports.names:
            return rule.ports.numbers
        return PortSet.union([rule.ports.numbers, *map(self.index.meanings, rule.ports.names)])


def _matches_everybody(rule: CompiledTieredRule, families: tuple[int, ...]) -> bool:
    """Not if it names some of its ports: those are other ones on every pod."""
    if not rule.peers.addresses or rule.ports.names:
        return False
    return all(EVERY[family] <= rule.peers.addresses for family in families)


def _matches_some(rule: CompiledTieredRule, families: tuple[int, ...]) -> bool:
    """Pods that a selector matches may come at any time; the names of domains lead somewhere."""
    if any(not isinstance(peer, Networks) for peer in rule.rule.peers):
        return True
    return any(rule.peers.addresses & EVERY[family] for family in families)
