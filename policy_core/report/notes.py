"""Notes below a table of where Services lead, for the pages of pods and of Services."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from policy_core.model import Ref, Service
from policy_core.report.document import Block, Link, Paragraph, Role, Span
from policy_core.routing import Target

__all__ = ["doubt_note", "headless_note", "note"]

_MOST = 3
"""Objects that are named."""


def note(text: str) -> Paragraph:
    return Paragraph((Span("· "), Span(text, Role.MUTED)), indent=2)


def headless_note(targets: Iterable[tuple[Service, Target]]) -> Iterator[Block]:
    """Worth saying where it makes a difference."""
    ports = {
        t.port.port for service, t in targets if service.headless and t.number not in (None, t.port.port)
    }
    if ports:
        dialled = ", ".join(map(str, sorted(ports)))
        yield note(
            f"Headless: no port is translated. Who dials {dialled} arrives at {dialled}; "
            "the target is what DNS SRV records say."
        )


def doubt_note(objects: Collection[Ref]) -> Iterator[Block]:
    """What the counts marked with ``?`` leave out of account."""
    if not objects:
        return
    spans = [Span("? ", Role.UNKNOWN)]
    for position, ref in enumerate(sorted(objects)[:_MOST]):
        spans.append(Span(", " if position else ""))
        spans.append(Span(str(ref), Role.NAME, Link(ref)))
    more = f" and {len(objects) - _MOST:,} more" if len(objects) > _MOST else ""
    spans.append(Span(f"{more} may also decide who gets through: not (or not wholly) evaluated."))
    yield Paragraph(tuple(spans), indent=2)
