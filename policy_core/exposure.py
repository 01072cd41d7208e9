"""The ways in from outside the cluster: what a client dials, and where it arrives. Routing only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum, StrEnum, auto
from ipaddress import ip_address, ip_network

from policy_core.attachment import Attachment, Detached
from policy_core.ipblock import AddressSet, IPNetwork
from policy_core.model import Pod, Ref, Route, Service, ServicePort
from policy_core.proxies import Proxies, Proxy
from policy_core.routing import Routing

__all__ = ["Entrance", "Entrances", "Place", "Sight", "Way", "host_entrances"]


class Way(StrEnum):
    """Nearest to the network first."""

    LOAD_BALANCER = "LoadBalancer"
    NODE_PORT = "NodePort"
    EXTERNAL_IP = "ExternalIP"
    HOST_PORT = "HostPort"
    HOST_NETWORK = "HostNetwork"
    INGRESS = "Ingress"
    HTTP_ROUTE = "HTTPRoute"
    GRPC_ROUTE = "GRPCRoute"
    TLS_ROUTE = "TLSRoute"
    TCP_ROUTE = "TCPRoute"
    UDP_ROUTE = "UDPRoute"


class Place(StrEnum):
    """Where a client finds the entrance."""

    ADDRESS = "address"
    """At the entrance's ``addresses``."""
    ANY_NODE = "any node"
    OWN_NODE = "its own node"
    """That of the pod which is reached."""
    PROXY_NODE = "the controller's node"
    PENDING = "address pending"
    """A load balancer that has none yet."""
    UNKNOWN = "address not known"


class Sight(Enum):
    """Whose address the pod's policies see."""

    CLIENT = auto()
    NODE = auto()
    """The client's, or in its place that of a node (``externalTrafficPolicy: Cluster``)."""
    EITHER = auto()
    """Network plugins differ."""
    PROXY = auto()
    """That of the controller's pod, or whatever else connects in the client's place."""


@dataclass(frozen=True, slots=True)
class Entrance:
    """``by`` is the object that exposes: a Service, an Ingress, a route, or the pod itself. ``ports`` are
    those that a client dials; empty: not known, or (HostNetwork) whatever the pod listens on."""

    way: Way
    by: Ref
    protocol: str
    ports: tuple[int, ...]
    place: Place
    addresses: tuple[str, ...] = ()
    sight: Sight = Sight.CLIENT
    arrives: ServicePort | None = None
    """Of the Service that leads on."""
    service: Ref | None = None
    hosts: tuple[str, ...] = ()
    """The names by which clients of an Ingress or a route must ask; empty: any."""
    gateway: Ref | None = None
    proxy: Proxy | None = None
    ranges: AddressSet | None = None
    """Clients out of these addresses alone (``loadBalancerSourceRanges``); None: any."""
    detached: Detached | None = None
    """Why it is not certain that the Gateway takes the route."""
    target: int | None = None
    """The container's port, where no Service leads on."""


class Entrances:
    """To the Services of a snapshot. Immutable, apart from caches."""

    def __init__(self, routing: Routing) -> None:
        self._routing = routing
        self._proxies = Proxies(routing.snapshot, routing.attachments)
        self._fronts: dict[tuple[Ref, ...], tuple[Service, ...]] = {}

    def to(self, service: Service) -> Iterator[Entrance]:
        """Every way in, port by port."""
        if service.type == "ExternalName":
            return
        for port in service.ports:
            # Nothing translates for a headless Service, so nothing listens for it outside either.
            if not service.headless:
                yield from _by_itself(service, port)
            for route in self._routing.routes_to(service, port):
                yield from self._by_route(service, port, route)

    def _by_route(self, service: Service, port: ServicePort, route: Route) -> Iterator[Entrance]:
        protocol = "UDP" if route.kind == "UDPRoute" else "TCP"
        blank = Entrance(
            Way(route.kind),
            route.ref,
            protocol,
            (),
            Place.UNKNOWN,
            sight=Sight.PROXY,
            arrives=port,
            service=service.ref,
            hosts=route.hosts,
        )
        if route.kind == "Ingress":
            proxy = self._proxies.of_ingress(route)
            found = replace(blank, proxy=proxy, ports=(80, 443) if route.tls else (80,))
            yield self._placed(found, route.addresses)
            return
        for attachments in _by_gateway(self._routing.attachments.of(route)):
            certain = [each for each in attachments if each.attached]
            used = certain or attachments
            gateway, listeners = used[0].gateway, [each for one in used for each in one.listeners]
            names = tuple(dict.fromkeys(each.hostname for each in listeners))
            found = replace(
                blank,
                ports=tuple(sorted({each.port for each in listeners if each.port})),
                hosts=route.hosts or (() if "" in names else names),
                gateway=used[0].parent.ref,
                proxy=self._proxies.of_gateway(gateway),
                detached=None if certain else used[0].obstacle,
            )
            yield self._placed(found, gateway.addresses if gateway else ())
        if not route.parents:
            yield replace(blank, proxy=self._proxies.of_gateway(None), detached=Detached.UNREAD)

    def _placed(self, entrance: Entrance, addresses: tuple[str, ...]) -> Entrance:
        """At its own addresses, else at those of what leads to the controller's pods."""
        if addresses:
            return replace(entrance, place=Place.ADDRESS, addresses=addresses)
        pods = entrance.proxy.pods if entrance.proxy else ()
        fronts = [each for service in self._before(pods) for each in _ways_in(service)]
        for way in (Way.LOAD_BALANCER, Way.EXTERNAL_IP):
            there = [address for each in fronts if each.way is way for address in each.addresses]
            if there:
                return replace(entrance, place=Place.ADDRESS, addresses=tuple(dict.fromkeys(there)))
        node_ports = [each for each in fronts if each.way is Way.NODE_PORT]
        if node_ports:
            meant = [each for each in node_ports if each.arrives and each.arrives.port in entrance.ports]
            ports = sorted({port for each in meant or node_ports for port in each.ports})
            return replace(entrance, place=Place.ANY_NODE, ports=tuple(ports))
        if fronts:
            return replace(entrance, place=Place.PENDING)
        open_nodes = [pod for pod in pods if pod.host_network or any(port.host_port for port in pod.ports)]
        if open_nodes:
            nodes = tuple(dict.fromkeys(pod.node for pod in open_nodes if pod.node))
            return replace(entrance, place=Place.PROXY_NODE, addresses=nodes)
        return entrance

    def _before(self, pods: tuple[Pod, ...]) -> tuple[Service, ...]:
        """The Services that lead to the controller's pods; one pod of each workload will do."""
        belongs = self._routing.snapshot.workloads
        ones = {belongs.get(pod.ref, pod.ref): pod for pod in pods}
        key = tuple(pod.ref for pod in ones.values())
        found = self._fronts.get(key)
        if found is None:
            every = [service for pod in ones.values() for service, _ in self._routing.services_of(pod)]
            found = self._fronts[key] = tuple({service.ref: service for service in every}.values())
        return found


def _by_gateway(attachments: Iterable[Attachment]) -> list[list[Attachment]]:
    """Those that may hold, together where a route names several listeners of one Gateway."""
    found: dict[Ref, list[Attachment]] = {}
    for each in attachments:
        if each.attached is not False:
            found.setdefault(each.parent.ref, []).append(each)
    return list(found.values())


def _ways_in(service: Service) -> Iterator[Entrance]:
    if service.type != "ExternalName" and not service.headless:
        for port in service.ports:
            yield from _by_itself(service, port)


def _by_itself(service: Service, port: ServicePort) -> Iterator[Entrance]:
    """What a Service that translates opens by its type and its externalIPs."""
    local = service.external_traffic_policy == "Local"
    blank = Entrance(
        Way.LOAD_BALANCER,
        service.ref,
        port.protocol,
        (port.port,),
        Place.ADDRESS,
        sight=Sight.CLIENT if local else Sight.NODE,
        arrives=port,
        service=service.ref,
    )
    if service.type == "LoadBalancer":
        place = Place.ADDRESS if service.load_balancer else Place.PENDING
        texts = service.load_balancer_source_ranges
        ranges = AddressSet.of(*_networks(texts)) if texts else None
        yield replace(blank, place=place, addresses=service.load_balancer, ranges=ranges)
    if service.type in ("NodePort", "LoadBalancer") and (port.node_port or service.allocates_node_ports):
        place = Place.OWN_NODE if local else Place.ANY_NODE
        ports = (port.node_port,) if port.node_port else ()
        yield replace(blank, way=Way.NODE_PORT, place=place, ports=ports)
    if service.external_ips:
        yield replace(blank, way=Way.EXTERNAL_IP, addresses=service.external_ips)


def _networks(texts: Iterable[str]) -> Iterator[IPNetwork]:
    """A range that is none lets nobody in."""
    for text in texts:
        with suppress(ValueError):
            yield ip_network(text.strip(), strict=False)


def host_entrances(pod: Pod) -> Iterator[Entrance]:
    """By the pod's own node. A pod that is not ready has these as well; one that has no node yet has none."""
    if pod.finished or pod.replicas == 0 or (pod.phase == "Pending" and not pod.node):
        return
    if pod.host_network:
        declared = sorted({(port.number, port.protocol) for port in pod.ports})
        for number, protocol in declared:
            yield Entrance(Way.HOST_NETWORK, pod.ref, protocol, (number,), Place.OWN_NODE, target=number)
        if not declared:
            yield Entrance(Way.HOST_NETWORK, pod.ref, "TCP", (), Place.OWN_NODE)
        return
    for port in pod.ports:
        if port.host_port and not _loopback(port.host_ip):
            bound = port.host_ip not in ("", "0.0.0.0", "::")  # noqa: S104 - what the manifest says
            yield Entrance(
                Way.HOST_PORT,
                pod.ref,
                port.protocol,
                (port.host_port,),
                Place.ADDRESS if bound else Place.OWN_NODE,
                (port.host_ip,) if bound else (),
                sight=Sight.EITHER,
                target=port.number,
            )


def _loopback(text: str) -> bool:
    """Nobody but the node itself gets there."""
    try:
        return ip_address(text).is_loopback
    except ValueError:
        return False
