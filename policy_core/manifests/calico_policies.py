"""Calico's NetworkPolicy and GlobalNetworkPolicy: which pods they may select."""

from __future__ import annotations

from policy_core.conditions import Condition, Unclear, every
from policy_core.manifests.calico import parse_selector
from policy_core.manifests.fields import Fields
from policy_core.manifests.metadata import Meta
from policy_core.manifests.selections import listed_types, ruled_directions, unevaluated
from policy_core.model import NAME_LABEL, Direction, Ref, Selection, UnevaluatedPolicy

__all__ = ["read_calico"]

_NAMESPACE = "projectcalico.org/namespace"
_NAME = "projectcalico.org/name"
_ABOUT_NODES = ("applyOnForward", "doNotTrack", "preDNAT")
"""With one of these a policy stands at the interfaces of nodes, and meets what passes on to any pod."""
_VIEWS = {
    "knp.default.": "NetworkPolicy",
    "kanp.adminnetworkpolicy.": "AdminNetworkPolicy",
    "kbanp.baselineadminnetworkpolicy.": "BaselineAdminNetworkPolicy",
}
"""How names begin under which Calico's API shows the policies of Kubernetes."""


def read_calico(obj: Fields, meta: Meta) -> list[UnevaluatedPolicy]:
    spec = obj.mapping("spec")
    directions = listed_types(spec, "types") or _by_rules(spec)
    glob = not meta.namespace
    within = spec.text("namespaceSelector") if glob else ""
    accounts = spec.text("serviceAccountSelector")
    parts: list[Condition | None] = [
        parse_selector(spec.text("selector"), _of_pod),
        parse_selector(within, _of_namespace),
        Unclear("serviceAccountSelector") if accounts.strip() not in ("", "all()") else None,
    ]
    # A global one may select interfaces of nodes too, by labels of their own.
    nodes = glob and (not within.strip() or "global()" in within.replace(" ", "")) and not accounts
    found = every(part for part in parts if part is not None)
    selections = [Selection(found if any(parts) else None, directions, hosts=nodes)]
    if nodes and any(spec.raw(name) not in (None, False) for name in _ABOUT_NODES):
        selections.append(Selection(Unclear("the interfaces of nodes"), directions))
    return unevaluated(obj, meta, selections=_with_hosts(selections), stands_for=_view_of(obj, meta))


def _with_hosts(selections: list[Selection]) -> list[Selection]:
    """For hostNetwork pods the labels of their node's interfaces decide, which are not read."""
    found = []
    for each in selections:
        if each.hosts and each.condition is not None:
            found.append(Selection(each.condition, each.directions, hosts=False))
            found.append(Selection(Unclear("labels of host endpoints"), each.directions, pods=False))
        else:
            found.append(each)
    return found


def _by_rules(spec: Fields) -> frozenset[Direction]:
    """Without ``types``: ingress, unless there are rules for egress only."""
    return ruled_directions(spec) or frozenset({Direction.INGRESS})


def _of_pod(key: str) -> tuple[bool, str] | None:
    if key == _NAMESPACE:
        return True, NAME_LABEL
    if key.startswith("pcns."):
        return _of_namespace(key.removeprefix("pcns."))
    return None if key.startswith(("projectcalico.org/", "pcsa.")) else (False, key)


def _of_namespace(key: str) -> tuple[bool, str] | None:
    if key == _NAME:
        return True, NAME_LABEL
    return None if key.startswith("projectcalico.org/") else (True, key)


def _view_of(obj: Fields, meta: Meta) -> Ref | None:
    if not obj.text("apiVersion").startswith("projectcalico.org/"):
        return None
    for prefix, kind in _VIEWS.items():
        if meta.name.startswith(prefix):
            return Ref(kind, meta.namespace, meta.name.removeprefix(prefix))
    return None
