"""Pod classes, and bitsets over them that hang on nothing but the classes themselves.

Which pods are in a class is the index's business: pods come and go, and most of the time the classes stay.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from policy_core.ipblock import address_point
from policy_core.labels import LabelSelector
from policy_core.model import (
    ANY_PROTOCOL,
    Direction,
    IPBlock,
    NetworkPolicy,
    Networks,
    Peer,
    Pod,
    PodPeer,
    PolicyPort,
    TieredPeer,
    TieredPolicy,
)
from policy_core.ports import PROTOCOLS

__all__ = ["Bits", "Bitsets", "NamedPorts", "PodClass", "Vocabulary", "bits", "named_ports", "union"]

Bits = int
NamedPorts = Mapping[tuple[str, str], int]
"""(name, protocol) → number, as one pod declares them."""


def bits(bitset: Bits) -> Iterator[int]:
    """The numbers in a bitset, ascending."""
    while bitset:
        lowest = bitset & -bitset
        yield lowest.bit_length() - 1
        bitset ^= lowest


def named_ports(pod: Pod) -> dict[tuple[str, str], int]:
    """What the pod's port names mean. A name declared twice for a protocol: the first counts."""
    names: dict[tuple[str, str], int] = {}
    for port in pod.ports:
        if port.name:
            names.setdefault((port.name, port.protocol), port.number)
    return names


class PodClass(NamedTuple):
    """All that a policy can see of a pod. Equal classes, equal verdicts (but for a pod's own node)."""

    namespace: str
    labels: tuple[tuple[str, str], ...]
    """Only labels that some selector mentions."""
    ports: tuple[tuple[tuple[str, str], int], ...]
    """Only port names that some policy mentions, as (name, protocol) → number."""
    host_network: bool
    absent: bool
    """A template that is scaled to 0: worth seeing, but no pod is there to connect to anything."""
    node: str
    """Only of hostNetwork pods, whose traffic to their own node is always let in."""
    atoms: tuple[int | None, int | None]
    """For IPv4 and IPv6, between which edges of the policies' address blocks the pod's address lies; None
    without such an address."""


class _Words:
    """Gathers a vocabulary."""

    def __init__(self) -> None:
        self.keys: set[str] = set()
        self.names: set[tuple[str, str]] = set()
        self.edges: set[int] = set()

    def selector(self, selector: LabelSelector | None) -> None:
        if selector is not None:
            self.keys.update(requirement.key for requirement in selector.requirements())

    def ports(self, ports: Iterable[PolicyPort] | None) -> None:
        for port in ports or ():
            if isinstance(port.port, str):
                protocols = PROTOCOLS if port.protocol == ANY_PROTOCOL else (port.protocol,)
                self.names.update((port.port, protocol) for protocol in protocols)

    def peers(self, peers: Iterable[Peer | TieredPeer] | None) -> None:
        """Nodes are told by the name of a pod's node, not by its address."""
        for peer in peers or ():
            match peer:
                case IPBlock() | Networks():
                    for first, last in peer.addresses.line:
                        self.edges.update((first, last + 1))
                case PodPeer():
                    self.selector(peer.pods)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the policies talk about; pods are only looked at through it."""

    keys: frozenset[str]
    names: frozenset[tuple[str, str]]
    edges: tuple[int, ...]

    @classmethod
    def of(cls, policies: Iterable[NetworkPolicy], tiered: Iterable[TieredPolicy] = ()) -> Vocabulary:
        words = _Words()
        for policy in policies:
            words.selector(policy.pod_selector)
            for direction in Direction:
                for rule in policy.rules(direction):
                    words.ports(rule.ports)
                    words.peers(rule.peers)
        for each in tiered:
            words.peers((each.subject,))
            for direction in Direction:
                for entry in each.rules(direction):
                    words.ports(entry.ports)
                    words.peers(entry.peers)
        return cls(frozenset(words.keys), frozenset(words.names), tuple(sorted(words.edges)))

    def atom(self, point: int) -> int:
        return bisect_right(self.edges, point)

    def classify(self, pod: Pod) -> PodClass:
        atoms: list[int | None] = [None, None]
        for address in pod.ips:
            family = 0 if address.version == 4 else 1
            if atoms[family] is None:
                atoms[family] = self.atom(address_point(address))
        labels = pod.labels
        ports = (
            tuple(item for item in named_ports(pod).items() if item[0] in self.names) if self.names else ()
        )
        return PodClass(
            pod.namespace,
            tuple(sorted((key, labels[key]) for key in self.keys & labels.keys())),
            ports,
            pod.host_network,
            pod.replicas == 0,
            pod.node if pod.host_network else "",
            (atoms[0], atoms[1]),
        )


class Bitsets:
    """The classes by number, and the bitsets that each label, key, namespace and address gives. Immutable."""

    def __init__(self, listed: tuple[PodClass, ...]) -> None:
        self.listed = listed
        self.numbers: Mapping[PodClass, int] = {each: number for number, each in enumerate(listed)}
        self.ports: tuple[NamedPorts, ...] = tuple(dict(each.ports) for each in listed)
        self.everyone: Bits = (1 << len(listed)) - 1
        self._gather()

    def _gather(self) -> None:
        namespaces: dict[str, Bits] = defaultdict(int)
        labels: dict[tuple[str, str], Bits] = defaultdict(int)
        keys: dict[str, Bits] = defaultdict(int)
        atoms: tuple[dict[int, Bits], dict[int, Bits]] = (defaultdict(int), defaultdict(int))
        declaring: dict[tuple[str, str], Bits] = defaultdict(int)
        host_network = absent = 0
        for number, pod_class in enumerate(self.listed):
            bit = 1 << number
            namespaces[pod_class.namespace] |= bit
            for key, value in pod_class.labels:
                labels[key, value] |= bit
                keys[key] |= bit
            for name, _ in pod_class.ports:
                declaring[name] |= bit
            for family in (0, 1):
                atom = pod_class.atoms[family]
                if atom is not None:
                    atoms[family][atom] |= bit
            if pod_class.host_network:
                host_network |= bit
            if pod_class.absent:
                absent |= bit
        self.by_namespace, self.by_label, self.by_key = dict(namespaces), dict(labels), dict(keys)
        self.atoms = tuple((sorted(table), table) for table in atoms)
        self.declaring: Mapping[tuple[str, str], Bits] = dict(declaring)
        """The classes whose pods have a port of that (name, protocol)."""
        self.host_network: Bits = host_network
        self.present: Bits = self.everyone & ~absent
        self.addressed: tuple[Bits, Bits] = (union(atoms[0].values()), union(atoms[1].values()))
        """The classes with an IPv4 address, and those with an IPv6 address."""
        self.unaddressed: Bits = self.everyone & ~(self.addressed[0] | self.addressed[1])

    @cached_property
    def hosts_by_node(self) -> Mapping[str, Bits]:
        """The hostNetwork classes of each node; under ``""`` those whose node is not known."""
        nodes: dict[str, Bits] = defaultdict(int)
        for number in bits(self.host_network):
            nodes[self.listed[number].node] |= 1 << number
        return nodes


def union(bitsets: Iterable[Bits]) -> Bits:
    union = 0
    for bitset in bitsets:
        union |= bitset
    return union
