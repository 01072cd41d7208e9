"""What objects have in common is kept once, and each is still told of its own faults."""

from __future__ import annotations

import json
from typing import Any

from policy_core.manifests.collect import Collector
from policy_core.model import EndpointSlice, Pod, Reading


def pod(name: str, **metadata: Any) -> dict[str, Any]:
    owner = {"kind": "ReplicaSet", "name": "web", "controller": True}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop", "ownerReferences": [owner], **metadata},
        "spec": {"nodeName": "node-1", "containers": [{"ports": [{"containerPort": 80}]}]},
        "status": {
            "phase": "Running",
            "podIPs": [{"ip": f"10.0.0.{name[-1]}"}],
            "hostIPs": [{"ip": "10.9.0.1"}, {"ip": "fd00::1"}],
        },
    }


def read(*values: dict[str, Any]) -> Reading:
    collector = Collector()
    # Each from a text of its own, in which no two strings are one already.
    for number, value in enumerate(values):
        collector.add(f"{number}.json", json.dumps(value))
    return collector.reading("x")


def pods(reading: Reading) -> list[Pod]:
    return [obj for obj in reading.objects if isinstance(obj, Pod)]


def test_what_pods_have_in_common_is_kept_once() -> None:
    labels = {"app": "web", "team/tier": "front"}
    one, two = pods(read(pod("web-1", labels=labels), pod("web-2", labels=labels)))
    for name in ("namespace", "labels", "ports", "node", "host_ips", "phase", "owner"):
        assert getattr(one, name), name
        assert getattr(one, name) is getattr(two, name), name
    assert one.ips != two.ips


def test_an_endpoint_has_its_pod_s_address_and_names() -> None:
    endpoint = {
        "addresses": ["10.0.0.1"],
        "nodeName": "node-1",
        "targetRef": {"kind": "Pod", "name": "web-1", "namespace": "shop"},
    }
    found = read(
        pod("web-1"),
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {"name": "web", "namespace": "shop"},
            "endpoints": [endpoint],
        },
    )
    (one,) = pods(found)
    (slice_,) = (obj for obj in found.objects if isinstance(obj, EndpointSlice))
    (other,) = slice_.endpoints
    assert other.addresses is one.ips
    assert other.pod is one.name
    assert other.node is one.node
    assert other.pod_namespace is one.namespace


def test_labels_in_another_order_stay_as_they_are() -> None:
    one, two = pods(read(pod("a-1", labels={"a": "x", "b": "y"}), pod("a-2", labels={"b": "y", "a": "x"})))
    assert [*one.labels] == ["a", "b"]
    assert [*two.labels] == ["b", "a"]


def test_each_pod_is_told_of_labels_that_are_wrong_with_both() -> None:
    reading = read(*(pod(f"a-{n}", labels={"a": "not valid"}) for n in (1, 2)))
    assert [problem.file for problem in reading.problems] == ["0.json", "1.json"]


def test_each_pod_is_told_of_an_address_that_is_none() -> None:
    reading = read(
        *({**pod("a-1"), "status": {"podIPs": [{"ip": "x"}, {"ip": "10.0.0.1"}]}} for _ in range(2))
    )
    assert [problem.message for problem in reading.problems] == ['"x" is no address'] * 2
    assert [str(one.ips[0]) for one in pods(reading)] == ["10.0.0.1"] * 2
