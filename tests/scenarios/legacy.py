"""Tests of upstream's older suite, where their policies are not those of the newer one.

There one server and its clients took part, told apart by the label ``pod-name``. Here the server is x/a, client-a is
b, client-b is c, namespace-b is y and namespace-c is z; a second server is x/c. The policies say ``policyTypes``
only where they do upstream: what they leave out is part of these tests.
"""

from __future__ import annotations

from tests.scenarios.scenario import Scenario, allow, deny, policy

__all__ = ["SCENARIOS"]

LEGACY = "NetworkPolicyLegacy [LinuxOnly] NetworkPolicy between server and client "
SCTP = (
    "NetworkPolicy [Feature:SCTPConnectivity][LinuxOnly][Disruptive] NetworkPolicy between server and client"
    " using SCTP "
)
UPDATED_POLICY = LEGACY + "should enforce updated policy"
UPDATED_NAMESPACE = LEGACY + "should allow ingress access from updated namespace"
UPDATED_CLIENT = LEGACY + "should allow ingress access from updated pod"
UPDATED_SERVER = LEGACY + "should deny ingress access to updated pod"
INGRESS_PRECEDENCE = (
    LEGACY + "should enforce multiple ingress policies with ingress allow-all policy taking precedence"
)
EGRESS_PRECEDENCE = (
    LEGACY + "should enforce multiple egress policies with egress allow-all policy taking precedence"
)
DELETED = LEGACY + "should stop enforcing policies after they are deleted"

DENY_ALL = policy("deny-all", "{podSelector: {}, policyTypes: [Ingress], ingress: []}")
FROM_UPDATED_NAMESPACE = policy(
    "allow-ns-b-via-namespace-selector",
    "{podSelector: {matchLabels: {pod: a}},"
    " ingress: [{from: [{namespaceSelector: {matchLabels: {ns: y-updated}}}]}]}",
)
FROM_CLIENT_WITHOUT_LABEL = policy(
    "allow-pod-b-via-pod-selector",
    "{podSelector: {matchLabels: {pod: a}}, ingress: [{from: [{podSelector:"
    " {matchExpressions: [{key: pod, operator: DoesNotExist}]}}]}]}",
)
ISOLATED_SERVER = policy(
    "deny-ingress-via-isolated-label-selector",
    "{podSelector: {matchLabels: {pod: a}, matchExpressions: [{key: isolated, operator: Exists}]},"
    " policyTypes: [Ingress], ingress: []}",
)
FROM_CLIENT_B = policy(
    "allow-from-client-b-pod-selector",
    "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Ingress],"
    " ingress: [{from: [{podSelector: {matchLabels: {pod: c}}}]}]}",
)
TO_SERVER_A = policy(
    "allow-to-server-a-pod-selector",
    "{podSelector: {matchLabels: {pod: b}}, policyTypes: [Egress],"
    " egress: [{to: [{podSelector: {matchLabels: {pod: a}}}]}]}",
)
ON_80, ON_81 = (
    policy(
        f"allow-ingress-on-port-{port}",
        f"{{podSelector: {{matchLabels: {{pod: a}}}}, ingress: [{{ports: [{{port: {port}}}]}}]}}",
    )
    for port in (80, 81)
)

SCENARIOS = (
    Scenario(
        "legacy-default-deny-ingress",
        LEGACY + "should support a 'default-deny-ingress' policy",
        [policy("deny-ingress", "{podSelector: {}, ingress: []}")],
        [deny("*", "x/*")],
    ),
    Scenario(
        "legacy-namespace-selector-expressions",
        LEGACY + "should enforce policy based on NamespaceSelector with MatchExpressions",
        [
            policy(
                "allow-any-ns-different-than-ns-a-via-ns-selector-with-match-expressions",
                "{podSelector: {matchLabels: {pod: a}}, ingress: [{from: [{namespaceSelector:"
                " {matchExpressions: [{key: ns, operator: NotIn, values: [z]}]}}]}]}",
            )
        ],
        [deny("z/*", "x/a")],
    ),
    Scenario(
        "legacy-pod-selector-or-namespace-selector",
        LEGACY + "should enforce policy based on PodSelector or NamespaceSelector",
        [
            policy(
                "allow-ns-b-via-namespace-selector-or-client-b-via-pod-selector",
                "{podSelector: {matchLabels: {pod: a}}, ingress: [{from:"
                " [{podSelector: {matchLabels: {pod: c}}}, {namespaceSelector: {matchLabels: {ns: y}}}]}]}",
            )
        ],
        [deny("*", "x/a"), allow("y/*", "x/a"), allow("x/c", "x/a")],
    ),
    Scenario(
        "legacy-pod-selector-and-namespace-selector",
        LEGACY + "should enforce policy based on PodSelector and NamespaceSelector",
        [
            policy(
                "allow-client-b-in-ns-b-via-ns-selector-and-pod-selector",
                "{podSelector: {matchLabels: {pod: a}}, ingress: [{from:"
                " [{podSelector: {matchLabels: {pod: c}}, namespaceSelector: {matchLabels: {ns: y}}}]}]}",
            )
        ],
        [deny("*", "x/a"), allow("y/c", "x/a")],
    ),
    Scenario(
        "legacy-ports",
        LEGACY + "should enforce policy based on Ports",
        [ON_81],
        [deny("*", "x/a", "TCP 80")],
        probes=["TCP 80", "TCP 81"],
    ),
    Scenario(
        "legacy-stacked-policies",
        LEGACY + "should enforce multiple, stacked policies with overlapping podSelectors",
        [ON_80, ON_81],
        [],
        probes=["TCP 80", "TCP 81"],
    ),
    Scenario(
        "legacy-named-port",
        LEGACY + "should allow ingress access on one named port",
        [
            policy(
                "allow-client-a-via-named-port-ingress-rule",
                "{podSelector: {matchLabels: {pod: a}}, ingress: [{ports: [{port: serve-80-tcp}]}]}",
            )
        ],
        [deny("*", "x/a", "TCP 81")],
        probes=["TCP 80", "TCP 81"],
    ),
    Scenario(
        "legacy-named-port-egress",
        LEGACY + "should allow egress access on one named port",
        [
            # An egress rule without policyTypes isolates for both directions, and no ingress rule lets in.
            policy(
                "allow-client-a-via-named-port-egress-rule",
                "{podSelector: {matchLabels: {pod: b}}, egress: [{ports: [{port: serve-80-tcp}]}]}",
            )
        ],
        [deny("x/b", "*", "TCP 81"), deny("*", "x/b")],
        probes=["TCP 80", "TCP 81"],
    ),
    Scenario(
        "legacy-updated-policy-before",
        UPDATED_POLICY,
        [
            policy(
                "allow-ingress",
                "{podSelector: {matchLabels: {pod: a}},"
                " ingress: [{from: [{podSelector: {matchLabels: {pod: b}}}], ports: [{port: 80}]}]}",
            )
        ],
        [deny("*", "x/a"), allow("x/b", "x/a", "TCP 80")],
        probes=["TCP 80", "TCP 81"],
        stage="Before the policy is updated: client-a on port 80.",
    ),
    Scenario(
        "legacy-updated-policy-after",
        UPDATED_POLICY,
        [
            policy(
                "allow-ingress",
                "{podSelector: {matchLabels: {pod: a}},"
                " ingress: [{from: [{podSelector: {matchLabels: {pod: c}}}], ports: [{port: 81}]}]}",
            )
        ],
        [deny("*", "x/a"), allow("x/c", "x/a", "TCP 81")],
        probes=["TCP 80", "TCP 81"],
        stage="After the policy was updated: client-b on port 81.",
    ),
    Scenario(
        "legacy-updated-namespace-before",
        UPDATED_NAMESPACE,
        [FROM_UPDATED_NAMESPACE],
        [deny("*", "x/a")],
        stage="Before the namespace's label gets another value.",
    ),
    Scenario(
        "legacy-updated-namespace-after",
        UPDATED_NAMESPACE,
        [FROM_UPDATED_NAMESPACE],
        [deny("*", "x/a"), allow("y/*", "x/a")],
        stage="After the namespace's label got another value.",
        labels={"y": {"ns": "y-updated"}},
    ),
    Scenario(
        "legacy-updated-client-before",
        UPDATED_CLIENT,
        [FROM_CLIENT_WITHOUT_LABEL],
        [deny("*", "x/a")],
        stage="Before client-a loses its label.",
    ),
    Scenario(
        "legacy-updated-client-after",
        UPDATED_CLIENT,
        [FROM_CLIENT_WITHOUT_LABEL],
        [deny("*", "x/a"), allow("x/b", "x/a")],
        stage="After client-a lost its label.",
        labels={"x/b": {"pod": None}},
    ),
    Scenario(
        "legacy-updated-server-before",
        UPDATED_SERVER,
        [ISOLATED_SERVER],
        [],
        stage="Before the server gets the label.",
    ),
    Scenario(
        "legacy-updated-server-after",
        UPDATED_SERVER,
        [ISOLATED_SERVER],
        [deny("*", "x/a")],
        stage="After the server got the label.",
        labels={"x/a": {"isolated": ""}},
    ),
    Scenario(
        "legacy-ingress-and-egress-together",
        LEGACY + "should work with Ingress,Egress specified together",
        [
            policy(
                "ingress-egress-rule",
                "{podSelector: {}, policyTypes: [Ingress, Egress],"
                " ingress: [{from: [{namespaceSelector: {matchLabels: {ns: y}}}], ports: [{port: 80}]}],"
                " egress: [{to: [{namespaceSelector: {matchLabels: {ns: y}}}], ports: [{port: 80}]}]}",
            )
        ],
        [
            deny("*", "x/*"),
            deny("x/*", "*"),
            allow("x/*", "y/*", "TCP 80"),
            allow("y/*", "x/*", "TCP 80"),
        ],
        probes=["TCP 80", "TCP 81"],
    ),
    Scenario(
        "legacy-ingress-precedence-before",
        INGRESS_PRECEDENCE,
        [FROM_CLIENT_B],
        [deny("*", "x/a"), allow("x/c", "x/a")],
        stage="Before the policy that allows all is made.",
    ),
    Scenario(
        "legacy-ingress-precedence-after",
        INGRESS_PRECEDENCE,
        [
            FROM_CLIENT_B,
            policy("allow-all", "{podSelector: {matchLabels: {}}, policyTypes: [Ingress], ingress: [{}]}"),
        ],
        [],
        stage="After the policy that allows all was made.",
    ),
    Scenario(
        "legacy-egress-precedence-before",
        EGRESS_PRECEDENCE,
        [TO_SERVER_A],
        [deny("x/b", "*"), allow("x/b", "x/a")],
        stage="Before the policy that allows all is made.",
    ),
    Scenario(
        "legacy-egress-precedence-after",
        EGRESS_PRECEDENCE,
        [
            TO_SERVER_A,
            policy("allow-all", "{podSelector: {matchLabels: {}}, policyTypes: [Egress], egress: [{}]}"),
        ],
        [],
        stage="After the policy that allows all was made.",
    ),
    Scenario(
        "legacy-deleted-policies-before",
        DELETED,
        [
            DENY_ALL,
            policy(
                "allow-from-client-a-pod-selector",
                "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Ingress],"
                " ingress: [{from: [{podSelector: {matchLabels: {pod: b}}}]}]}",
            ),
        ],
        [deny("*", "x/*"), allow("x/b", "x/a")],
        stage="Before the policy for client-a is deleted.",
    ),
    Scenario(
        "legacy-deleted-policies-after",
        DELETED,
        [DENY_ALL],
        [deny("*", "x/*")],
        stage="After the policy for client-a was deleted.",
    ),
    Scenario(
        "legacy-independent-directions",
        LEGACY
        + "should enforce policies to check ingress and egress policies can be controlled independently"
        " based on PodSelector",
        [
            policy(
                "allow-pod-a-to-pod-b-using-pod-selector",
                "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Egress],"
                " egress: [{to: [{podSelector: {matchLabels: {pod: b}}}]}]}",
            ),
            policy(
                "deny-pod-b-to-pod-a-pod-selector",
                "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Ingress], ingress: []}",
            ),
        ],
        [deny("*", "x/a"), deny("x/a", "*"), allow("x/a", "x/b")],
    ),
    Scenario(
        "legacy-sctp-is-not-tcp",
        LEGACY + "should not allow access by TCP when a policy specifies only SCTP",
        [
            policy(
                "allow-only-sctp-ingress-on-port-80",
                "{podSelector: {matchLabels: {pod: a}}, ingress: [{ports: [{port: 80, protocol: SCTP}]}]}",
            )
        ],
        [deny("*", "x/a", "TCP 80")],
        probes=["TCP 80", "SCTP 80"],
    ),
    Scenario(
        "legacy-sctp-ports",
        SCTP + "should enforce policy based on Ports",
        [
            policy(
                "allow-ingress-on-port-81",
                "{podSelector: {matchLabels: {pod: a}}, ingress: [{ports: [{port: 81, protocol: SCTP}]}]}",
            )
        ],
        [deny("*", "x/a", "SCTP 80")],
        probes=["SCTP 80", "SCTP 81"],
    ),
)
