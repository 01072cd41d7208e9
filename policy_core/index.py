"""Pod classes, pods that no policy can tell apart, and bitsets over them.

A bitset is an int whose bit ``c`` stands for class ``c``. Selectors, namespaces and address blocks become
bitsets once; after that a rule is a few ANDs, whatever the number of pods.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

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
from policy_core.ipblock import AddressSet
from policy_core.labels import LabelSelector, Operator, Requirement
from policy_core.model import NAME_LABEL, Namespace, NetworkPolicy, Pod, PodPeer, Ref
from policy_core.renewal import carried, difference
from policy_core.snapshot import Snapshot

__all__ = ["Bits", "Index", "NamedPorts", "PodClass", "bits", "named_ports", "namespace_matches"]


class Index:
    """A snapshot made ready for questions. Immutable once built, apart from caches.

    ``pods`` are the pods that take part: every pod of the snapshot that has not finished. Classes are
    numbered in the order in which their first pod comes; what is made with a ``previous`` keeps its numbers,
    as far as it has the same classes.
    """

    def __init__(self, snapshot: Snapshot, previous: Index | None = None) -> None:
        self.snapshot = snapshot
        self.pods: tuple[Pod, ...] = tuple(pod for pod in snapshot.pods if not pod.finished)
        policies = snapshot.network_policies
        same_policies = previous is not None and previous.snapshot.network_policies == policies
        self._vocabulary: Vocabulary = (
            previous._vocabulary if previous and same_policies else Vocabulary.of(policies)
        )
        self.numbers: Sequence[int]
        """The class of each of ``pods``, in their order."""
        if previous is not None and previous._vocabulary == self._vocabulary:
            self.bitsets, self.numbers = self._reclassified(previous)
        else:
            self.bitsets, self.numbers = self._classified()
        self.members: list[list[int]] = [[] for _ in self.bitsets.listed]
        """The pods of each class, as positions in ``pods``, ascending."""
        for position, number in enumerate(self.numbers):
            self.members[number].append(position)
        self.class_of: dict[Ref, int] = self._by_ref(previous)
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
        # Policies that have gone leave their selectors behind in no cache.
        same = previous if previous and same_policies and previous.bitsets is self.bitsets else None
        self._selected: dict[LabelSelector, Bits] = same._selected if same else {}
        self._namespaces_selected: dict[LabelSelector, tuple[Bits, Bits]] = (
            same._namespaces_selected if same and same.snapshot.namespaces == snapshot.namespaces else {}
        )

    def _classified(self) -> tuple[Bitsets, Sequence[int]]:
        found: dict[PodClass, int] = {}
        numbers = [found.setdefault(self._vocabulary.classify(pod), len(found)) for pod in self.pods]
        return Bitsets(tuple(found)), numbers

    def _reclassified(self, previous: Index) -> tuple[Bitsets, Sequence[int]]:
        """The same with the classes of the pods that have not changed, and with all that hangs on the classes
        where they are the same ones."""
        before = previous.bitsets
        found = dict(before.numbers)
        numbers = [
            found.setdefault(self._vocabulary.classify(pod), len(found)) if number is None else number
            for pod, number in zip(
                self.pods, carried(previous.pods, previous.numbers, self.pods), strict=True
            )
        ]
        used = set(numbers)
        if len(used) == len(found):
            return before if len(found) == len(before.listed) else Bitsets(tuple(found)), numbers
        kept = [number for number in range(len(found)) if number in used]
        listed = tuple(found)
        renumbered = {number: new for new, number in enumerate(kept)}
        return Bitsets(tuple(listed[number] for number in kept)), [renumbered[number] for number in numbers]

    def _by_ref(self, previous: Index | None) -> dict[Ref, int]:
        if previous is None or previous.bitsets is not self.bitsets:
            return {pod.ref: number for pod, number in zip(self.pods, self.numbers, strict=True)}
        by_ref = dict(previous.class_of)
        gone, new = difference(previous.pods, self.pods)
        for pod in gone:
            del by_ref[pod.ref]
        if new:
            found = set(map(id, new))
            by_ref.update(
                (pod.ref, number)
                for pod, number in zip(self.pods, self.numbers, strict=True)
                if id(pod) in found
            )
        return by_ref

    @property
    def hosts_by_node(self) -> Mapping[str, Bits]:
        """The hostNetwork classes of each node; under ``""`` those whose node is not known."""
        return self.bitsets.hosts_by_node

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
            low, high = self._vocabulary.atom(first), self._vocabulary.atom(last)
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
