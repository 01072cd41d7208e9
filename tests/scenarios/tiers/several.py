"""Policies of several tiers, and of several priorities."""

from __future__ import annotations

from tests.scenarios.scenario import Statement, allow, deny
from tests.scenarios.scenario import policy as network_policy
from tests.scenarios.tiers.manifests import Policy, Rule, accept, deny_rule, hand_on
from tests.scenarios.tiers.peers import PODS_OF_GREEN, PODS_OF_RED
from tests.scenarios.tiers.scenario import Scenario

__all__ = ["SCENARIOS"]

PROBES = ("TCP 80", "TCP 8080")
RED = "{namespaces: {matchLabels: {team: red}}}"
GREEN = "[{namespaces: {matchLabels: {team: green}}}]"
PODS = f"[{PODS_OF_GREEN}]"

# Priorities


def of_priority(priority: int, rule: Rule, name: str, baseline: bool = False) -> Policy:
    return Policy(name, priority, PODS_OF_RED, [rule], [rule], baseline)


AT_50 = of_priority(50, deny_rule(PODS), "priority-50")
PASSING = of_priority(60, hand_on(PODS), "priority-60-then-40")
ALLOWING = of_priority(10, accept(PODS), "default", baseline=True)
BETWEEN = (deny("red/*", "green/*"), deny("green/*", "red/*"))

# Three tiers

NETWORK_POLICY = network_policy(
    "only-green",
    "{podSelector: {}, policyTypes: [Ingress, Egress],"
    " ingress: [{from: [{namespaceSelector: {matchLabels: {team: green}}}]}],"
    " egress: [{to: [{namespaceSelector: {matchLabels: {team: green}}}]}]}",
    namespace="red",
)
BASELINE = Policy("default", 10, RED, [deny_rule(GREEN)], [deny_rule(GREEN)], baseline=True)


def admin(ingress: Rule, egress: Rule) -> Policy:
    return Policy("admin", 10, RED, [ingress], [egress])


ISOLATED: tuple[Statement, ...] = (
    deny("red/*", "*"),
    deny("*", "red/*"),
    # The pods that use the network of a node's own are let in by whatever runs there.
    allow("woods/a", "red/a"),
    allow("woods/b", "red/b"),
)
"""By the NetworkPolicy, but for the pods that it names."""

SCENARIOS = (
    Scenario(
        "admin-priority-before",
        "AdminPriorityField",
        [AT_50, PASSING, ALLOWING],
        BETWEEN,
        PROBES,
        "As the policies were made: the one that denies has the higher precedence.",
    ),
    Scenario(
        "admin-priority-after",
        "AdminPriorityField",
        [AT_50, PASSING._replace(priority=40), ALLOWING],
        [],
        PROBES,
        "After the other one got a lower number than that.",
    ),
    Scenario(
        "three-tiers-denied",
        "AdminIntegration",
        [admin(deny_rule(GREEN), deny_rule(GREEN)), BASELINE],
        ISOLATED,
        PROBES,
        "As the policies were made: the Admin tier denies what the NetworkPolicy allows.",
        others=[NETWORK_POLICY],
    ),
    Scenario(
        "three-tiers-ingress-passed",
        "AdminIntegration",
        [admin(hand_on(GREEN), deny_rule(GREEN)), BASELINE],
        [*ISOLATED, allow("green/*", "red/*")],
        PROBES,
        "After the Admin tier began to hand ingress on to the NetworkPolicy.",
        others=[NETWORK_POLICY],
    ),
    Scenario(
        "three-tiers-both-passed",
        "AdminIntegration",
        [admin(hand_on(GREEN), hand_on(GREEN)), BASELINE],
        [*ISOLATED, allow("green/*", "red/*"), allow("red/*", "green/*")],
        PROBES,
        "After it began to hand egress on as well.",
        others=[NETWORK_POLICY],
    ),
    Scenario(
        "three-tiers-baseline",
        "AdminIntegration",
        [admin(hand_on(GREEN), hand_on(GREEN)), BASELINE],
        BETWEEN,
        PROBES,
        "After the NetworkPolicy was deleted: the Baseline tier decides.",
    ),
)
