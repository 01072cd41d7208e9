"""An object without the fields that play no part here.

What is left is what this program reads: it is all that is kept of a live object, and what a snapshot of a
cluster is made of. Reading what is left gives the same object again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policy_core.manifests import known_fields
from policy_core.manifests.containers import trim_containers
from policy_core.manifests.metadata import CLASS_ANNOTATION, DEFAULT_CLASS_ANNOTATION
from policy_core.manifests.skipping import (
    KINDS_READ,
    METADATA,
    OBJECT,
    OTHER_OBJECT,
    SKIP,
    SKIPPED,
    Only,
    Table,
)

__all__ = ["trimmed"]

_PLAIN = Only(apiVersion=None, kind=None, metadata=METADATA)
"""Nothing of it but that it is there, and what it is called."""
_POD_SPEC, _STATUS = OBJECT["spec"] or SKIP, OBJECT["status"]
_KEPT: dict[str, Table] = {
    "Namespace": _PLAIN,
    "Node": Only(_PLAIN, status=Only(addresses=None)),
    "Pod": Only(
        _PLAIN,
        spec=Only({name: _POD_SPEC[name] for name in sorted(known_fields.POD.read)}),
        status=_STATUS,
    ),
    "Service": Only(
        _PLAIN, spec=Only(dict.fromkeys(sorted(known_fields.SERVICE.read))), status=Only(loadBalancer=None)
    ),
    "Ingress": Only(_PLAIN, spec=None, status=Only(loadBalancer=None)),
    "IngressClass": Only(_PLAIN, spec=Only(controller=None)),
    "Gateway": Only(
        _PLAIN,
        spec=Only(gatewayClassName=None, listeners=None, addresses=None),
        status=Only(addresses=None),
    ),
    "GatewayClass": Only(_PLAIN, spec=Only(controllerName=None)),
}
_ANNOTATIONS = {"Ingress": CLASS_ANNOTATION, "IngressClass": DEFAULT_CLASS_ANNOTATION}
"""The one that plays a part."""


def trimmed(obj: dict[str, Any]) -> dict[str, Any]:
    """``obj`` without what nobody reads; the original is left as it was. Annotations that play no part go,
    unless one of them is no text: such a one keeps the object out of a cluster."""
    kind = obj.get("kind")
    table = _KEPT.get(kind) if isinstance(kind, str) else None
    if table is None:
        table = OBJECT if kind in KINDS_READ else OTHER_OBJECT
    kept = _kept(obj, table)
    for spec in _pod_specs(kept):
        trim_containers(spec)
    metadata = kept.get("metadata")
    if isinstance(metadata, dict):
        annotations = metadata.get("annotations")
        if isinstance(annotations, dict) and all(isinstance(text, str) for text in annotations.values()):
            read = {name: text for name, text in annotations.items() if name == _ANNOTATIONS.get(str(kind))}
            metadata["annotations"] = read
            if not read:
                del metadata["annotations"]
    return kept


_POD_SPECS = (
    ("spec",),
    ("spec", "template", "spec"),
    ("spec", "jobTemplate", "spec", "template", "spec"),
)
"""Where a pod's own fields are: in the pod itself and in templates."""


def _pod_specs(kept: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in _POD_SPECS:
        value: Any = kept
        for name in path:
            value = value.get(name) if type(value) is dict else None
        if type(value) is dict:
            yield value


def _kept(value: dict[str, Any], table: Table) -> dict[str, Any]:
    kept = {}
    for name, inner in value.items():
        below = table[name]
        if below is SKIP or inner is SKIPPED:
            continue
        kept[name] = inner if below is None else _below(inner, below)
    return kept


def _below(value: Any, table: Table) -> Any:
    if type(value) is dict:
        return _kept(value, table)
    if type(value) is list:
        return [_below(item, table) for item in value]
    return value
