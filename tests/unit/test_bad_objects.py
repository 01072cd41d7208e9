"""Faults in the fields of Pods, Services and the like: one located message, and the rest still counts."""

from __future__ import annotations

import pytest

from policy_core.manifests.collect import Collector
from policy_core.model import (
    ContainerPort,
    NetworkPolicy,
    Pod,
    Problem,
    Reading,
    Rule,
    Service,
    ServicePort,
    Severity,
)


def read(text: str, file: str = "x.yaml") -> Reading:
    collector = Collector()
    collector.add(file, text)
    return collector.reading(file)


def the_problem(reading: Reading) -> Problem:
    (problem,) = reading.problems
    return problem


@pytest.mark.parametrize(
    ("condition", "field"),
    [("{type: [Ready], status: 'True'}", "type"), ("{type: Ready, status: True}", "status")],
)
def test_a_condition_that_is_no_text_makes_no_pod_ready(condition: str, field: str) -> None:
    reading = read(
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nstatus:\n  conditions: [{condition}]\n"
    )
    (pod,) = reading.objects
    assert isinstance(pod, Pod)
    assert not pod.ready
    problem = the_problem(reading)
    assert (problem.line, problem.field) == (5, f"status.conditions[0].{field}")


@pytest.mark.parametrize("kind", ["List", "PodList", "NetworkPolicyList"])
@pytest.mark.parametrize("items", ["{apiVersion: v1, kind: Pod, metadata: {name: x}}", "foo", "12"])
def test_a_list_of_the_wrong_type_is_a_problem(kind: str, items: str) -> None:
    reading = read(f"apiVersion: v1\nkind: {kind}\nitems: {items}\n")
    assert not reading.objects
    problem = the_problem(reading)
    assert (problem.line, problem.field) == (3, "items")
    assert "must be a list" in problem.message


@pytest.mark.parametrize("body", ["spec: {a: b}", "items: {a: b}", "items: ~"])
def test_a_kind_that_is_merely_called_a_list_is_counted(body: str) -> None:
    reading = read(f"apiVersion: example.com/v1\nkind: AllowList\nmetadata: {{name: x}}\n{body}\n")
    assert not reading.problems
    assert reading.other_kinds == {"example.com/v1 AllowList": 1}


@pytest.mark.parametrize(
    ("version", "kind", "line", "meant"),
    [
        ("v1", "NetworkPolicy", 1, "networking.k8s.io/v1 NetworkPolicy"),
        ("apps/v1", "NetworkPolicy", 1, "networking.k8s.io/v1 NetworkPolicy"),
        ("networking.k8s.io", "NetworkPolicy", 1, "networking.k8s.io/v1 NetworkPolicy"),
        ("networking.k8s.io/v1", "networkPolicy", 2, "networking.k8s.io/v1 NetworkPolicy"),
        ("networking.k8s.io/v1", "NetworkPolicies", 2, "networking.k8s.io/v1 NetworkPolicy"),
        ("v1", "pod", 2, "v1 Pod"),
        ("v2", "Pod", 1, "v1 Pod"),
        ("apps/v1", "Pod", 1, "v1 Pod"),
        ("networking.k8s.io/v1", "Ingresses", 2, "networking.k8s.io/v1 Ingress"),
    ],
)
def test_an_object_that_is_nearly_one_that_counts_is_a_warning(
    version: str, kind: str, line: int, meant: str
) -> None:
    reading = read(f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: x}}\n")
    problem = the_problem(reading)
    assert (problem.line, problem.severity) == (line, Severity.WARNING)
    assert f"did you mean {meant}?" in problem.message
    assert reading.other_kinds == {f"{version} {kind}": 1}


@pytest.mark.parametrize(
    "identity",
    ["serving.knative.dev/v1 Service", "v1 ConfigMap", "networking.k8s.io/v1 IngressClass", "v1 PodTemplate"],
)
def test_other_kinds_are_no_problem(identity: str) -> None:
    version, kind = identity.split()
    reading = read(f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: x}}\n")
    assert not reading.problems
    assert reading.other_kinds == {identity: 1}


def test_an_empty_protocol_or_type_is_the_default_where_the_api_server_has_it_so() -> None:
    reading = read(
        "apiVersion: v1\nkind: Service\nmetadata: {name: s}\n"
        "spec: {type: '', ports: [{port: 80, protocol: ''}]}\n---\n"
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"
        "spec: {containers: [{name: c, ports: [{containerPort: 81, protocol: ''}]}]}\n"
    )
    assert not reading.problems
    service, pod = reading.objects
    assert isinstance(service, Service)
    assert isinstance(pod, Pod)
    assert (service.type, service.ports) == ("ClusterIP", (ServicePort(80, 80, "TCP"),))
    assert pod.ports == (ContainerPort(81, "TCP"),)


@pytest.mark.parametrize(
    ("spec", "rule"),
    [
        ("ingress: [{ports: [{port: 80, protocol: ''}]}]", Rule(ports=())),
        ("ingress: [{ports: [~]}]", Rule(ports=())),
        ("ingress: [~]", Rule((), ())),
    ],
)
def test_a_policy_with_an_empty_protocol_or_rule_is_refused_and_allows_nothing(spec: str, rule: Rule) -> None:
    head = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec:\n  podSelector: {}\n"
    reading = read(f"{head}  {spec}\n")
    (policy,) = reading.objects
    assert isinstance(policy, NetworkPolicy)
    assert policy.ingress == (rule,)
    problem = the_problem(reading)
    assert (problem.line, problem.severity) == (6, Severity.ERROR)
