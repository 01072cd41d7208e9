"""Services: what they route to, where they lead, and what exposes them."""

from __future__ import annotations

import pytest

from policy_core.details.service import service_detail
from policy_core.evaluation import Evaluation
from policy_core.model import Service
from policy_core.routing import Backend
from tests.clusters import evaluate, namespace, pod, policy, service

HTTP = "[{name: http, containerPort: 8080}]"


def listening(name: str, ip: str, ports: str = HTTP, ready: bool = True, phase: str = "Running") -> str:
    text = pod(name, ip, app="web").replace("{name: c}", f"{{name: c, ports: {ports}}}")
    condition = f"conditions: [{{type: Ready, status: '{ready}'}}]"
    return text.replace("phase: Running", f"phase: {phase}, {condition}")


def the_service(evaluation: Evaluation, name: str = "s") -> Service:
    return next(s for s in evaluation.snapshot.services if s.name == name)


def backends(evaluation: Evaluation, name: str = "s") -> tuple[Backend, ...]:
    return evaluation.routing.backends(the_service(evaluation, name))


def numbers(backend: Backend) -> list[int | None]:
    return [target.number for target in backend.targets]


WEB = listening("w1", "10.0.0.1") + listening("w2", "10.0.0.2", ready=False)
SELECT = "selector: {app: web}"


def test_the_selector_finds_pods_of_the_own_namespace_ready_or_not() -> None:
    stranger = pod("w3", "10.0.0.3", namespace="w", app="web")
    cluster = evaluate(WEB + stranger + service("s", f"{{{SELECT}, ports: [{{port: 80}}]}}"))
    assert [(b.pod.name, b.ready) for b in backends(cluster) if b.pod] == [("w1", True), ("w2", False)]


def test_target_port_defaults_to_the_port() -> None:
    cluster = evaluate(WEB + service("s", f"{{{SELECT}, ports: [{{port: 80}}]}}"))
    assert numbers(backends(cluster)[0]) == [80]


def test_a_named_target_port_resolves_on_each_pod() -> None:
    other = listening("w2", "10.0.0.2", "[{name: http, containerPort: 9090}]")
    none = listening("w3", "10.0.0.3", "[{name: http, containerPort: 1, protocol: UDP}]")
    text = listening("w1", "10.0.0.1") + other + none
    cluster = evaluate(text + service("s", f"{{{SELECT}, ports: [{{port: 80, targetPort: http}}]}}"))
    assert [numbers(b) for b in backends(cluster)] == [[8080], [9090], [None]]


def test_finished_pods_are_no_backends() -> None:
    text = listening("w1", "10.0.0.1", phase="Succeeded") + service(
        "s", f"{{{SELECT}, ports: [{{port: 80}}]}}"
    )
    assert backends(evaluate(text)) == ()


def test_an_external_name_routes_nothing_whatever_it_selects() -> None:
    cluster = evaluate(WEB + service("s", f"{{type: ExternalName, externalName: db.example.com, {SELECT}}}"))
    assert backends(cluster) == ()


def test_without_a_selector_only_slices_give_endpoints() -> None:
    bare = service("s", "{ports: [{port: 80}]}")
    assert backends(evaluate(WEB + bare)) == ()
    outside = (
        "---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n"
        "metadata: {name: s-1, namespace: x, labels: {kubernetes.io/service-name: s}}\n"
        "addressType: IPv4\nports: [{port: 8443}]\nendpoints: [{addresses: [203.0.113.9]}]\n"
    )
    [backend] = backends(evaluate(WEB + bare + outside))
    assert (backend.pod, numbers(backend), backend.ready) == (None, [8443], True)


def test_slices_are_the_truth_merge_and_default_ready_to_true() -> None:
    def part(name: str, endpoints: str) -> str:
        return (
            "---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n"
            f"metadata: {{name: {name}, namespace: x, labels: {{kubernetes.io/service-name: s}}}}\n"
            f"addressType: IPv4\nports: [{{name: '', port: 8080}}]\nendpoints: {endpoints}\n"
        )

    by_name = "[{addresses: [10.0.0.1], targetRef: {kind: Pod, name: w1, namespace: x}}]"
    text = (
        WEB
        + service("s", f"{{{SELECT}, ports: [{{port: 80, targetPort: http}}]}}")
        + part("s-1", by_name)
        + part("s-2", "[{addresses: [10.0.0.1]}, {addresses: [10.0.0.2], conditions: {ready: false}}]")
    )
    cluster = evaluate(text)
    assert [(b.pod.name, b.ready, numbers(b)) for b in backends(cluster) if b.pod] == [
        ("w1", True, [8080]),
        ("w2", False, [8080]),
    ]
    assert [s.name for s, _ in cluster.routing.services_of(cluster.pods["Pod", "x", "w2"])] == ["s"]  # type: ignore[index]


def referring(reference: str, address: str = "10.0.0.1") -> str:
    return (
        "---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n"
        "metadata: {name: s-1, namespace: x, labels: {kubernetes.io/service-name: s}}\n"
        f"addressType: IPv4\nports: [{{port: 80}}]\n"
        f"endpoints: [{{addresses: [{address}], targetRef: {{kind: Pod, {reference}}}}}]\n"
    )


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("name: w1", "x/w1"),
        ("name: w1, namespace: other", "other/w1"),
        ("name: w2", "x/w1"),  # has another address than the endpoint
        ("name: new", "x/new"),  # has none yet
    ],
)
def test_an_endpoint_is_the_pod_that_it_names_unless_the_addresses_differ(reference: str, found: str) -> None:
    pods = WEB + pod("w1", "10.0.0.1", namespace="other") + pod("new")
    pods = pods if "other" in reference else WEB + pod("new")
    cluster = evaluate(pods + service("s", "{ports: [{port: 80}]}") + referring(reference))
    assert [backend.pod.ref.path for backend in backends(cluster) if backend.pod] == [found]


def test_publish_not_ready_addresses_makes_every_backend_ready() -> None:
    cluster = evaluate(
        WEB + service("s", f"{{{SELECT}, publishNotReadyAddresses: true, ports: [{{port: 80}}]}}")
    )
    assert [b.ready for b in backends(cluster)] == [True, True]


def test_policy_sees_the_target_port_and_not_the_service_port() -> None:
    web = listening("w1", "10.0.0.1") + pod("c", "10.0.0.9", app="client")
    routed = service("s", f"{{{SELECT}, ports: [{{port: 80, targetPort: 8080}}]}}")
    for port, verdict, through in ((8080, "allow", 1), (80, "deny", 0)):
        rule = policy(
            "p", f"{{podSelector: {{matchLabels: {{app: web}}}}, ingress: [{{ports: [{{port: {port}}}]}}]}}"
        )
        cluster = evaluate(web + routed + rule)
        detail = service_detail(cluster, the_service(cluster))
        assert (detail.verdict, detail.backends[0].reachable_from) == (verdict, through)


def test_a_service_without_a_ready_endpoint_is_denied() -> None:
    cluster = evaluate(
        listening("w1", "10.0.0.1", ready=False)
        + pod("c")
        + service("s", f"{{{SELECT}, ports: [{{port: 80}}]}}")
    )
    detail = service_detail(cluster, the_service(cluster))
    assert (detail.ready, detail.verdict) == (0, "deny")


def test_the_families_of_the_service_decide_which_addresses_count() -> None:
    dual = pod("w1", "10.0.0.1,fd00::1", app="web") + pod("c", "10.0.0.2,fd00::2", app="c")
    rule = policy(
        "p", "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}"
    )
    counts = {}
    for families in ("[IPv4]", "[IPv6]", "[IPv4, IPv6]"):
        cluster = evaluate(
            dual + rule + service("s", f"{{{SELECT}, ipFamilies: {families}, ports: [{{port: 80}}]}}")
        )
        through = service_detail(cluster, the_service(cluster)).backends[0].targets[0].through
        assert through is not None
        counts[families] = (through.allow, through.partial)
    assert counts == {"[IPv4]": (1, 0), "[IPv6]": (0, 0), "[IPv4, IPv6]": (0, 1)}


@pytest.mark.parametrize(
    ("spec", "vias"),
    [
        ("{ports: [{port: 80}]}", []),
        ("{type: NodePort, ports: [{port: 80, nodePort: 30080}]}", ["NodePort"]),
        ("{type: LoadBalancer, ports: [{port: 80, nodePort: 30080}]}", ["NodePort", "LoadBalancer"]),
        ("{type: LoadBalancer, allocateLoadBalancerNodePorts: false, ports: [{port: 80}]}", ["LoadBalancer"]),
        ("{externalIPs: [203.0.113.1], ports: [{port: 80}]}", ["ExternalIP"]),
        ("{type: ExternalName, externalName: a.example.com}", []),
    ],
)
def test_exposure_by_type(spec: str, vias: list[str]) -> None:
    cluster = evaluate(service("s", spec))
    assert [exposure.via for exposure in cluster.routing.exposures(the_service(cluster))] == vias


def ingress(backend: str) -> str:
    return (
        "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i, namespace: x}\n"
        "spec: {rules: [{host: shop.example.com, http: {paths: [{path: /, pathType: Prefix, "
        f"backend: {{service: {backend}}}}}]}}}}]}}\n"
    )


@pytest.mark.parametrize(
    ("backend", "exposed"),
    [
        ("{name: s, port: {number: 80}}", True),
        ("{name: s, port: {name: web}}", True),
        ("{name: s, port: {number: 8080}}", False),
        ("{name: other, port: {number: 80}}", False),
    ],
)
def test_an_ingress_names_a_service_port_of_its_namespace(backend: str, exposed: bool) -> None:
    cluster = evaluate(service("s", "{ports: [{name: web, port: 80, targetPort: 8080}]}") + ingress(backend))
    assert [e.via for e in cluster.routing.exposures(the_service(cluster))] == (
        ["Ingress"] if exposed else []
    )


ROUTE = (
    "---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: r, namespace: edge}\n"
    "spec: {parentRefs: [{name: gateway}], rules: [{backendRefs: [{name: s, namespace: x, port: 80}]}]}\n"
)
GRANT = (
    "---\napiVersion: gateway.networking.k8s.io/v1beta1\nkind: ReferenceGrant\nmetadata: {name: g, namespace: x}\n"
    "spec: {from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: edge}], to: [{group: '', kind: Service}]}\n"
)


def test_a_route_reaches_another_namespace_only_with_a_reference_grant() -> None:
    text = namespace("x") + service("s", "{ports: [{port: 80}]}") + ROUTE
    without, granted = evaluate(text), evaluate(text + GRANT)
    assert [e.via for e in without.routing.exposures(the_service(without))] == []
    assert [e.via for e in granted.routing.exposures(the_service(granted))] == ["HTTPRoute"]
    elsewhere = evaluate(text + GRANT.replace("namespace: edge", "namespace: other"))
    assert [e.via for e in elsewhere.routing.exposures(the_service(elsewhere))] == []


KINDS = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute")


@pytest.mark.parametrize("kind", KINDS)
def test_routes_of_every_kind_need_a_grant_for_their_own_kind(kind: str) -> None:
    text = namespace("x") + service("s", "{ports: [{port: 80}]}") + ROUTE.replace("HTTPRoute", kind)
    for granted in KINDS:
        cluster = evaluate(text + GRANT.replace("HTTPRoute", granted))
        found = [e.via for e in cluster.routing.exposures(the_service(cluster))]
        assert found == ([kind] if kind == granted else [])


@pytest.mark.parametrize(
    ("old", "new", "exposed"),
    [
        ("kind: Service}", "kind: Service, name: s}", True),
        ("kind: Service}", "kind: Service, name: other}", False),
        ("kind: Service}", "kind: Secret}", False),
        ("to: [{group: ''", "to: [{group: example.com", False),
        ("from: [{group: gateway.networking.k8s.io", "from: [{group: example.com", False),
        ("name: g, namespace: x", "name: g, namespace: edge", False),
    ],
)
def test_a_grant_covers_what_it_names_only(old: str, new: str, exposed: bool) -> None:
    assert old in GRANT
    text = namespace("x") + service("s", "{ports: [{port: 80}]}") + ROUTE + GRANT.replace(old, new)
    cluster = evaluate(text)
    assert bool(cluster.routing.exposures(the_service(cluster))) is exposed


@pytest.mark.parametrize("backend", ["group: example.com, ", "kind: Bucket, "])
def test_a_route_to_something_else_of_that_name_exposes_no_service(backend: str) -> None:
    route = ROUTE.replace("namespace: edge", "namespace: x").replace("{name: s,", f"{{{backend}name: s,")
    cluster = evaluate(service("s", "{ports: [{port: 80}]}") + route)
    assert cluster.routing.exposures(the_service(cluster)) == ()


def test_endpoints_with_several_subsets_replace_no_other_object() -> None:
    def endpoints(name: str, *addresses: str) -> str:
        subsets = ", ".join(f"{{addresses: [{{ip: {a}}}], ports: [{{port: 1}}]}}" for a in addresses)
        return f"---\napiVersion: v1\nkind: Endpoints\nmetadata: {{name: {name}, namespace: x}}\nsubsets: [{subsets}]\n"

    cluster = evaluate(
        service("db", "{ports: [{port: 1}]}")
        + service("db-2", "{ports: [{port: 1}]}")
        + endpoints("db-2", "10.9.9.9")
        + endpoints("db", "10.0.0.1", "10.0.0.2")
    )
    assert cluster.snapshot.problems == ()
    assert [str(b.addresses[0]) for b in backends(cluster, "db")] == ["10.0.0.1", "10.0.0.2"]
    assert [str(b.addresses[0]) for b in backends(cluster, "db-2")] == ["10.9.9.9"]
