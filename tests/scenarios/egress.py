"""Where a pod may go: upstream's tests of egress policies, and of both directions together."""

from __future__ import annotations

from tests.scenarios.scenario import Scenario, allow, deny, policy

__all__ = ["SCENARIOS"]

NETPOL = "Netpol NetworkPolicy between server and client "

SCENARIOS = (
    Scenario(
        "deny-egress-of-a-pod",
        NETPOL + "should deny egress from pods based on PodSelector",
        [
            policy(
                "deny-egress-pod-a",
                "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Egress], egress: []}",
            )
        ],
        [deny("x/a", "*")],
    ),
    Scenario(
        "deny-egress-of-a-namespace",
        NETPOL + "should deny egress from all pods in a namespace",
        [policy("deny-egress-ns-x", "{podSelector: {}, policyTypes: [Egress], egress: []}")],
        [deny("x/*", "*")],
    ),
    Scenario(
        "ingress-and-egress-together",
        NETPOL + "should work with Ingress, Egress specified together",
        [
            policy(
                "allow-client-a-via-pod-selector",
                "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Egress, Ingress],"
                " ingress: [{from: [{podSelector: {matchLabels: {pod: b}}}]}], egress: [{ports: [{port: 80}]}]}",
            )
        ],
        [deny("*", "x/a"), deny("x/a", "*", "TCP 81"), allow("x/b", "x/a")],
        probes=["TCP 80", "TCP 81"],
    ),
    Scenario(
        "egress-denied-though-the-server-allows",
        NETPOL + "should support denying of egress traffic on the client side (even if the server explicitly"
        " allows this traffic)",
        [
            policy(
                "allow-to-ns-y-pod-a",
                "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Egress], egress: [{to:"
                " [{namespaceSelector: {matchLabels: {ns: y}}, podSelector: {matchLabels: {pod: a}}}]}]}",
            ),
            *(
                policy(
                    f"allow-from-xa-on-y{pod}-match-selector",
                    f"{{podSelector: {{matchLabels: {{pod: {pod}}}}}, policyTypes: [Ingress], ingress: [{{from:"
                    " [{namespaceSelector: {matchLabels: {ns: x}}, podSelector: {matchLabels: {pod: a}}}]}]}",
                    namespace="y",
                )
                for pod in "ab"
            ),
        ],
        [deny("x/a", "*"), deny("*", "y/a"), allow("x/a", "y/a"), deny("*", "y/b")],
    ),
    Scenario(
        "egress-to-a-different-namespace",
        NETPOL + "should enforce egress policy allowing traffic to a server in a different namespace based on"
        " PodSelector and NamespaceSelector",
        [
            policy(
                "allow-to-ns-y-pod-a",
                "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Egress], egress: [{to:"
                " [{namespaceSelector: {matchLabels: {ns: y}}, podSelector: {matchLabels: {pod: a}}}]}]}",
            )
        ],
        [deny("x/a", "*"), allow("x/a", "y/a")],
    ),
    Scenario(
        "egress-namespace-by-name-expressions",
        NETPOL
        + "should enforce policy based on NamespaceSelector with MatchExpressions using default ns label",
        [
            policy(
                "allow-ns-y-match-selector-for-immutable-ns-label",
                "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Egress], egress: [{to:"
                " [{namespaceSelector: {matchExpressions:"
                " [{key: kubernetes.io/metadata.name, operator: NotIn, values: [y]}]}}]}]}",
            )
        ],
        [deny("x/a", "y/*")],
    ),
)
