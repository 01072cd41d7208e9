"""Open or restricted: the state of every pod at a glance, for lists and counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from policy_core.evaluation import Evaluation
from policy_core.model import Direction, Pod, Ref
from policy_core.not_evaluated import directions_in_doubt
from policy_core.openness import Openness, openness
from policy_core.renewal import difference
from policy_core.snapshot import Snapshot

__all__ = ["Isolation", "isolations", "unsettled"]


@dataclass(frozen=True, slots=True)
class Isolation:
    """``doubts``: the directions in which an object that is not evaluated, or that has errors, may have a say
    as well; both where the pod has errors itself."""

    ingress: Openness
    egress: Openness
    doubts: frozenset[Direction] = frozenset()

    @property
    def uncertain(self) -> bool:
        return bool(self.doubts)


def isolations(evaluation: Evaluation, pods: Iterable[Pod] | None = None) -> dict[Ref, Isolation]:
    """The state of the given pods, by default of every pod of the snapshot. One computation for each class,
    however many the pods."""
    index = evaluation.index
    by_class: dict[int | None, Isolation] = {}
    states: dict[Ref, Isolation] = {}
    in_doubt = evaluation.snapshot.doubtful
    alike: dict[object, frozenset[Direction]] = {}
    for pod in evaluation.snapshot.pods if pods is None else pods:
        number = index.class_of.get(pod.ref)
        if number not in by_class:
            by_class[number] = Isolation(
                openness(evaluation.policies, pod, Direction.INGRESS),
                openness(evaluation.policies, pod, Direction.EGRESS),
            )
        state = by_class[number]
        if in_doubt and (doubts := _doubts_of(evaluation.snapshot, pod, alike)):
            state = replace(state, doubts=doubts)
        states[pod.ref] = state
    return states


def _doubts_of(
    snapshot: Snapshot, pod: Pod, alike: dict[object, frozenset[Direction]]
) -> frozenset[Direction]:
    """``alike`` remembers it for pods of equal labels."""
    if pod.ref in snapshot.faulty:
        return frozenset(Direction)
    labels = frozenset(pod.labels.items())
    key = pod.namespace, pod.host_network, pod.finished, pod.labels_known, labels
    if key not in alike:
        alike[key] = directions_in_doubt(snapshot, pod)
    return alike[key]


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
