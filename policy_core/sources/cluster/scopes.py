"""What the outcomes of reading one kind, here and there, say about it as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from policy_core.coverage import Coverage, KindCoverage, KindState
from policy_core.sources.cluster.errors import AbsentError, ClusterError, ForbiddenError
from policy_core.sources.cluster.resources import Resource

__all__ = ["Outcome", "absent", "gathered", "judged"]

Outcome = ClusterError | None
"""None: it was read whole; else why not."""


def absent(resource: Resource) -> KindCoverage:
    return KindCoverage(resource.kind, resource.name, KindState.ABSENT)


def judged(resource: Resource, whole: Outcome, parts: Mapping[str, Outcome]) -> KindCoverage:
    """``whole`` is how it went for the whole cluster, ``parts`` how for single namespaces where that was
    forbidden."""
    match whole:
        case None:
            return KindCoverage(resource.kind, resource.name, KindState.COMPLETE)
        case AbsentError():
            return absent(resource)
        case ForbiddenError():
            read = frozenset(namespace for namespace, outcome in parts.items() if outcome is None)
            state = KindState.PARTIAL if read else KindState.FORBIDDEN
            return KindCoverage(resource.kind, resource.name, state, read, str(whole))
    return KindCoverage(resource.kind, resource.name, KindState.FAILED, message=str(whole))


def gathered(coverages: Iterable[KindCoverage]) -> Coverage:
    """By kind. Two groups may have one kind (Calico's have): then it is only absent where both are."""
    found: dict[str, KindCoverage] = {}
    for coverage in coverages:
        if coverage.kind not in found or found[coverage.kind].state is KindState.ABSENT:
            found[coverage.kind] = coverage
    return found
