"""A NetworkPolicy: the pods that it selects, and whom its rules match now."""

from __future__ import annotations

from dataclasses import dataclass

from policy_core.effective import EffectiveRule, view
from policy_core.evaluation import Evaluation
from policy_core.faults import is_about
from policy_core.model import Direction, NetworkPolicy, Pod, Problem
from policy_core.openness import wide
from policy_core.unread_caveats import about_counts

__all__ = ["DirectionDetail", "PolicyDetail", "policy_detail", "selected_pods"]


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
