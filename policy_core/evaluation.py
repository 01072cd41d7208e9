"""A snapshot with everything that is computed once from it: where every question starts."""

from __future__ import annotations

from dataclasses import dataclass

from policy_core.index import Index
from policy_core.model import Pod, Ref
from policy_core.renewal import difference
from policy_core.routing import Routing
from policy_core.rules import PolicySet
from policy_core.snapshot import Snapshot

__all__ = ["Evaluation"]


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    snapshot: Snapshot
    index: Index
    policies: PolicySet
    routing: Routing
    pods: dict[Ref, Pod]
    """Every pod of the snapshot, finished ones too, by identity."""

    @classmethod
    def of(cls, snapshot: Snapshot, previous: Evaluation | None = None) -> Evaluation:
        """``previous`` is that of what the same source gave before (see :mod:`policy_core.renewal`)."""
        if previous is None or previous.snapshot.coverage != snapshot.coverage:
            # What could not be read makes a difference everywhere.
            index = Index(snapshot)
            pods = {pod.ref: pod for pod in snapshot.pods}
            return cls(snapshot, index, PolicySet(index), Routing(snapshot), pods)
        changes = difference(previous.snapshot.pods, snapshot.pods)
        index = Index(snapshot, previous.index, changes)
        pods = dict(previous.pods)
        for pod in changes.gone:
            del pods[pod.ref]
        pods.update((pod.ref, pod) for pod in changes.new)
        return cls(
            snapshot,
            index,
            PolicySet(index, previous.policies),
            Routing(snapshot, previous.routing, changes),
            pods,
        )
