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
from policy_core.numbered import Numbered
from policy_core.port_numbers import PortNumbers
from policy_core.ports import ALL_PORTS
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


_Share = tuple[int, int, Bits]
"""What a rule adds to a flow: to which of its four parts, on the ports of which number, which sources."""
_CERTAIN_IN, _POSSIBLE_IN, _CERTAIN_OUT, _POSSIBLE_OUT = range(4)
_EVERY_PORT = PortMatch(ALL_PORTS)
_Kind = tuple[frozenset[int], int]
"""The numbers of what rules add to a destination's flow, and of what the tiers do with it: from 1; 0 is
nothing."""


class Flows:
    """The flows of every destination. Filled rule by rule: no pair of classes is ever looked at. Destinations
    to which the same rules add the same are of one kind, and have the same flow."""

    def __init__(self, policies: PolicySet, classes: MatrixClasses, ports: PortNumbers) -> None:
        self._policies = policies
        self._index = policies.index
        self._classes = classes
        self._ports = ports
        self._resolved: dict[tuple[PortMatch, object], int] = {}
        self._shares: Numbered[_Share] = Numbered()
        self._kinds: Numbered[_Kind] = Numbered()
        self._tiers: list[TierFlow] = []
        self._by_family: dict[Family, list[int]] = {}
        compiled = (p for of in (policies.of, policies.tiers.policies) for some in of.values() for p in some)
        self._alike = not any(_by_family(rule.peers) for policy in compiled for rule in policy.rules)

    def kind(self, index_class: int) -> tuple[tuple[Family, int], ...]:
        """What tells the flows to a class of the index from those to others."""
        return tuple((family, kind) for family, kind, _ in self._kinds_of(index_class))

    def to(self, index_class: int) -> list[tuple[Flow, Bits]]:
        """The flows to a class of the index, and the sources to which each applies: those that have one of
        its address families in common. Families that do not differ are one flow."""
        found: list[tuple[Flow, Bits]] = []
        for _, kind, sources in self._kinds_of(index_class):
            flow = self._flow(kind)
            applicable = self._classes.of_index(sources)
            if found and found[-1][0] == flow:
                applicable |= found.pop()[1]
            found.append((flow, applicable))
        return found

    def _kinds_of(self, index_class: int) -> Iterator[tuple[Family, int, Bits]]:
        """For each family that has sources the kind of the class, and these sources."""
        pod = self._index.members(index_class)[0]
        for family, sources in sources_by_family(self._policies, pod, (4, 6)):
            if sources:
                yield family, self._over(None if self._alike else family)[index_class], sources

    def _flow(self, kind: int) -> Flow:
        shares, tiers = self._kinds.listed[kind]
        parts: tuple[Sources, Sources, Sources, Sources] = ({}, {}, {}, {})
        for share in shares:
            part, ports, sources = self._shares.listed[share]
            parts[part][ports] = parts[part].get(ports, 0) | sources
        return Flow(*parts, self._tiers[tiers - 1] if tiers else None)

    def _over(self, family: Family) -> list[int]:
        """The kind of each class of the index."""
        kinds = self._by_family.get(family)
        if kinds is None:
            shares: list[list[int]] = [[] for _ in self._index.classes]
            self._let_in(shares, family)
            self._let_out(shares, family)
            added = zip(map(frozenset, shares), self._by_tiers(family), strict=True)
            kinds = self._by_family[family] = list(map(self._kinds.number, added))
        return kinds

    def _by_tiers(self, family: Family) -> list[int]:
        """For each class of the index the number of what the tiers do."""
        if not self._policies.tiers:
            return [0] * len(self._index.classes)
        numbers: dict[tuple[int, ...], int] = {}
        found: list[int] = []
        for flow in TierFlows(self._policies, self._classes, self._ports, self._on).over(family):
            # The parts are shared by the destinations that no tiered rule can tell apart.
            key = tuple(map(id, flow))
            if key not in numbers:
                self._tiers.append(flow)
                numbers[key] = len(self._tiers)
            found.append(numbers[key])
        return found

    def _let_in(self, shares: list[list[int]], family: Family) -> None:
        everyone = self._classes.bits
        self._spread(shares, self._policies.open(Direction.INGRESS), _CERTAIN_IN, _EVERY_PORT, everyone)
        self._spread(shares, self._policies.unseen, _POSSIBLE_IN, _EVERY_PORT, everyone)
        for policy in self._policies.of[Direction.INGRESS]:
            subjects = policy.subjects
            for rule in policy.rules:
                certain = self._classes.of_index(rule.peers.classes(family))
                possible = self._classes.of_index(rule.peers.possible(family))
                self._spread(shares, subjects, _CERTAIN_IN, rule.ports, certain)
                self._spread(shares, subjects, _POSSIBLE_IN, rule.ports, possible)

    def _let_out(self, shares: list[list[int]], family: Family) -> None:
        # Many policies let out to the same peers on the same ports: each such pair is spread once.
        certain: dict[tuple[Bits, PortMatch], Bits] = {}
        possible: dict[tuple[Bits, PortMatch], Bits] = {}
        for policy in self._policies.of[Direction.EGRESS]:
            subjects = policy.subjects
            for rule in policy.rules:
                for gathered, peers in (
                    (certain, rule.peers.classes(family)),
                    (possible, rule.peers.possible(family)),
                ):
                    if peers:
                        key = (peers, rule.ports)
                        gathered[key] = gathered.get(key, 0) | subjects
        everyone = self._index.everyone
        free = self._classes.of_index(self._policies.open(Direction.EGRESS))
        self._spread(shares, everyone, _CERTAIN_OUT, _EVERY_PORT, free)
        unseen = self._classes.of_index(self._policies.unseen)
        self._spread(shares, everyone, _POSSIBLE_OUT, _EVERY_PORT, unseen)
        for part, spread in ((_CERTAIN_OUT, certain), (_POSSIBLE_OUT, possible)):
            for (peers, ports), subjects in spread.items():
                self._spread(shares, peers, part, ports, self._classes.of_index(subjects))

    def _spread(
        self, shares: list[list[int]], destinations: Bits, part: int, ports: PortMatch, sources: Bits
    ) -> None:
        """Add the sources to that part of the destinations' flows."""
        if not sources:
            return
        known: dict[int, int] = {}
        anywhere = None if ports.names else self._ports.number(ports.numbers)
        for number in bits(destinations):
            on = self._on(ports, number) if anywhere is None else anywhere
            if on not in known:
                known[on] = self._shares.number((part, on, sources))
            shares[number].append(known[on])

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
