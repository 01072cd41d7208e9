"""The explorer on a cluster that never stops changing: ``python -m bench.soak_app PODS RATE REPORT``.

It is the program's own application on its live path, from the decoding of an event to the screen; only the
connection is replaced, by a thread that makes ``RATE`` events a second (``feed.py``). At the end (F9) the
events stop, and what the screen shows is compared with what is read and evaluated anew; the result is written
to ``REPORT`` as JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from pathlib import Path
from random import Random
from typing import ClassVar, cast

from textual.binding import Binding, BindingType

from bench.feed import EVENTS, Feed
from policy_core.collection import collection_paused
from policy_core.evaluation import Evaluation
from policy_core.health import Feed as KindFeed
from policy_core.health import Health, KindHealth
from policy_core.model import Reading
from policy_core.snapshot import assemble
from policy_core.sources.cluster.connection import Connection
from policy_core.sources.cluster.live import LiveCluster
from policy_core.sources.cluster.store import Store
from policy_core.verdict import connection
from tui.app import NetpolApp
from tui.catalogue import Catalogue
from tui.following import Following
from tui.screens.live_explorer import LiveExplorerScreen
from tui.session import Session

_CONNECTIONS = 2_000
"""Verdicts that are compared at the end."""
_SETTLED = 10.0
"""Seconds after the last event before the screen is compared: the last renewal is over by then."""


class _ChangingCluster:
    """What a Following asks of a cluster."""

    def __init__(self, pods: int, rate: int) -> None:
        self._pods, self._rate = pods, rate
        self.store = Store()
        self.feed: Feed | None = None
        self.error = ""
        self.ready = False
        self.events = 0
        self.behind = 0
        """Events that there was no time for."""
        self._stopped = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._run, name="events", daemon=True).start()

    def _run(self) -> None:
        with collection_paused():
            self.feed = Feed(self._pods, self.store)
        self.ready = True
        random, events = Random(1), [event for event, _ in EVENTS.values()]
        weights = [weight for _, weight in EVENTS.values()]
        due = time.monotonic()
        while not self._stopped.is_set():
            for event in random.choices(events, weights, k=max(1, self._rate // 20)):
                event(self.feed)
                self.events += 1
            due += 1 / 20
            late = time.monotonic() - due
            if late < 0:
                self._stopped.wait(-late)
            elif late > 1:
                self.behind += int(late * self._rate)
                due = time.monotonic()

    def stop(self) -> None:
        self._stopped.set()

    def refresh(self) -> None:
        pass  # everything is told as it happens

    look_into = refresh

    @property
    def changes(self) -> object:
        return self.store.changes

    def counts(self) -> dict[str, int]:
        return {"objects": self.store.changes}

    def reading(self) -> Reading:
        assert self.feed is not None
        return self.feed.reading()

    def health(self) -> Health:
        return Health((KindHealth("Pod", "pods", KindFeed.LIVE, self._pods, time.time()),))


class _Following(Following):
    def __init__(self, cluster: _ChangingCluster, session: Session) -> None:
        super().__init__(cast(Connection, None), (), session._post)
        self._cluster = cast(LiveCluster, cluster)

    @property
    def context(self) -> str:
        return "soak"


class _Soak(NetpolApp):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f9", "compare", show=False, priority=True)]

    def __init__(self, pods: int, rate: int, report: Path) -> None:
        super().__init__(argparse.Namespace(namespace=None, all_namespaces=True, no_remember=True))
        self._changing = _ChangingCluster(pods, rate)
        self._report = report

    def _open(self) -> None:
        self.session = Session.__new__(Session)
        self.session._options, self.session._post = self._options, self.post_message
        self.session._memory = _Forgetful()
        self.session.feed = _Following(self._changing, self.session)
        self.explorer = LiveExplorerScreen(self._clock)
        self.push_screen(self.explorer)
        self.run_worker(self._read_aside(), name="reading")

    def action_compare(self) -> None:
        self._changing.stop()
        self.set_timer(_SETTLED, self._compare)

    def _compare(self) -> None:
        assert self.explorer is not None
        assert self.explorer.state is not None
        shown = self.explorer.state.catalogue
        result = _compared(shown, self._changing.reading())
        result |= {"events": self._changing.events, "left_out": self._changing.behind}
        self._report.write_text(json.dumps(result), encoding="utf-8")
        self.exit()


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
    pods = [pod for pod in fresh.evaluation.index.pods if pod.ref in shown.evaluation.pods]
    for _ in range(_CONNECTIONS):
        ends, port = random.sample(pods, 2), random.choice((22, 443, 5432, 8080, 8081, 8082, 9102))
        told = [
            connection(
                each.evaluation.policies, *(each.evaluation.pods[pod.ref] for pod in ends), "TCP", port
            )
            for each in (fresh, shown)
        ]
        wrong += told[0].verdict is not told[1].verdict
    return {
        "lists that differ": different,
        "pods": len(fresh.evaluation.index.pods),
        "of these shown": len(pods),
        "verdicts": _CONNECTIONS,
        "verdicts that differ": wrong,
    }


if __name__ == "__main__":
    _Soak(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])).run()
