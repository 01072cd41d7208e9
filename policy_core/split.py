"""The walk through a tier of many connections at once: bitsets of sources in place of one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from policy_core.classes import Bits
from policy_core.model import Action
from policy_core.tiers import CompiledTieredPolicy, Rank

__all__ = ["UNDECIDED", "Decided", "Decision", "Matching", "around", "pass_rules", "split"]

Matching = Callable[[CompiledTieredPolicy], Iterable[tuple[Action, Bits, Bits]]]
"""The rules of a policy that can match at all, in their order: what each does, to whom for certain, and to
whom perhaps."""


class Decided(NamedTuple):
    """The sources by what a tier does with them; those of whom nobody knows are in several."""

    allow: Bits
    deny: Bits
    goes_on: Bits


UNDECIDED = Decided(0, 0, -1)
"""Everything goes on."""


def around(
    admin: Decided, baseline: Decided, everyone: Bits, free: Bits, certain: Bits, perhaps: Bits
) -> tuple[Bits, Bits]:
    """The sources that are let through for certain and those that may be, among which the former are, with
    the tiers around what the NetworkPolicies say. ``free`` are those of connections that none of these
    isolates; they count as let through for certain."""
    deny = everyone & ~certain | baseline.deny & free
    allow = perhaps & (~free | baseline.allow | baseline.goes_on)
    allow, deny = admin.allow | admin.goes_on & allow, admin.deny | admin.goes_on & deny
    return allow & ~deny, allow


class Decision:
    """Gathers what becomes of the sources."""

    __slots__ = ("allow", "deny", "passed")

    def __init__(self) -> None:
        self.allow: Bits = 0
        self.deny: Bits = 0
        self.passed: Bits = 0

    def add(self, action: Action, sources: Bits) -> None:
        if action is Action.DENY:
            self.deny |= sources
        elif action is Action.ALLOW:
            self.allow |= sources
        else:
            self.passed |= sources

    def with_rest(self, unmatched: Bits) -> Decided:
        return Decided(self.allow, self.deny, self.passed | unmatched)


def split(ranks: Iterable[Rank], everyone: Bits, matching: Matching) -> Decided:
    decision = Decision()
    return decision.with_rest(_ranks(ranks, everyone, matching, decision))


def _ranks(ranks: Iterable[Rank], sources: Bits, matching: Matching, decision: Decision) -> Bits:
    """The sources that may match none of them."""
    for rank in ranks:
        unmatched = sources
        for lane in rank:
            if isinstance(lane, CompiledTieredPolicy):
                unmatched &= pass_rules(matching(lane), sources, decision)
            else:
                unmatched &= _ranks(lane, sources, matching, decision)
        sources = unmatched
        if not sources:
            break
    return sources


def pass_rules(rules: Iterable[tuple[Action, Bits, Bits]], sources: Bits, decision: Decision) -> Bits:
    """The sources that may match none of these rules, of which each decides before those after it."""
    for action, certain, possible in rules:
        matched = (certain | possible) & sources
        if matched:
            decision.add(action, matched)
            sources &= ~certain
            if not sources:
                break
    return sources
