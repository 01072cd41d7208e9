"""The effective rules of one pod: everything that all policies together let in or out, each rule with the
policies it comes from. Whatever no rule names is denied if the pod is isolated, and open if it is not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from policy_core.index import Bits, Index, bits
from policy_core.labels import EVERYTHING, LabelSelector
from policy_core.matching import PeerMatch, PortMatch, match_any_peer, match_ports
from policy_core.members import Members
from policy_core.model import (
    ANY_PROTOCOL,
    Action,
    Direction,
    IPBlock,
    Peer,
    Pod,
    PolicyPort,
    Ref,
    RuleRef,
    Tier,
    TieredPeer,
)
from policy_core.openness import Openness, Wide, openness, own_families, wide
from policy_core.ports import PortSet
from policy_core.rules import CompiledRule, PolicySet
from policy_core.tiers import CompiledTieredPolicy

__all__ = ["Effective", "EffectivePeer", "EffectiveRule", "NamedPort", "effective", "tiered_views", "view"]


@dataclass(frozen=True, slots=True)
class EffectivePeer:
    """One peer as the pod sees it. ``peer`` None is any peer, inside and outside the cluster."""

    peer: Peer | TieredPeer | None
    namespace: str
    """The policy's namespace, which a peer without a namespace selector means; empty of a tiered policy."""
    pods: Sequence[Pod]
    """Those that match now over the pod's own address families, the pod itself left out; a template of
    several pods is a peer of its own."""
    possible: Sequence[Pod] = ()
    """Those that match or not depending on an address or on namespace labels that are not known."""


@dataclass(frozen=True, slots=True)
class NamedPort:
    """A port name and what it means on the destination pods: (number, how many pods), by number.

    ``unresolved`` counts the pods that have no port of that name and protocol: there it matches nothing.
    ``protocol`` is ANY_PROTOCOL where the name stands for a port of any, and no pod has one.
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
    priority: int | None = None
    """That of the policy, in the Admin and Baseline tiers; the BaselineAdminNetworkPolicy has none."""
    name: str = ""
    """That of the rule, where it has one."""
    closed: str = ""
    """What of it is not understood, so that it fails closed: ``action`` is then what it does for that reason.
    A rule that allows has no peer then."""
    perhaps: bool = False
    """Whether it hangs on labels of the pod's namespace, which could not be read, that it is for the pod."""

    @property
    def pods(self) -> tuple[Pod, ...]:
        """The pods that any peer matches now, by namespace and name."""
        unique = {pod.ref: pod for peer in self.peers for pod in peer.pods}
        return tuple(sorted(unique.values(), key=lambda pod: (pod.namespace, pod.name)))


@dataclass(frozen=True, slots=True)
class Effective:
    """The rules in the order in which they decide: those of the Admin tier, of NetworkPolicies where some
    isolates the pod, else of the Baseline tier. Whatever none of them names is denied where ``isolated``, and
    allowed where not.
    """

    direction: Direction
    isolated: bool
    """Whether some NetworkPolicy isolates the pod."""
    policies: tuple[Ref, ...]
    """The NetworkPolicies that do."""
    rules: tuple[EffectiveRule, ...]
    openness: Openness
    wide: Wide = field(default_factory=dict)
    """The address families over which rules open the isolated pod to anyone."""
    wholly: bool = False
    """Whether those are all that the pod has, so that nothing is left to deny."""
    tiered: tuple[Ref, ...] = ()
    """The policies of the Admin and Baseline tiers that have rules for the pod, in the order in which they
    decide; also those that are not asked, since a NetworkPolicy isolates the pod."""
    unasked: tuple[Ref, ...] = ()
    """Those among them that are not asked."""

    @property
    def judged(self) -> bool:
        """Whether any policy has a say."""
        return self.isolated or bool(self.tiered)


def effective(policies: PolicySet, pod: Pod, direction: Direction) -> Effective:
    """What policy does to ``pod`` in one direction (source: ``NetworkPolicy.spec``, and that of the tiered
    policies). For a finished or a hostNetwork pod: not isolated, no rules."""
    selecting = policies.selecting(pod, direction)
    tiered = policies.tiers.concerning(policies.index, pod, direction)
    families = own_families(pod)
    wide_open = wide((rule for compiled in selecting for rule in compiled.rules), families)
    state = openness(policies, pod, direction)
    if state is not Openness.WIDE and tiered:
        wide_open = {}
    merged: dict[Hashable, list[CompiledRule]] = {}
    for compiled in selecting:
        for rule in compiled.rules:
            merged.setdefault(_sameness(rule), []).append(rule)
    own = policies.index.class_bit(pod) if selecting or tiered else 0
    by_tier = {
        tier: [
            rule
            for policy in tiered
            if policy.policy.tier is tier
            for rule in tiered_views(policies, policy, own, apart_from=pod)
        ]
        for tier in (Tier.ADMIN, Tier.BASELINE)
    }
    asked = [view(policies, same, own, apart_from=pod) for same in merged.values()]
    below = () if selecting else by_tier[Tier.BASELINE]
    return Effective(
        direction,
        bool(selecting),
        tuple(compiled.policy.ref for compiled in selecting),
        (*by_tier[Tier.ADMIN], *asked, *below),
        state,
        wide_open,
        all(family in wide_open for family in families),
        tuple(policy.policy.ref for policy in tiered),
        tuple(p.policy.ref for p in tiered if selecting and p.policy.tier is Tier.BASELINE),
    )


def tiered_views(
    policies: PolicySet, compiled: CompiledTieredPolicy, subjects: Bits, apart_from: Pod | None = None
) -> Iterator[EffectiveRule]:
    """The rules of a tiered policy, those that fail closed among them. ``subjects`` are the classes that they
    are read for."""
    known = {rule.ref.position: rule for rule in compiled.rules}
    policy, direction = compiled.policy, compiled.direction
    for position, rule in enumerate(policy.rules(direction)):
        found = known.get(position)
        ports = found.ports if found else match_ports(rule.ports)
        match = found.peers if found else PeerMatch()
        peers = tuple(_peer(policies.index, peer, "", apart_from) for peer in rule.peers)
        if rule.closed and found:
            peers = (EffectivePeer(None, "", _others(policies.index, match.certain, apart_from)),)
        yield EffectiveRule(
            found.action if found else rule.action,
            policy.tier,
            peers,
            ports.numbers,
            tuple(_named_any(policies.index, ports, match, subjects, direction, apart_from)),
            (RuleRef(policy.ref, direction, position),),
            any(port.end_port not in (None, port.port) for port in rule.ports or ()),
            policy.priority,
            rule.name,
            rule.closed,
            bool(apart_from and not compiled.subjects & subjects),
        )


def _named_any(
    index: Index,
    ports: PortMatch,
    match: PeerMatch,
    subjects: Bits,
    direction: Direction,
    apart_from: Pod | None,
) -> Iterator[NamedPort]:
    """Names that stand for ports of any protocol: under each that a pod has one of, else under none."""
    certain, possible = _matching(match, apart_from)
    destinations = subjects if direction is Direction.INGRESS else certain | possible
    by_name: dict[str, list[NamedPort]] = {}
    for name in ports.names:
        found = _named(index, name, destinations, direction, apart_from)
        by_name.setdefault(found.name, []).append(found)
    for same in by_name.values():
        resolved = [each for each in same if each.numbers]
        if not resolved:
            yield replace(same[0], protocol=ANY_PROTOCOL)
        elif len(resolved) == 1:
            yield resolved[0]
        else:  # a pod that lacks it for one protocol may have it for another
            yield from (replace(each, unresolved=0) for each in resolved)


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
        count = index.size(number)
        if pod and number == own:
            count = 1 if direction is Direction.INGRESS else count - (not pod.several)
        pods[index.class_ports[number].get(name)] += count
    unresolved = pods.pop(None, 0)
    numbers = ((number, count) for number, count in pods.items() if number is not None and count)
    return NamedPort(name[0], name[1], tuple(sorted(numbers)), unresolved)


def _peers(policies: PolicySet, rule: CompiledRule, apart_from: Pod | None) -> tuple[EffectivePeer, ...]:
    index = policies.index
    namespace = rule.ref.policy.namespace
    if rule.rule.peers is None:
        return (EffectivePeer(None, namespace, _others(index, index.everyone, apart_from)),)
    return tuple(_peer(index, peer, namespace, apart_from) for peer in rule.rule.peers)


def _peer(index: Index, peer: Peer | TieredPeer, namespace: str, apart_from: Pod | None) -> EffectivePeer:
    certain, possible = _matching(match_any_peer(index, peer, namespace), apart_from)
    pods = _others(index, certain, apart_from)
    return EffectivePeer(peer, namespace, pods, _others(index, possible & ~certain, apart_from))


def _others(index: Index, bitset: Bits, apart_from: Pod | None) -> Sequence[Pod]:
    alone = apart_from is not None and not apart_from.several
    return Members(index, bitset & index.present, apart_from if alone else None)


def _matching(match: PeerMatch, pod: Pod | None) -> tuple[Bits, Bits]:
    """The classes that match for certain, and those that may, over the pod's address families."""
    certain = possible = 0
    for family in own_families(pod) if pod else (4, 6):
        certain |= match.classes(family)
        possible |= match.possible(family)
    return certain, possible
