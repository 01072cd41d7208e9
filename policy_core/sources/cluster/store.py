"""What is known of a cluster at the moment, object by object."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

from policy_core.coverage import Coverage
from policy_core.manifests.decode import decode
from policy_core.manifests.dumping import line_count, yaml_text
from policy_core.manifests.live_texts import LiveTexts
from policy_core.manifests.objects import RawObject
from policy_core.manifests.trimming import trimmed
from policy_core.model import ObjectOfInterest, Origin, Problem, Reading
from policy_core.sorted_lists import SortedLists
from policy_core.sources.cluster.resources import Resource

__all__ = ["Held", "Store", "held"]

Key = tuple[str, str]
"""(namespace, name); the namespace is empty for a cluster-scoped object."""


@dataclass(frozen=True, slots=True)
class Held:
    """One object as it is kept: what the evaluation reads of it, and its trimmed manifest as compact JSON."""

    key: Key
    file: str
    """What origins call its manifest: ``pods/shop/web-1``."""
    objects: tuple[ObjectOfInterest, ...]
    problems: tuple[Problem, ...]
    compact: bytes


def held(resource: Resource, version: str, value: Mapping[str, Any], before: Held | None = None) -> Held:
    """An object as the server sent it, made small. ``before`` itself where nothing in it that plays a part
    has changed: then nothing that hangs on it has to be computed anew."""
    kept = trimmed({"apiVersion": _api_version(resource, version), "kind": resource.kind_name, **value})
    compact = json.dumps(kept, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
    if before is not None and before.compact == compact:
        return before
    metadata = kept.get("metadata") or {}
    namespace, name = str(metadata.get("namespace") or ""), str(metadata.get("name") or "")
    file = "/".join(part for part in (resource.name, namespace, name) if part)
    origin = Origin(file, 1, 1, line_count(kept))
    decoded = decode(RawObject(kept, origin, ""), "default")
    if decoded.problems:  # now their lines are worth the text
        decoded = decode(RawObject(kept, origin, yaml_text(kept)), "default")
    return Held((namespace, name), file, decoded.objects, decoded.problems, compact)


def _api_version(resource: Resource, version: str) -> str:
    return f"{resource.group}/{version}" if resource.group else version


class _Listed(NamedTuple):
    """One resource as a reading has it: made once, and the same until something in it changes."""

    every: tuple[Held, ...]
    """By namespace and name."""
    objects: tuple[ObjectOfInterest, ...]
    problems: tuple[Problem, ...]

    @classmethod
    def of(cls, every: tuple[Held, ...]) -> _Listed:
        return cls(
            every,
            tuple(obj for one in every for obj in one.objects),
            tuple(problem for one in every for problem in one.problems),
        )


class Store:
    """Filled by the threads that listen to the server, read by the one that evaluates. ``changes`` counts
    the objects that came, went or changed in what plays a part."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        """Notified whenever there is something new; also its lock."""
        self.changes = 0
        self._kinds: dict[Resource, dict[Key, Held]] = {}
        self._listed: dict[Resource, _Listed] = {}

    def put(self, resource: Resource, one: Held) -> None:
        with self.changed:
            kind = self._kinds.setdefault(resource, {})
            if kind.get(one.key) is not one:
                kind[one.key] = one
                self._note(resource, 1)

    def drop(self, resource: Resource, key: Key) -> None:
        with self.changed:
            if self._kinds.get(resource, {}).pop(key, None) is not None:
                self._note(resource, 1)

    def replace(self, resource: Resource, every: Iterable[Held], namespace: str = "") -> None:
        """All there is of a kind now, or (with ``namespace``) all there is of it in one namespace."""
        with self.changed:
            before = self._kinds.get(resource, {})
            now = {one.key: one for one in every}
            if namespace:
                now = {key: one for key, one in before.items() if key[0] != namespace} | now
            different = sum(before.get(key) is not one for key, one in now.items())
            gone = len(before.keys() - now.keys())
            self._kinds[resource] = now
            if different or gone:
                self._note(resource, different + gone)

    def get(self, resource: Resource, key: Key) -> Held | None:
        return self._kinds.get(resource, {}).get(key)

    def count(self, resource: Resource) -> int:
        return len(self._kinds.get(resource, ()))

    def touch(self) -> None:
        """Something else than an object has changed: what may be read, for one."""
        with self.changed:
            self._note(None, 1)

    def _note(self, resource: Resource | None, changes: int) -> None:
        if resource is not None:
            self._listed.pop(resource, None)
        self.changes += changes
        self.changed.notify_all()

    def reading(self, title: str, coverage: Coverage) -> Reading:
        """Everything, in the order of kinds, namespaces and names. What has not changed since the reading
        before is the same object, each and in its list: so only the others have to be evaluated anew."""
        with self.changed:
            for resource, kind in self._kinds.items():
                if resource not in self._listed:
                    # Kept in this order, the next time it is nearly sorted.
                    ordered = self._kinds[resource] = dict(sorted(kind.items(), key=itemgetter(0)))
                    self._listed[resource] = _Listed.of(tuple(ordered.values()))
            kinds = [self._listed[resource] for resource in self._kinds]
        return Reading(
            title,
            SortedLists(kind.objects for kind in kinds),
            tuple(problem for kind in kinds for problem in kind.problems),
            texts=LiveTexts(lambda: {one.file: one.compact for kind in kinds for one in kind.every}),
            coverage=coverage,
        )
