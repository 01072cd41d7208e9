"""A cluster read once, for a command that answers and ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from policy_core.coverage import KindCoverage
from policy_core.model import Reading
from policy_core.sources.cluster.connection import Connection
from policy_core.sources.cluster.errors import (
    ClusterError,
    ForbiddenError,
    KubeconfigError,
    OverloadedError,
    UnauthorizedError,
    UnreachableError,
)
from policy_core.sources.cluster.listing import list_all, read_one
from policy_core.sources.cluster.resources import RESOURCES, Resource, served
from policy_core.sources.cluster.scopes import Outcome, absent, gathered, judged
from policy_core.sources.cluster.store import Store

__all__ = ["Counts", "read"]

Counts = Callable[[Mapping[str, int]], None]
"""Told how many objects of each kind (by its plural) there are so far."""
_AT_ONCE = 8
_FATAL = (UnreachableError, UnauthorizedError, KubeconfigError)


def read(
    connection: Connection, namespaces: Iterable[str] = (), counts: Counts = lambda found: None
) -> Reading:
    """Everything there is to read. What is forbidden for the whole cluster is tried in ``namespaces``; what
    cannot be read is told by the reading's coverage.

    Raises ClusterError where the server cannot be reached or does not accept the credentials.
    """
    return _Once(connection, tuple(dict.fromkeys(filter(None, namespaces))), counts).read()


class _Once:
    def __init__(self, connection: Connection, namespaces: tuple[str, ...], counts: Counts) -> None:
        self._connection = connection
        self._namespaces = namespaces
        self._counts = counts
        self._found: dict[str, int] = {}
        self._lock = threading.Lock()
        self._store = Store()

    def read(self) -> Reading:
        versions = served(self._connection)
        with ThreadPoolExecutor(_AT_ONCE, "listing") as threads:
            tasks = [threads.submit(self._kind, resource, version) for resource, version in versions.items()]
            try:
                read = dict(zip(versions, [task.result() for task in tasks], strict=True))
            finally:
                for task in tasks:
                    task.cancel()
        coverage = gathered(read[r] if r in read else absent(r) for r in RESOURCES)
        return self._store.reading(self._connection.context.name, coverage)

    def _kind(self, resource: Resource, version: str) -> KindCoverage:
        whole = self._outcome(resource, version)
        parts: dict[str, Outcome] = {}
        if isinstance(whole, ForbiddenError):
            if resource.namespaced:
                parts = {name: self._outcome(resource, version, name) for name in self._namespaces}
            elif resource.kind == "Namespace":
                parts = {name: self._single(resource, version, name) for name in self._namespaces}
        return judged(resource, whole, parts)

    def _outcome(self, resource: Resource, version: str, namespace: str = "") -> Outcome:
        def progress(count: int) -> None:
            with self._lock:
                self._found[resource.plural] = count
                self._counts(dict(self._found))

        def attempt() -> None:
            every, _ = list_all(
                self._connection,
                resource,
                version,
                self._store,
                namespace=namespace,
                progress=progress,
            )
            self._store.replace(resource, every, namespace)

        return _tried(attempt)

    def _single(self, resource: Resource, version: str, name: str) -> Outcome:
        return _tried(
            lambda: self._store.put(
                resource, read_one(self._connection, resource, version, self._store, name)
            )
        )


_PATIENCE = 5
"""Tries while the server asks to be left alone for a while."""


def _tried(attempt: Callable[[], None]) -> Outcome:
    for left in reversed(range(_PATIENCE)):
        try:
            attempt()
        except OverloadedError as error:
            if not left:
                return error
            threading.Event().wait(min(error.wait, 10.0))
        except _FATAL:
            raise
        except ClusterError as error:
            return error
        else:
            return None
    raise AssertionError
