"""One consistent picture of a cluster or of a bundle, immutable, with what is missing from it and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from policy_core.coverage import Coverage, covers
from policy_core.faults import doubted, errors_by_subject, faulty
from policy_core.model import (
    NAME_LABEL,
    EndpointSlice,
    Namespace,
    NetworkPolicy,
    Node,
    ObjectOfInterest,
    Pod,
    Problem,
    Reading,
    Ref,
    ReferenceGrant,
    Route,
    Service,
    ServiceCIDR,
    Severity,
    UnevaluatedPolicy,
    Workload,
)
from policy_core.unread import Unread
from policy_core.workloads import controllers, stand_ins, topmost

__all__ = ["Snapshot", "assemble"]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Objects are sorted by namespace and name. Finished pods are in ``pods`` but take part in nothing."""

    title: str
    namespaces: Mapping[str, Namespace]
    """Every namespace that is named anywhere, by name, in name order."""
    pods: tuple[Pod, ...] = ()
    services: tuple[Service, ...] = ()
    endpoint_slices: tuple[EndpointSlice, ...] = ()
    network_policies: tuple[NetworkPolicy, ...] = ()
    routes: tuple[Route, ...] = ()
    reference_grants: tuple[ReferenceGrant, ...] = ()
    unevaluated: tuple[UnevaluatedPolicy, ...] = ()
    nodes: tuple[Node, ...] = ()
    service_cidrs: tuple[ServiceCIDR, ...] = ()
    problems: tuple[Problem, ...] = ()
    faulty: frozenset[Ref] = frozenset()
    """The objects that an API server would refuse: only what is sound of them is evaluated."""
    workloads: Mapping[Ref, Ref] = field(default_factory=dict)
    """For each pod the workload that made it, the topmost; none for a pod that nobody made, nor for a
    template, which is its workload's own."""
    other_kinds: Mapping[str, int] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    coverage: Coverage = field(default_factory=dict)
    unread: Unread = field(init=False, repr=False, compare=False)
    """What follows from the coverage."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "unread", Unread(self.coverage))

    @property
    def doubtful(self) -> bool:
        """Whether anything that is not evaluated, or not wholly, may apply to some pod."""
        return bool(self.unevaluated or self.faulty) or self.unread.anywhere_may_apply


T = TypeVar("T", bound=ObjectOfInterest)


def assemble(reading: Reading) -> Snapshot:
    """Put a reading together: later duplicates win, workloads without live pods stand for their pods, and
    namespaces that are only named exist with their name label."""
    objects, problems = _unique(reading)
    errors = errors_by_subject(problems)
    if errors:
        objects = [doubted(obj, errors) for obj in objects]

    def every(kind: type[T]) -> tuple[T, ...]:
        return tuple(
            sorted((o for o in objects if isinstance(o, kind)), key=lambda o: (o.ref.namespace, o.ref.name))
        )

    live = every(Pod)
    belongs = controllers(live, every(Workload))
    pods = (*live, *stand_ins(live, every(Workload), belongs))
    return Snapshot(
        title=reading.title,
        namespaces=_namespaces(every(Namespace), objects, reading.coverage),
        pods=tuple(sorted(pods, key=lambda pod: (pod.namespace, pod.name, pod.kind))),
        services=every(Service),
        endpoint_slices=_unmirrored(every(EndpointSlice)),
        network_policies=every(NetworkPolicy),
        routes=every(Route),
        reference_grants=every(ReferenceGrant),
        unevaluated=every(UnevaluatedPolicy),
        nodes=every(Node),
        service_cidrs=every(ServiceCIDR),
        problems=problems,
        faulty=faulty(objects, errors),
        workloads={ref: top for ref, chain in belongs.items() if (top := topmost(chain))},
        other_kinds=reading.other_kinds,
        texts=reading.texts,
        coverage=reading.coverage,
    )


def _unique(reading: Reading) -> tuple[list[ObjectOfInterest], tuple[Problem, ...]]:
    """The last object of every identity, as applying the files in order would leave them."""
    by_identity: dict[tuple[str, Ref], ObjectOfInterest] = {}
    problems = list(reading.problems)
    for obj in reading.objects:
        group = obj.group if isinstance(obj, (UnevaluatedPolicy, Route)) else ""
        earlier = by_identity.pop((group, obj.ref), None)
        if earlier is not None and obj.origin is not None:
            problems.append(
                Problem(
                    Severity.WARNING,
                    f"duplicate object: it replaces the one at {earlier.origin}",
                    obj.origin.file,
                    obj.origin.line,
                    subject=obj.ref,
                )
            )
        by_identity[group, obj.ref] = obj
    return list(by_identity.values()), tuple(problems)


def _namespaces(
    named: Iterable[Namespace], objects: Iterable[ObjectOfInterest], coverage: Coverage
) -> dict[str, Namespace]:
    found = {
        name: Namespace(name, {NAME_LABEL: name}, labels_known=covers(coverage, "Namespace", name))
        for name in sorted(
            {o.ref.namespace for o in objects if o.ref.namespace}
            | {n.name for n in named}
            | {name for kind in coverage.values() for name in kind.namespaces}
        )
    }
    return found | {namespace.name: namespace for namespace in named}


def _unmirrored(slices: tuple[EndpointSlice, ...]) -> tuple[EndpointSlice, ...]:
    real = {(s.namespace, s.service) for s in slices if not s.mirrored}
    return tuple(s for s in slices if not s.mirrored or (s.namespace, s.service) not in real)
