"""Random Services for random clusters, and EndpointSlices for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st

from policy_core.labels import Labels
from policy_core.model import Endpoint, EndpointPort, EndpointSlice, Pod, Service, ServicePort
from tests.reference import World

__all__ = ["services", "with_slices", "with_ways_in"]

_SERVICE_PORTS = (
    ServicePort(80, 80),
    ServicePort(80, "web"),
    ServicePort(443, 8080),
    ServicePort(53, "dns", "UDP", "dns"),
    ServicePort(53, "dns", "TCP", "dns-tcp"),
    ServicePort(81, "missing"),
)
_PORTS_OF_SERVICES = st.sampled_from([(port,) for port in _SERVICE_PORTS[:3]]) | st.sampled_from(
    [
        (),
        *[(port,) for port in _SERVICE_PORTS[3:]],
        _SERVICE_PORTS[3:5],
        (_SERVICE_PORTS[1], _SERVICE_PORTS[3]),
    ]
)
_ENDPOINT_PORTS = st.sampled_from(((80, 53), (8080, 54), (8080,), (None, 53)))


@st.composite
def services(
    draw: st.DrawFn,
    number: int,
    pods: Sequence[Pod],
    namespaces: st.SearchStrategy[str],
    labels: Sequence[Labels],
) -> Service:
    """Mostly one that selects some of the pods; else of any of ``namespaces`` and ``labels``."""
    selectable = [pod for pod in pods if pod.labels and not pod.finished] or pods
    aim = draw(st.sampled_from(selectable)) if draw(st.sampled_from((True, True, True, False))) else None
    return Service(
        namespace=aim.namespace if aim else draw(namespaces),
        name=f"s{number}",
        type=draw(st.sampled_from(("ClusterIP", "ClusterIP", "NodePort", "LoadBalancer", "ExternalName"))),
        selector=aim.labels if aim else draw(st.sampled_from((None, *labels))),
        ports=draw(_PORTS_OF_SERVICES),
        cluster_ips=draw(st.sampled_from((("10.96.0.1",), ("None",), ()))),
        ip_families=draw(st.sampled_from(((), ("IPv4",), ("IPv6",), ("IPv4", "IPv6")))),
        publish_not_ready=draw(st.booleans()),
    )


@st.composite
def with_slices(draw: st.DrawFn, world: World) -> World:
    """The cluster with EndpointSlices for its Services, which list any pods that have addresses, selected or
    not: in one slice for each address family and list of ports, as a controller writes them."""
    slices = []
    for service in world.services:
        listed = draw(st.lists(st.sampled_from(world.pods), unique_by=lambda pod: pod.name))
        grouped: dict[tuple[int, tuple[EndpointPort, ...]], list[Endpoint]] = defaultdict(list)
        for pod in (pod for pod in listed if pod.ips and not pod.finished):
            ready = draw(st.booleans())
            ports = tuple(
                EndpointPort(number, port.protocol, port.name)
                for port, number in zip(service.ports, draw(_ENDPOINT_PORTS), strict=False)
            )
            for address in pod.ips:
                endpoint = Endpoint((address,), ready, pod=pod.name, pod_namespace=pod.namespace)
                grouped[address.version, ports].append(endpoint)
        slices += [
            EndpointSlice(service.namespace, f"{service.name}-{i}", service.name, ports, tuple(endpoints))
            for i, ((_, ports), endpoints) in enumerate(grouped.items())
        ]
    return world._replace(slices=slices)


_CLUSTER_OR_LOCAL = st.sampled_from(("Cluster", "Cluster", "Local"))
_SOURCE_RANGES = st.sampled_from(((), (), ("203.0.113.0/24",), ("192.168.0.0/16", "fd01::/16")))


@st.composite
def with_ways_in(draw: st.DrawFn, world: World) -> World:
    """The cluster with all that decides how its Services are entered, from outside and from within."""
    return world._replace(
        services=[
            replace(
                service,
                ports=tuple(
                    replace(port, node_port=30000 + port.port if draw(st.booleans()) else 0)
                    for port in service.ports
                ),
                external_ips=draw(st.sampled_from(((), (), ("203.0.113.1",)))),
                load_balancer_source_ranges=draw(_SOURCE_RANGES),
                internal_traffic_policy=draw(_CLUSTER_OR_LOCAL),
                external_traffic_policy=draw(_CLUSTER_OR_LOCAL),
            )
            for service in world.services
        ]
    )
