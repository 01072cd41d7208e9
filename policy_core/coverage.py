"""How much of each kind was read. From manifests everything that there is; from a cluster what it serves and
what its API server lets this user see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Coverage", "KindCoverage", "KindState", "covers"]


class KindState(StrEnum):
    COMPLETE = "complete"
    PARTIAL = "partial"
    """Not to be had for the whole cluster, only in some namespaces."""
    FORBIDDEN = "forbidden"
    ABSENT = "absent"
    """The cluster does not serve the kind: it is not installed, and so there can be no object of it."""
    FAILED = "failed"
    """It could not be read for another reason: the server answers with an error, or not at all."""


@dataclass(frozen=True, slots=True)
class KindCoverage:
    """``kind`` is what a Ref of such an object has; ``resource`` is kubectl's name for it, such as
    ``networkpolicies.networking.k8s.io``. ``message`` is what the server said where it refused."""

    kind: str
    resource: str
    state: KindState
    namespaces: frozenset[str] = frozenset()
    """Those in which a PARTIAL kind was read whole; of the kind Namespace itself, those that were read."""
    message: str = ""

    def covers(self, namespace: str) -> bool:
        """Whether every object of the kind in ``namespace`` (empty: of a cluster-scoped kind) is known."""
        if self.state is KindState.PARTIAL:
            return namespace in self.namespaces
        return self.state in (KindState.COMPLETE, KindState.ABSENT)


Coverage = Mapping[str, KindCoverage]
"""By kind. A kind that is not in it was read whole, as manifests are."""


def covers(coverage: Coverage, kind: str, namespace: str = "") -> bool:
    """Whether every object of ``kind`` in ``namespace`` is known."""
    return kind not in coverage or coverage[kind].covers(namespace)
