"""The effective rules of one pod: everything that all policies together let in or out, each rule with the
policies it comes from. Whatever no rule names is denied if the pod is isolated, and open if it is not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from policy_core.index import Bits, Index, bits
from policy_core.labels import EVERYTHING, LabelSelector
from policy_core.matching import PeerMatch, match_peer
from policy_core.model import Direction, IPBlock, Peer, Pod, PolicyPort, Ref, RuleRef, Tier
from policy_core.openness import Openness, Wide, openness, own_families, wide
from policy_core.ports import PortSet
from policy_core.rules import CompiledRule, PolicySet

__all__ = ["Action", "Effective", "EffectivePeer", "EffectiveRule", "NamedPort", "effective", "view"]


class Action(StrEnum):
    ALLOW = "allow"


@dataclass(frozen=True, slots=True)
class EffectivePeer:
    """One peer as the pod sees it. ``peer`` None is any peer, inside and outside the cluster."""

    peer: Peer | None
    namespace: str
    """The policy's namespace, which a peer without a namespace selector means."""
    pods: tuple[Pod, ...]
    """Those that match now over the pod's own address families, the pod itself left out; a template of
    several pods is a peer of its own."""
    possible: tuple[Pod, ...] = ()
    """Those that match or not depending on an address or on namespace labels that are not known."""


@dataclass(frozen=True, slots=True)
class NamedPort:
    """A port name and what it means on the destination pods: (number, how many pods), by number.

    ``unresolved`` counts the pods that have no port of that name and protocol: there it matches nothing.
    """

    name: str
    protocol: str
    numbers: tuple[tuple[int, int], ...]
    unresolved: int


@dataclass(frozen=True, slots=True)
class EffectiveRule:
    """Equal rules of several policies are one, with all their sources."""

    action: Action
    tier: Tier
    peers: tuple[EffectivePeer, ...]
    ports: PortSet
    """The numbered ports."""
    named: tuple[NamedPort, ...]
    """The ports given by name, as the destination pods resolve them: for ingress this pod."""
    sources: tuple[RuleRef, ...]
    ranges: bool = False
    """Whether it uses ``endPort`` to say more than one port."""

    @property
    def pods(self) -> tuple[Pod, ...]:
        """The pods that any peer matches now, by namespace and name."""
        unique = {pod.ref: pod for peer in self.peers for pod in peer.pods}
        return tuple(sorted(unique.values(), key=lambda pod: (pod.namespace, pod.name)))


@dataclass(frozen=True, slots=True)
class Effective:
    """``isolated`` is the whole difference: rules only matter where some policy isolates the pod."""

    direction: Direction
    isolated: bool
    policies: tuple[Ref, ...]
    rules: tuple[EffectiveRule, ...]
    openness: Openness
    wide: Wide = field(default_factory=dict)
    """The address families over which rules open the isolated pod to anyone."""
    wholly: bool = False
    """Whether those are all that the pod has, so that nothing is left to deny."""


def effective(policies: PolicySet, pod: Pod, direction: Direction) -> Effective:
    """What policy does to ``pod`` in one direction (source: ``NetworkPolicy.spec``). For a finished or a
    hostNetwork pod: not isolated, no rules."""
    selecting = policies.selecting(pod, direction)
    families = own_families(pod)
    wide_open = wide((rule for compiled in selecting for rule in compiled.rules), families)
    merged: dict[Hashable, list[CompiledRule]] = {}
    for compiled in selecting:
        for rule in compiled.rules:
            merged.setdefault(_sameness(rule), []).append(rule)
    return Effective(
        direction,
        bool(selecting),
        tuple(compiled.policy.ref for compiled in selecting),
        tuple(
            view(policies, same, policies.index.class_bit(pod), apart_from=pod) for same in merged.values()
        ),
        openness(policies, pod, direction),
        wide_open,
        all(family in wide_open for family in families),
    )


def _sameness(rule: CompiledRule) -> Hashable:
    """Equal for rules that say the same in other words. All policies that select a pod are of its namespace,
    so a peer without a namespace selector means the same in each of them."""

    def selector(given: LabelSelector | None) -> Hashable:
        if given is None:
            return None
        return given.invalid, frozenset(
            (r.key, r.operator, frozenset(r.values)) for r in given.requirements()
        )

    def peer(given: Peer) -> Hashable:
        if isinstance(given, IPBlock):
            return given.addresses
        # With a namespace selector, an absent pod selector and an empty one are the same.
        return selector(given.namespaces), selector(given.pods or EVERYTHING)

    def port(given: PolicyPort) -> Hashable:
        return given.protocol, given.port, given.end_port if given.end_port != given.port else None

    peers, ports = rule.rule.peers, rule.rule.ports
    return (
        None if peers is None else frozenset(map(peer, peers)),
        None if ports is None else frozenset(map(port, ports)),
    )


def view(
    policies: PolicySet, same: Sequence[CompiledRule], subjects: Bits, apart_from: Pod | None = None
) -> EffectiveRule:
    """One rule, or several that say the same, for reading. ``subjects`` are the classes it is read for."""
    index = policies.index
    first = same[0]
    if first.ref.direction is Direction.INGRESS:
        destinations = subjects
    else:
        certain, possible = _matching(first.peers, apart_from)
        destinations = certain | possible
    return EffectiveRule(
        Action.ALLOW,
        Tier.NETWORK_POLICY,
        _peers(policies, first, apart_from),
        first.ports.numbers,
        tuple(
            _named(index, name, destinations, first.ref.direction, apart_from) for name in first.ports.names
        ),
        tuple(rule.ref for rule in same),
        any(port.end_port not in (None, port.port) for port in first.rule.ports or ()),
    )


def _named(
    index: Index, name: tuple[str, str], destinations: Bits, direction: Direction, pod: Pod | None
) -> NamedPort:
    """``pod`` is the one that the rule is read for, if it is one: on ingress it is the only destination, on
    egress it is none."""
    own = index.class_of[pod.ref] if pod else None
    pods: Counter[int | None] = Counter()
    for number in bits(destinations if direction is Direction.INGRESS else destinations & index.present):
        count = len(index.members[number])
        if pod and number == own:
            count = 1 if direction is Direction.INGRESS else count - (not pod.several)
        pods[index.class_ports[number].get(name)] += count
    unresolved = pods.pop(None, 0)
    numbers = ((number, count) for number, count in pods.items() if number is not None and count)
    return NamedPort(name[0], name[1], tuple(sorted(numbers)), unresolved)


def _peers(policies: PolicySet, rule: CompiledRule, apart_from: Pod | None) -> tuple[EffectivePeer, ...]:
    index = policies.index
    namespace = rule.ref.policy.namespace

    def others(bitset: Bits) -> tuple[Pod, ...]:
        pods = index.pods_of(bitset & index.present)
        if apart_from is None or apart_from.several or not bitset & index.class_bit(apart_from):
            return pods
        return tuple(pod for pod in pods if pod is not apart_from)

    if rule.rule.peers is None:
        return (EffectivePeer(None, namespace, others(index.everyone)),)
    found = []
    for peer in rule.rule.peers:
        match = match_peer(index, peer, namespace)
        certain, possible = _matching(match, apart_from)
        found.append(EffectivePeer(peer, namespace, others(certain), others(possible & ~certain)))
    return tuple(found)


def _matching(match: PeerMatch, pod: Pod | None) -> tuple[Bits, Bits]:
    """The classes that match for certain, and those that may, over the pod's address families."""
    certain = possible = 0
    for family in own_families(pod) if pod else (4, 6):
        certain |= match.classes(family)
        possible |= match.possible(family)
    return certain, possible
