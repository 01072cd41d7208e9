"""The hops of a trace in words, for the diagram and for JSON alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from policy_core.judgement import Judgement
from policy_core.model import Direction, Pod, Ref
from policy_core.name_resolution import Resolution
from policy_core.nearest import Lack, Miss, NearMiss
from policy_core.report.document import NO_BREAK, Cell, Link, Role, Span, unbroken
from policy_core.report.words import count, names, rule_links, service_address
from policy_core.rules import RuleRef
from policy_core.trace import Stage, Trace, TracedWay
from policy_core.translation import Entry, Obstacle, Translation
from policy_core.verdict import End, Reason, Verdict, over_several

__all__ = [
    "Hop",
    "HopKind",
    "approach",
    "end_name",
    "endpoint",
    "ends_text",
    "hops",
    "near_text",
    "service_hop",
    "sides",
]


class HopKind(StrEnum):
    """Source: the command-line contract."""

    DNS = "dns"
    SERVICE = "service"
    ENDPOINT = "endpoint"
    EGRESS = "egress"
    INGRESS = "ingress"


@dataclass(frozen=True, slots=True)
class Hop:
    """``ends`` are the pods or addresses that it is about, ``decided_by`` the rules that let it through or
    the policies that keep it out. ``near`` says which rule came nearest."""

    kind: HopKind
    verdict: Verdict
    subject: str
    said: Cell
    decided_by: tuple[RuleRef | Ref, ...] = ()
    near: Cell = ()
    ends: tuple[End, ...] = ()

    @property
    def note(self) -> str:
        """Everything that it says, as one text."""
        parts = ("".join(span.text for span in cell).strip() for cell in (self.said, self.near))
        return "; ".join(part for part in parts if part).replace(NO_BREAK, " ")


def hops(trace: Trace) -> Iterator[Hop]:
    """In the order in which the connection meets them."""
    yield from approach(trace)
    for traced in trace.ways:
        if len(trace.ways) > 1 or trace.judgement.translation is not None:
            yield endpoint(traced)
        yield from sides(traced)


def approach(trace: Trace) -> Iterator[Hop]:
    """What lies before the ways part: looking the name up, and the Service."""
    if trace.resolution is not None:
        yield _dns(trace.resolution)
    if trace.judgement.translation is not None:
        yield service_hop(trace.judgement, trace.judgement.translation)


def sides(traced: TracedWay) -> Iterator[Hop]:
    """The egress, then the ingress; several of each where the address families differ."""
    for stages, ends in ((traced.egress, traced.way.sources), (traced.ingress, traced.way.destinations)):
        for stage in stages:
            yield _side(stage, stage.direction, ends)


def end_name(end: End) -> str:
    return end.ref.path if isinstance(end, Pod) else str(end)


def ends_text(ends: Sequence[End], most: int = 3) -> str:
    """``shop/cart-1, shop/cart-2 and 4 more``."""
    return names(map(end_name, ends), most)


# The sides ------------------------------------------------------------------------------------------------


def _side(stage: Stage, direction: Direction, ends: tuple[End, ...]) -> Hop:
    side = stage.side
    decided: tuple[RuleRef | Ref, ...] = side.decided_by
    if side.verdict in (Verdict.DENY, Verdict.PARTIAL):
        decided = (*decided, *side.selected_by)
    over = ""
    if stage.families:
        over = f"over {' and '.join(f'IPv{family}' for family in stage.families if family)}: "
    subject = f"{ends[0].ref}" if len(ends) == 1 and isinstance(ends[0], Pod) else ends_text(ends)
    return Hop(
        HopKind(direction.value),
        side.verdict,
        subject or "outside",
        (*((Span(over),) if over else ()), *_reason(stage, direction, ends)),
        decided,
        near_text(stage.near) if stage.near else (),
        ends,
    )


def _reason(stage: Stage, direction: Direction, ends: Sequence[End]) -> Cell:
    side = stage.side
    way = "out" if direction is Direction.EGRESS else "in"
    rules = rule_links(side.decided_by)
    match side.reason:
        case Reason.OPEN:
            return (Span(f"open: no policy selects {ends_text(ends, 1)} for {direction}"),)
        case Reason.RULE:
            return (*rules, Span(f" {'let' if len(side.decided_by) > 1 else 'lets'} it {way}"))
        case Reason.ISOLATED:
            none = f"has a rule that lets this {way}" if stage.near else "has any rule"
            if len(side.selected_by) == 1:
                no_rule = f"and no rule of it lets this {way}" if stage.near else "and has no rule"
                return (Span("isolated by "), *_policies(side.selected_by), Span(f", {no_rule}"))
            return (Span("isolated by "), *_policies(side.selected_by), Span(f"; none {none}"))
        case Reason.POSSIBLE:
            unknown = "hangs on labels or addresses that were not read"
            return (Span("whether "), *rules, Span(f" lets it {way} {unknown}"))
        case Reason.MASKED:
            return (
                Span("whether "),
                *rules,
                Span(f" lets it {way} hangs on an address that is not known here"),
            )
        case Reason.FAMILIES:
            return (Span("the address families differ"),)
        case Reason.OUTSIDE:
            return (Span("outside the cluster: no policy here judges it"),)
    return (Span(str(side.reason)),)


def _policies(refs: Iterable[Ref]) -> Cell:
    spans: list[Span] = []
    for ref in refs:
        spans.extend([Span(", ")] if spans else [])
        spans.append(Span(ref.name, Role.NAME, Link(ref)))
    return tuple(spans)


# The nearest miss -----------------------------------------------------------------------------------------


def near_text(near: NearMiss) -> Cell:
    """``nearest: allow-web-to-db rule 1 names TCP 3306, not TCP 3307``."""
    [link] = rule_links([near.rule])
    lacks = "; ".join(_lack(miss, near) for miss in near.misses)
    return (Span("nearest: "), link, Span(f" {lacks}"))


def _lack(miss: Miss, near: NearMiss) -> str:
    wanted, found = unbroken(miss.wanted), unbroken(miss.found)
    far = "the source" if near.rule.direction is Direction.INGRESS else "the destination"
    match miss.lack:
        case Lack.PORT | Lack.PROTOCOL | Lack.PORT_AND_PROTOCOL:
            return f"names {miss.wanted}, not {found}"
        case Lack.PORT_NAME:
            return f"names the port {wanted}, which is {found} there" if found else _nameless(wanted)
        case Lack.NAMESPACE:
            return f"wants a namespace with {wanted}, {_instead(found, far)}"
        case Lack.OWN_NAMESPACE:
            return f"has no namespaceSelector, so it means pods of {wanted}, not of {found}"
        case Lack.POD:
            return f"wants {wanted}, {_instead(found, far)}"
        case Lack.NO_POD:
            return f"selects pods{f' with {miss.wanted}' if wanted else ''}, not addresses outside"
        case Lack.HOST_NETWORK:
            return "selects pods by their labels, which never matches a hostNetwork pod"
        case Lack.ADDRESS:
            return f"wants an address in {wanted}, not {found}" if found else "leaves no address of its block"
        case Lack.EXCEPTED:
            return f"excepts {wanted}, which holds {found}"
        case Lack.FAMILY:
            return f"is for {wanted}, so over {found} it allows nothing"
        case Lack.REFUSED:
            return f"has errors{f' ({miss.wanted})' if wanted else ''}: an API server would refuse it"


def _nameless(name: str) -> str:
    return f"names the port {name}, which the destination does not have"


def _instead(found: str, far: str) -> str:
    return f"not {found}" if found else f"a label that {far} lacks"


# Names, Services, endpoints -------------------------------------------------------------------------------


def _dns(resolution: Resolution) -> Hop:
    verdict = resolution.verdict
    if resolution.server is None or resolution.udp is None or resolution.tcp is None:
        return Hop(HopKind.DNS, verdict, "no DNS pod", (Span("no DNS pod was read, so this is not known"),))
    server = (Span(resolution.server.path, Role.NAME, Link(resolution.server)),)
    judged = (resolution.udp, resolution.tcp, *resolution.node_local)
    decided = tuple(dict.fromkeys(ref for each in judged for ref in each.decided_by))
    subject = str(resolution.server)
    to_pods = over_several((resolution.udp.verdict, resolution.tcp.verdict))
    if resolution.node_local and to_pods is not verdict:
        cache = resolution.node_local[0].destination
        said: Cell = (
            Span("policy treats "),
            *server,
            Span(f" and the cache on its node ({cache}) differently; which is asked depends on the cluster"),
        )
        return Hop(HopKind.DNS, verdict, subject, said, decided)
    match to_pods:
        case Verdict.ALLOW:
            return Hop(HopKind.DNS, verdict, subject, (*server, Span(" answers on UDP and TCP 53")), decided)
        case Verdict.DENY:
            why = _first_denial(resolution.udp)
            said = (Span("cannot ask "), *server, Span(", on UDP 53 or TCP 53"), *why)
            return Hop(HopKind.DNS, verdict, subject, said, decided)
    by_protocol = f": UDP 53 {_WORDS[resolution.udp.verdict]}, TCP 53 {_WORDS[resolution.tcp.verdict]}"
    return Hop(HopKind.DNS, verdict, subject, (*server, Span(by_protocol)), decided)


_WORDS = {
    Verdict.ALLOW: "allowed",
    Verdict.DENY: "denied",
    Verdict.PARTIAL: "allowed in part",
    Verdict.UNKNOWN: "unknown",
}


def _first_denial(judgement: Judgement) -> Cell:
    """Which side keeps it from being asked, and by what."""
    if judgement.translation is not None and judgement.translation.obstacle is not None:
        return (Span(f": {judgement.translation.obstacle}"),)
    for way in judgement.ways:
        for direction in (Direction.EGRESS, Direction.INGRESS):
            side = way.connection.side(direction)
            if side.verdict is Verdict.DENY:
                by = (Span(" of "), *_policies(side.selected_by)) if side.selected_by else ()
                return (Span(f": {direction}"), *by, Span(" has no rule for it"))
    return ()


def service_hop(judgement: Judgement, routed: Translation) -> Hop:
    """Where the Service leads, or why nowhere."""
    service = routed.service
    if routed.obstacle is not None:
        verdict = Verdict.DENY
    elif routed.entry in (Entry.ROUTE, Entry.DNS_NAME):
        verdict = Verdict.UNKNOWN
    else:
        verdict = Verdict.ALLOW
    name = Span(service.ref.path, Role.NAME, Link(service.ref))
    address = Span(f" {service.type} {service_address(service)}: ")
    said = (name, address, Span(_leads(judgement, routed)), *_routes(routed))
    return Hop(HopKind.SERVICE, verdict, str(service.ref), said)


def _leads(judgement: Judgement, routed: Translation) -> str:
    service, asked = routed.service, unbroken(f"{judgement.protocol} {judgement.port}")
    match routed.entry:
        case Entry.DNS_NAME:
            return "where that leads is not known here, so the egress alone is judged"
        case Entry.NONE if service.type == "ExternalName":
            return "for use inside the cluster, nothing enters by it"
    start = _ENTRANCES.get(routed.entry, "")
    match routed.obstacle:
        case Obstacle.NO_SUCH_PORT:
            ports = names((unbroken(f"{port.protocol} {port.port}") for port in service.ports), 4)
            return f"has no port {asked}{f'; its ports are {ports}' if ports else ''}"
        case Obstacle.NO_ENDPOINT:
            return f"{start}has no endpoint"
        case Obstacle.NOT_READY:
            return f"{start}has {count(routed.endpoints, 'endpoint')}, none of them ready"
        case Obstacle.NO_TARGET:
            return f"{start}no ready endpoint has a port named {routed.port.target if routed.port else ''}"
        case Obstacle.NO_WAY_IN:
            return "nothing leads to it from outside the cluster"
        case Obstacle.SOURCE_RANGE:
            ranges = names(service.load_balancer_source_ranges, 3)
            past = (
                f"; its node port {routed.node_port_past_ranges} ignores that"
                if routed.node_port_past_ranges
                else ""
            )
            return f"lets {ranges} in only (loadBalancerSourceRanges), not {judgement.source}{past}"
        case None:
            return f"{start}{_to_endpoints(asked, routed)}"


_ENTRANCES = {
    Entry.NODE_PORT: "by a node port: ",
    Entry.LOAD_BALANCER: "by its load balancer: ",
    Entry.EXTERNAL_IP: "by its external address: ",
}


def _to_endpoints(asked: str, routed: Translation) -> str:
    arriving = sorted({arrival.port for arrival in routed.arrivals})
    of = f" of {routed.endpoints:,}" if routed.endpoints > routed.ready else ""
    ready = f"{count(routed.ready, 'ready endpoint')}{of}"
    if routed.entry is Entry.HEADLESS:
        return f"{asked} arrives as it is at {ready}"
    nameless = f", of which {routed.nameless} lack the port" if routed.nameless else ""
    return f"{asked} → {', '.join(map(str, arriving))} on {ready}{nameless}"


def _routes(routed: Translation) -> Cell:
    if routed.entry is not Entry.ROUTE:
        return ()
    spans = [Span("; from outside through ")]
    for number, ref in enumerate(routed.routes):
        spans.append(Span(", " if number else ""))
        spans.append(Span(str(ref), Role.NAME, Link(ref)))
    spans.append(Span(": a pod of its controller connects, not the client. Ask from that pod"))
    return tuple(spans)


def endpoint(traced: TracedWay) -> Hop:
    way = traced.way
    ends = way.destinations
    subject = f"{ends[0].ref}" if len(ends) == 1 and isinstance(ends[0], Pod) else ends_text(ends)
    said = f"{count(len(ends), 'endpoint')} on {way.port}" if ends else "no endpoint"
    return Hop(HopKind.ENDPOINT, way.verdict, subject or "nowhere", (Span(said),), ends=ends)
