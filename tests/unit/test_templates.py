"""Workloads of which only the template was read: how many pods it stands for, and what they may do."""

from __future__ import annotations

import pytest

from policy_core.details.backend import GetThrough
from policy_core.details.pod import PodDetail, pod_detail
from tests.clusters import evaluate, judge, pod, policy, service, the_pod

C = pod("c", "10.0.0.9", app="c")
TO_WEB = service("s", "{selector: {app: web}, ports: [{port: 80}]}")
FROM_WEB = policy(
    "p",
    "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]}",
)
CLOSED = policy("p", "{podSelector: {}, policyTypes: [Ingress, Egress]}")
SEVERAL = [("StatefulSet", "replicas: 3, "), ("Deployment", "replicas: 2, "), ("DaemonSet", "")]
ONE = [("StatefulSet", "replicas: 1, "), ("Deployment", ""), ("ReplicaSet", "")]


def workload(kind: str, replicas: str, name: str = "web") -> str:
    labels = f"{{app: {name}}}"
    return (
        f"---\napiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: x}}\n"
        f"spec: {{{replicas}selector: {{matchLabels: {labels}}}, "
        f"template: {{metadata: {{labels: {labels}}}, spec: {{containers: [{{name: c}}]}}}}}}\n"
    )


def detail(text: str, name: str = "x/web") -> PodDetail:
    evaluation = evaluate(text)
    found = the_pod(evaluation, name)
    assert found is not None
    return pod_detail(evaluation, found)


def through(text: str, name: str = "x/web") -> GetThrough | None:
    [route] = detail(text, name).services
    [target] = route.detail.targets
    return target.through


@pytest.mark.parametrize(("kind", "replicas"), SEVERAL)
def test_the_pods_of_one_template_are_each_others_peers(kind: str, replicas: str) -> None:
    text = C + workload(kind, replicas) + TO_WEB + FROM_WEB
    [rule] = detail(text).ingress.rules
    assert [peer.name for peer in rule.pods] == ["web"]
    assert through(text) == GetThrough(allow=1, unknown=0, total=2)


@pytest.mark.parametrize(("kind", "replicas"), ONE)
def test_a_template_of_one_pod_is_no_peer_of_its_own(kind: str, replicas: str) -> None:
    text = C + workload(kind, replicas) + TO_WEB + FROM_WEB
    [rule] = detail(text).ingress.rules
    assert rule.pods == ()
    assert through(text) == GetThrough(allow=0, unknown=0, total=1)


@pytest.mark.parametrize(("kind", "replicas"), SEVERAL)
def test_two_pods_of_one_template_are_judged_by_policy(kind: str, replicas: str) -> None:
    assert judge(evaluate(workload(kind, replicas) + CLOSED), "x/web", "x/web", 80).verdict == "deny"
    assert judge(evaluate(workload(kind, replicas) + FROM_WEB), "x/web", "x/web", 80).verdict == "allow"


@pytest.mark.parametrize(("kind", "replicas"), ONE)
def test_a_template_of_one_pod_reaches_itself(kind: str, replicas: str) -> None:
    assert judge(evaluate(workload(kind, replicas) + CLOSED), "x/web", "x/web", 80).verdict == "allow"


def test_egress_names_resolve_on_the_other_pods_of_the_template() -> None:
    out = (
        "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}], ports: [{port: http}]}]}"
    )
    named = "{name: c, ports: [{name: http, containerPort: 8080}]}"
    for replicas, numbers in ((3, ((8080, 1),)), (1, ())):
        text = workload("Deployment", f"replicas: {replicas}, ").replace("{name: c}", named)
        [port] = detail(text + policy("p", out)).egress.rules[0].named
        assert port.numbers == numbers


def test_what_is_scaled_to_0_gets_through_nowhere_and_is_no_peer() -> None:
    text = pod("web", "10.0.0.1", app="web") + workload("Deployment", "replicas: 0, ", "idle") + TO_WEB
    assert through(text) == GetThrough(allow=0, unknown=0, total=0)
    open_to_all = policy("p", "{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}")
    [rule] = detail(text + open_to_all).ingress.rules
    assert rule.pods == ()
    idle = detail(text + open_to_all, "x/idle")
    assert [peer.name for peer in idle.ingress.rules[0].pods] == ["web"]
