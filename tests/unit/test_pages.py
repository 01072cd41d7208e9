"""What the pages of pods and policies say, and that it stays calm at every width."""

from __future__ import annotations

import re

import pytest

from policy_core.details.pod import pod_detail
from policy_core.details.policy import policy_detail
from policy_core.evaluation import Evaluation
from policy_core.report.json import pod_json
from policy_core.report.layout import ALL, layout, plain
from policy_core.report.pod import pod_document, pod_facts
from policy_core.report.policy import policy_document
from policy_core.snapshot import assemble
from policy_core.sources import demo
from tests.clusters import evaluate, pod, policy, service, the_pod

DEMO = Evaluation.of(assemble(demo.read()))
WIDTHS = [60, 76, 100, 120]


def pod_page(evaluation: Evaluation, name: str, width: int = 200, folded: bool = True) -> str:
    found = the_pod(evaluation, name)
    assert found is not None
    return plain(layout(pod_document(pod_detail(evaluation, found)), width, () if folded else ALL))


def policy_page(evaluation: Evaluation, name: str, width: int = 200) -> str:
    found = next(p for p in evaluation.snapshot.network_policies if p.ref.path == name)
    return plain(layout(policy_document(policy_detail(evaluation, found)), width))


# Pods ---------------------------------------------------------------------------------------------------


def test_routing_comes_before_permission_since_traffic_meets_the_service_first() -> None:
    said = pod_page(DEMO, "default/db-0")
    assert said.index("ROUTING") < said.index("PERMISSION")


def test_every_way_in_from_outside_is_told_with_whom_policy_lets_in() -> None:
    spec = "{type: LoadBalancer, selector: {app: a}, externalIPs: [192.0.2.1], ports: [{port: 80, nodePort: 30080}]}"
    closed = policy("p", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 192.0.2.0/24}}]}]}")
    said = pod_page(evaluate(pod("a", "10.0.0.1", app="a") + service("s", spec) + closed), "x/a")
    shown = [" ".join(line.split()) for line in said[said.index("From outside") :].splitlines()]
    assert shown[:5] == [
        "From outside 3 ways in",
        "by a client dials → port who gets in",
        "▸ LoadBalancer address pending, port 80 80 ? client may be hidden",
        "▸ NodePort any node:30080 80 ? client may be hidden",
        "▸ ExternalIP 192.0.2.1:80 80 ? client may be hidden",
    ]


def test_a_pod_to_which_nothing_leads_from_outside_is_said_to_be_so() -> None:
    assert "\n  not exposed to the outside\n" in pod_page(evaluate(pod("a", app="a")), "x/a")


@pytest.mark.parametrize("name", ["shop/storefront-6c8f9d7b54-hx2lq", "shop/cart-redis-0"])
def test_who_a_pod_is_fits_on_one_line_without_generated_labels(name: str) -> None:
    found = the_pod(DEMO, name)
    assert found is not None
    first, blank, *_ = pod_page(DEMO, name, 60).splitlines()
    assert first == pod_facts(found)
    assert blank == ""
    assert "hash" not in first
    assert "pod-name" not in first
    assert pod_json(pod_detail(DEMO, found))["labels"] == dict(found.labels)


def test_a_pod_with_generated_labels_alone_is_not_said_to_have_none() -> None:
    said = pod_page(evaluate(pod("a", **{"pod-template-hash": "1"}) + pod("b")), "x/a")
    assert said.startswith("generated labels only · ")
    assert pod_page(evaluate(pod("b")), "x/b").startswith("no labels · ")


@pytest.mark.parametrize("width", range(48, 130))
@pytest.mark.parametrize("name", ["default/db-0", "payments/payments-api-5d8b7c69f4-4bqnw"])
def test_neither_a_verdict_nor_a_rule_nor_a_port_is_torn_apart(name: str, width: int) -> None:
    lines = [line.rstrip() for line in pod_page(DEMO, name, width).splitlines()]
    assert sum("denied: isolated" in line for line in lines) == (1 if "db-0" in name else 2)
    assert not [line for line in lines if line.endswith((" rule", "TCP", "UDP", "(TCP"))]


@pytest.mark.parametrize("width", [56, 60, 66])
def test_a_record_does_not_say_things_twice_nor_what_is_nothing(width: int) -> None:
    said = pod_page(DEMO, "shop/storefront-6c8f9d7b54-hx2lq", width)
    assert "      http (TCP 8080) · storefront rule 1 · pods 2\n" in said
    assert "    app=prometheus in shop" in said
    assert "same ports · same rule · pods 0\n" in said
    assert "    everything else · denied: isolated\n" in said
    for doubled in ("ready ready", "decided by denied", "ports TCP", "· —"):
        assert doubled not in said


ANY = "{podSelector: {}, ingress: [RULES]}"
V4, V6 = "{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}", "{from: [{ipBlock: {cidr: '::/0'}}]}"


@pytest.mark.parametrize(
    ("rules", "state"),
    [
        ("{}", "open to anyone by p rule 1"),
        ("{ports: [{port: 80}]}, {from: []}", "open to anyone by p rule 2"),
        (f"{V4}, {V6}", "open to anyone by p rule 1, p rule 2"),
        ("{from: [{ipBlock: {cidr: '::/0'}}, {ipBlock: {cidr: 0.0.0.0/0}}]}", "open to anyone by p rule 1"),
        (V4, "open to every IPv4 address by p rule 1"),
        (V6, "open to every IPv6 address by p rule 1"),
        (f"{V4}, {V6.replace(']}', '], ports: [{protocol: TCP}]}')}", "open to every IPv4 address by p rule 1"),
        ("{ports: [{protocol: TCP}, {protocol: UDP}, {protocol: SCTP}]}", "restricted by p"),
        ("{from: [{namespaceSelector: {}}]}", "restricted by p"),
        (f"{V4.replace('/0}', '/0, except: [10.0.0.0/8]}')}, {V6}", "open to every IPv6 address by p rule 2"),
    ],
)  # fmt: skip
def test_a_pod_that_rules_open_to_anyone_is_called_open_and_nothing_is_left_to_deny(
    rules: str, state: str
) -> None:
    evaluation = evaluate(pod("a", "10.0.0.1,fd00::1") + policy("p", ANY.replace("RULES", rules)))
    opened = state.startswith("open to anyone")
    for said in (pod_page(evaluation, "x/a"), policy_page(evaluation, "x/p")):
        assert ("everything else" in said or "everyone else" in said) is not opened
    assert f"← Ingress  {state}\n" in pod_page(evaluation, "x/a")
    found = the_pod(evaluation, "x/a")
    assert found is not None
    ingress = pod_json(pod_detail(evaluation, found))["ingress"]
    assert (ingress["isolated"], ingress["otherwise"]) == (True, "deny")


def test_what_is_not_evaluated_is_told_in_good_grammar() -> None:
    def authorization(name: str) -> str:
        return (
            "---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\n"
            f"metadata: {{name: {name}, namespace: x}}\n"
        )

    one = evaluate(pod("a") + authorization("p"))
    assert "AuthorizationPolicy x/p may also apply, but is not (or not wholly) evaluated." in pod_page(
        one, "x/a"
    )
    two = evaluate(pod("a") + authorization("p") + authorization("q"))
    assert "AuthorizationPolicy x/q may also apply, but are not (or not wholly) evaluated." in pod_page(
        two, "x/a"
    )


@pytest.mark.parametrize("width", WIDTHS)
def test_a_pods_page_names_the_peers_where_the_table_has_room_for_it(width: int) -> None:
    lines = [line.rstrip() for line in pod_page(DEMO, "default/db-0", width).splitlines()]
    if width > 60:
        assert "  ▸ app=web in default  TCP 3306  allow-web-to-db rule 1  2: web-1, web-2" in lines
    else:
        assert "      TCP 3306 · allow-web-to-db rule 1 · pods 2" in lines


# Policies -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS)
def test_a_policys_page_names_who_may_talk_to_whom_at_every_width(width: int) -> None:
    said = policy_page(DEMO, "default/allow-web-to-db", width)
    assert "web-1, web-2\n" in said
    assert "default/db-0" in said.split("SELECTED PODS")[1]


@pytest.mark.parametrize(
    ("width", "names"),
    [
        (60, "  cart-84c7d5f6b9-8r4gv and 7 more"),
        (76, "cart-84c7d5f6b9-8r4gv, cart-84c7d5f6b9-zc5tn and 6 more"),
        (100, "cart-84c7d5f6b9-8r4gv, cart-84c7d5f6b9-zc5tn, catalog-57d6c9f8bb-t9wpz and 5 more"),
    ],
)
def test_a_policys_page_names_as_many_as_fit_on_a_line(width: int, names: str) -> None:
    assert f"      {names}" in map(str.rstrip, policy_page(DEMO, "shop/storefront", width).splitlines())


def test_a_name_has_its_namespace_where_the_peer_leaves_it_open() -> None:
    pods = pod("a") + pod("b", namespace="y1") + pod("c", namespace="z1", app="c")
    peers = (
        "{podSelector: {matchLabels: {app: c}}, namespaceSelector: {}},"
        " {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: y1}}}, {podSelector: {}}"
    )
    said = policy_page(
        evaluate(pods + policy("p", f"{{podSelector: {{}}, ingress: [{{from: [{peers}]}}]}}")), "x/p"
    )
    assert re.findall(r"1: .*", said) == ["1: z1/c", "1: b", "1: a"]


def test_nobody_is_told_the_names_of_anyone() -> None:
    said = policy_page(evaluate(pod("a") + pod("b") + policy("p", "{podSelector: {}, ingress: [{}]}")), "x/p")
    [row] = [line for line in said.splitlines() if "anyone" in line]
    assert row.split()[-1] == "2"
