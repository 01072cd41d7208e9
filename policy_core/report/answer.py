"""Does the Service answer, and if not: for want of endpoints, or because of policy? In one sentence."""

from __future__ import annotations

from policy_core.details.closure import Cause, Closure
from policy_core.details.service import ServiceDetail
from policy_core.report.document import Cell, Role, Span, unbroken
from policy_core.report.words import count, rule_links
from policy_core.verdict import Verdict

__all__ = ["answer"]


def answer(detail: ServiceDetail) -> Cell:
    service = detail.service
    if service.type == "ExternalName":
        return _say("→", f"A DNS name for {service.external_name}", "nothing is routed by it")
    reason = _without_endpoint(detail)
    if reason:
        return _say("✗", "Does not answer", reason)
    ready = [backend for backend in detail.backends if backend.backend.ready]
    endpoints = f"{len(ready)} of {count(len(detail.backends), 'endpoint')} ready"
    if not any(backend.backend.pod for backend in ready):
        return _say("✓", "Routed outside the known pods", f"{endpoints}; each source's egress decides")
    if service.headless and not service.ports:
        return _say("?", "Routed, permission unknown", f"{endpoints}; clients choose the port themselves")
    return _permission(detail, endpoints)


def _say(sign: str, headline: str, rest: str, subject: Cell = ()) -> Cell:
    """``subject`` goes before the ``rest``: what has a link."""
    role = {"✓": Role.ALLOW, "✗": Role.DENY, "?": Role.UNKNOWN}.get(sign, Role.PLAIN)
    return (Span(f"{sign} {headline}: ", role), *subject, Span(f"{rest}."))


def _without_endpoint(detail: ServiceDetail) -> str:
    """Why no endpoint can take a connection; empty where one can."""
    if not detail.backends:
        if detail.by_slices:
            return "it has no endpoint, since its EndpointSlices list none"
        if detail.service.selector:
            return "it has no endpoint, since its selector matches no pod"
        return "it has no endpoint, since it has no selector and no EndpointSlice"
    ready = [backend for backend in detail.backends if backend.backend.ready]
    if not ready:
        pods = [backend.backend.pod for backend in detail.backends]
        if all(pod is not None and pod.replicas == 0 for pod in pods):
            return "what it selects is scaled to 0"
        return (
            f"none of its {count(len(pods), 'endpoint')} is ready"
            if len(pods) > 1
            else "its endpoint is not ready"
        )
    targets = [target.target for backend in ready for target in backend.targets]
    if targets and all(target.number is None for target in targets):
        named = sorted({str(target.port.target) for target in targets})
        return f"no ready endpoint has a port named {' or '.join(named)}"
    return ""


def _permission(detail: ServiceDetail, endpoints: str) -> Cell:
    ready = [backend for backend in detail.backends if backend.backend.ready]
    if detail.verdict is Verdict.DENY and not all(backend.backend.pod for backend in ready):
        others = "for the other endpoints each source's egress decides"
        return _say("?", "Routed, half open", f"{endpoints}; policy closes its pods, {others}")
    match detail.verdict:
        case Verdict.DENY:
            return _say("✗", "Routed, but closed", *_closed(detail, endpoints))
        case Verdict.PARTIAL:
            return _say("?", "Routed, half open", f"{endpoints}; pods get through over one family only")
        case Verdict.UNKNOWN:
            return _say("?", "Routed, permission unknown", f"{endpoints}; that hangs on something not known")
    if any(backend.reachable_from for backend in ready):
        return _say("✓", "Answers", f"{endpoints}, and policy lets some pods through")
    if all(not backend.others for backend in detail.backends):
        return _say("✓", "Answers", f"{endpoints}, and policy lets connections in; no other pod is here")
    return _say("✓", "Answers", f"{endpoints}; no other pod gets through, yet addresses outside are let in")


def _closed(detail: ServiceDetail, endpoints: str) -> tuple[str, Cell]:
    """Why nobody gets through, and the rule that it is about, if any."""
    found = detail.closure
    rule = rule_links([found.rule]) if found and found.rule else ()
    port, opens = (unbroken(found.port), unbroken(found.opens)) if found else ("", "")
    match found:
        case Closure(Cause.NO_RULE):
            return f"no rule lets anyone in on {port} ({endpoints})", ()
        case Closure(Cause.OTHER_PORT):
            return f" opens {opens}, but {port} arrives", rule
        case Closure(Cause.NOBODY):
            return f" opens {port}, but to no other pod here ({endpoints})", rule
        case Closure(Cause.EGRESS):
            kept = "but their own egress lets none of them out to it"
            return f"pods are let in on {port}, {kept} ({endpoints})", ()
    return f"policy lets no other pod through ({endpoints})", ()
