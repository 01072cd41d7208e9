"""Policies that are recognised but not evaluated: only which pods they may select is read.

Whatever is not understood makes an object unreadable, and that counts as selecting everything in its scope.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from policy_core.labels import LabelSelector, Operator, Requirement
from policy_core.manifests.calico import parse_selector
from policy_core.manifests.fields import Fields
from policy_core.manifests.metadata import Meta
from policy_core.manifests.selectors import read_selector
from policy_core.model import NAME_LABEL, ObjectOfInterest, UnevaluatedPolicy

__all__ = [
    "in_unknown_version",
    "read_calico",
    "read_cilium",
    "read_istio",
    "read_pod_selector",
    "read_subject",
]

_Reader = Callable[[Fields, Meta], list[UnevaluatedPolicy]]
_CILIUM_NAMESPACE = "io.kubernetes.pod.namespace"
_CILIUM_NAMESPACE_LABELS = "io.cilium.k8s.namespace.labels."
_CALICO_NAMESPACE = "projectcalico.org/namespace"
_CALICO_NAMESPACE_NAME = "projectcalico.org/name"
_ISTIO_ROOT = "istio-system"


def _policy(
    obj: Fields,
    meta: Meta,
    namespaces: LabelSelector | None = None,
    pods: LabelSelector | None = None,
    readable: bool = True,
) -> list[UnevaluatedPolicy]:
    if any(selector is not None and selector.invalid for selector in (namespaces, pods)):
        namespaces, pods, readable = None, None, False
    group = obj.text("apiVersion").rpartition("/")[0]
    return [
        UnevaluatedPolicy(
            group, obj.text("kind"), meta.namespace, meta.name, namespaces, pods, readable, meta.origin
        )
    ]


def in_unknown_version(read: Callable[[Fields, Meta], Sequence[ObjectOfInterest]]) -> _Reader:
    """``read`` for a version of the kind that is not known here: a selector that is not where it was may be
    somewhere else, so without one the object counts as unreadable."""

    def read_with_doubt(obj: Fields, meta: Meta) -> list[UnevaluatedPolicy]:
        return [
            replace(policy, readable=policy.readable and not (policy.namespaces is policy.pods is None))
            for policy in read(obj, meta)
            if isinstance(policy, UnevaluatedPolicy)
        ]

    return read_with_doubt


def read_subject(obj: Fields, meta: Meta) -> list[UnevaluatedPolicy]:
    """AdminNetworkPolicy, BaselineAdminNetworkPolicy and both ClusterNetworkPolicies."""
    subject = obj.mapping("spec").mapping("subject")
    if "namespaces" in subject:
        return _policy(obj, meta, read_selector(subject, "namespaces"))
    if "pods" in subject:
        pods = subject.mapping("pods")
        return _policy(
            obj, meta, read_selector(pods, "namespaceSelector"), read_selector(pods, "podSelector")
        )
    return _policy(obj, meta, readable=False)


def read_pod_selector(obj: Fields, meta: Meta) -> list[UnevaluatedPolicy]:
    """SecurityGroupPolicy and ApplicationNetworkPolicy: a plain ``podSelector``."""
    spec = obj.mapping("spec")
    if "serviceAccountSelector" in spec:
        return _policy(obj, meta, readable=False)
    return _policy(obj, meta, pods=read_selector(spec, "podSelector"))


def read_istio(obj: Fields, meta: Meta) -> list[UnevaluatedPolicy]:
    """AuthorizationPolicy. In Istio's root namespace it applies to every namespace; then the namespace
    moves into the name, so that nothing takes it for the scope."""
    if meta.namespace == _ISTIO_ROOT:
        meta = Meta("", f"{_ISTIO_ROOT}/{meta.name}", meta.labels, meta.owner, meta.origin)
    spec = obj.mapping("spec")
    if "targetRef" in spec or "targetRefs" in spec:
        return _policy(obj, meta, readable=False)
    return _policy(obj, meta, pods=read_selector(spec, "selector"))


def read_cilium(obj: Fields, meta: Meta) -> list[UnevaluatedPolicy]:
    """CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy with one ``spec``."""
    spec = obj.mapping("spec")
    if "specs" in obj or "nodeSelector" in spec:
        return _policy(obj, meta, readable=False)
    selector = read_selector(spec, "endpointSelector", plain_keys=False)
    if selector is None or selector.invalid:
        return _policy(obj, meta, readable=selector is not None)
    split = _split(selector, _cilium_key)
    return _policy(obj, meta, readable=False) if split is None else _policy(obj, meta, *split)


def _cilium_key(key: str) -> tuple[bool, str] | None:
    source, colon, name = key.partition(":")
    if colon and source not in ("k8s", "any"):
        return None
    name = name if colon else key
    if name == _CILIUM_NAMESPACE:
        return True, NAME_LABEL
    if name.startswith(_CILIUM_NAMESPACE_LABELS):
        return True, name.removeprefix(_CILIUM_NAMESPACE_LABELS)
    return None if name.startswith(("io.cilium.", "io.kubernetes.")) else (False, name)


def read_calico(obj: Fields, meta: Meta) -> list[UnevaluatedPolicy]:
    """Calico's NetworkPolicy and GlobalNetworkPolicy."""
    spec = obj.mapping("spec")
    selector, outer = parse_selector(spec.text("selector")), parse_selector(spec.text("namespaceSelector"))
    by_account = "serviceAccountSelector" in spec
    if selector is None or outer is None or by_account:
        return _policy(obj, meta, readable=False)
    pods, namespaces = _split(selector, _calico_key), _split(outer, _calico_namespace_key)
    if pods is None or namespaces is None:
        return _policy(obj, meta, readable=False)
    both = (*_expressions(pods[0]), *_expressions(namespaces[0]))
    return _policy(obj, meta, LabelSelector((), both) if both else None, pods[1])


def _calico_key(key: str) -> tuple[bool, str] | None:
    if key == _CALICO_NAMESPACE:
        return True, NAME_LABEL
    if key.startswith("pcns."):
        return True, key.removeprefix("pcns.")
    return None if key.startswith(("projectcalico.org/", "pcsa.")) else (False, key)


def _calico_namespace_key(key: str) -> tuple[bool, str] | None:
    if key == _CALICO_NAMESPACE_NAME:
        return True, NAME_LABEL
    return None if key.startswith("projectcalico.org/") else (True, key)


def _expressions(selector: LabelSelector | None) -> tuple[Requirement, ...]:
    return () if selector is None else selector.match_expressions


def _split(
    selector: LabelSelector, place: Callable[[str], tuple[bool, str] | None]
) -> tuple[LabelSelector | None, LabelSelector | None] | None:
    """(namespaces, pods). ``place`` tells whether a key speaks of the namespace, and its name there; where
    it knows a key not at all, neither can be said."""
    namespaces: list[Requirement] = []
    pods: list[Requirement] = []
    for requirement in selector.requirements():
        placed = place(requirement.key)
        if placed is None:
            return None
        of_namespace, key = placed
        part = namespaces if of_namespace else pods
        part.append(Requirement(key, Operator(requirement.operator), requirement.values))
    return (
        LabelSelector((), tuple(namespaces)) if namespaces else None,
        LabelSelector((), tuple(pods)) if pods else None,
    )
