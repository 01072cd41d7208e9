"""Objects that an API server would refuse: what of them is shown is marked as not the whole truth."""

from __future__ import annotations

import json

import pytest

from policy_core.details.pod import PodDetail, pod_detail
from policy_core.details.policy import policy_detail
from policy_core.evaluation import Evaluation
from policy_core.isolation import isolations
from policy_core.manifests.collect import Collector
from policy_core.model import NetworkPolicy, Ref, Severity
from policy_core.snapshot import assemble
from tests.clusters import evaluate, namespace, pod, policy, service, the_pod, verdict

WEB, C = pod("web", "10.0.0.1", app="web"), pod("c", "10.0.0.9", app="c")
UNQUOTED = WEB.replace("app: 'web'", "app: 'web', team: 1")
BY_TEAM = policy("deny", "{podSelector: {matchLabels: {team: '1'}}}")


def detail(evaluation: Evaluation, name: str = "x/web") -> PodDetail:
    found = the_pod(evaluation, name)
    assert found is not None
    return pod_detail(evaluation, found)


def uncertain(evaluation: Evaluation) -> set[str]:
    return {ref.name for ref, state in isolations(evaluation).items() if state.uncertain}


def test_a_pod_of_which_labels_could_not_be_read_may_be_selected() -> None:
    evaluation = evaluate(UNQUOTED + C + BY_TEAM)
    assert uncertain(evaluation) == {"web"}
    found = detail(evaluation)
    assert [str(obj.ref) for obj in found.unevaluated] == ["NetworkPolicy x/deny"]
    assert any(caveat.startswith("Pod x/web has errors") for caveat in found.caveats)
    assert any(caveat.startswith("Some labels of ") for caveat in found.caveats)
    assert detail(evaluation, "x/c").caveats == ()


def test_policies_of_another_namespace_select_no_pod_whatever_its_labels() -> None:
    elsewhere = policy("deny", "{podSelector: {matchLabels: {team: '1'}}}", namespace="w")
    assert detail(evaluate(UNQUOTED + elsewhere)).unevaluated == ()


def test_an_object_that_is_not_evaluated_may_select_by_labels_that_could_not_be_read() -> None:
    cilium = (
        "---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: p, namespace: x}\n"
        "spec: {endpointSelector: {matchLabels: {team: '1'}}}\n"
    )
    assert len(detail(evaluate(UNQUOTED + cilium)).unevaluated) == 1
    assert detail(evaluate(WEB + cilium)).unevaluated == ()


def test_rules_may_match_a_pod_of_which_labels_could_not_be_read() -> None:
    from_team = policy(
        "p",
        "{podSelector: {matchLabels: {app: c}}, ingress: [{from: [{podSelector: {matchLabels: {team: '1'}}}]}]}",
    )
    told = "Some labels of x/web could not be read: rules that select pods may match there."
    assert told in detail(evaluate(UNQUOTED + C + from_team), "x/c").caveats
    assert told not in detail(evaluate(WEB + C + from_team), "x/c").caveats
    to_all = policy("p", "{podSelector: {matchLabels: {app: c}}, ingress: [{from: [{podSelector: {}}]}]}")
    assert told not in detail(evaluate(UNQUOTED + C + to_all), "x/c").caveats


def test_labels_of_a_template_that_could_not_be_read_leave_its_pods_in_doubt() -> None:
    deployment = (
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: x}\n"
        "spec: {template: {metadata: {labels: {app: web, team: 1}}, spec: {containers: [{name: c}]}}}\n"
    )
    evaluation = evaluate(deployment + BY_TEAM)
    assert uncertain(evaluation) == {"web"}
    assert len(detail(evaluation).unevaluated) == 1


def test_namespace_labels_that_could_not_be_read_make_the_verdict_unknown() -> None:
    rule = "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: '1'}}}]}]}"
    text = WEB + pod("c", "10.0.0.9", namespace="w", app="c") + policy("p", rule)
    unquoted = namespace("w").replace("labels: {}", "labels: {team: 1}")
    assert verdict(evaluate(text + unquoted), "w/c", "x/web", 80) == "unknown"
    assert verdict(evaluate(text + namespace("w")), "w/c", "x/web", 80) == "deny"
    annotated = namespace("w").replace("labels: {}", "annotations: {team: 1}")
    assert verdict(evaluate(text + annotated), "w/c", "x/web", 80) == "deny"


def test_a_service_with_errors_is_named_on_the_pods_that_it_may_select() -> None:
    broken = service("s", "{selector: {app: web, team: 1}, ports: [{port: 80}]}")
    evaluation = evaluate(WEB + C + broken)
    assert Ref("Service", "x", "s") in evaluation.snapshot.faulty
    assert any(caveat.startswith("Service x/s has errors") for caveat in detail(evaluation).caveats)
    assert not any("Service x/s" in caveat for caveat in detail(evaluation, "x/c").caveats)


def test_errors_that_play_no_part_leave_nothing_in_doubt() -> None:
    annotated = WEB.replace("name: web,", "name: web, annotations: {a: 1},", 1)
    evaluation = evaluate(annotated + BY_TEAM)
    assert evaluation.snapshot.problems
    assert uncertain(evaluation) == set()
    assert evaluation.snapshot.faulty == frozenset()


def test_ports_that_could_not_be_read_leave_a_pod_in_doubt() -> None:
    evaluation = evaluate(WEB.replace("{name: c}", "{name: c, ports: [{name: http, containerPort: x}]}"))
    assert uncertain(evaluation) == {"web"}


def test_what_replaces_an_object_with_errors_has_none() -> None:
    broken, sound = policy("p", "{podSelector: {}, policyTypes: [Ingres]}"), policy("p", "{podSelector: {}}")
    for text, refused in ((broken + sound, False), (sound + broken, True)):
        evaluation = evaluate(WEB + text)
        assert bool(evaluation.snapshot.faulty) is refused
        assert bool(detail(evaluation).unevaluated) is refused
        [found] = evaluation.snapshot.network_policies
        shown = [problem.severity for problem in policy_detail(evaluation, found).problems]
        assert shown == ([Severity.ERROR] if refused else []) + [Severity.WARNING]


def test_objects_on_one_line_are_both_in_doubt_where_nothing_tells_them_apart() -> None:
    meta = {"name": "p", "namespace": "x"}
    head = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": meta}
    items = [head | {"spec": {"podSelector": {}, "policyTypes": [kind]}} for kind in ("Ingres", "Ingress")]
    collector = Collector()
    collector.add("x.json", json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
    assert assemble(collector.reading("x.json")).faulty == {Ref("NetworkPolicy", "x", "p")}


@pytest.mark.parametrize("metadata", ["{generateName: p-, namespace: x}", "{namespace: x}"])
def test_a_policy_without_a_name_leaves_no_pod_plainly_open(metadata: str) -> None:
    nameless = policy("p", "{podSelector: {}}").replace("{name: p, namespace: x}", metadata)
    evaluation = evaluate(WEB + nameless)
    assert uncertain(evaluation) == {"web"}
    assert not any("No NetworkPolicy at all" in caveat for caveat in detail(evaluation).caveats)


@pytest.mark.parametrize("metadata", ["{generateName: p-}", "{}", "{name: 7}", "{name: 7, namespace: 7}"])
@pytest.mark.parametrize(
    ("kind", "subject", "doubted"),
    [
        ("policy.networking.k8s.io/v1alpha2, kind: ClusterNetworkPolicy", "{namespaces: {}}", {"web", "c"}),
        (
            "policy.networking.k8s.io/v1alpha1, kind: AdminNetworkPolicy",
            "{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: web}}}}",
            {"web"},
        ),
        ("policy.networking.k8s.io/v1alpha1, kind: BaselineAdminNetworkPolicy", "{nodes: {}}", {"web", "c"}),
        ("cilium.io/v2, kind: CiliumClusterwideNetworkPolicy", "{}", {"web", "c"}),
    ],
)
def test_a_policy_of_the_cluster_without_a_name_leaves_no_pod_plainly_open(
    metadata: str, kind: str, subject: str, doubted: set[str]
) -> None:
    spec = f"{{subject: {subject}, endpointSelector: {{}}, ingress: [{{action: Deny, from: [{{namespaces: {{}}}}]}}]}}"
    text = f"---\n{{apiVersion: {kind}, metadata: {metadata}, spec: {spec}}}\n"
    evaluation = evaluate(WEB + C + text)
    assert uncertain(evaluation) == doubted
    assert any(
        problem.field.startswith("metadata") or not problem.field for problem in evaluation.snapshot.problems
    )


def test_a_policy_of_the_former_group_leaves_no_pod_plainly_open() -> None:
    former = policy("p", "{podSelector: {}}").replace("networking.k8s.io/v1", "extensions/v1beta1")
    evaluation = evaluate(WEB + former)
    assert [str(obj.ref) for obj in detail(evaluation).unevaluated] == ["NetworkPolicy.extensions x/p"]
    assert not any(isinstance(obj, NetworkPolicy) for obj in detail(evaluation).unevaluated)
    assert not any("No NetworkPolicy at all" in caveat for caveat in detail(evaluation).caveats)


@pytest.mark.parametrize(
    ("version", "kind", "spec", "line", "field"),
    [
        (
            "apps/v1",
            "Deployment",
            "{template: {\n metadata: {annotations: {\n a: true}}}}",
            6,
            "spec.template",
        ),
        (
            "batch/v1",
            "CronJob",
            "{jobTemplate: {\n metadata: {annotations: {a: true}}, spec: {template: {spec: {}}}}}",
            5,
            "spec.jobTemplate",
        ),
        (
            "batch/v1",
            "CronJob",
            "{jobTemplate: {spec: {\n template: {metadata: {annotations: {a: true}}}}}}",
            5,
            "spec.jobTemplate.spec.template",
        ),
    ],
)
def test_annotations_of_templates_must_be_text(
    version: str, kind: str, spec: str, line: int, field: str
) -> None:
    collector = Collector()
    collector.add("x.yaml", f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: w}}\nspec: {spec}\n")
    [problem] = collector.reading("x.yaml").problems
    assert (problem.severity, problem.line) == (Severity.ERROR, line)
    assert problem.field == f"{field}.metadata.annotations.a"
    assert problem.message.startswith("must be text, not the boolean true")
