"""Nodes as peers: the hostNetwork pods on them, and their addresses."""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import NamedTuple

from policy_core.classes import Bits, Bitsets, union
from policy_core.ipblock import EVERY_IPV4, EVERY_IPV6, AddressSet
from policy_core.labels import LabelSelector
from policy_core.model import Pod
from policy_core.nodes import Node
from policy_core.snapshot import Snapshot

__all__ = ["KnownNodes", "SelectedNodes"]


class SelectedNodes(NamedTuple):
    """``possible`` and ``perhaps`` match or not depending on nodes, or labels of theirs, that could not be
    read."""

    pods: Bits = 0
    """The classes of the hostNetwork pods on the nodes. No other pod has a node's address."""
    possible: Bits = 0
    addresses: AddressSet = AddressSet()
    perhaps: AddressSet = AddressSet()


class KnownNodes:
    """The nodes that were read; the others are known by name only, as pods name them."""

    def __init__(self, snapshot: Snapshot, bitsets: Bitsets, previous: KnownNodes | None = None) -> None:
        self._nodes = snapshot.nodes
        self._pods = snapshot.pods
        same = previous is not None and previous._nodes is self._nodes
        self._read: Set[str] = previous._read if previous and same else {node.name for node in snapshot.nodes}
        self._bitsets = bitsets
        unread = snapshot.unread
        self.all_known: bool
        if unread.asked("Node"):
            self.all_known = not unread.some("Node")
        else:
            # A bundle with no node at all is one from which they were left out, and some may be missing.
            self.all_known = bool(snapshot.nodes) and self._read_all_that_are_named(previous)

    def _read_all_that_are_named(self, previous: KnownNodes | None) -> bool:
        pods: Iterable[Pod] = self._pods
        if previous is not None and previous.all_known and previous._nodes is self._nodes:
            pods = self._pods.since(previous._pods).new
        return all(pod.node in self._read for pod in pods if pod.node and not pod.finished)

    def unlabelled(self, selector: LabelSelector) -> tuple[str, ...]:
        """The names of those of which it is not known whether they are selected."""
        if selector.everything or selector.invalid:
            return ()
        return tuple(node.name for node in self._nodes if not node.labels_known)

    def unaddressed(self, selector: LabelSelector) -> tuple[str, ...]:
        """The names of those among the selected of which no address was read."""
        return tuple(
            node.name for node in self._nodes if not node.addresses and selector.matches(node.labels)
        )

    def selected(self, selector: LabelSelector) -> SelectedNodes:
        if selector.invalid:
            return SelectedNodes()
        hosts = self._bitsets.hosts_by_node
        chosen: list[Node] = []
        unsure: list[Node] = []
        for node in self._nodes:
            if not (node.labels_known or selector.everything):
                unsure.append(node)
            elif selector.matches(node.labels):
                chosen.append(node)
        pods = union(hosts.get(node.name, 0) for node in chosen)
        possible = union(hosts.get(node.name, 0) for node in unsure)
        possible |= union(hosts for name, hosts in hosts.items() if name not in self._read)
        addresses = _addresses(chosen)
        perhaps = _addresses(unsure) - addresses
        if not (self.all_known and all(node.addresses for node in (*chosen, *unsure))):
            perhaps |= (EVERY_IPV4 | EVERY_IPV6) - _addresses(self._nodes)
        return SelectedNodes(pods, possible, addresses, perhaps)


def _addresses(nodes: Iterable[Node]) -> AddressSet:
    return AddressSet.of_addresses(address for node in nodes for address in node.addresses)
