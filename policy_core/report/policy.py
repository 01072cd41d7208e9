"""A policy's report: whom it isolates, and who may still talk to them."""

from __future__ import annotations

from collections.abc import Iterator

from policy_core.details.policy import DirectionDetail, PolicyDetail
from policy_core.model import Direction, Pod, UnevaluatedPolicy
from policy_core.report.document import (
    NOTHING,
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
from policy_core.report.pod import rest_row, rule_rows
from policy_core.report.words import count

__all__ = ["policy_document", "unevaluated_document"]

_MOST = 200
"""Pods that are listed one by one."""

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
        *_pods("SELECTED PODS", detail.pods, "! no pod matches: the policy has no effect now"),
    )


def _pods(title: str, pods: tuple[Pod, ...], nobody: str) -> Iterator[Block]:
    yield Heading((Span(title), Span(f"  {len(pods):,} now", Role.MUTED)))
    if not pods:
        yield Paragraph((Span(nobody, Role.UNKNOWN),), indent=2)
        return
    yield Table(
        (Column("pod", 2), Column("address", 1, evident=True)),
        tuple(
            Row(
                (
                    (Span(pod.ref.path, Role.NAME, Link(pod.ref)),),
                    (Span(", ".join(map(str, pod.ips)) or NOTHING, Role.MUTED),),
                ),
                Link(pod.ref),
            )
            for pod in pods[:_MOST]
        ),
        indent=2,
    )
    if len(pods) > _MOST:
        yield Paragraph((Span(f"and {count(len(pods) - _MOST, 'more pod')}", Role.MUTED),), indent=2)


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


def unevaluated_document(policy: UnevaluatedPolicy, pods: tuple[Pod, ...]) -> Document:
    """What can honestly be said of an object that is recognised but not evaluated. ``pods`` are those that
    it may select."""
    scope = f"namespace {policy.namespace}" if policy.namespace else "the whole cluster"
    subjects = [
        f"namespaces with {policy.namespaces}"
        if policy.namespaces and not policy.namespaces.everything
        else "",
        f"pods with {policy.pods}" if policy.pods and not policy.pods.everything else "",
    ]
    text = " and ".join(part for part in subjects if part) or "every pod"
    if not policy.readable:
        text = "pods that could not be told from its selector: any pod in scope"
    return (
        Paragraph((Span(f"{policy.group} · in {scope}", Role.MUTED),)),
        Paragraph(
            (
                Span("? Not evaluated. ", Role.UNKNOWN),
                Span("This tool knows the kind but does not work out what it allows or denies."),
            )
        ),
        Paragraph((Span("It may apply to "), Span(text), Span("."))),
        *_pods("PODS IT MAY SELECT", pods, "none of those that were read"),
    )
