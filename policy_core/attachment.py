"""Which Gateways a route is attached to: what the route asks for, and what the listeners allow."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from policy_core.gateways import GATEWAY_GROUP, Gateway, Listener, ParentRef
from policy_core.index import namespace_matches
from policy_core.model import Route
from policy_core.snapshot import Snapshot

__all__ = ["Attachment", "Attachments", "Detached", "names_meet"]


class Detached(StrEnum):
    """Why a route is not attached to a parent, or not for certain."""

    UNREAD = "the Gateway was not read"
    OTHER_KIND = "its parent is no Gateway, and what that does is not known here"
    DEFAULT = "it goes with the cluster's default Gateways, which are not told here"
    LABELS = "the labels of its namespace could not be read, and the Gateway asks for some"
    PROTOCOL = "the protocol of the listener is not known here"
    MISSING = "there is no such Gateway"
    LISTENER = "the Gateway has no listener of that name or port"
    KIND = "no listener takes routes of this kind"
    NAMESPACE = "no listener takes routes of this namespace"
    HOST = "its host names and those of the listeners have none in common"
    REFUSED = "the Gateway's controller does not accept it"


_UNKNOWN = frozenset(
    (Detached.UNREAD, Detached.OTHER_KIND, Detached.DEFAULT, Detached.LABELS, Detached.PROTOCOL)
)
_KINDS = {
    "HTTP": {"HTTPRoute", "GRPCRoute"},
    "HTTPS": {"HTTPRoute", "GRPCRoute"},
    "TLS": {"TLSRoute", "TCPRoute"},
    "TCP": {"TCPRoute"},
    "UDP": {"UDPRoute"},
}
"""What routes a listener of that protocol can take."""
_WITH_HOSTS = {"HTTPRoute", "GRPCRoute", "TLSRoute"}


@dataclass(frozen=True, slots=True)
class Attachment:
    """``listeners`` are those that take the route, or may; none are known of a ``gateway`` that was not read
    and of which the route's status alone says that it takes it."""

    parent: ParentRef
    gateway: Gateway | None
    listeners: tuple[Listener, ...] = ()
    obstacle: Detached | None = None

    @property
    def attached(self) -> bool | None:
        """None where nobody knows."""
        if self.obstacle is None:
            return True
        return None if self.obstacle in _UNKNOWN else False


class Attachments:
    """Of the routes of a snapshot. Immutable, apart from a cache."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._gateways = {(each.namespace, each.name): each for each in snapshot.gateways}
        self._controllers = {each.name: each.controller for each in snapshot.gateway_classes}
        self._known: dict[int, tuple[Attachment, ...]] = {}

    def controller(self, gateway: Gateway) -> str:
        """The name of its class's controller; empty where it is not known."""
        return self._controllers.get(gateway.class_name, "")

    def of(self, route: Route) -> tuple[Attachment, ...]:
        """One for each parent of a Gateway API route of the snapshot; none of an Ingress."""
        found = self._known.get(id(route))
        if found is None:
            found = tuple(self._to(route, parent) for parent in route.parents)
            self._known[id(route)] = found
        return found

    def detached(self, route: Route) -> bool:
        """Whether it is certain that no Gateway serves the route."""
        found = self.of(route)
        return bool(found) and all(each.attached is False for each in found)

    def _to(self, route: Route, parent: ParentRef) -> Attachment:
        gateway, obstacle = self._gateway(parent)
        said = self._accepted(route, parent, gateway)
        if obstacle is Detached.MISSING or (gateway is None and said is None):
            return Attachment(parent, None, (), obstacle)
        if said is False:
            return Attachment(parent, gateway, (), Detached.REFUSED)
        if gateway is None:
            return Attachment(parent, None)
        meant = [each for each in gateway.listeners if _is_meant(each, parent)]
        judged = [(listener, self._obstacle(route, gateway, listener)) for listener in meant]
        taking = tuple(listener for listener, obstacle in judged if obstacle is None)
        if taking:
            return Attachment(parent, gateway, taking)
        perhaps = [(listener, obstacle) for listener, obstacle in judged if obstacle in _UNKNOWN]
        if perhaps:
            listeners = tuple(listener for listener, _ in perhaps)
            # What hangs on something that is not known here its controller knows.
            return Attachment(parent, gateway, listeners, None if said else perhaps[0][1])
        # The one that came furthest says most.
        reasons = [obstacle for _, obstacle in judged if obstacle is not None]
        nearest = max(reasons, key=list(Detached).index, default=Detached.LISTENER)
        return Attachment(parent, gateway, (), nearest)

    def _gateway(self, parent: ParentRef) -> tuple[Gateway | None, Detached | None]:
        """Or why it is not known here."""
        if parent.kind == "":
            return None, Detached.DEFAULT
        if (parent.group, parent.kind) != (GATEWAY_GROUP, "Gateway"):
            return None, Detached.OTHER_KIND
        found = self._gateways.get((parent.namespace, parent.name))
        if found is not None:
            return found, None
        unread = self._snapshot.unread
        known = unread.asked("Gateway") and not unread.here("Gateway", parent.namespace)
        return None, Detached.MISSING if known else Detached.UNREAD

    def _accepted(self, route: Route, parent: ParentRef, gateway: Gateway | None) -> bool | None:
        """What the route's status says; None where it says nothing. Controllers write of parents that are not
        theirs as well, so that of the Gateway counts more, where it is known."""
        every = [each for each in route.statuses if each.parent == parent]
        controller = self.controller(gateway) if gateway else ""
        own = [each.accepted for each in every if each.controller == controller]
        said = own or [each.accepted for each in every]
        return any(said) if said else None

    def _obstacle(self, route: Route, gateway: Gateway, listener: Listener) -> Detached | None:
        """In the order of :class:`Detached`: what comes last came furthest."""
        takes = _KINDS.get(listener.protocol)
        if listener.kinds and (route.group, route.kind) not in listener.kinds:
            return Detached.KIND
        if takes is not None and route.kind not in takes:
            return Detached.KIND
        inside = self._from_namespace(route, gateway, listener)
        if inside is False:
            return Detached.NAMESPACE
        if route.kind in _WITH_HOSTS and not _share_a_host(route, listener):
            return Detached.HOST
        if takes is None:
            return Detached.PROTOCOL
        return Detached.LABELS if inside is None else None

    def _from_namespace(self, route: Route, gateway: Gateway, listener: Listener) -> bool | None:
        match listener.routes_from:
            case "All":
                return True
            case "Same":
                return route.namespace == gateway.namespace
            case "Selector":
                if listener.selector is None:
                    return False
                return namespace_matches(listener.selector, self._snapshot.namespaces[route.namespace])
        return False


def _is_meant(listener: Listener, parent: ParentRef) -> bool:
    return parent.section in ("", listener.name) and parent.port in (None, listener.port)


def _share_a_host(route: Route, listener: Listener) -> bool:
    if not route.hosts or not listener.hostname:
        return True
    return any(names_meet(host, listener.hostname) for host in route.hosts)


def names_meet(one: str, other: str) -> bool:
    """Whether two host names, each perhaps of the form ``*.example.com``, have one in common. The star stands
    for one label or more."""
    one, other = one.lower(), other.lower()
    return one == other or any(_within(*pair) for pair in ((one, other), (other, one)))


def _within(name: str, pattern: str) -> bool:
    return pattern.startswith("*.") and name.removeprefix("*").endswith(pattern[1:])
