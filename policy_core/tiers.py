"""The tiers above and below NetworkPolicy, compiled against the index: which rules decide, in which order.

A tier is a sequence of ranks. Of the policies of one rank any may be the one that is applied, since nothing
says which comes first; the rules of one policy decide in their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import groupby
from operator import or_

from policy_core.concern import Concern
from policy_core.index import Bits, Index
from policy_core.ipblock import EVERY_IPV4, EVERY_IPV6
from policy_core.matching import PeerMatch, PortMatch, match_any_peer, match_ports
from policy_core.model import (
    Action,
    Direction,
    DomainNames,
    Pod,
    RuleRef,
    Tier,
    TieredPolicy,
    TieredRule,
)

__all__ = ["CompiledTieredPolicy", "CompiledTieredRule", "Rank", "Tiers", "policies_in"]


@dataclass(frozen=True, slots=True)
class CompiledTieredRule:
    """``action`` is the one that is taken: Deny for a rule that fails closed. Of those that allow and fail
    closed none is compiled."""

    ref: RuleRef
    rule: TieredRule
    action: Action
    peers: PeerMatch
    ports: PortMatch
    names: tuple[DomainNames, ...] = ()


@dataclass(frozen=True, slots=True)
class CompiledTieredPolicy:
    """``subjects`` are the classes for which the policy is, ``possible`` those for which it may be: of
    namespaces whose labels could not be read."""

    policy: TieredPolicy
    direction: Direction
    subjects: Bits
    possible: Bits
    rules: tuple[CompiledTieredRule, ...]

    @property
    def concerned(self) -> Bits:
        return self.subjects | self.possible


Rank = tuple["CompiledTieredPolicy | tuple[Rank, ...]", ...]
"""Policies, or whole sequences of ranks, of which any may be applied before the others."""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Tiers:
    """Immutable. The ranks of each tier in the order in which they decide; only policies that have rules for
    the direction."""

    of: Mapping[Direction, Mapping[Tier, tuple[Rank, ...]]]
    policies: Mapping[Direction, tuple[CompiledTieredPolicy, ...]]
    """Both tiers', in the order in which they decide."""
    concerned: Mapping[Direction, Bits]
    """The classes for which some policy is, or may be."""
    addressing: Mapping[Direction, tuple[CompiledTieredPolicy, ...]]
    """The policies that have rules for addresses, with no others of their rules."""
    by_class: Mapping[Direction, Concern[CompiledTieredPolicy]]
    """The same as in ``policies``, seen from the classes: one that a policy is for, and one that it may be
    for, have different profiles."""
    ground: tuple[object, ...] = field(default=(), repr=False)

    @classmethod
    def of_index(cls, index: Index, previous: Tiers | None = None) -> Tiers:
        """Those of an equal ``previous`` are taken as they are."""
        snapshot = index.snapshot
        ground = (
            snapshot.tiered_policies,
            snapshot.namespaces,
            snapshot.nodes,
            snapshot.coverage,
            bool(snapshot.tiered_policies) and index.nodes.all_known,  # hangs on the pods as well
            index.bitsets,
        )
        if previous is not None and _same(previous.ground, ground):
            return previous
        ranks = {
            direction: {tier: _ranks(index, direction, tier) for tier in (Tier.ADMIN, Tier.BASELINE)}
            for direction in Direction
        }
        policies = {
            direction: tuple(policy for tier in tiers.values() for policy in policies_in(tier))
            for direction, tiers in ranks.items()
        }
        concerned = {
            direction: reduce(or_, (policy.concerned for policy in compiled), 0)
            for direction, compiled in policies.items()
        }
        addressing = {
            direction: tuple(filter(None, map(_for_addresses, compiled)))
            for direction, compiled in policies.items()
        }
        by_class = {
            direction: Concern(
                ((policy, bitset) for policy in compiled for bitset in (policy.subjects, policy.possible)),
                len(index.classes),
            )
            for direction, compiled in policies.items()
        }
        return cls(ranks, policies, concerned, addressing, by_class, ground)

    def same_policies(self, other: Tiers) -> bool:
        """Whether the others are of the same policies and nodes, if of other namespaces and classes."""
        mine, theirs = self.ground, other.ground
        return mine[:1] == theirs[:1] and mine[2:-1] == theirs[2:-1]

    def __bool__(self) -> bool:
        return any(self.policies.values())

    def concerning(self, index: Index, pod: Pod, direction: Direction) -> tuple[CompiledTieredPolicy, ...]:
        """Those that are, or may be, for a pod that takes part, in the order in which they decide."""
        if not self.policies[direction] or pod.finished:
            return ()
        return self.by_class[direction].of(index.class_of[pod.ref])


def _for_addresses(policy: CompiledTieredPolicy) -> CompiledTieredPolicy | None:
    rules = tuple(rule for rule in policy.rules if rule.peers.addresses or rule.peers.perhaps)
    return replace(policy, rules=rules) if rules else None


def _same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    """Bitsets are compared by identity: they are carried over where the classes are the same."""
    *mine, my_bitsets = one
    *theirs, their_bitsets = other
    return my_bitsets is their_bitsets and mine == theirs


def policies_in(ranks: Iterable[Rank]) -> Iterator[CompiledTieredPolicy]:
    for rank in ranks:
        for lane in rank:
            if isinstance(lane, CompiledTieredPolicy):
                yield lane
            else:
                yield from policies_in(lane)


def _ranks(index: Index, direction: Direction, tier: Tier) -> tuple[Rank, ...]:
    found = [p for p in index.snapshot.tiered_policies if p.tier is tier and p.rules(direction)]
    by_priority = sorted((p for p in found if p.priority is not None), key=_priority)
    ranks: tuple[Rank, ...] = tuple(
        tuple(_compiled(index, direction, same)) for _, same in groupby(by_priority, key=_priority)
    )
    # The one that has no priority may come before any other and after it.
    single: Rank = tuple(_compiled(index, direction, (p for p in found if p.priority is None)))
    if not single:
        return ranks
    return ((*single, ranks),) if ranks else (single,)


def _priority(policy: TieredPolicy) -> int:
    return policy.priority or 0


def _compiled(
    index: Index, direction: Direction, policies: Iterable[TieredPolicy]
) -> Iterator[CompiledTieredPolicy]:
    for policy in policies:
        subjects, possible = index.peer_pods(policy.subject, "")
        rules = tuple(_compiled_rules(index, policy, direction))
        yield CompiledTieredPolicy(policy, direction, subjects, possible & ~subjects, rules)


def _compiled_rules(index: Index, policy: TieredPolicy, direction: Direction) -> Iterator[CompiledTieredRule]:
    for number, rule in enumerate(policy.rules(direction)):
        ref = RuleRef(policy.ref, direction, number)
        if not rule.closed:
            names = tuple(peer for peer in rule.peers if isinstance(peer, DomainNames))
            peers = reduce(or_, (match_any_peer(index, peer) for peer in rule.peers), PeerMatch())
            yield CompiledTieredRule(ref, rule, rule.action, peers, match_ports(rule.ports), names)
        elif rule.action is not Action.ALLOW:
            everybody = PeerMatch(index.everyone, addresses=EVERY_IPV4 | EVERY_IPV6)
            yield CompiledTieredRule(ref, rule, Action.DENY, everybody, match_ports(None))
