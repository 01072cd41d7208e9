"""Networks and nodes as peers of egress."""

from __future__ import annotations

from collections.abc import Iterator

from tests.scenarios.scenario import allow, deny
from tests.scenarios.tiers.manifests import Policy, accept, deny_rule, hand_on
from tests.scenarios.tiers.scenario import LINUX_NODE, OTHER_NODE, OUTSIDE, Scenario

__all__ = ["SCENARIOS"]

PODS_OF_RED = (
    "{pods: {namespaceSelector: {matchLabels: {team: red}}, podSelector: {matchLabels: {team: red}}}}"
)
RED_BY_NAME = "{namespaces: {matchLabels: {kubernetes.io/metadata.name: red}}}"
PODS_OF_GREEN = (
    "{pods: {namespaceSelector: {matchLabels: {team: green}}, podSelector: {matchLabels: {team: green}}}}"
)
LINUX = "{nodes: {matchLabels: {kubernetes.io/os: linux}}}"
EVERYWHERE = "{networks: [0.0.0.0/0, '::/0']}"
TWO_PODS = "{networks: [10.0.4.1/32, 10.0.3.1/32]}"
"""The addresses of blue/a and yellow/a."""


def networks(baseline: bool) -> Iterator[Scenario]:
    tier = "baseline" if baseline else "admin"
    rules = [accept(f"[{PODS_OF_GREEN}]"), deny_rule(f"[{EVERYWHERE}]")]
    before = Policy(
        "default" if baseline else "networks",
        10 if baseline else 85,
        RED_BY_NAME if baseline else PODS_OF_RED,
        egress=rules,
        baseline=baseline,
    )
    truth = [deny("red/*", "*"), allow("red/*", "green/*")]
    test = f"{tier.title()}EgressInlineCIDRPeers"
    probes = ("TCP 80", "UDP 53", "SCTP 9003")
    yield Scenario(
        f"{tier}-networks-before",
        test,
        [before],
        truth,
        probes,
        "As the policy was made: nothing but pods of one namespace.",
        outside=[OUTSIDE],
    )
    yield Scenario(
        f"{tier}-networks-after",
        test,
        [before._replace(egress=[accept(f"[{TWO_PODS}]"), *rules])],
        [*truth, allow("red/*", "blue/a"), allow("red/*", "yellow/a")],
        probes,
        "After the addresses of two pods were accepted first.",
        outside=[OUTSIDE],
    )


OUTSIDE_OF_NODES = [LINUX_NODE, OTHER_NODE, OUTSIDE]
SCENARIOS = (
    *networks(baseline=False),
    *networks(baseline=True),
    Scenario(
        "admin-nodes",
        "AdminEgressNodePeers",
        [
            Policy(
                "nodes-and-networks",
                75,
                PODS_OF_RED,
                egress=[
                    accept(f"[{LINUX}]", "TCP 36363"),
                    hand_on(f"[{LINUX}]", "UDP 34345"),
                    deny_rule(f"[{PODS_OF_GREEN}, {LINUX}, {EVERYWHERE}]"),
                ],
            )
        ],
        [
            deny("red/*", "*"),
            allow("red/*", "woods/*", "TCP 36363", "UDP 34345"),
            allow("red/*", LINUX_NODE, "TCP 36363", "UDP 34345"),
        ],
        ("TCP 36363", "TCP 36364", "UDP 34345", "UDP 34346", "SCTP 9003"),
        outside=OUTSIDE_OF_NODES,
    ),
    Scenario(
        "baseline-nodes",
        "BaselineEgressNodePeers",
        [
            Policy(
                "default",
                10,
                RED_BY_NAME,
                egress=[accept(f"[{LINUX}]", "TCP 36363-36364"), deny_rule(f"[{LINUX}, {EVERYWHERE}]")],
                baseline=True,
            )
        ],
        [
            deny("red/*", "*"),
            allow("red/*", "woods/*", "TCP 36363", "TCP 36364"),
            allow("red/*", LINUX_NODE, "TCP 36363", "TCP 36364"),
        ],
        ("TCP 36363", "TCP 36364", "TCP 36365", "UDP 34346", "SCTP 9003"),
        outside=OUTSIDE_OF_NODES,
    ),
)
