"""What the tiers do with the connections to each class of pods, for all sources and all ports at once.

Destinations that no tiered rule can tell apart are worked out once. As in :mod:`policy_core.flows` sources
are bitsets over matrix classes, and port sets are numbered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from policy_core.blocks import blocks
from policy_core.classes import Bits, bits
from policy_core.lanes import Lanes, Step
from policy_core.matching import Family, PortMatch
from policy_core.matrix_classes import MatrixClasses
from policy_core.model import Direction, Tier
from policy_core.port_numbers import PortNumbers
from policy_core.ports import PortSet
from policy_core.rules import PolicySet
from policy_core.split import Decided
from policy_core.tiers import CompiledTieredPolicy, CompiledTieredRule, Rank, policies_in

__all__ = ["ByPorts", "TierFlow", "TierFlows"]

ByPorts = Mapping[int, Decided]
"""Under the numbers of disjoint port sets what a tier does there; everything goes on on all other ports."""


class TierFlow(NamedTuple):
    """What the tiers of both ends do with the connections to one destination."""

    admin_in: ByPorts
    baseline_in: ByPorts
    admin_out: ByPorts
    baseline_out: ByPorts

    def numbers(self) -> Iterator[int]:
        for tier in self:
            yield from tier


class TierFlows:
    def __init__(
        self,
        policies: PolicySet,
        classes: MatrixClasses,
        ports: PortNumbers,
        resolved: Callable[[PortMatch, int], int],
    ) -> None:
        """``resolved`` numbers what a rule's ports mean on a class of the index."""
        self._tiers = policies.tiers
        self._index = policies.index
        self._classes = classes
        self._ports = ports
        self._resolved = resolved

    def over(self, family: Family) -> list[TierFlow]:
        """For each class of the index."""
        admin_in, baseline_in = (self._into(tier, family) for tier in (Tier.ADMIN, Tier.BASELINE))
        admin_out, baseline_out = (self._out_to(tier, family) for tier in (Tier.ADMIN, Tier.BASELINE))
        return list(map(TierFlow, admin_in, baseline_in, admin_out, baseline_out))

    def _into(self, tier: Tier, family: Family) -> list[ByPorts]:
        ranks = self._tiers.of[Direction.INGRESS][tier]
        policies = list(policies_in(ranks))
        sources = {
            id(rule): self._sources(rule.peers.classes(family), rule.peers.possible(family))
            for policy in policies
            for rule in policy.rules
        }

        def steps(policy: CompiledTieredPolicy, destination: int) -> Iterator[Step]:
            certainly = policy.subjects >> destination & 1
            if not certainly and not policy.possible >> destination & 1:
                return
            for rule in policy.rules:
                certain, possible = sources[id(rule)]
                number = self._resolved(rule.ports, destination)
                if certainly:
                    yield number, rule.action, certain, possible
                else:
                    yield number, rule.action, 0, certain | possible

        told_apart = [bitset for policy in policies for bitset in (policy.subjects, policy.possible)]
        return self._by_block(ranks, told_apart, steps)

    def _out_to(self, tier: Tier, family: Family) -> list[ByPorts]:
        ranks = self._tiers.of[Direction.EGRESS][tier]
        policies = list(policies_in(ranks))
        sources = {id(policy): self._sources(policy.subjects, policy.possible) for policy in policies}
        matched = {
            id(rule): (rule.peers.classes(family), rule.peers.possible(family))
            for policy in policies
            for rule in policy.rules
        }

        def steps(policy: CompiledTieredPolicy, destination: int) -> Iterator[Step]:
            certain, possible = sources[id(policy)]
            for rule in policy.rules:
                certainly, perhaps = matched[id(rule)]
                if certainly >> destination & 1:
                    yield self._resolved(rule.ports, destination), rule.action, certain, possible
                elif perhaps >> destination & 1:
                    yield self._resolved(rule.ports, destination), rule.action, 0, certain | possible

        return self._by_block(ranks, [bitset for both in matched.values() for bitset in both], steps)

    def _sources(self, certain: Bits, possible: Bits) -> tuple[Bits, Bits]:
        return self._classes.of_index(certain), self._classes.of_index(possible)

    def _by_block(
        self,
        ranks: tuple[Rank, ...],
        told_apart: Iterable[Bits],
        steps: Callable[..., Iterable[Step]],
    ) -> list[ByPorts]:
        found: list[ByPorts] = [{}] * len(self._index.classes)
        if not ranks:
            return found
        rules = (rule for policy in policies_in(ranks) for rule in policy.rules)
        for block in blocks(self._index.everyone, {*told_apart, *self._by_names(rules)}):
            first = next(bits(block))
            decided = self._decided(Lanes(ranks, partial(steps, destination=first)))
            for number in bits(block):
                found[number] = decided
        return found

    def _by_names(self, rules: Iterable[CompiledTieredRule]) -> Iterator[Bits]:
        """The classes on which a port's name means the same."""
        for name in {name for rule in rules for name in rule.ports.names}:
            meaning: dict[int, Bits] = {}
            for number in bits(self._index.declaring.get(name, 0)):
                port = self._index.class_ports[number][name]
                meaning[port] = meaning.get(port, 0) | 1 << number
            yield from meaning.values()

    def _decided(self, lanes: Lanes) -> ByPorts:
        ports: dict[Decided, list[PortSet]] = {}
        for piece, within in self._ports.pieces(frozenset(lanes.numbers)):
            decided = lanes.decide(within, self._classes.bits)
            if decided.allow or decided.deny:
                ports.setdefault(decided, []).append(piece)
        return {self._ports.number(PortSet.union(pieces)): decided for decided, pieces in ports.items()}
