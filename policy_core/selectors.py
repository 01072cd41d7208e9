"""What selectors and blocks of addresses mean over pod classes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from policy_core.classes import Bits, Bitsets, Vocabulary, bitset_of, union
from policy_core.ipblock import AddressSet
from policy_core.labels import LabelSelector, Operator, Requirement
from policy_core.model import NAME_LABEL, Namespace, Pod, PodPeer

T = TypeVar("T")

__all__ = ["Selectors", "namespace_matches"]

_MOST = 10_000
"""Selectors that are remembered: policies that have gone leave theirs behind."""


class Selectors:
    """Hangs on the classes and on the labels of the namespaces alone, not on which pods there are. Immutable,
    apart from caches."""

    def __init__(
        self,
        bitsets: Bitsets,
        vocabulary: Vocabulary,
        namespaces: Mapping[str, Namespace],
        previous: Selectors | None = None,
    ) -> None:
        self.bitsets = bitsets
        self.vocabulary = vocabulary
        self.namespaces = namespaces
        self._selected: dict[LabelSelector, Bits] = {}
        self._in_namespaces: dict[LabelSelector, tuple[Bits, Bits]] = {}
        same_namespaces = previous is not None and previous.namespaces == namespaces
        self._names: dict[LabelSelector, tuple[list[str], list[str]]] = (
            previous._names if previous and same_namespaces else {}
        )

    def selected(self, selector: LabelSelector) -> Bits:
        """The classes whose pods a pod selector matches, in any namespace."""
        found = self._selected.get(selector)
        if found is None:
            found = 0 if selector.invalid else self.bitsets.everyone
            for requirement in selector.requirements():
                found &= self._satisfying(requirement)
            _remember(self._selected, selector, found)
        return found

    def _satisfying(self, requirement: Requirement) -> Bits:
        everyone, keys, labels = self.bitsets.everyone, self.bitsets.keys, self.bitsets.labels
        match requirement.operator:
            case Operator.EXISTS:
                return keys.bits(requirement.key)
            case Operator.DOES_NOT_EXIST:
                return everyone & ~keys.bits(requirement.key)
        listed = union(labels.bits((requirement.key, value)) for value in requirement.values)
        return listed if requirement.operator is Operator.IN else everyone & ~listed

    def in_namespaces(self, selector: LabelSelector) -> tuple[Bits, Bits]:
        """The classes of the namespaces that a namespace selector matches for certain, and of those that it
        may match (namespaces whose labels could not be read)."""
        found = self._in_namespaces.get(selector)
        if found is None:
            postings = self.bitsets.namespaces.numbers
            certain, possible = (
                bitset_of(number for name in names for number in postings.get(name, ()))
                for names in self._matching(selector)
            )
            found = certain, possible
            _remember(self._in_namespaces, selector, found)
        return found

    def _matching(self, selector: LabelSelector) -> tuple[list[str], list[str]]:
        """The names of the namespaces that match for certain, and of those that may."""
        found = self._names.get(selector)
        if found is None:
            found = [], []
            _remember(self._names, selector, found)
            for namespace in self._candidates(selector):
                matches = namespace_matches(selector, namespace)
                if matches is not False:
                    found[matches is None].append(namespace.name)
        return found

    def _candidates(self, selector: LabelSelector) -> Iterable[Namespace]:
        """Every namespace has its name as a label, and most selectors ask for that."""
        named = [value for key, value in selector.match_labels if key == NAME_LABEL]
        if not named:
            return self.namespaces.values()
        return [self.namespaces[named[0]]] if named[0] in self.namespaces else []

    def in_addresses(self, addresses: AddressSet) -> tuple[Bits, Bits]:
        """The classes whose IPv4 address, and those whose IPv6 address, lies in a block of some policy."""
        return self.bitsets.in_atoms(self.vocabulary.atoms_of(addresses))

    def peer_pods(self, peer: PodPeer, own_namespace: str) -> tuple[Bits, Bits]:
        """The classes that a selector peer matches for certain, and those that it may match. hostNetwork
        pods carry their node's address, so no selector matches them."""
        if peer.namespaces is None:
            certain, possible = self.bitsets.namespaces.bits(own_namespace), 0
        else:
            certain, possible = self.in_namespaces(peer.namespaces)
        within = ~self.bitsets.host_network
        if peer.pods is not None:
            within &= self.selected(peer.pods)
        return certain & within, possible & within

    def selects(self, peer: PodPeer, own_namespace: str, pod: Pod) -> bool | None:
        """Whether a selector peer matches a single pod; None where that is not known."""
        if pod.host_network or (peer.pods is not None and not peer.pods.matches(pod.labels)):
            return False
        if peer.namespaces is None:
            return pod.namespace == own_namespace
        return namespace_matches(peer.namespaces, self.namespaces[pod.namespace])


def _remember(known: dict[LabelSelector, T], selector: LabelSelector, found: T) -> None:
    if len(known) >= _MOST:
        known.clear()
    known[selector] = found


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
