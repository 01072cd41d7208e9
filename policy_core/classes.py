"""Pod classes, and bitsets over them that hang on nothing but the classes themselves.

Which pods are in a class is the index's business: pods come and go, and most of the time the classes stay.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, TypeVar

from policy_core.ipblock import AddressSet, address_point
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
from policy_core.parts import ByNamespace, Part
from policy_core.ports import PROTOCOLS

__all__ = [
    "Bits",
    "Bitsets",
    "Label",
    "NamedPorts",
    "PodClass",
    "Postings",
    "Vocabulary",
    "Words",
    "bits",
    "bitset_of",
    "named_ports",
    "union",
]

K = TypeVar("K")
Bits = int
NamedPorts = Mapping[tuple[str, str], int]
"""(name, protocol) → number, as one pod declares them."""


def bits(bitset: Bits) -> Iterator[int]:
    """The numbers in a bitset, ascending. One below 0 stands for all but finitely many and has no end."""
    if -1 < bitset < _WORD:
        while bitset:
            lowest = bitset & -bitset
            yield lowest.bit_length() - 1
            bitset ^= lowest
        return
    # Taking the lowest bit off a long int again and again would copy all of it each time.
    for found in _SOME.finditer(bitset.to_bytes(bitset.bit_length() + 7 >> 3, "little")):
        start = found.start() * 8
        for byte in found[0]:
            for bit in _BITS[byte]:
                yield start + bit
            start += 8


_WORD = 1 << 64
_SOME = re.compile(rb"[^\0]+", re.DOTALL)
_BITS = tuple(tuple(bit for bit in range(8) if byte >> bit & 1) for byte in range(256))


def bitset_of(numbers: Iterable[int]) -> Bits:
    """The bitset with these numbers."""
    numbers = tuple(numbers)
    if len(numbers) < 8:
        return union(1 << number for number in numbers)
    packed = bytearray((max(numbers) >> 3) + 1)
    for number in numbers:
        packed[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(packed, "little")


def named_ports(pod: Pod) -> dict[tuple[str, str], int]:
    """What the pod's port names mean. A name declared twice for a protocol: the first counts."""
    names: dict[tuple[str, str], int] = {}
    for port in pod.ports:
        if port.name:
            names.setdefault((port.name, port.protocol), port.number)
    return names


Atom = frozenset[AddressSet]
"""Addresses that no block tells apart: the blocks that have them."""


Label = tuple[str, str | None]
"""A key and a value; None stands for any value that no selector mentions for that key."""


class PodClass(NamedTuple):
    """All that a policy can see of a pod. Equal classes, equal verdicts (but for a pod's own node)."""

    namespace: str
    labels: tuple[Label, ...]
    """Only labels whose key some selector mentions. Values that none mentions are all the same to them."""
    ports: tuple[tuple[tuple[str, str], int], ...]
    """Only port names that some policy mentions, as (name, protocol) → number."""
    host_network: bool
    absent: bool
    """A template that is scaled to 0: worth seeing, but no pod is there to connect to anything."""
    node: str
    """Only of hostNetwork pods, whose traffic to their own node is always let in."""
    atoms: tuple[Atom | None, Atom | None]
    """For IPv4 and IPv6, in which of the policies' address blocks the pod's address lies; None without such
    an address."""


class _Words:
    """Gathers a vocabulary."""

    def __init__(self) -> None:
        self.keys: set[str] = set()
        self.labels: set[tuple[str, str]] = set()
        self.names: set[tuple[str, str]] = set()
        self.blocks: set[AddressSet] = set()

    def add(self, other: Words) -> None:
        self.keys |= other.keys
        self.labels |= other.labels
        self.names |= other.names
        self.blocks |= other.blocks

    def selector(self, selector: LabelSelector | None) -> None:
        for requirement in selector.requirements() if selector is not None else ():
            self.keys.add(requirement.key)
            self.labels.update((requirement.key, value) for value in requirement.values)

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
                    self.blocks.add(peer.addresses)
                case PodPeer():
                    self.selector(peer.pods)

    def made(self) -> Words:
        return Words(
            frozenset(self.keys), frozenset(self.labels), frozenset(self.names), frozenset(self.blocks)
        )


class Words(NamedTuple):
    """What policies talk about: keys of labels, labels, names of ports with their protocols, blocks of
    addresses."""

    keys: frozenset[str] = frozenset()
    labels: frozenset[tuple[str, str]] = frozenset()
    names: frozenset[tuple[str, str]] = frozenset()
    blocks: frozenset[AddressSet] = frozenset()


def _of_namespace(policies: Part[NetworkPolicy]) -> Words:
    words = _Words()
    for policy in policies:
        words.selector(policy.pod_selector)
        for direction in Direction:
            for rule in policy.rules(direction):
                words.ports(rule.ports)
                words.peers(rule.peers)
    return words.made()


class Vocabulary:
    """What the policies talk about; pods are only looked at through it. Equal where the words are."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self._keys = words.keys
        edges = {edge for block in words.blocks for first, last in block.line for edge in (first, last + 1)}
        self._edges = sorted(edges)
        self.atoms = list(_atoms(self._edges, words.blocks))
        """Those of the addresses before the first edge of a block, and from each edge on to the next."""

    @classmethod
    def of(cls, policies: ByNamespace[NetworkPolicy], tiered: Iterable[TieredPolicy] = ()) -> Vocabulary:
        words = _Words()
        for part in policies.parts.values():
            words.add(part.fact(_of_namespace))
        for each in tiered:
            words.peers((each.subject,))
            for direction in Direction:
                for entry in each.rules(direction):
                    words.ports(entry.ports)
                    words.peers(entry.peers)
        return cls(words.made())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self.words == other.words

    def __hash__(self) -> int:
        return hash(self.words)

    def atom(self, point: int) -> Atom:
        return self.atoms[bisect_right(self._edges, point)]

    def atoms_of(self, addresses: AddressSet) -> set[Atom]:
        """Those of the addresses of a set; where it cuts through one that no block cuts, the whole."""
        found: set[Atom] = set()
        for first, last in addresses.line:
            low, high = bisect_right(self._edges, first), bisect_right(self._edges, last)
            found.update(self.atoms[low : high + 1])
        return found

    def classify(self, pod: Pod) -> PodClass:
        atoms: list[Atom | None] = [None, None]
        for address in pod.ips:
            family = 0 if address.version == 4 else 1
            if atoms[family] is None:
                atoms[family] = self.atom(address_point(address))
        labels, mentioned, names = pod.labels, self.words.labels, self.words.names
        ports = tuple(item for item in named_ports(pod).items() if item[0] in names) if names else ()
        return PodClass(
            pod.namespace,
            tuple(
                (key, labels[key] if (key, labels[key]) in mentioned else None)
                for key in sorted(self._keys & labels.keys())
            ),
            ports,
            pod.host_network,
            pod.replicas == 0,
            pod.node if pod.host_network else "",
            (atoms[0], atoms[1]),
        )


def _atoms(edges: Sequence[int], blocks: Iterable[AddressSet]) -> Iterator[Atom]:
    """Of the addresses before the first edge, and from each edge on to the next. Most blocks are short, so
    each is told where it begins and ends only."""
    begins: dict[int, list[AddressSet]] = defaultdict(list)
    ends: dict[int, list[AddressSet]] = defaultdict(list)
    for block in blocks:
        for first, last in block.line:
            begins[first].append(block)
            ends[last + 1].append(block)
    known: dict[Atom, Atom] = {}
    here: Atom = frozenset()
    yield here
    for edge in edges:
        here = here.difference(ends[edge]).union(begins[edge])
        here = known.setdefault(here, here)
        yield here


class Postings(Generic[K]):
    """For each label, say, the numbers of the classes that have it. Bitsets of many thousand classes are
    long, and most labels are of a few: they are made of the numbers when they are asked for."""

    def __init__(self, numbers: Mapping[K, tuple[int, ...]]) -> None:
        self.numbers = numbers

    def bits(self, key: K) -> Bits:
        return bitset_of(self.numbers.get(key, ()))

    def after(self, gone: Mapping[K, set[int]], new: Mapping[K, list[int]]) -> Postings[K]:
        """The same when these have gone and come."""
        if not (gone or new):
            return self
        numbers = dict(self.numbers)
        for key in gone.keys() | new.keys():
            left = (*_without(numbers.get(key, ()), gone.get(key, ())), *new.get(key, ()))
            if left:
                numbers[key] = left
            else:
                numbers.pop(key, None)
        return Postings(numbers)


_FEW = 8


def _without(numbers: Sequence[int], gone: Collection[int]) -> Sequence[int]:
    """All of ``gone`` are among the numbers."""
    if len(gone) > _FEW:
        return [number for number in numbers if number not in gone]
    left = list(numbers)
    for number in gone:
        left.remove(number)
    return left


class Bitsets:
    """The classes by number, and the bitsets that each label, key, namespace and address gives. Immutable,
    apart from caches."""

    def __init__(self, listed: tuple[PodClass, ...]) -> None:
        self._fill(listed, dict(zip(listed, range(len(listed)), strict=True)), _NONE, range(len(listed)))

    def _fill(
        self,
        listed: tuple[PodClass, ...],
        numbers: Mapping[PodClass, int],
        kept: tuple[Postings[Any], ...],
        new: Collection[int],
        gone: Mapping[int, PodClass] = MappingProxyType({}),
        flags: Mapping[str, Bits] = MappingProxyType({}),
    ) -> None:
        self.listed = listed
        self.numbers = numbers
        self.everyone: Bits = (1 << len(listed)) - 1
        lost = [defaultdict[Any, set[int]](set) for _ in kept]
        for number, pod_class in gone.items():
            for table, key in _facets(pod_class):
                lost[table][key].add(number)
        added = [defaultdict[Any, list[int]](list) for _ in kept]
        for number in new:
            for table, key in _facets(listed[number]):
                added[table][key].append(number)
        self._postings = tuple(
            each.after(out, into) for each, out, into in zip(kept, lost, added, strict=True)
        )
        self.namespaces: Postings[str] = self._postings[_NAMESPACES]
        self.labels: Postings[Label] = self._postings[_LABELS]
        self.keys: Postings[str] = self._postings[_KEYS]
        self._named: Postings[tuple[str, str]] = self._postings[_PORTS]
        flagged: dict[str, list[int]] = {flag: [] for flag in _FLAGS}
        for number in new:
            for flag in _flags(listed[number]):
                flagged[flag].append(number)
        kept_numbers = ~bitset_of(gone)
        self._flags = {f: flags.get(f, 0) & kept_numbers | bitset_of(n) for f, n in flagged.items()}
        self.host_network: Bits = self._flags["host"]
        self.present: Bits = self.everyone & ~self._flags["absent"]
        self.addressed: tuple[Bits, Bits] = (self._flags["4"], self._flags["6"])
        """The classes with an IPv4 address, and those with an IPv6 address."""
        self.unaddressed: Bits = self.everyone & ~(self.addressed[0] | self.addressed[1])

    def after(self, gone: Mapping[int, PodClass], new: Mapping[int, PodClass]) -> Bitsets:
        """The same when the classes ``gone`` have given up their numbers and ``new`` have got theirs; one
        that gets another number is in both. The numbers stay without gaps."""
        listed = list(self.listed)
        numbers = dict(self.numbers)
        for pod_class in gone.values():
            del numbers[pod_class]
        for number, pod_class in sorted(new.items()):
            listed[number : number + 1] = [pod_class]
            numbers[pod_class] = number
        del listed[len(numbers) :]
        made = Bitsets.__new__(Bitsets)
        made._fill(tuple(listed), numbers, self._postings, sorted(new), gone, self._flags)
        if "ports" in self.__dict__:
            ports = list(self.ports)
            for number, pod_class in sorted(new.items()):
                ports[number : number + 1] = [dict(pod_class.ports)]
            made.__dict__["ports"] = tuple(ports[: len(numbers)])
        return made

    @cached_property
    def ports(self) -> Sequence[NamedPorts]:
        """What the port names of each class mean."""
        known: dict[object, NamedPorts] = {}
        return tuple(known.setdefault(each.ports, dict(each.ports)) for each in self.listed)

    @cached_property
    def declaring(self) -> Mapping[tuple[str, str], Bits]:
        """The classes whose pods have a port of that (name, protocol)."""
        return {name: self._named.bits(name) for name in self._named.numbers}

    @cached_property
    def hosts_by_node(self) -> Mapping[str, Bits]:
        """The hostNetwork classes of each node; under ``""`` those whose node is not known."""
        nodes: dict[str, list[int]] = defaultdict(list)
        for number in bits(self.host_network):
            nodes[self.listed[number].node].append(number)
        return {node: bitset_of(numbers) for node, numbers in nodes.items()}

    def in_atoms(self, atoms: Collection[Atom]) -> tuple[Bits, Bits]:
        """The classes whose IPv4 address, and those whose IPv6 address, is in any of these."""
        tables = (self._postings[_IPV4].numbers, self._postings[_IPV6].numbers)
        found = [[number for atom in atoms for number in table.get(atom, ())] for table in tables]
        return bitset_of(found[0]), bitset_of(found[1])


_NAMESPACES, _LABELS, _KEYS, _PORTS, _IPV4, _IPV6 = range(6)
_NONE: tuple[Postings[Any], ...] = tuple(Postings[Any]({}) for _ in range(6))
_FLAGS = ("4", "6", "host", "absent")


def _facets(pod_class: PodClass) -> Iterator[tuple[int, Any]]:
    """Everything under which a class is found, and in which table."""
    yield _NAMESPACES, pod_class.namespace
    for label in pod_class.labels:
        yield _LABELS, label
        yield _KEYS, label[0]
    for name, _ in pod_class.ports:
        yield _PORTS, name
    for table, atom in zip((_IPV4, _IPV6), pod_class.atoms, strict=True):
        if atom is not None:
            yield table, atom


def _flags(pod_class: PodClass) -> Iterator[str]:
    """What so many classes have that a bitset is the shortest way to say it."""
    for family, atom in zip("46", pod_class.atoms, strict=True):
        if atom is not None:
            yield family
    if pod_class.host_network:
        yield "host"
    if pod_class.absent:
        yield "absent"


def union(bitsets: Iterable[Bits]) -> Bits:
    union = 0
    for bitset in bitsets:
        union |= bitset
    return union
