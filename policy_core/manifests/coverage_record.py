"""How much of each kind a bundle holds, written into the bundle itself.

A snapshot of a cluster must give the same answers as the cluster did: what could not be read there is not
known here, either, and what is not there was seen not to be there. No cluster knows this kind of object.
"""

from __future__ import annotations

from typing import Any

from policy_core.coverage import Coverage, KindCoverage, KindState
from policy_core.manifests.fields import Fields, Report
from policy_core.manifests.objects import RawObject
from policy_core.model import Problem

__all__ = ["coverage_record", "is_coverage_record", "read_coverage_record"]

_VERSION, _KIND = "netpol-tui/v1", "Coverage"


def coverage_record(coverage: Coverage, name: str) -> dict[str, Any]:
    """The object that says it; ``name`` is what was read."""
    return {
        "apiVersion": _VERSION,
        "kind": _KIND,
        "metadata": {"name": name},
        "resources": [
            {
                "kind": kind.kind,
                "resource": kind.resource,
                "state": kind.state.value,
                **({"namespaces": sorted(kind.namespaces)} if kind.namespaces else {}),
                **({"message": kind.message} if kind.message else {}),
            }
            for kind in coverage.values()
        ],
    }


def is_coverage_record(value: dict[str, Any]) -> bool:
    return value.get("apiVersion") == _VERSION and value.get("kind") == _KIND


def read_coverage_record(raw: RawObject) -> tuple[Coverage, tuple[Problem, ...]]:
    report = Report(raw.text, raw.origin, alone=raw.alone)
    found: dict[str, KindCoverage] = {}
    for entry in Fields(raw.value, (), report).mappings("resources"):
        kind = entry.text("kind")
        state = entry.choice("state", [state.value for state in KindState], "")
        if kind and state:
            found[kind] = KindCoverage(
                kind,
                entry.text("resource"),
                KindState(state),
                frozenset(entry.texts("namespaces")),
                entry.text("message"),
            )
    return found, report.distinct()
