"""A cluster that is followed for as long as somebody looks at it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

from policy_core.coverage import Coverage, KindCoverage
from policy_core.health import Feed, Health, KindHealth
from policy_core.model import Reading
from policy_core.sources.cluster.connection import Connection
from policy_core.sources.cluster.errors import ClusterError, ForbiddenError
from policy_core.sources.cluster.follower import Follower, NamespaceFollower, Standing
from policy_core.sources.cluster.resources import RESOURCES, Resource, served
from policy_core.sources.cluster.scopes import absent, gathered, judged
from policy_core.sources.cluster.store import Store

__all__ = ["LiveCluster"]

_LOOK_AGAIN = 60.0
"""Seconds after which the server is asked again what it serves: something may be installed meanwhile."""
_FIRST_TRY_AGAIN, _LONGEST_TRY_AGAIN = 1.0, 15.0
_PATIENCE = 10.0
"""Seconds that a kind which fails may keep the others from being shown."""


class LiveCluster:
    """Everything of a cluster that plays a part, kept true by one thread for each kind.

    ``tell`` is called, in one of these threads, when a kind's standing changes: it must return at once. What
    changes in the objects is told by :attr:`store`.
    """

    def __init__(
        self, connection: Connection, namespaces: Iterable[str], tell: Callable[[], None] = lambda: None
    ) -> None:
        self.connection = connection
        self.store = Store()
        self.error = ""
        """Why it is not even known which resources there are; empty where it is."""
        self._tell = tell
        self._namespaces = list(dict.fromkeys(filter(None, namespaces)))
        self._followers: dict[tuple[Resource, str], Follower] = {}
        self._lock = threading.RLock()
        self._stopped = threading.Event()
        self._started = time.monotonic()

    def start(self) -> None:
        threading.Thread(target=self._discover, name="discovery", daemon=True).start()

    def stop(self) -> None:
        """Returns at once; the threads end as soon as they can."""
        self._stopped.set()
        with self._lock:
            for follower in self._followers.values():
                follower.stop()
        self.connection.close()

    def refresh(self) -> None:
        """Read everything anew."""
        with self._lock:
            for follower in self._followers.values():
                follower.refresh()

    def look_into(self, namespace: str) -> None:
        """Try this namespace, too, wherever a kind is forbidden for the whole cluster."""
        with self._lock:
            if namespace not in self._namespaces:
                self._namespaces.append(namespace)
            for follower in list(self._followers.values()):
                self._descend(follower)

    # What is known ------------------------------------------------------------------------------------

    @property
    def ready(self) -> bool:
        """Whether all that can be read was read once."""
        with self._lock:
            late = time.monotonic() - self._started > _PATIENCE
            standings = [follower.standing for follower in self._followers.values()]
        decided = [_decided(standing) or (late and standing.feed is Feed.LOST) for standing in standings]
        return bool(standings) and all(decided) and any(map(_decided, standings))

    @property
    def changes(self) -> object:
        """Differs from what it was whenever a reading would."""
        return self.store.changes, self._coverages()

    def counts(self) -> dict[str, int]:
        """How many objects of each kind, by its plural, were read so far."""
        found: dict[str, int] = {}
        with self._lock:
            for (resource, _), follower in self._followers.items():
                found[resource.plural] = found.get(resource.plural, 0) + follower.standing.counted
        return found

    def reading(self) -> Reading:
        """All of it as it is now."""
        coverage: Coverage | None = None
        while coverage != (now := self._coverages()):  # a kind may be read, or forbidden, in between
            coverage = now
            reading = self.store.reading(self.connection.context.name, now)
        return reading

    def _coverages(self) -> Coverage:
        with self._lock:
            return gathered(self._coverage(resource) for resource in RESOURCES)

    def health(self) -> Health:
        with self._lock:
            return Health(tuple(self._health(resource) for resource in RESOURCES))

    def _coverage(self, resource: Resource) -> KindCoverage:
        follower = self._followers.get((resource, ""))
        if follower is None:
            return absent(resource)
        parts = {name: _outcome(part.standing) for name, part in self._parts(resource)}
        return judged(resource, _outcome(follower.standing), parts)

    def _health(self, resource: Resource) -> KindHealth:
        follower = self._followers.get((resource, ""))
        if follower is None:
            return KindHealth(resource.kind, resource.name, Feed.NONE)
        standings = [part.standing for _, part in self._parts(resource)] or [follower.standing]
        # Those that may not be read say nothing about how fresh the others are.
        heard = [s for s in standings if s.feed is not Feed.NONE] or [follower.standing]
        worst = max(heard, key=lambda standing: _CONCERN.index(standing.feed))
        return KindHealth(
            resource.kind,
            resource.name,
            worst.feed,
            self.store.count(resource),
            min(standing.heard for standing in heard),
            worst.error if worst.feed is Feed.LOST else follower.standing.error,
        )

    def _parts(self, resource: Resource) -> list[tuple[str, Follower]]:
        return [(name, f) for (of, name), f in self._followers.items() if of is resource and name]

    # Following ------------------------------------------------------------------------------------------

    def _discover(self) -> None:
        """Look again and again which resources there are, and follow those that are new."""
        wait = _FIRST_TRY_AGAIN
        while not self._stopped.is_set():
            try:
                versions = served(self.connection)
            except ClusterError as error:
                self.error = str(error)
                self._tell()
                self._stopped.wait(wait)
                wait = min(wait * 2, _LONGEST_TRY_AGAIN)
                continue
            self.error, wait = "", _FIRST_TRY_AGAIN
            with self._lock:
                for resource, version in versions.items():
                    self._follow(resource, version)
            self._tell()
            self._stopped.wait(_LOOK_AGAIN)

    def _follow(self, resource: Resource, version: str, namespace: str = "") -> None:
        if (resource, namespace) in self._followers or self._stopped.is_set():
            return
        single = resource.kind == "Namespace" and namespace
        kind = NamespaceFollower if single else Follower
        follower = kind(self.connection, resource, version, self.store, self._heard, namespace)
        self._followers[resource, namespace] = follower
        follower.start()

    def _heard(self, follower: Follower) -> None:
        with self._lock:
            if not follower.namespace:
                self._descend(follower)
        self._tell()

    def _descend(self, follower: Follower) -> None:
        """Where a kind is forbidden for the whole cluster follow it in single namespaces; where it is not,
        any more, leave those alone."""
        resource = follower.resource
        if follower.namespace:
            return
        if isinstance(follower.standing.refused, ForbiddenError):
            if resource.namespaced or resource.kind == "Namespace":
                for name in self._namespaces:
                    self._follow(resource, follower.version, name)
        elif follower.standing.listed:
            for name, part in self._parts(resource):
                part.stop()
                del self._followers[resource, name]


_CONCERN = (Feed.NONE, Feed.LIVE, Feed.LISTING, Feed.LOST)


def _decided(standing: Standing) -> bool:
    return standing.listed or standing.refused is not None


def _outcome(standing: Standing) -> ClusterError | None:
    if standing.listed:
        return None
    return standing.refused or ClusterError(standing.error or "not read yet")
