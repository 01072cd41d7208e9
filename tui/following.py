"""A live cluster for the screen: what changes there becomes a new catalogue, a few times a second at most.

All of it happens in threads; the screen only gets messages.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext

from policy_core.collection import collection_paused
from policy_core.evaluation import Evaluation
from policy_core.health import Health
from policy_core.snapshot import assemble
from policy_core.sources.cluster.connection import Connection
from policy_core.sources.cluster.live import LiveCluster
from tui.catalogue import Catalogue
from tui.columns import measured
from tui.messages import FeedMessage, Heard, Loaded, Progressed, Renewed
from tui.warming import settle

__all__ = ["Following"]

_INTERVAL = 0.2
"""Seconds between two renewals at least: what people can follow."""
_REST = 2.0
"""Rests so many times as long as the last renewal took: the keys come first."""
_LONGEST_REST = 15.0
"""Seconds. A renewal that took a minute, as on a machine that is held up, is no reason to show what is three
minutes old."""
_LISTENING = 1.0
"""Seconds after which the ages of what is shown are told again, though nothing has happened."""


class Following:
    """Follows one cluster until it is stopped, and posts what there is to show."""

    def __init__(
        self, connection: Connection, namespaces: Iterable[str], post: Callable[[FeedMessage], object]
    ) -> None:
        self._connection = connection
        self._post = post
        self._woken = threading.Event()
        self._stopped = threading.Event()
        self._cluster = LiveCluster(connection, namespaces, self._woken.set)

    @property
    def context(self) -> str:
        return self._connection.context.name

    def contexts(self) -> Sequence[str]:
        """Every context of the kubeconfig; inside a pod only this one."""
        kubeconfig = self._connection.kubeconfig
        return sorted(kubeconfig.contexts) if kubeconfig else [self.context]

    def refresh(self) -> None:
        self._cluster.refresh()

    def look_into(self, namespace: str) -> None:
        """Try this namespace wherever a kind is forbidden for the whole cluster."""
        self._cluster.look_into(namespace)

    def stop(self) -> None:
        """Returns at once."""
        self._stopped.set()
        self._woken.set()
        self._cluster.stop()

    def run(self) -> None:
        """Blocks until it is stopped."""
        self._say(Progressed(f"connecting to {self.context}…"))
        self._cluster.start()
        catalogue: Catalogue | None = None
        seen: object = None
        health: Health | None = None
        while not self._stopped.is_set():
            self._woken.wait(_LISTENING)
            self._woken.clear()
            started = time.monotonic()
            if catalogue is None and not self._cluster.ready:
                self._say(Progressed(self._progress()))
            else:
                changes = self._cluster.changes
                if changes != seen:
                    seen = changes
                    catalogue = self._renewed(catalogue)
                if (now := self._cluster.health()) != health:
                    health = now
                    self._say(Heard(now))
            took = time.monotonic() - started
            rest = min(_REST * took, _LONGEST_REST) if catalogue else 0.0
            self._stopped.wait(max(_INTERVAL, rest))

    def _renewed(self, before: Catalogue | None) -> Catalogue:
        known = before.evaluation if before else None
        # Later on what is young is gone through as it comes: all at once it would hold up the keys.
        with collection_paused() if before is None else nullcontext():
            snapshot = assemble(self._cluster.reading(), known.snapshot if known else None)
            catalogue = Catalogue.of(Evaluation.of(snapshot, known), before, measured)
        if before is None:
            settle(catalogue)
            self._say(Loaded(catalogue))
        else:
            self._say(Renewed(catalogue))
        return catalogue

    def _progress(self) -> str:
        if self._cluster.error:
            return f"{self._cluster.error}; trying again"
        lost = self._cluster.health().lost
        if lost:
            return f"{lost[0].error}; trying again"
        counts = " · ".join(f"{name} {count:,}" for name, count in self._cluster.counts().items() if count)
        return f"reading {self.context}: {counts}" if counts else f"connecting to {self.context}…"

    def _say(self, message: FeedMessage) -> None:
        if not self._stopped.is_set():
            message.feed = self
            self._post(message)
