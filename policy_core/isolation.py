"""Open or restricted: the state of every pod at a glance, for lists and counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from policy_core.caveats import may_apply
from policy_core.evaluation import Evaluation
from policy_core.model import Direction, Pod, Ref
from policy_core.openness import Openness, openness
from policy_core.renewal import difference
from policy_core.snapshot import Snapshot

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


def _doubts(snapshot: Snapshot) -> object:
    """Whatever leaves it open, beside the policies that are evaluated, what applies to a pod."""
    return snapshot.unevaluated, snapshot.faulty, snapshot.coverage


def unsettled(evaluation: Evaluation, previous: Evaluation) -> list[Pod]:
    """The pods whose state may not be what it was though they have not changed themselves."""
    now, before = evaluation.snapshot, previous.snapshot
    if _doubts(now) != _doubts(before) or (now.doubtful and now.namespaces != before.namespaces):
        return list(now.pods)
    index = evaluation.index
    if evaluation.policies.tiers is not previous.policies.tiers:
        return list(now.pods)  # they may be for any pod, and name any other
    if evaluation.policies.of is previous.policies.of:
        # What one pod alone would be allowed is nothing: it makes a difference whether there is another.
        sizes = zip(map(len, previous.index.members), map(len, index.members), strict=True)
        numbers = [number for number, (was, size) in enumerate(sizes) if was != size and 1 in (was, size)]
    else:
        policies = difference(before.network_policies, now.network_policies)
        namespaces = {policy.namespace for policy in (*policies.gone, *policies.new)}
        namespaces |= _looking_at_ports(evaluation)
        numbers = [number for number, each in enumerate(index.classes) if each.namespace in namespaces]
    return [index.pods[position] for number in numbers for position in index.members[number]]


def _looking_at_ports(evaluation: Evaluation) -> set[str]:
    """The namespaces in which it hangs on the other pods, and on their ports, whether a rule allows
    anything."""
    return {
        compiled.policy.namespace
        for compiled in evaluation.policies.of[Direction.EGRESS]
        if any(rule.ports.names for rule in compiled.rules)
    }
