"""Which endpoints a Service has, from its selector, its EndpointSlices or its Endpoints, and which are ready."""

from __future__ import annotations

import pytest

from policy_core.evaluation import Evaluation
from policy_core.routing import Backend
from tests.clusters import evaluate, pod, service

WEB = pod("web", "10.0.0.1", app="web")
TO_WEB = service("s", "{selector: {app: web}, ports: [{port: 80}]}")
BARE = service("s", "{ports: [{port: 80}]}")


def endpoint_slice(
    endpoints: str, ports: str = "[{port: 80}]", name: str = "s-1", type_: str = "IPv4"
) -> str:
    return (
        "---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n"
        f"metadata: {{name: {name}, namespace: x, labels: {{kubernetes.io/service-name: s}}}}\n"
        f"addressType: {type_}\nports: {ports}\nendpoints: {endpoints}\n"
    )


def endpoints(subsets: str, labels: str = "{}") -> str:
    return (
        "---\napiVersion: v1\nkind: Endpoints\n"
        f"metadata: {{name: s, namespace: x, labels: {labels}}}\n{subsets}\n"
    )


def template(replicas: int) -> str:
    return (
        "---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: web, namespace: x}\n"
        f"spec: {{replicas: {replicas}, selector: {{matchLabels: {{app: web}}}}, "
        "template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c}]}}}\n"
    )


def deleted(text: str) -> str:
    return text.replace("labels:", "deletionTimestamp: '2024-05-01T10:00:00Z', labels:")


def backends(text: str) -> tuple[Backend, ...]:
    evaluation: Evaluation = evaluate(text)
    return evaluation.routing.backends(next(s for s in evaluation.snapshot.services if s.name == "s"))


def told(text: str) -> list[tuple[str, bool, list[int | None]]]:
    """Who each endpoint is, whether it is ready, and what its ports lead to."""
    return [
        (
            b.pod.name if b.pod else ", ".join(map(str, b.addresses)),
            b.ready,
            [target.number for target in b.targets],
        )
        for b in backends(text)
    ]


def test_a_pod_that_was_not_read_is_no_address_outside() -> None:
    named = "[{addresses: [10.0.0.7], targetRef: {kind: Pod, name: gone, namespace: other}}]"
    [backend] = backends(WEB + TO_WEB + endpoint_slice(named))
    assert backend.pod is None
    assert str(backend.unread) == "Pod other/gone"
    [outside] = backends(WEB + TO_WEB + endpoint_slice("[{addresses: [10.0.0.7]}]"))
    assert outside.unread is None


def test_a_pod_that_is_known_with_other_addresses_only_is_not_the_one_that_was_read() -> None:
    named = "[{addresses: [10.0.0.7], targetRef: {kind: Pod, name: web}}]"
    [backend] = backends(WEB + TO_WEB + endpoint_slice(named))
    assert (backend.pod, str(backend.unread)) == (None, "Pod x/web")


def test_a_finished_pod_in_a_slice_is_no_endpoint() -> None:
    named = endpoint_slice("[{addresses: [10.0.0.1], targetRef: {kind: Pod, name: web}}]")
    finished = WEB.replace("Running", "Succeeded")
    assert backends(finished + TO_WEB + named) == ()
    heir = pod("heir", "10.0.0.1", app="web")
    assert told(finished + heir + TO_WEB + named) == [("heir", True, [80])]


def test_an_address_that_host_network_pods_share_names_none_of_them() -> None:
    host = pod("host", "192.168.0.1", more="hostNetwork: true")
    assert told(host + BARE + endpoint_slice("[{addresses: [192.168.0.1]}]")) == [("192.168.0.1", True, [80])]
    by_name = "[{addresses: [192.168.0.1], targetRef: {kind: Pod, name: host}}]"
    assert told(host + BARE + endpoint_slice(by_name)) == [("host", True, [80])]


@pytest.mark.parametrize(
    ("families", "address", "there"),
    [
        ("ipFamilies: [IPv6], ", "10.0.0.1", False),
        ("ipFamilies: [IPv6], ", "10.0.0.1,fd00::1", True),
        ("ipFamilies: [IPv4, IPv6], ", "10.0.0.1", True),
        ("clusterIP: 10.96.0.1, ", "fd00::1", False),
        ("clusterIP: 'fd00:96::1', ", "fd00::1", True),
        ("clusterIP: None, ", "fd00::1", True),
        ("", "fd00::1", True),
        ("ipFamilies: [IPv6], ", "", True),
    ],
)
def test_a_pod_without_an_address_of_the_services_families_is_no_endpoint(
    families: str, address: str, there: bool
) -> None:
    text = service("s", f"{{{families}selector: {{app: web}}, ports: [{{port: 80}}]}}")
    assert bool(backends(pod("web", address, app="web") + text)) is there


@pytest.mark.parametrize("publish", [True, False])
def test_what_is_scaled_to_0_is_never_ready(publish: bool) -> None:
    text = service(
        "s",
        f"{{selector: {{app: web}}, publishNotReadyAddresses: {str(publish).lower()}, ports: [{{port: 80}}]}}",
    )
    assert told(template(0) + text) == [("web", False, [80])]
    assert told(template(1) + text) == [("web", True, [80])]


def test_a_pod_that_is_being_deleted_is_not_ready_but_may_still_serve() -> None:
    [backend] = backends(deleted(WEB) + TO_WEB)
    assert (backend.ready, backend.draining) == (False, True)
    unready = deleted(WEB).replace("podIPs", "conditions: [{type: Ready, status: 'False'}], podIPs")
    [backend] = backends(unready + TO_WEB)
    assert (backend.ready, backend.draining) == (False, False)
    published = TO_WEB.replace("ports", "publishNotReadyAddresses: true, ports")
    [backend] = backends(deleted(WEB) + published)
    assert (backend.ready, backend.draining) == (True, False)


@pytest.mark.parametrize(
    ("conditions", "ready", "draining"),
    [
        ("{}", True, False),
        ("{ready: true, terminating: true, serving: true}", True, False),
        ("{ready: false, serving: true, terminating: true}", False, True),
        ("{ready: false, terminating: true}", False, True),
        ("{ready: false, serving: false, terminating: true}", False, False),
        ("{ready: false, serving: true}", False, False),
    ],
)
def test_the_conditions_of_an_endpoint(conditions: str, ready: bool, draining: bool) -> None:
    text = endpoint_slice(f"[{{addresses: [10.0.0.1], conditions: {conditions}}}]")
    [backend] = backends(WEB + TO_WEB + text)
    assert (backend.ready, backend.draining) == (ready, draining)


def test_two_slices_of_one_pod_make_one_endpoint_with_all_that_either_says() -> None:
    dual = pod("web", "10.0.0.1,fd00::1", app="web")
    two = service("s", "{ports: [{name: a, port: 80}, {name: b, port: 81}]}")
    first = endpoint_slice("[{addresses: [10.0.0.1], conditions: {ready: false}}]", "[{name: a, port: 8080}]")
    second = endpoint_slice("[{addresses: ['fd00::1']}]", "[{name: b, port: 8081}]", "s-2", "IPv6")
    for slices in (first + second, second + first):
        [backend] = backends(dual + two + slices)
        assert backend.ready
        assert sorted(target.number or 0 for target in backend.targets) == [8080, 8081]
        assert {str(address) for address in backend.addresses} == {"10.0.0.1", "fd00::1"}


def test_a_slice_port_without_a_number_leaves_the_port_as_it_is() -> None:
    assert told(WEB + BARE + endpoint_slice("[{addresses: [10.0.0.1]}]", "[{name: ''}]")) == [
        ("web", True, [80])
    ]


@pytest.mark.parametrize(
    ("ports", "numbers"),
    [
        ("[{name: http, port: 8080}]", [8080]),
        ("[{name: web, port: 8080}]", []),
        ("[{name: http, port: 8080, protocol: UDP}]", []),
        ("[{port: 8080}]", []),
    ],
)
def test_ports_of_a_slice_match_by_name_and_protocol(ports: str, numbers: list[int]) -> None:
    named = service("s", "{ports: [{name: http, port: 80}]}")
    assert told(WEB + named + endpoint_slice("[{addresses: [10.0.0.1]}]", ports)) == [("web", True, numbers)]


def test_only_the_first_address_of_an_endpoint_outside_counts() -> None:
    assert told(BARE + endpoint_slice("[{addresses: [203.0.113.1, 203.0.113.2]}]")) == [
        ("203.0.113.1, 203.0.113.2", True, [80])
    ]


def test_a_slice_of_names_lists_no_endpoint() -> None:
    assert backends(BARE + endpoint_slice("[{addresses: [db.example.com]}]", type_="FQDN")) == ()


SUBSET = "subsets: [{addresses: [{ip: 10.0.0.9}], notReadyAddresses: [{ip: 10.0.0.8}], ports: [{port: 81}]}]"


def test_endpoints_are_the_truth_where_there_is_no_slice() -> None:
    found = [("10.0.0.9", True, [81]), ("10.0.0.8", False, [81])]
    assert told(WEB + TO_WEB + endpoints(SUBSET)) == found


def test_a_slice_takes_precedence_over_endpoints_in_any_order() -> None:
    real = endpoint_slice("[{addresses: [10.0.0.1]}]")
    for text in (real + endpoints(SUBSET), endpoints(SUBSET) + real):
        assert told(WEB + TO_WEB + text) == [("web", True, [80])]


@pytest.mark.parametrize("subsets", ["", "subsets: []", "subsets: null"])
def test_endpoints_without_subsets_say_that_there_is_none(subsets: str) -> None:
    assert backends(WEB + TO_WEB + endpoints(subsets)) == ()


def test_endpoints_that_are_not_mirrored_say_nothing() -> None:
    apart = "{endpointslice.kubernetes.io/skip-mirror: 'true'}"
    assert told(WEB + TO_WEB + endpoints(SUBSET, apart)) == [("web", True, [80])]
