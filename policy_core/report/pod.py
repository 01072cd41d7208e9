"""A pod's report: permission and routing side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from policy_core.details.backend import GetThrough
from policy_core.details.pod import PodDetail, ServiceRoute
from policy_core.effective import Effective, EffectivePeer, EffectiveRule
from policy_core.model import Action, Direction, Pod, Tier
from policy_core.not_evaluated import NotEvaluated
from policy_core.openness import Openness
from policy_core.report.document import (
    NOTHING,
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
    unbroken,
)
from policy_core.report.exposure import exposure_table
from policy_core.report.notes import doubt_note, headless_note
from policy_core.report.tiers import action_cell, tier_text
from policy_core.report.words import (
    count,
    in_doubt,
    labels_text,
    peer_names,
    peer_text,
    pod_links,
    port_cell,
    rule_links,
    service_address,
    summary,
)
from policy_core.unread import UnreadKind, may_apply_unseen, unread_kinds
from policy_core.workloads import GENERATED_LABELS

__all__ = [
    "caveat_blocks",
    "direction_blocks",
    "pod_document",
    "pod_facts",
    "rest_row",
    "rule_rows",
    "target_cell",
    "through_cell",
    "unevaluated_blocks",
]

_MOST_UNEVALUATED = 6
_ARROWS = {Direction.INGRESS: "← Ingress  ", Direction.EGRESS: "→ Egress  "}


def pod_facts(pod: Pod) -> str:
    """Who the pod is, on a line: without the labels that controllers generate, which tell nobody anything."""
    labels = [item for item in pod.labels.items() if item[0] not in GENERATED_LABELS]
    told = "generated labels only" if pod.labels and not labels else labels_text(labels)
    facts = [told, ", ".join(map(str, pod.ips)) or "no address"]
    if pod.node:
        facts.append(f"on {pod.node}")
    facts.append(f"template of {pod.kind}" if pod.is_template else pod.phase or "no status")
    if not pod.ready and not pod.finished:
        facts.append("not ready")
    if pod.host_network:
        facts.append("hostNetwork")
    return " · ".join(facts)


def pod_document(detail: PodDetail) -> Document:
    return (
        Paragraph((Span(pod_facts(detail.pod), Role.MUTED),)),
        *unevaluated_blocks(detail.unevaluated),
        # Traffic meets the Service first, as the page of a Service has it, too.
        Heading((Span("ROUTING"),)),
        *_routing(detail),
        *_from_outside(detail),
        Heading((Span("PERMISSION"),)),
        *direction_blocks(detail.pod, detail.ingress, doubtful=Direction.INGRESS in detail.doubtful),
        *direction_blocks(detail.pod, detail.egress, doubtful=Direction.EGRESS in detail.doubtful),
        *caveat_blocks(detail.caveats),
    )


def direction_blocks(pod: Pod, effective: Effective, doubtful: bool) -> Iterator[Block]:
    """One direction: its state in a sentence, then every rule, then what happens to everything else.
    ``doubtful``: objects that are not evaluated may apply to the pod as well."""
    state = summary(effective, pod)
    shown = in_doubt(state) if doubtful else state
    yield Heading((Span(_ARROWS[effective.direction]), *shown), level=2)
    if effective.tiered:
        yield from _tiered_table(effective, unseen=effective.openness is Openness.UNSEEN)
    elif effective.isolated:
        rest = () if effective.wholly else (rest_row("everything else", unbroken("denied: isolated")),)
        columns = (
            Column(_FAR[effective.direction], 3),
            Column("ports", 2, evident=True),
            Column("decided by", 2, evident=True),
            Column("pods"),
        )
        yield Table(columns, (*rule_rows(effective.rules, effective.direction), *rest), indent=2)


_FAR = {Direction.INGRESS: "from", Direction.EGRESS: "to"}


def _tiered_table(effective: Effective, unseen: bool) -> Iterator[Block]:
    """The rules of all tiers in the order in which they decide: the first that matches."""
    columns = (
        Column("tier", evident=True),
        Column("action", evident=True),
        Column(_FAR[effective.direction], 3),
        Column("ports", 2, evident=True),
        Column("decided by", 2, evident=True),
        Column("pods"),
    )
    rows = [*_tiered_rows(effective)]
    if not unseen:
        rows.append(_last_row(effective))
    yield Table(columns, tuple(rows), indent=2)
    if effective.unasked:
        spans: list[Span] = [
            Span("Baseline is not asked, since a NetworkPolicy isolates the pod: ", Role.MUTED)
        ]
        for position, policy in enumerate(effective.unasked):
            spans.append(Span(", " if position else "", Role.MUTED))
            spans.append(Span(policy.name, Role.NAME, Link(policy)))
        yield Paragraph(tuple(spans), indent=2)


def _tiered_rows(effective: Effective) -> Iterator[Row]:
    last = ""
    for rule in effective.rules:
        tier = tier_text(rule.tier, rule.priority)
        for position, row in enumerate(rule_rows([rule], effective.direction)):
            shown: Cell = (Span(tier if tier != last else "", Role.MUTED),)
            action = () if position else action_cell(rule.action, rule.perhaps)
            yield replace(row, cells=(shown, action, *row.cells))
            last = tier


def _last_row(effective: Effective) -> Row:
    """What happens to whatever no rule names."""
    tier = "default"
    if effective.isolated:
        follows = bool(effective.rules) and effective.rules[-1].tier is Tier.NETWORK_POLICY
        tier = "" if follows else Tier.NETWORK_POLICY.value
    action = action_cell(Action.DENY if effective.isolated else Action.ALLOW)
    why = "isolated" if effective.isolated else "no policy decides"
    nothing: Cell = (Span(NOTHING, Role.MUTED),)
    said: Cell = (Span(why, Role.MUTED),)
    return Row(((Span(tier, Role.MUTED),), action, (Span("everything else"),), nothing, said, ()))


def rest_row(who: str, verdict: str) -> Row:
    """The row for whatever no rule names."""
    return Row(((Span(who),), (Span(NOTHING, Role.MUTED),), (Span(verdict, Role.DENY),), ()))


def rule_rows(
    rules: Iterable[EffectiveRule], direction: Direction, of_one_policy: bool = False
) -> Iterator[Row]:
    """A row for each peer; what its neighbours share is written once."""
    for rule in rules:
        source = rule.sources[0]
        link = Link(source.policy, ("spec", source.direction.value, source.position))
        ports = port_cell(rule, direction)
        if not rule.peers:
            why = "not understood, so it matches nothing" if rule.closed else "the rule has no valid peer"
            nobody: Cell = (Span(f"nobody: {why}", Role.DENY),)
            yield Row((nobody, ports, rule_links(rule.sources, of_one_policy), (Span("0"),)), link)
        for position, peer in enumerate(rule.peers):
            first = position == 0
            yield Row(
                (
                    _who(rule, peer),
                    ports if first else (Span("same ports", Role.MUTED),),
                    rule_links(rule.sources, of_one_policy) if first else (Span("same rule", Role.MUTED),),
                    _pods_now(peer),
                ),
                link,
                pod_links(peer.pods),
                peer_names(peer),
            )


def _who(rule: EffectiveRule, peer: EffectivePeer) -> Cell:
    if rule.closed:
        return (Span(peer_text(peer)), Span(": not understood, so it fails closed", Role.DENY))
    return (Span(peer_text(peer)),)


def _pods_now(peer: EffectivePeer) -> Cell:
    number = Span(f"{len(peer.pods):,}")
    if peer.possible:
        return (number, Span(f" +{len(peer.possible):,}?", Role.UNKNOWN))
    return (number,)


def _routing(detail: PodDetail) -> Iterator[Block]:
    if not detail.services:
        if detail.services_unread:
            said = "not known: the Services here could not be read"
            yield Paragraph((Span(said, Role.UNKNOWN),), indent=2)
            return
        reason = "has finished" if detail.pod.finished else "no Service has it as an endpoint"
        yield Paragraph((Span(f"nothing routes here: {reason}", Role.MUTED),), indent=2)
        return
    doubtful = Direction.INGRESS in detail.doubtful
    rows = [row for route in detail.services for row in _service_rows(route, doubtful)]
    columns = (
        Column("service", 2),
        Column("address", 2, evident=True),
        Column("port → target", evident=True),
        Column("ready", evident=True),
        Column("get through"),
    )
    yield Table(columns, tuple(rows), indent=2)
    yield from headless_note(
        (route.service, target.target) for route in detail.services for target in route.detail.targets
    )
    yield from doubt_note(frozenset().union(*(route.detail.doubts for route in detail.services)))


def _from_outside(detail: PodDetail) -> Iterator[Block]:
    if detail.exposed:
        ways = "1 way in" if len(detail.exposed) == 1 else f"{len(detail.exposed):,} ways in"
        yield Heading((Span("↓ From outside  "), Span(ways)), level=2)
        yield exposure_table(detail.exposed)
    elif detail.services_unread or detail.routes_unread:
        said = "whether it is exposed to the outside is not known: not all that may lead here was read"
        yield Paragraph((Span(said, Role.UNKNOWN),), indent=2)
    elif not detail.pod.finished:
        waiting = any(route.exposures and not route.detail.backend.ready for route in detail.services)
        said = "not reached from outside while it is not ready" if waiting else "not exposed to the outside"
        yield Paragraph((Span(said, Role.MUTED),), indent=2)


def _service_rows(route: ServiceRoute, doubtful: bool) -> Iterator[Row]:
    service, ready = route.service, route.detail.backend.ready
    ready_cell: Cell = (Span("ready", Role.ALLOW) if ready else Span("not ready", Role.DENY),)
    link = Link(service.ref)
    name: Cell = (Span(service.name, Role.NAME, link),)
    address: Cell = (Span(f"{service.type} {service_address(service)}"),)
    if not route.detail.targets:
        yield Row((name, address, (Span("no port", Role.MUTED),), ready_cell, ()), link)
    for position, target in enumerate(route.detail.targets):
        first = position == 0
        yield Row(
            (
                name if first else (),
                address if first else (),
                target_cell(
                    target.target.port.port,
                    target.target.port.target,
                    target.target.number,
                    target.target.port.protocol,
                ),
                ready_cell if first else (),
                through_cell(target.through, doubtful),
            ),
            link,
        )


def target_cell(port: int, target: int | str, number: int | None, protocol: str) -> Cell:
    """``80 → http 8080``: the Service port, and what arrives at the pod, which is what policy sees."""
    if number is None:
        return (
            Span(f"{port} → {target} ", Role.PORT),
            Span("no port of that name", Role.DENY),
        )
    arrives = f"{target} {number}" if isinstance(target, str) else str(number)
    suffix = "" if protocol == "TCP" else f" {protocol}"
    return (Span(f"{port} → {arrives}{suffix}", Role.PORT),)


def through_cell(through: GetThrough | None, doubtful: bool) -> Cell:
    """How many pods policy lets through, as a mark and in words. ``doubtful``: objects that are not evaluated
    may apply to the pod that is reached."""
    if through is None:
        return (Span("nothing is routed", Role.DENY),)
    if not through.total:
        return (Span("no other pod", Role.MUTED),)
    return in_doubt(_through(through)) if doubtful else _through(through)


def _through(through: GetThrough) -> Cell:
    of = count(through.total, "pod")
    if through.allow:
        certain = through.allow > through.doubtful_allow
        spans = [Span(f"{through.allow:,} of {of}", Role.ALLOW if certain else Role.UNKNOWN)]
    elif not (through.unknown or through.partial or through.doubtful):
        spans = [Span(f"✗ 0 of {of}", Role.DENY)]
    else:
        spans = [Span(f"0 of {of}", Role.UNKNOWN)]
    for number, family in ((through.ipv4_only, "IPv4"), (through.ipv6_only, "IPv6")):
        if number:
            spans.append(Span(f", {number:,} over {family} only", Role.UNKNOWN))
    if through.unknown:
        spans.append(Span(f", {through.unknown:,} unknown", Role.UNKNOWN))
    if through.doubtful:
        spans.append(Span(" ?", Role.UNKNOWN))
    return tuple(spans)


def unevaluated_blocks(applying: Sequence[NotEvaluated]) -> Iterator[Block]:
    policies = [policy for policy in applying if not isinstance(policy, UnreadKind)]
    if policies:
        spans: list[Span] = [Span("? Not the whole truth: ", Role.UNKNOWN)]
        for position, policy in enumerate(policies[:_MOST_UNEVALUATED]):
            spans.append(Span(", " if position else ""))
            spans.append(Span(str(policy.ref), Role.NAME, Link(policy.ref)))
        if len(policies) > _MOST_UNEVALUATED:
            spans.append(Span(f" and {len(policies) - _MOST_UNEVALUATED:,} more"))
        are = "are" if len(policies) > 1 else "is"
        spans.append(Span(f" may also apply, but {are} not (or not wholly) evaluated."))
        yield Paragraph(tuple(spans))
    for sentence in may_apply_unseen(unread_kinds(applying)):
        yield Paragraph((Span("? Not the whole truth: ", Role.UNKNOWN), Span(sentence)))


def caveat_blocks(caveats: tuple[str, ...]) -> Iterator[Block]:
    if caveats:
        yield Heading((Span("GOOD TO KNOW"),))
        for caveat in caveats:
            yield Paragraph((Span("· "), Span(caveat, Role.MUTED)), indent=2)
