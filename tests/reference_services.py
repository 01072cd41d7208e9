"""A naive reading of what Services make of a connection, on top of ``tests/reference.py`` and as literal.

A Service is allowed when every ready endpoint is, denied when none is or none is ready, else partial; it is
unknown only where it hangs on an endpoint that is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from ipaddress import ip_address, ip_network
from typing import NamedTuple

from policy_core.ipblock import IPAddress
from policy_core.model import Direction, Pod, Service, ServicePort
from tests.reference import (
    End,
    Family,
    SideVerdict,
    World,
    backends,
    finished,
    listed,
    one_pod,
    routed_targets,
    served_families,
    side,
    verdict,
)

__all__ = ["ANY_ADDRESS", "at_endpoints", "over_endpoints", "to_service"]

ANY_ADDRESS: tuple[IPAddress, ...] = tuple(
    map(
        ip_address,
        [
            *(f"10.0.0.{i}" for i in range(10)),
            "10.1.0.0",
            "1.1.1.1",
            "192.168.0.1",
            "192.168.0.2",
            "203.0.113.7",
            *(f"fd00::{i}" for i in range(10)),
            "fd01::1",
            "fd01::2",
            "2001:db8::7",
        ],
    )
)
"""One address, at least, of every piece into which the random clusters' ipBlocks cut all that there are."""


class Arrival(NamedTuple):
    pod: Pod
    port: int
    over: list[Family]


def over_endpoints(verdicts: Iterable[SideVerdict]) -> SideVerdict:
    found = list(verdicts)
    if not found:
        return "deny"
    if "partial" in found or ("allow" in found and "deny" in found):
        return "partial"
    for word in ("unknown", "allow"):
        if word in found:
            return word  # type: ignore[return-value]
    return "deny"


def to_service(world: World, source: End, service: Service, protocol: str, port: int) -> SideVerdict:
    """``port`` is the Service's own; from outside a node port as well. Not for ExternalName, which is a DNS
    name only."""
    return over_endpoints(at_endpoints(world, source, service, protocol, port))


def at_endpoints(
    world: World, source: End, service: Service, protocol: str, port: int, by_address: bool = True
) -> list[SideVerdict]:
    """The verdict at every endpoint that the connection may lead to. A pod may find its own address among
    those of a headless Service, and that is outside policy; without ``by_address`` it is left out."""
    if isinstance(source, Pod):
        return from_inside(world, source, service, protocol, port, by_address)
    return from_outside(world, source, service, protocol, port)


def from_inside(
    world: World, source: Pod, service: Service, protocol: str, port: int, by_address: bool
) -> list[SideVerdict]:
    if "None" in service.cluster_ips:
        there = arrivals(world, service, None, port)
        if not by_address:
            there = [arrival for arrival in there if not one_pod(source, arrival.pod)]
        return judged(world, source, there, protocol, translated=False)
    there = arrivals(world, service, service_port(service, protocol, port), None)
    if service.internal_traffic_policy != "Local" or not there:
        return judged(world, source, there, protocol)
    nodes = [arrival.pod.node for arrival in there]
    if source.node == "" or "" in nodes:
        # Which of them are on its node is not known; what none of them lets in is denied all the same.
        found = judged(world, source, there, protocol)
        return ["deny" if one == "deny" else "unknown" for one in found]
    near = [arrival for arrival in there if arrival.pod.node == source.node]
    return judged(world, source, near, protocol) or ["deny"]


def from_outside(
    world: World, client: IPAddress, service: Service, protocol: str, port: int
) -> list[SideVerdict]:
    if "None" in service.cluster_ips:
        return []
    dialled = service_port(service, protocol, port)
    if dialled is None:
        dialled = next((p for p in service.ports if (p.protocol, p.node_port) == (protocol, port)), None)
    elif not way_in(service, client):
        return []
    there = arrivals(world, service, dialled, None)
    if service.external_traffic_policy == "Local":
        return judged(world, client, there, protocol)
    return [masked(world, client, arrival, protocol) for arrival in there]


def way_in(service: Service, client: IPAddress) -> bool:
    """Whether anything leads from outside to the Service's own port."""
    ranges = service.load_balancer_source_ranges
    balanced = not ranges or any(client in ip_network(text) for text in ranges)
    return (
        (service.type == "LoadBalancer" and balanced)
        or bool(service.external_ips)
        or service.type == "NodePort"
    )


def judged(
    world: World, source: End, there: Collection[Arrival], protocol: str, translated: bool = True
) -> list[SideVerdict]:
    return [
        verdict(world, source, pod, protocol, port, over, translated).verdict for pod, port, over in there
    ]


def masked(world: World, client: IPAddress, arrival: Arrival, protocol: str) -> SideVerdict:
    """A node may put its own address in place of the client's: whatever it is, it is of the same family."""
    family = client.version
    pod = arrival.pod
    if family not in arrival.over or (pod.ips and family not in {address.version for address in pod.ips}):
        return "deny"
    found = {
        side(world, Direction.INGRESS, pod, any_, family, protocol, arrival.port)
        for any_ in ANY_ADDRESS
        if any_.version == family
    }
    return found.pop() if len(found) == 1 else "unknown"


# Endpoints


def service_port(service: Service, protocol: str, port: int) -> ServicePort | None:
    return next((p for p in service.ports if (p.protocol, p.port) == (protocol, port)), None)


def arrivals(
    world: World, service: Service, dialled: ServicePort | None, as_it_is: int | None
) -> list[Arrival]:
    """The ready endpoints that ``dialled`` leads to, or that get the port ``as_it_is``."""
    found = []
    for pod in ready_pods(world, service):
        numbers = [as_it_is] if as_it_is else [] if dialled is None else targets(world, service, dialled, pod)
        asked = served_families(service)
        over: list[Family] = [*(asked & {address.version for address in pod.ips} or asked), None]
        found += [Arrival(pod, number, over) for number in numbers]
    return found


def ready_pods(world: World, service: Service) -> list[Pod]:
    told = listed(world, service)
    if told:
        return [pod for pod in world.pods if not finished(pod) and told.get(pod.name, (False, {}))[0]]
    return [
        pod
        for pod in backends(world, service)
        if (pod.ready or service.publish_not_ready) and pod.replicas != 0
    ]


def targets(world: World, service: Service, dialled: ServicePort, pod: Pod) -> list[int]:
    told = listed(world, service)
    if not told:
        return routed_targets(world, service, dialled, pod)
    _, ports = told[pod.name]
    if dialled.name not in ports:
        return []
    return [ports[dialled.name] or dialled.port]
