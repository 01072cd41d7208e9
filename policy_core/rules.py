"""Policies compiled against the index: who is subject to a rule, whom it matches, on which ports.

Everything here belongs to the NetworkPolicy tier. Tiers above and below it would be further ``Tier`` members
and further compiled rules with an action and a priority of their own; what a rule matches stays the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from operator import or_
from typing import NamedTuple

from policy_core.index import Bits, Index, NamedPorts
from policy_core.ipblock import EVERY_IPV4, EVERY_IPV6, AddressSet, IPAddress
from policy_core.model import Direction, IPBlock, NetworkPolicy, Peer, Pod, PolicyPort, Ref, Rule
from policy_core.ports import ALL_PORTS, NO_PORTS, PortSet

__all__ = [
    "CompiledPolicy",
    "CompiledRule",
    "PeerMatch",
    "PolicySet",
    "PortMatch",
    "RuleRef",
    "Tier",
    "match_peer",
    "match_ports",
]

Family = int | None
"""4, 6, or None where no address is known on either side."""


class Tier(StrEnum):
    NETWORK_POLICY = "NetworkPolicy"


class RuleRef(NamedTuple):
    """One rule of one policy; ``position`` counts from 0, as in the manifest's field path."""

    policy: Ref
    direction: Direction
    position: int

    def __str__(self) -> str:
        return f"{self.policy} {self.direction}[{self.position}]"


@dataclass(frozen=True, slots=True)
class PeerMatch:
    """The classes that a rule's peers match, and the addresses outside the pods that they match.

    The last three are the classes that match or not depending on something unknown: labels of a namespace
    that could not be read, or an address of that family that is not assigned yet.
    """

    certain: Bits = 0
    by_ipv4: Bits = 0
    by_ipv6: Bits = 0
    addresses: AddressSet = AddressSet()
    by_labels: Bits = 0
    by_new_ipv4: Bits = 0
    by_new_ipv6: Bits = 0

    def __or__(self, other: PeerMatch) -> PeerMatch:
        return PeerMatch(
            self.certain | other.certain,
            self.by_ipv4 | other.by_ipv4,
            self.by_ipv6 | other.by_ipv6,
            self.addresses | other.addresses,
            self.by_labels | other.by_labels,
            self.by_new_ipv4 | other.by_new_ipv4,
            self.by_new_ipv6 | other.by_new_ipv6,
        )

    def classes(self, family: Family) -> Bits:
        """Those that match for certain over one address family."""
        match family:
            case 4:
                return self.certain | self.by_ipv4
            case 6:
                return self.certain | self.by_ipv6
        return self.certain

    def possible(self, family: Family) -> Bits:
        """Those that may match over one address family; None: whichever the two will share."""
        match family:
            case 4:
                return self.by_labels | self.by_new_ipv4
            case 6:
                return self.by_labels | self.by_new_ipv6
        return self.by_labels | self.by_new_ipv4 | self.by_new_ipv6


def match_peer(index: Index, peer: Peer, own_namespace: str) -> PeerMatch:
    if isinstance(peer, IPBlock):
        addresses = peer.addresses
        by_ipv4, by_ipv6 = index.in_addresses(addresses)
        unaddressed = index.unaddressed if addresses else 0
        return PeerMatch(
            by_ipv4=by_ipv4,
            by_ipv6=by_ipv6,
            addresses=addresses,
            by_new_ipv4=unaddressed if peer.cidr.version == 4 else 0,
            by_new_ipv6=unaddressed if peer.cidr.version == 6 else 0,
        )
    certain, possible = index.peer_pods(peer, own_namespace)
    return PeerMatch(certain, by_labels=possible)


@dataclass(frozen=True, slots=True)
class PortMatch:
    """Numbered ports, and port names as (name, protocol), which every destination pod resolves for itself."""

    numbers: PortSet
    names: tuple[tuple[str, str], ...] = ()

    def on(self, ports: NamedPorts) -> PortSet:
        """What the rule matches on a pod with these named ports; a name that it lacks matches nothing."""
        resolved = [PortSet.of(name[1], ports[name]) for name in self.names if name in ports]
        return PortSet.union([self.numbers, *resolved]) if resolved else self.numbers

    def contains(self, protocol: str, port: int, ports: NamedPorts) -> bool:
        return self.numbers.contains(protocol, port) or any(
            name[1] == protocol and ports.get(name) == port for name in self.names
        )


def match_ports(ports: Iterable[PolicyPort] | None) -> PortMatch:
    if ports is None:
        return PortMatch(ALL_PORTS)
    numbers = NO_PORTS
    names = []
    for port in ports:
        if port.port is None:
            numbers |= PortSet.protocol(port.protocol)
        elif isinstance(port.port, str):
            names.append((port.port, port.protocol))
        else:
            numbers |= PortSet.of(port.protocol, port.port, port.end_port)
    return PortMatch(numbers, tuple(dict.fromkeys(names)))


@dataclass(frozen=True, slots=True)
class CompiledRule:
    ref: RuleRef
    rule: Rule
    peers: PeerMatch
    ports: PortMatch


@dataclass(frozen=True, slots=True)
class CompiledPolicy:
    """``subjects`` are the classes that the policy isolates in ``direction``."""

    policy: NetworkPolicy
    direction: Direction
    subjects: Bits
    rules: tuple[CompiledRule, ...]


class PolicySet:
    """All policies of a snapshot, compiled. Build once for an index, then only read.

    What is compiled hangs on the policies, the classes and the namespaces' labels, not on the pods: while
    those are what they were, it is the same. Of a ``previous`` for other classes each rule keeps its ports.
    """

    def __init__(self, index: Index, previous: PolicySet | None = None) -> None:
        self.index = index
        self._everybody = PeerMatch(index.everyone, addresses=EVERY_IPV4 | EVERY_IPV6)
        self.of: Mapping[Direction, tuple[CompiledPolicy, ...]]
        self.isolated: Mapping[Direction, Bits]
        self._by_namespace: Mapping[tuple[Direction, str], Sequence[CompiledPolicy]]
        same_ground = previous is not None and _same_ground(previous.index, index)
        policies = index.snapshot.network_policies
        self.unseen: Bits = self._unseen()
        """The classes whose NetworkPolicies could not be read: no policy that was read counts for them, since
        nobody knows what the others let through or keep out."""
        if previous and same_ground and previous.index.snapshot.network_policies == policies:
            self.of, self.isolated = previous.of, previous.isolated
            self._by_namespace = previous._by_namespace
            return
        self.of = {
            direction: tuple(self._compiled(direction, previous, same_ground)) for direction in Direction
        }
        by_namespace: dict[tuple[Direction, str], list[CompiledPolicy]] = defaultdict(list)
        for direction, compiled_policies in self.of.items():
            for compiled in compiled_policies:
                by_namespace[direction, compiled.policy.namespace].append(compiled)
        self._by_namespace = by_namespace
        self.isolated = {
            direction: reduce(or_, (compiled.subjects for compiled in self.of[direction]), 0)
            for direction in Direction
        }

    def _compiled(
        self, direction: Direction, previous: PolicySet | None, same_ground: bool
    ) -> Iterator[CompiledPolicy]:
        before = {id(compiled.policy): compiled for compiled in previous.of[direction]} if previous else {}
        for policy in self.index.snapshot.network_policies:
            if direction in policy.types:
                known = before.get(id(policy))
                yield known if known and same_ground else self._compile(policy, direction, known)

    def _compile(
        self, policy: NetworkPolicy, direction: Direction, known: CompiledPolicy | None
    ) -> CompiledPolicy:
        rules = (
            CompiledRule(
                known.rules[number].ref if known else RuleRef(policy.ref, direction, number),
                rule,
                self._match_peers(rule.peers, policy.namespace),
                known.rules[number].ports if known else match_ports(rule.ports),
            )
            for number, rule in enumerate(policy.rules(direction))
        )
        return CompiledPolicy(policy, direction, self.index.subjects(policy) & ~self.unseen, tuple(rules))

    def _unseen(self) -> Bits:
        index, unread = self.index, self.index.snapshot.unread
        if not unread.some("NetworkPolicy"):
            return 0
        names = (name for name in index.snapshot.namespaces if unread.here("NetworkPolicy", name))
        return reduce(or_, map(index.in_namespace, names), 0) & ~index.host_network

    def open(self, direction: Direction) -> Bits:
        """The classes that no policy isolates, for certain."""
        return self.index.everyone & ~self.isolated[direction] & ~self.unseen

    def is_unseen(self, pod: Pod) -> bool:
        """Whether the policies of the pod, one that takes part, could not be read."""
        return bool(self.unseen and self.unseen & self.index.class_bit(pod))

    def _match_peers(self, peers: tuple[Peer, ...] | None, namespace: str) -> PeerMatch:
        if peers is None:
            return self._everybody
        matches = [match_peer(self.index, peer, namespace) for peer in peers]
        return reduce(or_, matches) if matches else PeerMatch()

    def selecting(self, pod: Pod, direction: Direction) -> tuple[CompiledPolicy, ...]:
        """The policies that isolate the pod in this direction; none where it is open, or unseen."""
        if pod.finished:
            return ()
        bit = self.index.class_bit(pod)
        return tuple(c for c in self.of_namespace(pod.namespace, direction) if c.subjects & bit)

    def of_namespace(self, namespace: str, direction: Direction) -> Sequence[CompiledPolicy]:
        """A policy selects pods of its own namespace only."""
        return self._by_namespace.get((direction, namespace), ())


def _same_ground(one: Index, other: Index) -> bool:
    """Whether the same policy, compiled for either, is the same."""
    return one.bitsets is other.bitsets and one.snapshot.namespaces == other.snapshot.namespaces


def families(one: tuple[IPAddress, ...], other: tuple[IPAddress, ...]) -> tuple[Family, ...]:
    """The address families over which two ends can speak; ``(None,)`` where neither address is known, and
    none at all where both are known and have no family in common."""
    mine, theirs = {a.version for a in one}, {a.version for a in other}
    if mine and theirs:
        return tuple(sorted(mine & theirs))
    return tuple(sorted(mine | theirs)) or (None,)
