"""One side of a connection: what policy says in one direction, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from policy_core.model import Action, Ref, RuleRef, Tier

__all__ = ["UNSEEN", "Reason", "Side", "Step", "Verdict", "over_families", "over_several"]


class Verdict(StrEnum):
    ALLOW = "allow"
    DENY = "deny"
    PARTIAL = "partial"
    """The address families differ, or the endpoints of a Service, or the pods of a workload."""
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a side says what it says."""

    OPEN = "no policy selects the pod for this direction"
    DEFAULT = "no policy decides"
    TIER = "a rule of a tier decides"
    CONFLICT = "policies of the same tier and priority disagree, and which of them is applied is not defined"
    RULE = "a rule matches"
    ISOLATED = "isolated, and no rule matches"
    POSSIBLE = "whether a rule matches hangs on something unknown"
    ITSELF = "a pod reaching itself is outside policy"
    OUTSIDE = "the far end is outside the cluster's policy"
    HOST_NETWORK = "policy does not isolate a hostNetwork pod"
    OWN_NODE = "traffic from the pod's own node is always let in"
    MAYBE_OWN_NODE = "let in only from the pod's own node, and which node that is is not known"
    NO_COMMON_FAMILY = "the two ends have no address family in common"
    FAMILIES = "the address families differ"
    MASKED = "whether a rule matches hangs on an address that is not known here"
    UNREAD = "the pod was not read"
    UNSEEN = "the NetworkPolicies of its namespace could not be read"
    ELSEWHERE = "where its name leads is not known here"
    NOT_LOCAL = "only endpoints of the pod's own node are used, and there is none"


class Step(NamedTuple):
    """What one tier does with a connection: every outcome that is possible, with the rules that have it, of
    which there is one unless something is not known. None: no rule matches, so it goes on to the next tier.
    That a NetworkPolicy isolates the pod and has no rule is a Deny without a rule."""

    tier: Tier
    outcomes: tuple[tuple[Action | None, tuple[RuleRef, ...]], ...]
    priorities: tuple[int, ...] = ()
    """Those of the policies whose rules these are, ascending."""

    @property
    def goes_on(self) -> bool:
        return any(action in (None, Action.PASS) for action, _ in self.outcomes)


@dataclass(frozen=True, slots=True)
class Side:
    """One direction's own verdict.

    ``decided_by`` names the rules that decide (or might): that let the connection through, or that deny it;
    ``selected_by`` the NetworkPolicies that isolate the pod in this direction, where these were asked.
    ``walk`` is the way through the tiers, where some tiered policy is for the pod.
    """

    verdict: Verdict
    reason: Reason
    decided_by: tuple[RuleRef, ...] = ()
    selected_by: tuple[Ref, ...] = ()
    walk: tuple[Step, ...] = ()


UNSEEN = Side(Verdict.UNKNOWN, Reason.UNSEEN)
"""Of a pod whose policies could not be read."""


def over_families(verdicts: Iterable[Verdict], certain: bool = True) -> Verdict:
    """One verdict for several address families: unknown wins, and families that differ are ``partial``, or
    unknown where it is not certain that the ends share all of these families."""
    found = set(verdicts)
    if Verdict.UNKNOWN in found:
        return Verdict.UNKNOWN
    if len(found) == 1:
        return found.pop()
    return Verdict.PARTIAL if certain else Verdict.UNKNOWN


def over_several(verdicts: Iterable[Verdict]) -> Verdict:
    """One verdict for several endpoints or pods: ``partial`` where it is certain that some get through and
    some do not; unknown where it hangs on one of them. Deny where there are none."""
    found = set(verdicts)
    if Verdict.PARTIAL in found or {Verdict.ALLOW, Verdict.DENY} <= found:
        return Verdict.PARTIAL
    if Verdict.UNKNOWN in found:
        return Verdict.UNKNOWN
    return Verdict.ALLOW if found == {Verdict.ALLOW} else Verdict.DENY
