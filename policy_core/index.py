"""Pod classes, pods that no policy can tell apart, and bitsets over them.

A bitset is an int whose bit ``c`` stands for class ``c``. Selectors, namespaces and address blocks become
bitsets once; after that a rule is a few ANDs, whatever the number of pods.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from operator import attrgetter

from policy_core.census import Census
from policy_core.classes import (
    Bits,
    Bitsets,
    NamedPorts,
    PodClass,
    Vocabulary,
    bits,
    bitset_of,
    named_ports,
)
from policy_core.classified import NO_PODS, ClassedPods, Classified, classified, reclassified
from policy_core.ipblock import AddressSet, IPAddress
from policy_core.known_nodes import KnownNodes
from policy_core.labels import LabelSelector
from policy_core.model import NetworkPolicy, Pod, PodPeer, Ref
from policy_core.parts import ByNamespace, Part
from policy_core.ports import PortSet
from policy_core.renewal import difference
from policy_core.selectors import Selectors, namespace_matches
from policy_core.snapshot import Snapshot

__all__ = ["Bits", "Index", "NamedPorts", "PodClass", "bits", "named_ports", "namespace_matches"]


class Index:
    """A snapshot made ready for questions. Immutable once built, apart from caches.

    ``pods`` are the pods that take part: every pod of the snapshot that has not finished. A class is of one
    namespace. Classes are numbered in the order in which their first pod comes; what is made with a
    ``previous`` keeps its numbers, as far as it has the same classes.
    """

    def __init__(self, snapshot: Snapshot, previous: Index | None = None) -> None:
        self.snapshot = snapshot
        self.pods: ByNamespace[Pod] = _taking_part(snapshot.pods, previous)
        policies, tiered = snapshot.network_policies, snapshot.tiered_policies
        same_policies = (
            previous is not None
            and previous.snapshot.network_policies == policies
            and previous.snapshot.tiered_policies == tiered
        )
        vocabulary = previous.vocabulary if previous and same_policies else Vocabulary.of(policies, tiered)
        self._classified: Classified = (
            reclassified(self.pods, vocabulary, previous._classified)
            if previous
            else classified(self.pods, vocabulary)
        )
        self.vocabulary: Vocabulary = self._classified.vocabulary
        self.bitsets: Bitsets = self._classified.bitsets
        self._parts: Mapping[str, ClassedPods] = self._classified.parts
        self.classes: tuple[PodClass, ...] = self.bitsets.listed
        self.everyone: Bits = self.bitsets.everyone
        self.host_network: Bits = self.bitsets.host_network
        self.present: Bits = self.bitsets.present
        self.addressed: tuple[Bits, Bits] = self.bitsets.addressed
        """The classes with an IPv4 address, and those with an IPv6 address."""
        self.unaddressed: Bits = self.bitsets.unaddressed
        self._known_nodes: KnownNodes | None = previous.__dict__.get("nodes") if previous else None
        self._meanings: dict[tuple[str, str], PortSet] = {}
        same_ground = (
            previous is not None
            and previous.bitsets is self.bitsets
            and previous.vocabulary is self.vocabulary
            and previous.snapshot.namespaces == snapshot.namespaces
        )
        self.selectors: Selectors = (
            previous.selectors
            if previous and same_ground
            else Selectors(
                self.bitsets, self.vocabulary, snapshot.namespaces, previous.selectors if previous else None
            )
        )

    @cached_property
    def class_of(self) -> Mapping[Ref, int]:
        """The class of each of ``pods``."""
        return _ClassOf(self.pods, self._parts)

    def numbers(self, namespace: str) -> Sequence[int]:
        """The class of each of the ``pods`` of a namespace, in their order."""
        return self._parts.get(namespace, NO_PODS).numbers

    @property
    def class_ports(self) -> Sequence[NamedPorts]:
        return self.bitsets.ports

    @property
    def declaring(self) -> Mapping[tuple[str, str], Bits]:
        """The classes whose pods have a port of that (name, protocol)."""
        return self.bitsets.declaring

    @property
    def hosts_by_node(self) -> Mapping[str, Bits]:
        """The hostNetwork classes of each node; under ``""`` those whose node is not known."""
        return self.bitsets.hosts_by_node

    @cached_property
    def nodes(self) -> KnownNodes:
        known, self._known_nodes = self._known_nodes, None  # nothing keeps hold of what was
        return KnownNodes(self.snapshot, self.bitsets, known)

    @cached_property
    def has_templates(self) -> bool:
        """Whether some of the pods stand for several, and yet count as one."""
        return any(part.fact(_some_stand_for_several) for part in self.pods.parts.values())

    @cached_property
    def ambiguous(self) -> Mapping[tuple[str, str], list[Pod]]:
        """Under each (name, protocol) the pods that declare it for several numbers."""
        found: dict[tuple[str, str], list[Pod]] = defaultdict(list)
        for part in self.pods.parts.values():
            for name, pods in part.fact(_ambiguous).items():
                found[name] += pods
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

    def listening(self, name: tuple[str, str], number: int) -> Bits:
        """The classes whose pods have ``number`` as the port of that (name, protocol)."""
        declaring = bits(self.declaring.get(name, 0))
        return sum(1 << each for each in declaring if self.class_ports[each][name] == number)

    def meanings(self, name: tuple[str, str]) -> PortSet:
        """All that a port's (name, protocol) means on some pod."""
        found = self._meanings.get(name)
        if found is None:
            numbers = {self.class_ports[each][name] for each in bits(self.declaring.get(name, 0))}
            found = PortSet.union(PortSet.of(name[1], number) for number in numbers)
            self._meanings[name] = found
        return found

    def class_bit(self, pod: Pod) -> Bits:
        return 1 << self.class_of[pod.ref]

    def members(self, number: int) -> Sequence[Pod]:
        """The pods of a class, by name."""
        return self._parts[self.classes[number].namespace].members[number]

    def size(self, number: int) -> int:
        """How many pods a class has."""
        return len(self.members(number))

    def pods_of(self, bitset: Bits) -> tuple[Pod, ...]:
        """The pods of the classes in ``bitset``, by namespace and name."""
        by_namespace: dict[str, list[int]] = defaultdict(list)
        for number in bits(bitset):
            by_namespace[self.classes[number].namespace].append(number)
        found: list[Pod] = []
        for namespace in sorted(by_namespace):
            here, numbers = self._parts[namespace], by_namespace[namespace]
            if len(numbers) == len(here.members):
                found += self.pods.of_namespace(namespace)
            else:
                several = [pod for number in numbers for pod in here.members[number]]
                found += sorted(several, key=_BY_NAME) if len(numbers) > 1 else several
        return tuple(found)

    def count(self, bitset: Bits) -> int:
        """How many pods the classes in ``bitset`` have together."""
        return self._census.count(bitset)

    @cached_property
    def _census(self) -> Census:
        sizes = [0] * len(self.classes)
        for part in self._parts.values():
            for number, members in part.members.items():
                sizes[number] = len(members)
        return Census(sizes)

    def resized(self, namespace: str, before: Index) -> Iterator[tuple[int, int, int]]:
        """The classes of a namespace that have more or fewer pods than ``before``, with how many they had and
        have; the classes are the same."""
        had = before._parts.get(namespace, NO_PODS).members
        for number, members in self._parts.get(namespace, NO_PODS).members.items():
            if members is not had[number] and len(members) != len(had[number]):
                yield number, len(had[number]), len(members)

    def sizes(self, namespace: str) -> Mapping[int, int]:
        """How many pods each class of a namespace has."""
        return self._parts.get(namespace, NO_PODS).sizes()

    def classed(self, namespace: str) -> object:
        """The very same for as long as the classes of the namespace, and their numbers, are."""
        part = self._parts.get(namespace)
        return part.classes if part else None

    def in_namespace(self, name: str) -> Bits:
        return self.bitsets.namespaces.bits(name)

    def selected(self, selector: LabelSelector) -> Bits:
        """See :class:`Selectors`, as for the others that follow."""
        return self.selectors.selected(selector)

    def in_addresses(self, addresses: AddressSet) -> tuple[Bits, Bits]:
        return self.selectors.in_addresses(addresses)

    def peer_pods(self, peer: PodPeer, own_namespace: str) -> tuple[Bits, Bits]:
        return self.selectors.peer_pods(peer, own_namespace)

    def subject_numbers(self, policy: NetworkPolicy) -> list[int]:
        """The classes that a policy isolates: of its namespace, selected, and not of their node's network;
        in no order."""
        here = self._parts.get(policy.namespace)
        selector = policy.pod_selector
        if here is None or selector.invalid:
            return []
        candidates: Iterable[int] = here.members
        for label in selector.match_labels:
            bearing = self.bitsets.labels.numbers.get(label, ())
            if len(bearing) < len(here.members):
                candidates = (number for number in bearing if number in here.members)
                break
        classes = self.classes
        return [
            number
            for number in candidates
            if not classes[number].host_network and selector.matches(dict(classes[number].labels))
        ]

    def subjects(self, policy: NetworkPolicy) -> Bits:
        """The same as a bitset."""
        return bitset_of(self.subject_numbers(policy))


class _ClassOf(Mapping[Ref, int]):
    def __init__(self, pods: ByNamespace[Pod], parts: Mapping[str, ClassedPods]) -> None:
        self._pods = pods
        self._parts = parts

    def __getitem__(self, ref: Ref) -> int:
        kind, namespace, name = ref
        position = self._pods.of_namespace(namespace).at(name, kind)
        if position < 0:
            raise KeyError(ref)
        return self._parts[namespace].numbers[position]

    def __iter__(self) -> Iterator[Ref]:
        return (pod.ref for pod in self._pods)

    def __len__(self) -> int:
        return len(self._pods)


_BY_NAME = attrgetter("name", "kind")


def _taking_part(pods: ByNamespace[Pod], previous: Index | None) -> ByNamespace[Pod]:
    if previous is None:
        return pods.each(_unfinished)
    earlier, found = previous.snapshot.pods, previous.pods
    parts: dict[str, Part[Pod]] = {}
    for name in pods.differing(earlier):
        part, before = pods.of_namespace(name), earlier.of_namespace(name)
        some_finished = before is not found.of_namespace(name) and bool(before)
        new = difference(before, part).new
        parts[name] = part.fact(_unfinished) if some_finished or any(p.finished for p in new) else part
    return found.with_parts(parts)


def _unfinished(pods: Part[Pod]) -> Part[Pod]:
    left = Part(pod for pod in pods if not pod.finished)
    return left if len(left) < len(pods) else pods


def _some_stand_for_several(pods: Part[Pod]) -> bool:
    return any(pod.kind != "Pod" and pod.several for pod in pods)


def _ambiguous(pods: Part[Pod]) -> Mapping[tuple[str, str], list[Pod]]:
    found: dict[tuple[str, str], list[Pod]] = defaultdict(list)
    for pod in pods:
        if len(pod.ports) > 1:
            first = named_ports(pod)
            declared = {((p.name, p.protocol), p.number) for p in pod.ports if p.name}
            for name in {name for name, number in declared if first[name] != number}:
                found[name].append(pod)
    return found
