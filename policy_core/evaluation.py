"""A snapshot with everything that is computed once from it: where every question starts."""

from __future__ import annotations

from dataclasses import dataclass

from policy_core.index import Index
from policy_core.model import Pod, Ref
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
    def of(cls, snapshot: Snapshot) -> Evaluation:
        index = Index(snapshot)
        pods = {pod.ref: pod for pod in snapshot.pods}
        return cls(snapshot, index, PolicySet(index), Routing(snapshot), pods)

    def all_named(self, path: str) -> tuple[Pod, ...]:
        """The pod ``NAMESPACE/NAME`` alone, else every workload of that name whose template stands for its
        pods: those of several kinds may share it."""
        namespace, _, name = path.partition("/")
        found = self.pods.get(Ref("Pod", namespace, name))
        if found is not None:
            return (found,)
        return tuple(pod for ref, pod in self.pods.items() if ref[1:] == (namespace, name))

    def named(self, path: str) -> Pod | None:
        """The one that :meth:`all_named` finds; None where it finds none, or several."""
        found = self.all_named(path)
        return found[0] if len(found) == 1 else None
