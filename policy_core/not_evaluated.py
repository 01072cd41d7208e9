"""What may apply to a pod as well and is no part of any verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from policy_core.conditions import Known
from policy_core.index import namespace_matches
from policy_core.kinds import OUTSIDE_ONLY, directions_of
from policy_core.labels import LabelSelector
from policy_core.model import (
    NAME_LABEL,
    Direction,
    Namespace,
    NetworkPolicy,
    Pod,
    TieredPolicy,
    UnevaluatedPolicy,
)
from policy_core.snapshot import Snapshot
from policy_core.unread import UnreadKind

__all__ = [
    "NotEvaluated",
    "any_may_apply",
    "directions_in_doubt",
    "in_doubt",
    "may_apply",
    "may_apply_between",
    "may_select",
]

NotEvaluated = UnevaluatedPolicy | NetworkPolicy | TieredPolicy | UnreadKind
"""What may apply to a pod as well and is no part of any verdict, or not wholly."""


def may_apply(
    snapshot: Snapshot, pod: Pod, direction: Direction | None = None, *, outside: bool = True
) -> tuple[NotEvaluated, ...]:
    """The objects that may select the pod and are not evaluated, or not wholly: those of kinds that this
    tool only recognises, policies with errors, and those that seem not to select a pod of which some
    labels could not be read. What could not be read counts as selecting it, kinds of which some objects
    could not be read among it. With a ``direction`` those that may have a say in it; without ``outside``
    those that may have one in connections within the cluster."""
    if pod.finished:
        return ()
    unevaluated = (
        policy
        for policy in snapshot.unevaluated
        if may_select(snapshot, policy, pod, direction) and (outside or not policy.outside_only)
    )
    unread = (
        kind
        for kind in snapshot.unread.may_apply(pod.namespace)
        if (direction is None or direction in directions_of(kind.kind))
        and (outside or kind.kind not in OUTSIDE_ONLY)
    )
    return (*unevaluated, *in_doubt(snapshot, pod), *unread)


def any_may_apply(
    snapshot: Snapshot, pods: Iterable[Pod], direction: Direction | None = None, *, outside: bool = True
) -> tuple[NotEvaluated, ...]:
    """What may apply, unevaluated, to any of the pods."""
    if not snapshot.doubtful:
        return ()
    applying = (policy for pod in pods for policy in may_apply(snapshot, pod, direction, outside=outside))
    return tuple({policy.ref: policy for policy in applying}.values())


def may_apply_between(
    snapshot: Snapshot, sources: Iterable[Pod], destinations: Iterable[Pod], leaves: bool
) -> tuple[NotEvaluated, ...]:
    """What may have a say, unevaluated, in connections from the one to the other: on the way out of the
    sources, and on the way in to the destinations. ``leaves``: whether some arrive at no pod."""
    out = any_may_apply(snapshot, sources, Direction.EGRESS, outside=leaves)
    into = any_may_apply(snapshot, destinations, Direction.INGRESS)
    return tuple({policy.ref: policy for policy in (*out, *into)}.values())


def in_doubt(snapshot: Snapshot, pod: Pod) -> Iterator[NetworkPolicy | TieredPolicy]:
    """The policies with errors that may select the pod, and those that seem not to select one of which some
    labels could not be read."""
    if not snapshot.faulty:
        return
    yield from _tiered_in_doubt(snapshot, pod)
    for policy in snapshot.network_policies:
        if policy.namespace == pod.namespace:
            selected = policy.pod_selector.matches(pod.labels)
            if policy.ref in snapshot.faulty:
                if selected or policy.pod_selector.invalid or not pod.labels_known:
                    yield policy
            elif not selected and not pod.labels_known:
                yield policy


def _tiered_in_doubt(snapshot: Snapshot, pod: Pod) -> Iterator[TieredPolicy]:
    """Those with errors that may be for the pod, and those that seem not to be for a pod of which some labels
    could not be read."""
    if pod.host_network:
        return
    for policy in snapshot.tiered_policies:
        namespaces, pods = policy.subject.namespaces, policy.subject.pods
        if namespaces is None or namespaces.invalid:
            if policy.ref in snapshot.faulty:
                yield policy
        elif namespace_matches(namespaces, snapshot.namespaces[pod.namespace]) is not False:
            selected = pods is None or pods.matches(pod.labels)
            if policy.ref in snapshot.faulty if selected else not pod.labels_known:
                yield policy


def may_select(
    snapshot: Snapshot, policy: UnevaluatedPolicy, pod: Pod, direction: Direction | None = None
) -> bool:
    """Whether it may apply to the pod, in that direction or (None) in any."""
    found = _directions(snapshot, policy, pod)
    return direction in found if direction else bool(found)


def directions_in_doubt(snapshot: Snapshot, pod: Pod) -> frozenset[Direction]:
    """The pod's directions in which something that is not evaluated may have a say."""
    if pod.finished:
        return _NONE
    found = _NONE if next(in_doubt(snapshot, pod), None) is None else _EVERY
    for kind in snapshot.unread.may_apply(pod.namespace):
        found |= directions_of(kind.kind)
    for policy in snapshot.unevaluated:
        if found == _EVERY:
            break
        found |= _directions(snapshot, policy, pod)
    return found


_NONE: frozenset[Direction] = frozenset()
_EVERY = frozenset(Direction)


def _directions(snapshot: Snapshot, policy: UnevaluatedPolicy, pod: Pod) -> frozenset[Direction]:
    """Those in which it may apply to the pod."""
    if policy.namespace and policy.namespace != pod.namespace:
        return _NONE
    selections = [each for each in policy.selections if (each.hosts if pod.host_network else each.pods)]
    if policy.readable and selections:
        if policy.pods is not None and pod.labels_known and not policy.pods.matches(pod.labels):
            return _NONE
        namespace = snapshot.namespaces[pod.namespace]
        if policy.namespaces is not None and _matches(policy.namespaces, namespace) is False:
            return _NONE
        if any(each.condition is not None for each in selections):
            of_pod = Known(pod.labels, None if pod.labels_known else _NO_KEY)
            of_namespace = Known(namespace.labels, None if _labels_known(namespace) else _NAME_ONLY)
            selections = [
                each
                for each in selections
                if each.condition is None or each.condition.holds(of_pod, of_namespace) is not False
            ]
    return _NONE.union(*(each.directions for each in selections))


def _labels_known(namespace: Namespace) -> bool:
    """Of a namespace that is only named the name label is all that is known."""
    return namespace.labels_known and namespace.origin is not None


def _matches(selector: LabelSelector, namespace: Namespace) -> bool | None:
    known = namespace if _labels_known(namespace) else replace(namespace, labels_known=False)
    return namespace_matches(selector, known)


_NO_KEY: frozenset[str] = frozenset()
_NAME_ONLY = frozenset({NAME_LABEL})
