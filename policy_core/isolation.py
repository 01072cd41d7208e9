"""Open or restricted: the state of every pod at a glance, for lists and counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from policy_core.caveats import may_apply
from policy_core.evaluation import Evaluation
from policy_core.model import Direction, Pod, Ref
from policy_core.openness import Openness, openness

__all__ = ["Isolation", "isolations", "unsettled"]


@dataclass(frozen=True, slots=True)
class Isolation:
    """``uncertain``: an object that is not evaluated, or that has errors, may select the pod as well; or the
    pod has errors itself."""

    ingress: Openness
    egress: Openness
    uncertain: bool = False


def isolations(evaluation: Evaluation, pods: Iterable[Pod] | None = None) -> dict[Ref, Isolation]:
    """The state of the given pods, by default of every pod of the snapshot. One computation for each class,
    however many the pods."""
    index = evaluation.index
    by_class: dict[int | None, Isolation] = {}
    states: dict[Ref, Isolation] = {}
    doubtful = bool(evaluation.snapshot.unevaluated or evaluation.snapshot.faulty)
    for pod in evaluation.snapshot.pods if pods is None else pods:
        number = index.class_of.get(pod.ref)
        if number not in by_class:
            by_class[number] = Isolation(
                openness(evaluation.policies, pod, Direction.INGRESS),
                openness(evaluation.policies, pod, Direction.EGRESS),
            )
        state = by_class[number]
        if doubtful and (pod.ref in evaluation.snapshot.faulty or may_apply(evaluation.snapshot, pod)):
            state = replace(state, uncertain=True)
        states[pod.ref] = state
    return states


def unsettled(evaluation: Evaluation, previous: Evaluation) -> list[Pod]:
    """The pods whose state may not be what it was though they have not changed themselves. Where all that
    policy says is the same, those are the ones of a class that came to have a single pod or has one no more:
    what one pod alone would be allowed is nothing."""
    now, before = evaluation.snapshot, previous.snapshot
    if not (
        evaluation.policies.of is previous.policies.of
        and (now.unevaluated, now.faulty, now.coverage)
        == (before.unevaluated, before.faulty, before.coverage)
    ):
        return list(now.pods)
    index = evaluation.index
    sizes = zip(map(len, previous.index.members), map(len, index.members), strict=True)
    single = {number for number, (was, size) in enumerate(sizes) if was != size and 1 in (was, size)}
    return [index.pods[position] for number in single for position in index.members[number]]
