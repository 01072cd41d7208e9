"""Antrea's ClusterNetworkPolicy and NetworkPolicy (crd.antrea.io): to which pods they may apply."""

from __future__ import annotations

from collections.abc import Iterator

from policy_core.conditions import Condition, Unclear, every
from policy_core.manifests.fields import Fields
from policy_core.manifests.metadata import Meta
from policy_core.manifests.selections import matching, ruled_directions, unevaluated
from policy_core.manifests.selectors import read_selector
from policy_core.model import Direction, Selection, UnevaluatedPolicy

__all__ = ["read_antrea"]


def read_antrea(obj: Fields, meta: Meta) -> list[UnevaluatedPolicy]:
    """``appliedTo`` of the whole object, or of each of its rules. It has no say in a direction without
    rules."""
    return unevaluated(obj, meta, selections=tuple(dict.fromkeys(_selections(obj.mapping("spec")))))


def _selections(spec: Fields) -> Iterator[Selection]:
    directions = ruled_directions(spec)
    if "appliedTo" in spec:
        yield from _applied(spec, directions)
        return
    for direction in directions:
        name = "ingress" if direction is Direction.INGRESS else "egress"
        if not isinstance(spec.raw(name), list):
            yield Selection(Unclear(name), frozenset({direction}))
        for rule in spec.mappings(name):
            yield from _applied(rule, frozenset({direction}))


def _applied(holder: Fields, directions: frozenset[Direction]) -> Iterator[Selection]:
    if not isinstance(holder.raw("appliedTo"), list):
        yield Selection(Unclear("appliedTo"), directions)
    for entry in holder.mappings("appliedTo"):
        yield _selection(entry, directions)


def _selection(entry: Fields, directions: frozenset[Direction]) -> Selection:
    if entry.value.keys() == {"nodeSelector"}:
        return Selection(directions=directions, pods=False)
    if not entry.value or not entry.value.keys() <= {"podSelector", "namespaceSelector"}:
        return Selection(Unclear(f"appliedTo {', '.join(sorted(map(str, entry.value)))}".strip()), directions)
    parts: list[Condition] = []
    for name, of_namespace in (("namespaceSelector", True), ("podSelector", False)):
        selector = read_selector(entry, name)
        if selector is not None and selector.invalid:
            parts.append(Unclear(name))
        elif selector is not None and (found := matching(selector, of_namespace)):
            parts.append(found)
    return Selection(every(parts) if parts else None, directions)
