"""The commands on a real API server: the same answers as from its snapshot, and requests that only read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.live.cluster import ControlPlane
from tests.live.explorer import LIVE, explorer_of, on_screen, program, program_json, shop

DEMO = Path(__file__).parents[2] / "policy_core" / "sources" / "demo"
READING = {"get", "list", "watch"}


@pytest.fixture(scope="module")
def demo(control_plane: ControlPlane) -> ControlPlane:
    """With the demo's namespaces, workloads, Services and policies; what its bare pods would need is not here."""
    objects = [o for file in sorted(DEMO.glob("*.yaml")) for o in yaml.safe_load_all(file.read_text()) if o]
    kinds = ("Namespace", "Service", "NetworkPolicy", "Deployment", "StatefulSet", "Ingress")
    for kind in kinds:
        some = [o for o in objects if o["kind"] == kind]
        text = yaml.safe_dump_all([{k: v for k, v in o.items() if k != "status"} for o in some])
        control_plane.kubectl("apply", "-f", "-", input=text)
    control_plane.kubectl(
        "wait", "--for=condition=Available", "--timeout=60s", "deployment", "--all", "-n", "shop"
    )
    return control_plane


def _pod(cluster: ControlPlane, namespace: str, app: str) -> str:
    words = ("get", "pods", "-n", namespace, "-l", f"app={app}", "-o", "name")
    return f"{namespace}/{cluster.kubectl(*words).split()[0].removeprefix('pod/')}"


@pytest.mark.parametrize("output", ["yaml", "json"])
def test_a_snapshot_gives_the_same_answers(demo: ControlPlane, tmp_path: Path, output: str) -> None:
    bundle = tmp_path / f"bundle.{output}"
    bundle.write_text(program(demo.kubeconfig, "snapshot", "-o", output).stdout)
    nowhere = tmp_path / "no-kubeconfig"
    web, db = _pod(demo, "shop", "storefront"), _pod(demo, "shop", "catalog")
    for words in (
        ["pod", web],
        ["pod", db],
        ["trace", web, "service:shop/catalog", "--port", "80"],
        ["trace", web, db, "--port", "1"],
        ["matrix"],
    ):
        there = program(demo.kubeconfig, *words, "-o", "json", check=False)
        here = program(nowhere, *words, "-f", str(bundle), "-o", "json", check=False)
        assert there.returncode == here.returncode != 2
        assert _placeless(json.loads(there.stdout)) == _placeless(json.loads(here.stdout))
    there, here = (
        json.loads(program(config, "overview", *more, "-o", "json").stdout)
        for config, more in ((demo.kubeconfig, ()), (nowhere, ("-f", str(bundle))))
    )
    there.pop("source"), here.pop("source")
    assert there == here


def _placeless(value: Any) -> Any:
    """Without where the deciding rules stand: in the bundle that is a file and a line."""
    if isinstance(value, dict):
        return {key: _placeless(inner) for key, inner in value.items() if key != "where"}
    return [_placeless(inner) for inner in value] if isinstance(value, list) else value


def test_a_policy_that_the_server_took_has_no_problem_here(demo: ControlPlane) -> None:
    done = program(demo.kubeconfig, "overview")
    assert done.stderr == ""


async def test_a_whole_session_only_reads(demo: ControlPlane) -> None:
    since = demo.audit_position()
    web = _pod(demo, "shop", "storefront")
    for words in (
        ["overview"],
        ["pod", web],
        ["matrix"],
        ["snapshot"],
        ["trace", web, "8.8.8.8", "--port", "1"],
    ):
        program(demo.kubeconfig, *words, check=False)
    async with explorer_of(demo.kubeconfig) as driver:
        await on_screen(driver, lambda text: LIVE in text)
        await driver.choose("storefront")
        for key in ("v", "v", "m", "escape", "t", "escape", "i", "escape", "p", "p", "r"):
            await driver.press(key)
        await on_screen(driver, lambda text: LIVE in text)
    events = list(demo.audit(user_agent="netpol-tui", since=since))
    assert {event["verb"] for event in events} == READING
    read = {event["objectRef"]["resource"] for event in events if "objectRef" in event}
    assert {"namespaces", "pods", "services", "endpointslices", "networkpolicies", "nodes"} <= read


def test_who_may_read_one_namespace_gets_its_part(control_plane: ControlPlane, namespace: str) -> None:
    shop(control_plane, namespace)
    control_plane.kubectl(
        "create", "rolebinding", "viewers", "--clusterrole=view", "--user=viewer", "-n", namespace
    )
    viewer = control_plane.user("viewer", namespace)
    found = program_json(viewer, "pod", _pod(control_plane, namespace, "db"))
    assert [service["service"] for service in found["services"]] == [f"{namespace}/db"]
    assert any("could not be read" in caveat for caveat in found["caveats"])


def test_the_rights_that_are_printed_are_enough(control_plane: ControlPlane, namespace: str) -> None:
    """For a Role in one namespace, and for a ClusterRole."""
    shop(control_plane, namespace)
    for words, bind in (
        (
            ["rbac", "-n", namespace],
            ["create", "rolebinding", "reading", "-n", namespace, "--role=netpol-tui"],
        ),
        (["rbac"], ["create", "clusterrolebinding", "reading", "--clusterrole=netpol-tui"]),
    ):
        rights = program(control_plane.kubeconfig, *words).stdout
        control_plane.kubectl("apply", "-f", "-", input=rights)
        control_plane.kubectl(*bind, "--user=reader")
        reader = control_plane.user("reader", namespace)
        states = _states(program(reader, "snapshot").stdout)
        expected = "partial" if "-n" in words else "complete"
        assert {states[kind] for kind in ("Pod", "Service", "NetworkPolicy", "Namespace")} == {expected}
        assert states["Node"] == ("forbidden" if "-n" in words else "complete")
    control_plane.kubectl("delete", "clusterrolebinding", "reading")


def _states(bundle: str) -> dict[str, str]:
    record: dict[str, Any] = next(yaml.safe_load_all(bundle))
    return {entry["kind"]: entry["state"] for entry in record["resources"]}


@pytest.mark.parametrize(
    ("user", "message"),
    [
        ("nobody", "nothing may be read: .*rbac"),
        ("expired", "the credentials are not accepted .*log in again"),
    ],
)
def test_without_rights_the_reason_is_said(control_plane: ControlPlane, user: str, message: str) -> None:
    import re

    done = program(control_plane.user(user), "overview", check=False)
    assert done.returncode == 2
    assert re.search(message, done.stderr), done.stderr


def test_installed_kinds_are_read_and_others_are_not_missed(control_plane: ControlPlane) -> None:
    control_plane.install_crds()
    policy = {
        "apiVersion": "policy.networking.k8s.io/v1alpha2",
        "kind": "ClusterNetworkPolicy",
        "metadata": {"name": "keep-out"},
        "spec": {
            "tier": "Admin",
            "priority": 10,
            "subject": {"namespaces": {}},
            "ingress": [{"action": "Deny", "from": [{"namespaces": {}}]}],
        },
    }
    control_plane.kubectl("apply", "-f", "-", input=json.dumps(policy))
    try:
        states = _states(program(control_plane.kubeconfig, "snapshot").stdout)
        counted = program(control_plane.kubeconfig, "overview").stdout
    finally:  # it is for every pod of every test
        control_plane.kubectl("delete", "clusternetworkpolicy", "keep-out")
    assert states["ClusterNetworkPolicy"] == states["HTTPRoute"] == "complete"
    assert states["CiliumNetworkPolicy"] == "absent"
    assert "1 ClusterNetworkPolicy" in counted


def test_it_is_a_plugin_of_kubectl(demo: ControlPlane) -> None:
    """By a name that kubectl finds in the PATH."""
    scripts = Path(sys.executable).parent
    kubectl = demo.program("kubectl")
    done = subprocess.run(
        [str(kubectl), "netpol-tui", "overview", "-n", "shop"],
        env={**os.environ, "PATH": f"{scripts}:{os.environ['PATH']}", "KUBECONFIG": str(demo.kubeconfig)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "shop" in done.stdout
