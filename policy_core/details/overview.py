"""The whole snapshot in figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from policy_core.coverage import Coverage
from policy_core.enforcement import Enforcement, enforcement
from policy_core.evaluation import Evaluation
from policy_core.isolation import Isolation, isolations
from policy_core.model import Problem, Ref
from policy_core.openness import Openness

__all__ = ["NamespaceCounts", "Overview", "namespace_counts", "overview"]

_COUNTED = ("Pod", "Service", "NetworkPolicy")
_ISOLATED = (Openness.WIDE, Openness.RESTRICTED, Openness.CLOSED)


@dataclass(frozen=True, slots=True)
class NamespaceCounts:
    """``pods`` take part (finished ones are counted apart); the isolated ones are those that some policy
    selects for that direction; ``exposed`` Services can be reached from outside the cluster."""

    name: str
    pods: int
    finished: int
    isolated_ingress: int
    isolated_egress: int
    services: int
    policies: int
    exposed: int
    unread: frozenset[str] = frozenset()
    """The kinds of which there may be more: Pod, Service, NetworkPolicy."""


@dataclass(frozen=True, slots=True)
class Overview:
    title: str
    namespaces: tuple[NamespaceCounts, ...]
    enforcement: Enforcement
    unevaluated: Mapping[str, int]
    """How many objects of each kind that is recognised but not evaluated."""
    other_kinds: Mapping[str, int]
    problems: tuple[Problem, ...]
    coverage: Coverage = field(default_factory=dict)


def namespace_counts(
    evaluation: Evaluation, states: Mapping[Ref, Isolation] | None = None
) -> tuple[NamespaceCounts, ...]:
    """One entry for each namespace, in name order. ``states`` saves computing them again."""
    snapshot = evaluation.snapshot
    states = isolations(evaluation) if states is None else states
    taking_part = [pod for pod in snapshot.pods if not pod.finished]
    pods = Counter(pod.namespace for pod in taking_part)
    finished = Counter(pod.namespace for pod in snapshot.pods if pod.finished)
    ingress = Counter(pod.namespace for pod in taking_part if states[pod.ref].ingress in _ISOLATED)
    egress = Counter(pod.namespace for pod in taking_part if states[pod.ref].egress in _ISOLATED)
    services = Counter(service.namespace for service in snapshot.services)
    policies = Counter(policy.namespace for policy in snapshot.network_policies)
    exposed = Counter(s.namespace for s in snapshot.services if evaluation.routing.exposures(s))
    return tuple(
        NamespaceCounts(
            name,
            pods[name],
            finished[name],
            ingress[name],
            egress[name],
            services[name],
            policies[name],
            exposed[name],
            frozenset(kind for kind in _COUNTED if snapshot.unread.here(kind, name)),
        )
        for name in snapshot.namespaces
    )


def overview(evaluation: Evaluation) -> Overview:
    snapshot = evaluation.snapshot
    return Overview(
        snapshot.title,
        namespace_counts(evaluation),
        enforcement(snapshot.pods, snapshot.unread),
        Counter(f"{policy.group} {policy.kind}" for policy in snapshot.unevaluated),
        snapshot.other_kinds,
        snapshot.problems,
        snapshot.coverage,
    )
