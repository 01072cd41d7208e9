"""A cluster that is followed: watches, what ends them, and what may not be read."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from policy_core.coverage import KindState
from policy_core.health import Feed, KindHealth
from policy_core.model import Pod
from policy_core.sources.cluster import follower, live
from policy_core.sources.cluster.connection import Connection
from policy_core.sources.cluster.live import LiveCluster
from tests.api_server import ApiServer, Asked, Refusal, api_server, status
from tests.unit.test_cluster_once import PODS, pod

WITHIN = 10.0
"""Seconds: for a machine that is busy with something else. As a rule it takes a few milliseconds."""


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with api_server() as running:
        yield running


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes seconds or minutes in earnest."""
    for name, value in (("_FIRST_WAIT", 0.02), ("_LONGEST_WAIT", 0.1), ("_AGAIN", 0.1), ("_POLL", 0.05)):
        monkeypatch.setattr(follower, name, value)
    monkeypatch.setattr(live, "_FIRST_TRY_AGAIN", 0.02)
    monkeypatch.setattr(live, "_LOOK_AGAIN", 0.1)


class Followed:
    def __init__(self, server: ApiServer, folder: Path, *namespaces: str) -> None:
        self.server = server
        self._told = threading.Condition()
        connection = Connection.to(kubeconfig=str(server.kubeconfig(folder)))
        self.cluster = LiveCluster(connection, namespaces, self._tell)

    def _tell(self) -> None:
        with self._told:
            self._told.notify_all()

    def until(self, done: Callable[[], Any]) -> None:
        end = time.monotonic() + WITHIN
        with self._told:
            while not done():
                assert time.monotonic() < end, f"{self.pods()} {self.health('Pod')}"
                self._told.wait(0.02)

    def pods(self) -> list[str]:
        return [obj.ref.path for obj in self.cluster.reading().objects if isinstance(obj, Pod)]

    def health(self, kind: str) -> KindHealth:
        return next(found for found in self.cluster.health().kinds if found.kind == kind)

    def state(self, kind: str) -> KindState:
        return self.cluster.reading().coverage[kind].state


@pytest.fixture
def follow(server: ApiServer, tmp_path: Path) -> Iterator[Callable[..., Followed]]:
    started: list[Followed] = []

    def start(*namespaces: str, until: Callable[[Followed], Any] = lambda f: f.cluster.ready) -> Followed:
        found = Followed(server, tmp_path, *namespaces)
        started.append(found)
        found.cluster.start()
        found.until(lambda: until(found))
        return found

    yield start
    for found in started:
        found.cluster.stop()


def _watches(server: ApiServer, path: str = PODS) -> list[str]:
    return [a.query["resourceVersion"] for a in server.asked if a.path == path and "watch" in a.query]


def _lists(server: ApiServer, path: str = PODS) -> int:
    return sum(asked.path == path and "watch" not in asked.query for asked in server.asked)


def test_what_changes_is_known(server: ApiServer, follow: Callable[..., Followed]) -> None:
    server.put(PODS, pod("a"), pod("b"))
    found = follow()
    assert found.pods() == ["shop/a", "shop/b"]
    found.until(lambda: server.watched(PODS))
    server.tell(PODS, "ADDED", pod("c"))
    server.tell(PODS, "MODIFIED", pod("b", app="web"))
    server.tell(PODS, "DELETED", pod("a"))
    found.until(lambda: found.pods() == ["shop/b", "shop/c"])
    labels = [obj.labels for obj in found.cluster.reading().objects if isinstance(obj, Pod)]
    assert labels == [{"app": "web"}, {}]
    assert found.health("Pod").feed is Feed.LIVE
    assert found.health("Pod").objects == 2
    assert {asked.method for asked in server.asked} == {"GET"}


def test_what_plays_no_part_changes_nothing(server: ApiServer, follow: Callable[..., Followed]) -> None:
    server.put(PODS, pod("a"))
    found = follow()
    found.until(lambda: server.watched(PODS))
    before, changes = found.cluster.reading().objects[0], found.cluster.changes
    touched = pod("a")
    touched["metadata"]["annotations"] = {"now": "something else"}
    server.tell(PODS, "MODIFIED", touched)
    server.tell(PODS, "BOOKMARK", {"metadata": {"resourceVersion": "500"}})
    heard = found.health("Pod").heard
    found.until(lambda: found.health("Pod").heard > heard)
    assert found.cluster.reading().objects[0] is before
    assert found.cluster.changes == changes


def test_a_watch_that_ends_goes_on_where_it_was(server: ApiServer, follow: Callable[..., Followed]) -> None:
    server.put(PODS, pod("a"))
    found = follow()
    found.until(lambda: server.watched(PODS))
    server.tell(PODS, "BOOKMARK", {"kind": "Pod", "metadata": {"resourceVersion": "777"}})
    server.hang_up(PODS)
    found.until(lambda: len(_watches(server)) > 1)
    assert _watches(server)[:2] == ["100", "777"]
    assert _lists(server) == 1


def test_a_history_that_has_gone_is_listed_again(server: ApiServer, follow: Callable[..., Followed]) -> None:
    server.put(PODS, pod("a"))
    found = follow()
    found.until(lambda: server.watched(PODS))
    server.objects[PODS] = [pod("b")]  # and nobody was told
    server.tell(PODS, "ERROR", status(410, "too old resource version"))
    found.until(lambda: found.pods() == ["shop/b"])
    assert _lists(server) == 2


def test_what_is_the_same_after_listing_again_is_the_same_object(
    server: ApiServer, follow: Callable[..., Followed]
) -> None:
    server.put(PODS, pod("a"), pod("b"))
    found = follow()
    before = found.cluster.reading().objects
    found.until(lambda: server.watched(PODS))
    server.objects[PODS][1] = pod("b", app="web")
    found.cluster.refresh()
    found.until(lambda: found.cluster.reading().objects[1] is not before[1])
    assert found.cluster.reading().objects[0] is before[0]


def test_a_server_that_cannot_be_heard_for_a_while(
    server: ApiServer, follow: Callable[..., Followed]
) -> None:
    server.put(PODS, pod("a"))
    found = follow()
    found.until(lambda: server.watched(PODS))
    server.refuse = lambda asked: Refusal(503, "it restarts") if asked.path == PODS else None
    server.hang_up(PODS)
    found.until(lambda: found.health("Pod").feed is Feed.LOST)
    assert "503: it restarts" in found.health("Pod").error
    assert found.pods() == ["shop/a"]  # the last that is known of it
    assert found.state("Pod") is KindState.COMPLETE
    assert [kind.kind for kind in found.cluster.health().lost] == ["Pod"]
    server.refuse = lambda asked: None
    found.until(lambda: found.health("Pod").feed is Feed.LIVE)
    assert not found.health("Pod").error
    assert _lists(server) == 1  # it goes on where it was


def test_a_server_that_is_not_there_yet(server: ApiServer, follow: Callable[..., Followed]) -> None:
    server.put(PODS, pod("a"))
    server.refuse = lambda asked: Refusal(401)
    found = follow(until=lambda found: found.cluster.error)
    assert not found.cluster.ready
    assert "log in again" in found.cluster.error
    server.refuse = lambda asked: None
    found.until(lambda: found.cluster.ready)
    assert not found.cluster.error


def test_what_is_forbidden_everywhere_is_followed_somewhere(
    server: ApiServer, follow: Callable[..., Followed]
) -> None:
    mine = "/api/v1/namespaces/shop/pods"
    server.put(PODS, pod("a"), pod("x", "payments"))
    server.put("/api/v1/namespaces", {"metadata": {"name": "shop"}})
    refused = {PODS, "/api/v1/namespaces"}
    server.refuse = lambda asked: Refusal(403, "no") if asked.path in refused else None
    found = follow("shop")
    found.until(lambda: found.state("Pod") is KindState.PARTIAL)
    found.until(lambda: found.state("Namespace") is KindState.PARTIAL)
    assert found.pods() == ["shop/a"]
    found.until(lambda: server.watched(mine))
    server.put(PODS, pod("b"))
    server.tell(mine, "ADDED", pod("b"))
    found.until(lambda: found.pods() == ["shop/a", "shop/b"])
    # The namespace alone cannot be watched.
    server.objects["/api/v1/namespaces"] = [{"metadata": {"name": "shop", "labels": {"team": "a"}}}]
    found.until(
        lambda: (
            [o.labels for o in found.cluster.reading().objects if o.ref.kind == "Namespace"]
            == [{"team": "a", "kubernetes.io/metadata.name": "shop"}]
        )
    )
    # Rights may be granted at any time.
    refused.clear()
    found.until(lambda: found.state("Pod") is KindState.COMPLETE)
    assert found.pods() == ["payments/x", "shop/a", "shop/b"]


def test_another_namespace_may_be_looked_into(server: ApiServer, follow: Callable[..., Followed]) -> None:
    server.put(PODS, pod("a"), pod("x", "payments"))
    server.refuse = lambda asked: Refusal(403) if asked.path == PODS else None
    found = follow("shop")
    found.until(lambda: found.pods() == ["shop/a"])
    found.cluster.look_into("payments")
    found.until(lambda: found.pods() == ["payments/x", "shop/a"])
    assert found.cluster.reading().coverage["Pod"].namespaces == {"shop", "payments"}


def test_rights_may_be_taken_away(server: ApiServer, follow: Callable[..., Followed]) -> None:
    server.put(PODS, pod("a"))
    found = follow()
    found.until(lambda: server.watched(PODS))
    server.refuse = lambda asked: Refusal(403, "no more") if asked.path == PODS else None
    server.hang_up(PODS)
    found.until(lambda: found.state("Pod") is KindState.FORBIDDEN and not found.pods())
    assert found.cluster.reading().coverage["Pod"].message == "no more"


def test_what_is_installed_later_is_followed(server: ApiServer, follow: Callable[..., Followed]) -> None:
    found = follow()
    assert found.state("CiliumNetworkPolicy") is KindState.ABSENT
    path = "/apis/cilium.io/v2/ciliumnetworkpolicies"
    server.put(path, {"metadata": {"name": "p", "namespace": "shop"}, "spec": {"endpointSelector": {}}})
    server.groups = {**server.groups, "cilium.io": {"v2": ["ciliumnetworkpolicies"]}}
    found.until(lambda: found.state("CiliumNetworkPolicy") is KindState.COMPLETE)
    assert any(obj.ref.kind == "CiliumNetworkPolicy" for obj in found.cluster.reading().objects)


def test_one_kind_that_fails_does_not_keep_the_others(
    server: ApiServer, follow: Callable[..., Followed], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_PATIENCE", 0.1)
    server.put(PODS, pod("a"))
    ingresses = "/apis/networking.k8s.io/v1/ingresses"
    server.refuse = lambda asked: Refusal(500, "broken") if asked.path == ingresses else None
    found = follow()
    assert found.pods() == ["shop/a"]
    assert found.state("Ingress") is KindState.FAILED


def test_stopped_it_asks_no_more(server: ApiServer, follow: Callable[..., Followed]) -> None:
    found = follow()
    found.until(lambda: server.watched(PODS))
    found.cluster.stop()
    names = {"discovery", "pods", "namespaces", "services"}
    end = time.monotonic() + WITHIN
    while any(thread.name in names for thread in threading.enumerate()):
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_mistake_here_is_told_and_not_the_end(
    server: ApiServer, follow: Callable[..., Followed], monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put(PODS, pod("a"))
    found = follow()
    found.until(lambda: server.watched(PODS))
    real = follower.held
    left = [1]

    def held(*arguments: Any) -> Any:
        if left[0]:
            left[0] -= 1
            raise KeyError("surprise")
        return real(*arguments)

    monkeypatch.setattr(follower, "held", held)
    errors: list[str] = []
    tell = found._tell
    found.cluster._tell = lambda: (errors.append(found.health("Pod").error), tell())[1]  # type: ignore[misc]
    server.tell(PODS, "ADDED", pod("b"))
    found.until(lambda: found.pods() == ["shop/a", "shop/b"])
    assert any("KeyError" in error for error in errors)


def test_asking_for_a_watch_asks_for_bookmarks(server: ApiServer, follow: Callable[..., Followed]) -> None:
    found = follow()
    found.until(lambda: server.watched(PODS))
    asked: Asked = next(a for a in server.asked if a.path == PODS and "watch" in a.query)
    assert asked.query["allowWatchBookmarks"] == "true"
    assert int(asked.query["timeoutSeconds"]) < 300
