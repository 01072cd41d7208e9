"""NetworkPolicy v1, a test for each rule of its API."""

from __future__ import annotations

import pytest

from tests.clusters import evaluate, judge, namespace, pod, policy, verdict

A, B, C = pod("a", "10.0.0.1", app="a"), pod("b", "10.0.0.2", app="b"), pod("c", "10.0.0.3", app="c")
ABC = A + B + C


def test_without_a_policy_everything_is_allowed() -> None:
    cluster = evaluate(ABC)
    assert verdict(cluster, "x/a", "x/b", 80) == "allow"
    assert verdict(cluster, "8.8.8.8", "x/b", 80, "UDP") == "allow"
    assert verdict(cluster, "x/a", "8.8.8.8", 443) == "allow"


def test_a_policy_isolates_only_what_it_selects_and_only_in_its_direction() -> None:
    cluster = evaluate(ABC + policy("p", "{podSelector: {matchLabels: {app: b}}, policyTypes: [Ingress]}"))
    assert verdict(cluster, "x/a", "x/b", 80) == "deny"
    assert verdict(cluster, "x/a", "x/c", 80) == "allow"
    assert verdict(cluster, "x/b", "x/a", 80) == "allow"


def test_policy_types_default_to_ingress_and_to_egress_where_an_egress_rule_exists() -> None:
    ingress_only = evaluate(ABC + policy("p", "{podSelector: {}}"))
    assert verdict(ingress_only, "x/a", "8.8.8.8", 80) == "allow"
    empty_egress = evaluate(ABC + policy("p", "{podSelector: {}, egress: []}"))
    assert verdict(empty_egress, "x/a", "8.8.8.8", 80) == "allow"
    both = evaluate(ABC + policy("p", "{podSelector: {}, egress: [{ports: [{port: 1}]}]}"))
    assert verdict(both, "x/a", "8.8.8.8", 80) == "deny"
    assert verdict(both, "8.8.8.8", "x/a", 80) == "deny"


def test_explicit_ingress_type_ignores_egress_rules() -> None:
    spec = "{podSelector: {}, policyTypes: [Ingress], egress: [{ports: [{port: 1}]}]}"
    assert verdict(evaluate(ABC + policy("p", spec)), "x/a", "8.8.8.8", 80) == "allow"


@pytest.mark.parametrize("rules", ["[]", "null"])
def test_no_rule_of_a_type_in_force_allows_nothing(rules: str) -> None:
    spec = f"{{podSelector: {{}}, policyTypes: [Ingress, Egress], ingress: {rules}, egress: {rules}}}"
    cluster = evaluate(ABC + policy("p", spec))
    assert verdict(cluster, "8.8.8.8", "x/a", 80) == "deny"
    assert verdict(cluster, "x/a", "8.8.8.8", 80) == "deny"


def test_an_empty_rule_allows_everything() -> None:
    spec = "{podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{}], egress: [{}]}"
    cluster = evaluate(ABC + policy("p", spec))
    assert verdict(cluster, "8.8.8.8", "x/a", 9, "SCTP") == "allow"
    assert verdict(cluster, "x/a", "x/b", 9, "UDP") == "allow"


@pytest.mark.parametrize("peers", ["", "from: [], ", "from: null, "])
def test_absent_and_empty_peers_are_anyone(peers: str) -> None:
    cluster = evaluate(
        ABC + policy("p", f"{{podSelector: {{}}, ingress: [{{{peers}ports: [{{port: 80}}]}}]}}")
    )
    assert verdict(cluster, "8.8.8.8", "x/a", 80) == "allow"
    assert verdict(cluster, "8.8.8.8", "x/a", 81) == "deny"


def test_a_peer_with_nothing_in_it_matches_nobody() -> None:
    cluster = evaluate(ABC + policy("p", "{podSelector: {}, ingress: [{from: [{}]}]}"))
    assert verdict(cluster, "x/a", "x/b", 80) == "deny"


def test_the_rules_of_all_selecting_policies_are_united() -> None:
    first = policy("p", "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: a}}}]}]}")
    second = policy("q", "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: c}}}]}]}")
    connection = judge(evaluate(ABC + first + second), "x/c", "x/b", 80)
    assert connection.verdict == "allow"
    assert [str(ref) for ref in connection.ingress.decided_by] == ["NetworkPolicy x/q ingress[0]"]
    assert [ref.name for ref in connection.ingress.selected_by] == ["p", "q"]


def test_a_connection_needs_egress_and_ingress() -> None:
    out = policy("out", "{podSelector: {matchLabels: {app: a}}, policyTypes: [Egress]}")
    connection = judge(evaluate(ABC + out), "x/a", "x/b", 80)
    assert (connection.verdict, connection.egress.verdict, connection.ingress.verdict) == (
        "deny",
        "deny",
        "allow",
    )


def test_replies_need_no_rule() -> None:
    """a may connect to b although b is isolated for egress: answers belong to the connection."""
    closed = policy("closed", "{podSelector: {matchLabels: {app: b}}, policyTypes: [Egress]}")
    assert verdict(evaluate(ABC + closed), "x/a", "x/b", 80) == "allow"


TWO_NAMESPACES = (
    namespace("x", team="one")
    + namespace("w", team="two")
    + ABC
    + pod("a", "10.0.1.1", namespace="w", app="a")
    + pod("z", "10.0.1.2", namespace="w", app="z")
)


@pytest.mark.parametrize(
    ("peers", "allowed"),
    [
        ("[{podSelector: {matchLabels: {app: a}}}]", {"x/a"}),
        ("[{podSelector: {}}]", {"x/a", "x/c"}),
        ("[{namespaceSelector: {matchLabels: {team: two}}}]", {"w/a", "w/z"}),
        ("[{namespaceSelector: {}}]", {"x/a", "x/c", "w/a", "w/z"}),
        (
            "[{namespaceSelector: {matchLabels: {team: two}}, podSelector: {matchLabels: {app: a}}}]",
            {"w/a"},
        ),
        (
            "[{namespaceSelector: {matchLabels: {team: two}}}, {podSelector: {matchLabels: {app: a}}}]",
            {"x/a", "w/a", "w/z"},
        ),
        ("[{namespaceSelector: {}, podSelector: {matchLabels: {app: a}}}]", {"x/a", "w/a"}),
        ("[{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: w}}}]", {"w/a", "w/z"}),
        (
            "[{namespaceSelector: {matchExpressions: [{key: team, operator: NotIn, values: [two]}]}}]",
            {"x/a", "x/c"},
        ),
        ("[{podSelector: {matchExpressions: [{key: app, operator: In, values: [a, c]}]}}]", {"x/a", "x/c"}),
        ("[{podSelector: {matchExpressions: [{key: nope, operator: DoesNotExist}]}}]", {"x/a", "x/c"}),
        ("[{podSelector: {matchExpressions: [{key: nope, operator: NotIn, values: [v]}]}}]", {"x/a", "x/c"}),
        ("[{podSelector: {matchExpressions: [{key: nope, operator: Exists}]}}]", set()),
        (
            "[{podSelector: {matchExpressions: [{key: app, operator: Exists},"
            " {key: app, operator: NotIn, values: [a]}]}}]",
            {"x/c"},
        ),
        ("[{podSelector: {matchExpressions: [{key: app, operator: In, values: []}]}}]", set()),
        ("[{podSelector: {matchExpressions: [{key: app, operator: Like, values: [a]}]}}]", set()),
    ],
)
def test_peers(peers: str, allowed: set[str]) -> None:
    text = TWO_NAMESPACES + policy(
        "p", f"{{podSelector: {{matchLabels: {{app: b}}}}, ingress: [{{from: {peers}}}]}}"
    )
    cluster = evaluate(text)
    sources = ["x/a", "x/c", "w/a", "w/z"]
    assert {source for source in sources if verdict(cluster, source, "x/b", 80) == "allow"} == allowed


def test_namespaces_that_are_only_named_have_their_name_label_and_no_other() -> None:
    text = ABC + pod("a", "10.0.1.1", namespace="w", app="a")
    by_name = policy(
        "p",
        "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: w}}}]}]}",
    )
    by_other = policy(
        "p", "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {name: w}}}]}]}"
    )
    assert verdict(evaluate(text + by_name), "w/a", "x/a", 80) == "allow"
    assert verdict(evaluate(text + by_other), "w/a", "x/a", 80) == "deny"


@pytest.mark.parametrize(
    ("ports", "protocol", "port", "expected"),
    [
        ("[{port: 80}]", "TCP", 80, "allow"),
        ("[{port: 80}]", "UDP", 80, "deny"),
        ("[{port: 80, protocol: UDP}]", "UDP", 80, "allow"),
        ("[{port: 80, protocol: SCTP}]", "SCTP", 80, "allow"),
        ("[{port: 80, protocol: SCTP}]", "TCP", 80, "deny"),
        ("[{}]", "TCP", 65535, "allow"),
        ("[{}]", "UDP", 65535, "deny"),
        ("[{protocol: UDP}]", "UDP", 1, "allow"),
        ("[]", "SCTP", 7, "allow"),
        ("null", "UDP", 7, "allow"),
        ("[{port: 80, endPort: 90}]", "TCP", 90, "allow"),
        ("[{port: 80, endPort: 90}]", "TCP", 80, "allow"),
        ("[{port: 80, endPort: 90}]", "TCP", 91, "deny"),
        ("[{port: 80, endPort: 90}]", "TCP", 79, "deny"),
        ("[{port: 80}, {port: 443}]", "TCP", 443, "allow"),
    ],
)
def test_ports(ports: str, protocol: str, port: int, expected: str) -> None:
    cluster = evaluate(ABC + policy("p", f"{{podSelector: {{}}, ingress: [{{ports: {ports}}}]}}"))
    assert verdict(cluster, "x/a", "x/b", port, protocol) == expected


def with_ports(name: str, ip: str, ports: str, init: str = "") -> str:
    text = pod(name, ip, app=name).replace("{name: c}", f"{{name: c, ports: {ports}}}")
    return text.replace("spec: {", f"spec: {{initContainers: {init}, ") if init else text


NAMED = "[{name: http, containerPort: 8080}, {name: http, containerPort: 8081, protocol: UDP}]"


def test_a_named_port_is_resolved_on_the_destination_by_name_and_protocol() -> None:
    cluster = evaluate(
        A
        + with_ports("b", "10.0.0.2", NAMED)
        + policy("p", "{podSelector: {}, ingress: [{ports: [{port: http}]}]}")
    )
    assert verdict(cluster, "x/a", "x/b", 8080) == "allow"
    assert verdict(cluster, "x/a", "x/b", 8081) == "deny"
    assert verdict(cluster, "x/a", "x/b", 8081, "UDP") == "deny"


def test_a_named_port_that_does_not_resolve_matches_nothing() -> None:
    cluster = evaluate(ABC + policy("p", "{podSelector: {}, ingress: [{ports: [{port: http}]}]}"))
    assert {verdict(cluster, "x/a", "x/b", port) for port in (1, 80, 8080, 65535)} == {"deny"}


def test_an_egress_named_port_resolves_on_each_destination_and_never_outside() -> None:
    two = with_ports("b", "10.0.0.2", NAMED) + with_ports(
        "c", "10.0.0.3", "[{name: http, containerPort: 9090}]"
    )
    rule = "{podSelector: {matchLabels: {app: a}}, policyTypes: [Egress], egress: [{ports: [{port: http}]}]}"
    cluster = evaluate(A + two + policy("p", rule))
    assert verdict(cluster, "x/a", "x/b", 8080) == "allow"
    assert verdict(cluster, "x/a", "x/b", 9090) == "deny"
    assert verdict(cluster, "x/a", "x/c", 9090) == "allow"
    assert verdict(cluster, "x/a", "8.8.8.8", 8080) == "deny"


def test_named_ports_of_restartable_init_containers_count_and_of_others_do_not() -> None:
    init = (
        "[{name: once, ports: [{name: setup, containerPort: 1000}]},"
        " {name: proxy, restartPolicy: Always, ports: [{name: proxy, containerPort: 2000}]}]"
    )
    rule = "{podSelector: {}, ingress: [{ports: [{port: setup}, {port: proxy}]}]}"
    cluster = evaluate(A + with_ports("b", "10.0.0.2", "[]", init) + policy("p", rule))
    assert verdict(cluster, "x/a", "x/b", 1000) == "deny"
    assert verdict(cluster, "x/a", "x/b", 2000) == "allow"


def test_of_a_port_name_declared_twice_the_first_counts() -> None:
    twice = "[{name: http, containerPort: 1}, {name: http, containerPort: 2}]"
    cluster = evaluate(
        A
        + with_ports("b", "10.0.0.2", twice)
        + policy("p", "{podSelector: {}, ingress: [{ports: [{port: http}]}]}")
    )
    assert [verdict(cluster, "x/a", "x/b", port) for port in (1, 2)] == ["allow", "deny"]


def test_an_ip_block_matches_pods_and_except_narrows_its_own_peer_only() -> None:
    blocks = "[{ipBlock: {cidr: 10.0.0.0/24, except: [10.0.0.1/32]}}]"
    cluster = evaluate(ABC + policy("p", f"{{podSelector: {{}}, ingress: [{{from: {blocks}}}]}}"))
    assert verdict(cluster, "x/c", "x/b", 80) == "allow"
    assert verdict(cluster, "x/a", "x/b", 80) == "deny"
    assert verdict(cluster, "10.0.1.1", "x/b", 80) == "deny"
    united = "[{ipBlock: {cidr: 10.0.0.0/24, except: [10.0.0.1/32]}}, {podSelector: {matchLabels: {app: a}}}]"
    cluster = evaluate(ABC + policy("p", f"{{podSelector: {{}}, ingress: [{{from: {united}}}]}}"))
    assert verdict(cluster, "x/a", "x/b", 80) == "allow"


def test_pods_with_equal_labels_fall_apart_where_an_ip_block_cuts_between_them() -> None:
    twins = pod("t1", "10.1.0.1", app="t") + pod("t2", "10.2.0.1", app="t")
    cluster = evaluate(
        B + twins + policy("p", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.1.0.0/16}}]}]}")
    )
    assert verdict(cluster, "x/t1", "x/b", 80) == "allow"
    assert verdict(cluster, "x/t2", "x/b", 80) == "deny"


def test_address_families_are_judged_apart_and_differ_as_partial() -> None:
    dual = pod("a", "10.0.0.1,fd00::1", app="a") + pod("b", "10.0.0.2,fd00::2", app="b")
    one = policy(
        "p", "{podSelector: {matchLabels: {app: b}}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}"
    )
    connection = judge(evaluate(dual + one), "x/a", "x/b", 80)
    assert connection.verdict == "partial"
    verdicts = {family: sides.verdict for family, sides in connection.by_family.items()}
    assert verdicts == {4: "allow", 6: "deny"}
    assert verdict(evaluate(dual + one), "10.9.9.9", "x/b", 80) == "allow"
    assert verdict(evaluate(dual + one), "fd00::9", "x/b", 80) == "deny"


def test_an_ipv6_block_never_matches_an_ipv4_address() -> None:
    cluster = evaluate(
        ABC + policy("p", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: '2001:db8::/32'}}]}]}")
    )
    assert verdict(cluster, "x/a", "x/b", 80) == "deny"
    assert verdict(cluster, "32.1.13.184", "x/b", 80) == "deny"


def test_ends_without_a_common_address_family_do_not_connect() -> None:
    cluster = evaluate(A + pod("six", "fd00::1", app="six"))
    assert verdict(cluster, "x/a", "x/six", 80) == "deny"


def test_what_depends_on_an_address_that_is_not_known_is_unknown() -> None:
    rule = "{podSelector: {matchLabels: {app: b}}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}"
    cluster = evaluate(B + pod("new", app="new") + policy("p", rule))
    assert verdict(cluster, "x/new", "x/b", 80) == "unknown"
    also = policy(
        "q",
        "{podSelector: {matchLabels: {app: b}}, ingress: [{from: [{podSelector: {matchLabels: {app: new}}}]}]}",
    )
    cluster = evaluate(B + pod("new", app="new") + policy("p", rule) + also)
    assert verdict(cluster, "x/new", "x/b", 80) == "allow"


def test_families_that_differ_are_unknown_where_an_end_has_no_address() -> None:
    """Whether a and b will share IPv6 at all hangs on the address that a will get."""
    out = policy(
        "p",
        "{podSelector: {matchLabels: {app: a}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}",
    )
    dual = pod("b", "10.0.0.2,fd00::2", app="b")
    assert verdict(evaluate(pod("a", app="a") + dual + out), "x/a", "x/b", 80) == "unknown"
    assert verdict(evaluate(pod("a", "10.0.0.1", app="a") + dual + out), "x/a", "x/b", 80) == "allow"


def test_a_pod_reaching_itself_is_outside_policy() -> None:
    cluster = evaluate(A + policy("p", "{podSelector: {}, policyTypes: [Ingress, Egress]}"))
    assert verdict(cluster, "x/a", "x/a", 80) == "allow"


HOST = pod("host", "192.168.0.1", app="host", more="hostNetwork: true, nodeName: n1")
ON_N1 = pod("b", "10.0.0.2", app="b", more="nodeName: n1")
ON_N2 = pod("c", "10.0.0.3", app="c", more="nodeName: n2")
CLOSED = policy("p", "{podSelector: {}, policyTypes: [Ingress, Egress]}")


def test_traffic_from_the_own_node_is_let_in_but_egress_to_the_node_is_judged() -> None:
    cluster = evaluate(HOST + ON_N1 + ON_N2 + CLOSED)
    assert verdict(cluster, "x/host", "x/b", 80) == "allow"
    assert verdict(cluster, "x/host", "x/c", 80) == "deny"
    assert verdict(cluster, "x/b", "x/host", 80) == "deny"


def test_host_network_pods_are_not_isolated_and_no_selector_matches_them() -> None:
    by_label = policy("p", "{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}")
    cluster = evaluate(A + HOST + ON_N2 + by_label)
    assert verdict(cluster, "8.8.8.8", "x/host", 80) == "allow"
    assert verdict(cluster, "x/host", "x/c", 80) == "deny"
    by_block = policy("p", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 192.168.0.1/32}}]}]}")
    assert verdict(evaluate(HOST + ON_N2 + by_block), "x/host", "x/c", 80) == "allow"


def test_a_host_network_source_on_an_unknown_node_is_unknown_rather_than_denied() -> None:
    somewhere = pod("host", "192.168.0.1", app="host", more="hostNetwork: true")
    assert verdict(evaluate(somewhere + ON_N1 + CLOSED), "x/host", "x/b", 80) == "unknown"


def test_finished_pods_are_no_peers_and_no_subjects() -> None:
    done = pod("done", "10.0.0.9", app="done").replace("Running", "Succeeded")
    cluster = evaluate(A + done + policy("p", "{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}"))
    assert [p.name for p in cluster.index.pods] == ["a"]
    assert cluster.policies.selecting(cluster.pods["Pod", "x", "done"], "ingress") == ()  # type: ignore[index,arg-type]


def test_a_policy_does_not_reach_into_another_namespace() -> None:
    other = pod("b", "10.0.1.1", namespace="w", app="b")
    cluster = evaluate(A + other + policy("p", "{podSelector: {}}"))
    assert verdict(cluster, "x/a", "w/b", 80) == "allow"


def test_namespace_labels_that_could_not_be_read_make_the_verdict_unknown() -> None:
    import dataclasses

    from policy_core.evaluation import Evaluation

    rule = "{podSelector: {matchLabels: {app: b}}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: two}}}]}]}"
    seen = evaluate(TWO_NAMESPACES + policy("p", rule))
    assert verdict(seen, "w/a", "x/b", 80) == "allow"
    unread = dataclasses.replace(seen.snapshot.namespaces["w"], labels_known=False)
    spaces = {**seen.snapshot.namespaces, "w": unread}
    hidden = Evaluation.of(dataclasses.replace(seen.snapshot, namespaces=spaces))
    assert verdict(hidden, "w/a", "x/b", 80) == "unknown"
    assert verdict(hidden, "x/a", "x/b", 80) == "deny"
