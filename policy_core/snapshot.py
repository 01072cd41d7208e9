"""One consistent picture of a cluster or of a bundle, immutable, with what is missing from it and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import attrgetter
from typing import TypeVar, cast

from policy_core.coverage import Coverage, covers
from policy_core.faults import Errors, doubted, errors_by_subject, faulty
from policy_core.model import (
    NAME_LABEL,
    EndpointSlice,
    Gateway,
    GatewayClass,
    IngressClass,
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
    TieredPolicy,
    UnevaluatedPolicy,
    Workload,
)
from policy_core.parts import Aligned, ByNamespace, Part
from policy_core.sorted_lists import SortedLists
from policy_core.unread import Unread
from policy_core.workloads import Controllers

__all__ = ["Snapshot", "assemble"]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Objects are sorted by namespace and name. Finished pods are in ``pods`` but take part in nothing."""

    title: str
    namespaces: Mapping[str, Namespace]
    """Every namespace that is named anywhere, by name, in name order."""
    pods: ByNamespace[Pod]
    services: ByNamespace[Service]
    endpoint_slices: ByNamespace[EndpointSlice]
    network_policies: ByNamespace[NetworkPolicy]
    workloads: Aligned[Pod, Ref]
    """For each pod the workload that made it, the topmost; none for a pod that nobody made, nor for a
    template, which is its workload's own."""
    tiered_policies: tuple[TieredPolicy, ...] = ()
    routes: tuple[Route, ...] = ()
    reference_grants: tuple[ReferenceGrant, ...] = ()
    gateways: tuple[Gateway, ...] = ()
    gateway_classes: tuple[GatewayClass, ...] = ()
    ingress_classes: tuple[IngressClass, ...] = ()
    unevaluated: tuple[UnevaluatedPolicy, ...] = ()
    nodes: tuple[Node, ...] = ()
    service_cidrs: tuple[ServiceCIDR, ...] = ()
    problems: tuple[Problem, ...] = ()
    faulty: frozenset[Ref] = frozenset()
    """The objects that an API server would refuse: only what is sound of them is evaluated."""
    controllers: tuple[Workload, ...] = ()
    """The workloads that were read, whether or not their templates stand for their pods."""
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
N = TypeVar("N", Pod, Service, EndpointSlice, NetworkPolicy)
Kinds = Mapping[type, Sequence[ObjectOfInterest]]


def assemble(reading: Reading, previous: Snapshot | None = None) -> Snapshot:
    """Put a reading together: later duplicates win, workloads without live pods stand for their pods, and
    namespaces that are only named exist with their name label.

    ``previous`` is what the same source gave before (see :mod:`policy_core.renewal`).
    """
    kinds, problems = _by_kind(reading)
    errors = errors_by_subject(problems)
    if errors:
        kinds = {kind: _doubted(objects, errors) for kind, objects in kinds.items()}

    def every(kind: type[T]) -> tuple[T, ...]:
        found = kinds.get(kind, ())
        return cast(tuple[T, ...], found if isinstance(found, tuple) else tuple(found))

    def spread(kind: type[N], before: ByNamespace[N] | None) -> ByNamespace[N]:
        found = kinds.get(kind, ())
        if isinstance(found, ByNamespace):
            return cast(ByNamespace[N], found)
        return ByNamespace.of(cast(Sequence[N], found), before)

    slices = previous.endpoint_slices if previous else None
    live = spread(Pod, previous.pods if previous else None)
    pods, workloads = _with_stand_ins(live, every(Workload), previous)
    namespaces = _namespaces(kinds, reading.coverage)
    return Snapshot(
        title=reading.title,
        namespaces=previous.namespaces if previous and previous.namespaces == namespaces else namespaces,
        pods=pods,
        services=spread(Service, previous.services if previous else None),
        endpoint_slices=_unmirrored(spread(EndpointSlice, slices), slices),
        network_policies=spread(NetworkPolicy, previous.network_policies if previous else None),
        tiered_policies=every(TieredPolicy),
        routes=every(Route),
        reference_grants=every(ReferenceGrant),
        gateways=every(Gateway),
        gateway_classes=every(GatewayClass),
        ingress_classes=every(IngressClass),
        unevaluated=_own(every(UnevaluatedPolicy), kinds),
        nodes=every(Node),
        service_cidrs=every(ServiceCIDR),
        problems=problems,
        faulty=faulty(_subjects(chain.from_iterable(kinds.values()), errors), errors),
        workloads=workloads,
        controllers=every(Workload),
        other_kinds=reading.other_kinds,
        texts=reading.texts,
        coverage=reading.coverage,
    )


def _by_kind(reading: Reading) -> tuple[Kinds, tuple[Problem, ...]]:
    """The objects of each type, by namespace and name."""
    if not isinstance(reading.objects, SortedLists):
        objects, problems = _unique(reading)
        found: dict[type, list[ObjectOfInterest]] = defaultdict(list)
        for obj in objects:
            found[type(obj)].append(obj)
        return {kind: _sorted(listed) for kind, listed in found.items()}, problems
    kinds: dict[type, Sequence[ObjectOfInterest]] = {}
    for each in reading.objects.lists:
        kind = type(each[0])
        # Routes, for one, are of several resources.
        kinds[kind] = _sorted((*kinds[kind], *each)) if kind in kinds else each
    return kinds, reading.problems


def _sorted(objects: Iterable[T]) -> tuple[T, ...]:
    return tuple(sorted(objects, key=_place))


_OF_NO_NAMESPACE = (Namespace, Node, ServiceCIDR, TieredPolicy, GatewayClass, IngressClass)


def _place(obj: ObjectOfInterest) -> tuple[str, ...]:
    if isinstance(obj, TieredPolicy):  # of several kinds, which may use the same name
        return obj.name, obj.kind
    if isinstance(obj, _OF_NO_NAMESPACE):
        return (obj.name,)
    if isinstance(obj, (UnevaluatedPolicy, Route)):
        return obj.namespace, obj.name, obj.kind, obj.group
    return obj.namespace, obj.name


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


def _subjects(objects: Iterable[T], errors: Errors) -> Iterator[T]:
    """Those that errors are about."""
    names = {ref.name for ref in errors}  # cheaper to look up than to make a Ref for each of many objects
    return (obj for obj in objects if obj.name in names and obj.ref in errors) if names else iter(())


def _doubted(objects: Sequence[T], errors: Errors) -> Sequence[T]:
    if isinstance(objects, ByNamespace):
        where = {ref.namespace for ref in errors} & objects.parts.keys()
        parts = {name: objects.parts[name] for name in where}
        changed = {name: _doubted(part, errors) for name, part in parts.items()}
        return cast(
            Sequence[T],
            objects.with_parts({name: Part(p) for name, p in changed.items() if p is not parts[name]}),
        )
    found = {id(obj): doubted(obj, errors) for obj in _subjects(objects, errors)}
    if all(id(obj) == before for before, obj in found.items()):
        return objects
    return tuple(found.get(id(obj), obj) for obj in objects)


def _with_stand_ins(
    live: ByNamespace[Pod], controlling: tuple[Workload, ...], previous: Snapshot | None
) -> tuple[ByNamespace[Pod], Aligned[Pod, Ref]]:
    """The pods, the templates of workloads that have none among them, and to which workload each belongs.
    Where no workloads were read this hangs on each pod alone."""
    controllers = Controllers(controlling)
    standing = controllers.stand_ins(live)
    if standing:
        ordered = sorted((*live, *standing), key=attrgetter("namespace", "name", "kind"))
        live = ByNamespace.of(ordered, previous.pods if previous else None)
    alone = not controlling and previous is not None and not previous.controllers
    before = previous.workloads if alone and previous else None
    return live, Aligned.of(live, lambda pod: None if pod.is_template else controllers.topmost(pod), before)


def _namespaces(kinds: Kinds, coverage: Coverage) -> dict[str, Namespace]:
    named = {namespace.name: namespace for namespace in cast(tuple[Namespace, ...], kinds.get(Namespace, ()))}
    names = set(named).union(*(kind.namespaces for kind in coverage.values()))
    for kind, objects in kinds.items():
        if isinstance(objects, ByNamespace):
            names.update(objects.parts)
        elif kind not in _OF_NO_NAMESPACE:
            names.update(map(attrgetter("namespace"), objects))
    return {
        name: named.get(name)
        or Namespace(name, {NAME_LABEL: name}, labels_known=covers(coverage, "Namespace", name))
        for name in sorted(names - {""})
    }


def _own(policies: tuple[UnevaluatedPolicy, ...], kinds: Kinds) -> tuple[UnevaluatedPolicy, ...]:
    """Without those that only show what is evaluated under another name."""
    if not any(policy.stands_for for policy in policies):
        return policies
    evaluated = {policy.ref for kind in (NetworkPolicy, TieredPolicy) for policy in kinds.get(kind, ())}
    return tuple(policy for policy in policies if policy.stands_for not in evaluated)


def _unmirrored(
    slices: ByNamespace[EndpointSlice], before: ByNamespace[EndpointSlice] | None
) -> ByNamespace[EndpointSlice]:
    """A slice and what it mirrors are in one namespace."""
    return slices.each(_without_mirrors, before)


def _without_mirrors(slices: Part[EndpointSlice]) -> Part[EndpointSlice]:
    real = {s.service for s in slices if not s.mirrored}
    kept = Part(s for s in slices if not s.mirrored or s.service not in real)
    return kept if len(kept) < len(slices) else slices
