"""gateway.networking.k8s.io: Gateway, GatewayClass, routes and ReferenceGrant."""

from __future__ import annotations

from collections.abc import Iterator

from policy_core.gateways import GATEWAY_GROUP as GROUP
from policy_core.manifests.fields import Fields
from policy_core.manifests.metadata import Meta
from policy_core.manifests.selectors import read_selector
from policy_core.model import (
    Gateway,
    GatewayClass,
    Listener,
    ParentRef,
    ParentStatus,
    ReferenceGrant,
    Route,
    RouteBackend,
)
from policy_core.ports import MAX_PORT

__all__ = ["GROUP", "read_gateway", "read_gateway_class", "read_reference_grant", "read_route"]


def read_gateway_class(obj: Fields, meta: Meta) -> list[GatewayClass]:
    return [GatewayClass(meta.name, obj.mapping("spec").text("controllerName"), meta.origin)]


def read_gateway(obj: Fields, meta: Meta) -> list[Gateway]:
    spec = obj.mapping("spec")
    addresses = _addresses(obj.mapping("status")) or _addresses(spec)
    return [
        Gateway(
            meta.namespace,
            meta.name,
            spec.text("gatewayClassName"),
            tuple(map(_listener, spec.mappings("listeners"))),
            tuple(addresses),
            meta.origin,
        )
    ]


def _addresses(holder: Fields) -> list[str]:
    """An entry of ``spec.addresses`` may ask for an address without naming one."""
    return [text for entry in holder.mappings("addresses") if (text := entry.text("value"))]


def _listener(entry: Fields) -> Listener:
    allowed = entry.mapping("allowedRoutes")
    namespaces = allowed.mapping("namespaces")
    return Listener(
        entry.text("name"),
        entry.integer("port", 1, MAX_PORT),
        entry.text("protocol"),
        entry.text("hostname"),
        namespaces.text("from") or "Same",
        read_selector(namespaces, "selector"),
        frozenset((kind.text("group", GROUP), kind.text("kind")) for kind in allowed.mappings("kinds")),
    )


def read_route(obj: Fields, meta: Meta) -> list[Route]:
    """HTTPRoute, GRPCRoute, TLSRoute, TCPRoute or UDPRoute. Nothing where every parent is a Service: such
    a route directs traffic inside a mesh, and brings none in from outside. So, too, where it has no parent:
    it is attached to nothing."""
    spec = obj.mapping("spec")
    parents = [_parent(parent, meta) for parent in spec.mappings("parentRefs")]
    if spec.text("useDefaultGateways", "None") != "None":
        parents.append(ParentRef(GROUP, "", "", ""))
    parents = [parent for parent in parents if parent.kind != "Service"]
    if not parents:
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
            tuple(dict.fromkeys(parents)),
            tuple(_statuses(obj.mapping("status"), meta)),
        )
    ]


def _parent(parent: Fields, meta: Meta) -> ParentRef:
    return ParentRef(
        parent.text("group", GROUP),
        parent.text("kind", "Gateway"),
        parent.text("namespace") or meta.namespace,
        parent.text("name"),
        parent.text("sectionName"),
        parent.integer("port", 1, MAX_PORT),
    )


def _statuses(status: Fields, meta: Meta) -> Iterator[ParentStatus]:
    for entry in status.mappings("parents"):
        for condition in entry.mappings("conditions"):
            if condition.text("type") == "Accepted" and condition.text("status") in ("True", "False"):
                parent = _parent(entry.mapping("parentRef"), meta)
                accepted = condition.text("status") == "True"
                yield ParentStatus(parent, entry.text("controllerName"), accepted)


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
