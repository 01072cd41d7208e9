"""CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy: which pods their rules may select."""

from __future__ import annotations

from collections.abc import Iterator

from policy_core.conditions import Condition, Term, Unclear, every
from policy_core.labels import Operator, Requirement
from policy_core.manifests.fields import Fields
from policy_core.manifests.metadata import Meta
from policy_core.manifests.selections import unevaluated
from policy_core.manifests.selectors import read_selector
from policy_core.model import NAME_LABEL, Direction, Selection, UnevaluatedPolicy
from policy_core.workloads import GENERATED_LABELS

__all__ = ["read_cilium"]

_NAMESPACE = "io.kubernetes.pod.namespace"
_NAMESPACE_LABELS = "io.cilium.k8s.namespace.labels."
_NOT_OF_PODS = ("io.cilium.", "io.kubernetes.")
_NOT_KEPT = ("io.kubernetes", "kubernetes.io", "k8s.io", "annotation", "etcd_node", "pod-template-generation")
"""How labels begin that Cilium leaves out by default: to it, a pod that has one has none."""
_SECTIONS = {
    Direction.INGRESS: ("ingress", "ingressDeny"),
    Direction.EGRESS: ("egress", "egressDeny"),
}


def read_cilium(obj: Fields, meta: Meta) -> list[UnevaluatedPolicy]:
    """One rule in ``spec``, or several in ``specs``."""
    rules = [obj.mapping("spec")] if "spec" in obj else []
    rules += obj.mappings("specs")
    if not rules or any("endpointSelector" not in rule and "nodeSelector" not in rule for rule in rules):
        return unevaluated(obj, meta, readable=False)
    return unevaluated(obj, meta, selections=[_selection(rule, bool(meta.namespace)) for rule in rules])


def _selection(rule: Fields, namespaced: bool) -> Selection:
    directions = frozenset(_directions(rule)) or frozenset(Direction)
    if "endpointSelector" not in rule:
        # A policy for nodes, whose labels tell: of the pods it is about those that are like their node.
        return Selection(directions=directions, pods=False)
    return Selection(_condition(rule, namespaced), directions, hosts=False)


def _directions(rule: Fields) -> Iterator[Direction]:
    """A rule without a section for a direction has no say in it."""
    told = rule.raw("enableDefaultDeny")
    for direction, sections in _SECTIONS.items():
        closed = isinstance(told, dict) and bool(told.get(direction.value))
        if closed or any(name in rule for name in sections):
            yield direction


def _condition(rule: Fields, namespaced: bool) -> Condition | None:
    selector = read_selector(rule, "endpointSelector", plain_keys=False)
    if selector is None or selector.invalid:
        return Unclear("endpointSelector")
    placed = [_placed(requirement, namespaced) for requirement in selector.requirements()]
    terms = [term for term in placed if term is not None]
    return every(terms) if terms else None


def _placed(requirement: Requirement, namespaced: bool) -> Condition | None:
    """None for what makes no difference: Cilium puts the object's own namespace in place of another one."""
    source, colon, name = requirement.key.partition(":")
    if colon and source not in ("k8s", "any"):
        return Unclear(requirement.key)
    name = name if colon else requirement.key
    if name == _NAMESPACE:
        return None if namespaced else _term(NAME_LABEL, requirement, True)
    if name.startswith(_NAMESPACE_LABELS):
        return _term(name.removeprefix(_NAMESPACE_LABELS), requirement, True)
    if name.startswith(_NOT_OF_PODS):
        return Unclear(requirement.key)
    negative = requirement.operator in (Operator.NOT_IN, Operator.DOES_NOT_EXIST)
    if negative and (name.startswith(_NOT_KEPT) or "beta.kubernetes.io" in name or name in GENERATED_LABELS):
        return Unclear(requirement.key)
    return _term(name, requirement, False)


def _term(key: str, requirement: Requirement, of_namespace: bool) -> Term:
    return Term(Requirement(key, requirement.operator, requirement.values), of_namespace)
