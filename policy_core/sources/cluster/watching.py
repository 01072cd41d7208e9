"""What changes of one kind, as the server tells it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from policy_core.sources.cluster.connection import Connection, refusal
from policy_core.sources.cluster.errors import ClusterError, UnreachableError
from policy_core.sources.cluster.network_errors import in_words
from policy_core.sources.cluster.resources import Resource

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

__all__ = ["Event", "Watch"]

_SERVER_ENDS_AFTER = 290
"""Seconds. The server ends the watch then, and it is opened again: as good as the official clients' way."""
_SILENCE = 120.0
"""Seconds without a word, bookmarks come about every minute, after which the server counts as gone."""
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Event:
    """``type`` is ADDED, MODIFIED, DELETED or BOOKMARK; ``version`` the resourceVersion to go on from."""

    type: str
    value: dict[str, Any]
    version: str


class Watch:
    """One open watch. Iterate over it in one thread; :meth:`stop` may be called from any."""

    def __init__(
        self, connection: Connection, resource: Resource, version: str, since: str, namespace: str = ""
    ) -> None:
        """Opens it, to go on from the resourceVersion ``since``. Raises ClusterError."""
        self._server = connection.server
        self._answer: BaseHTTPResponse = connection.get(
            resource.path(version, namespace),
            {
                "watch": 1,
                "allowWatchBookmarks": "true",
                "resourceVersion": since,
                "timeoutSeconds": _SERVER_ENDS_AFTER,
            },
            stream=True,
            read_timeout=_SILENCE,
        )

    def __iter__(self) -> Iterator[list[Event]]:
        """Events as they arrive, those that arrive together together; ends when the server ends it. Raises
        ClusterError, ExpiredError where what it was to go on from is too long ago."""
        for lines in self._lines():
            yield [_event(line) for line in lines]

    def _lines(self) -> Iterator[list[bytes]]:
        from urllib3.exceptions import HTTPError

        rest = b""
        try:
            for chunk in self._answer.stream(_CHUNK):
                *lines, rest = (rest + chunk).split(b"\n")
                if lines:
                    yield lines
        except (HTTPError, OSError) as error:
            raise UnreachableError(in_words(error, self._server)) from error
        finally:
            self._answer.close()

    def stop(self) -> None:
        """Wake up whoever waits for the next event: the watch ends. One that has just ended is left alone."""
        with suppress(OSError, RuntimeError, TypeError, ValueError):  # each says that it is closed already
            self._answer.shutdown()


def _event(line: bytes) -> Event:
    try:
        event = json.loads(line)
        kind, value = event["type"], event["object"]
        metadata = value.get("metadata") or {}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ClusterError(f"a watch tells no event: {line[:60].decode('utf-8', 'replace')!r}") from error
    if kind == "ERROR":
        raise refusal(int(value.get("code") or 500), str(value.get("message") or ""))
    return Event(kind, value, str(metadata.get("resourceVersion") or ""))
