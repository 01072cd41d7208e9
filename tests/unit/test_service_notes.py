"""What the page of a Service adds to its answer: what exposes it, its settings, notes and caveats."""

from __future__ import annotations

import io

import pytest

from policy_core.details.pod import pod_detail
from policy_core.report.json import pod_json
from policy_core.sources import files
from tests.clusters import evaluate, pod, policy, service, the_pod
from tests.unit.test_endpoints import deleted, endpoint_slice
from tests.unit.test_service_standing import DENY, INGRESS, TO_WEB, WEB, C, let_in, page, pod_page

PORTS = "selector: {app: web}, ports: [{port: 80}]"
CONTROLLER = "To policy, an Ingress or a route is its controller's pod, not the client."
HIDES = "externalTrafficPolicy Cluster hides the client's address"
IGNORE = "Its node ports ignore loadBalancerSourceRanges."
HEADLESS = "Headless: no port is translated. Who dials 80 arrives at 80;"


def settings(spec: str) -> str:
    _, _, rest = page(WEB + service("s", spec)).partition("SETTINGS\n")
    return rest.partition("\n\n")[0].strip()


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("publishNotReadyAddresses: true", "publishNotReadyAddresses: true"),
        ("sessionAffinity: ClientIP", "sessionAffinity: ClientIP"),
        ("internalTrafficPolicy: Local", "internalTrafficPolicy: Local"),
        ("type: NodePort, externalTrafficPolicy: Local", "externalTrafficPolicy: Local"),
        ("allocateLoadBalancerNodePorts: false", "allocateLoadBalancerNodePorts: false"),
        ("ipFamilies: [IPv4, IPv6]", "ipFamilies: IPv4, IPv6"),
        (
            "publishNotReadyAddresses: false, sessionAffinity: None, internalTrafficPolicy: Cluster, "
            "externalTrafficPolicy: Cluster, allocateLoadBalancerNodePorts: true",
            "",
        ),
    ],
)
def test_only_settings_that_depart_from_the_defaults_are_told(setting: str, told: str) -> None:
    assert settings(f"{{{setting}, {PORTS}}}") == told


@pytest.mark.parametrize(
    ("spec", "note", "there"),
    [
        ("type: NodePort", HIDES, True),
        ("type: LoadBalancer", HIDES, True),
        ("type: NodePort, externalTrafficPolicy: Local", HIDES, False),
        ("type: ClusterIP", HIDES, False),
        ("type: LoadBalancer, loadBalancerSourceRanges: [192.0.2.0/24]", IGNORE, True),
        ("type: LoadBalancer", IGNORE, False),
        (
            "type: LoadBalancer, allocateLoadBalancerNodePorts: false, loadBalancerSourceRanges: [192.0.2.0/24]",
            IGNORE,
            False,
        ),
        (
            "type: LoadBalancer, loadBalancerSourceRanges: [192.0.2.0/24, 198.51.100.0/24]",
            "LoadBalancer: address pending, clients from 192.0.2.0/24, 198.51.100.0/24 only",
            True,
        ),
        ("internalTrafficPolicy: Local", "pods reach only endpoints of their own node", True),
        ("internalTrafficPolicy: Cluster", "pods reach only endpoints of their own node", False),
        ("externalIPs: [203.0.113.1]", "ExternalIP: 203.0.113.1", True),
        ("clusterIP: None, externalIPs: [203.0.113.1]", "not exposed outside the cluster", True),
    ],
)
def test_notes_on_what_comes_from_outside(spec: str, note: str, there: bool) -> None:
    assert (note in page(WEB + service("s", f"{{{spec}, {PORTS}}}"))) is there


def test_the_peer_of_an_ingress_is_its_controllers_pod() -> None:
    assert CONTROLLER in page(WEB + C + TO_WEB + INGRESS)
    assert CONTROLLER not in page(WEB + C + service("s", f"{{type: NodePort, {PORTS}}}"))


@pytest.mark.parametrize(
    ("spec", "there"),
    [
        ("{clusterIP: None, selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}", True),
        ("{clusterIP: None, selector: {app: web}, ports: [{port: 80}]}", False),
        ("{selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}", False),
    ],
)
def test_a_headless_service_translates_no_port(spec: str, there: bool) -> None:
    text = WEB + C + service("s", spec)
    assert (HEADLESS in page(text)) is there
    assert (HEADLESS in pod_page(text)) is there


@pytest.mark.parametrize(("head", "there"), [("", True), ("clusterIP: None, ", False)])
def test_a_rule_for_a_headless_services_own_port_is_no_mix_up(head: str, there: bool) -> None:
    text = service("s", f"{{{head}selector: {{app: web}}, ports: [{{port: 80, targetPort: 8080}}]}}")
    rule = policy(
        "p", "{podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: 80, protocol: TCP}]}]}"
    )
    assert ("names 80, the port of the Service" in page(WEB + C + text + rule)) is there


def test_a_rule_that_also_opens_by_name_what_arrives_is_no_mix_up() -> None:
    web = WEB.replace("{name: c}", "{name: c, ports: [{name: http, containerPort: 8080}]}")
    text = service("s", "{selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}")
    both = "{podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: 80}, {port: http}]}]}"
    assert "the port of the Service" not in page(web + C + text + policy("p", both))
    other = both.replace("port: http", "port: http, protocol: UDP")
    assert "names 80, the port of the Service" in page(web + C + text + policy("p", other))


def test_a_service_has_the_caveats_of_its_rules() -> None:
    assert "No NetworkPolicy at all was read" in page(WEB + C + TO_WEB)
    said = page(WEB + C + TO_WEB + let_in("10.0.0.0/8"))
    assert "ipBlock 10.0.0.0/8 covers addresses of 1 pod" in said
    assert "No NetworkPolicy at all was read" not in said
    by_labels = "{from: [{namespaceSelector: {matchLabels: {team: a}}}]}"
    rule = policy("p", f"{{podSelector: {{matchLabels: {{app: web}}}}, ingress: [{by_labels}]}}")
    assert "No Namespace object for x was read" in page(WEB + C + TO_WEB + rule)
    assert "GOOD TO KNOW" not in page(WEB + C + TO_WEB + DENY)


def test_rows_say_what_an_endpoint_is_and_whether_it_still_serves() -> None:
    unread = endpoint_slice("[{addresses: [10.0.0.7], targetRef: {kind: Pod, name: gone}}]")
    assert "10.0.0.7 pod gone, not read  80 → 80        ready  unknown" in page(C + TO_WEB + unread)
    outside = endpoint_slice("[{addresses: [192.0.2.7]}]")
    assert "192.0.2.7 outside the known pods  80 → 80        ready  by egress only" in page(
        C + TO_WEB + outside
    )
    assert "shutting down" in page(deleted(WEB) + C + TO_WEB)


def test_a_pod_that_a_service_selects_and_no_slice_lists_is_no_endpoint_of_it() -> None:
    elsewhere = endpoint_slice("[{addresses: [10.0.0.9]}]")
    assert "nothing routes here: no Service has it as an endpoint" in pod_page(WEB + C + TO_WEB + elsewhere)


def test_no_endpoint_for_want_of_a_family_is_told_as_such() -> None:
    ipv6 = service("s", f"{{ipFamilies: [IPv6], {PORTS}}}")
    assert "since no pod that it selects has an IPv6 address." in page(WEB + C + ipv6)
    assert "since its selector matches no pod." in page(C + ipv6)


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("{selector: {app: web}}", True),
        ("{selector: {app: web}, ports: []}", True),
        ("{clusterIP: None, selector: {app: web}}", False),
        ("{type: ExternalName, externalName: db.example.com}", False),
        ("{selector: {app: web}, ports: [{port: 80}]}", False),
    ],
)
def test_a_service_without_ports_is_told_unless_it_may_do_without(spec: str, told: bool) -> None:
    reading = files.read(["-"], stdin=io.BytesIO(service("s", spec).encode()))
    assert ["ports are missing" in problem.message for problem in reading.problems] == [True] * told


def test_a_pod_that_is_being_deleted_is_read_without_a_word() -> None:
    reading = files.read(["-"], stdin=io.BytesIO(deleted(pod("web", "10.0.0.1")).encode()))
    assert reading.problems == ()
    evaluation = evaluate(deleted(WEB))
    web = the_pod(evaluation, "x/web")
    assert web is not None
    assert web.terminating


def test_nothing_of_a_finished_pod_is_allowed_or_denied() -> None:
    evaluation = evaluate(WEB.replace("Running", "Succeeded"))
    web = the_pod(evaluation, "x/web")
    assert web is not None
    told = pod_json(pod_detail(evaluation, web))
    assert (told["ingress"]["otherwise"], told["egress"]["otherwise"]) == (None, None)
