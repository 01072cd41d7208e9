"""Clusters that change: the same objects, but for a few that come, go or turn into others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from ipaddress import ip_address
from itertools import chain

from hypothesis import strategies as st

from policy_core.coverage import Coverage, KindCoverage, KindState
from policy_core.gateways import GATEWAY_GROUP
from policy_core.labels import LabelSelector
from policy_core.model import (
    EndpointSlice,
    Gateway,
    Listener,
    NetworkPolicy,
    Node,
    ObjectOfInterest,
    ParentRef,
    Pod,
    Problem,
    Reading,
    Ref,
    ReferenceGrant,
    Route,
    RouteBackend,
    Severity,
    TieredPolicy,
    UnevaluatedPolicy,
    Workload,
)
from policy_core.sorted_lists import SortedLists
from tests.service_strategies import with_ways_in
from tests.strategies import clusters_with_slices, reading
from tests.tiered_strategies import clusters_with_tiers

__all__ = ["in_lists", "readings"]

_WEB = LabelSelector((("app", "web"),))
_ROUTES: tuple[ObjectOfInterest, ...] = (
    Route("networking.k8s.io", "Ingress", "a", "i", (), (RouteBackend("a", "s0", 80),)),
    Route("gateway.networking.k8s.io", "HTTPRoute", "b", "h", (), (RouteBackend("a", "s0", None),)),
    Route(
        GATEWAY_GROUP,
        "HTTPRoute",
        "a",
        "g",
        (),
        (RouteBackend("a", "s0", None),),
        parents=(ParentRef(GATEWAY_GROUP, "Gateway", "b", "g"),),
    ),
    Gateway("b", "g", "c", (Listener("l", 80, "HTTP", "", "Selector", _WEB),)),
    ReferenceGrant("a", "g", frozenset({("gateway.networking.k8s.io", "HTTPRoute", "b")}), None),
)
_UNEVALUATED: tuple[ObjectOfInterest, ...] = (
    UnevaluatedPolicy("cilium.io", "CiliumNetworkPolicy", "a", "c", pods=_WEB),
    UnevaluatedPolicy("projectcalico.org", "GlobalNetworkPolicy", "", "c", namespaces=_WEB),
    UnevaluatedPolicy("security.istio.io", "AuthorizationPolicy", "b", "c", readable=False),
)
_PROBLEMS = tuple(
    Problem(Severity.ERROR, "refused", "f", field=field, subject=Ref(kind, "a", name))
    for kind, name, field in (
        ("NetworkPolicy", "np0", "spec.ingress"),
        ("Pod", "p1", "metadata.labels.app"),
        ("Pod", "p2", "metadata.annotations"),
        ("Service", "s0", "spec.ports"),
    )
)
_COVERAGES: tuple[Coverage, ...] = (
    {},
    {"Namespace": KindCoverage("Namespace", "namespaces", KindState.PARTIAL, frozenset({"a", "d"}))},
)


def _variants(obj: ObjectOfInterest) -> Iterable[ObjectOfInterest]:
    """What it may turn into without being another one altogether."""
    match obj:
        case Pod():
            yield replace(obj, ready=not obj.ready)
            yield replace(obj, ips=())
            yield replace(obj, terminating=True)
            yield replace(obj, owner=Ref("ReplicaSet", obj.namespace, "r"))
            yield replace(obj, ips=(ip_address("10.0.0.1"),))  # as another one has, or had
        case EndpointSlice():
            yield replace(obj, endpoints=tuple(replace(e, ready=not e.ready) for e in obj.endpoints))
            yield replace(obj, endpoints=tuple(replace(e, pod="") for e in obj.endpoints))
            yield replace(obj, endpoints=obj.endpoints[1:])
            yield replace(obj, mirrored=True)
        case NetworkPolicy():
            yield replace(obj, labels={"changed": "only here"})
        case TieredPolicy():
            yield replace(obj, priority=None if obj.priority is None else 7 - obj.priority)
            yield replace(obj, ingress=obj.ingress[::-1], egress=())
        case Node():
            yield replace(obj, labels={"app": "web"})
            yield replace(obj, addresses=(ip_address("192.168.1.1"),))


@st.composite
def readings(draw: st.DrawFn, steps: int) -> list[Reading]:
    """So many states of one cluster. Each step changes up to five objects; the others are the same ones."""
    worlds = [draw(clusters_with_slices().flatmap(with_ways_in)) for _ in range(2)]
    places: dict[tuple[str, str], list[ObjectOfInterest | None]] = defaultdict(lambda: [None])
    with_tiers = draw(st.booleans())
    tiers = [draw(clusters_with_tiers()) for _ in range(2)] if with_tiers else []
    around = chain(*((*world.tiered, *world.nodes) for world in tiers))
    every = chain(*(reading(world).objects for world in worlds), around, _ROUTES, _UNEVALUATED)
    for obj in every:
        kind = "Pod" if isinstance(obj, Workload) else type(obj).__name__
        name = obj.name if not isinstance(obj, (Route, UnevaluatedPolicy)) else obj.kind
        if isinstance(obj, TieredPolicy):
            name = f"{obj.kind} {obj.name}"
        places[kind, name] += [obj, *_variants(obj)]
    now = {place: choices[1] if draw(st.booleans()) else None for place, choices in places.items()}
    # At first a whole cluster, as a rule: what is carried over must not be nothing.
    for obj in reading(worlds[0]).objects:
        kind = "Pod" if isinstance(obj, Workload) else type(obj).__name__
        place = kind, obj.name
        now[place] = next(c for c in places[place] if c == obj)
    problems: tuple[Problem, ...] = ()
    coverage = _COVERAGES[0]
    found = []
    for _ in range(steps):
        found.append(Reading("changing", tuple(filter(None, now.values())), problems, coverage=coverage))
        for place in draw(st.lists(st.sampled_from(sorted(places)), max_size=5)):
            now[place] = draw(st.sampled_from(places[place]))
        if draw(st.sampled_from((False, False, False, True))):
            problems = tuple(draw(st.lists(st.sampled_from(_PROBLEMS), max_size=2, unique=True)))
            coverage = draw(st.sampled_from(_COVERAGES))
    return found


def in_lists(of: Reading) -> Reading:
    """The same as a source hands it over that knows its objects to be unique and in order."""
    lists: dict[tuple[type, str], list[ObjectOfInterest]] = defaultdict(list)
    for obj in of.objects:
        lists[type(obj), obj.ref.kind].append(obj)
    ordered = (
        tuple(sorted(each, key=lambda obj: (obj.ref.namespace, obj.ref.name))) for each in lists.values()
    )
    return replace(of, objects=SortedLists(ordered))
