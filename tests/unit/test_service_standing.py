"""How a Service stands and the verdict that follows: nobody is told that it answers, or that policy closes
it, unless that is so."""

from __future__ import annotations

import pytest

from policy_core.details.pod import pod_detail
from policy_core.details.service import ServiceDetail, service_detail
from policy_core.details.standing import Standing
from policy_core.report.json import pod_json
from policy_core.report.layout import ALL, layout, plain
from policy_core.report.pod import pod_document
from policy_core.report.service import service_document
from policy_core.verdict import Verdict
from tests.clusters import evaluate, pod, policy, service, the_pod
from tests.unit.test_endpoints import deleted, endpoint_slice, template

WEB = pod("web", "10.0.0.1", app="web")
C = pod("c", "10.0.0.9", app="c")
TO_WEB = service("s", "{selector: {app: web}, ports: [{port: 80}]}")
SHUT_IN = policy("out", "{podSelector: {matchLabels: {app: c}}, policyTypes: [Egress]}")
DENY = policy("deny", "{podSelector: {}}")


def detail(text: str) -> ServiceDetail:
    evaluation = evaluate(text)
    return service_detail(evaluation, next(s for s in evaluation.snapshot.services if s.name == "s"))


def page(text: str) -> str:
    return plain(layout(service_document(detail(text)), 200, ALL))


def pod_page(text: str, name: str = "x/web") -> str:
    evaluation = evaluate(text)
    found = the_pod(evaluation, name)
    assert found is not None
    return plain(layout(pod_document(pod_detail(evaluation, found)), 200, ALL))


def let_in(block: str, more: str = "") -> str:
    peers = f"{{from: [{{ipBlock: {{cidr: '{block}'}}}}]{more}}}"
    return policy("p", f"{{podSelector: {{matchLabels: {{app: web}}}}, ingress: [{peers}]}}")


def exposed(more: str = "") -> str:
    spec = f"{{type: NodePort, {more}selector: {{app: web}}, ports: [{{port: 80, nodePort: 30080}}]}}"
    return service("s", spec)


INGRESS = (
    "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i, namespace: x}\n"
    "spec: {defaultBackend: {service: {name: s, port: {number: 80}}}}\n"
)
LOCAL = "externalTrafficPolicy: Local, "
DUAL = pod("web", "10.0.0.1,fd00::1", app="web") + pod("c", "10.0.0.9,fd00::9", app="c")
BOTH = service("s", "{ipFamilies: [IPv4, IPv6], selector: {app: web}, ports: [{port: 80}]}")
UNREAD = endpoint_slice("[{addresses: [10.0.0.7], targetRef: {kind: Pod, name: gone}}]")
DRAINING = endpoint_slice(
    "[{addresses: [10.0.0.1], conditions: {ready: false, serving: true, terminating: true}}]"
)


@pytest.mark.parametrize(
    ("text", "standing", "verdict"),
    [
        (WEB + C + TO_WEB, Standing.ANSWERS, Verdict.ALLOW),
        (WEB + C + TO_WEB + DENY, Standing.CLOSED, Verdict.DENY),
        # A pod that was not read may be closed by anything.
        (WEB + C + TO_WEB + DENY + UNREAD, Standing.UNREAD, Verdict.UNKNOWN),
        (WEB + C + TO_WEB + UNREAD, Standing.UNREAD, Verdict.UNKNOWN),
        # One address family, or something unknown, is less than open; addresses outside make no difference.
        (DUAL + BOTH + let_in("10.0.0.0/8"), Standing.PARTIAL, Verdict.PARTIAL),
        (WEB + pod("new", app="new") + TO_WEB + let_in("10.0.0.0/8"), Standing.UNKNOWN, Verdict.UNKNOWN),
        # Addresses of a family that the endpoint lacks, or that are known pods', are nobody.
        (WEB + C + exposed() + let_in("::/0"), Standing.CLOSED, Verdict.DENY),
        (WEB + C + exposed() + let_in("10.0.0.9/32") + SHUT_IN, Standing.CLOSED, Verdict.DENY),
        (WEB + C + exposed(LOCAL) + let_in("10.0.0.8/31") + SHUT_IN, Standing.OUTSIDERS, Verdict.ALLOW),
        (WEB + C + exposed(LOCAL) + let_in("192.0.2.0/24", ", ports: [{port: 81}]"), Standing.CLOSED, Verdict.DENY),
        # Whom policy lets in from outside must be led to the Service, and keep the address.
        (WEB + C + TO_WEB + SHUT_IN, Standing.UNLED, Verdict.UNKNOWN),
        (WEB + C + TO_WEB + SHUT_IN + INGRESS, Standing.UNLED, Verdict.UNKNOWN),
        (WEB + C + exposed() + SHUT_IN, Standing.OUTSIDERS, Verdict.ALLOW),
        (WEB + C + exposed() + let_in("192.0.2.0/24"), Standing.HIDDEN, Verdict.UNKNOWN),
        (WEB + C + exposed() + let_in("0.0.0.0/0") + SHUT_IN, Standing.OUTSIDERS, Verdict.ALLOW),
        (WEB + C + exposed(LOCAL) + let_in("192.0.2.0/24"), Standing.OUTSIDERS, Verdict.ALLOW),
        # Where no port leads anywhere, it is not policy that closes it.
        (WEB + C + TO_WEB + DENY + endpoint_slice("[{addresses: [10.0.0.1]}]", "[{name: web, port: 80}]"), Standing.NO_PORT, Verdict.DENY),
        (WEB + C + service("s", "{selector: {app: web}, ports: [{port: 80, targetPort: '8080'}]}"), Standing.NO_PORT, Verdict.DENY),
        (WEB + C + service("s", "{selector: {app: web}}"), Standing.NO_PORT, Verdict.DENY),
        (WEB + C + service("s", "{clusterIP: None, selector: {app: web}}"), Standing.ANY_PORT, Verdict.UNKNOWN),
        # What is shutting down still serves, unless policy closes it.
        (WEB + C + TO_WEB + DRAINING, Standing.DRAINING, Verdict.UNKNOWN),
        (deleted(WEB) + C + TO_WEB, Standing.DRAINING, Verdict.UNKNOWN),
        (WEB + C + TO_WEB + DRAINING + DENY, Standing.NOT_READY, Verdict.DENY),
        (deleted(WEB) + C + service("s", "{clusterIP: None, selector: {app: web}, ports: [{port: 80}]}"), Standing.NOT_READY, Verdict.DENY),
        # A headless Service translates nothing: closed on its target is not closed.
        (WEB + C + DENY + service("s", "{clusterIP: None, selector: {app: web}, ports: [{port: 80, targetPort: 81}]}"), Standing.OTHER_PORTS, Verdict.UNKNOWN),
        (WEB + C + DENY + service("s", "{clusterIP: None, selector: {app: web}, ports: [{port: 80}]}"), Standing.CLOSED, Verdict.DENY),
    ],
)  # fmt: skip
def test_how_a_service_stands(text: str, standing: Standing, verdict: Verdict) -> None:
    found = detail(text)
    assert (found.standing, found.verdict) == (standing, verdict)


def test_several_host_network_pods_at_one_address_are_one_address() -> None:
    hosts = "".join(pod(f"h{n}", "192.0.2.1", more="hostNetwork: true, nodeName: n1") for n in range(3))
    shut = let_in("192.0.2.0/31", ", ports: [{port: 80}]")
    assert detail(WEB + hosts + exposed(LOCAL) + shut).standing is Standing.ANSWERS
    [backend] = detail(WEB + hosts + exposed(LOCAL) + shut).backends
    assert backend.targets[0].outside.name == "SOME"  # 192.0.2.0


@pytest.mark.parametrize(
    ("block", "cell", "headline"),
    [
        ("10.0.0.0/8", "0 of 1 pod, 1 over IPv4 only", "pods get through over IPv4 only."),
        ("fd00::/8", "0 of 1 pod, 1 over IPv6 only", "pods get through over IPv6 only."),
    ],
)
def test_a_partial_way_names_its_family(block: str, cell: str, headline: str) -> None:
    said = page(DUAL + BOTH + let_in(block))
    assert cell in said
    assert headline in said
    evaluation = evaluate(DUAL + BOTH + let_in(block))
    web = the_pod(evaluation, "x/web")
    assert web is not None
    [port] = pod_json(pod_detail(evaluation, web))["services"][0]["ports"]
    family = "IPv4" if "." in block else "IPv6"
    assert port["partly_from"] == 1
    assert port["partly_over"] == {"IPv4": 0, "IPv6": 0} | {family: 1}


def test_endpoints_of_one_kind_with_different_families_are_judged_apart() -> None:
    w2 = pod("w2", "10.0.0.2,fd00::2", app="web")
    ipv4 = endpoint_slice("[{addresses: [10.0.0.1]}, {addresses: [10.0.0.2]}]")
    ipv6 = endpoint_slice("[{addresses: ['fd00::2']}]", name="s-2", type_="IPv6")
    found = detail(DUAL + w2 + BOTH + ipv4 + ipv6 + let_in("10.0.0.0/8"))
    counts = {b.backend.pod.name: b.targets[0].through for b in found.backends if b.backend.pod}
    assert counts["web"]
    assert counts["w2"]
    assert (counts["web"].allow, counts["web"].partial) == (2, 0)
    assert (counts["w2"].allow, counts["w2"].partial) == (0, 2)


def test_endpoints_on_other_nodes_ports_and_protocols_are_judged_apart() -> None:
    host = pod("host", "192.0.2.1", more="hostNetwork: true, nodeName: n1")
    webs = pod("w1", "10.0.0.1", app="web", more="nodeName: n1") + pod(
        "w2", "10.0.0.2", app="web", more="nodeName: n2"
    )
    found = detail(webs + C + host + DENY + TO_WEB)
    assert [b.targets[0].through.total for b in found.backends if b.targets[0].through] == [2, 3]
    ports = "[{name: a, port: 80}, {name: b, port: 81}, {name: c, port: 80, protocol: UDP}]"
    some = let_in("10.0.0.9/32", ", ports: [{port: 80}]")
    found = detail(WEB + C + some + service("s", f"{{selector: {{app: web}}, ports: {ports}}}"))
    [backend] = found.backends
    assert [t.through.allow for t in backend.targets if t.through] == [1, 0, 0]


def test_pods_that_only_their_node_lets_in_are_not_counted() -> None:
    host = pod("host", "192.0.2.1", more="hostNetwork: true, nodeName: n1")
    web = pod("web", "10.0.0.1", app="web", more="nodeName: n1")
    found = detail(web + C + host + DENY + TO_WEB)
    [backend] = found.backends
    through = backend.targets[0].through
    assert through is not None
    assert (through.allow, through.total, backend.reachable_from) == (0, 1, 0)
    assert found.standing is Standing.CLOSED
    assert "hostNetwork pods of an endpoint's own node always get in" in page(web + C + host + DENY + TO_WEB)


CILIUM = (
    "---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: cnp, namespace: x}\n"
    "spec: {endpointSelector: {matchLabels: {app: c}}, egressDeny: [{toEntities: [all]}]}\n"
)
FAULTY = policy("q", "{podSelector: {matchLabels: {app: c}}, policyTypes: [Egress], egress: [{to: [{}]}]}")
ISTIO = (
    "---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: a, namespace: x}\n"
    "spec: {selector: {matchLabels: {app: c}}}\n"
)


@pytest.mark.parametrize(
    ("text", "count", "named"),
    [
        (CILIUM, "1 of 1 pod ?", "? CiliumNetworkPolicy x/cnp may also decide who gets through"),
        (FAULTY, "0 of 1 pod ?", "? NetworkPolicy x/q may also decide who gets through"),
    ],
)
def test_a_count_is_marked_where_a_sources_way_out_is_in_doubt(text: str, count: str, named: str) -> None:
    found = detail(WEB + C + TO_WEB + text)
    assert (found.standing, found.verdict) == (Standing.DOUBTFUL, Verdict.UNKNOWN)
    for said in (page(WEB + C + TO_WEB + text), pod_page(WEB + C + TO_WEB + text)):
        assert f"{count}\n" in said
        assert "✗" not in said
        assert named in said


def test_one_source_without_doubt_is_enough_for_an_answer() -> None:
    found = detail(WEB + C + pod("d", "10.0.0.8", app="d") + TO_WEB + CILIUM)
    assert found.standing is Standing.ANSWERS
    assert "2 of 2 pods ?" in page(WEB + C + pod("d", "10.0.0.8", app="d") + TO_WEB + CILIUM)


def test_whom_the_endpoint_keeps_out_is_not_in_doubt() -> None:
    found = detail(WEB + C + TO_WEB + DENY + CILIUM)
    assert (found.standing, found.doubts) == (Standing.CLOSED, frozenset())
    assert "✗ 0 of 1 pod\n" in page(WEB + C + TO_WEB + DENY + CILIUM)


def test_what_has_no_say_in_a_pods_way_out_raises_no_doubt() -> None:
    assert detail(WEB + C + TO_WEB + ISTIO).doubts == frozenset()
    own = CILIUM.replace("app: c", "app: web")
    assert detail(WEB + C + TO_WEB + own).doubts == frozenset()  # the endpoint itself is no source


@pytest.mark.parametrize(
    ("families", "standing"),
    [("[IPv6]", Standing.CLOSED), ("[IPv4]", Standing.OUTSIDERS), ("[IPv4, IPv6]", Standing.OUTSIDERS)],
)
def test_addresses_outside_count_over_the_services_families_only(families: str, standing: Standing) -> None:
    text = exposed(f"{LOCAL}ipFamilies: {families}, ")
    assert detail(DUAL + text + let_in("192.0.2.0/24")).standing is standing


def test_addresses_outside_need_a_family_that_the_pod_has() -> None:
    ipv4 = endpoint_slice("[{addresses: [10.0.0.1]}]")
    found = detail(WEB + C + exposed(f"{LOCAL}ipFamilies: [IPv6], ") + ipv4 + let_in("2001:db8::/32"))
    assert found.standing is Standing.CLOSED


def test_a_way_in_that_hangs_on_something_unknown_is_no_less_in_doubt() -> None:
    new = pod("c", app="c")  # without an address: whether the block matches it is not known
    found = detail(WEB + new + TO_WEB + let_in("10.0.0.0/8") + CILIUM)
    assert found.standing is Standing.DOUBTFUL


def test_a_host_network_pods_way_out_is_not_in_doubt() -> None:
    host = pod("c", "192.0.2.1", app="c", more="hostNetwork: true")
    assert detail(WEB + host + TO_WEB + CILIUM).doubts == frozenset()


def test_the_other_pods_of_an_endpoints_template_may_be_in_doubt() -> None:
    own = CILIUM.replace("app: c", "app: web")
    assert detail(template(1) + C + TO_WEB + own).doubts == frozenset()
    [backend] = detail(template(2) + C + TO_WEB + own).backends
    through = backend.targets[0].through
    assert through is not None
    assert (through.total, through.doubtful, through.doubtful_allow) == (2, 1, 1)


def test_endpoints_that_policy_treats_differently_are_judged_apart() -> None:
    canary = pod("w2", "10.0.0.2", app="web", track="canary")
    shut = policy("p", "{podSelector: {matchLabels: {track: canary}}}")
    found = detail(WEB + canary + C + TO_WEB + shut)
    assert [backend.reachable_from for backend in found.backends] == [0, 2]
