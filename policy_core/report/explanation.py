"""Why a verdict is not the one that was expected: no more of its trace than speaks against that."""

from __future__ import annotations

from collections.abc import Iterator

from policy_core.checking import Outcome
from policy_core.evaluation import Evaluation
from policy_core.report.document import Block, Document, Paragraph, Rail, Role, Span
from policy_core.report.hops import Hop, ends_text, service_hop, sides
from policy_core.report.trace import hop_rails, verdict_cell
from policy_core.report.words import count, names
from policy_core.trace import TracedWay, traced_ways
from policy_core.verdict import Verdict

__all__ = ["explanation"]

_MOST_WAYS = 3
_INDENT = 4
_MARGIN = " " * _INDENT


def explanation(evaluation: Evaluation, outcome: Outcome) -> Document:
    """The verdict in a sentence, and the hops that decide, each with its policies and the nearest miss."""
    return tuple(_blocks(evaluation, outcome))


def _blocks(evaluation: Evaluation, outcome: Outcome) -> Iterator[Block]:
    judgement = outcome.judgement
    yield Paragraph(verdict_cell(judgement, doubtful=bool(outcome.unevaluated)), _INDENT)
    if judgement.translation is not None:
        yield from _rails(service_hop(judgement, judgement.translation))
    if judgement.translation is None or judgement.translation.obstacle is None:
        ways = [way for way in traced_ways(evaluation, judgement) if _speaks_against(way, outcome)]
        for way in ways[:_MOST_WAYS]:
            if len(judgement.ways) > 1:
                yield _heading(way)
            for hop in _deciding(way):
                yield from _rails(hop)
        if len(ways) > _MOST_WAYS:
            more = count(len(ways) - _MOST_WAYS, "more group")
            yield Paragraph((Span(f"and so it is with {more} of pods", Role.MUTED),), _INDENT)
    if outcome.unevaluated:
        which = names(str(policy.ref) for policy in outcome.unevaluated)
        yield Paragraph((Span("! ", Role.UNKNOWN), Span(f"not evaluated, and may apply: {which}")), _INDENT)


def _speaks_against(traced: TracedWay, outcome: Outcome) -> bool:
    """Nobody who expected some to get through, or not to know, expected anything of one of them."""
    expected = outcome.expectation.verdict
    return expected not in (Verdict.ALLOW, Verdict.DENY) or traced.way.verdict is not expected


def _deciding(traced: TracedWay) -> list[Hop]:
    """Of what is let through both sides; else those that keep it out, or that nobody knows of."""
    every = list(sides(traced))
    verdict = traced.way.verdict
    return (
        [hop for hop in every if hop.verdict is verdict]
        or [hop for hop in every if hop.verdict is not Verdict.ALLOW]
        or every
    )


def _heading(traced: TracedWay) -> Rail:
    way = traced.way
    to = f"{ends_text(way.destinations)} on {way.port}" if way.destinations else "no endpoint"
    lead = (Span(f"{_MARGIN}▶ ", Role.MUTED),)
    return Rail(lead, (Span(f"{ends_text(way.sources)} → {to}"),), (Span(f"{_MARGIN}  "),))


def _rails(hop: Hop) -> Iterator[Rail]:
    left = _MARGIN[1:]  # a blank follows it
    yield from hop_rails(hop, left, left, joint="")
