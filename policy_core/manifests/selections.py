"""What the readers of policies that are not evaluated have in common."""

from __future__ import annotations

from collections.abc import Iterable

from policy_core.conditions import Condition, Term, every
from policy_core.labels import LabelSelector
from policy_core.manifests.fields import Fields
from policy_core.manifests.metadata import Meta
from policy_core.model import Direction, Ref, Selection, UnevaluatedPolicy

__all__ = ["listed_types", "matching", "ruled_directions", "unevaluated"]

_RULES = {Direction.INGRESS: "ingress", Direction.EGRESS: "egress"}


def unevaluated(
    obj: Fields,
    meta: Meta,
    namespaces: LabelSelector | None = None,
    pods: LabelSelector | None = None,
    readable: bool = True,
    selections: Iterable[Selection] = (Selection(),),
    outside_only: bool = False,
    stands_for: Ref | None = None,
) -> list[UnevaluatedPolicy]:
    """A selector that the API server would refuse makes the object unreadable."""
    if any(selector is not None and selector.invalid for selector in (namespaces, pods)):
        namespaces, pods, readable = None, None, False
    group, kind = obj.text("apiVersion").rpartition("/")[0], obj.text("kind")
    return [
        UnevaluatedPolicy(
            group,
            kind,
            meta.namespace,
            meta.name,
            namespaces,
            pods,
            readable,
            meta.origin,
            tuple(selections),
            outside_only,
            stands_for,
        )
    ]


def matching(selector: LabelSelector, of_namespace: bool = False) -> Condition | None:
    """A plain label selector; None where it selects everything."""
    terms = [Term(requirement, of_namespace) for requirement in selector.requirements()]
    return every(terms) if terms else None


def ruled_directions(spec: Fields, rules: dict[Direction, str] | None = None) -> frozenset[Direction]:
    """Those in which there are rules, or something that should be some."""
    names = rules or _RULES
    return frozenset(
        direction for direction in Direction if spec.value.get(names[direction]) not in (None, [])
    )


def listed_types(spec: Fields, name: str) -> frozenset[Direction]:
    """The directions that a list such as ``policyTypes`` names; none where it is absent or says anything
    else."""
    given = spec.raw(name)
    listed = [each for each in given if isinstance(each, str)] if isinstance(given, list) else []
    known = {"Ingress": Direction.INGRESS, "Egress": Direction.EGRESS}
    return frozenset(known[each] for each in listed) if all(each in known for each in listed) else frozenset()
