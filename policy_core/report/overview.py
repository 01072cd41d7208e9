"""The overview: what there is, how much of it is isolated, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterator

from policy_core.details.coverage import banner
from policy_core.details.overview import NamespaceCounts, Overview
from policy_core.model import Ref, Severity
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
)
from policy_core.report.words import count
from policy_core.unread import Unread

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
        _total(overview, "Pod", sum(n.pods for n in spaces), "pod"),
        _total(overview, "Service", sum(n.services for n in spaces), "service"),
        _total(overview, "NetworkPolicy", sum(n.policies for n in spaces), "network policy"),
        *(count(number, kind) for kind, number in sorted(overview.tiered.items())),
    ]
    return (
        Paragraph((Span(f"{overview.title}: "), Span(", ".join(totals)))),
        *_coverage(overview),
        *_enforcement(overview),
        Heading((Span("NAMESPACES"),)),
        Table(_COLUMNS, tuple(map(_row, spaces)), indent=2),
        *_not_evaluated(overview),
        *_problems(overview),
    )


_ENFORCED = {True: Role.ALLOW, False: Role.DENY, None: Role.UNKNOWN}


def _enforcement(overview: Overview) -> Iterator[Block]:
    """With what it goes by, so that anybody can look it up."""
    found = overview.enforcement
    yield Paragraph(
        (Span("Enforcement of policy: ", Role.MUTED), Span(found.text, _ENFORCED[found.enforced]))
    )
    for each in found.evidence:
        yield Paragraph((Span("by ", Role.MUTED), Span(str(each), Role.MUTED)), indent=2)
    for enforced, said in found.tiers_in_words(overview.tiered_kinds):
        yield Paragraph((Span(said, _ENFORCED[enforced]),), indent=2)
    for sentence in (*found.always, *found.caveats):
        yield Paragraph((Span(sentence, Role.MUTED),), indent=2)


def _total(overview: Overview, kind: str, number: int, noun: str) -> str:
    told = count(number, noun)
    return f"{told} that could be read" if Unread(overview.coverage).some(kind) else told


def _coverage(overview: Overview) -> Iterator[Block]:
    said = banner(overview.coverage)
    if said:
        yield Paragraph((Span("! Not everything could be read: ", Role.UNKNOWN), Span(f"{said}.")))


def _row(space: NamespaceCounts) -> Row:
    finished = f" +{space.finished} done" if space.finished else ""
    return Row(
        (
            (Span(space.name, Role.NAME, Link(Ref("Namespace", "", space.name))),),
            (*_number(space, "Pod", space.pods), Span(finished, Role.MUTED)),
            _isolated(space, space.isolated_ingress),
            _isolated(space, space.isolated_egress),
            _number(space, "Service", space.services),
            _number(space, "NetworkPolicy", space.policies),
            _number(space, "Service", space.exposed, Role.UNKNOWN if space.exposed else Role.MUTED),
        )
    )


def _number(space: NamespaceCounts, kind: str, number: int, role: Role = Role.PLAIN) -> Cell:
    """With a mark where there may be more."""
    if kind in space.unread:
        return (Span(f"{number:,}+?" if number else "?", Role.UNKNOWN),)
    return (Span(f"{number:,}", role),)


def _isolated(space: NamespaceCounts, isolated: int) -> Cell:
    pods = space.pods
    if "NetworkPolicy" in space.unread or (not pods and "Pod" in space.unread):
        return (Span("?", Role.UNKNOWN),)
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
