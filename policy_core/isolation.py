"""Open or restricted: the state of every pod at a glance, for lists and counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from policy_core.caveats import may_apply
from policy_core.evaluation import Evaluation
from policy_core.model import Direction, Pod, Ref
from policy_core.openness import Openness, openness
from policy_core.renewal import difference

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
    in_doubt = evaluation.snapshot.doubtful
    for pod in evaluation.snapshot.pods if pods is None else pods:
        number = index.class_of.get(pod.ref)
        if number not in by_class:
            by_class[number] = Isolation(
                openness(evaluation.policies, pod, Direction.INGRESS),
                openness(evaluation.policies, pod, Direction.EGRESS),
            )
        state = by_class[number]
        if in_doubt and (pod.ref in evaluation.snapshot.faulty or may_apply(evaluation.snapshot, pod)):
            state = replace(state, uncertain=True)
        states[pod.ref] = state
    return states


def unsettled(evaluation: Evaluation, previous: Evaluation) -> list[Pod]:
    """The pods whose state may not be what it was though they have not changed themselves."""
    now, before = evaluation.snapshot, previous.snapshot
    doubts = (now.unevaluated, now.faulty, now.coverage) == (
        before.unevaluated,
        before.faulty,
        before.coverage,
    )
    if not doubts or (now.doubtful and now.namespaces != before.namespaces):
        return list(now.pods)
    index = evaluation.index
    if index.vocabulary != previous.index.vocabulary:
        return list(now.pods)
    policies = difference(before.network_policies, now.network_policies)
    namespaces = {policy.namespace for policy in (*policies.gone, *policies.new)}
    if evaluation.policies.of is not previous.policies.of:
        namespaces |= _looking_at_ports(evaluation)
    earlier = previous.index.bitsets.numbers
    found: list[Pod] = []
    for pod_class, members in zip(index.classes, index.members, strict=True):
        was = len(previous.index.members[earlier[pod_class]]) if pod_class in earlier else 0
        # What one pod alone would be allowed is nothing: it makes a difference whether there is another.
        single = was != len(members) and 1 in (was, len(members))
        if single or pod_class.namespace in namespaces:
            found += map(index.pods.__getitem__, members)
    return found


def _looking_at_ports(evaluation: Evaluation) -> set[str]:
    """The namespaces in which it hangs on the other pods' ports whether a rule allows anything."""
    return {
        compiled.policy.namespace
        for compiled in evaluation.policies.of[Direction.EGRESS]
        if any(rule.ports.names for rule in compiled.rules)
    }
