"""A cluster read once: pages, what is served, what is forbidden."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from policy_core.coverage import KindState
from policy_core.manifests.texts import lines
from policy_core.model import Pod, Reading
from policy_core.sources.cluster import listing
from policy_core.sources.cluster.connection import Connection
from policy_core.sources.cluster.errors import UnauthorizedError
from policy_core.sources.cluster.once import read
from tests.api_server import ApiServer, Asked, Refusal, api_server

PODS = "/api/v1/pods"


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with api_server() as running:
        yield running


def pod(name: str, namespace: str = "shop", **labels: str) -> dict[str, Any]:
    """As a list has it: without apiVersion and kind, and with much that nobody reads."""
    return {
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": labels,
            "resourceVersion": "7",
            "managedFields": [{"manager": "kubelet"}],
            "annotations": {"a": "b"},
        },
        "spec": {
            "containers": [{"name": "c", "image": "i", "ports": [{"containerPort": 80}]}],
            "volumes": [],
        },
        "status": {"phase": "Running", "podIPs": [{"ip": "10.0.0.1"}], "hostIP": "192.0.2.1"},
    }


def _read(server: ApiServer, tmp_path: Path, *namespaces: str) -> Reading:
    return read(Connection.to(kubeconfig=str(server.kubeconfig(tmp_path))), namespaces)


def _pods(reading: Reading) -> list[str]:
    return [obj.ref.path for obj in reading.objects if isinstance(obj, Pod)]


def _refusing(code: int, *paths: str) -> Any:
    return lambda asked: Refusal(code, f"no {asked.path}") if asked.path in paths else None


def test_lists_come_in_pages(server: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "_PAGE", 2)
    server.put(PODS, *(pod(f"p-{number}") for number in range(5)))
    reading = _read(server, tmp_path)
    assert _pods(reading) == [f"shop/p-{number}" for number in range(5)]
    pages = [asked.query for asked in server.asked if asked.path == PODS]
    assert pages == [{"limit": "2"}, {"limit": "2", "continue": "2"}, {"limit": "2", "continue": "4"}]
    assert {asked.method for asked in server.asked} == {"GET"}


def test_what_is_kept_is_what_is_read(server: ApiServer, tmp_path: Path) -> None:
    server.put(PODS, pod("p", app="web"))
    reading = _read(server, tmp_path)
    [found] = [obj for obj in reading.objects if isinstance(obj, Pod)]
    assert (found.labels, str(found.ips[0]), found.ports[0].number) == ({"app": "web"}, "10.0.0.1", 80)
    assert found.origin is not None
    text = reading.texts[found.origin.file]
    assert text.startswith("apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n")
    assert lines(reading.texts, found.origin, ()) == (1, text.count("\n"))
    assert not any(word in text for word in ("managedFields", "image", "volumes", "annotations"))


def test_a_list_that_takes_too_long_is_begun_again(
    server: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "_PAGE", 2)
    server.put(PODS, *(pod(f"p-{number}") for number in range(3)))
    left = [1]

    def refuse(asked: Asked) -> Refusal | None:
        if asked.path == PODS and "continue" in asked.query and left[0]:
            left[0] -= 1
            return Refusal(410, "the continue token is too old")
        return None

    server.refuse = refuse
    assert len(_pods(_read(server, tmp_path))) == 3


def test_if_no_page_lasts_it_is_read_whole(
    server: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "_PAGE", 2)
    server.put(PODS, *(pod(f"p-{number}") for number in range(3)))
    server.refuse = lambda asked: Refusal(410) if "continue" in asked.query else None
    assert len(_pods(_read(server, tmp_path))) == 3


def test_forbidden_not_installed_and_empty_are_three_states(server: ApiServer, tmp_path: Path) -> None:
    server.groups = {**server.groups, "cilium.io": {"v2": ["ciliumnetworkpolicies"]}}
    server.refuse = _refusing(403, "/api/v1/nodes", "/apis/cilium.io/v2/ciliumnetworkpolicies")
    found = _read(server, tmp_path).coverage
    assert found["Node"].state is KindState.FORBIDDEN
    assert found["Node"].message == "no /api/v1/nodes"
    assert found["CiliumNetworkPolicy"].state is KindState.FORBIDDEN
    assert found["ClusterNetworkPolicy"].state is KindState.ABSENT
    assert found["NetworkPolicy"].state is KindState.COMPLETE


def test_what_is_forbidden_everywhere_is_tried_somewhere(server: ApiServer, tmp_path: Path) -> None:
    server.put(PODS, pod("mine"), pod("theirs", "payments"))
    server.put("/api/v1/namespaces", {"metadata": {"name": "shop", "labels": {"team": "a"}}})
    forbidden = (PODS, "/api/v1/namespaces", "/api/v1/namespaces/other/pods", "/api/v1/namespaces/other")
    server.refuse = _refusing(403, *forbidden)
    reading = _read(server, tmp_path, "shop", "other", "shop", "")
    assert _pods(reading) == ["shop/mine"]
    assert reading.coverage["Pod"].state is KindState.PARTIAL
    assert reading.coverage["Pod"].namespaces == {"shop"}
    assert reading.coverage["Namespace"].namespaces == {"shop"}
    assert [obj.name for obj in reading.objects if obj.ref.kind == "Namespace"] == ["shop"]


def test_one_kind_that_fails_hides_nothing_else(server: ApiServer, tmp_path: Path) -> None:
    server.put(PODS, pod("p"))
    server.refuse = _refusing(500, "/apis/networking.k8s.io/v1/ingresses")
    reading = _read(server, tmp_path)
    assert _pods(reading) == ["shop/p"]
    assert reading.coverage["Ingress"].state is KindState.FAILED


def test_credentials_that_are_refused_are_an_error(server: ApiServer, tmp_path: Path) -> None:
    server.refuse = lambda asked: Refusal(401)
    with pytest.raises(UnauthorizedError):
        _read(server, tmp_path)


def test_a_server_that_asks_to_slow_down_gets_its_pause(server: ApiServer, tmp_path: Path) -> None:
    server.put(PODS, pod("p"))
    left = [2]

    def refuse(asked: Asked) -> Refusal | None:
        if asked.path == PODS and left[0]:
            left[0] -= 1
            return Refusal(429, headers={"Retry-After": "0"})
        return None

    server.refuse = refuse
    assert _pods(_read(server, tmp_path)) == ["shop/p"]


def test_the_version_that_is_served_is_asked_for(server: ApiServer, tmp_path: Path) -> None:
    server.groups = {**server.groups, "policy.networking.k8s.io": {"v9": ["clusternetworkpolicies"]}}
    path = "/apis/policy.networking.k8s.io/v9/clusternetworkpolicies"
    server.put(path, {"metadata": {"name": "deny-all"}, "spec": {"subject": {"namespaces": {}}}})
    reading = _read(server, tmp_path)
    [policy] = [obj for obj in reading.objects if obj.ref.kind == "ClusterNetworkPolicy"]
    assert policy.ref.name == "deny-all"


def test_calicos_policies_are_read_once(server: ApiServer, tmp_path: Path) -> None:
    """They are served by two groups where Calico's own API server runs."""
    crd, api = (f"{group}projectcalico.org" for group in ("crd.", ""))
    plurals = ["networkpolicies", "globalnetworkpolicies"]
    server.groups = {**server.groups, crd: {"v1": plurals}}
    assert _read(server, tmp_path).coverage["GlobalNetworkPolicy"].resource.endswith(crd)
    server.groups = {**server.groups, api: {"v3": plurals}}
    server.asked.clear()
    assert _read(server, tmp_path).coverage["GlobalNetworkPolicy"].resource == f"globalnetworkpolicies.{api}"
    assert not any(crd in asked.path for asked in server.asked)


def test_an_object_that_an_older_server_let_in_has_its_problem(server: ApiServer, tmp_path: Path) -> None:
    block = {"ipBlock": {"cidr": "10.0.0.1/24"}}
    policy = {
        "metadata": {"name": "p", "namespace": "shop"},
        "spec": {"podSelector": {}, "ingress": [{"from": [block]}]},
    }
    server.put("/apis/networking.k8s.io/v1/networkpolicies", policy)
    reading = _read(server, tmp_path)
    [problem] = reading.problems
    assert problem.field == "spec.ingress[0].from[0].ipBlock.cidr"
    lines = reading.texts[problem.file].splitlines()
    assert lines[problem.line - 1].strip() == "cidr: 10.0.0.1/24"
