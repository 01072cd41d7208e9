"""What the lists say of an object in words: one wording for what is shown and for what a filter finds."""

from __future__ import annotations

from policy_core.model import NetworkPolicy, Pod, Service, TieredPolicy, UnevaluatedPolicy
from policy_core.openness import Openness

__all__ = ["openness", "pod_state", "selects", "service_ports", "service_type", "tier"]

_OPENNESS: dict[Openness, str] = {
    Openness.OPEN: "open",
    Openness.WIDE: "any",
    Openness.RESTRICTED: "rules",
    Openness.CLOSED: "closed",
    Openness.HOST: "host",
    Openness.FINISHED: "—",
    Openness.UNSEEN: "?",
}
"""The state of one direction; the help page explains the words."""


def openness(state: Openness, uncertain: bool) -> str:
    # With an object that is not evaluated in play, nothing is plainly so.
    return f"{_OPENNESS[state]}?" if uncertain and state is not Openness.UNSEEN else _OPENNESS[state]


def pod_state(pod: Pod) -> str:
    if pod.is_template:
        return pod.kind
    return pod.phase or "—" if pod.ready or pod.finished else "not ready"


def service_type(service: Service) -> str:
    return "headless" if service.headless else service.type


def service_ports(service: Service) -> str:
    shown = []
    for port in service.ports:
        target = "" if port.target == port.port else f"→{port.target}"
        shown.append(f"{port.port}{target}" + ("" if port.protocol == "TCP" else f"/{port.protocol}"))
    return " ".join(shown) or "—"


def tier(policy: NetworkPolicy | TieredPolicy | UnevaluatedPolicy) -> str:
    return policy.tier.value if isinstance(policy, TieredPolicy) else ""


def selects(policy: NetworkPolicy | TieredPolicy | UnevaluatedPolicy) -> str:
    """Which pods, as the policy has it."""
    if isinstance(policy, NetworkPolicy):
        return str(policy.pod_selector) or "every pod"
    if isinstance(policy, TieredPolicy):
        namespaces, pods = policy.subject.namespaces, policy.subject.pods
        if namespaces is not None and namespaces.invalid:
            return "not evaluated: it has errors"
        who = "every pod" if pods is None or pods.everything else str(pods)
        where = "every namespace" if namespaces is None or namespaces.everything else str(namespaces)
        return f"{who} in {where}"
    return f"{policy.kind}, not evaluated"
