"""Several policies, and changes on the way: each moment that upstream probes is a scenario of its own."""

from __future__ import annotations

from tests.scenarios.scenario import Scenario, allow, deny, policy

__all__ = ["SCENARIOS"]

NETPOL = "Netpol NetworkPolicy between server and client "
STACKED = NETPOL + "should enforce multiple, stacked policies with overlapping podSelectors"
UPDATED_POLICY = NETPOL + "should enforce updated policy"
UPDATED_NAMESPACE = NETPOL + "should allow ingress access from updated namespace"
UPDATED_CLIENT = NETPOL + "should allow ingress access from updated pod"
UPDATED_SERVER = NETPOL + "should deny ingress access to updated pod"
INGRESS_PRECEDENCE = (
    NETPOL + "should enforce multiple ingress policies with ingress allow-all policy taking precedence"
)
EGRESS_PRECEDENCE = (
    NETPOL + "should enforce multiple egress policies with egress allow-all policy taking precedence"
)
DELETED = NETPOL + "should stop enforcing policies after they are deleted"
INDEPENDENT = (
    NETPOL + "should enforce policies to check ingress and egress policies can be controlled independently"
    " based on PodSelector"
)

FROM_Y_ON_81, FROM_Y_ON_80 = (
    policy(
        f"allow-client-a-via-ns-selector{suffix}",
        "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Ingress], ingress: [{from:"
        f" [{{namespaceSelector: {{matchLabels: {{ns: y}}}}}}], ports: [{{port: {port}, protocol: TCP}}]}}]}}",
    )
    for suffix, port in (("", 81), ("-80", 80))
)
FROM_UPDATED_NAMESPACE = policy(
    "allow-client-a-via-ns-selector",
    "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Ingress],"
    " ingress: [{from: [{namespaceSelector: {matchLabels: {ns2: updated}}}]}]}",
)
FROM_UPDATED_CLIENT = policy(
    "allow-client-a-via-pod-selector",
    "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Ingress],"
    " ingress: [{from: [{podSelector: {matchLabels: {pod: b, pod2: updated}}}]}]}",
)
ISOLATED_SERVER = policy(
    "deny-ingress-via-label-selector",
    "{podSelector: {matchLabels: {target: isolated}}, policyTypes: [Ingress], ingress: []}",
)
INGRESS_ON_80 = policy(
    "allow-ingress-port-80",
    "{podSelector: {matchLabels: {}}, policyTypes: [Ingress], ingress: [{ports: [{port: 80}]}]}",
)
EGRESS_ON_80 = policy(
    "allow-egress-port-80",
    "{podSelector: {matchLabels: {}}, policyTypes: [Egress], egress: [{ports: [{port: 80}]}]}",
)
EGRESS_OF_A = policy(
    "allow-egress-for-target",
    "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Egress], egress: [{}]}",
)

SCENARIOS = (
    Scenario(
        "stacked-policies-before",
        STACKED,
        [FROM_Y_ON_81],
        [
            deny("x/*", "x/a", "TCP 81"),
            allow("y/*", "x/a", "TCP 81"),
            deny("z/*", "x/a", "TCP 81"),
            deny("*", "x/a", "TCP 80"),
        ],
        probes=["TCP 80", "TCP 81"],
        stage="Before the second policy is made.",
    ),
    Scenario(
        "stacked-policies-after",
        STACKED,
        [FROM_Y_ON_81, FROM_Y_ON_80],
        [deny("x/*", "x/a"), allow("y/*", "x/a"), deny("z/*", "x/a")],
        probes=["TCP 80", "TCP 81"],
        stage="After the second policy was made.",
    ),
    Scenario(
        "updated-policy-before",
        UPDATED_POLICY,
        [
            policy(
                "allow-all-mutate-to-deny-all",
                "{podSelector: {matchLabels: {}}, policyTypes: [Ingress], ingress: [{}]}",
            )
        ],
        [],
        probes=["TCP 81"],
        stage="Before the policy is updated: it allows all.",
    ),
    Scenario(
        "updated-policy-after",
        UPDATED_POLICY,
        [
            policy(
                "allow-all-mutate-to-deny-all",
                "{podSelector: {matchLabels: {}}, policyTypes: [Ingress], ingress: []}",
            )
        ],
        [deny("*", "x/*")],
        probes=["TCP 81"],
        stage="After the policy was updated: it denies all.",
    ),
    Scenario(
        "updated-namespace-before",
        UPDATED_NAMESPACE,
        [FROM_UPDATED_NAMESPACE],
        [deny("*", "x/a")],
        stage="Before the namespace y gets the label.",
    ),
    Scenario(
        "updated-namespace-after",
        UPDATED_NAMESPACE,
        [FROM_UPDATED_NAMESPACE],
        [deny("*", "x/a"), allow("y/*", "*")],
        stage="After the namespace y got the label.",
        labels={"y": {"ns2": "updated"}},
    ),
    Scenario(
        "updated-client-before",
        UPDATED_CLIENT,
        [FROM_UPDATED_CLIENT],
        [deny("*", "x/a")],
        stage="Before x/b gets the label.",
    ),
    Scenario(
        "updated-client-after",
        UPDATED_CLIENT,
        [FROM_UPDATED_CLIENT],
        [deny("*", "x/a"), allow("x/b", "x/a")],
        stage="After x/b got the label.",
        labels={"x/b": {"pod2": "updated"}},
    ),
    Scenario(
        "updated-server-before",
        UPDATED_SERVER,
        [ISOLATED_SERVER],
        [],
        stage="Before x/a gets the label.",
    ),
    Scenario(
        "updated-server-after",
        UPDATED_SERVER,
        [ISOLATED_SERVER],
        [deny("*", "x/a")],
        stage="After x/a got the label.",
        labels={"x/a": {"target": "isolated"}},
    ),
    Scenario(
        "ingress-precedence-before",
        INGRESS_PRECEDENCE,
        [INGRESS_ON_80],
        [deny("*", "x/*", "TCP 81")],
        probes=["TCP 80", "TCP 81"],
        stage="Before the policy that allows all is made.",
    ),
    Scenario(
        "ingress-precedence-after",
        INGRESS_PRECEDENCE,
        [
            INGRESS_ON_80,
            policy(
                "allow-ingress", "{podSelector: {matchLabels: {}}, policyTypes: [Ingress], ingress: [{}]}"
            ),
        ],
        [],
        probes=["TCP 80", "TCP 81"],
        stage="After the policy that allows all was made.",
    ),
    Scenario(
        "egress-precedence-before",
        EGRESS_PRECEDENCE,
        [EGRESS_ON_80],
        [deny("x/*", "*", "TCP 81")],
        probes=["TCP 80", "TCP 81"],
        stage="Before the policy that allows all is made.",
    ),
    Scenario(
        "egress-precedence-after",
        EGRESS_PRECEDENCE,
        [
            EGRESS_ON_80,
            policy("allow-egress", "{podSelector: {matchLabels: {}}, policyTypes: [Egress], egress: [{}]}"),
        ],
        [],
        probes=["TCP 80", "TCP 81"],
        stage="After the policy that allows all was made.",
    ),
    Scenario(
        "deleted-policies-before",
        DELETED,
        [policy("deny-all", "{podSelector: {}, policyTypes: [Ingress, Egress], ingress: [], egress: []}")],
        [deny("x/*", "*"), deny("*", "x/*")],
        stage="Before the policy is deleted.",
    ),
    Scenario(
        "deleted-policies-after",
        DELETED,
        [],
        [],
        stage="After the policy was deleted.",
    ),
    Scenario(
        "independent-directions-before",
        INDEPENDENT,
        [EGRESS_OF_A],
        [],
        stage="Before the policy for ingress is made.",
    ),
    Scenario(
        "independent-directions-after",
        INDEPENDENT,
        [
            EGRESS_OF_A,
            policy(
                "deny-ingress-via-label-selector",
                "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Ingress], ingress: []}",
            ),
        ],
        [deny("*", "x/a")],
        stage="After the policy for ingress was made.",
    ),
)
