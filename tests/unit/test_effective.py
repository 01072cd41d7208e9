"""The effective rules of a pod: merged for reading, with every source kept and nothing left implicit."""

from __future__ import annotations

import pytest

from policy_core.details.pod import PodDetail, pod_detail
from policy_core.model import Direction
from policy_core.report.json import pod_json
from tests.clusters import evaluate, namespace, pod, policy, the_pod

DB = pod("db", "10.0.0.1", app="db").replace(
    "{name: c}", "{name: c, ports: [{name: mysql, containerPort: 3306}]}"
)
WEB = pod("web-1", "10.0.0.2", app="web") + pod("web-2", "10.0.0.3", app="web")
OTHER = pod("other", "10.0.0.4", app="other")
FROM_WEB = "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 3306}]}]}"


def detail(text: str, name: str = "x/db") -> PodDetail:
    cluster = evaluate(text)
    found = the_pod(cluster, name)
    assert found is not None
    return pod_detail(cluster, found)


def test_a_rule_tells_peers_ports_sources_and_the_pods_that_match_now() -> None:
    found = detail(DB + WEB + OTHER + policy("allow-web", FROM_WEB))
    [rule] = found.ingress.rules
    assert [p.name for p in rule.pods] == ["web-1", "web-2"]
    assert str(rule.ports) == "TCP 3306"
    assert [str(source) for source in rule.sources] == ["NetworkPolicy x/allow-web ingress[0]"]
    assert found.ingress.isolated
    assert not found.egress.isolated
    assert found.egress.rules == ()


def test_equal_rules_of_several_policies_are_one_with_all_sources() -> None:
    other_words = FROM_WEB.replace(
        "matchLabels: {app: web}", "matchExpressions: [{key: app, operator: In, values: [web]}]"
    )
    found = detail(DB + WEB + policy("p", FROM_WEB) + policy("q", other_words))
    [rule] = found.ingress.rules
    assert [source.policy.name for source in rule.sources] == ["p", "q"]


def test_rules_that_differ_in_ports_stay_apart() -> None:
    found = detail(DB + WEB + policy("p", FROM_WEB) + policy("q", FROM_WEB.replace("3306", "3307")))
    assert [str(rule.ports) for rule in found.ingress.rules] == ["TCP 3306", "TCP 3307"]


def test_named_ports_are_shown_resolved() -> None:
    found = detail(DB + WEB + policy("p", FROM_WEB.replace("3306", "mysql")))
    [named] = found.ingress.rules[0].named
    assert (named.name, named.numbers, named.unresolved) == ("mysql", ((3306, 1),), 0)
    assert pod_json(found)["ingress"]["rules"][0]["ports"] == [
        {"protocol": "TCP", "from": 3306, "to": 3306, "name": "mysql"}
    ]


def test_egress_names_resolve_on_every_destination() -> None:
    apart = DB.replace("name: db,", "name: db2,").replace("10.0.0.1", "10.0.0.9").replace("3306", "13306")
    rule = "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}], ports: [{port: mysql}]}]}"
    found = detail(DB + apart + WEB + policy("p", rule), "x/web-1")
    [named] = found.egress.rules[0].named
    assert (named.numbers, named.unresolved) == (((3306, 1), (13306, 1)), 1)  # web-2


def test_each_peer_counts_its_own_pods() -> None:
    spec = "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}, {podSelector: {matchLabels: {app: other}}}]}]}"
    [rule] = detail(DB + WEB + OTHER + policy("p", spec)).ingress.rules
    assert [len(peer.pods) for peer in rule.peers] == [2, 1]


def test_the_pod_itself_is_not_among_its_peers() -> None:
    [rule] = detail(
        DB + WEB + policy("p", "{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}")
    ).ingress.rules
    assert [p.name for p in rule.pods] == ["web-1", "web-2"]


def test_pods_that_may_match_are_kept_apart() -> None:
    spec = "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}"
    found = detail(DB + WEB + pod("new", app="new") + policy("p", spec))
    [peer] = found.ingress.rules[0].peers
    assert [p.name for p in peer.pods] == ["web-1", "web-2"]
    assert [p.name for p in peer.possible] == ["new"]
    assert any("is unknown" in caveat for caveat in found.caveats)


def test_json_states_what_happens_to_everything_else() -> None:
    told = pod_json(detail(DB + WEB + policy("allow-web", FROM_WEB)))
    assert (told["ingress"]["isolated"], told["ingress"]["otherwise"]) == (True, "deny")
    assert (told["egress"]["isolated"], told["egress"]["otherwise"]) == (False, "allow")
    assert told["ingress"]["rules"][0]["decided_by"] == ["NetworkPolicy x/allow-web ingress[0]"]
    assert told["ingress"]["rules"][0]["pods"] == ["x/web-1", "x/web-2"]


def test_a_workload_without_pods_stands_for_them_and_is_not_counted_twice() -> None:
    deployment = (
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: x}\n"
        "spec: {replicas: 3, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, "
        "spec: {containers: [{name: c}]}}}\n"
    )
    assert [p.kind for p in evaluate(DB + deployment).index.pods] == ["Pod", "Deployment"]
    assert [p.kind for p in evaluate(DB + deployment + WEB).index.pods] == ["Pod", "Pod", "Pod"]
    owned = WEB.replace(
        "namespace: x,",
        "namespace: x, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-5d, uid: u, controller: true}],",
    ).replace("app: 'web'", "app: 'web', pod-template-hash: 5d")
    assert {p.name for p in evaluate(DB + deployment + owned).index.pods} == {"db", "web-1", "web-2"}


def test_objects_of_kinds_that_are_not_evaluated_are_named() -> None:
    cilium = (
        "---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: deny-all, namespace: x}\n"
        "spec: {endpointSelector: {matchLabels: {app: db}}}\n"
    )
    text = namespace("x") + DB + WEB + cilium
    assert pod_json(detail(text))["unevaluated"] == ["CiliumNetworkPolicy x/deny-all"]
    assert pod_json(detail(text, "x/web-1"))["unevaluated"] == []


def test_an_unreadable_selector_counts_as_may_select() -> None:
    calico = (
        "---\napiVersion: crd.projectcalico.org/v1\nkind: GlobalNetworkPolicy\nmetadata: {name: g}\n"
        "spec: {selector: \"has(role) && app like 'x'\"}\n"
    )
    assert pod_json(detail(DB + calico))["unevaluated"] == ["GlobalNetworkPolicy g"]


def test_the_own_node_is_mentioned_where_ingress_is_restricted() -> None:
    found = detail(DB + WEB + policy("p", FROM_WEB))
    assert any("own node" in caveat for caveat in found.caveats)
    assert found.ingress.direction is Direction.INGRESS


TWO_RULES = "{podSelector: {matchLabels: {app: db}}, ingress: [{FIRST}, {SECOND}]}"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("from: [{podSelector: {}}]", "from: [{namespaceSelector: {}, podSelector: {}}]"),
        ("from: [{podSelector: {}}]", "from: [{namespaceSelector: {}}]"),
        ("from: [{podSelector: {}}]", "from: []"),
        (
            "from: [{podSelector: {matchLabels: {a: b}}}]",
            "from: [{podSelector: {matchExpressions: [{key: a, operator: NotIn, values: [b]}]}}]",
        ),
        (
            "from: [{namespaceSelector: {matchLabels: {a: b}}}]",
            "from: [{namespaceSelector: {matchLabels: {a: b}}, podSelector: {matchLabels: {a: b}}}]",
        ),
        (
            "from: [{ipBlock: {cidr: 10.0.0.0/8}}]",
            "from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/9]}}]",
        ),
        ("ports: [{port: 80}]", "ports: [{port: 80, protocol: UDP}]"),
        ("ports: [{port: 80}]", "ports: [{port: 80, endPort: 81}]"),
        ("ports: [{port: 80}]", "ports: [{port: mysql}]"),
        ("ports: []", "ports: [{}]"),
    ],
)
def test_rules_that_differ_stay_apart(first: str, second: str) -> None:
    rules = TWO_RULES.replace("FIRST", first).replace("SECOND", second)
    assert len(detail(DB + WEB + policy("p", rules)).ingress.rules) == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("from: [{namespaceSelector: {}}]", "from: [{namespaceSelector: {}, podSelector: {}}]"),
        (
            "from: [{podSelector: {}}, {ipBlock: {cidr: 10.0.0.0/8}}]",
            "from: [{ipBlock: {cidr: 10.0.0.0/8}}, {podSelector: {}}]",
        ),
        (
            "from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/9]}}]",
            "from: [{ipBlock: {cidr: 10.128.0.0/9}}]",
        ),
        (
            "from: [{podSelector: {matchExpressions: [{key: a, operator: In, values: [b, c]}]}}]",
            "from: [{podSelector: {matchExpressions: [{key: a, operator: In, values: [c, b]}]}}]",
        ),
        ("ports: [{port: 80}]", "ports: [{port: 80, endPort: 80, protocol: TCP}]"),
        ("ports: [{port: 80}, {port: 81}]", "ports: [{port: 81}, {port: 80}]"),
        ("from: []", "ports: []"),
    ],
)
def test_rules_that_say_the_same_in_other_words_are_one(first: str, second: str) -> None:
    rules = TWO_RULES.replace("FIRST", first).replace("SECOND", second)
    [rule] = detail(DB + WEB + policy("p", rules)).ingress.rules
    assert [source.position for source in rule.sources] == [0, 1]


NAMESPACED = {
    "CiliumNetworkPolicy": ("cilium.io/v2", "{endpointSelector: {}}"),
    "AuthorizationPolicy": ("security.istio.io/v1", "{}"),
    "SecurityGroupPolicy": ("vpcresources.k8s.aws/v1beta1", "{podSelector: {}}"),
    "NetworkPolicy": ("crd.projectcalico.org/v1", "{selector: all()}"),
}


@pytest.mark.parametrize("kind", NAMESPACED)
def test_an_object_of_a_namespace_applies_to_no_pod_of_another(kind: str) -> None:
    version, spec = NAMESPACED[kind]
    text = namespace("x") + namespace("w") + DB
    other = f"---\napiVersion: {version}\nkind: {kind}\nmetadata: {{name: p, namespace: w}}\nspec: {spec}\n"
    assert pod_json(detail(text + other))["unevaluated"] == []
    assert len(pod_json(detail(text + other.replace("namespace: w", "namespace: x")))["unevaluated"]) == 1
