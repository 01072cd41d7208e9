"""The tiers, a test for each rule of their API, in both its versions."""

from __future__ import annotations

import pytest

from policy_core.domain_name import DomainName
from policy_core.sides import Reason
from policy_core.verdict import connection
from tests.clusters import evaluate, judge, namespace, pod, policy, the_pod, verdict

SPACES = namespace("x", team="red") + namespace("z", team="blue")
PORTS = "[{name: c, ports: [{name: http, containerPort: 80}, {name: dns, containerPort: 53, protocol: UDP}]}]"
PODS = (
    pod("web", "10.0.0.1", app="web")
    + pod("db", "10.0.0.2", app="db").replace("[{name: c}]", PORTS)
    + pod("other", "10.0.1.1", namespace="z", app="web")
    + pod("host", "192.168.0.1", namespace="z", app="web", more="hostNetwork: true, nodeName: n1")
)
CLUSTER = SPACES + PODS
DENY_Y = "{action: Deny, from: [{namespaces: {matchLabels: {team: blue}}}]}"
ACCEPT_Y = "{action: Accept, from: [{namespaces: {matchLabels: {team: blue}}}]}"
PASS_Y = "{action: Pass, from: [{namespaces: {matchLabels: {team: blue}}}]}"


def cnp(
    name: str, rules: str, *, tier: str = "Admin", priority: int = 1, subject: str = "{namespaces: {}}"
) -> str:
    return (
        "---\napiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\n"
        f"metadata: {{name: {name}}}\nspec: {{tier: {tier}, priority: {priority}, subject: {subject}, {rules}}}\n"
    )


def anp(name: str, rules: str, *, priority: int = 1, subject: str = "{namespaces: {}}") -> str:
    return (
        "---\napiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\n"
        f"metadata: {{name: {name}}}\nspec: {{priority: {priority}, subject: {subject}, {rules}}}\n"
    )


def banp(rules: str, subject: str = "{namespaces: {}}") -> str:
    return (
        "---\napiVersion: policy.networking.k8s.io/v1alpha1\nkind: BaselineAdminNetworkPolicy\n"
        f"metadata: {{name: default}}\nspec: {{subject: {subject}, {rules}}}\n"
    )


def ingress(*rules: str) -> str:
    return f"ingress: [{', '.join(rules)}]"


def egress(*rules: str) -> str:
    return f"egress: [{', '.join(rules)}]"


def asked(
    text: str, source: str = "z/other", destination: str = "x/db", port: int = 80, protocol: str = "TCP"
) -> str:
    evaluation = evaluate(CLUSTER + text)
    assert not evaluation.snapshot.problems
    return verdict(evaluation, source, destination, port, protocol)


ISOLATING = policy("np", "{podSelector: {}, policyTypes: [Ingress]}")
OPENING = policy("np", "{podSelector: {}, ingress: [{}]}")


# The order of the tiers


def test_a_policy_of_a_tier_isolates_nothing_by_being_there() -> None:
    assert asked(cnp("p", ingress(ACCEPT_Y)), source="x/web") == "allow"
    assert asked(cnp("p", ingress(DENY_Y)), source="x/web") == "allow"
    assert asked(cnp("p", "ingress: []")) == "allow"


def test_admin_decides_before_networkpolicy() -> None:
    assert asked(OPENING + cnp("p", ingress(DENY_Y))) == "deny"
    assert asked(ISOLATING + cnp("p", ingress(ACCEPT_Y))) == "allow"
    assert asked(ISOLATING + anp("p", ingress(ACCEPT_Y.replace("Accept", "Allow")))) == "allow"


def test_what_admin_passes_on_is_for_networkpolicy_and_then_for_baseline() -> None:
    after = cnp("late", ingress(DENY_Y), priority=2)
    assert asked(OPENING + cnp("p", ingress(PASS_Y)) + after) == "allow"
    assert asked(ISOLATING + cnp("p", ingress(PASS_Y))) == "deny"
    assert asked(cnp("p", ingress(PASS_Y)) + after) == "allow"
    assert asked(cnp("p", ingress(PASS_Y)) + banp(ingress(DENY_Y))) == "deny"


def test_baseline_decides_only_where_no_networkpolicy_isolates_the_pod() -> None:
    closed = cnp("p", ingress(DENY_Y), tier="Baseline")
    assert asked(closed) == "deny"
    assert asked(OPENING + closed) == "allow"
    assert asked(ISOLATING + cnp("p", ingress(ACCEPT_Y), tier="Baseline")) == "deny"
    assert asked(policy("np", "{podSelector: {matchLabels: {app: web}}}") + closed) == "deny"


def test_a_pass_of_the_last_tier_allows() -> None:
    passing = cnp("p", ingress(PASS_Y), tier="Baseline") + cnp(
        "q", ingress(DENY_Y), tier="Baseline", priority=2
    )
    assert asked(passing) == "allow"


# The order in a tier


def test_the_lower_priority_decides_first_whatever_the_kind_and_the_name() -> None:
    assert asked(cnp("a", ingress(DENY_Y), priority=2) + cnp("b", ingress(ACCEPT_Y))) == "allow"
    assert (
        asked(cnp("a", ingress(DENY_Y), priority=2) + anp("b", ingress(ACCEPT_Y.replace("Accept", "Allow"))))
        == "allow"
    )
    assert (
        asked(cnp("a", ingress(DENY_Y)) + anp("b", ingress(ACCEPT_Y.replace("Accept", "Allow")), priority=2))
        == "deny"
    )


def test_the_first_rule_that_matches_decides() -> None:
    assert asked(cnp("p", ingress(ACCEPT_Y, DENY_Y))) == "allow"
    assert asked(cnp("p", ingress(DENY_Y, ACCEPT_Y))) == "deny"
    on_443 = ACCEPT_Y.replace("}]}", "}], protocols: [{tcp: {destinationPort: {number: 443}}}]}")
    assert asked(cnp("p", ingress(on_443, DENY_Y))) == "deny"


def test_both_sides_must_let_a_connection_through() -> None:
    out = "{action: Deny, to: [{pods: {podSelector: {matchLabels: {app: db}}}}]}"
    assert asked(cnp("p", f"{ingress(ACCEPT_Y)}, {egress(out)}")) == "deny"
    assert asked(cnp("p", egress(out)), destination="x/web") == "allow"


# Equal priorities


def test_policies_of_equal_priority_that_disagree_make_it_unknown_and_are_named() -> None:
    both = cnp("p", ingress(ACCEPT_Y)) + cnp("q", ingress(DENY_Y))
    side = judge(evaluate(CLUSTER + both), "z/other", "x/db", 80).ingress
    assert (side.verdict.value, side.reason) == ("unknown", Reason.CONFLICT)
    assert {ref.policy.name for ref in side.decided_by} == {"p", "q"}
    assert asked(both, source="x/web") == "allow"


def test_there_is_no_conflict_where_the_outcomes_agree() -> None:
    assert asked(cnp("p", ingress(DENY_Y)) + anp("q", ingress(DENY_Y))) == "deny"
    assert asked(OPENING + cnp("p", ingress(ACCEPT_Y)) + cnp("q", ingress(PASS_Y))) == "allow"
    assert asked(ISOLATING + cnp("p", ingress(DENY_Y)) + cnp("q", ingress(PASS_Y))) == "deny"
    assert asked(ISOLATING + cnp("p", ingress(ACCEPT_Y)) + cnp("q", ingress(PASS_Y))) == "unknown"
    assert asked(cnp("p", ingress(ACCEPT_Y)) + cnp("q", ingress(DENY_Y), tier="Baseline")) == "allow"


def test_a_deny_on_one_side_beats_an_unknown_on_the_other() -> None:
    both = cnp("p", ingress(ACCEPT_Y)) + cnp("q", ingress(DENY_Y))
    out = cnp("r", egress("{action: Deny, to: [{namespaces: {matchLabels: {team: red}}}]}"), priority=9)
    assert asked(both + out) == "deny"


def test_the_baseline_that_has_no_priority_may_come_before_any_other_or_after_it() -> None:
    opened = cnp("p", ingress(ACCEPT_Y), tier="Baseline")
    assert asked(opened + banp(ingress(DENY_Y))) == "unknown"
    assert asked(opened + banp(ingress(ACCEPT_Y.replace("Accept", "Allow")))) == "allow"


# Subjects and peers


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("{namespaces: {matchLabels: {team: red}}}", "deny"),
        ("{namespaces: {matchLabels: {team: blue}}}", "allow"),
        ("{pods: {podSelector: {matchLabels: {app: db}}}}", "deny"),
        ("{pods: {namespaceSelector: {matchLabels: {team: red}}, podSelector: {}}}", "deny"),
        (
            "{pods: {namespaceSelector: {matchLabels: {team: red}}, podSelector: {matchLabels: {app: web}}}}",
            "allow",
        ),
        (
            "{pods: {namespaceSelector: {matchLabels: {team: blue}}, podSelector: {matchLabels: {app: db}}}}",
            "allow",
        ),
    ],
)
def test_a_subject_is_pods_by_namespace_or_by_both_selectors(subject: str, expected: str) -> None:
    assert asked(cnp("p", ingress(DENY_Y), subject=subject)) == expected


def test_host_network_pods_are_no_subjects_and_match_no_selector() -> None:
    assert asked(cnp("p", ingress(DENY_Y)), source="z/host") == "allow"
    assert asked(cnp("p", ingress(DENY_Y)), destination="z/host") == "allow"
    assert (
        asked(
            cnp("p", egress("{action: Deny, to: [{namespaces: {}}]}")), source="x/web", destination="z/host"
        )
        == "allow"
    )


def test_networks_match_addresses_outside_and_those_of_pods() -> None:
    out = cnp("p", egress("{action: Deny, to: [{networks: [10.0.0.0/24, 192.168.0.0/16]}]}"))
    assert asked(out, "x/web", "10.0.0.99") == "deny"
    assert asked(out, "x/web", "x/db") == "deny"
    assert asked(out, "x/web", "z/host") == "deny"
    assert asked(out, "x/web", "z/other") == "allow"


NODES = (
    "---\napiVersion: v1\nkind: Node\nmetadata: {name: n1, labels: {role: edge}}\n"
    "status: {addresses: [{type: InternalIP, address: 192.168.0.1}]}\n"
    "---\napiVersion: v1\nkind: Node\nmetadata: {name: n2}\n"
    "status: {addresses: [{type: InternalIP, address: 192.168.0.2}]}\n"
)


def test_nodes_are_their_addresses_and_the_host_network_pods_on_them() -> None:
    out = cnp("p", egress("{action: Deny, to: [{nodes: {matchLabels: {role: edge}}}]}"))
    for destination, expected in (
        ("192.168.0.1", "deny"),
        ("192.168.0.2", "allow"),
        ("8.8.8.8", "allow"),
        ("z/host", "deny"),
        ("x/db", "allow"),
    ):
        assert asked(NODES + out, "x/web", destination) == expected
    # No node at all was read: which addresses are those of nodes nobody knows.
    assert asked(out, "x/web", "192.168.0.2") == "unknown"
    assert asked(out, "x/web", "z/host") == "unknown"
    assert asked(out, "x/web", "x/db") == "allow"


def test_domain_names_match_only_names() -> None:
    rules = egress(
        "{action: Accept, to: [{domainNames: ['*.example.com', exact.org]}]}",
        "{action: Deny, to: [{networks: [0.0.0.0/0]}]}",
    )
    evaluation = evaluate(CLUSTER + cnp("p", rules))
    web = the_pod(evaluation, "x/web")
    assert web is not None

    def to(name: str, port: int = 443) -> str:
        return connection(evaluation.policies, web, DomainName(name), "TCP", port).verdict.value

    assert [to("www.example.com"), to("a.b.example.com"), to("exact.org")] == ["allow"] * 3
    assert [to("example.com"), to("www.exact.org"), to("badexample.com")] == ["deny"] * 3
    assert verdict(evaluation, "x/web", "93.184.216.34", 443) == "deny"


def test_a_name_may_lead_anywhere() -> None:
    evaluation = evaluate(CLUSTER + cnp("p", egress("{action: Deny, to: [{networks: [10.9.0.0/16]}]}")))
    web = the_pod(evaluation, "x/web")
    assert web is not None
    assert connection(evaluation.policies, web, DomainName("a.b"), "TCP", 80).verdict.value == "unknown"


# Ports


@pytest.mark.parametrize(
    ("protocols", "port", "protocol", "expected"),
    [
        ("[{tcp: {destinationPort: {number: 80}}}]", 80, "TCP", "deny"),
        ("[{tcp: {destinationPort: {number: 80}}}]", 80, "UDP", "allow"),
        ("[{udp: {destinationPort: {range: {start: 79, end: 81}}}}]", 81, "UDP", "deny"),
        ("[{sctp: {destinationPort: {range: {start: 79, end: 81}}}}]", 82, "SCTP", "allow"),
        ("[{destinationNamedPort: http}]", 80, "TCP", "deny"),
        ("[{destinationNamedPort: http}]", 80, "UDP", "allow"),
        ("[{destinationNamedPort: dns}]", 53, "UDP", "deny"),
        ("[{destinationNamedPort: none}]", 80, "TCP", "allow"),
    ],
)
def test_ports_of_the_newer_version(protocols: str, port: int, protocol: str, expected: str) -> None:
    rule = f"{{action: Deny, from: [{{namespaces: {{}}}}], protocols: {protocols}}}"
    assert asked(cnp("p", ingress(rule)), port=port, protocol=protocol) == expected


@pytest.mark.parametrize(
    ("ports", "port", "protocol", "expected"),
    [
        ("[{portNumber: {port: 80}}]", 80, "TCP", "deny"),
        ("[{portNumber: {protocol: UDP, port: 80}}]", 80, "TCP", "allow"),
        ("[{portRange: {protocol: UDP, start: 50, end: 60}}]", 53, "UDP", "deny"),
        ("[{namedPort: dns}]", 53, "UDP", "deny"),
        ("[{namedPort: dns}]", 53, "TCP", "allow"),
    ],
)
def test_ports_of_the_older_version(ports: str, port: int, protocol: str, expected: str) -> None:
    rule = f"{{action: Deny, from: [{{namespaces: {{}}}}], ports: {ports}}}"
    assert asked(anp("p", ingress(rule)), port=port, protocol=protocol) == expected


# What lies outside all tiers


def test_a_pod_reaching_itself_and_its_own_node_are_outside_the_tiers() -> None:
    deny = "{action: Deny, from: [{namespaces: {}}]}"
    assert asked(cnp("p", ingress(deny)), source="x/db", destination="x/db") == "allow"
    own = pod("near", "10.0.0.9", more="nodeName: n1") + pod("far", "10.0.0.8", more="nodeName: n2")
    closed = cnp("p", ingress("{action: Deny, from: [{services: {}}]}"))  # fails closed: everybody is denied
    evaluation = evaluate(CLUSTER + own + closed)
    assert verdict(evaluation, "z/host", "x/near", 80) == "allow"
    assert verdict(evaluation, "z/host", "x/far", 80) == "deny"
    assert verdict(evaluation, "8.8.8.8", "x/near", 80) == "deny"


# What is not understood


UNKNOWN_PEERS = (
    "from: [{services: {}}]",
    "from: [{namespaces: {}}, {}]",
    "from: [{namespaces: {}, pods: {podSelector: {}}}]",
)


@pytest.mark.parametrize("peers", UNKNOWN_PEERS)
def test_a_rule_with_a_peer_that_is_not_understood_fails_closed(peers: str) -> None:
    for action, source, expected in (
        ("Accept", "z/other", "deny"),  # it matches nothing, and the next rule denies
        ("Deny", "x/web", "deny"),
        ("Pass", "x/web", "deny"),
        ("Deny", "8.8.8.8", "deny"),
    ):
        text = cnp("p", ingress(f"{{action: {action}, {peers}}}", DENY_Y))
        evaluation = evaluate(CLUSTER + text)
        assert evaluation.snapshot.problems
        assert verdict(evaluation, source, "x/db", 80) == expected


@pytest.mark.parametrize(
    "entry", ["{icmp: {}}", "{tcp: {sourcePort: 1}}", "{tcp: {destinationPort: {range: {start: 9, end: 3}}}}"]
)
def test_a_rule_with_a_port_that_is_not_understood_fails_closed(entry: str) -> None:
    peers = "from: [{namespaces: {matchLabels: {team: blue}}}]"
    closed = evaluate(CLUSTER + cnp("p", ingress(f"{{action: Deny, {peers}, protocols: [{entry}]}}")))
    assert [verdict(closed, "x/web", "x/db", port) for port in (80, 1)] == ["deny", "deny"]
    opened = evaluate(
        CLUSTER + ISOLATING + cnp("p", ingress(f"{{action: Accept, {peers}, protocols: [{entry}]}}"))
    )
    assert verdict(opened, "z/other", "x/db", 80) == "deny"


@pytest.mark.parametrize(
    "spec",
    [
        "{tier: Admin, priority: 1, subject: {namespaces: {}, pods: {podSelector: {}}}, "
        + ingress(DENY_Y)
        + "}",
        "{tier: Admin, priority: 1, subject: {}, " + ingress(DENY_Y) + "}",
        "{tier: Other, priority: 1, subject: {namespaces: {}}, " + ingress(DENY_Y) + "}",
        "{tier: Admin, subject: {namespaces: {}}, " + ingress(DENY_Y) + "}",
    ],
)
def test_a_policy_of_which_nobody_can_say_when_or_for_whom_it_decides_is_named_and_decides_nothing(
    spec: str,
) -> None:
    text = f"---\napiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {{name: p}}\nspec: {spec}\n"
    evaluation = evaluate(CLUSTER + text)
    assert evaluation.snapshot.problems
    assert verdict(evaluation, "z/other", "x/db", 80) == "allow"
    assert [str(ref) for ref in evaluation.snapshot.faulty] == ["ClusterNetworkPolicy p"]


def test_another_baseline_than_default_decides_nothing() -> None:
    evaluation = evaluate(CLUSTER + banp(ingress(DENY_Y)).replace("name: default", "name: other"))
    assert verdict(evaluation, "z/other", "x/db", 80) == "allow"
    assert "there is only one in a cluster" in str(evaluation.snapshot.problems[0])


def test_a_priority_out_of_bounds_still_says_which_decides_first() -> None:
    evaluation = evaluate(
        CLUSTER + cnp("p", ingress(DENY_Y), priority=1001) + cnp("q", ingress(ACCEPT_Y), priority=1000)
    )
    assert [problem.field for problem in evaluation.snapshot.problems] == ["spec.priority"]
    assert verdict(evaluation, "z/other", "x/db", 80) == "allow"


def test_the_kind_of_another_group_is_none_of_these() -> None:
    text = cnp("p", ingress(DENY_Y)).replace(
        "policy.networking.k8s.io/v1alpha2", "networking.k8s.aws/v1alpha1"
    )
    evaluation = evaluate(CLUSTER + text)
    assert not evaluation.snapshot.tiered_policies
    assert verdict(evaluation, "z/other", "x/db", 80) == "allow"
    assert [policy.kind for policy in evaluation.snapshot.unevaluated] == ["ClusterNetworkPolicy"]


def test_a_version_that_is_not_known_is_not_evaluated() -> None:
    text = cnp("p", ingress(DENY_Y)).replace("v1alpha2", "v1beta1")
    evaluation = evaluate(CLUSTER + text)
    assert not evaluation.snapshot.tiered_policies
    assert evaluation.snapshot.unevaluated


def test_labels_of_a_namespace_that_could_not_be_read_leave_it_open_for_whom_a_policy_is() -> None:
    unread = SPACES.replace("{name: z, labels: {team: 'blue'}}", "{name: z, labels: {team: 1}}")
    evaluation = evaluate(unread + PODS + cnp("p", ingress(DENY_Y)))
    assert verdict(evaluation, "z/other", "x/db", 80) == "unknown"
    assert verdict(evaluation, "x/web", "x/db", 80) == "allow"
