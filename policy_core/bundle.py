"""What was read as a bundle that gives the same answers when it is read back: the fields that play a part,
and how much of each kind they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policy_core.manifests.coverage_record import coverage_record, is_coverage_record
from policy_core.manifests.decode import is_namespaced
from policy_core.manifests.live_texts import LiveTexts
from policy_core.manifests.objects import RawObject
from policy_core.manifests.texts import raw_objects
from policy_core.manifests.trimming import trimmed
from policy_core.snapshot import Snapshot

__all__ = ["bundle"]


def bundle(snapshot: Snapshot, namespace: str = "default") -> Iterator[dict[str, Any]]:
    """The objects in the order in which they were read; ``namespace`` is of those that name none. Documents
    that are no objects are not in it. Raises ChangedError where a file that was too long to be kept has
    changed since."""
    if snapshot.coverage:
        yield coverage_record(snapshot.coverage, snapshot.title)
    if isinstance(snapshot.texts, LiveTexts):
        yield from snapshot.texts.values_of(iter(snapshot.texts))
        return
    for file in snapshot.texts:
        for found in raw_objects(snapshot.texts, file):
            if isinstance(found, RawObject) and not is_coverage_record(found.value):
                yield _placed(trimmed(found.value), namespace)


def _placed(value: dict[str, Any], namespace: str) -> dict[str, Any]:
    """With the namespace written down: whoever reads it back may have another one in mind."""
    metadata = value.get("metadata")
    if not isinstance(metadata, dict) or metadata.get("namespace"):
        return value
    if not is_namespaced(str(value.get("apiVersion")), str(value.get("kind"))):
        return value
    return {**value, "metadata": {**metadata, "namespace": namespace}}
