"""What is known of a cluster at the moment, object by object."""

from __future__ import annotations

import json
import threading
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from policy_core.coverage import Coverage
from policy_core.manifests.decode import decode
from policy_core.manifests.dumping import yaml_text
from policy_core.manifests.live_texts import LiveTexts
from policy_core.manifests.objects import RawObject
from policy_core.manifests.sharing import Shared, sharing
from policy_core.manifests.trimming import trimmed
from policy_core.model import ObjectOfInterest, Origin, Problem, Reading
from policy_core.parts import ByNamespace, Part
from policy_core.sorted_lists import SortedLists
from policy_core.sources.cluster.resources import Resource

__all__ = ["Held", "Store", "held", "key_of"]

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


def key_of(value: Mapping[str, Any]) -> Key:
    """(namespace, name) of an object as the server sends it."""
    metadata = value.get("metadata") or {}
    return str(metadata.get("namespace") or ""), str(metadata.get("name") or "")


def held(
    resource: Resource,
    version: str,
    value: Mapping[str, Any],
    before: Held | None = None,
    shared: Shared | None = None,
) -> Held:
    """An object as the server sent it, made small. ``before``, what it was under the same key, is given back
    where nothing in it that plays a part has changed: then nothing that hangs on it has to be computed anew.
    ``shared`` has values of others."""
    kept = trimmed({"apiVersion": _api_version(resource, version), "kind": resource.kind_name, **value})
    compact = json.dumps(kept, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
    if before is not None and before.compact == compact:
        return before
    key = before.key if before else key_of(kept)
    file = before.file if before else "/".join(part for part in (resource.name, *key) if part)
    origin = Origin(file, 1, 1, None)
    decoded = decode(RawObject(kept, origin, ""), "default", shared)
    if decoded.problems:  # now their lines are worth the text
        decoded = decode(RawObject(kept, origin, yaml_text(kept)), "default")
    objects = decoded.objects
    if before is not None and len(before.objects) == len(objects):
        objects = tuple(map(sharing, objects, before.objects))
    return Held(key, file, objects, decoded.problems, compact)


def _api_version(resource: Resource, version: str) -> str:
    return f"{resource.group}/{version}" if resource.group else version


class _Listed(NamedTuple):
    """The objects of one resource in one namespace as a reading has them: the same until one of them
    changes."""

    every: Sequence[Held] = ()
    """By name."""
    objects: Part[Any] = Part()
    problems: tuple[Problem, ...] = ()

    def after(self, changed: Mapping[str, Held | None]) -> _Listed:
        """The same with these by their names; None has gone."""
        every, objects = list(self.every), list(self.objects)
        alike = len(every) == len(objects)  # as nearly always: one object each
        for name, one in changed.items():
            at = bisect_left(every, name, key=_name)
            end = at + (at < len(every) and _name(every[at]) == name)
            every[at:end] = [] if one is None else [one]
            alike = alike and (one is None or len(one.objects) == 1)
            if alike:
                objects[at:end] = [] if one is None else one.objects
        if not alike:
            objects = [obj for one in every for obj in one.objects]
        some = any(one and one.problems for one in changed.values())
        problems = tuple(p for one in every for p in one.problems) if some or self.problems else ()
        return _Listed(every, Part(objects), problems)


class _Kind(NamedTuple):
    """One resource as a reading has it."""

    listed: Mapping[str, _Listed]
    objects: Sequence[ObjectOfInterest]
    problems: tuple[Problem, ...]


def _name(one: Held) -> str:
    return one.key[1]


class _Manifests(Mapping[str, bytes]):
    """The compact manifests of a reading, by the name that origins use."""

    def __init__(self, kinds: Mapping[Resource, _Kind]) -> None:
        self._kinds = {resource.name: kind for resource, kind in kinds.items()}

    def __getitem__(self, file: str) -> bytes:
        resource, _, path = file.partition("/")
        namespace, _, name = path.rpartition("/")
        kind = self._kinds.get(resource)
        every = kind.listed[namespace].every if kind and namespace in kind.listed else ()
        at = bisect_left(every, name, key=_name)
        if at == len(every) or every[at].file != file:
            raise KeyError(file)
        return every[at].compact

    def __iter__(self) -> Iterator[str]:
        return (one.file for one in self._every())

    def __len__(self) -> int:
        return sum(1 for _ in self._every())

    def _every(self) -> Iterator[Held]:
        for kind in self._kinds.values():
            for listed in kind.listed.values():
                yield from listed.every


_WHILE = 200_000
"""Objects after which others share values among themselves: those of objects that have gone are let go."""


class Store:
    """Filled by the threads that listen to the server, read by the one that evaluates. ``changes`` counts
    the objects that came, went or changed in what plays a part."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        """Notified whenever there is something new; also its lock."""
        self.changes = 0
        self._held: dict[Resource, dict[Key, Held]] = {}
        self._fresh: dict[Resource, dict[str, dict[str, Held | None]]] = {}
        """What has changed since the last reading, by namespace and name; None has gone."""
        self._kinds: dict[Resource, _Kind] = {}
        self._shared = Shared()
        self._sharing = 0

    def shared(self) -> Shared:
        """Values that the objects of the last while have in common, to be used for one more object."""
        self._sharing += 1
        if self._sharing > _WHILE:
            self._shared, self._sharing = Shared(), 0
        return self._shared

    def put(self, resource: Resource, one: Held) -> None:
        with self.changed:
            held = self._held.setdefault(resource, {})
            if held.get(one.key) is not one:
                held[one.key] = one
                self._note(resource, [(one.key, one)])

    def drop(self, resource: Resource, key: Key) -> None:
        with self.changed:
            if self._held.get(resource, {}).pop(key, None) is not None:
                self._note(resource, [(key, None)])

    def replace(self, resource: Resource, every: Iterable[Held], namespace: str = "") -> None:
        """All there is of a kind now, or (with ``namespace``) all there is of it in one namespace."""
        with self.changed:
            before = self._held.get(resource, {})
            now = {one.key: one for one in every}
            if namespace:
                now = {key: one for key, one in before.items() if key[0] != namespace} | now
            changes: list[tuple[Key, Held | None]] = [
                (key, one) for key, one in now.items() if before.get(key) is not one
            ]
            changes += [(key, None) for key in before if key not in now]
            self._held[resource] = now
            self._note(resource, changes)

    def get(self, resource: Resource, key: Key) -> Held | None:
        return self._held.get(resource, {}).get(key)

    def count(self, resource: Resource) -> int:
        return len(self._held.get(resource, ()))

    def _note(self, resource: Resource, changes: Sequence[tuple[Key, Held | None]]) -> None:
        if not changes:
            return
        fresh = self._fresh.setdefault(resource, {})
        for (namespace, name), one in changes:
            fresh.setdefault(namespace, {})[name] = one
        self.changes += len(changes)
        self.changed.notify_all()

    def reading(self, title: str, coverage: Coverage) -> Reading:
        """Everything, in the order of kinds, namespaces and names. What has not changed since the reading
        before is the same object, each and in its list: so only the others have to be evaluated anew."""
        with self.changed:
            fresh, self._fresh = self._fresh, {}
            for resource, changed in fresh.items():
                self._kinds[resource] = _renewed(self._kinds.get(resource), changed)
            kinds = dict(self._kinds)
        return Reading(
            title,
            SortedLists(kind.objects for kind in kinds.values()),
            tuple(problem for kind in kinds.values() for problem in kind.problems),
            texts=LiveTexts(lambda: _Manifests(kinds)),
            coverage=coverage,
        )


def _renewed(before: _Kind | None, changed: Mapping[str, Mapping[str, Held | None]]) -> _Kind:
    listed = {**before.listed} if before else {}
    anew = {name: listed.get(name, _Listed()).after(named) for name, named in changed.items()}
    gone = {name for name, part in anew.items() if not part.every}
    listed = {name: part for name, part in {**listed, **anew}.items() if name not in gone}
    problems = tuple(problem for name in sorted(listed) for problem in listed[name].problems)
    objects: Sequence[ObjectOfInterest]
    if "" in listed:  # of no namespace
        objects = listed[""].objects
    else:
        parted = before.objects if before else ()
        whole = parted if isinstance(parted, ByNamespace) else ByNamespace[Any]({})
        objects = whole.with_parts({name: part.objects for name, part in anew.items()})
    return _Kind(listed, objects, problems)
