"""Why nobody gets through to a Service that has ready endpoints: the one cause, where there is one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from policy_core.effective import EffectiveRule, effective
from policy_core.evaluation import Evaluation
from policy_core.index import bits
from policy_core.model import Direction, Pod, Ref, RuleRef, Service
from policy_core.routing import Backend
from policy_core.verdict import Reason, Verdict, connection

__all__ = ["Cause", "Closure", "closure", "opens"]


class Cause(Enum):
    NO_RULE = auto()
    """No rule opens the port that arrives to anyone."""
    OTHER_PORT = auto()
    """So, too; but one rule opens the Service's own port, which never arrives: an easy slip."""
    NOBODY = auto()
    """One rule opens the port that arrives, and matches no other pod."""
    TIER = auto()
    """The rules of one tiered policy deny every other pod: ``rule`` is the first of them."""
    EGRESS = auto()
    """Other pods are let in, and the egress of each of them is closed."""


@dataclass(frozen=True, slots=True)
class Closure:
    """``port`` is what arrives, as ``TCP 8080``; ``rule`` the rule that the cause speaks of, and ``opens``
    the port that it opens."""

    cause: Cause
    port: str
    rule: RuleRef | None = None
    opens: str = ""


def closure(evaluation: Evaluation, service: Service, backends: Iterable[Backend]) -> Closure | None:
    """The cause that holds for every ready endpoint of a Service to which no pod gets through; None where
    there are several, or where it is none of those that have a name."""
    ready = [backend for backend in backends if backend.ready]
    arriving = {(t.port.protocol, t.number) for backend in ready for t in backend.targets if t.number}
    if len(arriving) != 1:
        return None
    [(protocol, number)] = arriving
    # What holds for a pod holds for all of its class.
    pods = {evaluation.index.class_of[b.pod.ref]: b.pod for b in ready if b.pod}
    causes = {_of_pod(evaluation, service, pod, protocol, number) for pod in pods.values()}
    return causes.pop() if len(causes) == 1 else None


def _of_pod(evaluation: Evaluation, service: Service, pod: Pod, protocol: str, number: int) -> Closure | None:
    port = f"{protocol} {number}"
    if evaluation.policies.tiers.concerning(evaluation.index, pod, Direction.INGRESS):
        return _of_tiers(evaluation, pod, protocol, number)
    rules = effective(evaluation.policies, pod, Direction.INGRESS).rules
    opening = [rule for rule in rules if opens(rule, protocol, number)]
    if not opening:
        slips = {
            source: f"{own.protocol} {own.port}"
            for own in service.ports
            for rule in rules
            if opens(rule, own.protocol, own.port)
            for source in rule.sources
        }
        if len(slips) == 1:
            [(rule, opened)] = slips.items()
            return Closure(Cause.OTHER_PORT, port, rule, opened)
        return Closure(Cause.NO_RULE, port)
    peers = [peer for rule in opening for peer in rule.peers]
    if not any(peer.pods or peer.possible for peer in peers):
        sources = [source for rule in opening for source in rule.sources]
        return Closure(Cause.NOBODY, port, sources[0], port) if len(sources) == 1 else None
    let_in = {evaluation.index.class_of[other.ref]: other for peer in peers for other in peer.pods}
    kept = (
        connection(evaluation.policies, other, pod, protocol, number).egress.reason is Reason.ISOLATED
        for other in let_in.values()
    )
    return Closure(Cause.EGRESS, port) if let_in and all(kept) else None


def _of_tiers(evaluation: Evaluation, pod: Pod, protocol: str, number: int) -> Closure | None:
    index, policies = evaluation.index, evaluation.policies
    denying: dict[Ref, RuleRef] = {}
    for class_number in bits(index.present):
        others = index.members(class_number)
        other = next((each for each in others if each.ref != pod.ref or each.several), None)
        if other is None or other.host_network:
            continue
        side = connection(policies, other, pod, protocol, number).ingress
        if side.verdict is not Verdict.DENY or side.reason is not Reason.TIER or side.selected_by:
            return None
        denying.update((ref.policy, ref) for ref in reversed(side.decided_by))
        if len(denying) > 1:
            return None
    return Closure(Cause.TIER, f"{protocol} {number}", next(iter(denying.values()))) if denying else None


def opens(rule: EffectiveRule, protocol: str, number: int) -> bool:
    """Whether an ingress rule, as it is shown for a pod, opens a port of it to anyone."""
    by_name = any(
        name.protocol == protocol and resolved == number
        for name in rule.named
        for resolved, _ in name.numbers
    )
    return bool(rule.peers) and (by_name or rule.ports.contains(protocol, number))
