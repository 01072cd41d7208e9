"""A snapshot with everything that is computed once from it: where every question starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policy_core.index import Index
from policy_core.model import Pod, Ref
from policy_core.parts import Named
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

    @property
    def pods(self) -> Mapping[Ref, Pod]:
        """Every pod of the snapshot, finished ones too, by identity."""
        return Named(self.snapshot.pods)

    @classmethod
    def of(cls, snapshot: Snapshot, previous: Evaluation | None = None) -> Evaluation:
        """``previous`` is that of what the same source gave before (see :mod:`policy_core.renewal`)."""
        if previous is not None and previous.snapshot.coverage != snapshot.coverage:
            previous = None  # what could not be read makes a difference everywhere
        index = Index(snapshot, previous.index if previous else None)
        policies = PolicySet(index, previous.policies if previous else None)
        return cls(snapshot, index, policies, Routing(snapshot, previous.routing if previous else None))
