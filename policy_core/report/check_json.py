"""What came of the expectations as JSON (the command-line contract). Keys are stable: other programs rely on
them."""

from __future__ import annotations

from typing import Any

from policy_core.checking import Checked, Outcome
from policy_core.model import Direction, Severity
from policy_core.report.document import NO_BREAK
from policy_core.report.trace import verdict_cell
from policy_core.snapshot import Snapshot

__all__ = ["check_json"]

Json = dict[str, Any]


def check_json(checked: Checked, snapshot: Snapshot) -> Json:
    failed = len(checked.differing)
    return {
        "results": [_result(outcome) for outcome in checked.outcomes],
        "passed": len(checked.outcomes) - failed,
        "failed": failed,
        "errors": len(checked.errors),
        "errors_in_manifests": sum(problem.severity is Severity.ERROR for problem in snapshot.problems),
    }


def _result(outcome: Outcome) -> Json:
    entry, judgement = outcome.expectation, outcome.judgement
    said = "".join(span.text for span in verdict_cell(judgement, doubtful=bool(outcome.unevaluated)))
    return {
        "from": entry.source,
        "to": entry.destination,
        "port": entry.port,
        "protocol": entry.protocol,
        "expect": entry.verdict.value,
        "verdict": outcome.verdict.value,
        "ok": outcome.ok,
        "egress": judgement.side(Direction.EGRESS).value,
        "ingress": judgement.side(Direction.INGRESS).value,
        "decided_by": [str(ref) for ref in judgement.decided_by],
        "where": entry.where,
        "note": said.lstrip("✓✗◐? ").replace(NO_BREAK, " "),  # the signs are for the eye
        "unevaluated": [str(policy.ref) for policy in outcome.unevaluated],
    }
