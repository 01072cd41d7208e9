"""Keeps the store true to one kind of a cluster: lists it, then watches it, for as long as it is wanted."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from policy_core.health import Feed
from policy_core.sources.cluster.connection import Connection
from policy_core.sources.cluster.errors import (
    AbsentError,
    ClusterError,
    ExpiredError,
    ForbiddenError,
    OverloadedError,
)
from policy_core.sources.cluster.listing import list_all, read_one
from policy_core.sources.cluster.resources import Resource
from policy_core.sources.cluster.store import Store, held, key_of
from policy_core.sources.cluster.watching import Event, Watch

__all__ = ["Follower", "NamespaceFollower", "Standing"]

_FIRST_WAIT, _LONGEST_WAIT = 0.5, 15.0
"""Seconds between two tries while the server cannot be heard; doubled each time."""
_SPREAD = 0.2
"""Seconds within which those list again who were all told at once that their history has gone."""
_POLL = 5.0
"""Seconds after which a namespace that cannot be watched is read again."""
_AGAIN = 60.0
"""Seconds after which what was forbidden is tried again: rights may be granted at any time."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How one kind stands, in one namespace or in the whole cluster. ``listed``: all there is of it was read
    once, so that what is known of it is whole, if perhaps old; ``refused`` the error where it may not be read
    or is not there."""

    feed: Feed = Feed.LISTING
    listed: bool = False
    counted: int = 0
    """Objects read so far while the list is under way."""
    heard: float = 0.0
    error: str = ""
    refused: ClusterError | None = field(default=None, compare=False)


class Follower:
    """One kind in one scope, in a thread of its own. ``tell`` is called in that thread with every change of
    its standing."""

    def __init__(
        self,
        connection: Connection,
        resource: Resource,
        version: str,
        store: Store,
        tell: Callable[[Follower], None],
        namespace: str = "",
    ) -> None:
        self.resource = resource
        self.version = version
        self.namespace = namespace
        self.standing = Standing()
        self._connection = connection
        self._store = store
        self._tell = tell
        self._stopped = threading.Event()
        self._woken = threading.Event()
        self._since = ""
        self._wait = _FIRST_WAIT
        self._watch: Watch | None = None
        name = f"{resource.name} {namespace}".strip()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns at once; the thread ends as soon as it can."""
        self._stopped.set()
        self._interrupt()

    def refresh(self) -> None:
        """List everything anew, now."""
        self._since = ""
        self._interrupt()

    def _interrupt(self) -> None:
        self._woken.set()
        watch = self._watch
        if watch is not None:
            watch.stop()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._woken.clear()
            try:
                if not self._since:
                    self._list()
                self._follow()
            except ExpiredError:
                self._since = ""
                self._woken.wait(random.uniform(0, _SPREAD))  # noqa: S311 - only to spread the load
            except (ForbiddenError, AbsentError) as error:
                self._since = ""
                self._refused(error)
                self._woken.wait(_AGAIN)
            except ClusterError as error:
                self._lost(str(error), error.wait if isinstance(error, OverloadedError) else 0.0)
            except Exception as error:  # noqa: BLE001 - told on the screen; the other kinds go on
                self._since = ""
                self._lost(f"unexpected: {type(error).__name__}: {error}")

    def _list(self) -> None:
        self._stand(feed=Feed.LISTING, counted=0)
        found, since = list_all(
            self._connection,
            self.resource,
            self.version,
            self._store,
            namespace=self.namespace,
            progress=lambda count: self._stand(counted=count, heard=time.time()),
        )
        if self._stopped.is_set():
            return
        self._store.replace(self.resource, found, self.namespace)
        self._since = since
        self._stand(listed=True, refused=None, error="", heard=time.time())

    def _follow(self) -> None:
        """Until the server ends the watch, or somebody interrupts it."""
        started = time.monotonic()
        self._watch = Watch(self._connection, self.resource, self.version, self._since, self.namespace)
        try:
            self._stand(feed=Feed.LIVE, error="", heard=time.time())
            self._wait = _FIRST_WAIT
            for events in () if self._woken.is_set() else self._watch:
                for event in events:
                    self._take(event)
                self._stand(heard=time.time())
        except ClusterError:
            if not self._woken.is_set():  # else it broke because it was interrupted
                raise
        finally:
            self._watch = None
        if time.monotonic() - started < _FIRST_WAIT:  # a server that ends every watch at once
            self._woken.wait(_FIRST_WAIT)

    def _take(self, event: Event) -> None:
        if event.type in ("ADDED", "MODIFIED"):
            before = self._store.get(self.resource, key_of(event.value))
            shared = self._store.shared()
            self._store.put(self.resource, held(self.resource, self.version, event.value, before, shared))
        elif event.type == "DELETED":
            self._store.drop(self.resource, key_of(event.value))
        if event.version and self._since:
            self._since = event.version

    def _lost(self, error: str, asked: float = 0.0) -> None:
        """Wait before the next try, no less than the server has ``asked`` for, in seconds."""
        self._stand(feed=Feed.LOST, error=error)
        self._woken.wait(max(asked, self._wait) * random.uniform(1, 1.3))  # noqa: S311 - likewise
        self._wait = min(self._wait * 2, _LONGEST_WAIT)

    def _refused(self, error: ClusterError) -> None:
        """What could be read until now cannot any more. First it says so: in between nobody may take the
        kind for empty."""
        listed = self.standing.listed
        self._stand(feed=Feed.NONE, listed=False, refused=error, error=str(error), heard=time.time())
        if listed:
            self._store.replace(self.resource, (), self.namespace)

    def _stand(self, **changes: Any) -> None:
        self.standing = replace(self.standing, **changes)
        self._tell(self)


class NamespaceFollower(Follower):
    """One namespace of which only this one may be read. It cannot be watched alone, so it is asked for again
    and again."""

    def _list(self) -> None:
        self._stand(feed=Feed.LISTING)
        found = read_one(self._connection, self.resource, self.version, self._store, self.namespace)
        if not self._stopped.is_set():
            self._store.put(self.resource, found)
            self._stand(feed=Feed.LIVE, listed=True, refused=None, error="", heard=time.time())
            self._wait = _FIRST_WAIT

    def _follow(self) -> None:
        self._woken.wait(_POLL)

    def _refused(self, error: ClusterError) -> None:
        self._stand(feed=Feed.NONE, listed=False, refused=error, error=str(error), heard=time.time())
        self._store.drop(self.resource, ("", self.namespace))
