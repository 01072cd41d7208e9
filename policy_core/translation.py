"""What a Service makes of a connection: which endpoints it may lead to, and on which port it arrives there.

From inside the cluster clients dial the Service's own address; from outside they need a way in: a node port,
a load balancer or an external address.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from ipaddress import ip_network

from policy_core.ipblock import IPAddress
from policy_core.model import Ref, Service, ServicePort
from policy_core.routing import Backend, Routing

__all__ = ["Arrival", "Entry", "Obstacle", "Translation", "translate"]


class Entry(StrEnum):
    """Where the client knocks."""

    CLUSTER_IP = "cluster address"
    HEADLESS = "headless"
    DNS_NAME = "DNS name"
    NODE_PORT = "node port"
    LOAD_BALANCER = "load balancer"
    EXTERNAL_IP = "external address"
    ROUTE = "route"
    """An Ingress or a Gateway API route: its controller's pod connects, not the client."""
    UNREAD = "not read"
    """Whatever leads on could not be read: an Ingress or a route, or the Service that a DNS name means."""
    NONE = "none"


class Obstacle(StrEnum):
    """Why a Service leads nowhere, whatever policy says."""

    NO_SUCH_PORT = "it has no such port"
    NO_ENDPOINT = "it has no endpoint"
    NOT_READY = "none of its endpoints is ready"
    NO_TARGET = "no port of its ready endpoints is the one that it targets"
    NO_WAY_IN = "nothing leads to it from outside the cluster"
    SOURCE_RANGE = "its loadBalancerSourceRanges do not hold the client's address"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One endpoint and the port on which the connection arrives there."""

    backend: Backend
    port: int


@dataclass(frozen=True, slots=True)
class Translation:
    """``arrivals`` are the ready endpoints that the connection may lead to; where there is an ``obstacle``
    those that it would lead to without it."""

    service: Service
    entry: Entry
    port: ServicePort | None = None
    """The Service's own; None where it has no such port, and where clients choose theirs."""
    arrivals: tuple[Arrival, ...] = ()
    obstacle: Obstacle | None = None
    endpoints: int = 0
    """All of them, ready or not."""
    ready: int = 0
    nameless: int = 0
    """How many of the ready ones lack the port name that is targeted: nothing is routed there."""
    routes: tuple[Ref, ...] = ()
    draining: int = 0
    """How many are shutting down and still serve: what kube-proxy uses while no other is left."""
    by_slices: bool = False
    """Whether EndpointSlices say what the endpoints are."""
    unseen: bool = False
    """Whether there may be endpoints that could not be read."""
    through: tuple[Service, ...] = ()
    """The ExternalName Services whose names led here, the first dialled."""

    @property
    def masked(self) -> bool:
        """Whether the client's address is replaced on the way in by one of a node."""
        outside = (Entry.NODE_PORT, Entry.LOAD_BALANCER, Entry.EXTERNAL_IP)
        return self.entry in outside and self.service.external_traffic_policy != "Local"

    @property
    def local(self) -> bool:
        """Whether only endpoints of the client's own node are used (``internalTrafficPolicy``)."""
        return self.entry is Entry.CLUSTER_IP and self.service.internal_traffic_policy == "Local"

    @property
    def translated(self) -> bool:
        """Whether the client dials an address that is not the endpoint's own."""
        return self.entry is not Entry.HEADLESS


def translate(
    routing: Routing, service: Service, protocol: str, port: int, client: IPAddress | None = None
) -> Translation:
    """``port`` is the Service's; from outside, where ``client`` is the address, a node port as well."""
    if service.type == "ExternalName":
        return _by_name(routing, service, protocol, port, client)
    if client is not None:
        return _from_outside(routing, service, protocol, port, client)
    if service.headless:
        # Nothing translates: whatever port the client dials arrives.
        return _leading(routing, service, Entry.HEADLESS, None, port)
    found = _port(service, protocol, port)
    return _leading(routing, service, Entry.CLUSTER_IP, found)


def _by_name(
    routing: Routing, service: Service, protocol: str, port: int, client: IPAddress | None
) -> Translation:
    """A name of another Service of the cluster leads on to that; any other to somewhere outside."""
    if client is not None:
        return Translation(service, Entry.NONE, obstacle=Obstacle.NO_WAY_IN)
    through = [service]
    while (found := _called(routing, through[-1].external_name)) and found not in through:
        if found.type != "ExternalName":
            return replace(translate(routing, found, protocol, port), through=tuple(through))
        through.append(found)
    called = _service_name(through[-1].external_name)
    if called and not found and routing.snapshot.unread.here("Service", called[0]):
        return Translation(service, Entry.UNREAD)
    return Translation(service, Entry.DNS_NAME)


def _called(routing: Routing, name: str) -> Service | None:
    called = _service_name(name)
    every = routing.snapshot.services if called else ()
    return next((s for s in every if (s.namespace, s.name) == called), None)


def _service_name(name: str) -> tuple[str, str] | None:
    """Namespace and name of the Service that a DNS name means: ``NAME.NAMESPACE.svc``, perhaps with the
    cluster's domain."""
    match name.rstrip(".").split("."):
        case [service, namespace, "svc"] | [service, namespace, "svc", "cluster", "local"]:
            return namespace, service
    return None


def _port(service: Service, protocol: str, port: int) -> ServicePort | None:
    return next((each for each in service.ports if (each.protocol, each.port) == (protocol, port)), None)


def _from_outside(
    routing: Routing, service: Service, protocol: str, port: int, client: IPAddress
) -> Translation:
    found = _port(service, protocol, port)
    if found is None:
        listening = service.type in ("NodePort", "LoadBalancer") and not service.headless
        by_node_port = [each for each in service.ports if (each.protocol, each.node_port) == (protocol, port)]
        if by_node_port and listening:
            return _leading(routing, service, Entry.NODE_PORT, by_node_port[0])
        return Translation(service, Entry.NONE, obstacle=Obstacle.NO_SUCH_PORT)
    entry = None if service.headless else _entry(service, client)
    leading = _leading(routing, service, entry or Entry.NONE, found)
    if entry is not None:
        return leading
    routes = routing.routes(service, found)
    if routes:
        return replace(leading, entry=Entry.ROUTE, routes=routes)
    if routing.snapshot.unread.routes(service.namespace):
        return replace(leading, entry=Entry.UNREAD)
    shut = Obstacle.SOURCE_RANGE if service.type == "LoadBalancer" else Obstacle.NO_WAY_IN
    return replace(leading, obstacle=leading.obstacle or shut)


def _entry(service: Service, client: IPAddress) -> Entry | None:
    """The way in that is nearest to the network, of those that lead to the Service's own port."""
    if service.type == "LoadBalancer" and _may_come(client, service.load_balancer_source_ranges):
        return Entry.LOAD_BALANCER
    if service.external_ips:
        return Entry.EXTERNAL_IP
    return Entry.NODE_PORT if service.type == "NodePort" else None


def _may_come(client: IPAddress, ranges: tuple[str, ...]) -> bool:
    """A range that is none lets nobody in."""
    found = []
    for text in ranges:
        with suppress(ValueError):
            found.append(ip_network(text.strip(), strict=False))
    return not ranges or any(client in network for network in found)


def _leading(
    routing: Routing,
    service: Service,
    entry: Entry,
    port: ServicePort | None,
    dialled: int | None = None,
) -> Translation:
    """To the ready endpoints; to the others where none is ready, with that obstacle. ``dialled`` is the port
    where nothing translates."""
    backends = routing.backends(service)
    ready = [backend for backend in backends if backend.ready]
    unseen = routing.unseen(service)
    # Where endpoints are unseen some of those may be ready.
    used = ready if unseen else ready or backends
    leading = [(each, dialled or _number(each, port)) for each in used]
    arrivals = tuple(Arrival(backend, number) for backend, number in leading if number is not None)
    obstacle = None
    if port is None and dialled is None:
        obstacle, arrivals = Obstacle.NO_SUCH_PORT, ()
    elif unseen:
        pass
    elif not backends:
        obstacle = Obstacle.NO_ENDPOINT
    elif not ready:
        obstacle = Obstacle.NOT_READY
    elif not arrivals:
        obstacle = Obstacle.NO_TARGET
    return Translation(
        service,
        entry,
        port,
        arrivals,
        obstacle,
        endpoints=len(backends),
        ready=len(ready),
        nameless=len(leading) - len(arrivals),
        draining=sum(backend.draining for backend in backends),
        by_slices=routing.has_slices(service),
        unseen=unseen,
    )


def _number(backend: Backend, port: ServicePort | None) -> int | None:
    return next((target.number for target in backend.targets if target.port == port), None)
