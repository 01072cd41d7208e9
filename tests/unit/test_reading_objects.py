"""From manifests to the model: defaults as the API server sets them, by group, version and kind."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any, TypeVar

import pytest

from policy_core.labels import EVERYTHING, LabelSelector, Operator, Requirement
from policy_core.manifests.collect import Collector
from policy_core.model import (
    ContainerPort,
    Direction,
    Endpoint,
    EndpointPort,
    EndpointSlice,
    Namespace,
    NetworkPolicy,
    Pod,
    PodPeer,
    PolicyPort,
    Reading,
    Ref,
    ReferenceGrant,
    Route,
    RouteBackend,
    Rule,
    Service,
    ServicePort,
    UnevaluatedPolicy,
    Workload,
)

T = TypeVar("T")
IN, EG = Direction.INGRESS, Direction.EGRESS


def read(text: str, file: str = "x.yaml", namespace: str = "default") -> Reading:
    collector = Collector(namespace)
    collector.add(file, text)
    reading = collector.reading(file)
    assert not reading.problems, [str(problem) for problem in reading.problems]
    return reading


def only(text: str, kind: type[T]) -> T:
    (found,) = read(text).objects
    assert isinstance(found, kind)
    return found


def policy(spec: str) -> NetworkPolicy:
    head = (
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: shop}\nspec: "
    )
    return only(head + spec, NetworkPolicy)


@pytest.mark.parametrize(
    ("spec", "types"),
    [
        ("{}", {IN}),
        ("{policyTypes: []}", {IN}),
        ("{egress: []}", {IN}),
        ("{egress: [{}]}", {IN, EG}),
        ("{policyTypes: [Ingress], egress: [{}]}", {IN}),
        ("{policyTypes: [Egress]}", {EG}),
        ("{policyTypes: [Egress, Ingress]}", {IN, EG}),
    ],
)
def test_policy_types_are_defaulted(spec: str, types: set[Direction]) -> None:
    assert policy(spec).types == types


@pytest.mark.parametrize("spec", ["{}", "{podSelector: ~}", "{podSelector: {}}", "~"])
def test_an_absent_pod_selector_is_everything(spec: str) -> None:
    assert policy(spec).pod_selector == EVERYTHING


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ("[]", ()),
        ("~", ()),
        ("[{}]", (Rule(),)),
        ("[{from: [], ports: ~}]", (Rule(),)),
        ("[{ports: [{}]}]", (Rule(ports=(PolicyPort("TCP"),)),)),
        ("[{ports: [{port: 53, protocol: UDP}, {port: dns}]}]", (Rule(ports=(PolicyPort("UDP", 53), PolicyPort("TCP", "dns"))),)),
        ("[{ports: [{port: 1e3, endPort: 2000}]}]", (Rule(ports=(PolicyPort("TCP", 1000, 2000),)),)),
        ("[{from: [{podSelector: {}}]}]", (Rule((PodPeer(None, EVERYTHING),)),)),
        ("[{from: [{namespaceSelector: {}}]}]", (Rule((PodPeer(EVERYTHING, None),)),)),
        (
            "[{from: [{namespaceSelector: {matchLabels: {a: b}}, podSelector: {matchExpressions: [{key: c, operator: NotIn, values: [d]}]}}]}]",
            (Rule((PodPeer(LabelSelector.of(a="b"), LabelSelector((), (Requirement("c", Operator.NOT_IN, ("d",)),))),)),),
        ),
    ],
)  # fmt: skip
def test_rules(rules: str, expected: tuple[Rule, ...]) -> None:
    assert policy(f"{{ingress: {rules}}}").ingress == expected


def test_a_name_alone_goes_to_the_given_namespace() -> None:
    text = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 80}]}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: other}\n"
    service, namespace = read(text, namespace="shop").objects
    assert service.ref == Ref("Service", "shop", "s")
    assert isinstance(namespace, Namespace)
    assert namespace.ref == Ref("Namespace", "", "other")
    assert namespace.labels == {"kubernetes.io/metadata.name": "other"}


def test_service_defaults() -> None:
    service = only("apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 80}]}", Service)
    assert service == Service("default", "s", ports=(ServicePort(80, 80),), origin=service.origin)


def test_a_service_with_everything() -> None:
    service = only(
        """
apiVersion: v1
kind: Service
metadata: {name: s, namespace: ns, labels: {a: b}}
spec:
  type: LoadBalancer
  selector: {app: web}
  clusterIP: 10.96.0.9
  clusterIPs: [10.96.0.9, 'fd00::9']
  externalIPs: [192.0.2.1]
  loadBalancerSourceRanges: [198.51.100.0/24]
  allocateLoadBalancerNodePorts: false
  ipFamilies: [IPv4, IPv6]
  internalTrafficPolicy: Local
  externalTrafficPolicy: Local
  sessionAffinity: ClientIP
  publishNotReadyAddresses: true
  ports: [{name: http, port: 80, targetPort: web, nodePort: 30080}, {name: dns, port: 53, protocol: UDP}]
status: {loadBalancer: {ingress: [{ip: 203.0.113.5}, {hostname: lb.example.com}]}}
""",
        Service,
    )
    assert service == Service(
        "ns",
        "s",
        "LoadBalancer",
        {"app": "web"},
        (ServicePort(80, "web", "TCP", "http", 30080), ServicePort(53, 53, "UDP", "dns")),
        ("10.96.0.9", "fd00::9"),
        "",
        ("192.0.2.1",),
        ("203.0.113.5", "lb.example.com"),
        ("198.51.100.0/24",),
        False,
        ("IPv4", "IPv6"),
        "Local",
        "Local",
        "ClientIP",
        True,
        {"a": "b"},
        service.origin,
    )


def test_a_headless_service() -> None:
    assert only(
        "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {clusterIP: None}", Service
    ).headless


def test_a_live_pod() -> None:
    pod = only(
        """
apiVersion: v1
kind: Pod
metadata:
  name: web-1
  labels: {app: web}
  ownerReferences: [{kind: Other, name: x}, {kind: ReplicaSet, name: web, controller: true}]
spec:
  nodeName: node-1
  initContainers:
  - {name: setup, ports: [{containerPort: 1}]}
  - {name: proxy, restartPolicy: Always, ports: [{containerPort: 15001, name: proxy}]}
  containers:
  - ports: [{containerPort: 8080, name: http}, {containerPort: 53, protocol: UDP}]
  - {name: helper}
status:
  phase: Running
  conditions: [{type: Initialized, status: 'True'}, {type: Ready, status: 'False'}]
  hostIP: 192.168.0.1
  podIP: 10.0.0.1
  podIPs: [{ip: 10.0.0.1}, {ip: 'fd00::1'}]
""",
        Pod,
    )
    assert pod == Pod(
        "default",
        "web-1",
        {"app": "web"},
        (ip_address("10.0.0.1"), ip_address("fd00::1")),
        (ContainerPort(8080, "TCP", "http"), ContainerPort(53, "UDP"), ContainerPort(15001, "TCP", "proxy")),
        "node-1",
        (ip_address("192.168.0.1"),),
        phase="Running",
        ready=False,
        owner=Ref("ReplicaSet", "default", "web"),
        origin=pod.origin,
    )


@pytest.mark.parametrize(
    ("conditions", "ready"),
    [
        ("[]", True),
        ("~", True),
        ("[{type: PodScheduled, status: 'False'}]", False),
        ("[{type: Initialized, status: 'True'}, {type: Ready, status: 'True'}]", True),
        ("[{type: Ready, status: Unknown}]", False),
    ],
)
def test_a_pod_with_conditions_is_ready_only_by_the_ready_condition(conditions: str, ready: bool) -> None:
    text = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nstatus: {{conditions: {conditions}}}"
    assert only(text, Pod).ready is ready


TEMPLATE = "{metadata: {labels: {app: x}}, spec: {containers: [{ports: [{containerPort: 80}]}]}}"


@pytest.mark.parametrize(
    ("version", "kind", "spec", "selector", "replicas"),
    [
        ("apps/v1", "Deployment", "{replicas: 3, selector: {matchLabels: {app: x}}, template: %s}", True, 3),
        ("apps/v1", "StatefulSet", "{selector: {matchLabels: {app: x}}, template: %s}", True, 1),
        ("apps/v1", "DaemonSet", "{selector: {matchLabels: {app: x}}, template: %s}", True, None),
        ("apps/v1", "ReplicaSet", "{replicas: 0, selector: {matchLabels: {app: x}}, template: %s}", True, 0),
        ("v1", "ReplicationController", "{replicas: 1, selector: {app: x}, template: %s}", True, 1),
        ("batch/v1", "Job", "{parallelism: 4, template: %s}", False, None),
        ("batch/v1", "CronJob", "{schedule: '* * * * *', jobTemplate: {spec: {template: %s}}}", False, None),
    ],
)
def test_workloads(version: str, kind: str, spec: str, selector: bool, replicas: int | None) -> None:
    text = f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: w}}\nspec: {spec % TEMPLATE}"
    workload = only(text, Workload)
    assert workload.ref == workload.template.ref == Ref(kind, "default", "w")
    assert workload.template.labels == {"app": "x"}
    assert workload.template.ports == (ContainerPort(80),)
    assert workload.template.replicas == replicas
    assert workload.selector == (LabelSelector.of(app="x") if selector else None)


@pytest.mark.parametrize(
    ("condition", "finished"), [("Complete", True), ("Failed", True), ("Suspended", False)]
)
def test_a_finished_job(condition: str, finished: bool) -> None:
    status = f"{{conditions: [{{type: {condition}, status: 'True'}}]}}"
    text = (
        f"apiVersion: batch/v1\nkind: Job\nmetadata: {{name: j}}\nspec: {{template: {{}}}}\nstatus: {status}"
    )
    assert only(text, Workload).finished is finished


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_an_endpoint_slice(version: str) -> None:
    found = only(
        f"""
apiVersion: discovery.k8s.io/{version}
kind: EndpointSlice
metadata: {{name: web-abc, labels: {{kubernetes.io/service-name: web}}}}
addressType: IPv4
ports: [{{name: http, port: 8080, protocol: TCP}}, {{port: ~}}]
endpoints:
- {{addresses: [10.0.0.1], conditions: {{ready: ~}}, targetRef: {{kind: Pod, name: web-1, namespace: shop}}, nodeName: n1}}
- {{addresses: [10.0.0.2], conditions: {{ready: false, serving: true, terminating: true}}}}
""",
        EndpointSlice,
    )
    assert (found.service, found.mirrored) == ("web", False)
    assert found.ports == (EndpointPort(8080, "TCP", "http"), EndpointPort(None))
    assert found.endpoints == (
        Endpoint((ip_address("10.0.0.1"),), pod="web-1", node="n1", pod_namespace="shop"),
        Endpoint((ip_address("10.0.0.2"),), ready=False, terminating=True),
    )


ENDPOINTS = """
apiVersion: v1
kind: Endpoints
metadata: {name: db%s}
subsets:
- addresses: [{ip: 192.0.2.1}]
  notReadyAddresses: [{ip: 192.0.2.2}]
  ports: [{port: 5432}]
- addresses: [{ip: 192.0.2.3}]
  ports: [{port: 5433}]
"""


def test_endpoints_are_mirrored_subset_by_subset() -> None:
    first, second = read(ENDPOINTS % "").objects
    assert isinstance(first, EndpointSlice)
    assert isinstance(second, EndpointSlice)
    assert (first.service, first.mirrored, second.service) == ("db", True, "db")
    assert [endpoint.ready for endpoint in first.endpoints] == [True, False]
    assert second.ports == (EndpointPort(5433),)
    assert first.ref != second.ref


def test_endpoints_that_ask_not_to_be_mirrored_are_left_out() -> None:
    assert read(ENDPOINTS % ", labels: {endpointslice.kubernetes.io/skip-mirror: 'true'}").objects == ()


def test_an_ingress() -> None:
    route = only(
        """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: i, namespace: ns}
spec:
  defaultBackend: {service: {name: fallback, port: {name: http}}}
  rules:
  - host: a.example.com
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
  - http: {paths: [{backend: {resource: {kind: Bucket, name: b}}}]}
""",
        Route,
    )
    assert route.hosts == ("a.example.com",)
    assert route.backends == (RouteBackend("ns", "fallback", "http"), RouteBackend("ns", "web", 80))


@pytest.mark.parametrize("version", ["v1", "v1beta1", "v1alpha2"])
@pytest.mark.parametrize("kind", ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"])
def test_a_gateway_route(version: str, kind: str) -> None:
    route = only(
        f"""
apiVersion: gateway.networking.k8s.io/{version}
kind: {kind}
metadata: {{name: r, namespace: ns}}
spec:
  parentRefs: [{{name: gateway}}]
  hostnames: [a.example.com]
  rules:
  - backendRefs:
    - {{name: web, port: 80}}
    - {{name: db, namespace: data, port: 5432, kind: Service, group: ''}}
    - {{name: bucket, kind: Bucket, group: example.com}}
""",
        Route,
    )
    assert (route.group, route.kind) == ("gateway.networking.k8s.io", kind)
    assert route.backends == (RouteBackend("ns", "web", 80), RouteBackend("data", "db", 5432))


ROUTE = "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: r}\nspec: "


@pytest.mark.parametrize(
    ("parents", "there"),
    [
        ("[{kind: Service, group: '', name: web}]", False),
        ("[{kind: Service, group: '', name: web}, {name: gateway}]", True),
        ("[{name: gateway}]", True),
        ("[]", False),
    ],
)
def test_a_route_of_a_mesh_or_of_nothing_brings_nothing_in_from_outside(parents: str, there: bool) -> None:
    reading = read(f"{ROUTE}{{parentRefs: {parents}, rules: [{{backendRefs: [{{name: web, port: 80}}]}}]}}")
    assert bool(reading.objects) is there


def test_a_backend_of_weight_0_gets_nothing() -> None:
    refs = "[{name: old, port: 80, weight: 0}, {name: new, port: 80, weight: 1}]"
    route = only(f"{ROUTE}{{parentRefs: [{{name: g}}], rules: [{{backendRefs: {refs}}}]}}", Route)
    assert [backend.service for backend in route.backends] == ["new"]


@pytest.mark.parametrize(
    ("to", "services"),
    [
        ("[{group: '', kind: Service}]", None),
        ("[{group: '', kind: Service, name: db}]", {"db"}),
        ("[{group: '', kind: Secret}]", set()),
    ],
)
def test_a_reference_grant(to: str, services: set[str] | None) -> None:
    grant = only(
        f"""
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: {{name: g}}
spec: {{from: [{{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: web}}], to: {to}}}
""",
        ReferenceGrant,
    )
    assert grant.sources == {("gateway.networking.k8s.io", "HTTPRoute", "web")}
    assert grant.services == services


def unevaluated(version: str, kind: str, spec: str, namespace: str = "ns") -> UnevaluatedPolicy:
    text = f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: u, namespace: {namespace}}}\nspec: {spec}"
    return only(text, UnevaluatedPolicy)


def _in(key: str, *values: str) -> Requirement:
    return Requirement(key, Operator.IN, values)


NAME_LABEL = "kubernetes.io/metadata.name"
PODS_A = "{matchLabels: {a: b}}"
AB = LabelSelector.of(a="b")


@pytest.mark.parametrize(
    ("version", "kind", "spec", "namespaces", "pods"),
    [
        ("networking.k8s.aws/v1alpha1", "ClusterNetworkPolicy",
         f"{{subject: {{pods: {{namespaceSelector: {{}}, podSelector: {PODS_A}}}}}}}", EVERYTHING, AB),
        ("networking.k8s.aws/v1alpha1", "ClusterNetworkPolicy", "{subject: {namespaces: {}}}", EVERYTHING, None),
        ("networking.k8s.aws/v1alpha1", "ClusterNetworkPolicy", f"{{subject: {{namespaces: {PODS_A}}}}}", AB, None),
        ("networking.k8s.aws/v1alpha1", "ApplicationNetworkPolicy", f"{{podSelector: {PODS_A}}}", None, AB),
        ("vpcresources.k8s.aws/v1beta1", "SecurityGroupPolicy", f"{{podSelector: {PODS_A}}}", None, AB),
        ("security.istio.io/v1", "AuthorizationPolicy", f"{{selector: {PODS_A}}}", None, AB),
        ("security.istio.io/v1", "AuthorizationPolicy", "{}", None, None),
        ("cilium.io/v2", "CiliumNetworkPolicy", "{endpointSelector: {}}", None, None),
        ("projectcalico.org/v3", "NetworkPolicy", "{selector: all()}", None, None),
        ("crd.projectcalico.org/v1", "GlobalNetworkPolicy", "{}", None, None),
    ],
)  # fmt: skip
def test_what_an_unevaluated_policy_may_select(
    version: str, kind: str, spec: str, namespaces: LabelSelector | None, pods: LabelSelector | None
) -> None:
    found = unevaluated(version, kind, spec)
    assert found.group == version.split("/")[0]
    assert (found.readable, found.namespaces, found.pods) == (True, namespaces, pods)
    assert found.namespace == ("" if kind.startswith(("Cluster", "CiliumC", "Global")) else "ns")


@pytest.mark.parametrize(
    ("version", "kind", "spec"),
    [
        ("networking.k8s.aws/v1alpha1", "ClusterNetworkPolicy", "{subject: {other: {}}}"),
        ("cilium.io/v2", "CiliumNetworkPolicy", "{}"),
        ("security.istio.io/v1", "AuthorizationPolicy", "{targetRefs: [{kind: Gateway, name: g}]}"),
    ],
)
def test_a_selector_that_is_not_understood_is_said_to_be_unreadable(
    version: str, kind: str, spec: str
) -> None:
    found = unevaluated(version, kind, spec)
    assert (found.readable, found.namespaces, found.pods) == (False, None, None)


@pytest.mark.parametrize(
    ("version", "kind", "spec", "pods"),
    [
        ("policy.networking.k8s.io/v1beta1", "ClusterNetworkPolicy",
         f"{{subject: {{pods: {{podSelector: {PODS_A}}}}}}}", AB),
        ("security.istio.io/v1alpha1", "AuthorizationPolicy", "{}", None),
        ("vpcresources.k8s.aws/v1", "SecurityGroupPolicy", "{elsewhere: {}}", None),
        ("vpcresources.k8s.aws/v1", "SecurityGroupPolicy", f"{{podSelector: {PODS_A}}}", AB),
    ],
)  # fmt: skip
def test_a_policy_in_an_unknown_version_is_readable_only_by_a_selector_in_the_known_place(
    version: str, kind: str, spec: str, pods: LabelSelector | None
) -> None:
    found = unevaluated(version, kind, spec)
    assert (found.readable, found.namespaces, found.pods) == (pods is not None, None, pods)


def test_an_istio_policy_of_the_root_namespace_is_in_force_everywhere() -> None:
    found = unevaluated("security.istio.io/v1", "AuthorizationPolicy", "{}", "istio-system")
    assert (found.namespace, found.name) == ("", "istio-system/u")


def test_a_kind_is_known_by_its_group_too() -> None:
    reading = read(
        "apiVersion: example.com/v1\nkind: NetworkPolicy\nmetadata: {name: a}\n---\n"
        "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: b}\n---\n"
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {x: y}\n---\n"
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: d}\n"
    )
    assert reading.objects == ()
    assert reading.other_kinds == {
        "example.com/v1 NetworkPolicy": 1,
        "serving.knative.dev/v1 Service": 1,
        "v1 ConfigMap": 2,
    }


POD_LIST: dict[str, Any] = {"yaml": """\
apiVersion: v1
items:
- metadata:
    name: a
  spec: {nodeName: n1}
- metadata: {name: b}
kind: PodList
""", "json": """\
{
  "kind": "PodList", "apiVersion": "v1",
  "items": [ {"metadata":
       {"name": "a"}, "spec": {"nodeName": "n1"}},
    {"metadata": {"name": "b"}}
  ]
}
"""}  # fmt: skip


@pytest.mark.parametrize(("syntax", "lines"), [("yaml", [(3, 5), (6, 6)]), ("json", [(3, 4), (5, 5)])])
def test_the_items_of_a_typed_list_need_no_kind(syntax: str, lines: list[tuple[int, int]]) -> None:
    reading = read(POD_LIST[syntax], f"x.{syntax}")
    assert [str(pod.ref) for pod in reading.objects] == ["Pod default/a", "Pod default/b"]
    assert [(o.line, o.end_line) for pod in reading.objects if (o := pod.origin)] == lines


def test_lists_within_lists_are_unfolded_in_order() -> None:
    pod = "{apiVersion: v1, kind: Pod, metadata: {name: %s}}"
    inner = f"{{apiVersion: v1, kind: List, items: [{pod % 'b'}, {pod % 'c'}]}}"
    reading = read(
        f"apiVersion: v1\nkind: List\nitems:\n- {pod % 'a'}\n- {inner}\n- {pod % 'd'}\n- {{apiVersion: v1, kind: List, items: ~}}"
    )
    assert [obj.ref.name for obj in reading.objects] == ["a", "b", "c", "d"]


def test_origins_count_documents_and_lines() -> None:
    reading = read(
        '\ufeff# head\r\n---\r\n# Source: x\r\napiVersion: v1\r\nkind: Pod\r\nmetadata: {name: a}\r\n---\r\n---\r\n{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "b"}}'
    )
    assert [(str(o), o.document, o.end_line) for obj in reading.objects if (o := obj.origin)] == [
        ("x.yaml:4", 1, 6),
        ("x.yaml:9", 2, 9),
    ]
