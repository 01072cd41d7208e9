"""A Service's report: does it answer, and if not, is it for want of endpoints or because of policy?"""

from __future__ import annotations

from collections.abc import Iterator

from policy_core.details.backend import BackendDetail
from policy_core.details.closure import opens
from policy_core.details.service import Permission, ServiceDetail
from policy_core.details.standing import Standing
from policy_core.model import Service
from policy_core.ports import ALL_PORTS
from policy_core.report.answer import answer
from policy_core.report.document import (
    Block,
    Cell,
    Column,
    Document,
    Heading,
    Link,
    Paragraph,
    Role,
    Row,
    Span,
    Table,
)
from policy_core.report.notes import doubt_note, headless_note, note
from policy_core.report.pod import (
    caveat_blocks,
    direction_blocks,
    target_cell,
    through_cell,
    unevaluated_blocks,
)
from policy_core.report.words import count, labels_text, names, rule_links, service_address
from policy_core.routing import Backend

__all__ = ["service_document"]

_MOST = 200
"""Endpoints that are listed one by one."""


def service_document(detail: ServiceDetail) -> Document:
    return (
        Paragraph((Span(_facts(detail.service), Role.MUTED),)),
        *unevaluated_blocks(detail.unevaluated),
        Paragraph(answer(detail)),
        Heading((Span("ROUTING"), *_where_from(detail))),
        *_backends(detail),
        *_permissions(detail),
        *_exposures(detail),
        *_settings(detail.service),
        *caveat_blocks(detail.caveats),
    )


def _facts(service: Service) -> str:
    selector = f"selects {labels_text(service.selector.items())}" if service.selector else "no selector"
    if service.type == "ExternalName":
        selector = "selector ignored" if service.selector else "no endpoints of its own"
    return " · ".join([service.type, service_address(service), selector])


def _where_from(detail: ServiceDetail) -> Iterator[Span]:
    if detail.service.type != "ExternalName":
        yield Span("  endpoints from ", Role.MUTED)
        yield Span("its EndpointSlices" if detail.by_slices else "its selector", Role.MUTED)


def _backends(detail: ServiceDetail) -> Iterator[Block]:
    if not detail.backends:
        unseen = detail.standing is Standing.UNSEEN
        none = Span("not known", Role.UNKNOWN) if unseen else Span("no endpoints", Role.MUTED)
        yield Paragraph((none,), indent=2)
        return
    columns = (
        Column("endpoint", 1),
        Column("port → target", evident=True),
        Column("ready", evident=True),
        Column("get through"),
    )
    shown = detail.backends[:_MOST]
    yield Table(columns, tuple(row for b in shown for row in _rows(b, bool(detail.unevaluated))), indent=2)
    if len(detail.backends) > _MOST:
        more = count(len(detail.backends) - _MOST, "more endpoint")
        yield Paragraph((Span(f"and {more}", Role.MUTED),), indent=2)
    if any(t.through and t.through.total < b.others for b in detail.backends for t in b.targets):
        yield note("hostNetwork pods of an endpoint's own node always get in, and are not counted.")
    yield from headless_note((detail.service, t.target) for b in detail.backends for t in b.targets)
    yield from doubt_note(detail.doubts)


def _rows(detail: BackendDetail, doubtful: bool) -> Iterator[Row]:
    backend = detail.backend
    link = Link(backend.pod.ref) if backend.pod else None
    if backend.pod:
        name: Cell = (Span(backend.pod.name, Role.NAME, link),)
    else:
        who = "outside the known pods"
        if backend.unread:
            who = f"pod {backend.unread.name}, not read" if backend.unread.name else "perhaps a pod, not read"
        name = (Span(names(map(str, backend.addresses))), Span(f" {who}", Role.MUTED))
    ready: Cell = (Span("ready", Role.ALLOW) if backend.ready else Span("not ready", Role.DENY),)
    if backend.draining:
        ready = (Span("shutting down", Role.UNKNOWN),)
    if not detail.targets:
        yield Row((name, (Span("no port", Role.MUTED),), ready, ()), link)
    for position, reach in enumerate(detail.targets):
        target = reach.target
        through = through_cell(reach.through, doubtful) if backend.pod else _unjudged(backend)
        yield Row(
            (
                () if position else name,
                target_cell(target.port.port, target.port.target, target.number, target.port.protocol),
                () if position else ready,
                through,
            ),
            link,
        )


def _unjudged(backend: Backend) -> Cell:
    return (Span("unknown", Role.UNKNOWN) if backend.unread else Span("by egress only", Role.MUTED),)


def _permissions(detail: ServiceDetail) -> Iterator[Block]:
    if not detail.permission:
        return
    yield Heading((Span("PERMISSION"), Span("  policy sees the target port, not the Service's", Role.MUTED)))
    for permission in detail.permission:
        pods = permission.pods
        if len(detail.permission) > 1:
            who = f"{pods[0].name} and {count(len(pods) - 1, 'more pod')}" if len(pods) > 1 else pods[0].name
            yield Paragraph((Span(who, Role.NAME, Link(pods[0].ref)),))
        yield from direction_blocks(pods[0], permission.ingress, doubtful=bool(detail.unevaluated))
        yield from _port_mix_ups(detail, permission)


def _port_mix_ups(detail: ServiceDetail, permission: Permission) -> Iterator[Block]:
    """A rule that names the Service's port where another port arrives: it looks right and lets nothing in."""
    if detail.service.headless:
        return  # nothing is translated: there the Service's port may well be what arrives
    pods = {pod.ref for pod in permission.pods}
    backends = [b for b in detail.backends if b.backend.pod and b.backend.pod.ref in pods]
    for port in detail.service.ports:
        targets = (t.target for b in backends for t in b.targets if t.target.port == port)
        arriving = sorted({target.number for target in targets if target.number})
        for rule in permission.ingress.rules:
            names_service = rule.ports != ALL_PORTS and rule.ports.contains(port.protocol, port.port)
            lets_in = any(opens(rule, port.protocol, number) for number in arriving)
            if arriving and names_service and not lets_in:
                yield Paragraph(
                    (
                        Span("! ", Role.UNKNOWN),
                        *rule_links(rule.sources),
                        Span(f" names {port.port}, the port of the Service; what arrives at the pod is "),
                        Span(f"{', '.join(map(str, arriving))}."),
                    ),
                    indent=2,
                )


def _exposures(detail: ServiceDetail) -> Iterator[Block]:
    if detail.service.type == "ExternalName":
        return
    yield Heading((Span("FROM OUTSIDE"),))
    if not detail.exposures:
        said = "not exposed outside the cluster"
        if detail.routes_unread:
            said = "may be exposed by Ingresses or routes that could not be read"
        yield Paragraph((Span(said, Role.UNKNOWN if detail.routes_unread else Role.MUTED),), indent=2)
    for exposure in detail.exposures:
        via = Span(exposure.via, Role.NAME, Link(exposure.route) if exposure.route else None)
        yield Paragraph((via, Span(f": {exposure.text}")), indent=2)
    service = detail.service
    if service.type in ("NodePort", "LoadBalancer") and service.external_traffic_policy == "Cluster":
        yield note("externalTrafficPolicy Cluster hides the client's address: no ipBlock can rely on it.")
    node_ports = service.allocates_node_ports or any(port.node_port for port in service.ports)
    if service.load_balancer_source_ranges and node_ports:
        yield note("Its node ports ignore loadBalancerSourceRanges.")
    if any(exposure.route for exposure in detail.exposures):
        yield note("To policy, an Ingress or a route is its controller's pod, not the client.")


def _settings(service: Service) -> Iterator[Block]:
    """Only what departs from the defaults: the rest says nothing."""
    settings = [
        ("publishNotReadyAddresses", "true" if service.publish_not_ready else ""),
        ("sessionAffinity", service.session_affinity.replace("None", "")),
        ("internalTrafficPolicy", service.internal_traffic_policy.replace("Cluster", "")),
        ("externalTrafficPolicy", service.external_traffic_policy.replace("Cluster", "")),
        ("allocateLoadBalancerNodePorts", "" if service.allocate_node_ports else "false"),
        ("ipFamilies", ", ".join(service.ip_families)),
    ]
    told = [f"{name}: {value}" for name, value in settings if value]
    if told:
        yield Heading((Span("SETTINGS"),))
        yield Paragraph((Span(" · ".join(told), Role.MUTED),), indent=2)
