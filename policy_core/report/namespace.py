"""A namespace's report: what is open in it, what is exposed, and where its pods may go."""

from __future__ import annotations

from collections.abc import Iterator

from policy_core.details.namespace import NamespaceDetail, WayOut
from policy_core.model import Action, Direction, Pod, Tier
from policy_core.report.document import (
    Block,
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
from policy_core.report.pod import unevaluated_blocks
from policy_core.report.tiers import action_cell
from policy_core.report.words import (
    count,
    labels_text,
    peer_text,
    pod_links,
    pod_names,
    ports_text,
    rule_links,
)

__all__ = ["namespace_document"]


def namespace_document(detail: NamespaceDetail) -> Document:
    namespace = detail.namespace
    facts = [
        labels_text(namespace.labels.items()) if namespace.labels_known else "labels could not be read",
        _pods(detail),
        _told(detail, "Service", count(len(detail.services), "service")),
        _told(detail, "NetworkPolicy", count(len(detail.policies), "policy")),
    ]
    return (
        Paragraph((Span(" · ".join(facts), Role.MUTED),)),
        *(Paragraph((Span("? ", Role.UNKNOWN), Span(said))) for said in detail.unread),
        *unevaluated_blocks(detail.unevaluated),
        *_open(detail, Direction.INGRESS, "← OPEN FOR INGRESS"),
        *_open(detail, Direction.EGRESS, "→ OPEN FOR EGRESS"),
        *_outside(detail),
        *_ways_out(detail),
    )


def _pods(detail: NamespaceDetail) -> str:
    finished = sum(pod.finished for pod, _ in detail.pods)
    told = count(len(detail.pods) - finished, "pod") + (f" and {finished} finished" if finished else "")
    return _told(detail, "Pod", told)


def _told(detail: NamespaceDetail, kind: str, number: str) -> str:
    return f"{number} that could be read" if kind in detail.unread_kinds else number


def _open(detail: NamespaceDetail, direction: Direction, title: str) -> Iterator[Block]:
    pods = detail.open_pods(direction)
    taking_part = sum(not pod.finished for pod, _ in detail.pods)
    yield Heading((Span(title), Span(f"  {len(pods):,} of {count(taking_part, 'pod')}", Role.MUTED)))
    if pods:
        yield Paragraph(_joined(pods), indent=2)
    elif "NetworkPolicy" in detail.unread_kinds or (not taking_part and "Pod" in detail.unread_kinds):
        yield Paragraph((Span(_NOT_KNOWN, Role.UNKNOWN),), indent=2)
    elif taking_part:
        yield Paragraph((Span("none: policies restrict every pod", Role.DENY),), indent=2)
    else:
        yield Paragraph((Span("no pods here", Role.MUTED),), indent=2)


def _joined(pods: tuple[Pod, ...], most: int = 60) -> tuple[Span, ...]:
    spans: list[Span] = []
    for pod in pods[:most]:
        spans.extend([Span(", ")] if spans else [])
        spans.append(Span(pod.name, Role.NAME, Link(pod.ref)))
    if len(pods) > most:
        spans.append(Span(f" and {len(pods) - most:,} more", Role.MUTED))
    return tuple(spans)


def _outside(detail: NamespaceDetail) -> Iterator[Block]:
    yield Heading((Span("FROM OUTSIDE THE CLUSTER"),))
    if not detail.exposures:
        unread = "Service" in detail.unread_kinds
        none = Span(_NOT_KNOWN, Role.UNKNOWN) if unread else Span("no Service is exposed", Role.MUTED)
        yield Paragraph((none,), indent=2)
        return
    rows = [
        Row(
            (
                (Span(service.name, Role.NAME, Link(service.ref)),),
                (Span(exposure.via, Role.NAME, Link(exposure.route) if exposure.route else None),),
                (Span(exposure.text),),
            ),
            Link(service.ref),
        )
        for service, exposure in detail.exposures
    ]
    yield Table((Column("service", 1), Column("by"), Column("at", 2)), tuple(rows), indent=2)


_NOT_KNOWN = "not known: see above"
_NOWHERE = "no pod here may reach an address outside the cluster"


def _ways_out(detail: NamespaceDetail) -> Iterator[Block]:
    ways: tuple[WayOut, ...] = detail.ways_out
    tiered = any(way.tier is not Tier.NETWORK_POLICY for way in ways)
    order = (Span("  the first that matches decides", Role.MUTED),) if tiered else ()
    yield Heading((Span("OUT OF THE CLUSTER"), *order))
    if not ways and {"NetworkPolicy", "Pod"} & detail.unread_kinds:
        yield Paragraph((Span(_NOT_KNOWN, Role.UNKNOWN),), indent=2)
        return
    if not ways:
        yield Paragraph((Span(_NOWHERE, Role.DENY),), indent=2)
        return
    rows = []
    for way in ways:
        rule = way.rule
        decided = rule_links([rule]) if rule else (Span("open: no policy", Role.ALLOW),)
        if tiered:
            decided = (
                *action_cell(way.action, way.perhaps),
                Span(" "),
                *(rule_links([rule]) if rule else (Span("by default"),)),
            )
        link = Link(rule.policy, ("spec", "egress", rule.position)) if rule else None
        to = "anywhere" if way.peer.peer is None else peer_text(way.peer)
        cells = (
            (Span(to),),
            (Span(ports_text(way.ports), Role.PORT),),
            decided,
            (Span(f"{len(way.pods):,}"),),
        )
        rows.append(Row(cells, link, pod_links(way.pods), pod_names(way.pods, detail.namespace.name)))
    columns = (
        Column("to", 3),
        Column("ports", 2, evident=True),
        Column("decided by", 2, evident=True),
        Column("pods"),
    )
    yield Table(columns, tuple(rows), indent=2)
    if tiered and "NetworkPolicy" in detail.unread_kinds:
        yield Paragraph((Span(f"what else is allowed is {_NOT_KNOWN}", Role.UNKNOWN),), indent=2)
    elif all(way.action is not Action.ALLOW for way in ways):
        yield Paragraph((Span(f"so {_NOWHERE}", Role.DENY),), indent=2)
