"""Who may come in: upstream's tests of ingress policies and of their selectors."""

from __future__ import annotations

from tests.scenarios.scenario import Scenario, allow, deny, policy

__all__ = ["SCENARIOS"]

NETPOL = "Netpol NetworkPolicy between server and client "

SCENARIOS = (
    Scenario(
        "default-deny-ingress",
        NETPOL + "should support a 'default-deny-ingress' policy",
        [policy("deny-ingress", "{podSelector: {}, policyTypes: [Ingress], ingress: []}")],
        [
            deny("*", "x/*"),
            # Not probed upstream: what comes from the pod's own node is let in whatever the policies say, as
            # the kubelet's probes need. x/a runs on the first node, x/b on the second.
            allow("192.168.0.1", "x/a"),
            allow("192.168.0.2", "x/b"),
        ],
        outside=["192.168.0.1", "192.168.0.2", "203.0.113.7"],
    ),
    Scenario(
        "default-deny-all",
        NETPOL + "should support a 'default-deny-all' policy",
        [policy("deny-all", "{podSelector: {}, policyTypes: [Ingress, Egress], ingress: [], egress: []}")],
        [deny("*", "x/*"), deny("x/*", "*")],
    ),
    Scenario(
        "pod-selector",
        NETPOL
        + "should enforce policy to allow traffic from pods within server namespace based on PodSelector",
        [
            policy(
                "x-a-allows-x-b",
                "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Ingress],"
                " ingress: [{from: [{podSelector: {matchLabels: {pod: b}}}]}]}",
            )
        ],
        [deny("*", "x/a"), allow("x/b", "x/a")],
    ),
    Scenario(
        "ingress-for-a-target",
        NETPOL + "should enforce policy to allow ingress traffic for a target",
        [
            policy("deny-all", "{podSelector: {}, policyTypes: [Ingress], ingress: []}"),
            policy(
                "allow-all-to-a",
                "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Ingress],"
                " ingress: [{from: [{podSelector: {}, namespaceSelector: {}}]}]}",
            ),
        ],
        [allow("*", "x/a"), deny("*", "x/b"), deny("*", "x/c")],
    ),
    Scenario(
        "pods-of-all-namespaces",
        NETPOL + "should enforce policy to allow ingress traffic from pods in all namespaces",
        [
            policy(
                "allow-from-another-ns",
                "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Ingress],"
                " ingress: [{from: [{namespaceSelector: {matchLabels: {}}}]}]}",
            )
        ],
        # Every pod may come in, and nothing that is no pod.
        [deny("203.0.113.7", "x/a")],
        outside=["203.0.113.7"],
    ),
    Scenario(
        "namespace-selector",
        NETPOL
        + "should enforce policy to allow traffic only from a different namespace, based on NamespaceSelector",
        [
            policy(
                "allow-client-a-via-ns-selector",
                "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Ingress],"
                " ingress: [{from: [{namespaceSelector: {matchLabels: {ns: y}}}]}]}",
            )
        ],
        [deny("x/*", "x/a"), deny("z/*", "x/a")],
    ),
    Scenario(
        "pod-selector-expressions",
        NETPOL + "should enforce policy based on PodSelector with MatchExpressions",
        [
            policy(
                "x-a-allows-x-b",
                "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Ingress], ingress: [{from: [{podSelector:"
                " {matchExpressions: [{key: pod, operator: In, values: [b]}]}}]}]}",
            )
        ],
        [deny("*", "x/a"), allow("x/b", "x/a")],
    ),
    Scenario(
        "namespace-selector-expressions",
        NETPOL + "should enforce policy based on NamespaceSelector with MatchExpressions",
        [
            policy(
                "allow-ns-y-match-selector",
                "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Ingress], ingress: [{from:"
                " [{namespaceSelector: {matchExpressions: [{key: ns, operator: In, values: [y]}]}}]}]}",
            )
        ],
        [deny("x/*", "x/a"), deny("z/*", "x/a")],
    ),
    Scenario(
        "pod-selector-or-namespace-selector",
        NETPOL + "should enforce policy based on PodSelector or NamespaceSelector",
        [
            policy(
                "allow-ns-y-match-selector",
                "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Ingress], ingress: [{from:"
                " [{namespaceSelector: {matchExpressions: [{key: ns, operator: NotIn, values: [x]}]}},"
                " {podSelector: {matchLabels: {pod: b}}}]}]}",
            )
        ],
        [deny("x/a", "x/a"), deny("x/c", "x/a")],
    ),
    Scenario(
        "pod-selector-and-namespace-selector",
        NETPOL + "should enforce policy based on PodSelector and NamespaceSelector",
        [
            policy(
                "allow-ns-y-podselector-and-nsselector",
                "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Ingress], ingress: [{from:"
                " [{namespaceSelector: {matchExpressions: [{key: ns, operator: NotIn, values: [x]}]},"
                " podSelector: {matchLabels: {pod: b}}}]}]}",
            )
        ],
        [deny("*", "x/a"), allow("y/b", "x/a"), allow("z/b", "x/a")],
    ),
    Scenario(
        "multiple-pod-and-namespace-selectors",
        NETPOL + "should enforce policy based on Multiple PodSelectors and NamespaceSelectors",
        [
            policy(
                "allow-ns-y-z-pod-b-c",
                "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Ingress], ingress: [{from:"
                " [{namespaceSelector: {matchExpressions: [{key: ns, operator: NotIn, values: [x]}]},"
                " podSelector: {matchExpressions: [{key: pod, operator: In, values: [b, c]}]}}]}]}",
            )
        ],
        [deny("x/*", "x/a"), deny("y/a", "x/a"), deny("z/a", "x/a")],
    ),
    Scenario(
        "any-pod-selectors",
        NETPOL + "should enforce policy based on any PodSelectors",
        [
            policy(
                "allow-ns-x-pod-b-c",
                "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Ingress], ingress: [{from:"
                " [{podSelector: {matchLabels: {pod: b}}}, {podSelector: {matchLabels: {pod: c}}}]}]}",
            )
        ],
        [deny("*", "x/a"), allow("x/b", "x/a"), allow("x/c", "x/a")],
    ),
    Scenario(
        "pod-of-a-different-namespace",
        NETPOL + "should enforce policy to allow traffic only from a pod in a different namespace based on"
        " PodSelector and NamespaceSelector",
        [
            policy(
                "allow-ns-y-pod-a-via-namespace-pod-selector",
                "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Ingress], ingress: [{from:"
                " [{namespaceSelector: {matchLabels: {ns: y}}, podSelector: {matchLabels: {pod: a}}}]}]}",
            )
        ],
        [deny("*", "x/a"), allow("y/a", "x/a")],
    ),
    Scenario(
        "allow-all",
        NETPOL + "should support allow-all policy",
        [policy("allow-all", "{podSelector: {matchLabels: {}}, policyTypes: [Ingress], ingress: [{}]}")],
        [],
        probes=["TCP 80", "TCP 81"],
    ),
    Scenario(
        "own-namespace",
        NETPOL + "should deny ingress from pods on other namespaces",
        [
            policy(
                "deny-empty-policy",
                "{podSelector: {}, policyTypes: [Ingress],"
                " ingress: [{from: [{podSelector: {matchLabels: {}}}]}]}",
            )
        ],
        [deny("y/*", "x/*"), deny("z/*", "x/*")],
    ),
    Scenario(
        "namespace-by-name",
        NETPOL + "should enforce policy to allow traffic based on NamespaceSelector with MatchLabels using"
        " default ns label",
        [
            policy(
                "allow-client-a-via-ns-selector-for-immutable-ns-label",
                "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Ingress], ingress: [{from:"
                " [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: y}}}]}]}",
            )
        ],
        [deny("x/*", "x/a"), deny("z/*", "x/a")],
    ),
    Scenario(
        "creating-policies",
        "Netpol API should support creating NetworkPolicy API operations",
        [
            # The same policy under three names, as the test has the API server make them up.
            policy(
                f"e2e-example-netpol-{number}",
                "{podSelector: {matchLabels: {pod-name: test-pod}}, policyTypes: [Ingress], ingress: [{from:"
                " [{namespaceSelector: {matchLabels: {ns-name: pod-b}},"
                " podSelector: {matchLabels: {pod-name: client-a}}}]}]}",
            )
            for number in (1, 2, 3)
        ],
        [deny("*", "x/a"), allow("y/b", "x/a")],
        labels={
            "x/a": {"pod-name": "test-pod"},
            "x/b": {"pod-name": "client-a"},
            "y": {"ns-name": "pod-b"},
            "y/b": {"pod-name": "client-a"},
        },
    ),
)
