"""The overview: what there is, how much of it is isolated, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterator

from policy_core.details.overview import NamespaceCounts, Overview
from policy_core.model import Ref, Severity
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
from policy_core.report.words import count

__all__ = ["overview_document"]

_COLUMNS = (
    Column("namespace", 1),
    Column("pods"),
    Column("←isolated"),
    Column("→isolated"),
    Column("svcs"),
    Column("pols"),
    Column("exposed"),
)


def overview_document(overview: Overview) -> Document:
    spaces = overview.namespaces
    totals = [
        count(len(spaces), "namespace"),
        count(sum(n.pods for n in spaces), "pod"),
        count(sum(n.services for n in spaces), "service"),
        count(sum(n.policies for n in spaces), "network policy"),
    ]
    enforced = overview.enforcement
    role = {True: Role.ALLOW, False: Role.DENY, None: Role.UNKNOWN}[enforced.enforced]
    return (
        Paragraph((Span(f"{overview.title}: "), Span(", ".join(totals)))),
        Paragraph((Span("Enforcement of policy: ", Role.MUTED), Span(enforced.text, role))),
        Heading((Span("NAMESPACES"),)),
        Table(_COLUMNS, tuple(map(_row, spaces)), indent=2),
        *_not_evaluated(overview),
        *_problems(overview),
    )


def _row(space: NamespaceCounts) -> Row:
    finished = f" +{space.finished} done" if space.finished else ""
    return Row(
        (
            (Span(space.name, Role.NAME, Link(Ref("Namespace", "", space.name))),),
            (Span(f"{space.pods:,}"), Span(finished, Role.MUTED)),
            _isolated(space.isolated_ingress, space.pods),
            _isolated(space.isolated_egress, space.pods),
            (Span(f"{space.services:,}"),),
            (Span(f"{space.policies:,}"),),
            (Span(f"{space.exposed:,}", Role.UNKNOWN if space.exposed else Role.MUTED),),
        )
    )


def _isolated(isolated: int, pods: int) -> tuple[Span, ...]:
    if not pods:
        return (Span(NOTHING, Role.MUTED),)
    role = Role.DENY if isolated == pods else Role.PLAIN if isolated else Role.ALLOW
    return (Span(f"{isolated:,} of {pods:,}", role),)


def _not_evaluated(overview: Overview) -> Iterator[Block]:
    if overview.unevaluated:
        yield Heading((Span("RECOGNISED, NOT EVALUATED"),))
        for kind, number in sorted(overview.unevaluated.items()):
            yield Paragraph((Span(f"{kind}: {number}", Role.UNKNOWN),), indent=2)
    if overview.other_kinds:
        kinds = ", ".join(f"{kind} {number}" for kind, number in sorted(overview.other_kinds.items()))
        yield Heading((Span("OTHER KINDS, NOT USED HERE"),))
        yield Paragraph((Span(kinds, Role.MUTED),), indent=2)


def _problems(overview: Overview) -> Iterator[Block]:
    if not overview.problems:
        return
    yield Heading((Span("PROBLEMS"), Span(f"  {len(overview.problems):,}", Role.MUTED)))
    for problem in overview.problems:
        role = Role.DENY if problem.severity is Severity.ERROR else Role.UNKNOWN
        yield Paragraph((Span(f"{problem.severity}: ", role), Span(str(problem))), indent=2)
