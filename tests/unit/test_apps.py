"""Manifests in the shape of real applications and of kubectl's dumps, against facts derived by hand."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import yaml

from policy_core.evaluation import Evaluation
from policy_core.model import Direction
from policy_core.snapshot import assemble
from policy_core.sources import demo, files
from policy_core.verdict import End, connection
from tests.clusters import the_pod

FIXTURES = Path(__file__).parents[1] / "fixtures"
APPS = sorted(path.name for path in (FIXTURES / "apps").iterdir())
DUMPS: dict[str, Any] = yaml.safe_load((FIXTURES / "dumps" / "expected.yaml").read_text())


def load(path: Path, namespace: str) -> Evaluation:
    return Evaluation.of(assemble(files.read([str(path)], namespace=namespace)))


def cases() -> list[Any]:
    apps = [
        (
            FIXTURES / "apps" / name / "manifests",
            yaml.safe_load((FIXTURES / "apps" / name / "expected.yaml").read_text()),
        )
        for name in APPS
    ]
    dumps = [(FIXTURES / "dumps" / name, expected) for name, expected in DUMPS.items()]
    return [pytest.param(*case, id=case[0].parent.name + "/" + case[0].name) for case in apps + dumps]


@pytest.mark.parametrize(("path", "expected"), cases())
def test_manifests_mean_what_was_derived_by_hand(path: Path, expected: dict[str, Any]) -> None:
    evaluation = load(path, expected.get("namespace", "default"))
    snapshot = evaluation.snapshot
    assert {
        "pods": len(snapshot.pods),
        "services": len(snapshot.services),
        "policies": len(snapshot.network_policies),
        "problems": len(snapshot.problems),
    } == expected["counts"], snapshot.problems
    assert dict(snapshot.other_kinds) == expected["other_kinds"]
    assert {name: pod_facts(evaluation, name, facts) for name, facts in expected["pods"].items()} == expected[
        "pods"
    ]
    assert {name: service_facts(evaluation, name) for name in expected["services"]} == expected["services"]
    for asked in expected["connections"]:
        assert verdict(evaluation, asked) == asked["expect"], asked


def pod_facts(evaluation: Evaluation, name: str, wanted: dict[str, Any]) -> dict[str, Any]:
    pod = the_pod(evaluation, name)
    assert pod is not None, name
    facts: dict[str, Any] = {"kind": pod.kind, "ready": pod.ready}
    for direction in Direction:
        policies = sorted(c.policy.name for c in evaluation.policies.selecting(pod, direction))
        facts[direction.value] = {"isolated": bool(policies), "policies": policies}
    return {key: facts[key] for key in wanted}


def service_facts(evaluation: Evaluation, path: str) -> dict[str, Any]:
    service = next(s for s in evaluation.snapshot.services if s.ref.path == path)
    backends = evaluation.routing.backends(service)
    return {
        "type": service.type,
        "ports": [
            {
                "port": port.port,
                "protocol": port.protocol,
                "targets": {
                    b.pod.ref.path: t.number for b in backends for t in b.targets if b.pod and t.port == port
                },
            }
            for port in service.ports
        ],
    }


def verdict(evaluation: Evaluation, asked: dict[str, Any]) -> str:
    protocol = asked.get("protocol", "TCP")

    def end(text: str) -> End:
        return the_pod(evaluation, text) or ip_address(text)

    def judge(destination: End, port: int) -> str:
        return connection(evaluation.policies, end(asked["from"]), destination, protocol, port).verdict.value

    if not asked["to"].startswith("service:"):
        return judge(end(asked["to"]), asked["port"])
    path = asked["to"].removeprefix("service:")
    service = next(s for s in evaluation.snapshot.services if s.ref.path == path)
    verdicts = {
        judge(backend.pod, target.number)
        for backend in evaluation.routing.backends(service)
        for target in backend.targets
        if backend.ready and backend.pod and target.number and target.port.port == asked["port"]
    }
    return "deny" if not verdicts else verdicts.pop() if len(verdicts) == 1 else "partial"


def test_the_demo_is_read_without_a_problem_and_holds_what_it_promises() -> None:
    evaluation = Evaluation.of(assemble(demo.read()))
    snapshot = evaluation.snapshot
    assert snapshot.problems == ()
    assert {service.type for service in snapshot.services} == {
        "ClusterIP",
        "NodePort",
        "LoadBalancer",
        "ExternalName",
    }
    assert any(service.headless for service in snapshot.services)
    assert any(not service.selector for service in snapshot.services)
    assert {p.ref.path for p in snapshot.network_policies} >= {
        "default/allow-web-to-db",
        "default/restrict-egress",
    }
    for source, destination, port, expected in (
        ("default/web-1", "default/db-0", 3306, "allow"),
        ("default/web-1", "default/db-0", 3307, "deny"),
        ("default/backend-1", "default/db-0", 3306, "deny"),
    ):
        assert verdict(evaluation, {"from": source, "to": destination, "port": port}) == expected
    backend = next(
        p.ref.path for p in snapshot.pods if p.namespace == "default" and p.labels.get("app") == "backend"
    )
    assert verdict(evaluation, {"from": backend, "to": "192.168.1.7", "port": 443}) == "allow"
    assert verdict(evaluation, {"from": backend, "to": "192.168.1.7", "port": 80}) == "deny"
    assert verdict(evaluation, {"from": backend, "to": "192.168.2.7", "port": 443}) == "deny"
