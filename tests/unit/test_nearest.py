"""The nearest miss names the rule that came closest, and what it lacked, with its place."""

from __future__ import annotations

import pytest

from policy_core.ends import Ends, Pods
from policy_core.evaluation import Evaluation
from policy_core.model import Direction
from policy_core.nearest import NearMiss, nearest_miss
from policy_core.report.hops import near_text
from policy_core.verdict import End
from tests.clusters import evaluate, namespace, pod, policy

PODS = (
    pod("web", "10.0.0.1,fd00::1", app="web", tier="front")
    + pod("db", "10.0.0.2,fd00::2", app="db").replace(
        "{name: c}", "{name: c, ports: [{name: sql, containerPort: 3306}]}"
    )
    + pod("far", "10.0.0.3", namespace="far", app="web")
    + pod("host", "192.168.0.1", app="web", more="hostNetwork: true")
    + namespace("far", team="a")
)
TO_DB = "podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress]"


def end(evaluation: Evaluation, name: str) -> End:
    found = Ends(evaluation, "x").find(name)
    return found.pods[0] if isinstance(found, Pods) else found  # type: ignore[return-value]


def nearest(
    rules: str, source: str = "web", port: int = 3306, protocol: str = "TCP", family: int = 4
) -> NearMiss | None:
    evaluation = evaluate(PODS + policy("p", f"{{{TO_DB}, ingress: {rules}}}"))
    ends = end(evaluation, source), end(evaluation, "db")
    return nearest_miss(evaluation.policies, Direction.INGRESS, *ends, protocol, port, family)


def said(found: NearMiss | None) -> str:
    assert found is not None
    return "".join(span.text for span in near_text(found)).replace("\u00a0", " ")


WEB = "{podSelector: {matchLabels: {app: web}}}"


@pytest.mark.parametrize(
    ("rules", "asked", "lacks"),
    [
        (f"[{{from: [{WEB}], ports: [{{port: 3306}}]}}]", {"port": 3307}, "names TCP 3306, not TCP 3307"),
        (
            f"[{{from: [{WEB}], ports: [{{port: 80}}, {{port: 90, endPort: 99}}]}}]",
            {},
            "names TCP 80, TCP 90–99, not TCP 3306",
        ),
        (
            f"[{{from: [{WEB}], ports: [{{port: 3306}}]}}]",
            {"protocol": "UDP"},
            "names TCP 3306, not UDP 3306",
        ),
        (
            f"[{{from: [{WEB}], ports: [{{port: 53, protocol: UDP}}]}}]",
            {},
            "names UDP 53, not TCP 3306",
        ),
        (
            f"[{{from: [{WEB}], ports: [{{port: sql}}]}}]",
            {"port": 80},
            "names the port sql (TCP), which is TCP 3306 there",
        ),
        (
            f"[{{from: [{WEB}], ports: [{{port: none}}]}}]",
            {},
            "names the port none (TCP), which the destination does not have",
        ),
        ("[{from: [{podSelector: {matchLabels: {app: cart}}}]}]", {}, "wants app=cart, not app=web"),
        (
            "[{from: [{podSelector: {matchLabels: {role: x}}}]}]",
            {},
            "wants role=x, a label that the source lacks",
        ),
        (
            "[{from: [{podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [web]}]}}]}]",
            {},
            "wants app not in (web), not app=web",
        ),
        (
            f"[{{from: [{WEB}]}}]",
            {"source": "far/far"},
            "has no namespaceSelector, so it means pods of x, not of far",
        ),
        (
            "[{from: [{namespaceSelector: {matchLabels: {team: b}}}]}]",
            {"source": "far/far"},
            "wants a namespace with team=b, not team=a",
        ),
        (
            "[{from: [{namespaceSelector: {matchLabels: {env: b}}, podSelector: {matchLabels: {app: z}}}]}]",
            {"source": "far/far"},
            "wants a namespace with env=b, a label that the source lacks; wants app=z, not app=web",
        ),
        (
            f"[{{from: [{WEB}]}}]",
            {"source": "203.0.113.7"},
            "selects pods with app=web, not addresses outside",
        ),
        (
            f"[{{from: [{WEB}]}}]",
            {"source": "host"},
            "selects pods by their labels, which never matches a hostNetwork pod",
        ),
        (
            "[{from: [{ipBlock: {cidr: 203.0.113.0/24}}]}]",
            {},
            "wants an address in 203.0.113.0/24, not 10.0.0.1",
        ),
        (
            "[{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/30]}}]}]",
            {},
            "excepts 10.0.0.0/30, which holds 10.0.0.1",
        ),
        (
            "[{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]",
            {"family": 6},
            "is for 10.0.0.0/8, so over IPv6 it allows nothing",
        ),
    ],
)
def test_what_a_rule_lacked(rules: str, asked: dict[str, object], lacks: str) -> None:
    assert said(nearest(rules, **asked)) == f"nearest: p rule 1 {lacks}"  # type: ignore[arg-type]


def test_the_rule_that_lacks_least_is_the_nearest() -> None:
    rules = (
        "[{from: [{podSelector: {matchLabels: {app: cart}}}], ports: [{port: 80}]}, "
        f"{{from: [{WEB}], ports: [{{port: 80}}]}}]"
    )
    assert said(nearest(rules)) == "nearest: p rule 2 names TCP 80, not TCP 3306"


def test_of_the_peers_of_a_rule_the_nearest_one_counts() -> None:
    rules = f"[{{from: [{{podSelector: {{matchLabels: {{app: cart, tier: back}}}}}}, {WEB}], ports: [{{port: 80}}]}}]"
    assert said(nearest(rules)) == "nearest: p rule 1 names TCP 80, not TCP 3306"
    assert said(nearest(rules, source="203.0.113.7")).endswith(
        "not addresses outside; names TCP 80, not TCP 3306"
    )


def test_at_the_same_distance_a_rule_for_the_far_end_comes_before_one_for_the_port() -> None:
    rules = (
        "[{from: [{podSelector: {matchLabels: {app: cart}}}], ports: [{port: 3306}]}, "
        f"{{from: [{WEB}], ports: [{{port: 80}}]}}]"
    )
    assert said(nearest(rules)).startswith("nearest: p rule 2 ")


def test_without_any_rule_nothing_is_near() -> None:
    assert nearest("[]") is None


def test_the_place_of_the_lack_is_a_field_of_the_rule() -> None:
    found = nearest(
        "[{from: [{podSelector: {}}, {podSelector: {matchLabels: {app: cart}}}]}]", source="far/far"
    )
    assert found is not None
    assert [miss.path for miss in found.misses] == [("from", 0)]
    found = nearest("[{from: [{podSelector: {matchLabels: {tier: back}}}], ports: [{port: 1}, {port: 2}]}]")
    assert found is not None
    assert [miss.path for miss in found.misses] == [
        ("from", 0, "podSelector", "matchLabels", "tier"),
        ("ports", 0),
    ]


def test_egress_is_judged_from_the_source() -> None:
    evaluation = evaluate(
        PODS + policy("e", f"{{podSelector: {{}}, policyTypes: [Egress], egress: [{{to: [{WEB}]}}]}}")
    )
    ends = end(evaluation, "web"), end(evaluation, "db")
    found = nearest_miss(evaluation.policies, Direction.EGRESS, *ends, "TCP", 3306, 4)
    assert said(found) == "nearest: e rule 1 wants app=web, not app=db"
