"""The load that tests and benchmarks put on the control plane."""

from __future__ import annotations

import secrets
import subprocess
import sys

from tests.live.cluster import ControlPlane
from tests.live.connection import Json
from tests.live.load import Spread, churn, create_pods, pod_paths, remove_pods


def test_pods_run_at_once_with_labels_and_addresses_and_change_as_often_as_said(
    control_plane: ControlPlane,
) -> None:
    spread = Spread(namespaces=2, apps=5, prefix=f"load-{secrets.token_hex(2)}")
    create_pods(control_plane.kubeconfig, 40, spread)
    paths = pod_paths(control_plane.kubeconfig, spread)
    pods = [control_plane.connection.get(path) for path in paths]
    assert len(pods) == 40
    assert {pod["status"]["phase"] for pod in pods} == {"Running"}
    assert len({pod["status"]["podIP"] for pod in pods}) == 40
    assert len({(pod["metadata"]["namespace"], pod["metadata"]["labels"]["app"]) for pod in pods}) == 10

    # Twice round all pods, and half of them a third time; fewer where the machine is slow.
    reached = churn(control_plane.kubeconfig, paths, rate=100, seconds=1, threads=1)
    assert 0 < reached.patches <= 100
    changed = [control_plane.connection.get(path) for path in paths]

    def versions(some: list[Json]) -> list[str]:
        return [pod["metadata"]["resourceVersion"] for pod in some]

    differing = sum(old != new for old, new in zip(versions(pods), versions(changed), strict=True))
    assert differing == min(reached.patches, 40)
    assert any("churn" in pod["metadata"]["labels"] for pod in changed)
    remove_pods(control_plane.kubeconfig, spread)


def test_the_load_can_run_in_a_process_of_its_own(control_plane: ControlPlane) -> None:
    def load(*words: str) -> str:
        command = [sys.executable, "-m", "tests.live.load", str(control_plane.kubeconfig), *words]
        return subprocess.run(command, capture_output=True, check=True, text=True).stdout

    assert load("pods", "20").startswith("20 pods in ")
    assert " patches in " in load("churn", "--rate", "20", "--seconds", "1")
    remove_pods(control_plane.kubeconfig)
