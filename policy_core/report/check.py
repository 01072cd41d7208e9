"""What came of the expectations, for a person who reads the log: whatever differs, with its reasons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from policy_core.checking import Checked, Outcome
from policy_core.evaluation import Evaluation
from policy_core.model import Severity
from policy_core.report.document import Block, Document, Paragraph, Role, Span, unbroken
from policy_core.report.explanation import explanation
from policy_core.report.words import count, names

__all__ = ["asked", "check_document", "expected_and_found", "summary_text"]

_MOST_PLACES = 5


def check_document(checked: Checked, evaluation: Evaluation, verbose: bool = False) -> Document:
    """The summary comes last, where a log ends. ``verbose``: with those that hold."""
    return tuple(_blocks(checked, evaluation, verbose))


def asked(outcome: Outcome) -> str:
    """``shop/web → shop/db TCP 3306``, the ends as they are written."""
    entry = outcome.expectation
    return f"{entry.source} → {entry.destination} {unbroken(f'{entry.protocol} {entry.port}')}"


def expected_and_found(outcome: Outcome) -> str:
    return f"expected {outcome.expectation.verdict}, found {outcome.verdict}"


def summary_text(checked: Checked) -> str:
    """``37 expectations: 35 hold, 2 differ``."""
    total, differing, errors = len(checked.outcomes), len(checked.differing), len(checked.errors)
    holding = total - differing
    parts = [] if total else ["nothing to check"]
    if holding:
        parts.append(f"{holding:,} {'holds' if holding == 1 else 'hold'}")
    if differing:
        parts.append(f"{differing:,} {'differs' if differing == 1 else 'differ'}")
    if errors:
        parts.append(f"{count(errors, 'error')} in what is expected")
    return f"{count(total, 'expectation')}: {', '.join(parts)}"


def _blocks(checked: Checked, evaluation: Evaluation, verbose: bool) -> Iterator[Block]:
    for outcome in checked.outcomes:
        where = Span(f"{outcome.expectation.where}: ", Role.MUTED)
        if not outcome.ok:
            found = Span(expected_and_found(outcome), Role.DENY)
            yield Paragraph((Span("✗ ", Role.DENY), where, Span(f"{asked(outcome)}: "), found))
            yield from explanation(evaluation, outcome)
            yield Paragraph(())
        elif verbose:
            sign, role = ("? ", Role.UNKNOWN) if outcome.unevaluated else ("✓ ", Role.ALLOW)
            found = Span(outcome.verdict.value, role)
            yield Paragraph((Span(sign, role), where, Span(f"{asked(outcome)}: "), found))
    yield from _doubtful(checked)
    errors = sum(problem.severity is Severity.ERROR for problem in evaluation.snapshot.problems)
    if errors:
        hidden = (
            f"{count(errors, 'error')} in the manifests: what could not be read there is judged by no rule"
        )
        yield Paragraph((Span("! ", Role.UNKNOWN), Span(hidden)))
    role = Role.DENY if checked.differing or checked.errors else Role.ALLOW
    yield Paragraph((Span(summary_text(checked), role),))


def _doubtful(checked: Checked) -> Iterator[Block]:
    """Those that hold, but by what is evaluated alone; together where the same objects may apply to them."""
    alike: dict[str, list[str]] = defaultdict(list)
    for outcome in checked.outcomes:
        if outcome.ok and outcome.unevaluated:
            which = names(str(policy.ref) for policy in outcome.unevaluated)
            alike[which].append(outcome.expectation.where)
    for which, places in alike.items():
        hold = f"{count(len(places), 'expectation')} {'holds' if len(places) == 1 else 'hold'}"
        said = f"{hold} by what is evaluated only; {which} may apply as well: {names(places, _MOST_PLACES)}"
        yield Paragraph((Span("! ", Role.UNKNOWN), Span(said)))
