"""A NetworkPolicy: the pods that it selects, and whom its rules match now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policy_core.effective import EffectiveRule, tiered_views, view
from policy_core.evaluation import Evaluation
from policy_core.faults import is_about
from policy_core.index import Bits
from policy_core.model import Direction, NetworkPolicy, Pod, Problem, Ref, TieredPolicy
from policy_core.openness import wide
from policy_core.unread_caveats import about_counts

__all__ = [
    "DirectionDetail",
    "PolicyDetail",
    "TieredPolicyDetail",
    "concerned_pods",
    "policy_detail",
    "selected_pods",
    "tiered_policy_detail",
]


@dataclass(frozen=True, slots=True)
class DirectionDetail:
    """What the policy does in one direction that it is in force for; ``rules`` in the manifest's order."""

    direction: Direction
    rules: tuple[EffectiveRule, ...]
    to_anyone: bool
    """Whether they open every pod that the policy selects to anyone, whatever addresses it has."""


@dataclass(frozen=True, slots=True)
class PolicyDetail:
    policy: NetworkPolicy
    pods: tuple[Pod, ...]
    """The pods that it isolates: selected, not finished, not hostNetwork."""
    directions: tuple[DirectionDetail, ...]
    problems: tuple[Problem, ...]
    unread: tuple[str, ...] = ()
    """What could not be read and may be selected or matched as well, a sentence each."""


def selected_pods(evaluation: Evaluation, policy: NetworkPolicy) -> tuple[Pod, ...]:
    return evaluation.index.pods_of(evaluation.index.subjects(policy))


@dataclass(frozen=True, slots=True)
class TieredPolicyDetail:
    """``rules`` by direction, those of the policy alone; whatever it does not name goes on."""

    policy: TieredPolicy
    pods: tuple[Pod, ...]
    """The pods that it is for: not finished, not hostNetwork."""
    perhaps: tuple[Pod, ...]
    """Those that it is for or not depending on namespace labels that could not be read."""
    rules: Mapping[Direction, tuple[EffectiveRule, ...]]
    problems: tuple[Problem, ...]
    rivals: tuple[Ref, ...]
    """The policies of the same tier and priority that are for some of the same pods: where they disagree on
    a connection nothing says which of them is applied."""
    unread: tuple[str, ...] = ()


def concerned_pods(evaluation: Evaluation, policy: TieredPolicy) -> tuple[Pod, ...]:
    """The pods that a tiered policy is for, and those that it may be for."""
    index = evaluation.index
    certain, possible = index.peer_pods(policy.subject, "")
    return index.pods_of(certain | possible)


def tiered_policy_detail(evaluation: Evaluation, policy: TieredPolicy) -> TieredPolicyDetail:
    index, policies = evaluation.index, evaluation.policies
    certain, possible = index.peer_pods(policy.subject, "")
    rules = {
        compiled.direction: tuple(tiered_views(policies, compiled, certain | possible))
        for direction in Direction
        for compiled in policies.tiers.policies[direction]
        if compiled.policy is policy
    }
    rivals = [
        other.ref
        for other in evaluation.snapshot.tiered_policies
        if other is not policy
        and other.tier is policy.tier
        and (other.priority == policy.priority or None in (other.priority, policy.priority))
        and any(other.rules(direction) and policy.rules(direction) for direction in Direction)
        and _union(index.peer_pods(other.subject, "")) & (certain | possible)
    ]
    return TieredPolicyDetail(
        policy,
        index.pods_of(certain),
        index.pods_of(possible & ~certain),
        rules,
        tuple(problem for problem in evaluation.snapshot.problems if is_about(problem, policy)),
        tuple(rivals),
        tuple(about_counts(evaluation.snapshot)),
    )


def _union(both: tuple[Bits, Bits]) -> Bits:
    return both[0] | both[1]


def policy_detail(evaluation: Evaluation, policy: NetworkPolicy) -> PolicyDetail:
    compiled = [
        one
        for direction in Direction
        for one in evaluation.policies.of[direction]
        if one.policy.ref == policy.ref
    ]
    return PolicyDetail(
        policy,
        selected_pods(evaluation, policy),
        tuple(
            DirectionDetail(
                one.direction,
                tuple(view(evaluation.policies, [rule], one.subjects) for rule in one.rules),
                len(wide(one.rules, (4, 6))) == 2,
            )
            for one in compiled
        ),
        tuple(problem for problem in evaluation.snapshot.problems if is_about(problem, policy)),
        tuple(about_counts(evaluation.snapshot)),
    )
