"""The demo of the tiers, through the installed program: one pod, decided about in turn by each tier."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from tests.e2e.terminal import PROGRAM


def told(*words: str) -> tuple[int, dict[str, Any]]:
    done = subprocess.run([PROGRAM, *words, "-o", "json"], capture_output=True, text=True)
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


@pytest.mark.parametrize(
    ("source", "destination", "port", "side", "decided_by", "status"),
    [
        ("sandbox/tester-0", "shop/db-0", 3306, "ingress", "ClusterNetworkPolicy guard-rails ingress[0]", 1),
        (
            "shop/checkout-0",
            "shop/db-0",
            3306,
            "ingress",
            "NetworkPolicy shop/allow-checkout-to-db ingress[0]",
            0,
        ),
        ("shop/db-0", "1.1.1.1", 443, "egress", "ClusterNetworkPolicy closed-by-default egress[1]", 1),
    ],
)
def test_a_pod_is_decided_about_in_turn_by_admin_a_networkpolicy_and_baseline(
    source: str, destination: str, port: int, side: str, decided_by: str, status: int
) -> None:
    found, trace = told("trace", source, destination, "--port", str(port), "--demo", "tiers")
    assert found == status
    [hop] = [hop for hop in trace["hops"] if hop["kind"] == side]
    assert hop["decided_by"] == [decided_by]
    if status == 0:
        assert "teams-decide rule 1 passes it on" in hop["note"]


def test_a_contradiction_is_unknown_and_named() -> None:
    status, trace = told(
        "trace", "--demo", "tiers", "monitoring/scanner-0", "gateway/proxy-0", "--port", "8000"
    )
    assert (status, trace["verdict"]) == (3, "unknown")
    assert trace["hops"][-1]["decided_by"] == [
        "ClusterNetworkPolicy scanner-in ingress[0]",
        "ClusterNetworkPolicy tools-out ingress[0]",
    ]
    assert "disagree at the same priority" in trace["hops"][-1]["note"]


def test_a_name_is_let_through_and_its_address_is_not() -> None:
    words = ("--port", "443", "--demo", "tiers")
    assert told("trace", "shop/checkout-0", "domain:api.payments.example.com", *words)[0] == 0
    assert told("trace", "shop/checkout-0", "domain:elsewhere.example.org", *words)[0] == 1
    assert told("trace", "shop/checkout-0", "203.0.113.9", *words)[0] == 1


def test_the_rules_of_a_pod_stand_in_the_order_in_which_they_decide() -> None:
    _, pod = told("pod", "shop/db-0", "--demo", "tiers")
    order = [(rule["tier"], rule["priority"], rule["action"]) for rule in pod["ingress"]["rules"]]
    assert order == [
        ("Admin", 10, "deny"),
        ("Admin", 10, "allow"),
        ("Admin", 20, "pass"),
        ("Admin", 20, "deny"),
        ("NetworkPolicy", None, "allow"),
    ]
    assert pod["ingress"]["not_asked"] == ["ClusterNetworkPolicy closed-by-default"]
    assert [rule["tier"] for rule in pod["egress"]["rules"]] == ["Admin", "Admin", "Baseline", "Baseline"]


def test_a_demo_that_there_is_none_of_is_an_error_and_a_command_keeps_its_words() -> None:
    done = subprocess.run([PROGRAM, "overview", "--demo=none"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "shop" in done.stderr
    done = subprocess.run([PROGRAM, "pod", "--demo", "default/db-0"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
