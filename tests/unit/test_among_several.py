"""Connections between the ends that people name, where they are more than one pair of pods."""

from __future__ import annotations

import pytest

from policy_core.ends import Ends
from policy_core.evaluation import Evaluation
from policy_core.judgement import judge
from tests.clusters import evaluate, pod, policy, service

CLOSED = policy("closed", "{podSelector: {}}")


def verdict(evaluation: Evaluation, source: str, destination: str, port: int = 80) -> str:
    ends = Ends(evaluation)
    return judge(evaluation, ends.find(source), ends.find(destination), "TCP", port).verdict.value


@pytest.mark.parametrize(("address", "found"), [("10.96.0.1", "deny"), ("None", "partial")])
def test_a_pod_may_be_one_of_several_endpoints_itself(address: str, found: str) -> None:
    """A headless Service has it dial its own address, which is outside policy."""
    s = service("s", f"{{selector: {{app: a}}, clusterIP: {address}, ports: [{{port: 80}}]}}")
    known = evaluate(pod("a", "10.0.0.1", app="a") + pod("b", "10.0.0.2", app="a") + s + CLOSED)
    assert verdict(known, "x/a", "service:x/s") == found
    assert verdict(known, "service:x/s", "service:x/s") == "deny"


@pytest.mark.parametrize("block", ["10.0.0.2/32", "192.168.0.0/16"])
def test_what_a_pod_has_with_itself_says_nothing_of_the_others(block: str) -> None:
    """The block tells the two pods apart, or does not."""
    s = service("s", "{selector: {app: a}, ports: [{port: 80}]}")
    blocked = policy(
        "p",
        f"{{podSelector: {{}}, ingress: [{{from: [{{ipBlock: {{cidr: {block}}}}}], ports: [{{port: 1}}]}}]}}",
    )
    known = evaluate(pod("a", "10.0.0.1", app="a") + pod("b", "10.0.0.2", app="a") + s + blocked)
    ends = Ends(known)
    behind, one = ends.find("service:x/s"), ends.find("x/a")
    assert judge(known, behind, one, "TCP", 80).verdict.value == "deny"
    [way] = judge(known, behind, one, "TCP", 80).ways
    assert way.destinations == one.pods  # type: ignore[union-attr]


def test_a_family_that_the_service_does_not_serve_leads_nowhere() -> None:
    s = service(
        "s",
        "{type: NodePort, selector: {app: a}, clusterIP: 10.96.0.1, ports: [{port: 80, nodePort: 30080}]}",
    )
    known = evaluate(pod("a", "10.0.0.1,fd00::1", app="a") + s)
    assert verdict(known, "203.0.113.7", "service:x/s", 30080) == "allow"
    assert verdict(known, "2001:db8::7", "service:x/s", 30080) == "deny"
