"""What of a cluster could not be read, in a sentence."""

from __future__ import annotations

from collections import defaultdict

from policy_core.coverage import Coverage, KindState

__all__ = ["banner"]


def banner(coverage: Coverage) -> str:
    """``NetworkPolicies can be read only in shop; Namespaces, Nodes: forbidden``. Empty where everything that
    is installed could be read."""
    only: dict[frozenset[str], list[str]] = defaultdict(list)
    other: dict[KindState, list[str]] = defaultdict(list)
    for kind in coverage.values():
        plural = kind.resource.partition(".")[0]
        if kind.state is KindState.PARTIAL:
            only[kind.namespaces].append(plural)
        elif kind.state in (KindState.FORBIDDEN, KindState.FAILED):
            other[kind.state].append(plural)
    parts = [f"only in {', '.join(sorted(where))}: {', '.join(kinds)}" for where, kinds in only.items()]
    parts += [f"{_WORDS[state]}: {', '.join(kinds)}" for state, kinds in other.items()]
    return "; ".join(parts)


_WORDS = {KindState.FORBIDDEN: "forbidden", KindState.FAILED: "not read"}
