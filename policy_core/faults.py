"""Which objects an API server would refuse, and what of them can therefore not be relied on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from policy_core.model import (
    Namespace,
    NetworkPolicy,
    Node,
    ObjectOfInterest,
    Pod,
    Problem,
    Ref,
    Service,
    Severity,
    TieredPolicy,
    Workload,
)

__all__ = ["Errors", "doubted", "errors_by_subject", "faulty", "is_about"]

T = TypeVar("T", bound=ObjectOfInterest)
_PLAYING_NO_PART = ("metadata.name", "metadata.annotations")
Errors = Mapping[Ref, Sequence[Problem]]


def errors_by_subject(problems: Iterable[Problem]) -> Errors:
    found: dict[Ref, list[Problem]] = defaultdict(list)
    for problem in problems:
        if problem.severity is Severity.ERROR and problem.subject:
            found[problem.subject].append(problem)
    return found


def is_about(problem: Problem, obj: ObjectOfInterest) -> bool:
    """Whether the problem is the object's own: not that of an earlier object which it has replaced."""
    if problem.subject != obj.ref:
        return False
    origin = obj.origin
    return origin is None or (problem.file == origin.file and origin.holds(problem.line))


def faulty(objects: Iterable[ObjectOfInterest], errors: Errors) -> frozenset[Ref]:
    """Those that have errors in anything that policy or routing looks at."""
    return frozenset(
        obj.ref
        for obj in (objects if errors else ())
        if isinstance(obj, (NetworkPolicy, TieredPolicy, Namespace, Pod, Service, Workload))
        and any(_plays_a_part(obj, error) for error in errors.get(obj.ref, ()) if is_about(error, obj))
    )


def _plays_a_part(obj: ObjectOfInterest, error: Problem) -> bool:
    # Nobody can say what a policy that is refused was to do; of other objects the rest may be relied on.
    field = error.field.removeprefix("spec.jobTemplate.").removeprefix("spec.template.")
    return isinstance(obj, (NetworkPolicy, TieredPolicy)) or not field.startswith(_PLAYING_NO_PART)


def doubted(obj: T, errors: Errors) -> T:
    """The object; where some of its labels could not be read, it says that they are not known."""
    own = (error for error in errors.get(obj.ref, ()) if is_about(error, obj))
    match obj:
        case Namespace() | Node() | Pod() if any(error.field.startswith("metadata.labels") for error in own):
            return replace(obj, labels_known=False)
        case Workload() if any("template.metadata.labels" in error.field for error in own):
            return replace(obj, template=replace(obj.template, labels_known=False))
    return obj
