"""Which pods are exposed, by which way, and whom policy lets in."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from policy_core.details.admission import Why
from policy_core.details.exposure import Exposed, exposed_pods, exposures_of
from policy_core.details.exposure_caveats import exposure_caveats
from policy_core.details.outside import LetIn, let_in
from policy_core.evaluation import Evaluation
from policy_core.exposure import Place, Way
from policy_core.ipblock import EVERY_IPV4, EVERY_IPV6, AddressSet
from policy_core.report.exposure_words import addresses_text
from policy_core.verdict import Verdict
from tests.clusters import evaluate, namespace, pod, policy, service, the_pod
from tests.coverage import forbidden, only, partly_read

A = pod("a", "10.0.0.1", app="a", more="nodeName: n1")
FROM = "{podSelector: {matchLabels: {app: a}}, ingress: [{from: [{ipBlock: {cidr: %s}}]}]}"
SOME = policy("p", FROM % "192.0.2.0/24")
NONE = policy("p", "{podSelector: {}, policyTypes: [Ingress]}")
ANYONE = policy("p", "{podSelector: {}, ingress: [{}]}")
BLOCK = AddressSet.of(ip_network("192.0.2.0/24"))
NOBODY = AddressSet()


def exposed_by(spec: str, more: str = "") -> str:
    return service(
        "s", f"{{selector: {{app: a}}, ports: [{{port: 80, targetPort: 8080}}], {spec}}}", more=more
    )


def ways(evaluation: Evaluation) -> list[tuple[str, Verdict]]:
    return [(each.way.value, each.verdict) for each in exposed_pods(evaluation)]


def only_one(text: str, way: Way) -> Exposed:
    [found] = [each for each in exposed_pods(evaluate(text)) if each.way is way]
    return found


# Ways -----------------------------------------------------------------------------------------------------


def test_a_cluster_address_exposes_nothing() -> None:
    assert ways(evaluate(A + exposed_by("type: ClusterIP"))) == []


def test_a_load_balancer_exposes_by_its_address_and_by_node_ports() -> None:
    status = "status: {loadBalancer: {ingress: [{ip: 203.0.113.9}]}}"
    found = exposed_pods(evaluate(A + exposed_by("type: LoadBalancer", status)))
    assert [(each.way, each.entrance.place, each.entrance.ports, each.target) for each in found] == [
        (Way.LOAD_BALANCER, Place.ADDRESS, (80,), 8080),
        (Way.NODE_PORT, Place.ANY_NODE, (), 8080),
    ]
    assert found[0].entrance.addresses == ("203.0.113.9",)
    assert [pod.name for pod in found[0].pods] == ["a"]


def test_a_load_balancer_may_wait_for_its_address_and_do_without_node_ports() -> None:
    spec = "type: LoadBalancer, allocateLoadBalancerNodePorts: false"
    [found] = exposed_pods(evaluate(A + exposed_by(spec)))
    assert (found.way, found.entrance.place) == (Way.LOAD_BALANCER, Place.PENDING)


def test_a_node_port_is_open_on_any_node_or_on_the_pods_own() -> None:
    spec = "{selector: {app: a}, type: NodePort, ports: [{port: 80, nodePort: 30080}]%s}"
    any_node = only_one(A + service("s", spec % ""), Way.NODE_PORT)
    own_node = only_one(A + service("s", spec % ", externalTrafficPolicy: Local"), Way.NODE_PORT)
    assert (any_node.entrance.place, any_node.entrance.ports) == (Place.ANY_NODE, (30080,))
    assert own_node.entrance.place is Place.OWN_NODE
    assert list(own_node.nodes) == ["n1"]


def test_an_external_address() -> None:
    found = only_one(A + exposed_by("externalIPs: [192.0.2.1]"), Way.EXTERNAL_IP)
    assert (found.entrance.addresses, found.entrance.ports) == (("192.0.2.1",), (80,))


def test_nothing_listens_outside_for_a_headless_service_or_for_a_dns_name() -> None:
    assert ways(evaluate(A + exposed_by("clusterIP: None, externalIPs: [192.0.2.1]"))) == []
    name = service("s", "{type: ExternalName, externalName: a.example.com, ports: [{port: 80}]}")
    assert ways(evaluate(A + name)) == []


HOST_PORT = "hostPort: 8080%s"


def on_host(more: str = "", *, spec: str = "nodeName: n1", status: str = "") -> str:
    port = f"{{name: c, ports: [{{containerPort: 80, {HOST_PORT % more}}}]}}"
    text = pod("a", "10.0.0.1", app="a", more=spec).replace("{name: c}", port)
    return text.replace("podIPs:", f"hostIPs: [{{ip: 172.16.0.1}}], {status} podIPs:")


def test_a_host_port_leads_from_the_node_to_the_container() -> None:
    found = only_one(on_host(), Way.HOST_PORT)
    assert (found.entrance.ports, found.target, found.entrance.place) == ((8080,), 80, Place.OWN_NODE)
    assert {name: list(map(str, known)) for name, known in found.nodes.items()} == {"n1": ["172.16.0.1"]}


def test_a_host_port_may_be_bound_to_one_address() -> None:
    found = only_one(on_host(", hostIP: 172.16.0.9"), Way.HOST_PORT)
    assert (found.entrance.place, found.entrance.addresses) == (Place.ADDRESS, ("172.16.0.9",))
    anywhere = only_one(on_host(", hostIP: 0.0.0.0"), Way.HOST_PORT)
    assert anywhere.entrance.place is Place.OWN_NODE


def test_a_host_port_on_one_address_is_open_over_its_family_alone() -> None:
    dual = on_host(", hostIP: 172.16.0.9").replace("podIPs: [", "podIPs: [{ip: '2001:db8::1'}, ")
    assert only_one(dual, Way.HOST_PORT).clients == LetIn(EVERY_IPV4)
    wrong = on_host(", hostIP: nowhere")
    assert only_one(wrong, Way.HOST_PORT).entrance.addresses == ("nowhere",)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "'::1'"])
def test_nobody_outside_gets_to_a_host_port_of_the_loopback(address: str) -> None:
    assert ways(evaluate(on_host(f", hostIP: {address}"))) == []


def test_a_pod_that_is_not_ready_has_its_host_port_and_one_without_a_node_has_none() -> None:
    unready = "conditions: [{type: Ready, status: 'False'}],"
    assert ways(evaluate(on_host(status=unready))) == [("HostPort", Verdict.ALLOW)]
    pending = on_host(spec="hostname: a").replace("phase: Running", "phase: Pending")
    assert ways(evaluate(pending)) == []


HOST = pod("h", "172.16.0.1", app="a", more="hostNetwork: true, nodeName: n1")


def test_a_host_network_pod_is_open_whatever_policy_says() -> None:
    ports = "{name: c, ports: [{containerPort: 9100}]}"
    found = only_one(HOST.replace("{name: c}", ports) + NONE, Way.HOST_NETWORK)
    assert (found.entrance.ports, found.target) == ((9100,), 9100)
    assert (found.verdict, found.admission.why) == (Verdict.ALLOW, Why.HOST_NETWORK)
    undeclared = only_one(HOST + NONE, Way.HOST_NETWORK)
    assert (undeclared.entrance.ports, undeclared.target) == ((), None)
    assert undeclared.verdict is Verdict.ALLOW


def test_the_ports_of_a_host_network_pod_are_no_host_ports_besides() -> None:
    ports = "{name: c, ports: [{containerPort: 9100, hostPort: 9100}]}"
    assert ways(evaluate(HOST.replace("{name: c}", ports))) == [("HostNetwork", Verdict.ALLOW)]


# Which pods -----------------------------------------------------------------------------------------------

NODE_PORT = exposed_by("type: NodePort")


def test_services_do_not_reach_pods_that_are_not_ready_nor_finished_ones() -> None:
    unready = A.replace("podIPs:", "conditions: [{type: Ready, status: 'False'}], podIPs:")
    assert ways(evaluate(unready + NODE_PORT)) == []
    assert ways(evaluate(A.replace("Running", "Succeeded") + NODE_PORT)) == []
    assert ways(evaluate(HOST.replace("Running", "Failed"))) == []
    published = exposed_by("type: NodePort, publishNotReadyAddresses: true")
    assert ways(evaluate(unready + published)) == [("NodePort", Verdict.ALLOW)]


def test_a_pod_that_is_shutting_down_is_used_only_while_no_other_is_ready() -> None:
    def slices(*endpoints: str) -> str:
        return (
            "---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n"
            "metadata: {name: s, namespace: x, labels: {kubernetes.io/service-name: s}}\naddressType: IPv4\n"
            f"ports: [{{port: 8080}}]\nendpoints: [{', '.join(endpoints)}]\n"
        )

    leaving = "{addresses: [10.0.0.1], conditions: {ready: false, serving: true, terminating: true}}"
    alone = evaluate(A + NODE_PORT + slices(leaving))
    [found] = exposed_pods(alone)
    assert (found.verdict, found.admission.why) == (Verdict.UNKNOWN, Why.DRAINING)
    [closed] = exposed_pods(evaluate(A + NODE_PORT + slices(leaving) + NONE))
    assert closed.verdict is Verdict.DENY
    other = evaluate(A + pod("b", "10.0.0.2") + NODE_PORT + slices(leaving, "{addresses: [10.0.0.2]}"))
    assert [[pod.name for pod in each.pods] for each in exposed_pods(other)] == [["b"]]
    going = the_pod(other, "x/a")
    assert going is not None
    assert exposures_of(other, going) == ()


def test_pods_that_are_alike_are_told_of_once_and_others_apart() -> None:
    text = A + pod("b", "10.0.0.2", app="a") + pod("c", "10.0.0.3", app="a", tier="front")
    closing = policy("p", "{podSelector: {matchLabels: {tier: front}}}")
    found = exposed_pods(evaluate(text + closing + NODE_PORT))
    assert [([pod.name for pod in each.pods], each.verdict) for each in found] == [
        (["a", "b"], Verdict.ALLOW),
        (["c"], Verdict.DENY),
    ]


def test_a_port_name_that_a_pod_does_not_have_leads_nowhere() -> None:
    spec = "{selector: {app: a}, type: NodePort, ports: [{port: 80, targetPort: http}]}"
    assert ways(evaluate(A + service("s", spec))) == []


def test_only_the_pods_of_the_namespace_that_is_asked_for() -> None:
    evaluation = evaluate(A + NODE_PORT + HOST.replace("namespace: x", "namespace: w"))
    assert {each.way for each in exposed_pods(evaluation)} == {Way.NODE_PORT, Way.HOST_NETWORK}
    assert [each.way for each in exposed_pods(evaluation, "w")] == [Way.HOST_NETWORK]
    assert exposed_pods(evaluation, "z") == ()


def test_a_pods_own_list_is_that_of_all_for_the_pod() -> None:
    evaluation = evaluate(on_host() + NODE_PORT + SOME)
    one = the_pod(evaluation, "x/a")
    assert one is not None
    mine, every = exposures_of(evaluation, one), exposed_pods(evaluation)
    assert [(each.way, each.admission) for each in mine] == [(each.way, each.admission) for each in every]
    assert {each.way for each in mine} == {Way.NODE_PORT, Way.HOST_PORT}


# Whom policy lets in --------------------------------------------------------------------------------------

LOCAL = exposed_by("type: LoadBalancer, externalTrafficPolicy: Local, allocateLoadBalancerNodePorts: false")
CLUSTER = exposed_by("type: LoadBalancer, allocateLoadBalancerNodePorts: false")


@pytest.mark.parametrize(
    ("policies", "certain", "verdict", "why"),
    [
        ("", EVERY_IPV4, Verdict.ALLOW, Why.OPEN),
        (ANYONE, EVERY_IPV4, Verdict.ALLOW, Why.OPEN),
        (policy("p", FROM % "0.0.0.0/0"), EVERY_IPV4, Verdict.ALLOW, Why.OPEN),
        (SOME, BLOCK, Verdict.ALLOW, Why.SOME),
        (NONE, NOBODY, Verdict.DENY, Why.CLOSED),
        (policy("p", FROM % "10.0.0.1/32"), NOBODY, Verdict.DENY, Why.CLOSED),
        (policy("p", FROM % "'2001:db8::/32'"), NOBODY, Verdict.DENY, Why.CLOSED),
    ],
)
def test_whom_policy_lets_in_where_clients_keep_their_addresses(
    policies: str, certain: AddressSet, verdict: Verdict, why: Why
) -> None:
    found = only_one(A + LOCAL + policies, Way.LOAD_BALANCER)
    assert (found.verdict, found.admission.why) == (verdict, why)
    assert found.clients == LetIn(certain)


@pytest.mark.parametrize(
    ("policies", "clients", "verdict", "why"),
    [
        ("", LetIn(EVERY_IPV4), Verdict.ALLOW, Why.OPEN),
        (ANYONE, LetIn(EVERY_IPV4), Verdict.ALLOW, Why.OPEN),
        (SOME, LetIn(NOBODY, EVERY_IPV4), Verdict.UNKNOWN, Why.HIDDEN),
        (NONE, LetIn(), Verdict.DENY, Why.CLOSED),
    ],
)
def test_whom_policy_lets_in_where_a_node_may_hide_the_client(
    policies: str, clients: LetIn, verdict: Verdict, why: Why
) -> None:
    found = only_one(A + CLUSTER + policies, Way.LOAD_BALANCER)
    assert (found.verdict, found.admission.why, found.clients) == (verdict, why, clients)


def test_a_node_may_have_the_address_of_a_host_network_pod() -> None:
    """So a rule for that address may let in whoever a node stands in for."""
    of_node = policy("p", FROM % "172.16.0.1/32")
    plain = only_one(A + HOST.replace("app: 'a'", "app: 'h'") + LOCAL + of_node, Way.LOAD_BALANCER)
    hidden = only_one(A + HOST.replace("app: 'a'", "app: 'h'") + CLUSTER + of_node, Way.LOAD_BALANCER)
    assert (plain.verdict, hidden.verdict) == (Verdict.DENY, Verdict.UNKNOWN)


def test_policy_sees_the_target_port() -> None:
    of_service = "{podSelector: {}, ingress: [{ports: [{port: 80}]}]}"
    of_target = "{podSelector: {}, ingress: [{ports: [{port: 8080}]}]}"
    assert only_one(A + LOCAL + policy("p", of_service), Way.LOAD_BALANCER).verdict is Verdict.DENY
    assert only_one(A + LOCAL + policy("p", of_target), Way.LOAD_BALANCER).verdict is Verdict.ALLOW


def test_policy_that_lets_pods_in_lets_nobody_outside_in() -> None:
    pods = policy("p", "{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}")
    assert only_one(A + LOCAL + pods, Way.LOAD_BALANCER).verdict is Verdict.DENY


@pytest.mark.parametrize(
    ("policies", "verdict", "why"),
    [("", Verdict.ALLOW, Why.OPEN), (SOME, Verdict.UNKNOWN, Why.EITHER), (NONE, Verdict.DENY, Why.CLOSED)],
)
def test_at_a_host_port_plugins_differ_on_whose_address_is_seen(
    policies: str, verdict: Verdict, why: Why
) -> None:
    found = only_one(on_host() + policies, Way.HOST_PORT)
    assert (found.verdict, found.admission.why) == (verdict, why)
    assert any("hostPort" in each for each in exposure_caveats(evaluate(on_host()), [found]))


RANGED = "type: LoadBalancer, loadBalancerSourceRanges: [%s], externalTrafficPolicy: %s"


def test_source_ranges_narrow_the_load_balancer_and_not_the_node_port() -> None:
    found = exposed_pods(evaluate(A + exposed_by(RANGED % ("192.0.2.0/24", "Local"))))
    by_way = {each.way: each for each in found}
    assert by_way[Way.LOAD_BALANCER].clients == LetIn(BLOCK)
    assert by_way[Way.NODE_PORT].clients == LetIn(EVERY_IPV4)


def test_source_ranges_and_policy_hold_together() -> None:
    narrow = A + exposed_by(RANGED % ("192.0.2.0/25", "Local")) + SOME
    assert only_one(narrow, Way.LOAD_BALANCER).clients == LetIn(AddressSet.of(ip_network("192.0.2.0/25")))
    apart = only_one(A + exposed_by(RANGED % ("198.51.100.0/24", "Local")) + SOME, Way.LOAD_BALANCER)
    assert (apart.verdict, apart.admission.why) == (Verdict.DENY, Why.RANGES)
    hidden = only_one(A + exposed_by(RANGED % ("198.51.100.0/24", "Cluster")) + SOME, Way.LOAD_BALANCER)
    assert (hidden.verdict, hidden.admission.why) == (Verdict.UNKNOWN, Why.HIDDEN)
    assert hidden.clients == LetIn(NOBODY, AddressSet.of(ip_network("198.51.100.0/24")))


def test_ranges_that_are_none_let_nobody_in() -> None:
    text = A + exposed_by(RANGED % ("everybody", "Local"))
    assert only_one(text, Way.LOAD_BALANCER).verdict is Verdict.DENY


DUAL = pod("a", "10.0.0.1,2001:db8::1", app="a")


def test_address_families_are_judged_apart() -> None:
    found = only_one(DUAL + LOCAL + policy("p", FROM % "0.0.0.0/0"), Way.LOAD_BALANCER)
    assert (found.verdict, found.admission.why) == (Verdict.PARTIAL, Why.FAMILIES)
    assert found.clients == LetIn(EVERY_IPV4)
    single = LOCAL.replace("type:", "ipFamilies: [IPv4], type:")
    assert (
        only_one(DUAL + single + policy("p", FROM % "0.0.0.0/0"), Way.LOAD_BALANCER).verdict is Verdict.ALLOW
    )


def test_ranges_of_one_family_leave_the_other_open() -> None:
    found = only_one(DUAL + exposed_by(RANGED % ("192.0.2.0/24", "Local")), Way.LOAD_BALANCER)
    assert (found.verdict, found.admission.why) == (Verdict.UNKNOWN, Why.RANGES_OF_ONE_FAMILY)
    assert found.clients == LetIn(BLOCK, EVERY_IPV6)


# What is not known ----------------------------------------------------------------------------------------


def test_policies_that_could_not_be_read_leave_it_open() -> None:
    evaluation = partly_read(namespace("x") + A + LOCAL, forbidden("NetworkPolicy"))
    [found] = exposed_pods(evaluation)
    assert (found.verdict, found.admission.why) == (Verdict.UNKNOWN, Why.UNSEEN)
    assert found.clients == LetIn(NOBODY, EVERY_IPV4)
    host = partly_read(namespace("x") + HOST, forbidden("NetworkPolicy"))
    assert ways(host) == [("HostNetwork", Verdict.ALLOW)], "policy does not isolate it"


def test_endpoints_and_pods_that_could_not_be_read_are_not_known() -> None:
    blind = partly_read(namespace("x") + NODE_PORT, only("Pod", "other"))
    [found] = exposed_pods(blind)
    assert (found.pods, found.subject.kind) == ((), "Service")
    assert (found.verdict, found.admission.why) == (Verdict.UNKNOWN, Why.ENDPOINTS_UNREAD)
    slices = (
        "---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n"
        "metadata: {name: s, namespace: x, labels: {kubernetes.io/service-name: s}}\naddressType: IPv4\n"
        "ports: [{port: 8080}]\nendpoints: [{addresses: [10.0.0.9], targetRef: {kind: Pod, name: gone}}]\n"
    )
    [unread] = exposed_pods(evaluate(namespace("x") + NODE_PORT + slices))
    assert (unread.verdict, unread.admission.why) == (Verdict.UNKNOWN, Why.POD_UNREAD)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("Service", "there may be exposed pods that are not shown"),
        ("Ingress", "pods may be exposed by more than is shown"),
        ("HTTPRoute", "pods may be exposed by more than is shown"),
        ("Gateway", "whose controller serves an Ingress or a route may not be known"),
        ("IngressClass", "whose controller serves an Ingress or a route may not be known"),
    ],
)
def test_kinds_that_could_not_be_read_are_said(kind: str, said: str) -> None:
    evaluation = partly_read(namespace("x") + A + NODE_PORT, forbidden(kind))
    told = exposure_caveats(evaluation, exposed_pods(evaluation))
    assert any(said in each and "could not be read (forbidden)" in each for each in told)
    whole = evaluate(namespace("x") + A + NODE_PORT)
    assert not any(said in each for each in exposure_caveats(whole, exposed_pods(whole)))


def test_objects_that_are_not_evaluated_leave_a_doubt() -> None:
    cilium = (
        "---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: c, namespace: x}\n"
        "spec: {endpointSelector: {}}\n"
    )
    [found] = exposed_pods(evaluate(A + NODE_PORT + cilium))
    assert [str(ref) for ref in found.doubts] == ["CiliumNetworkPolicy x/c"]
    assert exposed_pods(evaluate(A + NODE_PORT))[0].doubts == ()


# In words -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("addresses", "families", "text"),
    [
        (NOBODY, (4,), "nobody"),
        (EVERY_IPV4, (4,), "anyone"),
        (EVERY_IPV4, (4, 6), "every IPv4 address"),
        (EVERY_IPV4 | EVERY_IPV6, (4, 6), "anyone"),
        (BLOCK, (4,), "192.0.2.0/24"),
        (EVERY_IPV4 - BLOCK, (4,), "anyone but 192.0.2.0/24"),
        (EVERY_IPV6 | BLOCK, (4, 6), "every IPv6 address, 192.0.2.0/24"),
    ],
)
def test_addresses_in_words(addresses: AddressSet, families: tuple[int, ...], text: str) -> None:
    assert addresses_text(addresses, families) == text


def test_of_several_ranges_the_list_names_one() -> None:
    two = BLOCK | AddressSet.of(ip_network("198.51.100.0/24"))
    assert addresses_text(two, (4,)) == "192.0.2.0/24, 198.51.100.0/24"
    assert addresses_text(two, (4,), short=True) == "192.0.2.0/24 +1"
    assert addresses_text(EVERY_IPV4 - two, (4,), short=True) == "anyone but 192.0.2.0/24 +1"


def test_let_in_is_over_the_families_that_both_have() -> None:
    evaluation = evaluate(DUAL + ANYONE)
    found = the_pod(evaluation, "x/a")
    assert found is not None
    assert let_in(evaluation, found, "TCP", 80, (4, 6)) == LetIn(EVERY_IPV4 | EVERY_IPV6)
    assert let_in(evaluation, found, "TCP", 80, (6,)) == LetIn(EVERY_IPV6)
    assert let_in(evaluation, found, "TCP", 80, ()) == LetIn()
