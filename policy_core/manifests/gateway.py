"""gateway.networking.k8s.io: routes and ReferenceGrant."""

from __future__ import annotations

from policy_core.manifests.fields import Fields
from policy_core.manifests.metadata import Meta
from policy_core.model import ReferenceGrant, Route, RouteBackend
from policy_core.ports import MAX_PORT

__all__ = ["GROUP", "read_reference_grant", "read_route"]

GROUP = "gateway.networking.k8s.io"


def read_route(obj: Fields, meta: Meta) -> list[Route]:
    """HTTPRoute, GRPCRoute, TLSRoute, TCPRoute or UDPRoute. Nothing where every parent is a Service: such
    a route directs traffic inside a mesh, and brings none in from outside. So, too, where it has no parent:
    it is attached to nothing."""
    spec = obj.mapping("spec")
    parents = [parent.text("kind", "Gateway") for parent in spec.mappings("parentRefs")]
    if all(kind == "Service" for kind in parents):
        return []
    backends: dict[RouteBackend, None] = {}
    for rule in spec.mappings("rules"):
        served = [backend for backend in rule.mappings("backendRefs") if backend.raw("weight") != 0]
        for backend in served:
            _add(backend, meta, backends)
        for holder in (rule, *served):
            for filter_ in holder.mappings("filters"):
                _add(filter_.mapping("requestMirror").mapping("backendRef"), meta, backends)
    return [
        Route(
            GROUP,
            obj.text("kind"),
            meta.namespace,
            meta.name,
            spec.texts("hostnames"),
            tuple(backends),
            meta.origin,
        )
    ]


def _add(backend: Fields, meta: Meta, backends: dict[RouteBackend, None]) -> None:
    if backend.text("group") == "" and backend.text("kind", "Service") == "Service" and backend.text("name"):
        namespace = backend.text("namespace") or meta.namespace
        backends[RouteBackend(namespace, backend.text("name"), backend.integer("port", 1, MAX_PORT))] = None


def read_reference_grant(obj: Fields, meta: Meta) -> list[ReferenceGrant]:
    spec = obj.mapping("spec")
    sources = frozenset(
        (source.text("group"), source.text("kind"), source.text("namespace"))
        for source in spec.mappings("from")
    )
    targets = [t for t in spec.mappings("to") if t.text("group") == "" and t.text("kind") == "Service"]
    names = frozenset(target.text("name") for target in targets)
    return [ReferenceGrant(meta.namespace, meta.name, sources, None if "" in names else names, meta.origin)]
