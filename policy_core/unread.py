"""What follows from the kinds that could not be read, asked for in one place.

All of it hangs on the coverage alone. Where that is empty, as of manifests, nothing is unread.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from policy_core.coverage import Coverage, KindState, covers
from policy_core.kinds import ISTIO_ROOT, MAY_APPLY, ROUTES, plural
from policy_core.model import Namespace, Ref

__all__ = ["NOT_READ", "Unread", "UnreadKind", "listed", "may_apply_unseen", "unread_kinds"]

NOT_READ = {KindState.FORBIDDEN: "forbidden", KindState.PARTIAL: "forbidden", KindState.FAILED: "failed"}
"""Why, in a word."""
_MOST = 3


@dataclass(frozen=True, slots=True)
class UnreadKind:
    """A kind of which objects may apply to a pod that nobody here has seen."""

    kind: str
    state: KindState

    @property
    def ref(self) -> Ref:
        """Stands in for the objects wherever those are named."""
        return Ref(plural(self.kind), "", f"(not read: {NOT_READ[self.state]})")


class Unread:
    """Immutable, apart from a cache."""

    def __init__(self, coverage: Coverage) -> None:
        self._coverage = coverage
        self._may_apply: dict[str, tuple[UnreadKind, ...]] = {}

    def __bool__(self) -> bool:
        """Whether anything at all is unread."""
        return any(map(self.some, self._coverage))

    def here(self, kind: str, namespace: str = "") -> bool:
        """Whether there may be objects of the kind in ``namespace`` that nobody here has seen."""
        return not covers(self._coverage, kind, namespace)

    def some(self, kind: str) -> bool:
        """Whether there may be such objects anywhere in the cluster."""
        return kind in self._coverage and self._coverage[kind].state not in _WHOLE

    def asked(self, kind: str) -> bool:
        """Whether it is known how much of the kind was read, and an empty list of it so means that there is
        none."""
        return kind in self._coverage

    def message(self, kind: str) -> str:
        return self._coverage[kind].message if kind in self._coverage else ""

    # Policies ---------------------------------------------------------------------------------------------

    @property
    def anywhere_may_apply(self) -> bool:
        """Whether some kind of those that are not evaluated may apply somewhere, unseen."""
        return any(self.some(kind) for kind in self._coverage if kind in MAY_APPLY)

    def may_apply(self, namespace: str) -> tuple[UnreadKind, ...]:
        """The kinds of which unseen objects may apply to pods of ``namespace``. NetworkPolicies are not among
        them: without those nothing can be judged in the first place."""
        found = self._may_apply.get(namespace)
        if found is None:
            found = self._may_apply[namespace] = tuple(
                UnreadKind(kind, coverage.state)
                for kind, coverage in self._coverage.items()
                if kind in MAY_APPLY
                and not (
                    coverage.covers(namespace) and (kind not in _OF_ISTIO or coverage.covers(ISTIO_ROOT))
                )
            )
        return found

    # Pods and routing -------------------------------------------------------------------------------------

    def pods_of(self, namespaces: Iterable[Namespace]) -> tuple[str, ...]:
        """The names of those of which pods may be unseen."""
        return tuple(each.name for each in namespaces if self.here("Pod", each.name))

    @property
    def namespaces(self) -> bool:
        """Whether there may be namespaces that nobody here knows even by name, with pods unseen."""
        return self.some("Namespace") and self.some("Pod")

    def endpoints(self, namespace: str, selecting: bool) -> bool:
        """Whether a Service there of which no EndpointSlice was read may have endpoints unseen. Where its
        slices could not be read the pods that it selects are as good."""
        if selecting:
            return self.here("Pod", namespace)
        return self.here("EndpointSlice", namespace)

    def routes(self, namespace: str) -> tuple[str, ...]:
        """The kinds of which objects may lead to Services of ``namespace``, unseen. Routes of the Gateway API
        may stand in any namespace."""
        return tuple(
            kind
            for kind in self._coverage
            if kind in ROUTES
            and (self.here(kind, namespace) if kind in _OF_OWN_NAMESPACE else self.some(kind))
        )

    # Words ------------------------------------------------------------------------------------------------

    def said(self, kinds: Iterable[str], namespaces: Iterable[str] = ()) -> str:
        """``NetworkPolicies of shop could not be read (forbidden)``. No namespace: of the whole cluster."""
        names = list(kinds)
        where = f" of {listed(spaces)}" if (spaces := list(namespaces)) else ""
        reasons = dict.fromkeys(NOT_READ[self._coverage[kind].state] for kind in names)
        partial = not where and any(self._coverage[kind].state is KindState.PARTIAL for kind in names)
        some = "Some " if partial else ""
        kinds = listed(plural(kind) for kind in names)
        return f"{some}{kinds}{where} could not be read ({', '.join(reasons)})"


_WHOLE = (KindState.COMPLETE, KindState.ABSENT)
_OF_OWN_NAMESPACE = ("Ingress", "ReferenceGrant")
_OF_ISTIO = ("AuthorizationPolicy",)
"""Those of Istio's root namespace apply to every namespace."""


def unread_kinds(applying: Iterable[object]) -> tuple[UnreadKind, ...]:
    """Those among whatever may apply."""
    return tuple(each for each in applying if isinstance(each, UnreadKind))


def may_apply_unseen(kinds: Iterable[UnreadKind]) -> Iterator[str]:
    """A sentence for those that could not be read for the same reason."""
    by_reason: dict[str, list[str]] = {}
    for each in kinds:
        by_reason.setdefault(NOT_READ[each.state], []).append(plural(each.kind))
    for reason, names in by_reason.items():
        yield f"{listed(names)} could not be read ({reason}): some may apply as well."


def listed(names: Iterable[str]) -> str:
    """``a, b, c and 4 more``."""
    every = list(names)
    shown = ", ".join(every[:_MOST])
    return f"{shown} and {len(every) - _MOST:,} more" if len(every) > _MOST else shown
