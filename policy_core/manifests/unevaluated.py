"""Policies that are recognised but not evaluated: only which pods they may select is read, and in which
directions they may have a say.

Whatever is not understood counts as selecting everything in its scope.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from policy_core.conditions import Unclear
from policy_core.kinds import ISTIO_ROOT
from policy_core.manifests.fields import Fields
from policy_core.manifests.metadata import Meta
from policy_core.manifests.selections import listed_types, ruled_directions, unevaluated
from policy_core.manifests.selectors import read_selector
from policy_core.model import Direction, ObjectOfInterest, Selection, UnevaluatedPolicy

__all__ = [
    "in_unknown_version",
    "read_egress_firewall",
    "read_istio",
    "read_network_policy",
    "read_security_groups",
    "read_subject",
]

_Reader = Callable[[Fields, Meta], list[UnevaluatedPolicy]]
_INGRESS, _EGRESS = frozenset({Direction.INGRESS}), frozenset({Direction.EGRESS})


def in_unknown_version(read: Callable[[Fields, Meta], Sequence[ObjectOfInterest]]) -> _Reader:
    """``read`` for a version of the kind that is not known here: a selector that is not where it was may be
    somewhere else, so without one the object counts as unreadable; and so may rules be."""

    def read_with_doubt(obj: Fields, meta: Meta) -> list[UnevaluatedPolicy]:
        return [_doubted(policy) for policy in read(obj, meta) if isinstance(policy, UnevaluatedPolicy)]

    return read_with_doubt


def _doubted(policy: UnevaluatedPolicy) -> UnevaluatedPolicy:
    conditions = [each.condition for each in policy.selections]
    restricted = policy.namespaces is not None or policy.pods is not None or (conditions and all(conditions))
    if not policy.readable or not restricted:
        return replace(policy, readable=False, selections=(Selection(),))
    return replace(policy, selections=tuple(Selection(condition) for condition in conditions))


def read_subject(obj: Fields, meta: Meta) -> list[UnevaluatedPolicy]:
    """The ClusterNetworkPolicy of EKS, and the kinds of policy.networking.k8s.io in versions that are not
    known: one that has rules for a direction only has no say in the other."""
    spec = obj.mapping("spec")
    subject = spec.mapping("subject")
    selections = [Selection(directions=ruled_directions(spec))]
    if "namespaces" in subject:
        return unevaluated(obj, meta, read_selector(subject, "namespaces"), selections=selections)
    if "pods" in subject:
        pods = subject.mapping("pods")
        return unevaluated(
            obj,
            meta,
            read_selector(pods, "namespaceSelector"),
            read_selector(pods, "podSelector"),
            selections=selections,
        )
    return unevaluated(obj, meta, readable=False)


def read_network_policy(obj: Fields, meta: Meta) -> list[UnevaluatedPolicy]:
    """ApplicationNetworkPolicy, and NetworkPolicies that cannot be evaluated: with ``policyTypes`` as a
    NetworkPolicy has them."""
    spec = obj.mapping("spec")
    directions = listed_types(spec, "policyTypes")
    if not directions:
        told = spec.raw("policyTypes") not in (None, [])
        directions = frozenset(Direction) if told else _INGRESS | (ruled_directions(spec) & _EGRESS)
    selections = [Selection(directions=directions)]
    return unevaluated(obj, meta, pods=read_selector(spec, "podSelector"), selections=selections)


def read_security_groups(obj: Fields, meta: Meta) -> list[UnevaluatedPolicy]:
    """SecurityGroupPolicy: it needs one selector, and pods must meet both where it has both."""
    spec = obj.mapping("spec")
    by_account = "serviceAccountSelector" in spec
    if not by_account and "podSelector" not in spec:
        return unevaluated(obj, meta, selections=())
    selections = [Selection(Unclear("serviceAccountSelector") if by_account else None)]
    return unevaluated(obj, meta, pods=read_selector(spec, "podSelector"), selections=selections)


def read_istio(obj: Fields, meta: Meta) -> list[UnevaluatedPolicy]:
    """AuthorizationPolicy, which decides what comes in. In Istio's root namespace it applies to every
    namespace; then the namespace moves into the name, so that nothing takes it for the scope."""
    if meta.namespace == ISTIO_ROOT:
        meta = Meta("", f"{ISTIO_ROOT}/{meta.name}", meta.labels, meta.owner, meta.origin)
    spec = obj.mapping("spec")
    # AUDIT decides nothing.
    selections = [Selection(directions=_INGRESS)] if spec.raw("action") != "AUDIT" else []
    if "targetRef" in spec or "targetRefs" in spec:
        return unevaluated(obj, meta, readable=False, selections=selections)
    return unevaluated(obj, meta, pods=read_selector(spec, "selector"), selections=selections)


def read_egress_firewall(obj: Fields, meta: Meta) -> list[UnevaluatedPolicy]:
    """EgressFirewall and EgressNetworkPolicy of OpenShift: every pod of the namespace, towards addresses
    outside the cluster."""
    return unevaluated(obj, meta, selections=[Selection(directions=_EGRESS)], outside_only=True)
