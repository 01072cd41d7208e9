"""A live session's renewals: what is shown then is what the cluster is, made from what was known."""

from __future__ import annotations

import queue
import threading
from pathlib import Path

from policy_core.sources.cluster.connection import Connection
from tests.api_server import api_server
from tests.unit.test_cluster_once import PODS, pod
from tui.catalogue import Catalogue, Pane
from tui.following import Following
from tui.messages import FeedMessage, Loaded, Renewed

WITHIN = 20.0


def _next(posted: queue.Queue[FeedMessage]) -> Catalogue:
    while True:
        message = posted.get(timeout=WITHIN)
        if isinstance(message, (Loaded, Renewed)):
            return message.catalogue


def test_a_renewal_keeps_what_has_not_changed(tmp_path: Path) -> None:
    posted: queue.Queue[FeedMessage] = queue.Queue()
    with api_server() as server:
        server.put(PODS, pod("a"), pod("b"))
        following = Following(Connection.to(kubeconfig=str(server.kubeconfig(tmp_path))), (), posted.put)
        thread = threading.Thread(target=following.run, daemon=True)
        thread.start()
        first = _next(posted)
        while not server.watched(PODS):
            thread.join(0.02)
        server.tell(PODS, "MODIFIED", pod("b", app="web"))
        second = _next(posted)
        following.stop()
        thread.join(WITHIN)
    assert second.rows[Pane.PODS][0] is first.rows[Pane.PODS][0]
    assert [(ref.name, how) for ref, how in second.changed.items()] == [("b", "~")]
    assert [row.haystack.splitlines()[:2] for row in second.rows[Pane.PODS][1:]] == [["shop/b", "app=web"]]
