"""A trace as JSON (the command-line contract). Keys are stable: other programs rely on them."""

from __future__ import annotations

from typing import Any

from policy_core.model import Ref, RuleRef
from policy_core.report.document import Link
from policy_core.report.hop import Hop, end_name
from policy_core.report.hops import hops
from policy_core.report.places import Places
from policy_core.trace import Trace
from policy_core.unread import may_apply_unseen, unread_kinds

__all__ = ["trace_json"]

Json = dict[str, Any]


def trace_json(trace: Trace, source: str, destination: str, places: Places) -> Json:
    """``source`` and ``destination`` as they were asked for."""
    judgement = trace.judgement
    return {
        "from": source,
        "to": destination,
        "port": judgement.port,
        "protocol": judgement.protocol,
        "verdict": judgement.verdict.value,
        "hops": [_hop(hop, places) for hop in hops(trace)],
        "unevaluated": [str(policy.ref) for policy in trace.unevaluated],
        "caveats": [*may_apply_unseen(unread_kinds(trace.unevaluated)), *trace.caveats],
    }


def _hop(hop: Hop, places: Places) -> Json:
    return {
        "kind": hop.kind.value,
        "verdict": hop.verdict.value,
        "doubtful": hop.doubtful,
        "subject": hop.subject,
        "decided_by": [str(ref) for ref in hop.decided_by],
        "where": [_where(ref, places) for ref in hop.decided_by],
        "note": hop.note,
        "ends": [end_name(end) for end in hop.ends],
    }


def _where(ref: RuleRef | Ref, places: Places) -> str | None:
    link = (
        Link(ref) if isinstance(ref, Ref) else Link(ref.policy, ("spec", ref.direction.value, ref.position))
    )
    return places(link) or None
