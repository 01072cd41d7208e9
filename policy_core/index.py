"""Pod classes, pods that no policy can tell apart, and bitsets over them.

A bitset is an int whose bit ``c`` stands for class ``c``. Selectors, namespaces and address blocks become
bitsets once; after that a rule is a few ANDs, whatever the number of pods.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import cast

from policy_core.classes import (
    Bits,
    Bitsets,
    NamedPorts,
    PodClass,
    Vocabulary,
    bits,
    named_ports,
    union,
)
from policy_core.ipblock import AddressSet, IPAddress
from policy_core.known_nodes import KnownNodes
from policy_core.labels import LabelSelector, Operator, Requirement
from policy_core.model import NAME_LABEL, Namespace, NetworkPolicy, Pod, PodPeer, Ref
from policy_core.ports import PortSet
from policy_core.renewal import Difference, carried, difference
from policy_core.snapshot import Snapshot

__all__ = ["Bits", "Index", "NamedPorts", "PodClass", "bits", "named_ports", "namespace_matches"]


class Index:
    """A snapshot made ready for questions. Immutable once built, apart from caches.

    ``pods`` are the pods that take part: every pod of the snapshot that has not finished. Classes are
    numbered in the order in which their first pod comes; what is made with a ``previous`` keeps its numbers,
    as far as it has the same classes.
    """

    def __init__(
        self, snapshot: Snapshot, previous: Index | None = None, changes: Difference[Pod] | None = None
    ) -> None:
        """``changes`` are those of the snapshot's pods since ``previous``."""
        self.snapshot = snapshot
        self.pods: tuple[Pod, ...] = tuple(pod for pod in snapshot.pods if not pod.finished)
        policies, tiered = snapshot.network_policies, snapshot.tiered_policies
        same_policies = (
            previous is not None
            and previous.snapshot.network_policies == policies
            and previous.snapshot.tiered_policies == tiered
        )
        self.vocabulary: Vocabulary = (
            previous.vocabulary if previous and same_policies else Vocabulary.of(policies, tiered)
        )
        self.numbers: list[int]
        """The class of each of ``pods``, in their order."""
        self.class_of: dict[Ref, int]
        if previous is not None and previous.vocabulary == self.vocabulary:
            changes = changes or difference(previous.snapshot.pods, snapshot.pods)
            self._reclassify(previous, changes.gone)
        else:
            self._classify()
        self.members: list[list[int]] = [[] for _ in self.bitsets.listed]
        """The pods of each class, as positions in ``pods``, ascending."""
        for position, number in enumerate(self.numbers):
            self.members[number].append(position)
        self.classes: tuple[PodClass, ...] = self.bitsets.listed
        self.class_ports: tuple[NamedPorts, ...] = self.bitsets.ports
        self.everyone: Bits = self.bitsets.everyone
        self.declaring: Mapping[tuple[str, str], Bits] = self.bitsets.declaring
        """The classes whose pods have a port of that (name, protocol)."""
        self.host_network: Bits = self.bitsets.host_network
        self.present: Bits = self.bitsets.present
        self.addressed: tuple[Bits, Bits] = self.bitsets.addressed
        """The classes with an IPv4 address, and those with an IPv6 address."""
        self.unaddressed: Bits = self.bitsets.unaddressed
        self._meanings: dict[tuple[str, str], PortSet] = {}
        # Policies that have gone leave their selectors behind in no cache.
        same = previous if previous and same_policies and previous.bitsets is self.bitsets else None
        self._selected: dict[LabelSelector, Bits] = same._selected if same else {}
        self._namespaces_selected: dict[LabelSelector, tuple[Bits, Bits]] = (
            same._namespaces_selected if same and same.snapshot.namespaces == snapshot.namespaces else {}
        )

    def _classify(self) -> None:
        found: dict[PodClass, int] = {}
        self.numbers = [found.setdefault(self.vocabulary.classify(pod), len(found)) for pod in self.pods]
        self.bitsets = Bitsets(tuple(found))
        self.class_of = self._by_ref(range(len(self.pods)))

    def _reclassify(self, previous: Index, gone: Iterable[Pod]) -> None:
        """Pods that have not changed stay in their classes, and where the classes are the same ones all that
        hangs on them is the same."""
        before = carried(previous.pods, previous.numbers, self.pods)
        new = [position for position, number in enumerate(before) if number is None]
        found = dict(previous.bitsets.numbers)
        for position in new:
            before[position] = found.setdefault(self.vocabulary.classify(self.pods[position]), len(found))
        numbers = self.numbers = cast(list[int], before)
        listed, moved = _without_gaps(list(found), set(numbers))
        same = len(listed) == len(previous.classes) == len(found)
        self.bitsets = previous.bitsets if same else Bitsets(tuple(listed))
        for position, number in enumerate(numbers) if moved else ():
            if number in moved:
                numbers[position] = moved[number]
                new.append(position)
        self.class_of = dict(previous.class_of)
        for pod in gone:
            self.class_of.pop(pod.ref, None)
        self.class_of.update(self._by_ref(new))

    def _by_ref(self, positions: Iterable[int]) -> dict[Ref, int]:
        return {self.pods[position].ref: self.numbers[position] for position in positions}

    @property
    def hosts_by_node(self) -> Mapping[str, Bits]:
        """The hostNetwork classes of each node; under ``""`` those whose node is not known."""
        return self.bitsets.hosts_by_node

    @cached_property
    def nodes(self) -> KnownNodes:
        return KnownNodes(self.snapshot, self.bitsets)

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

    def pods_of(self, bitset: Bits) -> tuple[Pod, ...]:
        """The pods of the classes in ``bitset``, by namespace and name."""
        positions = [position for number in bits(bitset) for position in self.members[number]]
        positions.sort()
        return tuple(map(self.pods.__getitem__, positions))

    def count(self, bitset: Bits) -> int:
        """How many pods the classes in ``bitset`` have together."""
        return sum(len(self.members[number]) for number in bits(bitset))

    def in_namespace(self, name: str) -> Bits:
        return self.bitsets.by_namespace.get(name, 0)

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
                return self.bitsets.by_key.get(requirement.key, 0)
            case Operator.DOES_NOT_EXIST:
                return self.everyone & ~self.bitsets.by_key.get(requirement.key, 0)
        listed = union(self.bitsets.by_label.get((requirement.key, value), 0) for value in requirement.values)
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
            low, high = self.vocabulary.atom(first), self.vocabulary.atom(last)
            for family, (occupied, table) in enumerate(self.bitsets.atoms):
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


def _without_gaps(classes: list[PodClass], used: set[int]) -> tuple[list[PodClass], dict[int, int]]:
    """The classes that have pods, and the new numbers of the last ones, which fill the gaps: so few pods get
    another number."""
    moved: dict[int, int] = {}
    for gap in sorted(set(range(len(classes))) - used):
        while len(classes) > gap and len(classes) - 1 not in used:
            classes.pop()
        if gap < len(classes):
            moved[len(classes) - 1] = gap
            classes[gap] = classes.pop()
    return classes, moved


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
