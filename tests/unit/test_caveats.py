"""Every caveat is there where it belongs, and nowhere else."""

from __future__ import annotations

import dataclasses

import pytest

from policy_core.details.pod import pod_detail
from policy_core.enforcement import enforcement
from policy_core.evaluation import Evaluation
from policy_core.report.json import pod_json
from tests.clusters import evaluate, namespace, pod, policy, service, the_pod

WEB = pod("web", "10.0.0.1", app="web", more="nodeName: n1")
C = pod("c", "10.0.0.9", app="c")
X = namespace("x")
HOST = "hostNetwork: true, nodeName: n1"


def told(text: str, name: str = "x/web") -> list[str]:
    return of(evaluate(text), name)


def of(evaluation: Evaluation, name: str = "x/web") -> list[str]:
    found = the_pod(evaluation, name)
    assert found is not None
    return list(pod_detail(evaluation, found).caveats)


def about(text: str, words: str, name: str = "x/web") -> list[str]:
    return [caveat for caveat in told(text, name) if words in caveat]


def ingress(rule: str, more: str = "") -> str:
    return policy("p", f"{{podSelector: {{matchLabels: {{app: web}}}}, ingress: [{rule}]{more}}}")


def egress(rule: str) -> str:
    return policy(
        "p", f"{{podSelector: {{matchLabels: {{app: web}}}}, policyTypes: [Egress], egress: [{rule}]}}"
    )


def twice(text: str, second: str = "{name: h, containerPort: 2}") -> str:
    return text.replace("{name: c}", f"{{name: c, ports: [{{name: h, containerPort: 1}}, {second}]}}")


def test_a_pod_that_nothing_is_to_say_of_has_no_caveat() -> None:
    assert told(X + WEB + C + policy("other", "{podSelector: {matchLabels: {app: c}}}")) == []


def test_finished() -> None:
    done = WEB.replace("Running", "Failed")
    said = "The pod has finished (Failed): no policy applies to it and nothing is routed to it."
    assert said in told(X + done + ingress("{}"))
    assert about(X + WEB + ingress("{}"), "has finished") == []


def test_json_has_no_word_on_what_else_happens_to_a_finished_pod() -> None:
    evaluation = evaluate(X + WEB.replace("Running", "Succeeded"))
    found = the_pod(evaluation, "x/web")
    assert found is not None
    json = pod_json(pod_detail(evaluation, found))
    assert (json["ingress"]["otherwise"], json["egress"]["otherwise"]) == (None, None)


@pytest.mark.parametrize(
    ("replicas", "ending"), [(2, "no address is known."), (0, "no address is known. It is scaled to 0.")]
)
def test_template(replicas: int, ending: str) -> None:
    deployment = (
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: x}\n"
        f"spec: {{replicas: {replicas}, template: {{spec: {{containers: [{{name: c}}]}}}}}}\n"
    )
    [said] = about(X + deployment, "Stands for the pods of Deployment x/web")
    assert said.endswith(ending)
    assert about(X + WEB, "Stands for") == []


def test_host_network() -> None:
    assert about(X + pod("web", "192.168.0.1", more=HOST), "It uses its node's network")
    assert about(X + WEB, "It uses its node's network") == []


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ("{name: h, containerPort: 2}", True),
        ("{name: h, containerPort: 1}", False),
        ("{name: h, containerPort: 2, protocol: UDP}", False),
        ("{name: g, containerPort: 2}", False),
    ],
)
def test_a_port_name_declared_twice(second: str, said: bool) -> None:
    own = "Port name h is declared twice: 1 counts here; plugins may choose otherwise."
    assert (own in told(X + twice(WEB, second))) is said
    there = "Port name h is declared twice in x/c: the first one counts here; plugins may choose otherwise."
    to_pods = "{to: [{podSelector: {matchLabels: {app: c}}}], ports: [{port: h}]}"
    assert (there in told(X + WEB + twice(C, second) + egress(to_pods))) is said
    # Not where the name is not used, nor where the pod is no destination.
    assert there not in told(X + WEB + twice(C, second) + egress(to_pods.replace("port: h", "port: 80")))
    assert there not in told(X + WEB + twice(C, second) + egress(to_pods.replace("app: c", "app: d")))


def test_no_policy_was_read() -> None:
    assert about(X + WEB, "No NetworkPolicy at all was read")
    assert about(X + WEB + policy("p", "{podSelector: {matchLabels: {app: c}}}"), "No NetworkPolicy") == []


@pytest.mark.parametrize(
    ("ports", "said"),
    [
        ("[{port: 80, protocol: SCTP}]", True),
        ("[{protocol: SCTP}]", True),
        ("[{port: h, protocol: SCTP}]", True),
        ("[{port: 80}]", False),
        ("[]", False),
    ],
)
def test_sctp(ports: str, said: bool) -> None:
    caveat = "SCTP rules are honoured only by network plugins that support SCTP."
    assert (caveat in told(X + WEB + ingress(f"{{ports: {ports}}}"))) is said


@pytest.mark.parametrize(
    ("ports", "said"),
    [
        ("[{port: 80, endPort: 90}]", True),
        ("[{port: 1, endPort: 65535}]", True),
        ("[{port: 80, endPort: 80}]", False),
        ("[{port: 80}, {port: 81}]", False),
        ("[{}]", False),
    ],
)
def test_end_port(ports: str, said: bool) -> None:
    caveat = "Port ranges (endPort) are honoured only by network plugins that support them."
    assert (caveat in told(X + WEB + ingress(f"{{ports: {ports}}}"))) is said
    assert (caveat in told(X + WEB + egress(f"{{ports: {ports}}}"))) is said


BLOCK = "{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}"


@pytest.mark.parametrize(
    ("ips", "said"),
    [
        ("10.0.0.1", []),
        ("", []),
        (
            "10.0.0.1,fd00::1",
            ["ipBlock 10.0.0.0/8 is for IPv4: over IPv6 it allows nothing. The pod has both."],
        ),
        ("fd00::1", ["ipBlock 10.0.0.0/8 is for IPv4, of which the pod has no address: it allows nothing."]),
    ],
)
def test_a_block_of_one_family(ips: str, said: list[str]) -> None:
    assert about(X + pod("web", ips, app="web") + ingress(BLOCK), "is for IPv4") == said


def test_a_block_that_covers_pods() -> None:
    said = "ipBlock 10.0.0.0/8 covers addresses of 1 pod: plugins differ on whether an ipBlock matches pods."
    assert said in told(X + WEB + C + ingress(BLOCK))
    assert about(X + WEB + ingress(BLOCK), "covers addresses") == []


def test_a_block_and_pods_without_an_address() -> None:
    said = "Whether ipBlock 10.0.0.0/8 matches 2 pods is unknown: they have no address here."
    assert said in told(X + WEB + pod("n1") + pod("n2") + ingress(BLOCK))
    assert about(X + WEB + C + ingress(BLOCK), "is unknown") == []


def test_a_block_sees_the_address_that_arrives() -> None:
    words = "An ipBlock sees the address that arrives"
    assert about(X + WEB + ingress(BLOCK), words)
    assert about(X + WEB + ingress("{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}"), words) == []
    assert about(X + WEB + egress("{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}"), words) == []


BY_TEAM = "{from: [{namespaceSelector: {matchLabels: {team: a}}}]}"
BY_NAME = "{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: w}}}]}"


def test_namespaces_that_are_only_named() -> None:
    words = "No Namespace object for w was read"
    in_w = pod("d", "10.0.1.1", namespace="w")
    assert about(X + WEB + in_w + ingress(BY_TEAM), words)
    assert about(X + WEB + in_w + ingress(BY_NAME), words) == []
    assert about(X + WEB + in_w + ingress("{from: [{podSelector: {}}]}"), words) == []
    assert about(X + WEB + in_w + namespace("w") + ingress(BY_TEAM), words) == []


def test_namespaces_whose_labels_could_not_be_read() -> None:
    said = "The labels of w could not be read: rules that select namespaces may match them."
    seen = evaluate(X + namespace("w") + WEB + ingress(BY_TEAM)).snapshot
    unread = dataclasses.replace(seen.namespaces["w"], labels_known=False)
    hidden = dataclasses.replace(seen, namespaces={**seen.namespaces, "w": unread})
    assert said in of(Evaluation.of(hidden))
    assert said not in of(Evaluation.of(seen))


def test_host_network_pods_that_a_selector_seems_to_match() -> None:
    host = pod("hn", "192.168.0.1", app="hn", more="hostNetwork: true, nodeName: n2")
    said = "No pod selector matches hostNetwork pods, whatever their labels: not x/hn, either."
    by_label = "{from: [{podSelector: {matchLabels: {app: hn}}}]}"
    assert said in told(X + WEB + host + ingress(by_label))
    assert said not in told(X + WEB + host + ingress("{from: [{podSelector: {}}]}"))
    assert said not in told(X + WEB + host + ingress(by_label.replace("app: hn", "app: c")))
    elsewhere = host.replace("namespace: x", "namespace: w")
    assert about(X + WEB + elsewhere + ingress(by_label), "No pod selector") == []
    everywhere = by_label.replace("{podSelector", "{namespaceSelector: {}, podSelector")
    assert about(X + WEB + elsewhere + ingress(everywhere), "not w/hn, either")


@pytest.mark.parametrize(
    ("host", "ending"),
    [
        (pod("hn", "192.168.0.1", more=HOST), "not counted: kubelet probes, and x/hn."),
        (pod("hn", "192.168.0.1", more=HOST).replace("Running", "Succeeded"), "kubelet probes for one."),
        (pod("hn", "192.168.0.1", more="hostNetwork: true, nodeName: n2"), "kubelet probes for one."),
        (pod("hn", "192.168.0.1", more="hostNetwork: true"), "kubelet probes for one."),
    ],
)
def test_the_own_node(host: str, ending: str) -> None:
    [said] = about(X + WEB + host + ingress("{}"), "the pod's own node is always let in")
    assert said.endswith(ending)
    assert about(X + WEB + host + egress("{}"), "own node") == []


FLANNEL = pod("fl", "192.168.0.1", namespace="kube-flannel", app="flannel", more="hostNetwork: true")


def test_a_plugin_that_enforces_nothing() -> None:
    said = (
        "Policy is not enforced: Flannel ignores NetworkPolicies (Pod kube-flannel/fl). "
        "What is denied here may get through."
    )
    assert said in told(X + WEB + FLANNEL + ingress("{}"))
    assert said in told(X + WEB + FLANNEL + egress("{}"))
    assert said not in told(X + WEB + FLANNEL + policy("p", "{podSelector: {matchLabels: {app: c}}}"))
    calico = FLANNEL.replace("app: 'flannel'", "k8s-app: calico-node").replace("name: fl", "name: ca")
    assert said not in told(X + WEB + FLANNEL + calico + ingress("{}"))


@pytest.mark.parametrize(
    ("label", "enforced", "text"),
    [
        ("k8s-app: calico-node", True, "enforced by Calico"),
        ("k8s-app: cilium", True, "enforced by Cilium"),
        ("app: flannel", False, "not enforced: Flannel ignores NetworkPolicies"),
        ("k8s-app: aws-node", None, "not known: Amazon VPC CNI, where policy enforcement is an option"),
        ("app: web", None, "not known: the pods of no network plugin that this tool recognises were read"),
    ],
)
def test_which_plugin_enforces(label: str, enforced: bool | None, text: str) -> None:
    agent = FLANNEL.replace("app: 'flannel'", label)
    found = enforcement(evaluate(agent).snapshot.pods)
    assert (found.enforced, found.text) == (enforced, text)


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_an_agent_that_has_finished_enforces_nothing(phase: str) -> None:
    agent = FLANNEL.replace("app: 'flannel'", "k8s-app: calico-node").replace("Running", phase)
    assert enforcement(evaluate(agent).snapshot.pods).enforced is None


INGRESS = (
    "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i, namespace: x}\n"
    "spec: {defaultBackend: {service: {name: s, port: {number: 80}}}}\n"
)
NODE_PORT = "{type: NodePort, selector: {app: web}, ports: [{port: 80, nodePort: 30080}]}"


def test_the_controllers_pod_is_the_peer() -> None:
    said = "What comes through Ingress comes from a pod of its controller: policy judges that pod, not the client."
    to_web = service("s", NODE_PORT)
    assert said in told(X + WEB + to_web + INGRESS + ingress("{}"))
    assert said not in told(X + WEB + to_web + ingress("{}"))
    assert said not in told(X + WEB + to_web + INGRESS + egress("{}"))
    assert said not in told(X + C + WEB + to_web + INGRESS + ingress("{}"), "x/c")
