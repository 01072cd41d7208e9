"""A live cluster without a cluster: what it would tell is posted by the test, and time stands still."""

from __future__ import annotations

import threading
from argparse import Namespace
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from policy_core.coverage import Coverage, KindCoverage, KindState
from policy_core.evaluation import Evaluation
from policy_core.health import Feed, Health, KindHealth
from tests import clusters
from tests.pilot.explorer import Driver
from tui.app import NetpolApp
from tui.catalogue import Catalogue
from tui.columns import measured
from tui.messages import FeedMessage, Heard, Loaded, Progressed, Renewed
from tui.options import connect
from tui.screens.live_explorer import LiveExplorerScreen

__all__ = ["NOW", "LiveDriver", "Opened", "coverage", "health", "live"]

NOW = 1_750_000_000.0
CONTEXTS = ("kind-dev", "prod-eu", "prod-us")

Opened = Callable[..., AbstractAsyncContextManager["LiveDriver"]]
"""As :func:`live`, with a folder and a patch of the test's own."""

_KINDS = {
    "Namespace": "namespaces",
    "Pod": "pods",
    "Service": "services",
    "EndpointSlice": "endpointslices.discovery.k8s.io",
    "NetworkPolicy": "networkpolicies.networking.k8s.io",
    "Node": "nodes",
}


def health(
    feed: Feed = Feed.LIVE, heard: float = NOW, error: str = "", **others: tuple[Feed, float, str]
) -> Health:
    """Every kind alike, but for those that are named, such as ``Pod=(Feed.LOST, heard, error)``."""
    return Health(
        tuple(
            KindHealth(kind, resource, *_part(others.get(kind, (feed, heard, error))))
            for kind, resource in _KINDS.items()
        )
    )


def _part(part: tuple[Feed, float, str]) -> tuple[Feed, int, float, str]:
    return part[0], 7, part[1], part[2]


def coverage(**states: KindState | tuple[str, ...]) -> Coverage:
    """Every kind complete, but for those that are named; of a tuple only in these namespaces."""
    return {
        kind: KindCoverage(kind, resource, KindState.PARTIAL, frozenset(state))
        if isinstance(state := states.get(kind, KindState.COMPLETE), tuple)
        else KindCoverage(
            kind,
            resource,
            state,
            message="" if state is KindState.COMPLETE else f"User may not list {resource}",
        )
        for kind, resource in _KINDS.items()
    }


class FakeFollowing:
    """In place of :class:`tui.following.Following`; remembers what it was asked for."""

    def __init__(
        self, connection: object, namespaces: Iterable[str], post: Callable[[FeedMessage], object]
    ) -> None:
        self.context: str = connection.context.name  # type: ignore[attr-defined]
        self.refreshed = 0
        self.looked_into: list[str] = []
        self.stopped = threading.Event()
        self._post = post

    def contexts(self) -> Sequence[str]:
        return CONTEXTS

    def refresh(self) -> None:
        self.refreshed += 1

    def look_into(self, namespace: str) -> None:
        self.looked_into.append(namespace)

    def stop(self) -> None:
        self.stopped.set()

    def run(self) -> None:
        self.say(Progressed(f"connecting to {self.context}…"))
        self.stopped.wait()

    def say(self, message: FeedMessage) -> None:
        message.feed = self
        self._post(message)


class LiveDriver(Driver):
    """Besides the keys also what the cluster does."""

    now = NOW
    _catalogue: Catalogue | None = None

    @property
    def feed(self) -> FakeFollowing:
        assert isinstance(self.app.live, FakeFollowing)
        return self.app.live

    @property
    def live_screen(self) -> LiveExplorerScreen:
        assert isinstance(self.app.explorer, LiveExplorerScreen)
        return self.app.explorer

    async def tells(self, *messages: FeedMessage) -> None:
        for message in messages:
            self.feed.say(message)
        for _ in range(3):
            await self.pilot.pause(0)
        while any(worker.group == "details" and not worker.is_finished for worker in self.app.workers):
            await self.pilot.pause(0.01)
        await self.pilot.pause()

    async def shows(
        self, manifests: str, health: Health | None = None, coverage: Coverage | None = None
    ) -> Catalogue:
        """The cluster is like this now."""
        snapshot = clusters.snapshot(manifests)
        snapshot = replace(snapshot, title=self.feed.context, coverage=coverage or {})
        await self.becomes(Catalogue.of(Evaluation.of(snapshot), self._catalogue, measured))
        if health is not None:
            await self.tells(Heard(health))
        assert self._catalogue is not None
        return self._catalogue

    async def becomes(self, catalogue: Catalogue) -> None:
        first, self._catalogue = self._catalogue is None, catalogue
        await self.tells(Loaded(catalogue) if first else Renewed(catalogue))

    async def after(self, seconds: float) -> None:
        """Time goes by, and the screen notices."""
        self.now += seconds
        self.live_screen.tick()
        await self.pilot.pause()

    def forget(self) -> None:
        """What comes next is another cluster's first catalogue."""
        self._catalogue = None


@asynccontextmanager
async def live(
    manifests: str = "",
    *,
    health: Health | None = None,
    coverage: Coverage | None = None,
    size: tuple[int, int] = (120, 36),
    namespace: str | None = None,
    folder: Path,
    patch: pytest.MonkeyPatch,
) -> AsyncIterator[LiveDriver]:
    """The explorer of a cluster that is like ``manifests``; with none it has not been read yet."""
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": CONTEXTS[0],
        "clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:9"}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
        "contexts": [{"name": name, "context": {"cluster": "c", "user": "u"}} for name in CONTEXTS],
    }
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(yaml.safe_dump(content))
    patch.setenv("XDG_STATE_HOME", str(folder / "state"))  # where one test was is nothing to another
    patch.setattr("tui.session.Following", FakeFollowing)
    patch.setattr("tui.screens.live_explorer.TICK", 3600.0)
    options = Namespace(
        demo=None,
        filename=[],
        recursive=True,
        namespace=namespace,
        all_namespaces=False,
        no_color=False,
        no_remember=False,
        context=None,
        kubeconfig=str(kubeconfig),
    )
    drivers: list[LiveDriver] = []
    app = NetpolApp(options, None, connect(options), clock=lambda: drivers[0].now if drivers else NOW)
    async with app.run_test(size=size) as pilot:
        while app.explorer is None or not app.explorer.is_mounted:
            await pilot.pause(0.01)
        await pilot.pause()
        driver = LiveDriver(app, pilot)
        drivers.append(driver)
        if manifests:
            await driver.shows(manifests, health, coverage)
        yield driver
