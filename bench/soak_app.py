"""The explorer on a cluster that never stops changing: ``python -m bench.soak_app PODS RATE REPORT``.

It is the program's own application on its live path, from the decoding of an event to the screen; only the
connection is replaced, by a pipe from ``soak_server.py``. At the end (F9) the events stop, and what the
screen shows is compared with what the server then tells of all objects, evaluated anew; the result is
written to ``REPORT`` as JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterable, Mapping
from pathlib import Path
from random import Random
from typing import ClassVar, cast

from textual.binding import Binding, BindingType
from textual.events import Event, Key

from bench.feed import FollowedStore
from bench.soak_server import WHOLE
from policy_core.collection import collection_paused
from policy_core.evaluation import Evaluation
from policy_core.health import Feed as KindFeed
from policy_core.health import Health, KindHealth
from policy_core.model import Reading
from policy_core.snapshot import assemble
from policy_core.sources.cluster.connection import Connection
from policy_core.sources.cluster.live import LiveCluster
from policy_core.verdict import connection
from tui.app import NetpolApp
from tui.catalogue import Catalogue
from tui.following import Following
from tui.memory import Memory
from tui.messages import FeedMessage, Loaded, Renewed
from tui.screens.live_explorer import LiveExplorerScreen
from tui.session import Session

_CONNECTIONS = 5_000
"""Verdicts that are compared at the end."""
_PORTS = (22, 443, 5432, 8080, 8081, 8082, 9102)
_LOOK_AGAIN, _PATIENCE = 0.5, 300
"""Seconds between two looks whether the last event is shown, and after which it should have been."""


class _ChangingCluster:
    """What a Following asks of a cluster."""

    def __init__(self, pods: int, rate: int) -> None:
        self._pods = pods
        command = [sys.executable, "-m", "bench.soak_server", str(pods), str(rate)]
        self._server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._followed = FollowedStore()
        self.error = ""
        self.ready = False
        self.changes_read = 0
        """How many changes the last reading has."""
        self.done: dict[str, int] = {}
        """What the server says that it has done."""
        self.whole = threading.Event()
        """The server has told all objects anew."""
        self.anew = FollowedStore()
        """These."""

    def start(self) -> None:
        threading.Thread(target=self._run, name="watches", daemon=True).start()

    def _run(self) -> None:
        assert self._server.stdout is not None
        with collection_paused():
            self._take(self._server.stdout, self._followed)
        self.ready = True
        self.done = self._take(self._server.stdout, self._followed)
        self._take(self._server.stdout, self.anew)
        self.whole.set()

    @staticmethod
    def _take(lines: Iterable[bytes], followed: FollowedStore) -> dict[str, int]:
        """Until the server has told all that there is to tell for now."""
        for line in lines:
            event = json.loads(line)
            value = event["object"]
            if event["type"] == WHOLE:
                return cast(dict[str, int], value)
            followed.take_value(event["type"], value)
        raise EOFError("the server has ended")

    def stop(self) -> None:
        assert self._server.stdin is not None
        self._server.stdin.close()

    def refresh(self) -> None:
        pass  # everything is told as it happens

    look_into = refresh

    @property
    def changes(self) -> int:
        return self._followed.store.changes

    def counts(self) -> dict[str, int]:
        return {"objects": self.changes}

    def reading(self) -> Reading:
        self.changes_read = self._followed.store.changes
        return self._followed.reading()

    def health(self) -> Health:
        return Health((KindHealth("Pod", "pods", KindFeed.LIVE, self._pods, time.time()),))


class _Following(Following):
    def __init__(self, cluster: _ChangingCluster, session: Session) -> None:
        super().__init__(cast(Connection, None), (), session._post)
        self._cluster = cast(LiveCluster, cluster)
        self._changing = cluster
        self.last: tuple[Evaluation | None, int] = None, 0
        """What was last told to the screen, and how many changes it has."""

    @property
    def context(self) -> str:
        return "soak"

    def _say(self, message: FeedMessage) -> None:
        if isinstance(message, Loaded | Renewed):
            self.last = message.catalogue.evaluation, self._changing.changes_read
        super()._say(message)


class _Soak(NetpolApp):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f9", "compare", show=False, priority=True)]

    def __init__(self, pods: int, rate: int, report: Path) -> None:
        super().__init__(argparse.Namespace(namespace=None, all_namespaces=True, no_remember=True))
        self._changing = _ChangingCluster(pods, rate)
        self._report = report
        self._keys: list[float] = []
        """Milliseconds from each key until it had been handled and the screen drawn."""

    async def on_event(self, event: Event) -> None:
        await super().on_event(event)
        if isinstance(event, Key) and event.time:
            (self.focused or self.screen).call_after_refresh(self._drawn, event.time)

    def _drawn(self, pressed: float) -> None:
        self._keys.append((time.monotonic() - pressed) * 1000)

    def _open(self) -> None:
        self.session = Session.__new__(Session)
        self.session._options, self.session._post = self._options, self.post_message
        self.session._memory = cast(Memory, _Forgetful())
        self._following = _Following(self._changing, self.session)
        self.session.feed = self._following
        self.explorer = LiveExplorerScreen(self._clock)
        self.push_screen(self.explorer)
        self.run_worker(self._read_aside(), name="reading")

    def action_compare(self) -> None:
        self._changing.stop()
        self.run_worker(self._compare(), name="compare")

    async def _compare(self) -> None:
        try:
            result = await self._comparison()
        except Exception as error:  # noqa: BLE001 - told by the report
            self._handle_exception(error)
        else:
            self._write(result | self._changing.done | {"keys": self._keys})
            self.exit()

    async def _comparison(self) -> dict[str, object]:
        """As soon as the last event is shown."""
        assert self.explorer is not None
        assert self.explorer.state is not None
        waited = 0
        while not self._is_last_shown():
            await asyncio.sleep(_LOOK_AGAIN)
            waited += 1
            if waited * _LOOK_AGAIN > _PATIENCE:
                raise TimeoutError("the last event is not shown")
        shown = self.explorer.state.catalogue
        return await asyncio.to_thread(_compared, shown, self._changing.anew.reading())

    def _is_last_shown(self) -> bool:
        assert self.explorer is not None
        assert self.explorer.state is not None
        if not self._changing.whole.is_set():
            return False
        shown = self.explorer.state.catalogue.evaluation
        return self._following.last == (shown, self._changing.changes)

    def _handle_exception(self, error: Exception) -> None:
        """Textual would print the local values of every frame: of a whole cluster that takes minutes."""
        self._write({"failed": "".join(traceback.format_exception(error))})
        os._exit(1)

    def _write(self, result: Mapping[str, object]) -> None:
        self._report.write_text(json.dumps(result), encoding="utf-8")


class _Forgetful:
    def namespace(self, context: str) -> str:
        return ""

    def note(self, context: str, namespace: str) -> None:
        pass


def _compared(shown: Catalogue, reading: Reading) -> dict[str, object]:
    """Every row, and verdicts of pairs chosen at random."""
    fresh = Catalogue.of(Evaluation.of(assemble(reading)))
    different = [pane.value for pane in fresh.rows if list(fresh.rows[pane]) != list(shown.rows[pane])]
    random, wrong = Random(2), 0
    pods = [pod.ref for pod in fresh.evaluation.index.pods]
    for _ in range(_CONNECTIONS):
        (source, target), port = random.sample(pods, 2), random.choice(_PORTS)
        told = {
            connection(of.policies, of.pods[source], of.pods[target], "TCP", port).verdict
            for of in (fresh.evaluation, shown.evaluation)
        }
        wrong += len(told) > 1
    return {
        "pods": len(pods),
        "rows compared": sum(map(len, fresh.rows.values())),
        "lists that differ": different,
        "verdicts compared": _CONNECTIONS,
        "verdicts that differ": wrong,
    }


if __name__ == "__main__":
    _Soak(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])).run()
