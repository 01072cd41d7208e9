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
    Workload,
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
    ["serving.knative.dev/v1 Service", "v1 ConfigMap", "networking.k8s.io/v1 IPAddress", "v1 PodTemplate"],
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


SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec:\n  ports:\n  - port: 80\n"


@pytest.mark.parametrize(
    ("spec", "line", "field", "message"),
    [
        ("    targetport: 8080", 7, "spec.ports[0]", "did you mean targetPort?"),
        ("    targetPort: Bad_Name", 7, "spec.ports[0].targetPort", '"Bad_Name" is no valid port name'),
        ("  selectors: {app: web}", 7, "spec", "did you mean selector?"),
        ("  externaltrafficpolicy: Local", 7, "spec", "did you mean externalTrafficPolicy?"),
        ("  externalTrafficPolicy: local", 7, "spec.externalTrafficPolicy", "did you mean Local?"),
        ("  internalTrafficPolicy: Lokal", 7, "spec.internalTrafficPolicy", "must be Cluster or Local"),
        ("  sessionAffinity: clientip", 7, "spec.sessionAffinity", "did you mean ClientIP?"),
        ("  ipFamilies: [ipv4]", 7, "spec.ipFamilies[0]", "did you mean IPv4?"),
        ("  loadBalancerSourceRanges: [10.0.0.0/99]", 7, "spec.loadBalancerSourceRanges[0]", "is no CIDR"),
        ("  externalIPs: [foo]", 7, "spec.externalIPs[0]", '"foo" is no address'),
        ("  clusterIP: 12", 7, "spec.clusterIP", "must be text, not the number 12"),
        ("  clusterIP: none\n  clusterIPs: [None]", 7, "spec.clusterIP", '"none" is no address'),
    ],
)
def test_a_slip_in_a_service_is_one_located_message(spec: str, line: int, field: str, message: str) -> None:
    reading = read(f"{SERVICE}{spec}\n")
    assert isinstance(reading.objects[0], Service)
    problem = the_problem(reading)
    assert (problem.line, problem.field) == (line, field)
    assert message in problem.message


@pytest.mark.parametrize(
    ("text", "line", "meant"),
    [
        ("spec:\n  hostnetwork: true", 5, "hostNetwork"),
        ("spec:\n  container: []", 5, "containers"),
        ("spec:\n  containers:\n  - name: c\n    port: []", 7, "ports"),
        ("spec:\n  containers:\n  - ports:\n    - containerPort: 80\n      Protocol: UDP", 8, "protocol"),
    ],
)
def test_a_slip_in_a_pod_is_a_warning(text: str, line: int, meant: str) -> None:
    problem = the_problem(read(f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\n{text}\n"))
    assert (problem.line, problem.severity) == (line, Severity.WARNING)
    assert f"did you mean {meant}?" in problem.message


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n  label: {a: b}\n",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: p}\nspec:\n  template: {metadata: {label: {a: b}}}\n",
    ],
)
def test_a_slip_in_the_metadata_is_a_warning(text: str) -> None:
    problem = the_problem(read(text))
    assert (problem.line, problem.severity) == (5, Severity.WARNING)
    assert "did you mean labels?" in problem.message


TEMPLATE = "it seems to be a template, so render it first"


@pytest.mark.parametrize(
    ("text", "line", "field", "message"),
    [
        ("apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.name }}\n", 4, "metadata.name", TEMPLATE),
        ("apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n  labels:\n    a: {{ .x }}\n", 6, "metadata.labels.a", TEMPLATE),
        ("apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n  labels:\n    a: b\n    {{ .k }}: c\n", 7, "metadata.labels", TEMPLATE),
        ("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec:\n  template: {}\n  replicas: {{ .n }}\n", 6, "spec.replicas", TEMPLATE),
        ("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: text\n", 4, "spec", "must be a mapping"),
        ("apiVersion: v1\nkind: ReplicationController\nmetadata: {name: x}\nspec: [a]\n", 4, "spec", "must be a mapping"),
        ("apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: x}\nspec: 12\n", 4, "spec", "must be a mapping"),
        ("apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: x}\nspec:\n  jobTemplate: 12\n", 5, "spec.jobTemplate", "must be a mapping"),
        ("apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: x}\nspec:\n  jobTemplate:\n    spec: 12\n", 6, "spec.jobTemplate.spec", "must be a mapping"),
        ("apiVersion: v1\nkind: Endpoints\nmetadata: {name: x}\nsubsets:\n- addresses:\n  - ip: 12\n", 6, "subsets[0].addresses[0].ip", "must be text"),
        ("apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n  labels:\n    a: !!binary '/w=='\n", 6, "metadata.labels.a", "tagged !!binary"),
        ("apiVersion: v1\nkind: Pod\nmetadata:\n  name: !!int Abc\n", 4, "metadata.name", "tag !!int"),
    ],
)  # fmt: skip
def test_one_fault_is_one_message(text: str, line: int, field: str, message: str) -> None:
    problem = the_problem(read(text))
    assert (problem.line, problem.field, problem.severity) == (line, field, Severity.ERROR)
    assert message in problem.message


def test_a_selector_with_a_template_in_it_matches_nothing() -> None:
    head = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec:\n  template: {}\n  selector:\n"
    reading = read(f"{head}    matchLabels:\n      app: {{{{ .Values.app }}}}\n")
    (workload,) = reading.objects
    assert isinstance(workload, Workload)
    assert workload.selector
    assert workload.selector.invalid
    assert TEMPLATE in the_problem(reading).message


@pytest.mark.parametrize(
    ("kind", "allowed"),
    [("Service", "digits and - are"), ("Namespace", "digits and - are"), ("Pod", "digits, - and . are")],
)
def test_a_bad_name_is_told_what_its_kind_allows(kind: str, allowed: str) -> None:
    name = "a_b" if kind == "Pod" else "a.b"
    problem = the_problem(
        read(f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {{ports: [{{port: 1}}]}}\n")
    )
    assert allowed in problem.message


@pytest.mark.parametrize(
    ("value", "words"), [("true", "the boolean true"), ("12", "the number 12"), ("tcp", '"tcp"')]
)
def test_a_choice_names_what_it_got(value: str, words: str) -> None:
    problem = the_problem(read(f"{SERVICE}    protocol: {value}\n"))
    assert f"must be TCP, UDP or SCTP, not {words}" in problem.message
