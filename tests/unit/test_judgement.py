"""Connections to Services, from workloads and from outside: every way that they may take counts."""

from __future__ import annotations

import pytest

from policy_core.ends import EndError, Ends
from policy_core.judgement import Judgement, judge
from policy_core.model import Direction
from policy_core.translation import Entry, Obstacle
from tests.clusters import evaluate, namespace, pod, policy, service
from tests.unit.test_workloads import DEPLOYMENT, HASHED, REPLICA_SET, live, owned_by

HTTP = "ports: [{name: http, containerPort: 8080}]"


def web(name: str, ip: str, *, ready: bool = True, ports: str = HTTP, more: str = "", **labels: str) -> str:
    text = pod(name, ip, more=more, **({"app": "web"} | labels)).replace("{name: c}", f"{{name: c, {ports}}}")
    return text.replace("phase: Running", f"phase: Running, conditions: [{{type: Ready, status: '{ready}'}}]")


CLIENT = pod("client", "10.0.0.9", app="client")
TWO = web("w1", "10.0.0.1") + web("w2", "10.0.0.2", tier="b")
SELECT = "selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]"
SERVICE = service("s", f"{{{SELECT}}}")
NO_INGRESS = policy("closed", "{podSelector: {matchLabels: {app: web}}}")
HALF = policy("half", "{podSelector: {matchLabels: {tier: b}}}")


def judged(text: str, source: str, to: str, port: int = 80, protocol: str = "TCP") -> Judgement:
    evaluation = evaluate(text)
    ends = Ends(evaluation, "x")
    return judge(evaluation, ends.find(source), ends.find(to), protocol, port)


def verdict(text: str, source: str = "client", to: str = "service:s", port: int = 80) -> str:
    return judged(text, source, to, port).verdict.value


# Every endpoint counts -------------------------------------------------------------------------------------


def test_a_service_is_allowed_where_every_endpoint_is() -> None:
    assert verdict(CLIENT + TWO + SERVICE) == "allow"


def test_it_is_denied_where_none_is() -> None:
    found = judged(CLIENT + TWO + SERVICE + NO_INGRESS, "client", "service:s")
    assert (found.verdict, found.side(Direction.EGRESS), found.side(Direction.INGRESS)) == (
        "deny",
        "allow",
        "deny",
    )
    assert [str(ref) for ref in found.decided_by] == ["NetworkPolicy x/closed"]


def test_it_is_partial_where_some_are() -> None:
    found = judged(CLIENT + TWO + SERVICE + HALF, "client", "service:s")
    assert found.verdict == "partial"
    assert [(way.verdict, [end.name for end in way.destinations]) for way in found.ways] == [  # type: ignore[union-attr]
        ("allow", ["w1"]),
        ("deny", ["w2"]),
    ]


def test_endpoints_that_are_not_ready_do_not_count_beside_ready_ones() -> None:
    text = CLIENT + web("w1", "10.0.0.1") + web("w2", "10.0.0.2", ready=False, tier="b") + SERVICE
    assert verdict(text + HALF) == "allow"


def test_without_a_ready_endpoint_it_is_denied_and_policy_is_told_all_the_same() -> None:
    found = judged(CLIENT + web("w1", "10.0.0.1", ready=False) + SERVICE, "client", "service:s")
    assert found.translation is not None
    assert (found.verdict, found.translation.obstacle) == ("deny", Obstacle.NOT_READY)
    assert found.side(Direction.INGRESS) == "allow"
    assert found.decided_by == ()


def test_without_any_endpoint_it_is_denied_and_there_is_nothing_to_judge() -> None:
    found = judged(CLIENT + SERVICE, "client", "service:s")
    assert found.translation is not None
    assert (found.verdict, found.translation.obstacle) == ("deny", Obstacle.NO_ENDPOINT)
    assert found.side(Direction.EGRESS) == "unknown"


def test_a_port_that_the_service_does_not_have_leads_nowhere() -> None:
    found = judged(CLIENT + TWO + SERVICE, "client", "service:s", 8080)
    assert found.translation is not None
    assert (found.verdict, found.translation.obstacle) == ("deny", Obstacle.NO_SUCH_PORT)
    assert judged(CLIENT + TWO + SERVICE, "client", "service:s", 80, "UDP").verdict == "deny"


def test_policy_sees_the_target_port() -> None:
    on = "{podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: %d}]}]}"
    assert verdict(CLIENT + TWO + SERVICE + policy("p", on % 80)) == "deny"
    assert verdict(CLIENT + TWO + SERVICE + policy("p", on % 8080)) == "allow"


def test_a_named_target_resolves_on_each_endpoint_and_leads_to_those_that_have_it() -> None:
    by_name = service("s", "{selector: {app: web}, ports: [{port: 80, targetPort: http}]}")
    other = web("w2", "10.0.0.2", ports="ports: [{name: http, containerPort: 9090}]")
    nameless = web("w3", "10.0.0.3", ports="ports: []")
    found = judged(CLIENT + web("w1", "10.0.0.1") + other + nameless + by_name, "client", "service:s")
    assert found.translation is not None
    assert [arrival.port for arrival in found.translation.arrivals] == [8080, 9090]
    assert (found.verdict, found.translation.nameless) == ("allow", 1)
    none = judged(CLIENT + nameless + by_name, "client", "service:s")
    assert none.translation is not None
    assert (none.verdict, none.translation.obstacle) == ("deny", Obstacle.NO_TARGET)


def test_a_headless_service_translates_nothing() -> None:
    headless = service("s", f"{{clusterIP: None, {SELECT}}}")
    on = "{podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: 8080}]}]}"
    text = CLIENT + TWO + headless + policy("p", on)
    assert verdict(text, port=80) == "deny"
    assert verdict(text, port=8080) == "allow"


def test_a_dns_name_leads_where_nobody_knows() -> None:
    name = service("s", "{type: ExternalName, externalName: db.example.com}")
    assert verdict(CLIENT + name) == "allow"
    out = "{podSelector: {}, policyTypes: [Egress], egress: [%s]}"
    assert verdict(CLIENT + name + policy("e", out % "")) == "deny"
    assert verdict(CLIENT + name + policy("e", out % "{ports: [{port: 443}]}")) == "deny"
    assert verdict(CLIENT + name + policy("e", out % "{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}")) == "unknown"
    assert verdict(CLIENT + name + policy("e", out % "{to: [{podSelector: {}}]}")) == "unknown"
    assert verdict(CLIENT + name + policy("e", out % "{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}")) == "allow"


def test_a_pod_that_gets_back_to_itself_is_judged_through_a_service_only() -> None:
    closed = web("w1", "10.0.0.1") + SERVICE + service("h", f"{{clusterIP: None, {SELECT}}}") + NO_INGRESS
    assert verdict(closed, "w1", "w1", 8080) == "allow"
    assert verdict(closed, "w1", "service:s") == "deny"
    assert verdict(closed, "w1", "service:h", 8080) == "allow"


def test_an_endpoint_that_was_not_read_makes_it_unknown() -> None:
    slices = (
        "---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n"
        "metadata: {name: s-1, namespace: x, labels: {kubernetes.io/service-name: s}}\naddressType: IPv4\n"
        "ports: [{name: http, port: 8080}]\n"
        "endpoints: [{addresses: [10.9.9.9], targetRef: {kind: Pod, name: gone, namespace: x}}]\n"
    )
    assert verdict(CLIENT + SERVICE + slices) == "unknown"
    outside = slices.replace(", targetRef: {kind: Pod, name: gone, namespace: x}", "")
    assert verdict(CLIENT + SERVICE + outside) == "allow"


def test_internal_traffic_policy_local_leads_to_the_own_node_only() -> None:
    local = service("s", f"{{internalTrafficPolicy: Local, {SELECT}}}")

    def placed(client: str, backend: str) -> str:
        return (
            pod("client", "10.0.0.9", app="client", more=f"nodeName: {client}" if client else "")
            + web("w1", "10.0.0.1", more=f"nodeName: {backend}" if backend else "")
            + local
        )

    assert verdict(placed("n1", "n1")) == "allow"
    assert verdict(placed("n1", "n2")) == "deny"
    assert verdict(placed("n1", "")) == "unknown"
    assert verdict(placed("", "n1")) == "unknown"
    assert verdict(placed("", "n1") + NO_INGRESS) == "deny"


# From outside ----------------------------------------------------------------------------------------------

OUTSIDE = "203.0.113.7"


def exposed(spec: str) -> str:
    return TWO + service("s", f"{{{spec}, {SELECT}}}")


def entered(text: str, port: int = 80) -> tuple[str, Entry]:
    found = judged(text, OUTSIDE, "service:s", port)
    assert found.translation is not None
    return found.verdict.value, found.translation.entry


def test_nothing_leads_to_a_cluster_address_from_outside() -> None:
    assert entered(TWO + SERVICE) == ("deny", Entry.NONE)
    assert entered(exposed("clusterIP: None")) == ("deny", Entry.NONE)


def test_a_node_port_is_entered_by_its_number_or_the_services() -> None:
    text = TWO + service(
        "s", "{type: NodePort, selector: {app: web}, ports: [{port: 80, targetPort: 8080, nodePort: 30080}]}"
    )
    assert entered(text) == ("allow", Entry.NODE_PORT)
    assert entered(text, 30080) == ("allow", Entry.NODE_PORT)
    assert entered(text, 30081) == ("deny", Entry.NONE)


def test_load_balancers_and_external_addresses_lead_in() -> None:
    assert entered(exposed("type: LoadBalancer")) == ("allow", Entry.LOAD_BALANCER)
    assert entered(exposed("externalIPs: [198.51.100.1]")) == ("allow", Entry.EXTERNAL_IP)


def test_source_ranges_keep_clients_out_of_the_load_balancer_but_not_of_its_node_port() -> None:
    spec = (
        "{type: LoadBalancer, loadBalancerSourceRanges: [%s], selector: {app: web}, "
        "ports: [{port: 80, targetPort: 8080, nodePort: 30080}]}"
    )
    assert entered(TWO + service("s", spec % "203.0.113.0/24")) == ("allow", Entry.LOAD_BALANCER)
    shut = TWO + service("s", spec % "198.51.100.0/24")
    found = judged(shut, OUTSIDE, "service:s")
    assert found.translation is not None
    assert (found.verdict, found.translation.obstacle) == ("deny", Obstacle.SOURCE_RANGE)
    assert found.translation.node_port_past_ranges == 30080
    assert entered(shut, 30080) == ("allow", Entry.NODE_PORT)
    assert entered(TWO + service("s", spec % "nonsense")) == ("deny", Entry.LOAD_BALANCER)


@pytest.mark.parametrize(
    ("rule", "cluster", "local"),
    [
        ("{}", "allow", "allow"),
        ("{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}", "allow", "allow"),
        ("{from: [{ipBlock: {cidr: 203.0.113.0/24}}]}", "unknown", "allow"),
        ("{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}", "unknown", "deny"),
        ("{from: [{ipBlock: {cidr: '::/0'}}]}", "deny", "deny"),
        ("{from: [{podSelector: {}}]}", "deny", "deny"),
        ("{ports: [{port: 80}]}", "deny", "deny"),
        ("{ports: [{port: http}]}", "allow", "allow"),
    ],
)
def test_external_traffic_policy_tells_which_address_policy_sees(rule: str, cluster: str, local: str) -> None:
    closed = policy("p", f"{{podSelector: {{matchLabels: {{app: web}}}}, ingress: [{rule}]}}")
    for traffic, expected in (("Cluster", cluster), ("Local", local)):
        spec = f"type: LoadBalancer, externalTrafficPolicy: {traffic}"
        assert entered(exposed(spec) + closed)[0] == expected, traffic


def test_through_an_ingress_its_controllers_pod_connects() -> None:
    ingress = (
        "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i, namespace: x}\n"
        "spec: {rules: [{http: {paths: [{path: /, pathType: Prefix, "
        "backend: {service: {name: s, port: {number: 80}}}}]}}]}\n"
    )
    assert entered(TWO + SERVICE + ingress) == ("unknown", Entry.ROUTE)


# Several pods ----------------------------------------------------------------------------------------------

MADE = live("web-5d-1", owned_by("ReplicaSet", "web-5d"), HASHED)
FLEET = DEPLOYMENT + REPLICA_SET + MADE + MADE.replace("web-5d-1", "web-5d-2").replace("10.0.0.1", "10.0.0.2")


def test_all_pods_of_a_workload_count() -> None:
    assert verdict(CLIENT + FLEET, "x/client", "deploy:x/web") == "allow"
    one = policy("one", "{podSelector: {matchLabels: {only: one}}}")
    marked = FLEET.replace(
        "app: web, pod-template-hash: 5d}, ownerReferences", "only: one, app: web}, ownerReferences", 1
    )
    assert verdict(CLIENT + marked + one, "x/client", "deploy:x/web") == "partial"
    assert verdict(CLIENT + marked + one, "deploy:x/web", "x/client") == "allow"


def test_the_pods_of_one_workload_are_judged_among_each_other() -> None:
    closed = policy("closed", "{podSelector: {}}")
    assert verdict(FLEET + closed, "x/web", "x/web") == "deny"
    assert verdict(FLEET + closed, "x/web", "x/web-5d-1") == "deny"
    assert verdict(FLEET + closed, "x/web-5d-1", "x/web-5d-1") == "allow"


def test_a_service_as_the_source_is_its_pods() -> None:
    out = policy("e", "{podSelector: {matchLabels: {tier: b}}, policyTypes: [Egress]}")
    assert verdict(CLIENT + TWO + SERVICE, "service:s", "client") == "allow"
    assert verdict(CLIENT + TWO + SERVICE + out, "service:s", "client") == "partial"


@pytest.mark.parametrize(
    ("source", "to", "why"),
    [
        (OUTSIDE, "198.51.100.1", "both outside: name a pod or a Service"),
        (
            "service:empty",
            "client",
            "Service x/empty has no pod in what was read that could open a connection",
        ),
    ],
)
def test_what_nothing_here_can_judge(source: str, to: str, why: str) -> None:
    text = CLIENT + service("empty", "{selector: {app: nobody}, ports: [{port: 80}]}")
    with pytest.raises(EndError, match=why):
        judged(text, source, to)


@pytest.mark.parametrize(("protocol", "port"), [("TCP", 0), ("TCP", 65536), ("ICMP", 80)])
def test_ports_that_do_not_exist(protocol: str, port: int) -> None:
    with pytest.raises(ValueError, match=f"no such port: {protocol} {port}"):
        judged(CLIENT + TWO, "client", "w1", port, protocol)


def test_an_ipv6_only_service_is_out_of_reach_over_ipv4() -> None:
    spec = "{ipFamilies: [IPv6], clusterIP: 'fd00:1::1', selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}"
    text = CLIENT + web("w1", "10.0.0.1,fd00::1") + service("s", spec)
    assert verdict(text) == "deny"
    assert verdict(text.replace("'10.0.0.9'", "'fd00::9'"), to="service:s") == "allow"


def test_a_hidden_namespace_makes_it_unknown() -> None:
    closed = policy(
        "p",
        "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: a}}}]}]}",
    )
    hidden = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: x, labels: {team: 1}}\n"
    assert verdict(CLIENT + TWO + SERVICE + closed + hidden) == "unknown"
    assert verdict(CLIENT + TWO + SERVICE + closed + namespace("x", team="a")) == "allow"
