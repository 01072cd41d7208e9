"""An object that has changed on the server keeps what it has in common with what it was."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from policy_core.classes import Postings
from policy_core.manifests.decode import decode
from policy_core.manifests.objects import RawObject
from policy_core.model import EndpointSlice, Origin, Pod
from policy_core.sources.cluster.resources import RESOURCES
from policy_core.sources.cluster.store import Held, held
from tests.unit.test_renewal import FIRST, SERVICE, catalogue, pod
from tui.catalogue import Catalogue, Pane
from tui.columns import measured

_KINDS = {resource.kind: resource for resource in RESOURCES}


def follow(kind: str, value: dict[str, Any], before: Held | None = None) -> Held:
    return held(_KINDS[kind], _KINDS[kind].versions[0], value, before)


def a_pod(**labels: str) -> dict[str, Any]:
    return {
        "metadata": {"name": "web-1", "namespace": "shop", "labels": labels},
        "spec": {"nodeName": "node-1", "containers": []},
        "status": {"phase": "Running", "podIPs": [{"ip": "10.0.0.1"}]},
    }


def a_slice(*pods: str) -> dict[str, Any]:
    endpoints = [
        {"addresses": [f"10.0.0.{name[1:]}"], "targetRef": {"kind": "Pod", "name": name, "namespace": "shop"}}
        for name in pods
    ]
    return {"metadata": {"name": "web-x", "namespace": "shop"}, "addressType": "IPv4", "endpoints": endpoints}


def test_a_pod_keeps_all_but_what_has_changed() -> None:
    first = follow("Pod", a_pod(app="web", tier="front"))
    ready = a_pod(app="web", tier="front")
    ready["status"]["conditions"] = [{"type": "Ready", "status": "False"}]
    second = follow("Pod", ready, first)
    [before], [now] = first.objects, second.objects
    assert isinstance(before, Pod)
    assert isinstance(now, Pod)
    assert (before.ready, now.ready) == (True, False)
    for name in ("namespace", "name", "labels", "ips", "node", "origin"):
        assert getattr(now, name) is getattr(before, name), name
    assert second.key is first.key
    assert second.file is first.file


@pytest.mark.parametrize("labels", [{"app": "other", "tier": "front"}, {"tier": "front", "app": "web"}])
def test_other_labels_and_another_order_of_them_are_taken(labels: dict[str, str]) -> None:
    [now] = follow("Pod", a_pod(**labels), follow("Pod", a_pod(app="web", tier="front"))).objects
    assert isinstance(now, Pod)
    assert list(now.labels.items()) == list(labels.items())


@pytest.mark.parametrize(
    ("pods", "kept"),
    [
        ("p1 p2 p3 p4", 4),
        ("p1 p3 p4", 3),
        ("p1 p2 p9 p3 p4", 4),
        ("p9 p2 p3 p4", 3),
        ("p1 p2 p3 p9", 3),
        ("p1 p1 p2 p4", 2),
        ("", 0),
    ],
)
def test_a_slice_has_the_endpoints_it_is_told_of_and_around_a_change_the_same(pods: str, kept: int) -> None:
    earlier = follow("EndpointSlice", a_slice("p1", "p2", "p3", "p4"))
    later = follow("EndpointSlice", a_slice(*pods.split()), earlier)
    [before], [now] = earlier.objects, later.objects
    assert isinstance(before, EndpointSlice)
    assert isinstance(now, EndpointSlice)
    raw = {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", **a_slice(*pods.split())}
    [alone] = decode(RawObject(raw, Origin(earlier.file, 1, 1, None), ""), "default").objects
    assert now == alone
    assert sum(any(each is one for one in before.endpoints) for each in now.endpoints) == kept


@pytest.mark.parametrize("many", [1, 8, 9, 40])
def test_numbers_that_go_leave_the_others_in_their_order(many: int) -> None:
    postings = Postings({"a": tuple(range(100)), "b": (1, 2)})
    gone = defaultdict(set, a=set(range(0, 2 * many, 2)))
    after = postings.after(gone, defaultdict(list, a=[0, 200]))
    assert after.numbers["a"] == (*(n for n in range(100) if n % 2 or n >= 2 * many), 0, 200)
    assert after.numbers["b"] == (1, 2)
    assert "a" not in postings.after({"a": set(range(100))}, {}).numbers


def test_of_what_was_never_shown_the_widest_counts() -> None:
    first = catalogue([FIRST, SERVICE])
    long = _measured(catalogue([FIRST, SERVICE, pod("a-name-that-is-long")], first), first)
    last = _measured(catalogue([FIRST, SERVICE, pod("b")], long), long)
    widths = [each.widths[Pane.PODS]["name"] for each in (long, last, last.since(long))]
    assert widths == [len("a-name-that-is-long"), widths[1], len("a-name-that-is-long")]
    assert widths[1] < widths[0]
    assert last.since(first).widths == {}  # the first was not measured


def _measured(found: Catalogue, before: Catalogue) -> Catalogue:
    return Catalogue.of(found.evaluation, before, measured)
