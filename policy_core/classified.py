"""Which pod is in which class, namespace by namespace: a class is of one namespace."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from operator import attrgetter
from typing import NamedTuple, cast

from policy_core.classes import Bitsets, PodClass, Vocabulary
from policy_core.ipblock import AddressSet
from policy_core.model import Pod
from policy_core.parts import ByNamespace, Part
from policy_core.renewal import carried

__all__ = ["NO_PODS", "ClassedPods", "Classified", "classified", "reclassified"]

_ORDER = attrgetter("name", "kind")


class ClassedPods(NamedTuple):
    """The pods of one namespace that take part."""

    numbers: Sequence[int]
    """The class of each, in their order."""
    members: Mapping[int, Sequence[Pod]]
    """The pods of each class, by name."""
    classes: Set[int]
    """The very same set for as long as there are the same classes with the same numbers."""

    def sizes(self) -> Mapping[int, int]:
        return {number: len(members) for number, members in self.members.items()}

    def renumbered(self, moved: Mapping[int, int]) -> ClassedPods:
        members = {moved.get(number, number): members for number, members in self.members.items()}
        return ClassedPods([moved.get(n, n) for n in self.numbers], members, frozenset(members))


NO_PODS = ClassedPods((), {}, frozenset())


class Classified(NamedTuple):
    """``pods`` are those that take part."""

    pods: ByNamespace[Pod]
    vocabulary: Vocabulary
    parts: Mapping[str, ClassedPods]
    bitsets: Bitsets


def classified(pods: ByNamespace[Pod], vocabulary: Vocabulary) -> Classified:
    """Classes are numbered in the order in which their first pod comes."""
    found: dict[PodClass, int] = {}
    parts: dict[str, ClassedPods] = {}
    for name, part in pods.parts.items():
        numbers = [found.setdefault(vocabulary.classify(pod), len(found)) for pod in part]
        members: dict[int, list[Pod]] = {}
        for number, pod in zip(numbers, part, strict=True):
            if number in members:
                members[number].append(pod)
            else:
                members[number] = [pod]
        parts[name] = ClassedPods(numbers, members, frozenset(members))
    return Classified(pods, vocabulary, parts, Bitsets(tuple(found)))


def reclassified(pods: ByNamespace[Pod], vocabulary: Vocabulary, previous: Classified) -> Classified:
    """Pods that have not changed stay in their classes, as far as the words that have come and gone do not
    tell them apart otherwise; and where the classes are the same ones all that hangs on them is the same."""
    if vocabulary == previous.vocabulary:
        vocabulary = previous.vocabulary
    work = _Reclassifying(vocabulary, previous)
    again: dict[str, Set[int]] = dict.fromkeys(pods.differing(previous.pods), frozenset())
    if vocabulary is not previous.vocabulary:
        stale = _Stale(previous, vocabulary)
        for name, part in previous.parts.items():
            if found := stale.pods(part):
                again[name] = found
    for name, ids in again.items():
        work.namespace(name, pods.of_namespace(name), ids)
    return Classified(pods, vocabulary, *work.done())


class _Reclassifying:
    def __init__(self, vocabulary: Vocabulary, previous: Classified) -> None:
        self._classify = vocabulary.classify
        self._previous = previous
        self._parts = dict(previous.parts)
        self._fresh: dict[PodClass, int] = {}
        self._gone: set[int] = set()

    def namespace(self, name: str, pods: Part[Pod], again: Set[int]) -> None:
        """``again``: the ids of pods that may be in another class though they have not changed."""
        earlier, before = self._previous.pods.of_namespace(name), self._parts.pop(name, NO_PODS)
        known = carried(earlier, before.numbers, pods)
        numbers = cast(list[int], known.values)
        new = [*known.new]
        left: dict[int, set[int]] = defaultdict(set)
        for position in known.gone:
            left[before.numbers[position]].add(id(earlier[position]))
        if again:
            fresh = set(known.new)
            for position, pod in enumerate(pods):
                if id(pod) in again and position not in fresh:
                    left[numbers[position]].add(id(pod))
                    new.append(position)
        come: dict[int, list[Pod]] = defaultdict(list)
        for position in new:
            numbers[position] = number = self._number(pods[position])
            come[number].append(pods[position])
        members = dict(before.members)
        for number in left.keys() | come.keys():
            lost = left.get(number, ())
            stayed = [pod for pod in members.get(number, ()) if id(pod) not in lost]
            if number in come:
                stayed = sorted((*stayed, *come[number]), key=_ORDER)
            if stayed:
                members[number] = stayed
            else:
                members.pop(number, None)
        self._gone |= before.classes - members.keys()
        if pods:
            same = before.classes == members.keys()
            self._parts[name] = ClassedPods(numbers, members, before.classes if same else frozenset(members))

    def _number(self, pod: Pod) -> int:
        pod_class = self._classify(pod)
        number = self._previous.bitsets.numbers.get(pod_class)
        if number is None:
            first = len(self._previous.bitsets.listed)
            number = self._fresh.setdefault(pod_class, first + len(self._fresh))
        return number

    def done(self) -> tuple[Mapping[str, ClassedPods], Bitsets]:
        bitsets = self._previous.bitsets
        if not (self._fresh or self._gone):
            return self._parts, bitsets
        listed = [*bitsets.listed, *self._fresh]
        moved = _without_gaps(len(listed), self._gone)
        for name in {listed[number].namespace for number in moved}:
            self._parts[name] = self._parts[name].renumbered(moved)
        first = len(bitsets.listed)
        left = {n: listed[n] for n in (*self._gone, *moved) if n < first}
        new = {moved.get(n, n): listed[n] for n in (*self._fresh.values(), *moved)}
        return self._parts, bitsets.after(left, new)


def _without_gaps(length: int, gone: Set[int]) -> dict[int, int]:
    """The classes that get another number: the last ones fill the gaps that others leave, so that few do."""
    moved: dict[int, int] = {}
    last = length - 1
    for gap in sorted(gone):
        while last > gap and last in gone:
            last -= 1
        if gap < last:
            moved[last] = gap
            last -= 1
    return moved


class _Stale:
    """Which pods other words may put into other classes."""

    def __init__(self, previous: Classified, vocabulary: Vocabulary) -> None:
        was, now = previous.vocabulary.words, vocabulary.words
        self._listed = previous.bitsets.listed
        self._no_keys, self._no_names = was.keys - now.keys, was.names - now.names
        self._keys, self._names = now.keys - was.keys, now.names - was.names
        self._no_labels = was.labels - now.labels
        self._values: dict[str, set[str]] = defaultdict(set)
        for key, value in now.labels - was.labels:
            if key in was.keys:
                self._values[key].add(value)
        blocks = AddressSet.union(was.blocks ^ now.blocks)
        self._holds = blocks.holds()
        self._atoms = previous.vocabulary.atoms_of(blocks)

    def pods(self, here: ClassedPods) -> Set[int]:
        """Their ids."""
        found: set[int] = set()
        for number, members in here.members.items():
            pod_class = self._listed[number]
            if self._says_less(pod_class):
                found.update(map(id, members))
                continue
            if self._keys or self._names:
                found.update(id(pod) for pod in members if self._says_more(pod))
            for key, values in self._values.items():
                if (key, None) in pod_class.labels:
                    found.update([id(pod) for pod in members if pod.labels[key] in values])
            if not self._atoms.isdisjoint(pod_class.atoms):
                found.update([id(pod) for pod in members for ip in pod.ips if self._holds(ip)])
        return found

    def _says_less(self, pod_class: PodClass) -> bool:
        return (
            (bool(self._no_keys) and any(key in self._no_keys for key, _ in pod_class.labels))
            or not self._no_labels.isdisjoint(pod_class.labels)
            or (bool(self._no_names) and any(name in self._no_names for name, _ in pod_class.ports))
        )

    def _says_more(self, pod: Pod) -> bool:
        return not self._keys.isdisjoint(pod.labels) or any(
            (port.name, port.protocol) in self._names for port in pod.ports
        )
