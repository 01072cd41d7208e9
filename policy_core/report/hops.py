"""The hops of a trace in words, for the diagram and for JSON alike; those before the ways part stand here."""

from __future__ import annotations

from collections.abc import Iterator

from policy_core.judgement import Judgement
from policy_core.report.document import Cell, Link, Role, Span, unbroken
from policy_core.report.hop import Hop, HopKind, endpoint, reason_text, sides
from policy_core.report.words import count, names, service_address
from policy_core.trace import Trace
from policy_core.translation import Entry, Obstacle, Translation
from policy_core.verdict import Verdict, over_several

__all__ = ["approach", "dialled", "hops", "service_hop"]

_MOST = 4


def hops(trace: Trace) -> Iterator[Hop]:
    """In the order in which the connection meets them."""
    yield from approach(trace)
    for traced in trace.ways:
        if len(trace.ways) > 1 or trace.judgement.translation is not None:
            yield endpoint(traced)
        yield from sides(traced, dialled(trace.judgement))


def approach(trace: Trace) -> Iterator[Hop]:
    """What lies before the ways part: looking the name up, and the Service."""
    if trace.resolution is not None:
        yield _dns(trace)
    if trace.judgement.translation is not None:
        yield service_hop(trace.judgement, trace.judgement.translation)


def dialled(judgement: Judgement) -> str:
    """The port that a Service translates, as ``TCP 80``; empty where none is translated."""
    routed = judgement.translation
    translated = routed is not None and routed.port is not None and routed.translated
    return f"{judgement.protocol} {judgement.port}" if translated else ""


# Names ----------------------------------------------------------------------------------------------------


def _dns(trace: Trace) -> Hop:
    resolution = trace.resolution
    if resolution is None or resolution.server is None or resolution.udp is None or resolution.tcp is None:
        said: Cell = (Span("no DNS pod was read, so this is not known"),)
        return Hop(HopKind.DNS, Verdict.UNKNOWN, "no DNS pod", said)
    server = (Span(resolution.server.path, Role.NAME, Link(resolution.server)),)
    judged = (resolution.udp, resolution.tcp, *resolution.node_local)
    decided = tuple(dict.fromkeys(ref for each in judged for ref in each.decided_by))
    to_pods = over_several((resolution.udp.verdict, resolution.tcp.verdict))
    near: Cell = ()
    if resolution.node_local and to_pods is not resolution.verdict:
        cache = resolution.node_local[0].destination
        differently = (
            f" and the cache on its node ({cache}) differently; which is asked depends on the cluster"
        )
        said = (Span("policy treats "), *server, Span(differently))
    elif to_pods is Verdict.ALLOW:
        said = (*server, Span(" answers on UDP and TCP 53"))
    elif to_pods is Verdict.DENY:
        why, near = _unasked(trace)
        said = (Span("cannot ask "), *server, Span(" on UDP or TCP 53"), *why)
    else:
        udp, tcp = _WORDS[resolution.udp.verdict], _WORDS[resolution.tcp.verdict]
        said = (*server, Span(f": UDP 53 {udp}, TCP 53 {tcp}"))
    return Hop(HopKind.DNS, resolution.verdict, str(resolution.server), said, decided, near)


_WORDS = {
    Verdict.ALLOW: "allowed",
    Verdict.DENY: "denied",
    Verdict.PARTIAL: "allowed in part",
    Verdict.UNKNOWN: "unknown",
}


def _unasked(trace: Trace) -> tuple[Cell, Cell]:
    """Which side keeps it from asking over UDP, by what, and the nearest miss."""
    asked = trace.resolution.udp if trace.resolution else None
    if asked is None or asked.translation is None or asked.translation.obstacle is None:
        for traced in trace.unasked[:1]:
            stages = (*traced.egress, *traced.ingress)
            for stage, hop in zip(stages, sides(traced, dialled(asked) if asked else ""), strict=True):
                if stage.side.verdict is Verdict.DENY:
                    arriving = f" (arriving on {traced.way.port})" if traced.way.port != 53 else ""
                    return (
                        Span(f"{arriving}: {stage.direction} "),
                        *reason_text(stage, hop.ends),
                    ), hop.near
        return (), ()
    return (Span(f": {asked.translation.obstacle}"),), ()


# Services -------------------------------------------------------------------------------------------------


def service_hop(judgement: Judgement, routed: Translation) -> Hop:
    """Where the Service leads, or why nowhere."""
    service = routed.service
    if routed.obstacle is not None:
        verdict = Verdict.DENY
    elif routed.entry in (Entry.ROUTE, Entry.DNS_NAME, Entry.UNREAD) or (
        routed.unseen and not routed.arrivals
    ):
        verdict = Verdict.UNKNOWN
    else:
        verdict = Verdict.ALLOW
    name = Span(service.ref.path, Role.NAME, Link(service.ref))
    address = Span(f" ({service.type}, {service_address(service)}){_ENTRANCES.get(routed.entry, '')}: ")
    said = (name, address, Span(_leads(judgement, routed)), *_routes(routed))
    return Hop(HopKind.SERVICE, verdict, str(service.ref), said)


_ENTRANCES = {
    Entry.NODE_PORT: " by a node port",
    Entry.LOAD_BALANCER: " by its load balancer",
    Entry.EXTERNAL_IP: " by its external address",
}


def _leads(judgement: Judgement, routed: Translation) -> str:
    service, asked = routed.service, unbroken(f"{judgement.protocol} {judgement.port}")
    if routed.entry is Entry.DNS_NAME:
        return "where that leads is not known here, so only its egress can be judged"
    if routed.entry is Entry.UNREAD and service.type == "ExternalName":
        return f"a DNS name for {service.external_name}, a Service that could not be read"
    match routed.obstacle:
        case Obstacle.NO_SUCH_PORT:
            ports = names((unbroken(f"{port.protocol} {port.port}") for port in service.ports), _MOST)
            return f"it has no port {asked}{f', but {ports}' if ports else ''}"
        case Obstacle.NO_ENDPOINT:
            return "it has no endpoint"
        case Obstacle.NOT_READY if routed.endpoints == 1:
            return "its endpoint is not ready"
        case Obstacle.NOT_READY:
            return f"none of its {routed.endpoints:,} endpoints is ready"
        case Obstacle.NO_TARGET:
            return _no_target(routed)
        case Obstacle.NO_WAY_IN if service.type == "ExternalName":
            return "a name for use inside the cluster"
        case Obstacle.NO_WAY_IN:
            return "nothing leads to it from outside the cluster"
        case Obstacle.SOURCE_RANGE:
            ranges = names(service.load_balancer_source_ranges, _MOST)
            return f"lets {ranges} in only (loadBalancerSourceRanges), not {judgement.source}{_past(routed)}"
        case None if routed.entry is Entry.UNREAD:
            return "an Ingress or a route that could not be read may lead to it from outside"
        case None if routed.unseen and not routed.arrivals:
            return "which endpoints it has could not be read"
        case None:
            more = "; others could not be read" if routed.unseen else ""
            return f"{_to_endpoints(asked, routed)}{more}"


def _no_target(routed: Translation) -> str:
    if routed.by_slices:
        return f"its EndpointSlices list no port {routed.port.name if routed.port else ''}".rstrip()
    return f"no ready endpoint has a port named {routed.port.target if routed.port else ''}"


def _past(routed: Translation) -> str:
    """Source ranges are for the load balancer; node ports, where there are any, know nothing of them."""
    if routed.port is not None and routed.port.node_port:
        return f"; its node port {routed.port.node_port} ignores that"
    return "; its node port ignores that" if routed.service.allocates_node_ports else ""


def _to_endpoints(asked: str, routed: Translation) -> str:
    arriving = sorted({arrival.port for arrival in routed.arrivals})
    of = f" of {routed.endpoints:,}" if routed.endpoints > routed.ready else ""
    ready = f"{count(routed.ready, 'ready endpoint')}{of}"
    if routed.entry is Entry.HEADLESS:
        return f"{asked} arrives as it is at {ready}"
    nameless = f", {routed.nameless:,} of them without that port" if routed.nameless else ""
    return f"{asked} → {names(map(str, arriving), _MOST)} on {ready}{nameless}"


def _routes(routed: Translation) -> Cell:
    if routed.entry is not Entry.ROUTE:
        return ()
    spans = [Span("; from outside through ")]
    for number, ref in enumerate(routed.routes[:_MOST]):
        spans.append(Span(", " if number else ""))
        spans.append(Span(str(ref), Role.NAME, Link(ref)))
    more = f" and {len(routed.routes) - _MOST:,} more" if len(routed.routes) > _MOST else ""
    spans.append(Span(f"{more}: a pod of its controller connects, not the client. Ask from that pod"))
    return tuple(spans)
