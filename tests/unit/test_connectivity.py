"""The matrix of all pairs, rule by rule. That it agrees with single verdicts is a property test's matter."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policy_core.connectivity import Connectivity, connectivity
from policy_core.details.matrix import matrix_caveats
from policy_core.evaluation import Evaluation
from policy_core.model import Direction
from tests.clusters import evaluate, namespace, pod, policy, snapshot

A, B = pod("a", "10.0.0.1", app="a"), pod("b", "10.0.0.2", app="b")
TO_B = "podSelector: {matchLabels: {app: b}}"
FROM_A = "from: [{podSelector: {matchLabels: {app: a}}}]"
HOST = "hostNetwork: true, nodeName: n1"


def matrix(text: str) -> Connectivity:
    return connectivity(evaluate(text))


def number(found: Connectivity, path: str) -> int:
    [of] = [each.number for each in found.classes if any(pod.ref.path == path for pod in each.pods)]
    return of


def said(found: Connectivity, source: str, destination: str) -> dict[str, str]:
    """The ports of one pair in words, only those kinds of which there are some."""
    allowed = found.allowed(number(found, source), number(found, destination))
    return {kind: str(ports) for kind, ports in allowed._asdict().items() if ports}


def outside(found: Connectivity, path: str, direction: Direction) -> dict[str, str]:
    return {str(each.addresses): str(each.ports) for each in found.outside[number(found, path)][direction]}


def workload(kind: str, name: str, *, replicas: int = 2, **labels: str) -> str:
    pairs = ", ".join(f"{key}: {value}" for key, value in labels.items())
    return (
        f"---\napiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: x}}\n"
        f"spec: {{replicas: {replicas}, template: {{metadata: {{labels: {{{pairs}}}}}, spec: {{containers: [{{name: c}}]}}}}}}\n"
    )


def owned(text: str, owner: str) -> str:
    kind, name = owner.split("/")
    made = f"ownerReferences: [{{kind: {kind}, name: {name}, apiVersion: apps/v1, controller: true, uid: u}}]"
    return text.replace("namespace: x,", f"namespace: x, {made},")


def test_without_a_policy_everything_is_open() -> None:
    found = matrix(A + B)
    assert said(found, "x/a", "x/b") == {"ports": "all ports"}
    assert outside(found, "x/a", Direction.EGRESS) == {"0.0.0.0/0": "all ports"}


def test_what_no_rule_allows_is_in_no_column() -> None:
    found = matrix(A + B + policy("p", f"{{{TO_B}}}"))
    assert said(found, "x/a", "x/b") == {}
    assert said(found, "x/b", "x/a") == {"ports": "all ports"}
    assert outside(found, "x/b", Direction.INGRESS) == {}


def test_a_connection_needs_egress_and_ingress() -> None:
    into = policy("in", f"{{{TO_B}, ingress: [{{{FROM_A}, ports: [{{port: 80, endPort: 90}}]}}]}}")
    out = policy(
        "out", "{podSelector: {matchLabels: {app: a}}, egress: [{ports: [{port: 85, endPort: 99}]}]}"
    )
    assert said(matrix(A + B + into + out), "x/a", "x/b") == {"ports": "TCP 85–90"}


def test_equal_rules_of_different_policies_count_for_the_pods_of_each() -> None:
    c = pod("c", "10.0.0.3", app="c")
    out = "policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: b}}}]}]"
    text = (
        A
        + B
        + c
        + "".join(
            policy(name, f"{{podSelector: {{matchLabels: {{app: {name}}}}}, {out}}}") for name in ("a", "c")
        )
    )
    found = matrix(text)
    for source in ("x/a", "x/c"):
        assert said(found, source, "x/b") == {"ports": "all ports"}
    assert said(found, "x/a", "x/c") == {}


def test_protocols_without_ports_belong_to_all_ports_alone() -> None:
    every = "ports: [{port: 1, endPort: 65535}, {protocol: UDP}, {protocol: SCTP}]"
    some = matrix(A + B + policy("p", f"{{{TO_B}, ingress: [{{{every}}}]}}"))
    assert said(some, "x/a", "x/b") == {"ports": "TCP all, UDP all, SCTP all"}


def test_a_port_name_resolves_on_the_destination_and_never_outside() -> None:
    named = B.replace("{name: c}", "{name: c, ports: [{name: http, containerPort: 8080}]}")
    out = policy("out", "{podSelector: {matchLabels: {app: a}}, egress: [{ports: [{port: http}]}]}")
    found = matrix(A + named + pod("c", "10.0.0.3", app="c") + out)
    assert said(found, "x/a", "x/b") == {"ports": "TCP 8080"}
    assert said(found, "x/a", "x/c") == {}
    assert outside(found, "x/a", Direction.EGRESS) == {}
    into = policy("in", f"{{{TO_B}, ingress: [{{ports: [{{port: http}}]}}]}}")
    assert outside(matrix(named + into), "x/b", Direction.INGRESS) == {"0.0.0.0/0": "TCP 8080"}


def test_a_pod_alone_reaches_itself_and_several_reach_each_other_as_policy_has_it() -> None:
    closed = policy("p", "{podSelector: {}}")
    alone = matrix(A + closed)
    assert said(alone, "x/a", "x/a") == {"ports": "all ports"}
    assert said(matrix(A + pod("a2", "10.0.0.3", app="a") + closed), "x/a", "x/a2") == {}
    for replicas, expected in ((2, {}), (1, {"ports": "all ports"}), (0, {"ports": "all ports"})):
        found = matrix(workload("Deployment", "d", replicas=replicas) + closed)
        assert said(found, "x/d", "x/d") == expected


def test_pods_of_one_class_are_told_apart_by_the_workload_that_made_them() -> None:
    pods = [pod(name, f"10.0.0.{at}", app="a") for at, name in enumerate(("s", "t", "u", "v"), 1)]
    text = "".join([owned(pods[0], "StatefulSet/one"), owned(pods[1], "StatefulSet/two"), *pods[2:]])
    found = matrix(text + policy("p", f"{{podSelector: {{}}, ingress: [{{{FROM_A}}}]}}"))
    told = [(str(each.workload), [p.name for p in each.pods]) for each in found.classes]
    assert told == [
        ("StatefulSet x/one", ["s"]),
        ("StatefulSet x/two", ["t"]),
        ("None", ["u", "v"]),
    ]
    assert said(found, "x/s", "x/v") == {"ports": "all ports"}


def test_labels_are_those_that_all_pods_share_and_nobody_generated() -> None:
    found = matrix(
        pod("a", "10.0.0.1", app="a", rev="1", **{"pod-template-hash": "f"})
        + pod("b", "10.0.0.2", app="a", rev="2", **{"pod-template-hash": "f"})
    )
    assert [each.labels() for each in found.classes] == [{"app": "a"}]


def test_pods_that_nobody_made_are_told_apart_by_values_that_no_policy_lists() -> None:
    pods = [pod(name, f"10.0.0.{number}", app=name, rev=name) for number, name in enumerate("abc")]
    found = matrix("".join(pods) + policy("p", "{podSelector: {matchLabels: {app: a}}}"))
    assert [each.labels()["app"] for each in found.classes] == ["a", "b", "c"]
    alike = matrix("".join(pods) + policy("p", "{podSelector: {matchLabels: {tier: t}}}"))
    assert [len(each.pods) for each in alike.classes] == [3]


def test_finished_pods_are_left_out_and_templates_scaled_to_0_are_not() -> None:
    found = matrix(A.replace("Running", "Succeeded") + workload("Deployment", "d", replicas=0))
    assert [str(each.workload) for each in found.classes] == ["Deployment x/d"]


def test_families_that_differ_are_partial_and_unknown_where_an_end_has_no_address() -> None:
    both = pod("b", "10.0.0.2,fd00::2", app="b")
    four = policy("p", f"{{{TO_B}, ingress: [{{from: [{{ipBlock: {{cidr: 10.0.0.0/8}}}}]}}]}}")
    found = matrix(pod("a", "10.0.0.1,fd00::1", app="a") + both + pod("new", app="new") + four)
    assert said(found, "x/a", "x/b") == {"partial": "all ports"}
    assert said(found, "x/new", "x/b") == {"unknown": "all ports"}


def test_ends_without_a_common_family_do_not_connect() -> None:
    found = matrix(A + pod("b", "fd00::2", app="b"))
    assert said(found, "x/a", "x/b") == {}
    assert outside(found, "x/b", Direction.INGRESS) == {"::/0": "all ports"}


def test_what_hangs_on_unread_labels_is_unknown() -> None:
    text = (
        namespace("other")
        + pod("far", "10.0.0.9", namespace="other")
        + B
        + policy("p", f"{{{TO_B}, ingress: [{{from: [{{namespaceSelector: {{matchLabels: {{t: v}}}}}}]}}]}}")
    )
    snapshot_ = snapshot(text)
    spaces = {**snapshot_.namespaces, "other": replace(snapshot_.namespaces["other"], labels_known=False)}
    found = connectivity(Evaluation.of(replace(snapshot_, namespaces=spaces)))
    assert said(found, "other/far", "x/b") == {"unknown": "all ports"}


CLOSED = policy("closed", f"{{{TO_B}}}")
NODE_POD = pod("host", "192.168.0.1", more=HOST)


def on(node: str, name: str = "b", ip: str = "10.0.0.2") -> str:
    return pod(name, ip, app="b", more=f"nodeName: {node}" if node else "")


@pytest.mark.parametrize(
    ("host", "destinations", "expected"),
    [
        (NODE_POD, on("n1"), {"ports": "all ports"}),
        (NODE_POD, on("n2"), {}),
        (NODE_POD, on("n1") + on("n2", "b2", "10.0.0.3"), {"partial": "all ports"}),
        (NODE_POD, on(""), {"unknown": "all ports"}),
        (NODE_POD, on("n1") + on("", "b2", "10.0.0.3"), {"unknown": "all ports"}),
        (NODE_POD.replace(", nodeName: n1", ""), on("n1"), {"unknown": "all ports"}),
        (NODE_POD.replace("192.168.0.1", "fd01::1"), on("n1"), {}),
        (NODE_POD.replace("192.168.0.1", "fd01::1"), on(""), {}),
    ],
    ids=[
        "of its node",
        "of another",
        "some of its node",
        "of a node not known",
        "some of a node not known",
        "from a node not known",
        "of its node without a common family",
        "of a node not known without a common family",
    ],
)
def test_a_pods_own_node_is_let_in(host: str, destinations: str, expected: dict[str, str]) -> None:
    assert said(matrix(host + destinations + CLOSED), "x/host", "x/b") == expected


def test_a_rule_counts_for_the_pods_that_are_elsewhere() -> None:
    rule = policy(
        "p",
        f"{{{TO_B}, ingress: [{{from: [{{ipBlock: {{cidr: 192.168.0.0/16}}}}], ports: [{{port: 80}}]}}]}}",
    )
    found = matrix(NODE_POD + on("n1") + on("n2", "b2", "10.0.0.3") + rule)
    assert said(found, "x/host", "x/b") == {
        "ports": "TCP 80",
        "partial": "TCP 1–79, TCP 81–65535, UDP all, SCTP all",
    }


def test_addresses_are_cut_where_rules_cut_them_and_put_together_where_they_are_equal() -> None:
    out = policy(
        "out",
        "{podSelector: {}, policyTypes: [Egress], egress: ["
        "{to: [{ipBlock: {cidr: 203.0.113.0/24}}], ports: [{port: 443}]},"
        "{to: [{ipBlock: {cidr: 203.0.112.0/24}}, {ipBlock: {cidr: 203.0.113.128/25}}], ports: [{port: 443}]},"
        "{to: [{ipBlock: {cidr: 203.0.113.0/25}}], ports: [{port: 80}]}]}",
    )
    assert outside(matrix(A + out), "x/a", Direction.EGRESS) == {
        "203.0.112.0/24, 203.0.113.128/25": "TCP 443",
        "203.0.113.0/25": "TCP 80, TCP 443",
    }


def test_a_pod_without_an_address_may_speak_over_both_families() -> None:
    found = matrix(workload("Deployment", "d"))
    assert outside(found, "x/d", Direction.EGRESS) == {"0.0.0.0/0, ::/0": "all ports"}


# Caveats


def caveats(text: str) -> list[str]:
    evaluation: Evaluation = evaluate(text)
    return list(matrix_caveats(evaluation, connectivity(evaluation)))


def test_a_plain_cluster_has_no_caveat_but_that_of_the_own_node() -> None:
    [own_node] = caveats(namespace("x") + A + B + policy("p", f"{{{TO_B}, ingress: [{{{FROM_A}}}]}}"))
    assert own_node == "Traffic from a pod's own node is always let in, kubelet probes for one."


CILIUM = (
    "---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: c, namespace: x}\n"
    "spec: {endpointSelector: {matchLabels: {app: b}}}\n"
)


def test_what_is_not_evaluated_is_named_with_whom_it_may_apply_to() -> None:
    text = A + B + CILIUM
    assert [len(each.unevaluated) for each in matrix(text).classes] == [0, 1]
    told = "CiliumNetworkPolicy x/c: not evaluated, or not wholly, and may apply as well to Pod x/b."
    assert told in caveats(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (A, "No NetworkPolicy at all was read"),
        (
            B + CLOSED + pod("host", "192.168.0.1", more=HOST, app="flannel"),
            "Flannel ignores NetworkPolicies (Pod x/host). What is denied here may get through.",
        ),
        (workload("Deployment", "d"), "No pod of Deployment x/d was read"),
        (workload("Deployment", "d", replicas=0), "Scaled to 0, so nothing of it runs: Deployment x/d."),
        (A + NODE_POD, "Pod x/host: in the node's network"),
        (A + pod("b", "10.0.0.2", app="b") + CLOSED, "own node is always let in"),
        (
            A + policy("p", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}"),
            "ipBlocks cover addresses of 1 pod:",
        ),
        (A + policy("p", "{podSelector: {}, ingress: [{ports: [{protocol: SCTP, port: 1}]}]}"), "SCTP"),
        (A + policy("p", "{podSelector: {}, ingress: [{ports: [{port: 1, endPort: 2}]}]}"), "endPort"),
        (
            A
            + policy(
                "p", "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {a: b}}}]}]}"
            ),
            "No Namespace object for x was read",
        ),
    ],
)
def test_caveats(text: str, words: str) -> None:
    plain = namespace("x") + A + B + policy("p", f"{{{TO_B}, ingress: [{{{FROM_A}}}]}}")
    assert any(words in caveat for caveat in caveats(text))
    if "own node" not in words:
        assert not any(words in caveat for caveat in caveats(plain))
