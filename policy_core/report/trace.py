"""A trace as a document: the verdict in a sentence, and the path as a diagram with a mark where it is cut."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from policy_core.domain_name import DomainName
from policy_core.ends import NamedEnd, Pods
from policy_core.ipblock import IPAddress
from policy_core.judgement import Judgement, Way
from policy_core.model import Direction, Pod, Service
from policy_core.report.document import Block, Cell, Document, Link, Paragraph, Rail, Role, Span, unbroken
from policy_core.report.hop import Hop, HopKind, end_name, sides
from policy_core.report.hops import approach, dialled
from policy_core.report.pod import caveat_blocks, pod_facts, unevaluated_blocks
from policy_core.report.words import count, in_doubt
from policy_core.trace import Trace, TracedWay
from policy_core.translation import Entry, Obstacle
from policy_core.verdict import End, Reason, Verdict

__all__ = ["hop_rails", "named", "trace_document", "trace_title", "verdict_cell"]

_SIGNS = {
    Verdict.ALLOW: ("✓", Role.ALLOW),
    Verdict.DENY: ("✗", Role.DENY),
    Verdict.PARTIAL: ("◐", Role.UNKNOWN),
    Verdict.UNKNOWN: ("?", Role.UNKNOWN),
}
_LABELS = {
    HopKind.DNS: "names",
    HopKind.SERVICE: "Service",
    HopKind.EGRESS: "egress",
    HopKind.INGRESS: "ingress",
}
_LABEL_WIDTH = 9
_MOST_ENDS = 3
_MOST_WAYS = 12
"""Groups of endpoints that are drawn."""


def trace_title(judgement: Judgement) -> str:
    """``Pod default/web-1 → Service default/db TCP 3306``."""
    ends = f"{named(judgement.source)} → {named(judgement.destination)}"
    return f"{ends} {unbroken(f'{judgement.protocol} {judgement.port}')}"


def named(end: NamedEnd) -> str:
    return str(end.ref) if isinstance(end, (Pods, Service)) else str(end)


def trace_document(trace: Trace) -> Document:
    return (
        *unevaluated_blocks(trace.unevaluated),
        Paragraph(verdict_cell(trace.judgement, doubtful=bool(trace.unevaluated))),
        *_names_note(trace),
        Paragraph(()),
        *_diagram(trace),
        *caveat_blocks(trace.caveats),
    )


# The verdict ----------------------------------------------------------------------------------------------


def verdict_cell(judgement: Judgement, doubtful: bool = False) -> Cell:
    """The verdict in a sentence. ``doubtful``: objects that are not evaluated may apply as well."""
    sign, role = _SIGNS[judgement.verdict]
    match judgement.verdict:
        case Verdict.ALLOW:
            said = "Allowed", " Replies need no rule: policy judges who opens a connection."
        case Verdict.DENY:
            said = "Denied", f" {_denied(judgement)}."
        case Verdict.PARTIAL:
            said = "Allowed in part:", f" {_in_part(judgement)}."
        case Verdict.UNKNOWN:
            said = "Unknown:", f" {_unknown(judgement)}."
    headline, rest = said
    certain = judgement.translation is not None and judgement.translation.obstacle is not None
    if doubtful and not certain and judgement.verdict in (Verdict.ALLOW, Verdict.DENY):
        stop = "." if judgement.verdict is Verdict.ALLOW else ","
        return in_doubt((Span(f"{headline} by what is evaluated{stop}", role), Span(rest)))
    full_stop = "." if judgement.verdict is Verdict.ALLOW else ""
    return (Span(f"{sign} {headline}{full_stop}", role), Span(rest))


def _denied(judgement: Judgement) -> str:
    routed = judgement.translation
    if routed is not None and routed.obstacle is Obstacle.SOURCE_RANGE:
        return f"by the loadBalancerSourceRanges of {routed.service.ref}"
    if routed is not None and routed.obstacle is not None:
        return f"whatever policy says: {routed.service.ref} leads nowhere, since {routed.obstacle}"
    reasons = {way.connection.ingress.reason for way in judgement.ways}
    if reasons == {Reason.NO_COMMON_FAMILY}:
        return "for want of an address family that both ends have"
    if reasons == {Reason.NOT_LOCAL}:
        return "since no endpoint is on its own node (internalTrafficPolicy Local)"
    denying = [
        direction
        for direction in (Direction.EGRESS, Direction.INGRESS)
        if judgement.side(direction) is Verdict.DENY
    ]
    sides = (f"the {direction} of {_whose(judgement, direction)}" for direction in denying)
    return f"by {' and by '.join(sides)}" if denying else "in different places, see below"


def _whose(judgement: Judgement, direction: Direction) -> str:
    end = judgement.source if direction is Direction.EGRESS else judgement.destination
    if not isinstance(end, Service):
        return named(end)
    ends = {
        end_name(each): None
        for way in judgement.ways
        for each in (way.sources if direction is Direction.EGRESS else way.destinations)
    }
    return next(iter(ends)) if len(ends) == 1 else f"the {len(ends):,} pods behind {end.ref}"


def _in_part(judgement: Judgement) -> str:
    pairs = [(len(way.sources) * max(1, len(way.destinations)), way) for way in judgement.ways]
    total = sum(number for number, _ in pairs)
    families = {_family_that_passes(way) for way in judgement.ways}
    if len(families) == 1 and "" not in families:
        return f"over {families.pop()} only"
    counts: Counter[Verdict] = Counter()
    for number, way in pairs:
        counts[way.verdict] += number
    sources = {id(end) for way in judgement.ways for end in way.sources}
    what = "pair" if len(sources) > 1 else "endpoint" if judgement.translation else "pod"
    half = f", {counts[Verdict.PARTIAL]:,} over one address family only" if counts[Verdict.PARTIAL] else ""
    unknown = f", {counts[Verdict.UNKNOWN]:,} unknown" if counts[Verdict.UNKNOWN] else ""
    return f"{counts[Verdict.ALLOW]:,} of {count(total, what)}{half}{unknown}"


def _family_that_passes(way: Way) -> str:
    """``IPv4`` of a way on which that alone gets through; empty of any other."""
    passing = [family for family, both in way.connection.by_family.items() if both.verdict is Verdict.ALLOW]
    return f"IPv{passing[0]}" if way.verdict is Verdict.PARTIAL and len(passing) == 1 else ""


def _unknown(judgement: Judgement) -> str:
    routed = judgement.translation
    if routed is not None and routed.entry is Entry.UNREAD:
        return "what leads on could not be read"
    if routed is not None and routed.routes:
        return "its way in is an Ingress or a route, whose controller's pod connects, not the client"
    reasons = {way.connection.side(d).reason for way in judgement.ways for d in Direction}
    if Reason.FAMILIES in reasons:
        families = (both for way in judgement.ways for both in way.connection.by_family.values())
        reasons |= {side.reason for both in families for side in both}
    if Reason.ELSEWHERE in reasons and routed is not None:
        return f"{routed.service.ref} is a DNS name, and where that leads is not known here"
    if Reason.CONFLICT in reasons:
        return "policies of the same tier and priority disagree, and nothing says which of them is applied"
    if Reason.UNSEEN in reasons:
        return "that hangs on NetworkPolicies that could not be read"
    if Reason.MASKED in reasons:
        return "that hangs on an address that is not known here"
    if Reason.UNREAD in reasons:
        return "that hangs on a pod that was not read"
    if judgement.unseen:
        return "that hangs on pods or endpoints that could not be read"
    if routed is not None and routed.local:
        return "only endpoints on its own node are used, and which node that is is not known"
    return "that hangs on labels, addresses or nodes that were not read"


def _names_note(trace: Trace) -> Iterator[Block]:
    resolution = trace.resolution
    if resolution is None or resolution.verdict is not Verdict.DENY:
        return
    if isinstance(trace.judgement.destination, Service):
        needed = "so whoever dials this Service by its name never gets this far"
    elif isinstance(trace.judgement.destination, DomainName):
        needed = "so it never gets this far"
    elif isinstance(trace.judgement.destination, Pods):
        needed = "so it has to know addresses"
    else:
        return  # it has one
    yield Paragraph((Span("! ", Role.UNKNOWN), Span(f"It cannot look up names, {needed}.")))


# The diagram ----------------------------------------------------------------------------------------------


def _diagram(trace: Trace) -> Iterator[Block]:
    yield _end("●", trace.judgement.source, "│ ", trace)
    line = "│"
    for hop in approach(trace):
        # Names are a matter of their own: whoever knows an address needs none.
        after = "┊" if hop.verdict is Verdict.DENY and hop.kind is HopKind.SERVICE else line
        yield from hop_rails(hop, line, after)
        line = after
    if len(trace.ways) == 1:
        [traced] = trace.ways
        for hop in sides(traced, dialled(trace.judgement)):
            after = "┊" if hop.verdict is Verdict.DENY else line
            yield from hop_rails(hop, line, after)
            line = after
        yield _connector(line)
        yield _destination(traced, trace, reached=line == "│")
        return
    shown = _of_every_verdict(trace.ways)
    for traced in shown:
        yield _connector(line)
        yield _branch(traced, line)
        for hop in sides(traced, dialled(trace.judgement)):
            yield from hop_rails(hop, f"{line}   ", f"{line}   ", joint="  ")
    left = Counter(traced.way.verdict for traced in trace.ways) - Counter(each.way.verdict for each in shown)
    if left:
        told = ", ".join(f"{number:,} {_GROUPS[verdict]}" for verdict, number in left.items())
        yield _rail(f"{line} ", (Span(f"and more groups like these: {told}", Role.MUTED),), "  ")
    if not trace.ways:
        yield _connector(line)
        reached = "○" if line == "┊" else "●"
        yield _rail(f"{reached} ", (Span(named(trace.judgement.destination), Role.NAME),), "  ")


_GROUPS = {
    Verdict.ALLOW: "allowed",
    Verdict.DENY: "denied",
    Verdict.PARTIAL: "allowed in part",
    Verdict.UNKNOWN: "unknown",
}


def _of_every_verdict(ways: Sequence[TracedWay]) -> list[TracedWay]:
    """As many as can be drawn, some of each verdict."""
    if len(ways) <= _MOST_WAYS:
        return list(ways)
    verdicts = dict.fromkeys(traced.way.verdict for traced in ways)
    most = _MOST_WAYS // len(verdicts)
    return [
        traced
        for verdict in verdicts
        for traced in [each for each in ways if each.way.verdict is verdict][:most]
    ]


def _rail(lead: str, text: Cell, onward: str) -> Rail:
    return Rail((Span(lead, Role.MUTED),), text, (Span(onward, Role.MUTED),))


def _connector(line: str) -> Rail:
    return _rail(line, (), line)


def _end(dot: str, end: NamedEnd, onward: str, trace: Trace) -> Rail:
    match end:
        case Pods(ref, pods):
            facts = pod_facts(pods[0]) if len(pods) == 1 else count(len(pods), "pod")
            text: Cell = (Span(str(ref), Role.NAME, Link(pods[0].ref)), Span(f"  {facts}", Role.MUTED))
        case Service():
            text = (Span(str(end.ref), Role.NAME, Link(end.ref)), Span("  the pods behind it", Role.MUTED))
        case DomainName():
            text = (Span(str(end), Role.NAME), Span("  known by its name alone", Role.MUTED))
        case _:
            text = (Span(str(end), Role.NAME), Span(f"  {_outside(trace, end)}", Role.MUTED))
    return _rail(f"{dot} ", text, onward)


def _outside(trace: Trace, address: IPAddress) -> str:
    node = trace.nodes.get(address)
    return f"the node {node}" if node else "outside the cluster"


def _destination(traced: TracedWay, trace: Trace, reached: bool) -> Rail:
    way = traced.way
    dot = "●" if reached else "○"
    if not way.destinations:
        elsewhere = way.connection.ingress.reason is Reason.ELSEWHERE
        nowhere = "wherever that name leads" if elsewhere else "no endpoint that it may use"
        return _rail(f"{dot} ", (Span(nowhere, Role.MUTED),), "  ")
    first = way.destinations[0]
    unread = way.connection.ingress.reason is Reason.UNREAD
    if isinstance(first, Pod):
        facts = pod_facts(first) if len(way.destinations) == 1 else count(len(way.destinations), "pod")
    elif isinstance(first, DomainName):
        facts = "whatever address that name has"
    else:
        facts = "a pod that was not read" if unread else _outside(trace, first)
    return _rail(f"{dot} ", (*_ends(way.destinations), Span(f" on {way.port}  {facts}", Role.MUTED)), "  ")


def _branch(traced: TracedWay, line: str) -> Rail:
    """One of several ways, by the ends that it is about."""
    way = traced.way
    doubtful = any(stage.doubtful for stage in (*traced.egress, *traced.ingress))
    sign, role = _SIGNS[Verdict.UNKNOWN if doubtful else way.verdict]
    to: Cell = (Span("no endpoint", Role.MUTED),)
    if way.destinations:
        to = (*_ends(way.destinations), Span(f" on {way.port}", Role.MUTED))
    text = (Span(f"{sign} ", role), *_ends(way.sources), Span(" → "), *to)
    return _rail("├▶ ", text, f"{line}    ")


def _ends(ends: Sequence[End]) -> Cell:
    """The first few, each a link."""
    spans: list[Span] = []
    for end in ends[:_MOST_ENDS]:
        spans.extend([Span(", ")] if spans else [])
        link = Link(end.ref) if isinstance(end, Pod) else None
        spans.append(Span(end_name(end), Role.NAME, link))
    if len(ends) > _MOST_ENDS:
        spans.append(Span(f" and {len(ends) - _MOST_ENDS:,} more"))
    return tuple(spans)


def hop_rails(hop: Hop, line: str, after: str, joint: str = "├─") -> Iterator[Rail]:
    """``line`` is what the diagram has at its left before the hop, ``after`` from there on; with a blank
    ``joint`` the line runs past it."""
    # With an object that is not evaluated in play, nothing is plainly so.
    sign, role = _SIGNS[Verdict.UNKNOWN if hop.doubtful else hop.verdict]
    label = _LABELS[hop.kind].ljust(_LABEL_WIDTH)
    start = joint if joint.strip() else line
    lead = (Span(f"{start} ", Role.MUTED), Span(sign, role), Span(f" {label}"))
    below = (Span(after.ljust(len(start) + 3 + _LABEL_WIDTH), Role.MUTED),)
    yield Rail(lead, hop.said, below)
    for cell in hop.walk:
        yield Rail((*below, Span("· ", Role.MUTED)), cell, (*below, Span("  ")))
    if hop.near:
        yield Rail(below, hop.near, below)
