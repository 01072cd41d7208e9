"""The walk through a tier of many connections at once: bitsets of sources in place of one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from policy_core.classes import Bits
from policy_core.model import Action
from policy_core.tiers import CompiledTieredPolicy, Rank

__all__ = ["UNDECIDED", "Decided", "Matching", "around", "split"]

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


class _Sets:
    __slots__ = ("allow", "deny", "passed")

    def __init__(self) -> None:
        self.allow: Bits = 0
        self.deny: Bits = 0
        self.passed: Bits = 0


def split(ranks: Iterable[Rank], everyone: Bits, matching: Matching) -> Decided:
    found = _Sets()
    unmatched = _ranks(ranks, everyone, matching, found)
    return Decided(found.allow, found.deny, found.passed | unmatched)


def _ranks(ranks: Iterable[Rank], sources: Bits, matching: Matching, found: _Sets) -> Bits:
    """The sources that may match none of them."""
    for rank in ranks:
        unmatched = sources
        for lane in rank:
            if isinstance(lane, CompiledTieredPolicy):
                unmatched &= _rules(matching(lane), sources, found)
            else:
                unmatched &= _ranks(lane, sources, matching, found)
        sources = unmatched
        if not sources:
            break
    return sources


def _rules(rules: Iterable[tuple[Action, Bits, Bits]], sources: Bits, found: _Sets) -> Bits:
    for action, certain, possible in rules:
        matched = (certain | possible) & sources
        if not matched:
            continue
        match action:
            case Action.ALLOW:
                found.allow |= matched
            case Action.DENY:
                found.deny |= matched
            case Action.PASS:
                found.passed |= matched
        sources &= ~certain
        if not sources:
            break
    return sources
