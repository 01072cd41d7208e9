"""Pods, Services, endpoints, nodes and ranges of addresses that could not be read, and what routes to them."""

from __future__ import annotations

import pytest

from policy_core.connectivity import connectivity
from policy_core.coverage import KindCoverage
from policy_core.details.coverage import banner, incomplete
from policy_core.details.matrix import matrix_caveats
from policy_core.details.policy import policy_detail
from policy_core.details.service import service_detail
from policy_core.details.standing import Standing
from policy_core.ends import EndError, Ends
from policy_core.evaluation import Evaluation
from policy_core.report.policy import policy_document
from policy_core.report.service import service_document
from policy_core.report.trace import trace_document
from policy_core.verdict import Verdict
from tests.clusters import namespace, pod, policy, service, verdict
from tests.coverage import absent, failed, forbidden, only, partly_read, whole
from tests.unit.test_coverage import caveats, page, pod_page, traced

X, Z = namespace("x"), namespace("z")
WEB = pod("web", "10.0.0.1", app="web", more="nodeName: n1")
DB = pod("db", "10.0.0.2", namespace="z", app="db", more="nodeName: n2")
TO_DB = service("db", "{selector: {app: db}, clusterIP: 10.96.0.5, ports: [{port: 80}]}", namespace="z")
TO_WEB = service("web", "{selector: {app: web}, clusterIP: 10.96.0.6, ports: [{port: 80}]}")
BARE = service("bare", "{clusterIP: 10.96.0.7, ports: [{port: 80}]}", namespace="z")
FROM_DB = policy(
    "p",
    "{podSelector: {}, ingress: [{from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: db}}}]}]}",
)
FROM_OWN = policy("p", "{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}")
NO_EGRESS = policy("shut", "{podSelector: {}, policyTypes: [Egress]}")
PODS_OF_X = only("Pod", "x")


def slices(endpoint: str) -> str:
    return (
        "---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n"
        "metadata: {name: s, namespace: z, labels: {kubernetes.io/service-name: db}}\naddressType: IPv4\n"
        f"ports: [{{port: 80}}]\nendpoints: [{endpoint}]\n"
    )


def service_page(evaluation: Evaluation, name: str) -> str:
    found = next(s for s in evaluation.snapshot.services if s.name == name)
    return page(service_document(service_detail(evaluation, found)))


def answer(evaluation: Evaluation, source: str, destination: str, port: int = 80) -> Verdict:
    return traced(evaluation, source, destination, port).judgement.verdict


# Pods -----------------------------------------------------------------------------------------------------


def test_rules_say_that_they_may_match_pods_that_were_not_read() -> None:
    words = "Pods of z could not be read (forbidden): rules that select pods may match more than is shown."
    known = whole("Namespace")
    assert words in caveats(partly_read(X + Z + WEB + FROM_DB, PODS_OF_X, known))
    assert "rules that select pods may" not in caveats(partly_read(X + Z + WEB + FROM_OWN, PODS_OF_X, known))
    assert "could not" not in caveats(partly_read(X + Z + WEB + FROM_DB, only("Pod", "x", "z"), known))


def test_namespaces_may_not_be_known_even_by_name() -> None:
    said = caveats(partly_read(X + Z + WEB + FROM_DB, PODS_OF_X, forbidden("Namespace")))
    assert "Pods of z, perhaps other namespaces could not be read (forbidden)" in said


def test_counts_are_of_what_could_be_read() -> None:
    known = whole("Namespace")
    assert "Pods of z could not be read (forbidden): no count here has them." in caveats(
        partly_read(X + Z + WEB, PODS_OF_X, known)
    )
    evaluation = partly_read(X + Z + WEB, PODS_OF_X, known)
    notes = matrix_caveats(evaluation, connectivity(evaluation))
    assert "Pods of z could not be read (forbidden): they are no part of this." in notes
    evaluation = partly_read(X + Z + WEB + FROM_DB, PODS_OF_X, known)
    [rules] = evaluation.snapshot.network_policies
    assert "Pods of z could not be read" in page(policy_document(policy_detail(evaluation, rules)))


def test_a_pod_of_an_unread_namespace_is_not_called_missing() -> None:
    ends = Ends(partly_read(X + Z + WEB, PODS_OF_X))
    with pytest.raises(
        EndError, match=r"^Pods of namespace z could not be read \(forbidden\): whether there is"
    ):
        ends.find("z/db")
    with pytest.raises(EndError, match=r"^no pod or workload x/db in what was read"):
        ends.find("x/db")


def test_an_endpoint_whose_pod_was_not_read_is_unknown() -> None:
    named = slices("{addresses: [10.0.0.2], targetRef: {kind: Pod, name: db, namespace: z}}")
    for endpoint in (named, slices("{addresses: [10.0.0.2]}")):
        evaluation = partly_read(X + Z + WEB + TO_DB + endpoint, PODS_OF_X)
        assert answer(evaluation, "x/web", "service:z/db") == "unknown"
        assert (
            answer(
                partly_read(X + Z + WEB + NO_EGRESS + TO_DB + endpoint, PODS_OF_X), "x/web", "service:z/db"
            )
            == "deny"
        )
        assert "not read" in service_page(evaluation, "db")
    # An address that is known to be no pod's.
    outside = partly_read(X + Z + WEB + TO_DB + slices("{addresses: [10.0.0.2]}"), whole("Pod"))
    assert answer(outside, "x/web", "service:z/db") == "allow"


def test_a_selector_that_nobody_could_try_leaves_the_endpoints_unknown() -> None:
    evaluation = partly_read(X + Z + WEB + TO_DB, PODS_OF_X)
    assert answer(evaluation, "x/web", "service:z/db") == "unknown"
    assert answer(evaluation, "x/web", "service:z/db", 81) == "deny"  # it has no such port
    said = page(trace_document(traced(evaluation, "x/web", "service:z/db")))
    assert "Unknown: that hangs on pods or endpoints that could not be read." in said
    assert "which endpoints it has could not be read" in said
    assert "Pods of z could not be read (forbidden): which endpoints z/db has is not known." in said
    found = service_page(evaluation, "db")
    assert (
        "? Routed, permission unknown: 0 of 0 endpoints ready; it may have endpoints that could not be"
        in found
    )
    assert "Does not answer" not in found
    assert "no endpoints" not in found


def test_a_service_that_reaches_no_pod_that_was_read_may_reach_another() -> None:
    evaluation = partly_read(X + Z + WEB + TO_WEB + FROM_DB, PODS_OF_X)
    [found] = evaluation.snapshot.services
    assert service_detail(evaluation, found).standing is Standing.UNSEEN_PODS
    shut = partly_read(X + Z + WEB + TO_WEB + policy("p", "{podSelector: {}}"), PODS_OF_X)
    assert service_detail(shut, found).standing is Standing.CLOSED  # no rule lets anyone in


def test_a_service_whose_pods_policies_were_not_read() -> None:
    hidden = only("NetworkPolicy", "z")
    for others in ("", DB):  # without another pod, too
        evaluation = partly_read(X + Z + WEB + others + TO_WEB, hidden)
        [found] = evaluation.snapshot.services
        assert service_detail(evaluation, found).standing is Standing.UNKNOWN
    assert answer(evaluation, "z/db", "service:x/web") == "unknown"
    node_port = TO_WEB.replace("{selector", "{type: NodePort, selector")
    assert answer(partly_read(X + WEB + node_port, hidden), "8.8.8.8", "service:x/web") == "unknown"


def test_a_service_as_a_source_may_have_more_pods() -> None:
    evaluation = partly_read(X + Z + WEB + DB + TO_DB, only("Pod", "x"))
    assert answer(evaluation, "service:z/db", "x/web") == "unknown"
    assert answer(partly_read(X + Z + WEB + DB + TO_DB), "service:z/db", "x/web") == "allow"


def test_an_address_may_be_that_of_a_pod_that_was_not_read() -> None:
    words = "Some Pods could not be read (forbidden): where 10.9.9.9 is the address of one of them"
    evaluation = partly_read(X + Z + WEB + DB, PODS_OF_X)
    assert words in " ".join(traced(evaluation, "x/web", "10.9.9.9").caveats)
    assert words not in " ".join(traced(evaluation, "x/web", "10.0.0.2").caveats)
    assert "10.9.9.9" not in " ".join(traced(partly_read(X + WEB), "x/web", "10.9.9.9").caveats)


# Services and endpoints -----------------------------------------------------------------------------------


def test_services_that_were_not_read() -> None:
    evaluation = partly_read(X + Z + WEB + DB, only("Service", "z"))
    said = pod_page(evaluation)
    assert "not known: the Services here could not be read" in said
    assert "Services of x could not be read (forbidden): which of them route here is not known." in said
    assert "no Service has it as an endpoint" in pod_page(evaluation, "z/db")
    with pytest.raises(EndError, match=r"^Services of namespace x could not be read \(forbidden\): whether"):
        Ends(evaluation).find("service:x/web")
    told = " ".join(traced(evaluation, "x/web", "10.96.0.9").caveats)
    assert "Some Services could not be read (forbidden): where 10.96.0.9 is the address of one" in told
    assert "Services" not in " ".join(traced(evaluation, "x/web", "8.8.8.8").caveats)


def test_without_slices_the_selector_is_evaluated_and_said_to_be() -> None:
    evaluation = partly_read(X + Z + WEB + DB + TO_DB + BARE, forbidden("EndpointSlice"))
    assert answer(evaluation, "x/web", "service:z/db") == "allow"
    words = "EndpointSlices of z could not be read (forbidden): the selector of z/db is evaluated instead"
    assert words in " ".join(traced(evaluation, "x/web", "service:z/db").caveats)
    assert words in service_page(evaluation, "db")
    assert words in pod_page(evaluation, "z/db")
    # Without a selector nothing says what the endpoints are.
    assert answer(evaluation, "x/web", "service:z/bare") == "unknown"
    assert (
        answer(partly_read(X + Z + WEB + BARE, whole("EndpointSlice")), "x/web", "service:z/bare") == "deny"
    )


@pytest.mark.parametrize("kind", ["Ingress", "HTTPRoute", "ReferenceGrant"])
def test_routes_that_were_not_read_may_expose_a_service(kind: str) -> None:
    evaluation = partly_read(X + Z + WEB + DB + TO_DB, forbidden(kind))
    assert "may be exposed by Ingresses or routes that could not be read" in service_page(evaluation, "db")
    assert "may be exposed by some that are not shown" in caveats(evaluation, "z/db")
    assert "may be exposed" not in caveats(evaluation, "x/web")  # which no Service has
    assert answer(evaluation, "8.8.8.8", "service:z/db") == "unknown"
    for known in (absent(kind), whole(kind)):
        there = partly_read(X + Z + WEB + DB + TO_DB, known)
        assert answer(there, "8.8.8.8", "service:z/db") == "deny"
        assert "not exposed outside the cluster" in service_page(there, "db")


def test_a_name_of_a_service_that_was_not_read() -> None:
    alias = service("alias", "{type: ExternalName, externalName: db.z.svc.cluster.local}")
    evaluation = partly_read(X + Z + WEB + NO_EGRESS + alias, only("Service", "x"))
    assert answer(evaluation, "x/web", "service:x/alias") == "unknown"
    assert "a Service that could not be read" in page(
        trace_document(traced(evaluation, "x/web", "service:x/alias"))
    )
    assert answer(partly_read(X + Z + WEB + NO_EGRESS + alias), "x/web", "service:x/alias") == "deny"


def test_names_are_not_known_to_be_refused_without_the_service_of_dns() -> None:
    dns = pod("dns", "10.0.0.53", namespace="kube-system", **{"k8s-app": "kube-dns"})
    shut = NO_EGRESS
    assert traced(partly_read(X + WEB + dns + shut), "x/web", "8.8.8.8").resolution.verdict == "deny"  # type: ignore[union-attr]
    hidden = traced(partly_read(X + WEB + dns + shut, only("Service", "x")), "x/web", "8.8.8.8").resolution
    assert hidden is not None
    assert hidden.verdict == "unknown"


# Nodes and ranges of addresses ----------------------------------------------------------------------------


NODE = (
    "---\napiVersion: v1\nkind: Node\nmetadata: {name: n1, labels: {zone: a}}\n"
    "status: {addresses: [{type: Hostname, address: n1}, {type: InternalIP, address: 192.168.0.1},"
    " {type: ExternalIP, address: 203.0.113.9}]}\n"
)
RANGE = (
    "---\napiVersion: networking.k8s.io/v1\nkind: ServiceCIDR\nmetadata: {name: kubernetes}\n"
    "spec: {cidrs: [10.96.0.0/12, 'fd00:96::/108']}\n"
)
SHUT = policy("shut-in", "{podSelector: {}}")


def test_a_node_is_read() -> None:
    [node] = partly_read(NODE).snapshot.nodes
    assert (str(node.ref), node.labels) == ("Node n1", {"zone": "a"})
    assert [str(address) for address in node.addresses] == ["192.168.0.1", "203.0.113.9"]


def test_an_address_of_the_pods_own_node_is_let_in_and_named() -> None:
    evaluation = partly_read(X + WEB + NODE + SHUT)
    for address in ("192.168.0.1", "203.0.113.9"):
        assert verdict(evaluation, address, "x/web", 80) == "allow"
        assert f"{address} the node n1" in page(trace_document(traced(evaluation, address, "x/web")))
    assert verdict(evaluation, "192.168.0.2", "x/web", 80) == "deny"
    assert (
        verdict(partly_read(X + WEB.replace("n1", "n2") + NODE + SHUT), "192.168.0.1", "x/web", 80) == "deny"
    )


def test_without_nodes_an_address_may_be_the_pods_own_nodes() -> None:
    evaluation = partly_read(X + WEB + SHUT, forbidden("Node"))
    assert verdict(evaluation, "192.168.0.1", "x/web", 80) == "unknown"
    told = WEB.replace("podIPs", "hostIPs: [{ip: 192.168.0.1}], podIPs")
    evaluation = partly_read(X + told + SHUT, forbidden("Node"))
    assert verdict(evaluation, "192.168.0.1", "x/web", 80) == "allow"
    assert verdict(evaluation, "192.168.0.2", "x/web", 80) == "deny"
    assert "own node, that" not in " ".join(traced(evaluation, "x/web", "192.168.0.2").caveats)
    assert "is one of a pod's own node" in " ".join(traced(evaluation, "192.168.0.2", "x/web").caveats)


def test_a_range_of_cluster_addresses_is_read() -> None:
    [found] = partly_read(RANGE).snapshot.service_cidrs
    assert (str(found.ref), [str(c) for c in found.cidrs]) == (
        "ServiceCIDR kubernetes",
        ["10.96.0.0/12", "fd00:96::/108"],
    )


def test_an_address_in_it_that_no_service_has() -> None:
    words = "10.96.0.9 is in the range of cluster addresses (10.96.0.0/12): "
    evaluation = partly_read(X + Z + WEB + TO_DB + RANGE)
    told = " ".join(traced(evaluation, "x/web", "10.96.0.9").caveats)
    assert f"{words}but no Service has it, so nothing answers there." in told
    assert "range of cluster" not in " ".join(traced(evaluation, "x/web", "10.96.0.5").caveats)
    assert "range of cluster" not in " ".join(traced(evaluation, "x/web", "8.8.8.8").caveats)
    hidden = traced(partly_read(X + WEB + RANGE, only("Service", "x")), "x/web", "10.96.0.9").caveats
    assert f"{words}Some Services could not be read (forbidden), and one of them may have it." in " ".join(
        hidden
    )
    assert "range of cluster" not in " ".join(traced(evaluation, "10.96.0.9", "x/web").caveats)
    elsewhere = traced(partly_read(X + WEB + RANGE, only("Service", "x")), "x/web", "8.8.8.8").caveats
    assert "Services" not in " ".join(elsewhere)


# The banner and the page ----------------------------------------------------------------------------------


def test_the_banner_has_a_sentence_for_each_state() -> None:
    kinds = [
        only("Pod", "shop"),
        only("NetworkPolicy", "shop"),
        forbidden("Namespace"),
        forbidden("Node"),
        failed("Ingress"),
        absent("HTTPRoute"),
        whole("Service"),
    ]
    coverage = {kind.kind: kind for kind in kinds}
    assert banner(coverage) == (
        "Pods, NetworkPolicies: only in shop; Namespaces, Nodes: forbidden; Ingresses: not read"
    )
    assert [kind.kind for kind in incomplete(coverage)] == [
        "Pod",
        "NetworkPolicy",
        "Namespace",
        "Node",
        "Ingress",
        "HTTPRoute",
    ]
    assert banner({}) == banner({"Service": whole("Service")}) == ""


def test_the_banner_fits() -> None:
    many: list[KindCoverage] = [forbidden(f"Kind{number}") for number in range(30)]
    assert (
        banner({kind.kind: kind for kind in many})
        == "Kind0s, Kind1s, Kind2s, Kind3s, Kind4s and 25 more: forbidden"
    )


def test_an_endpoint_that_was_not_read_may_have_addresses_of_another_family() -> None:
    endpoint = "{addresses: ['fd00::2'], targetRef: {kind: Pod, name: db, namespace: z}}"
    hidden = slices(endpoint).replace("IPv4", "IPv6")
    both = TO_DB.replace("clusterIP: 10.96.0.5", "ipFamilies: [IPv6, IPv4], clusterIP: 10.96.0.5")
    evaluation = partly_read(X + Z + WEB + both + hidden, PODS_OF_X)
    assert answer(evaluation, "x/web", "service:z/db") is Verdict.UNKNOWN


# What is counted ------------------------------------------------------------------------------------------


def test_counts_know_who_is_unknown() -> None:
    """Those whose own policies were not read, and whoever may reach such a pod."""
    evaluation = partly_read(X + Z + WEB + DB + TO_WEB, only("NetworkPolicy", "z"))
    assert "0 of 1 pod, 1 unknown" in service_page(evaluation, "web")
    evaluation = partly_read(X + Z + WEB + DB + TO_WEB, only("NetworkPolicy", "x"))
    assert "0 of 1 pod, 1 unknown" in service_page(evaluation, "web")


def test_who_has_no_say_in_egress_casts_no_doubt_on_it() -> None:
    words = "may also decide who gets through"
    assert words not in service_page(
        partly_read(X + Z + WEB + DB + TO_WEB, forbidden("AuthorizationPolicy")), "web"
    )
    assert words in service_page(
        partly_read(X + Z + WEB + DB + TO_WEB, forbidden("ClusterNetworkPolicy")), "web"
    )


def test_an_address_of_a_pod_that_has_finished_may_be_anothers_by_now() -> None:
    gone = DB.replace("phase: Running", "phase: Succeeded")
    listed = slices("{addresses: [10.0.0.2], targetRef: {kind: Pod, name: db, namespace: z}}")
    evaluation = partly_read(X + Z + WEB + gone + TO_DB + listed, only("Pod", "x", "z"))
    assert answer(evaluation, "x/web", "service:z/db") == "unknown"
    assert answer(partly_read(X + Z + WEB + gone + TO_DB + listed), "x/web", "service:z/db") == "deny"


def test_endpoints_that_are_not_ready_are_not_used_while_others_may_be() -> None:
    starting = DB.replace("phase: Running", "phase: Running, conditions: [{type: Ready, status: 'False'}]")
    translated = traced(
        partly_read(X + Z + WEB + starting + TO_DB, PODS_OF_X), "x/web", "service:z/db"
    ).judgement.translation
    assert translated is not None
    assert (translated.obstacle, translated.arrivals) == (None, ())


def test_a_source_of_which_some_pods_were_read() -> None:
    both = slices(
        "{addresses: [10.0.0.1], targetRef: {kind: Pod, name: web, namespace: x}},"
        " {addresses: [10.0.0.2], targetRef: {kind: Pod, name: db, namespace: z}}"
    )
    evaluation = partly_read(X + Z + WEB + TO_DB + TO_WEB + both, PODS_OF_X)
    assert answer(evaluation, "service:z/db", "8.8.8.8") == "unknown"
    assert answer(evaluation, "service:z/db", "service:x/web") == "unknown"
    whole_of_it = partly_read(X + Z + WEB + DB + TO_DB + TO_WEB + both)
    assert answer(whole_of_it, "service:z/db", "8.8.8.8") == "allow"


def test_an_address_of_another_family_may_be_somebodys_who_was_not_read() -> None:
    assert answer(partly_read(X + WEB, PODS_OF_X), "x/web", "fd00::1") == "deny"  # for want of a family
    with pytest.raises(EndError, match="nothing here has one"):
        Ends(partly_read(X + WEB)).find("fd00::1")
