"""How much of each kind was read, as a page: all kinds, forbidden, not installed and empty told apart."""

from __future__ import annotations

from collections.abc import Iterator

from policy_core.coverage import Coverage, KindCoverage, KindState
from policy_core.details.coverage import banner, state_text
from policy_core.report.document import NOTHING, Block, Column, Document, Paragraph, Role, Row, Span, Table
from policy_core.report.words import names

__all__ = ["coverage_document"]

_ROLES = {
    KindState.COMPLETE: Role.ALLOW,
    KindState.PARTIAL: Role.UNKNOWN,
    KindState.FORBIDDEN: Role.UNKNOWN,
    KindState.ABSENT: Role.MUTED,
    KindState.FAILED: Role.DENY,
}
_MOST = 12
_COLUMNS = (
    Column("kind", 2),
    Column("resource", 3),
    Column("state"),
    Column("namespaces", 2),
    Column("message", 3),
)


def coverage_document(coverage: Coverage) -> Document:
    return tuple(_blocks(coverage))


def _blocks(coverage: Coverage) -> Iterator[Block]:
    if not coverage:
        yield Paragraph((Span("Manifests are read whole: what is not in them is not there."),))
        return
    said = banner(coverage)
    if said:
        yield Paragraph(
            (Span("! ", Role.UNKNOWN), Span(f"{said}. What hangs on these is unknown, not denied."))
        )
    else:
        yield Paragraph((Span("Everything that the cluster has of these kinds was read.", Role.ALLOW),))
    yield Table(_COLUMNS, tuple(map(_row, coverage.values())), indent=2)


def _row(kind: KindCoverage) -> Row:
    partial = kind.state is KindState.PARTIAL
    state = "in part" if partial else state_text(kind)
    return Row(
        (
            (Span(kind.kind, Role.NAME),),
            (Span(kind.resource, Role.MUTED),),
            (Span(state, _ROLES[kind.state]),),
            (Span(names(sorted(kind.namespaces), _MOST) if kind.namespaces else NOTHING),),
            (Span(kind.message or NOTHING, Role.MUTED),),
        )
    )
