"""Service → endpoints, and what exposes a Service to the outside. Routing only: policy has no say here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from policy_core.attachment import Attachments
from policy_core.index import named_ports
from policy_core.ipblock import IPAddress, address_point
from policy_core.model import (
    Endpoint,
    EndpointSlice,
    Pod,
    Ref,
    Route,
    RouteBackend,
    Service,
    ServicePort,
)
from policy_core.parts import Part
from policy_core.sharded import Sharded
from policy_core.snapshot import Snapshot
from policy_core.whereabouts import Whereabouts

__all__ = ["Backend", "Exposure", "Routing", "Target", "endpoint_families", "service_families"]

_Sought = str | int
"""The name of a pod, of whichever namespace, or an address as a point."""
_Name = tuple[str, str]
"""A Service's namespace and name."""
_FAMILIES = {"IPv4": 4, "IPv6": 6}


@dataclass(frozen=True, slots=True)
class Target:
    """Where one Service port leads on one backend. ``number`` None: the target port's name does not resolve
    there, so nothing is routed."""

    port: ServicePort
    number: int | None


@dataclass(frozen=True, slots=True)
class Backend:
    """One endpoint of a Service: a pod, or an address that belongs to no known pod (``pod`` None)."""

    pod: Pod | None
    addresses: tuple[IPAddress, ...]
    ready: bool
    targets: tuple[Target, ...]
    unread: Ref | None = None
    """The pod that an endpoint without a known one says it is: it was not read, or with other addresses.
    Without a name where some pods could not be read, and the address may be that of any of them."""
    draining: bool = False
    """Shutting down, and serving until it has: not ready, yet used where no endpoint is."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """One way in from outside the cluster. ``via`` is NodePort, LoadBalancer, ExternalIP, Ingress or the
    kind of a Gateway API route; ``route`` the object that does it, where there is one."""

    via: str
    text: str
    route: Ref | None = None


class Routing:
    """The Services of a snapshot and their endpoints. Immutable, apart from caches."""

    def __init__(self, snapshot: Snapshot, previous: Routing | None = None) -> None:
        self.snapshot = snapshot
        self._backends: dict[str, dict[str, tuple[Backend, ...]]] = {}
        """By namespace and name, of those that were asked for."""
        self._pods: Whereabouts = Whereabouts(snapshot.pods, previous._pods if previous else None)
        services, slices = snapshot.services, snapshot.endpoint_slices
        self._leading: Sharded[_Sought, _Name]
        """What the endpoints of a Service hang on → the Service."""
        self.touched: frozenset[Ref] | None = None
        """The Services that may have other endpoints than ``previous`` has them, those that are new or gone
        among them; None: any."""
        if previous is None:
            self._leading = Sharded[_Sought, _Name]().after((), _leading(slices))
            return
        gone, new = slices.since(previous.snapshot.endpoint_slices)
        # What another slice of the Service says as well comes again with that.
        names = {(each.namespace, each.service) for each in (*gone, *new)}
        again = (s for name in names for s in self._slices(*name))
        self._leading = previous._leading.after(_leading(gone), _leading(again))
        touched = {Ref("Service", *name) for name in names}
        touched |= {each.ref for found in services.since(previous.snapshot.services) for each in found}
        for pod in (pod for found in snapshot.pods.since(previous.snapshot.pods) for pod in found):
            touched.update(previous._hanging_on(pod), self._hanging_on(pod))
        self.touched = frozenset(touched)
        self._backends = dict(previous._backends)
        for namespace in {ref.namespace for ref in touched}:
            self._backends[namespace] = dict(self._backends.get(namespace, ()))
        for ref in touched:
            self._backends[ref.namespace].pop(ref.name, None)

    def _hanging_on(self, pod: Pod) -> Iterator[Ref]:
        """The Services whose endpoints may be other ones for what the pod is like."""
        sought_by: list[_Sought] = [pod.name, *map(address_point, pod.ips)]
        for sought in sought_by:
            yield from (Ref("Service", *name) for name in self._leading.get(sought))
        by_label = self.snapshot.services.of_namespace(pod.namespace).fact(_by_label)
        for label in pod.labels.items():
            yield from (service.ref for service in by_label.get(label, ()))

    def _slices(self, namespace: str, service: str) -> Sequence[EndpointSlice]:
        return self.snapshot.endpoint_slices.of_namespace(namespace).fact(_by_service).get(service, ())

    def has_slices(self, service: Service) -> bool:
        """EndpointSlices are the truth about endpoints; without any the selector is evaluated."""
        return bool(self._slices(service.namespace, service.name))

    def unseen(self, service: Service) -> bool:
        """Whether the Service may have endpoints besides its backends, which could not be read."""
        if service.type == "ExternalName" or self.has_slices(service):
            return False
        return self.snapshot.unread.endpoints(service.namespace, selecting=bool(service.selector))

    def backends(self, service: Service) -> tuple[Backend, ...]:
        """All endpoints, ready or not (source: ``EndpointSlice.endpoints``, else ``Service.spec.selector``).
        None for an ExternalName Service, which is only a DNS name."""
        known = self._backends.setdefault(service.namespace, {})
        found = known.get(service.name)
        if found is None:
            if service.type == "ExternalName":
                found = ()
            elif self.has_slices(service):
                found = tuple(self._from_slices(service))
            else:
                found = tuple(self._from_selector(service))
            known[service.name] = found
        return found

    def selected(self, service: Service) -> tuple[Pod, ...]:
        """The pods that the selector matches, whether or not endpoints come from it."""
        by_label = self.snapshot.pods.of_namespace(service.namespace).fact(_pods_by_label)
        candidates = [by_label.get(item, ()) for item in (service.selector or {}).items()]
        return tuple(pod for pod in min(candidates, key=len, default=()) if self.selects(service, pod))

    def _from_selector(self, service: Service) -> Iterable[Backend]:
        families = service_families(service)
        for pod in self.selected(service):
            if not pod.ips or any(address.version in families for address in pod.ips):
                serving = pod.ready and pod.replicas != 0
                ready = (serving and not pod.terminating) or (service.publish_not_ready and pod.replicas != 0)
                draining = serving and pod.terminating and not ready
                yield Backend(pod, pod.ips, ready, targets(service, pod), draining=draining)

    def _from_slices(self, service: Service) -> Iterable[Backend]:
        """One backend for each pod, or each address outside the pods, merged over all slices."""
        merged: dict[Ref | IPAddress, Backend] = {}
        for endpoint_slice in self._slices(service.namespace, service.name):
            numbers = {(port.name, port.protocol): port.port for port in endpoint_slice.ports}
            listed = tuple(
                # A port without a number leaves the destination port as the client chose it.
                Target(port, numbers[port.name, port.protocol] or port.port)
                for port in service.ports
                if (port.name, port.protocol) in numbers
            )
            for endpoint in endpoint_slice.endpoints:
                pod = self._pod(service.namespace, endpoint)
                if pod.finished if pod else not endpoint.addresses:
                    continue  # without a pod and without an address it is a DNS name: nothing is routed there
                # Whatever further addresses an endpoint has, only the first is used.
                key = pod.ref if pod else endpoint.addresses[0]
                named = Ref("Pod", endpoint.pod_namespace or service.namespace, endpoint.pod)
                unread = not pod and (endpoint.pod or self.snapshot.unread.some("Pod"))
                backend = Backend(
                    pod,
                    endpoint.addresses,
                    endpoint.ready,
                    listed,
                    named if unread else None,
                    endpoint.terminating and endpoint.serving and not endpoint.ready,
                )
                merged[key] = _together(merged[key], backend) if key in merged else backend
        return merged.values()

    def _pod(self, namespace: str, endpoint: Endpoint) -> Pod | None:
        """``namespace`` is the slice's own. Traffic goes to the addresses, whatever ``targetRef`` names. A
        finished pod only where no other has its address."""
        named = self._pods.named(endpoint.pod_namespace or namespace, endpoint.pod)
        if named and named.ips != endpoint.addresses and _elsewhere(named, endpoint):
            named = None
        if named and not named.finished:
            return named
        found = next((p for a in endpoint.addresses if (p := self._pods.at(a))), named)
        # Where pods could not be read another one may have the address of one that has finished.
        return None if found and found.finished and self.snapshot.unread.some("Pod") else found

    @staticmethod
    def selects(service: Service, pod: Pod) -> bool:
        """Whether the Service's selector (an empty one selects nothing) matches the pod."""
        return (
            service.type != "ExternalName"
            and bool(service.selector)
            and service.namespace == pod.namespace
            and all(pod.labels.get(key) == value for key, value in (service.selector or {}).items())
        )

    def services_of(self, pod: Pod) -> tuple[tuple[Service, Backend], ...]:
        """The Services that route to the pod, with it as their backend; by name."""
        if pod.finished:
            return ()
        services = self.snapshot.services
        candidates = {ref for ref in self._hanging_on(pod) if services.find(ref)}
        found = []
        for service in (services.find(ref) for ref in sorted(candidates)):
            assert service is not None  # noqa: S101 - they are among them
            backend = next((b for b in self.backends(service) if b.pod and b.pod.ref == pod.ref), None)
            if backend is not None:
                found.append((service, backend))
        return tuple(found)

    @cached_property
    def attachments(self) -> Attachments:
        """Of the routes to Gateways."""
        return Attachments(self.snapshot)

    @cached_property
    def _routes_by_service(self) -> dict[tuple[str, str], list[tuple[Route, RouteBackend]]]:
        found: dict[tuple[str, str], list[tuple[Route, RouteBackend]]] = defaultdict(list)
        for route in self.snapshot.routes:
            for backend in () if self.attachments.detached(route) else route.backends:
                if backend.namespace == route.namespace or self._granted(route, backend):
                    found[backend.namespace, backend.service].append((route, backend))
        return found

    def _granted(self, route: Route, backend: RouteBackend) -> bool:
        return any(
            grant.namespace == backend.namespace
            and (route.group, route.kind, route.namespace) in grant.sources
            and (grant.services is None or backend.service in grant.services)
            for grant in self.snapshot.reference_grants
        )

    def exposures(self, service: Service) -> tuple[Exposure, ...]:
        """Every way from outside the cluster to the Service, nearest to the network first."""
        found = []
        node_ports = [port for port in service.ports if port.node_port]
        if service.type in ("NodePort", "LoadBalancer") and (node_ports or service.allocates_node_ports):
            numbers = ", ".join(f"{port.node_port}/{port.protocol}" for port in node_ports)
            found.append(Exposure("NodePort", f"node port {numbers}" if numbers else "a node port"))
        if service.type == "LoadBalancer":
            addresses = ", ".join(service.load_balancer) or "address pending"
            only = ", ".join(service.load_balancer_source_ranges)
            found.append(
                Exposure("LoadBalancer", f"{addresses}{f', clients from {only} only' if only else ''}")
            )
        # Nothing translates for a headless Service, so nothing listens on its external addresses either.
        if service.external_ips and service.type != "ExternalName" and not service.headless:
            found.append(Exposure("ExternalIP", ", ".join(service.external_ips)))
        for route, backend in self._routes_by_service.get((service.namespace, service.name), ()):
            if _names_port(service.ports, backend):
                hosts = ", ".join(route.hosts) or "any host"
                exposure = Exposure(route.kind, f"{route.ref.path} for {hosts}", route.ref)
                if exposure not in found:
                    found.append(exposure)
        return tuple(found)

    def routes(self, service: Service, port: ServicePort) -> tuple[Ref, ...]:
        """The Ingresses and Gateway API routes that lead to one port of the Service."""
        return tuple(dict.fromkeys(route.ref for route in self.routes_to(service, port)))

    def routes_to(self, service: Service, port: ServicePort) -> tuple[Route, ...]:
        """So, too; a route that is certainly attached to no Gateway leads nowhere."""
        found = self._routes_by_service.get((service.namespace, service.name), ())
        # Told apart by identity: one name may be that of an Ingress in one group and of a route in another.
        routes = {id(route): route for route, backend in found if _names_port((port,), backend)}
        return tuple(routes.values())


def _elsewhere(pod: Pod, endpoint: Endpoint) -> bool:
    return bool(pod.ips) and set(pod.ips).isdisjoint(endpoint.addresses)


def _leading(slices: Iterable[EndpointSlice]) -> Iterator[tuple[_Sought, _Name]]:
    names: dict[_Name, _Name] = {}
    for each in slices:
        name = each.namespace, each.service
        name = names.setdefault(name, name)
        for endpoint in each.endpoints:
            if endpoint.pod:
                yield endpoint.pod, name
            for address in endpoint.addresses:
                yield address_point(address), name


def _by_service(slices: Part[EndpointSlice]) -> Mapping[str, list[EndpointSlice]]:
    found: dict[str, list[EndpointSlice]] = defaultdict(list)
    for each in slices:
        found[each.service].append(each)
    return dict(found)


def _by_label(services: Part[Service]) -> Mapping[tuple[str, str], list[Service]]:
    """Each under one of the labels that it selects: a pod that lacks that label is no backend."""
    found: dict[tuple[str, str], list[Service]] = defaultdict(list)
    for service in services:
        if service.selector:
            found[min(service.selector.items())].append(service)
    return dict(found)


def _pods_by_label(pods: Part[Pod]) -> Mapping[tuple[str, str], list[Pod]]:
    found: dict[tuple[str, str], list[Pod]] = defaultdict(list)
    for pod in pods:
        if not pod.finished:
            for label in pod.labels.items():
                found[label].append(pod)
    return dict(found)


def service_families(service: Service) -> frozenset[int]:
    """The address families that the Service serves: those it asks for, else those of its own addresses, and
    both where neither says."""
    asked = frozenset(_FAMILIES[family] for family in service.ip_families if family in _FAMILIES)
    addresses = (text for text in service.cluster_ips if text != "None")
    return asked or frozenset(6 if ":" in text else 4 for text in addresses) or frozenset((4, 6))


def endpoint_families(service: Service, backend: Backend) -> frozenset[int]:
    """The address families that the Service serves on this endpoint: those of the endpoint's own addresses
    within what the Service has or asks for."""
    asked = service_families(service)
    return asked & {address.version for address in backend.addresses} or asked


def targets(service: Service, pod: Pod) -> tuple[Target, ...]:
    """Every port of the Service as it arrives at the pod (source: ``spec.ports[].targetPort``). Headless
    Services translate nothing: there the client's own choice of port arrives, shown as the target all the
    same, because that is what their DNS SRV records say."""
    names = named_ports(pod)
    return tuple(
        Target(port, names.get((port.target, port.protocol)) if isinstance(port.target, str) else port.target)
        for port in service.ports
    )


def _together(one: Backend, other: Backend) -> Backend:
    """The same endpoint, listed in two slices (one for each address family, or two ports lists)."""
    known = {target.port for target in one.targets}
    return Backend(
        one.pod,
        tuple(dict.fromkeys(one.addresses + other.addresses)),
        one.ready or other.ready,
        one.targets + tuple(t for t in other.targets if t.port not in known),
        one.unread or other.unread,
        (one.draining or other.draining) and not (one.ready or other.ready),
    )


def _names_port(ports: Iterable[ServicePort], backend: RouteBackend) -> bool:
    """An Ingress or a route names a SERVICE port, by number or by name."""
    return backend.port is None or any(backend.port in (port.port, port.name) for port in ports)
