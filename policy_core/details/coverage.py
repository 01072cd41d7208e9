"""What of a cluster could not be read, in a sentence."""

from __future__ import annotations

from collections import defaultdict

from policy_core.coverage import Coverage, KindCoverage, KindState
from policy_core.kinds import plural

__all__ = ["banner", "incomplete", "state_text"]

_MOST_KINDS, _MOST_NAMESPACES = 5, 3


def incomplete(coverage: Coverage) -> tuple[KindCoverage, ...]:
    """The kinds that were not read whole, in the order in which people think of them; those that the cluster
    does not have are among them."""
    return tuple(kind for kind in coverage.values() if kind.state is not KindState.COMPLETE)


def banner(coverage: Coverage) -> str:
    """``NetworkPolicies: only in shop; Namespaces, Nodes: forbidden``. Empty where everything that is
    installed could be read."""
    by_state: dict[str, list[str]] = defaultdict(list)
    for kind in coverage.values():
        if kind.state not in (KindState.COMPLETE, KindState.ABSENT):
            by_state[state_text(kind)].append(plural(kind.kind))
    return "; ".join(f"{_listed(kinds, _MOST_KINDS)}: {state}" for state, kinds in by_state.items())


def state_text(kind: KindCoverage) -> str:
    """``only in shop``, ``forbidden``: how much of it was read."""
    if kind.state is KindState.PARTIAL:
        return f"only in {_listed(sorted(kind.namespaces), _MOST_NAMESPACES)}"
    return _WORDS[kind.state]


_WORDS = {
    KindState.COMPLETE: "read",
    KindState.FORBIDDEN: "forbidden",
    KindState.ABSENT: "not installed",
    KindState.FAILED: "not read",
}


def _listed(names: list[str], most: int) -> str:
    return (
        f"{', '.join(names[:most])} and {len(names) - most:,} more" if len(names) > most else ", ".join(names)
    )
