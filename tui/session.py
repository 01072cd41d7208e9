"""The live side of the program: which cluster is followed, and where the person was in it."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from policy_core.snapshot import Snapshot
from policy_core.sources.cluster.connection import Connection
from tui.following import Following
from tui.memory import Memory
from tui.messages import FeedMessage
from tui.options import connect, namespaces_to_try

__all__ = ["Session"]


class Session:
    """One context after another, each followed until the person turns to the next."""

    def __init__(
        self, options: argparse.Namespace, connection: Connection, post: Callable[[FeedMessage], object]
    ) -> None:
        """Raises UsageError where the person's settings cannot be read."""
        self._options = options
        self._post = post
        self._memory = Memory(None) if options.no_remember else Memory.of_user()
        self.feed = self._following(connection)

    def _following(self, connection: Connection) -> Following:
        return Following(connection, namespaces_to_try(self._options, connection), self._post)

    def turn_to(self, context: str) -> None:
        """Follow another context of the same kubeconfig. Raises UsageError where it cannot be used; then
        everything stays as it was."""
        wanted = argparse.Namespace(**vars(self._options) | {"context": context, "namespace": None})
        connection = connect(wanted)
        self._options = wanted
        self.feed.stop()
        self.feed = self._following(connection)

    def recent(self) -> list[str]:
        """Contexts that were looked at, the last one first."""
        return self._memory.recent()

    def first_scope(self, snapshot: Snapshot) -> str:
        """The namespace to begin with: the one that is asked for, else the one where the person was last in
        this context; empty for all."""
        if self._options.namespace or self._options.all_namespaces:
            return self._options.namespace or ""
        last = self._memory.namespace(self.feed.context)
        return last if last in snapshot.namespaces else ""

    def note(self, scope: str) -> None:
        """The person is there now."""
        self._memory.note(self.feed.context, scope)
