"""A policy's report: whom it isolates, and who may still talk to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from policy_core.details.policy import DirectionDetail, PolicyDetail, TieredPolicyDetail
from policy_core.effective import EffectiveRule
from policy_core.model import Direction, PodPeer, Tier, TieredPolicy
from policy_core.report.document import (
    Block,
    Column,
    Document,
    Heading,
    Link,
    Paragraph,
    Role,
    Span,
    Table,
)
from policy_core.report.pod import rest_row, rule_rows
from policy_core.report.pods import pods_blocks
from policy_core.report.tiers import action_cell

__all__ = ["policy_document", "tiered_policy_document"]

_TITLES = {
    Direction.INGRESS: ("← Ingress  ", "who may connect to them"),
    Direction.EGRESS: ("→ Egress  ", "where they may connect to"),
}


def policy_document(detail: PolicyDetail) -> Document:
    policy = detail.policy
    selector = "every pod" if policy.pod_selector.everything else str(policy.pod_selector)
    types = " and ".join(d.value for d in Direction if d in policy.types)
    return (
        Paragraph(
            (
                Span(
                    f"selects {selector} in {policy.namespace} · isolates for {types or 'nothing'}",
                    Role.MUTED,
                ),
            )
        ),
        *(
            Paragraph((Span("✗ ", Role.DENY), Span(f"{p.where}: {p.field}: {p.message}", Role.UNKNOWN)))
            for p in detail.problems
        ),
        *(Paragraph((Span("? ", Role.UNKNOWN), Span(said))) for said in detail.unread),
        Heading((Span("RULES"),)),
        *(block for direction in detail.directions for block in _direction(direction)),
        *pods_blocks("SELECTED PODS", detail.pods, "! no pod matches: the policy has no effect now"),
    )


def _direction(direction: DirectionDetail) -> Iterator[Block]:
    arrow, meaning = _TITLES[direction.direction]
    heading = (Span(arrow), Span(meaning if direction.rules else "nothing is allowed", Role.MUTED))
    yield Heading(heading, level=2)
    inward = direction.direction is Direction.INGRESS
    who = "everyone else" if inward else "everything else"
    rows = (
        *rule_rows(direction.rules, direction.direction, of_one_policy=True),
        *(() if direction.to_anyone else (rest_row(who, "no rule here"),)),
    )
    columns = (
        Column("from" if inward else "to", 3),
        Column("ports", 3, evident=True),
        Column("rule", evident=True),
        Column("pods"),
    )
    yield Table(columns, rows, indent=2, names_below=True)


_TIERED = {
    Direction.INGRESS: "what it does to who connects to them",
    Direction.EGRESS: "what it does to where they connect to",
}


def tiered_policy_document(detail: TieredPolicyDetail) -> Document:
    policy = detail.policy
    known = policy.in_force
    return (
        Paragraph((Span(_place(policy) if known else _NOT_IN_FORCE, Role.MUTED if known else Role.UNKNOWN),)),
        *(
            Paragraph((Span("✗ ", Role.DENY), Span(f"{p.where}: {p.field}: {p.message}", Role.UNKNOWN)))
            for p in detail.problems
        ),
        *(Paragraph((Span("? ", Role.UNKNOWN), Span(said))) for said in detail.unread),
        *_rivals(detail),
        Heading((Span("RULES"), Span("  the first that matches decides; the rest goes on", Role.MUTED))),
        *(block for d in Direction for block in _tiered_rules(d, detail.rules.get(d, ()))),
        *(
            pods_blocks("PODS IT IS FOR", detail.pods, "none for certain" if detail.perhaps else _NOBODY)
            if known
            else ()
        ),
        *(pods_blocks("PODS IT MAY BE FOR", detail.perhaps, "") if detail.perhaps else ()),
    )


_ORDER = {
    Tier.ADMIN: "decides before every NetworkPolicy",
    Tier.BASELINE: "decides where no NetworkPolicy isolates the pod",
}


_NOBODY = "! it is for no pod: the policy has no effect now"
_NOT_IN_FORCE = "not evaluated: for which pods it is, or when it decides, cannot be read"


def _place(policy: TieredPolicy) -> str:
    """When it decides, and for whom."""
    priority = "" if policy.priority is None else f", priority {policy.priority}"
    return f"{policy.tier} tier{priority} · {_ORDER[policy.tier]} · for {_subject(policy.subject)}"


def _subject(subject: PodPeer) -> str:
    pods = "every pod" if subject.pods is None or subject.pods.everything else f"pods with {subject.pods}"
    if subject.namespaces is None or subject.namespaces.everything:
        return f"{pods} in every namespace"
    return f"{pods} in namespaces with {subject.namespaces}"


def _rivals(detail: TieredPolicyDetail) -> Iterator[Block]:
    if detail.rivals:
        placed = detail.policy.priority is not None
        placed = placed and all(ref.kind != "BaselineAdminNetworkPolicy" for ref in detail.rivals)
        first = "Same tier and priority" if placed else "Before it or after it, nothing says which"
        spans: list[Span] = [Span(f"! {first}, and some of the same pods: ", Role.UNKNOWN)]
        for position, ref in enumerate(detail.rivals):
            spans.append(Span(", " if position else ""))
            spans.append(Span(ref.name, Role.NAME, Link(ref)))
        spans.append(Span(". Where they disagree nothing says which of them is applied."))
        yield Paragraph(tuple(spans))


def _tiered_rules(direction: Direction, rules: Sequence[EffectiveRule]) -> Iterator[Block]:
    arrow, _ = _TITLES[direction]
    yield Heading((Span(arrow), Span(_TIERED[direction] if rules else "no rules", Role.MUTED)), level=2)
    if not rules:
        return
    inward = direction is Direction.INGRESS
    columns = (
        Column("action", evident=True),
        Column("from" if inward else "to", 3),
        Column("ports", 3, evident=True),
        Column("rule", evident=True),
        Column("pods"),
    )
    rows = []
    for rule in rules:
        for position, row in enumerate(rule_rows([rule], direction, of_one_policy=True)):
            action = () if position else action_cell(rule.action)
            if rule.name and not position:
                named = (*row.cells[2], Span(f" {rule.name}", Role.MUTED))
                row = replace(row, cells=(row.cells[0], row.cells[1], named, *row.cells[3:]))
            rows.append(replace(row, cells=(action, *row.cells)))
    yield Table(columns, tuple(rows), indent=2, names_below=True)
