"""Whom the policies let in to each class of pods, and whom they let out to it, on which ports.

Sources are bitsets over matrix classes, destinations the index's classes. Port sets are numbered: the same
few occur all over, and a number is cheap to look up.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from policy_core.index import Bits, bits
from policy_core.matching import Family, PeerMatch, PortMatch
from policy_core.matrix_classes import MatrixClasses
from policy_core.model import Direction
from policy_core.port_numbers import PortNumbers
from policy_core.reach import sources_by_family
from policy_core.rules import PolicySet
from policy_core.tier_flows import TierFlow, TierFlows

__all__ = ["Flow", "Flows", "Sources"]

Sources = dict[int, Bits]
"""Under the number of a port set the sources that some rule matches on it."""


class Flow(NamedTuple):
    """What the two ends' policies say about one destination over one address family (or several that do not
    differ). The possible sources hang on something that is not known."""

    certain_in: Sources
    possible_in: Sources
    certain_out: Sources
    possible_out: Sources
    tiers: TierFlow | None = None

    def numbers(self) -> Iterator[int]:
        """Those of all port sets that make a difference."""
        for sources in self[:4]:
            yield from sources
        if self.tiers is not None:
            yield from self.tiers.numbers()


class Flows:
    """The flows of every destination. Filled rule by rule: no pair of classes is ever looked at."""

    def __init__(self, policies: PolicySet, classes: MatrixClasses, ports: PortNumbers) -> None:
        self._policies = policies
        self._index = policies.index
        self._classes = classes
        self._ports = ports
        self._resolved: dict[tuple[PortMatch, object], int] = {}
        self._by_family: dict[Family, list[Flow]] = {}
        compiled = (p for of in (policies.of, policies.tiers.policies) for some in of.values() for p in some)
        self._alike = not any(_by_family(rule.peers) for policy in compiled for rule in policy.rules)

    def to(self, index_class: int) -> list[tuple[Flow, Bits]]:
        """The flows to a class of the index, and the sources to which each applies: those that have one of
        its address families in common. Families that do not differ are one flow."""
        pod = self._index.members(index_class)[0]
        found: list[tuple[Flow, Bits]] = []
        for family, sources in sources_by_family(self._policies, pod, (4, 6)):
            if not sources:
                continue
            flow = self._over(None if self._alike else family)[index_class]
            applicable = self._classes.of_index(sources)
            if found and found[-1][0] == flow:
                applicable |= found.pop()[1]
            found.append((flow, applicable))
        return found

    def _over(self, family: Family) -> list[Flow]:
        flows = self._by_family.get(family)
        if flows is None:
            flows = self._by_family[family] = [Flow({}, {}, {}, {}) for _ in self._index.classes]
            self._let_in(flows, family)
            self._let_out(flows, family)
            if self._policies.tiers:
                tiers = TierFlows(self._policies, self._classes, self._ports, self._on).over(family)
                flows[:] = [flow._replace(tiers=tier) for flow, tier in zip(flows, tiers, strict=True)]
        return flows

    def _let_in(self, flows: list[Flow], family: Family) -> None:
        for number in bits(self._policies.open(Direction.INGRESS)):
            flows[number].certain_in[self._ports.all] = self._classes.bits
        for number in bits(self._policies.unseen):
            flows[number].possible_in[self._ports.all] = self._classes.bits
        for policy in self._policies.of[Direction.INGRESS]:
            for rule in policy.rules:
                certain = self._classes.of_index(rule.peers.classes(family))
                possible = self._classes.of_index(rule.peers.possible(family))
                for number in bits(policy.subjects):
                    ports = self._on(rule.ports, number)
                    if certain:
                        _add(flows[number].certain_in, ports, certain)
                    if possible:
                        _add(flows[number].possible_in, ports, possible)

    def _let_out(self, flows: list[Flow], family: Family) -> None:
        # Many policies let out to the same peers on the same ports: each such pair is spread once.
        certain: dict[tuple[Bits, PortMatch], Bits] = {}
        possible: dict[tuple[Bits, PortMatch], Bits] = {}
        for policy in self._policies.of[Direction.EGRESS]:
            for rule in policy.rules:
                for gathered, peers in (
                    (certain, rule.peers.classes(family)),
                    (possible, rule.peers.possible(family)),
                ):
                    if peers:
                        key = (peers, rule.ports)
                        gathered[key] = gathered.get(key, 0) | policy.subjects
        free = self._classes.of_index(self._policies.open(Direction.EGRESS))
        if free:
            for flow in flows:
                flow.certain_out[self._ports.all] = free
        if unseen := self._classes.of_index(self._policies.unseen):
            for flow in flows:
                flow.possible_out[self._ports.all] = unseen
        for (peers, ports), subjects in certain.items():
            sources = self._classes.of_index(subjects)
            for number in bits(peers):
                _add(flows[number].certain_out, self._on(ports, number), sources)
        for (peers, ports), subjects in possible.items():
            sources = self._classes.of_index(subjects)
            for number in bits(peers):
                _add(flows[number].possible_out, self._on(ports, number), sources)

    def _on(self, ports: PortMatch, index_class: int) -> int:
        """The number of what a rule's ports mean on a destination."""
        key = (ports, self._index.classes[index_class].ports if ports.names else ())
        found = self._resolved.get(key)
        if found is None:
            resolved = ports.on(self._index.class_ports[index_class])
            found = self._resolved[key] = self._ports.number(resolved)
        return found


def _by_family(peers: PeerMatch) -> Bits:
    return peers.by_ipv4 | peers.by_ipv6 | peers.by_new_ipv4 | peers.by_new_ipv6


def _add(sources: Sources, ports: int, more: Bits) -> None:
    sources[ports] = sources.get(ports, 0) | more
