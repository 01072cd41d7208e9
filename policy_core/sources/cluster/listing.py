"""One kind's objects, page by page, each made small before the next page is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from policy_core.sources.cluster.connection import Connection
from policy_core.sources.cluster.errors import ClusterError, ExpiredError
from policy_core.sources.cluster.resources import Resource
from policy_core.sources.cluster.store import Held, Store, held, key_of

__all__ = ["list_all", "read_one"]

_PAGE = 500
_TRIES = 3
"""With pages: a list that takes longer than the server keeps its history is begun again."""

Progress = Callable[[int], None]


def list_all(
    connection: Connection,
    resource: Resource,
    version: str,
    store: Store,
    *,
    namespace: str = "",
    progress: Progress = lambda count: None,
) -> tuple[list[Held], str]:
    """Every object there is of a kind, in one namespace or in all, and the resourceVersion to watch from. The
    store is only looked into, for what has not changed. Raises ClusterError."""
    for attempt in range(_TRIES + 1):
        query: dict[str, str | int] = {"limit": _PAGE} if attempt < _TRIES else {}
        try:
            return _pages(connection, resource, version, store, namespace, query, progress)
        except ExpiredError:
            if attempt == _TRIES:
                raise
    raise AssertionError


def _pages(
    connection: Connection,
    resource: Resource,
    version: str,
    store: Store,
    namespace: str,
    query: dict[str, str | int],
    progress: Progress,
) -> tuple[list[Held], str]:
    found: list[Held] = []
    path = resource.path(version, namespace)
    while True:
        page = connection.get_json(path, query)
        items, metadata = page.get("items") or (), page.get("metadata")
        if not isinstance(metadata, dict) or not isinstance(items, (list, tuple)):
            raise ClusterError(f"{path}: the answer is no list")
        found += [_held(store, resource, version, item) for item in items]
        progress(len(found))
        if not metadata.get("continue"):
            return found, str(metadata.get("resourceVersion") or "")
        query = {**query, "continue": str(metadata["continue"])}
        del page, items  # before the next one is made


def read_one(connection: Connection, resource: Resource, version: str, store: Store, name: str) -> Held:
    """A single cluster-scoped object: who may not list a kind may yet read one of it. Raises ClusterError."""
    value = connection.get_json(f"{resource.path(version)}/{name}")
    return _held(store, resource, version, value)


def _held(store: Store, resource: Resource, version: str, item: dict[str, Any]) -> Held:
    return held(resource, version, item, store.get(resource, key_of(item)), store.shared())
