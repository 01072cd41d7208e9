"""Which ports: numbers, names, ranges, and the protocols apart from each other."""

from __future__ import annotations

from tests.scenarios.scenario import Scenario, allow, deny, policy

__all__ = ["SCENARIOS"]

NETPOL = "Netpol NetworkPolicy between server and client "
UDP = "Netpol [LinuxOnly] NetworkPolicy between server and client using UDP "
SCTP = "Netpol [Feature:SCTPConnectivity] [LinuxOnly] NetworkPolicy between server and client using SCTP "
ENDPORT = "Netpol API should support creating NetworkPolicy API with endport field"


def of_protocol(protocol: str, context: str) -> tuple[Scenario, ...]:
    """The three tests that upstream repeats for UDP and for SCTP."""
    return (
        Scenario(
            f"{protocol.lower()}-default-deny-ingress",
            context + "should support a 'default-deny-ingress' policy",
            [policy("deny-all", "{podSelector: {}, policyTypes: [Ingress], ingress: []}")],
            [deny("*", "x/*")],
            probes=[f"{protocol} 80"],
        ),
        Scenario(
            f"{protocol.lower()}-ports",
            context + "should enforce policy based on Ports",
            [
                policy(
                    "allow-ingress-on-port-81-ns-x",
                    "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Ingress],"
                    " ingress: [{from: [{namespaceSelector: {matchLabels: {ns: y}}}],"
                    f" ports: [{{port: 81, protocol: {protocol}}}]}}]}}",
                )
            ],
            [
                deny("x/*", "x/a"),
                deny("z/*", "x/a"),
                deny("*", "x/a", f"{protocol} 80"),
            ],
            probes=[f"{protocol} 80", f"{protocol} 81"],
        ),
        Scenario(
            f"{protocol.lower()}-pod-of-a-different-namespace",
            context
            + "should enforce policy to allow traffic only from a pod in a different namespace based on"
            " PodSelector and NamespaceSelector",
            [
                policy(
                    "allow-ns-y-pod-a-via-namespace-pod-selector",
                    "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Ingress], ingress: [{from:"
                    " [{namespaceSelector: {matchLabels: {ns: y}}, podSelector: {matchLabels: {pod: a}}}]}]}",
                )
            ],
            [deny("*", "x/a"), allow("y/a", "x/a")],
            probes=[f"{protocol} 80"],
        ),
    )


SCENARIOS = (
    Scenario(
        "ports",
        NETPOL + "should enforce policy based on Ports",
        [
            policy(
                "allow-client-a-via-ns-selector",
                "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Ingress], ingress: [{from:"
                " [{namespaceSelector: {matchLabels: {ns: y}}}], ports: [{port: 81, protocol: TCP}]}]}",
            )
        ],
        [
            deny("x/*", "x/a"),
            allow("y/*", "x/a"),
            deny("z/*", "x/a"),
            # Exactly one port is opened.
            deny("*", "x/a", "TCP 80"),
        ],
        probes=["TCP 80", "TCP 81"],
    ),
    Scenario(
        "named-port",
        NETPOL + "should allow ingress access on one named port",
        [
            policy(
                "allow-all",
                "{podSelector: {matchLabels: {}}, policyTypes: [Ingress],"
                " ingress: [{ports: [{port: serve-81-tcp}]}]}",
            )
        ],
        [deny("*", "x/*", "TCP 80")],
        probes=["TCP 80", "TCP 81"],
    ),
    Scenario(
        "named-port-from-a-namespace",
        NETPOL + "should allow ingress access from namespace on one named port",
        [
            policy(
                "allow-client-a-via-ns-selector-80",
                "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Ingress], ingress: [{from:"
                " [{namespaceSelector: {matchLabels: {ns: y}}}], ports: [{port: serve-80-tcp, protocol: TCP}]}]}",
            )
        ],
        [
            deny("x/*", "x/a", "TCP 80"),
            deny("z/*", "x/a", "TCP 80"),
            deny("*", "x/a", "TCP 81"),
        ],
        probes=["TCP 80", "TCP 81"],
    ),
    Scenario(
        "named-port-egress",
        NETPOL + "should allow egress access on one named port",
        [
            policy(
                "allow-egress",
                "{podSelector: {matchLabels: {}}, policyTypes: [Egress],"
                " egress: [{ports: [{port: serve-80-tcp}]}]}",
            )
        ],
        [deny("x/*", "*", "TCP 81")],
        probes=["TCP 80", "TCP 81"],
    ),
    Scenario(
        "any-port-of-a-protocol",
        NETPOL + "should enforce ingress policy allowing any port traffic to a server on a specific protocol",
        [
            policy(
                "allow-ingress-by-proto",
                "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Ingress],"
                " ingress: [{ports: [{protocol: TCP}]}]}",
            )
        ],
        [deny("*", "x/a", "UDP 80")],
        probes=["TCP 80", "UDP 80"],
    ),
    Scenario(
        "sctp-is-not-tcp",
        NETPOL + "should not mistakenly treat 'protocol: SCTP' as 'protocol: TCP', even if the plugin doesn't"
        " support SCTP",
        [
            policy("deny-ingress", "{podSelector: {}, policyTypes: [Ingress], ingress: []}"),
            policy(
                "allow-only-sctp-ingress-on-port-81",
                "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Ingress],"
                " ingress: [{ports: [{port: 81, protocol: SCTP}]}]}",
            ),
        ],
        [deny("*", "x/*"), allow("*", "x/a", "SCTP 81")],
        probes=["TCP 81", "SCTP 81"],
    ),
    Scenario(
        "isolated-by-an-sctp-rule",
        NETPOL
        + "should properly isolate pods that are selected by a policy allowing SCTP, even if the plugin"
        " doesn't support SCTP",
        [
            policy(
                "allow-only-sctp-ingress-on-port-80",
                "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Ingress],"
                " ingress: [{ports: [{port: 80, protocol: SCTP}]}]}",
            )
        ],
        [deny("*", "x/a"), allow("*", "x/a", "SCTP 80")],
        probes=["TCP 81", "SCTP 80", "SCTP 81"],
    ),
    Scenario(
        "udp-is-not-tcp",
        NETPOL + "should not allow access by TCP when a policy specifies only UDP",
        [
            policy(
                "allow-only-udp-ingress-on-port-81",
                "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Ingress],"
                " ingress: [{ports: [{port: 81, protocol: UDP}]}]}",
            )
        ],
        [deny("*", "x/a"), allow("*", "x/a", "UDP 81")],
        probes=["TCP 81", "UDP 81"],
    ),
    *of_protocol("UDP", UDP),
    *of_protocol("SCTP", SCTP),
    # Upstream only sees that these two are accepted; what they mean are the words of the field: a range with
    # both of its ends.
    Scenario(
        "end-port-equal-to-port",
        ENDPORT,
        [
            policy(
                "e2e-example-netpol-endport-validate",
                "{podSelector: {matchLabels: {pod-name: test-pod}}, policyTypes: [Egress],"
                " egress: [{ports: [{port: 20000, endPort: 20000}]}]}",
            )
        ],
        [deny("x/a", "*"), allow("x/a", "*", "TCP 20000")],
        probes=["TCP 19999", "TCP 20000", "TCP 20001"],
        stage="The range that ends where it begins.",
        labels={"x/a": {"pod-name": "test-pod"}},
    ),
    Scenario(
        "end-port-above-port",
        ENDPORT,
        [
            policy(
                "e2e-example-netpol-endport-validate",
                "{podSelector: {matchLabels: {pod-name: test-pod}}, policyTypes: [Egress],"
                " egress: [{ports: [{port: 10000, endPort: 20000}]}]}",
            )
        ],
        [deny("x/a", "*"), allow("x/a", "*", "TCP 10000", "TCP 20000")],
        probes=["TCP 9999", "TCP 10000", "TCP 20000", "TCP 20001"],
        stage="The range that ends above where it begins.",
        labels={"x/a": {"pod-name": "test-pod"}},
    ),
)
