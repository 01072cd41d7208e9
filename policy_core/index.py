"""Pod classes, pods that no policy can tell apart, and bitsets over them.

A bitset is an int whose bit ``c`` stands for class ``c``. Selectors, namespaces and address blocks become
bitsets once; after that a rule is a few ANDs, whatever the number of pods.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from policy_core.ipblock import AddressSet, IPAddress, address_point
from policy_core.labels import LabelSelector, Operator, Requirement
from policy_core.model import NAME_LABEL, Direction, IPBlock, Namespace, NetworkPolicy, Pod, PodPeer, Ref
from policy_core.snapshot import Snapshot

__all__ = ["Bits", "Index", "NamedPorts", "PodClass", "bits", "named_ports", "namespace_matches"]

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


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """What the policies talk about; pods are only looked at through it."""

    keys: frozenset[str]
    names: frozenset[tuple[str, str]]
    edges: tuple[int, ...]

    @classmethod
    def of(cls, policies: Iterable[NetworkPolicy]) -> _Vocabulary:
        keys: set[str] = set()
        names: set[tuple[str, str]] = set()
        edges: set[int] = set()
        for policy in policies:
            selectors = [policy.pod_selector]
            for direction in Direction:
                for rule in policy.rules(direction):
                    for port in rule.ports or ():
                        if isinstance(port.port, str):
                            names.add((port.port, port.protocol))
                    for peer in rule.peers or ():
                        if isinstance(peer, IPBlock):
                            for first, last in peer.addresses.line:
                                edges.update((first, last + 1))
                        elif peer.pods is not None:
                            selectors.append(peer.pods)
            for selector in selectors:
                keys.update(requirement.key for requirement in selector.requirements())
        return cls(frozenset(keys), frozenset(names), tuple(sorted(edges)))

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


class Index:
    """A snapshot made ready for questions. Immutable once built, apart from caches.

    ``pods`` are the pods that take part: every pod of the snapshot that has not finished. Classes are
    numbered in the order in which their first pod comes.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.pods: tuple[Pod, ...] = tuple(pod for pod in snapshot.pods if not pod.finished)
        self._vocabulary = _Vocabulary.of(snapshot.network_policies)
        numbers: dict[PodClass, int] = {}
        self.members: list[list[int]] = []
        """The pods of each class, as positions in ``pods``, ascending."""
        self.class_of: dict[Ref, int] = {}
        for position, pod in enumerate(self.pods):
            number = numbers.setdefault(self._vocabulary.classify(pod), len(numbers))
            if number == len(self.members):
                self.members.append([])
            self.members[number].append(position)
            self.class_of[pod.ref] = number
        self.classes: tuple[PodClass, ...] = tuple(numbers)
        self.class_ports: tuple[NamedPorts, ...] = tuple(dict(c.ports) for c in self.classes)
        self.everyone: Bits = (1 << len(self.classes)) - 1
        self._selected: dict[LabelSelector, Bits] = {}
        self._namespaces_selected: dict[LabelSelector, tuple[Bits, Bits]] = {}
        self._gather()

    def _gather(self) -> None:
        namespaces: dict[str, Bits] = defaultdict(int)
        labels: dict[tuple[str, str], Bits] = defaultdict(int)
        keys: dict[str, Bits] = defaultdict(int)
        atoms: tuple[dict[int, Bits], dict[int, Bits]] = (defaultdict(int), defaultdict(int))
        declaring: dict[tuple[str, str], Bits] = defaultdict(int)
        host_network = absent = 0
        for number, pod_class in enumerate(self.classes):
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
        self._by_namespace, self._by_label, self._by_key = dict(namespaces), dict(labels), dict(keys)
        self._atoms = tuple((sorted(table), table) for table in atoms)
        self.declaring: Mapping[tuple[str, str], Bits] = dict(declaring)
        """The classes whose pods have a port of that (name, protocol)."""
        self.host_network: Bits = host_network
        self.present: Bits = self.everyone & ~absent
        self.addressed: tuple[Bits, Bits] = (_union(atoms[0].values()), _union(atoms[1].values()))
        """The classes with an IPv4 address, and those with an IPv6 address."""
        self.unaddressed: Bits = self.everyone & ~(self.addressed[0] | self.addressed[1])

    @cached_property
    def hosts_by_node(self) -> Mapping[str, Bits]:
        """The hostNetwork classes of each node; under ``""`` those whose node is not known."""
        nodes: dict[str, Bits] = defaultdict(int)
        for number in bits(self.host_network):
            nodes[self.classes[number].node] |= 1 << number
        return nodes

    @cached_property
    def has_templates(self) -> bool:
        """Whether some of the pods stand for several, and yet count as one."""
        return any(pod.kind != "Pod" and pod.several for pod in self.pods)

    @cached_property
    def ambiguous(self) -> Mapping[tuple[str, str], list[Pod]]:
        """Under each (name, protocol) the pods that declare it for several numbers."""
        found: dict[tuple[str, str], list[Pod]] = defaultdict(list)
        for pod in self.pods:
            if len(pod.ports) > 1:
                first = named_ports(pod)
                declared = {((p.name, p.protocol), p.number) for p in pod.ports if p.name}
                for name in {name for name, number in declared if first[name] != number}:
                    found[name].append(pod)
        return found

    @cached_property
    def node_addresses(self) -> Mapping[str, tuple[IPAddress, ...]]:
        """Of every node that was read, by its name."""
        return {node.name: node.addresses for node in self.snapshot.nodes}

    def own_addresses(self, pod: Pod) -> tuple[IPAddress, ...]:
        """Those of the pod's own node, as the pod and the node itself tell them."""
        if not (pod.node and self.snapshot.nodes):
            return pod.host_ips
        return (*pod.host_ips, *self.node_addresses.get(pod.node, ()))

    def class_bit(self, pod: Pod) -> Bits:
        return 1 << self.class_of[pod.ref]

    def pods_of(self, bitset: Bits) -> tuple[Pod, ...]:
        """The pods of the classes in ``bitset``, by namespace and name."""
        positions = [position for number in bits(bitset) for position in self.members[number]]
        positions.sort()
        return tuple(map(self.pods.__getitem__, positions))

    def count(self, bitset: Bits) -> int:
        """How many pods the classes in ``bitset`` have together."""
        return sum(len(self.members[number]) for number in bits(bitset))

    def in_namespace(self, name: str) -> Bits:
        return self._by_namespace.get(name, 0)

    def selected(self, selector: LabelSelector) -> Bits:
        """The classes whose pods a pod selector matches, in any namespace."""
        found = self._selected.get(selector)
        if found is None:
            found = 0 if selector.invalid else self.everyone
            for requirement in selector.requirements():
                found &= self._satisfying(requirement)
            self._selected[selector] = found
        return found

    def _satisfying(self, requirement: Requirement) -> Bits:
        match requirement.operator:
            case Operator.EXISTS:
                return self._by_key.get(requirement.key, 0)
            case Operator.DOES_NOT_EXIST:
                return self.everyone & ~self._by_key.get(requirement.key, 0)
        listed = _union(self._by_label.get((requirement.key, value), 0) for value in requirement.values)
        return listed if requirement.operator is Operator.IN else self.everyone & ~listed

    def subjects(self, policy: NetworkPolicy) -> Bits:
        """The classes that a policy isolates: of its namespace, selected, and not of their node's network."""
        return self.selected(policy.pod_selector) & self.in_namespace(policy.namespace) & ~self.host_network

    def in_namespaces(self, selector: LabelSelector) -> tuple[Bits, Bits]:
        """The classes of the namespaces that a namespace selector matches for certain, and of those that it
        may match (namespaces whose labels could not be read)."""
        found = self._namespaces_selected.get(selector)
        if found is None:
            certain = possible = 0
            for namespace in self.snapshot.namespaces.values():
                match namespace_matches(selector, namespace):
                    case True:
                        certain |= self.in_namespace(namespace.name)
                    case None:
                        possible |= self.in_namespace(namespace.name)
            found = self._namespaces_selected[selector] = (certain, possible)
        return found

    def in_addresses(self, addresses: AddressSet) -> tuple[Bits, Bits]:
        """The classes whose IPv4 address, and those whose IPv6 address, lies in a block of some policy."""
        found = [0, 0]
        for first, last in addresses.line:
            low, high = self._vocabulary.atom(first), self._vocabulary.atom(last)
            for family, (occupied, table) in enumerate(self._atoms):
                for atom in occupied[bisect_left(occupied, low) : bisect_right(occupied, high)]:
                    found[family] |= table[atom]
        return found[0], found[1]

    def peer_pods(self, peer: PodPeer, own_namespace: str) -> tuple[Bits, Bits]:
        """The classes that a selector peer matches for certain, and those that it may match. hostNetwork
        pods carry their node's address, so no selector matches them."""
        if peer.namespaces is None:
            certain, possible = self.in_namespace(own_namespace), 0
        else:
            certain, possible = self.in_namespaces(peer.namespaces)
        within = ~self.host_network if peer.pods is None else self.selected(peer.pods) & ~self.host_network
        return certain & within, possible & within


def namespace_matches(selector: LabelSelector, namespace: Namespace) -> bool | None:
    """Whether the selector matches the namespace; None where that hangs on labels that could not be read."""
    if selector.invalid:
        return False
    if namespace.labels_known:
        return selector.matches(namespace.labels)
    certain = [r for r in selector.requirements() if r.key == NAME_LABEL]
    if not all(requirement.matches(namespace.labels) for requirement in certain):
        return False
    return True if len(certain) == len(selector.requirements()) else None


def _union(bitsets: Iterable[Bits]) -> Bits:
    union = 0
    for bitset in bitsets:
        union |= bitset
    return union
