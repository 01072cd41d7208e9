"""Does the Service answer, and if not: for want of endpoints, or because of policy? In one sentence."""

from __future__ import annotations

from policy_core.details.service import ServiceDetail
from policy_core.report.document import Cell, Role, Span
from policy_core.report.words import count
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


def _say(sign: str, headline: str, rest: str) -> Cell:
    role = {"✓": Role.ALLOW, "✗": Role.DENY, "?": Role.UNKNOWN}.get(sign, Role.PLAIN)
    return (Span(f"{sign} {headline}: ", role), Span(f"{rest}."))


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
    match detail.verdict:
        case Verdict.DENY:
            return _say("✗", "Routed, but closed", f"{endpoints}, yet policy lets no other pod through")
        case Verdict.PARTIAL:
            return _say("?", "Routed, half open", f"{endpoints}; pods get through over one family only")
        case Verdict.UNKNOWN:
            return _say("?", "Routed, permission unknown", f"{endpoints}; that hangs on something not known")
    if any(backend.reachable_from for backend in detail.backends if backend.backend.ready):
        return _say("✓", "Answers", f"{endpoints}, and policy lets some pods through")
    if all(not backend.others for backend in detail.backends):
        return _say("✓", "Answers", f"{endpoints}, and policy lets connections in; no other pod is here")
    return _say("✓", "Answers", f"{endpoints}; no other pod gets through, yet addresses outside are let in")
