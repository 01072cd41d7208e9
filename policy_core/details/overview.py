"""The whole snapshot in figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain

from policy_core.coverage import Coverage
from policy_core.enforcement import Enforcement, enforcement_in
from policy_core.evaluation import Evaluation
from policy_core.isolation import Isolation, Isolations
from policy_core.model import Pod, Problem
from policy_core.openness import Openness
from policy_core.snapshot import Snapshot

__all__ = ["NamespaceCounts", "Overview", "PodCounts", "counted", "namespace_counts", "overview"]

_COUNTED = ("Pod", "Service", "NetworkPolicy")
Counted = tuple[Pod, Isolation]
_ISOLATED = (Openness.WIDE, Openness.RESTRICTED, Openness.CLOSED)


@dataclass(frozen=True, slots=True)
class NamespaceCounts:
    """``pods`` take part (finished ones are counted apart); the isolated ones are those that some
    NetworkPolicy selects for that direction, or to which a tier denies something; ``exposed`` Services can be
    reached from outside the cluster."""

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
    tiered: Mapping[str, int]
    """How many policies of each kind there are in the Admin and Baseline tiers."""
    unevaluated: Mapping[str, int]
    """How many objects of each kind that is recognised but not evaluated."""
    other_kinds: Mapping[str, int]
    problems: tuple[Problem, ...]
    coverage: Coverage = field(default_factory=dict)
    tiered_kinds: tuple[str, ...] = ()
    """The kinds of policy.networking.k8s.io of which objects were read."""


@dataclass(frozen=True, slots=True)
class PodCounts:
    """How many pods take part, have finished, and are isolated, by namespace."""

    taking_part: Counter[str] = field(default_factory=Counter)
    finished: Counter[str] = field(default_factory=Counter)
    ingress: Counter[str] = field(default_factory=Counter)
    egress: Counter[str] = field(default_factory=Counter)

    def after(self, gone: Iterable[Counted], new: Iterable[Counted]) -> PodCounts:
        """The same when these have gone and come."""
        counts = PodCounts(
            Counter(self.taking_part), Counter(self.finished), Counter(self.ingress), Counter(self.egress)
        )
        for step, pods in ((-1, gone), (1, new)):
            for pod, isolation in pods:
                if pod.finished:
                    _add(counts.finished, pod.namespace, step)
                    continue
                _add(counts.taking_part, pod.namespace, step)
                if isolation.ingress in _ISOLATED:
                    _add(counts.ingress, pod.namespace, step)
                if isolation.egress in _ISOLATED:
                    _add(counts.egress, pod.namespace, step)
        return counts


def _add(counter: Counter[str], namespace: str, step: int) -> None:
    counter[namespace] += step
    if not counter[namespace]:  # namespaces that have gone leave nothing behind
        del counter[namespace]


def namespace_counts(evaluation: Evaluation) -> tuple[NamespaceCounts, ...]:
    """One entry for each namespace, in name order."""
    snapshot, isolation = evaluation.snapshot, Isolations(evaluation)
    states = (
        zip(part, isolation.of_namespace(name), strict=True) for name, part in snapshot.pods.parts.items()
    )
    pods = PodCounts().after((), chain.from_iterable(states))
    exposed = Counter(s.namespace for s in snapshot.services if evaluation.routing.exposures(s))
    return tuple(counted(snapshot, name, pods, exposed[name]) for name in snapshot.namespaces)


def counted(snapshot: Snapshot, name: str, pods: PodCounts, exposed: int) -> NamespaceCounts:
    """``exposed``: how many Services of the namespace can be reached from outside the cluster."""
    unread = snapshot.unread
    return NamespaceCounts(
        name,
        pods.taking_part[name],
        pods.finished[name],
        pods.ingress[name],
        pods.egress[name],
        len(snapshot.services.of_namespace(name)),
        len(snapshot.network_policies.of_namespace(name)),
        exposed,
        frozenset(kind for kind in _COUNTED if unread.here(kind, name)),
    )


def overview(evaluation: Evaluation) -> Overview:
    snapshot = evaluation.snapshot
    return Overview(
        snapshot.title,
        namespace_counts(evaluation),
        enforcement_in(evaluation),
        Counter(policy.kind for policy in snapshot.tiered_policies),
        Counter(f"{policy.group} {policy.kind}" for policy in snapshot.unevaluated),
        snapshot.other_kinds,
        snapshot.problems,
        snapshot.coverage,
        tuple(sorted({policy.kind for policy in snapshot.tiered_policies})),
    )
