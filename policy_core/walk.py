"""The walk of one connection through the tiers.

Admin decides before NetworkPolicy, and Baseline where no NetworkPolicy isolates the pod; in a tier the first
rule that matches. Where a match hangs on something unknown every outcome is followed, and the verdict is
known only if they all come to the same.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from policy_core.model import Action, RuleRef, Tier
from policy_core.sides import Reason, Side, Step, Verdict
from policy_core.tiers import CompiledTieredPolicy, CompiledTieredRule, Rank

__all__ = ["Match", "walk"]

Match = Callable[[CompiledTieredPolicy, CompiledTieredRule], bool | None]
"""Whether a rule matches the connection; None where nobody knows."""


@dataclass(slots=True)
class _Tier:
    """What a tier may do with the connection."""

    rules: dict[Action, list[RuleRef]] = field(default_factory=dict)
    priorities: set[int] = field(default_factory=set)
    unmatched: bool = False
    disagreeing: bool = False
    """Whether policies of one rank decide differently."""

    @property
    def goes_on(self) -> bool:
        return self.unmatched or Action.PASS in self.rules

    def step(self, tier: Tier) -> Step:
        outcomes = [(action, tuple(dict.fromkeys(refs))) for action, refs in self.rules.items()]
        onward = ((None, ()),) if self.unmatched else ()
        return Step(tier, (*outcomes, *onward), tuple(sorted(self.priorities)))


def _ask(ranks: Iterable[Rank], matches: Match) -> _Tier:
    found = _Tier()
    found.unmatched = _ask_ranks(ranks, matches, found)
    return found


def _ask_ranks(ranks: Iterable[Rank], matches: Match, found: _Tier) -> bool:
    """Whether the connection may match none of them."""
    return all(_ask_rank(rank, matches, found) for rank in ranks)


def _ask_rank(rank: Rank, matches: Match, found: _Tier) -> bool:
    may_go_on = True
    actions: set[Action] = set()
    for lane in rank:
        own = _Tier()
        if isinstance(lane, CompiledTieredPolicy):
            unmatched = _ask_policy(lane, matches, own)
        else:
            unmatched = _ask_ranks(lane, matches, own)
        may_go_on = may_go_on and unmatched
        found.disagreeing |= own.disagreeing or bool(actions and own.rules and actions != own.rules.keys())
        actions |= own.rules.keys()
        for action, refs in own.rules.items():
            found.rules.setdefault(action, []).extend(refs)
        found.priorities |= own.priorities
    return may_go_on


def _ask_policy(policy: CompiledTieredPolicy, matches: Match, found: _Tier) -> bool:
    for rule in policy.rules:
        answer = matches(policy, rule)
        if answer is not False:
            found.rules.setdefault(rule.action, []).append(rule.ref)
            if policy.policy.priority is not None:
                found.priorities.add(policy.policy.priority)
        if answer is True:
            return False
    return True


def walk(
    ranks: Mapping[Tier, Iterable[Rank]], asked: Collection[Tier], matches: Match, by_network_policies: Side
) -> Side:
    """The side of a pod for which there are policies in the tiers that are ``asked``.
    ``by_network_policies`` is what the NetworkPolicies alone say; OPEN where none isolates the pod."""
    lower = replace(by_network_policies, walk=(_step(by_network_policies),))
    if lower.reason is Reason.OPEN:
        lower = replace(lower, reason=Reason.DEFAULT)
        if Tier.BASELINE in asked:
            found = _through(Tier.BASELINE, ranks[Tier.BASELINE], matches, replace(lower, walk=()))
            lower = replace(found, walk=(*lower.walk, *found.walk))
    return _through(Tier.ADMIN, ranks[Tier.ADMIN], matches, lower) if Tier.ADMIN in asked else lower


def _step(side: Side) -> Step:
    """That of the NetworkPolicies."""
    if side.reason is Reason.OPEN:
        return Step(Tier.NETWORK_POLICY, ((None, ()),))
    match side.verdict:
        case Verdict.ALLOW:
            return Step(Tier.NETWORK_POLICY, ((Action.ALLOW, side.decided_by),))
        case Verdict.DENY:
            return Step(Tier.NETWORK_POLICY, ((Action.DENY, ()),))
    return Step(Tier.NETWORK_POLICY, ((Action.ALLOW, side.decided_by), (Action.DENY, ())))


def _through(tier: Tier, ranks: Iterable[Rank], matches: Match, lower: Side) -> Side:
    """What a tier says, where ``lower`` is what those after it do."""
    found = _ask(ranks, matches)
    allow, deny = found.rules.get(Action.ALLOW, []), found.rules.get(Action.DENY, [])
    steps = (found.step(tier), *(lower.walk if found.goes_on else ()))
    if not (allow or deny):
        return replace(lower, walk=steps)
    may_allow = bool(allow) or (found.goes_on and lower.verdict is not Verdict.DENY)
    may_deny = bool(deny) or (found.goes_on and lower.verdict is not Verdict.ALLOW)
    refs = (*allow, *deny, *(lower.decided_by if found.goes_on else ()))
    decided_by = tuple(dict.fromkeys(refs))
    selected_by = lower.selected_by if found.goes_on else ()
    if may_allow and may_deny:
        reason = Reason.CONFLICT if found.disagreeing else Reason.POSSIBLE
        return Side(Verdict.UNKNOWN, reason, decided_by, selected_by, steps)
    verdict = Verdict.ALLOW if may_allow else Verdict.DENY
    return Side(verdict, Reason.TIER, decided_by, selected_by, steps)
