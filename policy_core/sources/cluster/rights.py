"""The rights that reading a cluster takes: get, list and watch of what plays a part, and nothing else."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from policy_core.sources.cluster.resources import RESOURCES, Resource

__all__ = ["cluster_role", "role"]

_VERBS = ["get", "list", "watch"]
_NAME = "netpol-tui"


def cluster_role() -> dict[str, Any]:
    """A ClusterRole for the whole cluster; with a RoleBinding it serves for one namespace as well."""
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": _NAME},
        "rules": _rules(RESOURCES),
    }


def role(namespace: str) -> dict[str, Any]:
    """A Role for one namespace: what belongs to it, and its own labels. What belongs to the cluster, as nodes
    and the policies of its administrators, cannot be granted by a Role."""
    within = tuple(r for r in RESOURCES if r.namespaced or r.kind == "Namespace")
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": _NAME, "namespace": namespace},
        "rules": _rules(within),
    }


def _rules(resources: tuple[Resource, ...]) -> list[dict[str, Any]]:
    by_group: dict[str, list[str]] = defaultdict(list)
    for resource in resources:
        by_group[resource.group].append(resource.plural)
    return [
        {"apiGroups": [group], "resources": plurals, "verbs": list(_VERBS)}
        for group, plurals in by_group.items()
    ]
