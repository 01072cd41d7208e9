"""Open or restricted: the state of every pod at a glance, for lists and counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from policy_core.caveats import may_apply
from policy_core.evaluation import Evaluation
from policy_core.ipblock import EVERY_IPV4, EVERY_IPV6, AddressSet
from policy_core.model import Direction, Pod, Ref
from policy_core.ports import ALL_PORTS

__all__ = ["Isolation", "Openness", "isolations"]


class Openness(StrEnum):
    """How far one direction of a pod is open."""

    OPEN = "open"
    """No policy selects the pod."""
    WIDE = "wide"
    """Isolated, yet some rule allows anyone (at least every IPv4 or every IPv6 address) on every port."""
    RESTRICTED = "restricted"
    CLOSED = "closed"
    """Isolated, and no rule allows anything."""
    HOST = "host"
    """A hostNetwork pod: policy does not isolate it."""
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Isolation:
    """``uncertain``: an object that is not evaluated, or that has errors, may select the pod as well."""

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
                _openness(evaluation, pod, Direction.INGRESS), _openness(evaluation, pod, Direction.EGRESS)
            )
        state = by_class[number]
        if doubtful and may_apply(evaluation.snapshot, pod):
            state = replace(state, uncertain=True)
        states[pod.ref] = state
    return states


def _openness(evaluation: Evaluation, pod: Pod, direction: Direction) -> Openness:
    if pod.finished:
        return Openness.FINISHED
    if pod.host_network:
        return Openness.HOST
    selecting = evaluation.policies.selecting(pod, direction)
    if not selecting:
        return Openness.OPEN
    rules = [rule for policy in selecting for rule in policy.rules]
    if any(rule.ports.numbers == ALL_PORTS and _anyone(rule.peers.addresses) for rule in rules):
        return Openness.WIDE
    ports = evaluation.index.class_ports[evaluation.index.class_of[pod.ref]]
    own = ports if direction is Direction.INGRESS else None
    return Openness.RESTRICTED if any(rule.can_match(own) for rule in rules) else Openness.CLOSED


def _anyone(addresses: AddressSet) -> bool:
    return addresses >= EVERY_IPV4 or addresses >= EVERY_IPV6
