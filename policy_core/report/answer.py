"""Does the Service answer, and if not: for want of endpoints, or because of policy? In one sentence."""

from __future__ import annotations

from policy_core.details.closure import Cause, Closure
from policy_core.details.service import ServiceDetail
from policy_core.details.standing import Standing
from policy_core.report.document import Cell, Role, Span, unbroken
from policy_core.report.words import count, rule_links
from policy_core.routing import service_families

__all__ = ["answer"]


_WITHOUT_POLICY = (
    Standing.DNS_NAME,
    Standing.NO_ENDPOINT,
    Standing.NOT_READY,
    Standing.NO_PORT,
    Standing.NO_PODS,
)
"""How policy stands is no part of these."""


def answer(detail: ServiceDetail) -> Cell:
    said = _answer(detail)
    if not detail.unevaluated or detail.standing in _WITHOUT_POLICY:
        return said
    sign, _, headline = said[0].text.partition(" ")
    if sign == "?":
        return said
    # Objects that are not evaluated may apply to its pods: nothing is plainly so.
    return (Span(f"? {headline.rstrip(': ')} by what is evaluated: ", Role.UNKNOWN), *said[1:])


def _answer(detail: ServiceDetail) -> Cell:
    endpoints = f"{detail.ready} of {count(len(detail.backends), 'endpoint')} ready"
    match detail.standing:
        case Standing.DNS_NAME:
            return _say("→", f"A DNS name for {detail.service.external_name}", "nothing is routed by it")
        case Standing.NO_ENDPOINT:
            return _say("✗", "Does not answer", f"it has no endpoint, since {_no_endpoint(detail)}")
        case Standing.NOT_READY:
            return _say("✗", "Does not answer", _not_ready(detail))
        case Standing.DRAINING:
            used = "no endpoint is ready; those that are shutting down are used while they still serve"
            return _say("?", "Answers for now", used)
        case Standing.NO_PORT:
            return _say("✗", "Does not answer", _no_port(detail))
        case Standing.NO_PODS:
            return _say("✓", "Routed outside the known pods", f"{endpoints}; each source's egress decides")
        case Standing.CLOSED:
            return _say("✗", "Routed, but closed", *_closed(detail, endpoints))
        case Standing.HALF:
            others = "policy closes its pods, for the other endpoints each source's egress decides"
            return _say("?", "Routed, half open", f"{endpoints}; {others}")
        case Standing.PARTIAL:
            over = f"pods get through over {_family(detail)} only"
            return _say("?", "Routed, half open", f"{endpoints}; {over}")
        case Standing.UNLED:
            outside = "addresses outside are let in, though nothing leads them here directly"
            return _say("?", "Routed, half open", f"{endpoints}; no other pod gets through, yet {outside}")
        case Standing.HIDDEN:
            outside = "some addresses outside are let in, if clients arrive with their own"
            return _say("?", "Routed, half open", f"{endpoints}; no other pod gets through, yet {outside}")
        case Standing.ANSWERS:
            return _say("✓", "Answers", f"{endpoints}, and policy lets some pods through")
        case Standing.ALONE:
            here = "policy lets connections in; no other pod is here"
            return _say("✓", "Answers", f"{endpoints}, and {here}")
        case Standing.OUTSIDERS:
            outside = "no other pod gets through, yet addresses outside are let in"
            return _say("✓", "Answers", f"{endpoints}; {outside}")
    return _say("?", "Routed, permission unknown", f"{endpoints}; {_UNKNOWN[detail.standing]}")


_UNKNOWN = {
    Standing.UNKNOWN: "that hangs on something not known",
    Standing.UNSEEN: "it may have endpoints that could not be read",
    Standing.UNSEEN_PODS: "no pod that was read gets through, but some could not be read",
    Standing.DOUBTFUL: "that hangs on objects that are not evaluated",
    Standing.UNREAD: "what policy does to its pods is not known, since they were not read",
    Standing.ANY_PORT: "clients choose the port themselves",
    Standing.OTHER_PORTS: (
        "no pod gets through to the target port, but clients of a headless Service choose the port themselves"
    ),
}


def _say(sign: str, headline: str, rest: str, subject: Cell = ()) -> Cell:
    """``subject`` goes before the ``rest``: what has a link."""
    role = {"✓": Role.ALLOW, "✗": Role.DENY, "?": Role.UNKNOWN}.get(sign, Role.PLAIN)
    return (Span(f"{sign} {headline}: ", role), *subject, Span(f"{rest}."))


def _no_endpoint(detail: ServiceDetail) -> str:
    if detail.by_slices:
        return "its EndpointSlices list no address"
    if detail.selected:
        families = " or ".join(f"IPv{family}" for family in sorted(service_families(detail.service)))
        return f"no pod that it selects has an {families} address"
    if detail.service.selector:
        return "its selector matches no pod"
    return "it has no selector and no EndpointSlice"


def _not_ready(detail: ServiceDetail) -> str:
    pods = [backend.backend.pod for backend in detail.backends]
    if all(pod is not None and pod.replicas == 0 for pod in pods):
        return "what it selects is scaled to 0"
    if len(pods) > 1:
        return f"none of its {count(len(pods), 'endpoint')} is ready"
    return "its endpoint is not ready"


def _no_port(detail: ServiceDetail) -> str:
    ready = [backend for backend in detail.backends if backend.backend.ready]
    named = sorted({str(target.target.port.target) for backend in ready for target in backend.targets})
    if named:
        return f"no ready endpoint has a port named {' or '.join(named)}"
    return "no port of the Service leads to its endpoints"


def _family(detail: ServiceDetail) -> str:
    counts = [t.through for backend in detail.backends for t in backend.targets if t.through]
    families = (any(c.ipv4_only for c in counts), any(c.ipv6_only for c in counts))
    return {(True, False): "IPv4", (False, True): "IPv6"}.get(families, "one address family")


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
        case Closure(Cause.TIER):
            return f" denies every other pod on {port} ({endpoints})", rule
        case Closure(Cause.EGRESS):
            kept = "but their own egress lets none of them out to it"
            return f"pods are let in on {port}, {kept} ({endpoints})", ()
    return f"policy lets no other pod through ({endpoints})", ()
