"""One pair of the connectivity matrix explained: what is allowed, and what decided it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policy_core.column import Allowed
from policy_core.connectivity import Connectivity
from policy_core.evaluation import Evaluation
from policy_core.matrix_classes import MatrixClass
from policy_core.model import Direction, Pod, Ref
from policy_core.outside import Outside
from policy_core.ports import ALL_PORTS, PROTOCOLS
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
from policy_core.report.matrix import addresses_text, allowed_cell
from policy_core.report.matrix_words import short_name
from policy_core.report.tiers import disagreeing
from policy_core.report.words import labels_text, rule_links
from policy_core.verdict import Reason, Side, Verdict, connection

__all__ = ["outside_document", "pair_document", "pair_pods", "probes"]

_ROLES = {
    Verdict.ALLOW: Role.ALLOW,
    Verdict.DENY: Role.DENY,
    Verdict.PARTIAL: Role.UNKNOWN,
    Verdict.UNKNOWN: Role.UNKNOWN,
}
_MOST_PROBES = 12


def pair_pods(source: MatrixClass, destination: MatrixClass) -> tuple[Pod, Pod]:
    """A pod of each, two different ones where the class has more than one."""
    return source.pods[0], destination.pods[-1]


def probes(allowed: Allowed, destination: Pod) -> list[tuple[str, int]]:
    """(protocol, port): one of each stretch that is allowed, then the ports that the destination declares."""
    stretches = [r for ports in allowed for r in ports.ranges()]
    found = [("TCP", 80) if r.protocol == "*" else (r.protocol, r.first) for r in stretches]
    declared = [(port.protocol, port.number) for port in destination.ports if port.protocol in PROTOCOLS]
    every_port = allowed.ports == ALL_PORTS
    return list(
        dict.fromkeys([*(declared if every_port and declared else found), *declared] or [("TCP", 80)])
    )


def pair_document(
    evaluation: Evaluation, found: Connectivity, source: MatrixClass, destination: MatrixClass
) -> Document:
    """What ``source`` may reach of ``destination``, and for each port in question what decided, by way of one
    pod of each."""
    allowed = found.allowed(source.number, destination.number)
    one, other = pair_pods(source, destination)
    asked = probes(allowed, other)
    rows = tuple(_row(evaluation, one, other, protocol, port) for protocol, port in asked[:_MOST_PROBES])
    columns = (Column("port"), Column("verdict"), Column("egress of the sender", 1), Column("ingress", 1))
    return (
        Paragraph((Span("Allowed: ", Role.MUTED), *_told(allowed))),
        *_end("From", source, one, source.doubts.egress),
        *_end("To", destination, other, destination.doubts.ingress),
        Heading((Span("DECIDED BY"),)),
        Table(columns, rows, indent=2),
        *_more(len(asked) - _MOST_PROBES),
    )


def _told(allowed: Allowed) -> Cell:
    return allowed_cell(allowed) if allowed else (Span("nothing", Role.DENY),)


def _end(word: str, each: MatrixClass, pod: Pod, doubts: Iterable[Ref]) -> Iterator[Block]:
    shown = [Span(f"{word}: ", Role.MUTED), Span(f"{each.namespace}/{short_name(each)}", Role.NAME)]
    if each.workload:
        shown += [Span(", as "), Span(pod.ref.path, Role.NAME, Link(pod.ref))]
    yield Paragraph((*shown, Span(f"  {labels_text(each.labels().items())}", Role.MUTED)))
    for ref in doubts:
        said = Span(f"{ref} may apply as well", Role.UNKNOWN, Link(ref))
        yield Paragraph((Span("? ", Role.UNKNOWN), said), indent=2)


def _row(evaluation: Evaluation, source: Pod, destination: Pod, protocol: str, port: int) -> Row:
    judged = connection(evaluation.policies, source, destination, protocol, port)
    return Row(
        (
            (Span(f"{protocol} {port}", Role.PORT),),
            (Span(judged.verdict.value, _ROLES[judged.verdict]),),
            _side(judged.egress),
            _side(judged.ingress),
        )
    )


def _side(side: Side) -> Cell:
    said = Span(f"{side.verdict.value}: ", _ROLES[side.verdict])
    if side.reason is Reason.CONFLICT:
        return (said, *rule_links(disagreeing(side)), Span(" disagree at the same priority"))
    if side.decided_by:
        return (said, *rule_links(side.decided_by))
    if side.reason is not Reason.ISOLATED:
        return (said, Span(side.reason.value))
    isolating: list[Span] = []
    for policy in side.selected_by:
        isolating += [
            Span(", " if isolating else "no rule matches of "),
            Span(policy.name, Role.NAME, Link(policy)),
        ]
    return (said, *isolating)


def _more(number: int) -> Iterator[Block]:
    if number > 0:
        yield Paragraph((Span(f"and {number:,} more ports", Role.MUTED),), indent=2)


def outside_document(outside: Outside, each: MatrixClass, direction: Direction) -> Document:
    """What a class may exchange with addresses outside the cluster's pods."""
    rows: Iterable[Row] = (
        Row(((Span(addresses_text(part.addresses)),), allowed_cell(part.allowed)))
        for part in outside[direction]
    )
    word = "to" if direction is Direction.EGRESS else "from"
    table = Table((Column(f"{word} addresses", 2), Column("ports", 1)), tuple(rows), indent=2)
    if table.rows:
        said = Span("Every address that is not named here is denied.")
    else:
        said = Span("Nothing is allowed.", Role.DENY)
    first = each.pods[0].ref
    return (
        Paragraph((said,)),
        *((table,) if table.rows else ()),
        Paragraph((Span("By the policies of ", Role.MUTED), Span(first.path, Role.NAME, Link(first)))),
    )
