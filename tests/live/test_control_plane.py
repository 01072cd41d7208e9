"""The control plane itself: what the other live tests rest on."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.live.cluster import USERS, ControlPlane, ControlPlaneError, wait_until
from tests.live.connection import RefusedError


def _pods(cluster: ControlPlane, namespace: str) -> list[dict[str, Any]]:
    pods: list[dict[str, Any]] = cluster.connection.get(f"/api/v1/namespaces/{namespace}/pods")["items"]
    return pods


def _gone(pids: list[int]) -> bool:
    """Ended; a process whose parent has not yet asked for its end counts as well."""

    def state(pid: int) -> str:
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return "gone"

    return all(state(pid) in ("Z", "gone") for pid in pids)


def _answers(port: int) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0


def test_a_deployment_becomes_running_pods_with_addresses_behind_a_service(
    control_plane: ControlPlane, namespace: str
) -> None:
    control_plane.kubectl(
        "create", "deployment", "web", "--image=web", "--replicas=3", "--port=80", "-n", namespace
    )
    control_plane.kubectl("expose", "deployment", "web", "-n", namespace)
    control_plane.kubectl(
        "wait", "--for=condition=Available", "--timeout=60s", "deployment/web", "-n", namespace
    )
    pods = _pods(control_plane, namespace)
    assert [pod["status"]["phase"] for pod in pods] == ["Running"] * 3
    addresses = {pod["status"]["podIP"] for pod in pods}
    assert len(addresses) == 3
    path = f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices"

    def in_slices() -> bool:
        slices = control_plane.connection.get(path)["items"]
        found = {
            address
            for slice_ in slices
            for endpoint in slice_["endpoints"]
            for address in endpoint["addresses"]
        }
        return found == addresses

    wait_until("every pod to be in an EndpointSlice", in_slices)


def test_a_role_binding_lets_a_user_read_one_namespace_and_no_other(
    control_plane: ControlPlane, namespace: str
) -> None:
    control_plane.kubectl(
        "create", "rolebinding", "viewers", "--clusterrole=view", "--user=viewer", "-n", namespace
    )
    with control_plane.connect("viewer") as viewer:
        assert viewer.get(f"/api/v1/namespaces/{namespace}/pods")["items"] == []
        for path in ("/api/v1/namespaces/default/pods", "/api/v1/pods"):
            with pytest.raises(RefusedError) as refused:
                viewer.get(path)
            assert refused.value.code == 403
    config = json.loads(control_plane.user("viewer", namespace).read_text())
    assert config["contexts"][0]["context"]["namespace"] == namespace


def test_a_token_that_is_not_known_is_no_user(control_plane: ControlPlane) -> None:
    with control_plane.connect("expired") as expired, pytest.raises(RefusedError) as refused:
        expired.get("/api/v1/pods")
    assert refused.value.code == 401


def test_each_context_of_the_kubeconfig_is_what_its_name_says(control_plane: ControlPlane) -> None:
    def who(context: str) -> str:
        words = ("--kubeconfig", str(control_plane.contexts), "--context", context)
        try:
            return control_plane.kubectl(*words, "auth", "whoami", "-o=jsonpath={.status.userInfo.username}")
        except ControlPlaneError as error:
            return str(error)

    for user in ("admin", *USERS):
        assert who(user) == user
    assert "Unauthorized" in who("expired") or "logged in" in who("expired")
    assert "refused" in who("unreachable")


def test_the_audit_log_tells_who_asked_for_what(control_plane: ControlPlane, namespace: str) -> None:
    start = control_plane.audit_position()
    with control_plane.connect("stranger") as stranger, pytest.raises(RefusedError):
        stranger.get(f"/api/v1/namespaces/{namespace}/pods")
    control_plane.kubectl("get", "pods", "-n", namespace)

    def logged(**whose: str) -> list[tuple[Any, ...]]:
        return [
            (event["verb"], event["objectRef"]["resource"], event["responseStatus"]["code"])
            for event in control_plane.audit(since=start, **whose)
            if event.get("objectRef", {}).get("namespace") == namespace
        ]

    wait_until("the requests to be logged", lambda: logged(user_agent="kubectl/"))
    assert logged(user="stranger") == [("list", "pods", 403)]
    assert logged(user_agent="kubectl/") == [("list", "pods", 200)]


def test_a_killed_api_server_comes_back_with_all_objects(control_plane: ControlPlane, namespace: str) -> None:
    control_plane.kubectl("create", "configmap", "kept", "-n", namespace)
    control_plane.apiserver.kill()
    assert not _answers(control_plane.port)
    control_plane.apiserver.start()
    assert "kept" in control_plane.kubectl("get", "configmaps", "-n", namespace)
    # The controllers, the scheduler and kwok find it again too.
    control_plane.kubectl("create", "deployment", "after", "--image=web", "-n", namespace)
    control_plane.kubectl(
        "wait", "--for=condition=Available", "--timeout=60s", "deployment/after", "-n", namespace
    )


def test_after_compaction_an_old_resource_version_is_too_old(
    control_plane: ControlPlane, namespace: str
) -> None:
    for name in ("a", "b", "c"):
        control_plane.kubectl("create", "configmap", name, "-n", namespace)
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    first = control_plane.connection.get(f"{path}?limit=1")["metadata"]
    watch = f"{path}?watch=1&timeoutSeconds=1&resourceVersion="
    with control_plane.connect() as before:
        assert not any(event["type"] == "ERROR" for event in before.watch(watch + first["resourceVersion"]))

    control_plane.compact()

    with control_plane.connect() as after:
        (event,) = after.watch(watch + first["resourceVersion"])
    assert event["type"] == "ERROR"
    assert event["object"]["code"] == 410
    with pytest.raises(RefusedError) as refused:
        control_plane.connection.get(f"{path}?limit=1&continue={first['continue']}")
    assert refused.value.code == 410
    now = control_plane.connection.get(path)["metadata"]["resourceVersion"]
    with control_plane.connect() as again:
        assert not any(event["type"] == "ERROR" for event in again.watch(watch + now))


def test_without_its_cache_an_api_server_forgets_as_soon_as_its_store_does() -> None:
    path = "/api/v1/namespaces/default/configmaps"
    with ControlPlane(apiserver_flags=["--watch-cache=false"]) as cluster:
        for name in ("a", "b"):
            cluster.connection.post(path, {"metadata": {"name": name}})
        first = cluster.connection.get(f"{path}?limit=1")["metadata"]
        cluster.connection.post(path, {"metadata": {"name": "c"}})
        cluster.compact(restart=False)
        with cluster.connect() as watching:
            (event,) = watching.watch(
                f"{path}?watch=1&timeoutSeconds=1&resourceVersion={first['resourceVersion']}"
            )
        assert event["object"]["code"] == 410
        with pytest.raises(RefusedError) as refused:
            cluster.connection.get(f"{path}?limit=1&continue={first['continue']}")
        assert refused.value.code == 410


def test_the_custom_resources_are_served_once_installed(control_plane: ControlPlane) -> None:
    control_plane.install_crds()
    served = control_plane.kubectl("api-resources", "-o=name").split()
    for name in (
        "clusternetworkpolicies.policy.networking.k8s.io",
        "adminnetworkpolicies.policy.networking.k8s.io",
        "baselineadminnetworkpolicies.policy.networking.k8s.io",
        "gateways.gateway.networking.k8s.io",
        "httproutes.gateway.networking.k8s.io",
        "tcproutes.gateway.networking.k8s.io",
        "udproutes.gateway.networking.k8s.io",
    ):
        assert name in served


def test_everything_is_gone_after_the_end() -> None:
    with ControlPlane() as cluster:
        pids = [program.pid for program in cluster.programs.values() if program.pid is not None]
        assert len(pids) == 5
        assert _answers(cluster.port)
    assert _gone(pids)
    assert not _answers(cluster.port)
    assert not cluster.folder.exists()


def test_a_start_that_fails_says_why_and_leaves_nothing() -> None:
    cluster = ControlPlane(apiserver_flags=["--no-such-flag"])
    with pytest.raises(ControlPlaneError, match="unknown flag: --no-such-flag"):
        cluster.__enter__()
    assert not any(program.running for program in cluster.programs.values())
    assert not cluster.folder.exists()


_SCRIPT = """
import time
from tests.live.cluster import ControlPlane

with ControlPlane() as cluster:
    print(*(program.pid for program in cluster.programs.values()), flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize(
    "sent",
    [
        signal.SIGINT,
        pytest.param(
            signal.SIGKILL,
            marks=pytest.mark.skipif(
                sys.platform != "linux", reason="only Linux ends children with their parent"
            ),
        ),
    ],
)
def test_no_program_outlives_the_tests(sent: signal.Signals, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _SCRIPT],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as tests:
        assert tests.stdout is not None
        pids = [int(pid) for pid in tests.stdout.readline().split()]
        assert len(pids) == 5
        assert not _gone(pids)
        tests.send_signal(sent)
        tests.wait()
    try:
        wait_until("the programs to be gone", lambda: _gone(pids))
    finally:
        for pid in pids:
            if not _gone([pid]):
                os.kill(pid, signal.SIGKILL)
