"""What every object carries: its name, namespace, labels and controller (``metav1.ObjectMeta``)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from policy_core.labels import Labels
from policy_core.manifests import known_fields
from policy_core.manifests.fields import Fields, quoted
from policy_core.model import Origin, Ref, Severity

__all__ = [
    "CLASS_ANNOTATION",
    "DEFAULT_CLASS_ANNOTATION",
    "Meta",
    "check_annotations",
    "read_labels",
    "read_meta",
    "valid_key",
    "valid_port_name",
    "valid_value",
]

CLASS_ANNOTATION = "kubernetes.io/ingress.class"
"""Of an Ingress: what ``spec.ingressClassName`` has taken the place of."""
DEFAULT_CLASS_ANNOTATION = "ingressclass.kubernetes.io/is-default-class"
"""Of an IngressClass: "true" where it is that of Ingresses which name none."""

_DNS_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_DNS_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_QUALIFIED = re.compile(r"([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)")
_PORT_NAME = re.compile(r"(?=.*[a-z])(?!.*--)[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?")
_LABEL_NAMED = frozenset({"Namespace", "Service"})


@lru_cache(maxsize=8192)
def valid_key(key: str) -> bool:
    prefix, slash, name = key.rpartition("/")
    return bool(_QUALIFIED.fullmatch(name)) and (not slash or bool(_DNS_NAME.fullmatch(prefix)))


@lru_cache(maxsize=8192)
def valid_value(value: str) -> bool:
    return value == "" or bool(_QUALIFIED.fullmatch(value))


def valid_port_name(name: str) -> bool:
    return bool(_PORT_NAME.fullmatch(name))


@dataclass(frozen=True, slots=True)
class Meta:
    """``namespace`` is empty for a cluster-scoped kind; ``owner`` is the controller."""

    namespace: str
    name: str
    labels: Labels
    owner: Ref | None
    origin: Origin


def read_meta(metadata: Fields, kind: str, namespace: str, name: str) -> Meta:
    """What is in ``metadata``, given the name and namespace that were found there already.

    A name that the API server would refuse is noted, but the object is still read, so that nothing is hidden.
    """
    pattern, allowed = (_DNS_LABEL, " and -") if kind in _LABEL_NAMED else (_DNS_NAME, ", - and .")
    if not pattern.fullmatch(name):
        metadata.problem(
            f"{quoted(name)} is no valid name: only lower-case letters, digits{allowed} are", "name"
        )
    if namespace and not _DNS_LABEL.fullmatch(namespace):
        metadata.problem(f"{quoted(namespace)} is no valid namespace name", "namespace")
    check_annotations(metadata)
    return Meta(namespace, name, read_labels(metadata), _owner(metadata, namespace), metadata.report.origin)


def check_annotations(metadata: Fields) -> None:
    """Hardly any plays a part, but one that is no text keeps an object out of the cluster."""
    metadata.text_map("annotations")


def read_labels(metadata: Fields) -> Labels:
    """``labels``; an entry that is no text is left out, one with bad syntax is kept."""
    metadata.warn_of_slips(known_fields.METADATA)
    labels = metadata.text_map("labels")
    shared, before = metadata.report.shared, len(metadata.report.problems)
    if (known := shared.labels(labels)) is not None:
        return known
    for key, value in labels.items():
        if not valid_key(key):
            metadata.problem(f"{quoted(key)} is no valid label key", "labels", key, severity=Severity.WARNING)
        elif not valid_value(value):
            metadata.problem(
                f"{quoted(value)} is no valid label value", "labels", key, severity=Severity.WARNING
            )
    return labels if len(metadata.report.problems) > before else shared.keep_labels(labels)


def _owner(metadata: Fields, namespace: str) -> Ref | None:
    """The ownerReference that is marked as the controller."""
    for owner in metadata.mappings("ownerReferences"):
        if owner.flag("controller"):
            kind, name = owner.text("kind"), owner.text("name")
            return metadata.report.shared.ref(kind, namespace, name) if kind and name else None
    return None
