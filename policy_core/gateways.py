"""What carries traffic in from outside: Gateways with their listeners, what a route asks of them, and the
classes that say whose controller serves an Ingress or a Gateway."""

from __future__ import annotations

from dataclasses import dataclass

from policy_core.identity import Origin, Ref
from policy_core.labels import LabelSelector

__all__ = [
    "GATEWAY_GROUP",
    "Gateway",
    "GatewayClass",
    "IngressClass",
    "Listener",
    "ParentRef",
    "ParentStatus",
]

GATEWAY_GROUP = "gateway.networking.k8s.io"


@dataclass(frozen=True, slots=True)
class Listener:
    """``spec.listeners[]`` of a Gateway."""

    name: str
    port: int | None
    """None where it could not be read."""
    protocol: str
    """HTTP, HTTPS, TLS, TCP or UDP; else one that an implementation has made up."""
    hostname: str = ""
    """Empty: every name."""
    routes_from: str = "Same"
    """``allowedRoutes.namespaces.from``: All, Same, Selector or None."""
    selector: LabelSelector | None = None
    """Of namespaces, where ``routes_from`` is Selector."""
    kinds: frozenset[tuple[str, str]] = frozenset()
    """(group, kind) of the routes that it allows; empty: those that go with its protocol."""


@dataclass(frozen=True, slots=True)
class Gateway:
    namespace: str
    name: str
    class_name: str = ""
    listeners: tuple[Listener, ...] = ()
    addresses: tuple[str, ...] = ()
    """``status.addresses``, else those that ``spec.addresses`` asks for."""
    origin: Origin | None = None

    @property
    def ref(self) -> Ref:
        return Ref("Gateway", self.namespace, self.name)


@dataclass(frozen=True, slots=True)
class GatewayClass:
    name: str
    controller: str = ""
    """``spec.controllerName``."""
    origin: Origin | None = None

    @property
    def ref(self) -> Ref:
        return Ref("GatewayClass", "", self.name)


@dataclass(frozen=True, slots=True)
class IngressClass:
    name: str
    controller: str = ""
    """``spec.controller``."""
    default: bool = False
    """The annotation ``ingressclass.kubernetes.io/is-default-class``."""
    origin: Origin | None = None

    @property
    def ref(self) -> Ref:
        return Ref("IngressClass", "", self.name)


@dataclass(frozen=True, slots=True)
class ParentRef:
    """``spec.parentRefs[]`` of a route: the Gateway to which it asks to be attached."""

    group: str
    kind: str
    """Empty: whatever Gateways are the cluster's default ones (``useDefaultGateways``)."""
    namespace: str
    name: str
    section: str = ""
    """The name of the one listener that is meant; empty: any of them."""
    port: int | None = None
    """So, too, by its port."""

    @property
    def ref(self) -> Ref:
        return Ref(self.kind or "Gateway", self.namespace, self.name)


@dataclass(frozen=True, slots=True)
class ParentStatus:
    """``status.parents[]`` of a route: what one controller says of one parent."""

    parent: ParentRef
    controller: str
    accepted: bool
    """The condition Accepted."""
