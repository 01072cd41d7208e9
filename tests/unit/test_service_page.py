"""What the page of a Service says first: does it answer, and if not, why. Each sentence must be true."""

from __future__ import annotations

import pytest

from policy_core.details.namespace import namespace_detail
from policy_core.details.pod import pod_detail
from policy_core.details.service import service_detail
from policy_core.enforcement import enforcement
from policy_core.evaluation import Evaluation
from policy_core.isolation import isolations
from policy_core.model import Direction
from policy_core.openness import Openness
from policy_core.report.document import Heading, Paragraph, Role, Table
from policy_core.report.json import pod_json
from policy_core.report.layout import ALL, layout, plain
from policy_core.report.service import service_document
from tests.clusters import evaluate, namespace, pod, policy, service, the_pod

PORTS = "{name: c, ports: [{name: http, containerPort: 8080}]}"
WEB = pod("web", "10.0.0.1", app="web").replace("{name: c}", PORTS)
OTHER = pod("other", "10.0.0.2", app="other")
TO_WEB = service("s", "{selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}")
DEPLOYMENT = (
    "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: x}\n"
    "spec: {replicas: REPLICAS, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, "
    "spec: {containers: [" + PORTS + "]}}}\n"
)
EMPTY_SLICE = (
    "---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n"
    "metadata: {name: s-1, namespace: x, labels: {kubernetes.io/service-name: s}}\n"
    "addressType: IPv4\nports: []\nendpoints: []\n"
)


def page(text: str, name: str = "s") -> str:
    evaluation = evaluate(text)
    found = next(s for s in evaluation.snapshot.services if s.name == name)
    return plain(layout(service_document(service_detail(evaluation, found)), 200, ALL))


def ingress(rule: str) -> str:
    return policy("p", f"{{podSelector: {{matchLabels: {{app: web}}}}, ingress: [{rule}]}}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            WEB + TO_WEB,
            "✓ Answers: 1 of 1 endpoint ready, and policy lets connections in; no other pod is here",
        ),
        (WEB + OTHER + TO_WEB, "✓ Answers: 1 of 1 endpoint ready, and policy lets some pods through"),
        (
            WEB + OTHER + TO_WEB + ingress("{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]}"),
            "? Routed, half open: 1 of 1 endpoint ready; no other pod gets through, yet addresses outside are let in, "
            "though nothing leads them here directly.",
        ),
        (WEB + TO_WEB + EMPTY_SLICE, "since its EndpointSlices list no address"),
        (OTHER + TO_WEB, "since its selector matches no pod"),
        (service("s", "{ports: [{port: 80}]}"), "since it has no selector and no EndpointSlice"),
        (DEPLOYMENT.replace("REPLICAS", "0") + TO_WEB, "what it selects is scaled to 0"),
        (
            WEB + OTHER + service("s", "{selector: {app: web}, ports: [{port: 80, targetPort: grpc}]}"),
            "no ready endpoint has a port named grpc",
        ),
        (
            WEB + OTHER + service("s", "{clusterIP: None, selector: {app: web}}"),
            "clients choose the port themselves",
        ),
        (service("s", "{type: ExternalName, externalName: db.example.com}"), "A DNS name for db.example.com"),
    ],
)
def test_the_first_sentence_is_true(text: str, said: str) -> None:
    assert said in page(text)


DENY = policy("deny", "{podSelector: {}, policyTypes: [Ingress]}")
FROM_ALL = "{from: [{podSelector: {}}]}"
CANARY = pod("canary", "10.0.0.9", app="web", track="canary").replace("{name: c}", PORTS)
NO_WAY_OUT = policy("out", "{podSelector: {}, policyTypes: [Egress]}")
OUTSIDE = EMPTY_SLICE.replace(
    "ports: []\nendpoints: []",
    "ports: [{port: 8080}]\nendpoints: [{addresses: [10.0.0.1]}, {addresses: [192.0.2.1]}]",
)


def port_rule(number: int | str) -> str:
    return FROM_ALL.replace("]}", f"], ports: [{{port: {number}}}]}}")


def ipv6_only(text: str) -> str:
    return text.replace("10.0.0.2", "fd00::2")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (WEB + OTHER + DENY, "no rule lets anyone in on TCP 8080 (1 of 1 endpoint ready)"),
        (WEB + OTHER + ingress(port_rule(80)), "p rule 1 opens TCP 80, but TCP 8080 arrives"),
        (
            WEB + OTHER + DENY + ingress(f"{port_rule(53)}, {port_rule(80)}"),
            "p rule 2 opens TCP 80, but TCP 8080 arrives",
        ),
        (
            WEB + OTHER + ingress(port_rule(80)) + ingress(port_rule(80)).replace("name: p,", "name: q,"),
            "no rule lets anyone in on TCP 8080 (1 of 1 endpoint ready)",
        ),
        (
            WEB + OTHER + ingress("{from: [{podSelector: {matchLabels: {app: web}}}]}"),
            "p rule 1 opens TCP 8080, but to no other pod here (1 of 1 endpoint ready)",
        ),
        (
            WEB + OTHER + NO_WAY_OUT + ingress(port_rule("http")),
            "pods are let in on TCP 8080, but their own egress lets none of them out to it (1 of 1 endpoint ready)",
        ),
        (
            WEB + ipv6_only(OTHER) + ingress(FROM_ALL),
            "policy lets no other pod through (1 of 1 endpoint ready)",
        ),
        (
            WEB + CANARY + DENY + NO_WAY_OUT + ingress(port_rule(80)).replace("web}", "web, track: canary}"),
            "policy lets no other pod through (2 of 2 endpoints ready)",
        ),
    ],
)
def test_the_first_sentence_tells_what_closes_a_service(text: str, why: str) -> None:
    assert f"✗ Routed, but closed: {why}.\n" in page(text + TO_WEB)


CILIUM = (
    "---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: c, namespace: x}\n"
    "spec: {endpointSelector: {matchLabels: {app: web}}}\n"
)


@pytest.mark.parametrize(
    ("text", "headline"),
    [
        (CILIUM, "? Answers by what is evaluated: 1 of 1 endpoint ready, and policy lets some pods through."),
        (DENY + CILIUM, "? Routed, but closed by what is evaluated: no rule lets anyone in on TCP 8080"),
        (ingress("{from: [{}]}"), "? Routed, but closed by what is evaluated: no rule lets anyone in"),
    ],
)
def test_no_verdict_is_plain_where_an_object_that_is_not_evaluated_may_apply(
    text: str, headline: str
) -> None:
    evaluation = evaluate(WEB + OTHER + text + TO_WEB)
    [found] = evaluation.snapshot.services
    document = service_document(service_detail(evaluation, found))
    assert headline in plain(layout(document, 200, ALL))
    texts = [block.text for block in document if isinstance(block, (Paragraph, Heading))]
    assert not [span.text for text in texts for span in text if span.role in (Role.ALLOW, Role.DENY)]
    counts = [row.cells[3] for block in document if isinstance(block, Table) for row in block.rows]
    assert counts[0][0].text == "? "


def test_several_ports_that_arrive_have_no_single_cause() -> None:
    ports = "ports: [{name: a, port: 80, targetPort: 8080}, {name: b, port: 81, targetPort: 8081}]"
    said = page(WEB + OTHER + DENY + service("s", f"{{selector: {{app: web}}, {ports}}}"))
    assert "✗ Routed, but closed: policy lets no other pod through (1 of 1 endpoint ready)." in said


def test_endpoints_outside_the_known_pods_may_answer_where_policy_closes_the_pods() -> None:
    said = page(WEB + OTHER + DENY + TO_WEB + OUTSIDE)
    assert "? Routed, half open: 2 of 2 endpoints ready; policy closes its pods, for the other" in said


@pytest.mark.parametrize(
    ("rule", "warned"),
    [
        ("{from: [{podSelector: {}}]}", False),
        ("{from: [{podSelector: {}}], ports: [{port: 80}]}", True),
        ("{from: [{podSelector: {}}], ports: [{port: 8080}]}", False),
        ("{from: [{podSelector: {}}], ports: [{port: 80}, {port: 8080}]}", False),
        ("{from: [{podSelector: {}}], ports: [{port: 1, endPort: 9000}]}", False),
    ],
)
def test_only_a_rule_that_names_the_service_port_alone_is_called_a_mix_up(rule: str, warned: bool) -> None:
    assert (
        "the port of the Service; what arrives at the pod is 8080"
        in page(WEB + OTHER + TO_WEB + ingress(rule))
    ) is warned


def test_pods_whose_port_names_differ_are_told_apart() -> None:
    canary = pod("canary", "10.0.0.9", app="web").replace("{name: c}", PORTS.replace("8080", "8081"))
    said = page(WEB + canary + TO_WEB + ingress("{ports: [{port: http}]}"))
    assert "http (TCP 8080)" in said
    assert "http (TCP 8081)" in said


def test_a_service_has_the_families_of_its_own_addresses() -> None:
    dual = pod("web", "10.0.0.1,fd00::1", app="web") + pod("c", "10.0.0.2,fd00::2", app="c")
    rule = ingress("{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}")
    by_address = service("s", "{clusterIP: 10.96.0.1, selector: {app: web}, ports: [{port: 80}]}")
    assert "1 of 1 pod" in page(dual + rule + by_address)
    assert "0 of 1 pod, 1 over IPv4 only" in page(dual + rule + TO_WEB)


def test_node_ports_named_in_the_manifest_expose_whatever_is_allocated() -> None:
    spec = "{type: LoadBalancer, allocateLoadBalancerNodePorts: false, ports: [{port: 80, nodePort: 30080}]}"
    assert "node port 30080/TCP" in page(service("s", spec))


def test_json_tells_unknown_from_denied() -> None:
    rule = ingress("{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}")
    evaluation = evaluate(WEB + pod("new", app="new") + TO_WEB + rule)
    web = the_pod(evaluation, "x/web")
    assert web is not None
    [port] = pod_json(pod_detail(evaluation, web))["services"][0]["ports"]
    assert (port["reachable_from"], port["partly_from"], port["unknown_from"]) == (0, 0, 1)


def caveats(text: str, name: str) -> str:
    evaluation = evaluate(text)
    found = the_pod(evaluation, name)
    assert found is not None
    return " ".join(pod_detail(evaluation, found).caveats)


def test_an_ip_block_of_one_family_is_told_to_a_pod_of_both() -> None:
    dual = pod("web", "10.0.0.1,fd00::1", app="web")
    assert "over IPv6 it allows nothing" in caveats(
        dual + ingress("{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}"), "x/web"
    )


def test_a_policy_with_errors_is_named_wherever_it_may_apply() -> None:
    faulty = policy("p", "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{}]}]}")
    evaluation = evaluate(WEB + OTHER + faulty)
    states = {ref.name: state.uncertain for ref, state in isolations(evaluation).items()}
    assert states == {"web": True, "other": False}
    assert "NetworkPolicy x/p has errors" in caveats(WEB + OTHER + faulty, "x/web")
    unreadable = policy("p", "{podSelector: []}")
    assert all(state.uncertain for state in isolations(evaluate(WEB + OTHER + unreadable)).values())


ADMIN = (
    "---\napiVersion: networking.k8s.aws/v1alpha1\nkind: ClusterNetworkPolicy\nmetadata: {name: cnp}\n"
    "spec: {subject: {namespaces: {matchLabels: {env: prod}}}, ingress: [{}]}\n"
)


@pytest.mark.parametrize(
    ("text", "may_apply"),
    [(ADMIN, True), (namespace("x", env="prod") + ADMIN, True), (namespace("x", env="dev") + ADMIN, False)],
)
def test_namespace_labels_that_were_not_read_may_be_what_a_policy_selects(text: str, may_apply: bool) -> None:
    evaluation = evaluate(WEB + text)
    found = namespace_detail(evaluation, evaluation.snapshot.namespaces["x"])
    assert bool(found.unevaluated) is may_apply
    web = the_pod(evaluation, "x/web")
    assert web is not None
    assert bool(pod_detail(evaluation, web).unevaluated) is may_apply


def openness(text: str, direction: Direction) -> dict[str, Openness]:
    evaluation: Evaluation = evaluate(text)
    return {
        ref.name: state.ingress if direction is Direction.INGRESS else state.egress
        for ref, state in isolations(evaluation).items()
    }


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("{}", Openness.WIDE),
        ("{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}", Openness.WIDE),
        ("{from: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: 1}]}", Openness.RESTRICTED),
        ("{from: [{}]}", Openness.CLOSED),
        ("{ports: [{port: nope}]}", Openness.CLOSED),
        ("{ports: [{port: http}]}", Openness.RESTRICTED),
    ],
)
def test_the_state_of_a_direction_in_a_word(rule: str, expected: Openness) -> None:
    assert openness(WEB + ingress(rule), Direction.INGRESS)["web"] is expected


def test_host_network_pods_count_as_open_in_their_namespace() -> None:
    host = pod("host", "192.168.0.1", app="host", more="hostNetwork: true")
    evaluation = evaluate(host + WEB + policy("p", "{podSelector: {}}"))
    found = namespace_detail(evaluation, evaluation.snapshot.namespaces["x"])
    assert [p.name for p in found.open_pods(Direction.INGRESS)] == ["host"]


def test_a_label_alone_makes_no_network_plugin() -> None:
    pretender = pod("a", "10.0.0.1", app="antrea")
    agent = pod("b", "10.0.0.2", app="antrea", more="hostNetwork: true")
    assert enforcement(evaluate(pretender).snapshot.pods).enforced is None
    assert enforcement(evaluate(agent).snapshot.pods).enforced is True


def test_what_leaves_the_cluster_is_told_in_the_words_of_the_manifest() -> None:
    out = policy(
        "p",
        "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}},"
        " {podSelector: {}}], ports: [{port: 443}]}]}",
    )
    evaluation = evaluate(WEB + out)
    [way] = namespace_detail(evaluation, evaluation.snapshot.namespaces["x"]).ways_out
    assert (str(way.rule), str(way.ports), [p.name for p in way.pods]) == (
        "NetworkPolicy x/p egress[0]",
        "TCP 443",
        ["web"],
    )
