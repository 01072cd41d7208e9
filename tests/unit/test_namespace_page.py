"""What the page of a namespace and the overview say: the counts are true, and nothing open is left out."""

from __future__ import annotations

from policy_core.details.namespace import namespace_detail
from policy_core.details.overview import overview
from policy_core.details.pod import pod_detail
from policy_core.report.layout import layout, plain
from policy_core.report.namespace import namespace_document
from policy_core.report.overview import overview_document
from policy_core.report.pod import pod_document
from tests.clusters import evaluate, namespace, pod, policy, service, the_pod

X = namespace("x", env="prod")
A, B = pod("a", "10.0.0.1", app="a"), pod("b", "10.0.0.2", app="b")
HOST = pod("host", "192.168.0.1", more="hostNetwork: true, nodeName: n1")
DONE = pod("done", "10.0.0.9").replace("Running", "Succeeded")
CLOSED_A = policy("closed", "{podSelector: {matchLabels: {app: a}}, policyTypes: [Ingress, Egress]}")


def page(text: str, name: str = "x") -> list[str]:
    evaluation = evaluate(text)
    found = namespace_detail(evaluation, evaluation.snapshot.namespaces[name])
    return plain(layout(namespace_document(found), 120, ())).splitlines()


def below(lines: list[str], title: str) -> list[str]:
    """The lines of one section, without its heading."""
    start = next(number for number, line in enumerate(lines) if line.startswith(title))
    section = lines[start + 1 :]
    return [line.strip() for line in section[: section.index("") if "" in section else None]]


def test_the_first_line_counts_what_is_there() -> None:
    first = page(X + A + B + DONE + CLOSED_A + service("s", "{ports: [{port: 80}]}"))[0]
    assert first.endswith("2 pods and 1 finished · 1 service · 1 policy")
    assert first.startswith("env=prod, kubernetes.io/metadata.name=x · ")


def test_open_pods_are_those_that_policy_does_not_restrict() -> None:
    wide = policy("wide", "{podSelector: {matchLabels: {app: b}}, ingress: [{}]}")
    lines = page(X + A + B + HOST + DONE + CLOSED_A + wide)
    assert "← OPEN FOR INGRESS  2 of 3 pods" in lines
    assert below(lines, "← OPEN") == ["b, host"]
    assert below(lines, "→ OPEN") == ["b, host"]


def test_nothing_is_open_where_policies_isolate_every_pod() -> None:
    lines = page(X + A + CLOSED_A)
    assert below(lines, "← OPEN") == ["none: policies restrict every pod"]
    assert below(lines, "OUT OF THE CLUSTER") == ["no pod here may reach an address outside the cluster"]
    assert below(page(X + DONE), "← OPEN") == ["no pods here"]


def test_every_way_out_names_its_rule_and_its_pods() -> None:
    out = policy(
        "out",
        "{podSelector: {matchLabels: {app: a}}, policyTypes: [Egress], egress: ["
        "{to: [{podSelector: {}}]}, {to: [{ipBlock: {cidr: 203.0.113.0/24}}], ports: [{port: 443}, {port: web}]},"
        " {ports: [{port: web}]}, {to: []}]}",
    )
    _, *rows = below(page(X + A + B + out), "OUT OF THE CLUSTER")
    assert [" ".join(row.split()) for row in rows] == [
        "▸ anywhere all ports open: no policy 1: b",
        "▸ 203.0.113.0/24 TCP 443 out rule 2 1: a",
        "▸ anywhere all ports out rule 4 1: a",
    ]


def test_what_exposes_a_service_is_named() -> None:
    exposed = service("s", "{type: NodePort, ports: [{port: 80, nodePort: 30080}]}")
    _, row = below(page(X + exposed), "FROM OUTSIDE")
    assert row.split() == ["s", "NodePort", "node", "port", "30080/TCP"]
    assert below(page(X + A), "FROM OUTSIDE") == ["no Service is exposed"]


def test_what_is_not_evaluated_is_named_first() -> None:
    cilium = (
        "---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: p, namespace: x}\n"
        "spec: {endpointSelector: {matchLabels: {app: a}}}\n"
    )
    assert page(X + A + cilium)[1].startswith("? Not the whole truth: CiliumNetworkPolicy x/p may also apply")
    assert not any("Not the whole truth" in line for line in page(X + B + cilium))


def test_the_overview_counts_finished_pods_apart() -> None:
    found = overview(evaluate(X + A + B + DONE + HOST + CLOSED_A))
    [counts] = found.namespaces
    assert (counts.pods, counts.finished) == (3, 1)
    assert (counts.isolated_ingress, counts.isolated_egress) == (1, 1)
    lines = plain(layout(overview_document(found), 120, ())).splitlines()
    [row] = [line.split() for line in lines if line.strip().startswith("x ")]
    assert row[:8] == ["x", "3", "+1", "done", "1", "of", "3", "1"]


def test_a_host_network_pods_page_says_that_policy_does_not_isolate_it() -> None:
    evaluation = evaluate(X + HOST + policy("p", "{podSelector: {}}"))
    found = the_pod(evaluation, "x/host")
    assert found is not None
    said = plain(layout(pod_document(pod_detail(evaluation, found)), 120, ()))
    assert "← Ingress  open: policy does not isolate a hostNetwork pod\n" in said


def test_pods_that_may_match_are_marked_in_the_count() -> None:
    block = policy("p", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}")
    evaluation = evaluate(X + A + B + pod("new") + block)
    found = the_pod(evaluation, "x/a")
    assert found is not None
    said = plain(layout(pod_document(pod_detail(evaluation, found)), 120, ()))
    [row] = [line for line in said.splitlines() if "10.0.0.0/8  " in line]
    assert row.endswith("p rule 1          1 +1?: x/b")
