"""Ingresses and routes: whose controller connects, and what policy says of its pods."""

from __future__ import annotations

import pytest

from policy_core.details.admission import Why
from policy_core.details.exposure import Exposed, InCluster, exposed_pods, in_cluster
from policy_core.details.exposure_caveats import exposure_caveats
from policy_core.evaluation import Evaluation
from policy_core.exposure import Place, Way
from policy_core.proxies import Path, Proxy, Unfound
from policy_core.verdict import Verdict
from tests.clusters import evaluate, namespace, pod, policy, service
from tests.coverage import absent, forbidden, partly_read, whole

GROUP = "gateway.networking.k8s.io"
WEB = namespace("x") + pod("web", "10.0.0.1", app="web", more="nodeName: n1")
TO_WEB = service("s", "{selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}")
CLASS = (
    "---\napiVersion: networking.k8s.io/v1\nkind: IngressClass\n"
    "metadata: {{name: {name}, annotations: {{ingressclass.kubernetes.io/is-default-class: '{default}'}}}}\n"
    "spec: {{controller: {controller}}}\n"
)


def ingress_class(controller: str, name: str = "c", default: str = "false") -> str:
    return CLASS.format(controller=controller, name=name, default=default)


def ingress(class_name: str = "c", *, more: str = "", status: str = "") -> str:
    named = f"ingressClassName: {class_name}, " if class_name else ""
    return (
        "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i, namespace: x}\n"
        f"spec: {{{named}{more}rules: [{{host: a.example.com, http: {{paths: [{{path: /, pathType: Prefix,"
        f" backend: {{service: {{name: s, port: {{number: 80}}}}}}}}]}}}}]}}\n{status}\n"
    )


def labelled(name: str, ip: str, labels: dict[str, str], *, in_: str = "edge", more: str = "") -> str:
    return pod(name, ip, namespace=in_, more=more, **labels)


NGINX = {"app.kubernetes.io/name": "ingress-nginx", "app.kubernetes.io/component": "controller"}
BY_NGINX = WEB + TO_WEB + ingress_class("k8s.io/ingress-nginx") + ingress()
CONTROLLER = labelled("ctl", "10.0.9.1", NGINX)
FROM_EDGE = policy(
    "p",
    "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: edge}}}],"
    " ports: [{port: 8080}]}]}",
)
CLOSED = policy("p", "{podSelector: {matchLabels: {app: web}}}")


def by_route(evaluation: Evaluation, way: Way = Way.INGRESS) -> Exposed:
    [found] = [each for each in exposed_pods(evaluation) if each.way is way]
    return found


def told(text: str) -> Exposed:
    return by_route(evaluate(text))


def proxy(found: Exposed) -> Proxy:
    assert found.entrance.proxy is not None
    return found.entrance.proxy


# The controller's pods ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("controller", "labels", "space"),
    [
        ("k8s.io/ingress-nginx", NGINX, "edge"),
        ("traefik.io/ingress-controller", {"app.kubernetes.io/name": "traefik"}, "edge"),
        ("haproxy.org/ingress-controller", {"run": "haproxy-ingress"}, "edge"),
        ("haproxy.org/ingress-controller/one", {"app.kubernetes.io/name": "kubernetes-ingress"}, "edge"),
        ("haproxy-ingress.github.io/controller", {"app.kubernetes.io/name": "haproxy-ingress"}, "edge"),
        ("projectcontour.io/ingress-controller", {"app": "envoy"}, "projectcontour"),
        ("istio.io/ingress-controller", {"istio": "ingressgateway"}, "istio-system"),
        ("nginx.org/ingress-controller", {"app": "nginx-ingress"}, "edge"),
        ("nginx.org/ingress-controller", {"app.kubernetes.io/name": "nginx-ingress"}, "edge"),
        (
            "ingress-controllers.konghq.com/kong",
            {"app.kubernetes.io/name": "kong", "app.kubernetes.io/component": "app"},
            "edge",
        ),
    ],
)
def test_the_pods_of_a_known_controller_are_told_by_its_labels(
    controller: str, labels: dict[str, str], space: str
) -> None:
    pods = labelled("ctl", "10.0.9.1", labels, in_=space) + labelled("other", "10.0.9.2", {"app": "x"})
    found = told(WEB + TO_WEB + ingress_class(controller) + ingress() + pods)
    assert [each.ref.path for each in proxy(found).pods] == [f"{space}/ctl"]
    assert (found.verdict, found.admission.why) == (Verdict.ALLOW, Why.PROXY)


@pytest.mark.parametrize(
    ("controller", "labels"),
    [
        ("k8s.io/ingress-nginx", {"app.kubernetes.io/name": "ingress-nginx"}),
        ("k8s.io/ingress-nginx", {"app": "ingress-nginx"}),
        ("projectcontour.io/ingress-controller", {"app": "envoy"}),
        ("haproxy.org/ingress-controllers", {"run": "haproxy-ingress"}),
        ("example.com/controller", NGINX),
    ],
)
def test_what_is_merely_called_so_is_not_the_controller(controller: str, labels: dict[str, str]) -> None:
    pods = labelled("ingress-nginx-controller", "10.0.9.1", labels)
    found = told(WEB + TO_WEB + ingress_class(controller) + ingress() + pods)
    assert (found.verdict, found.admission.why) == (Verdict.UNKNOWN, Why.UNFOUND)
    assert proxy(found).pods == ()


def test_finished_pods_and_workloads_scaled_to_nothing_are_no_controller() -> None:
    found = told(BY_NGINX + CONTROLLER.replace("Running", "Succeeded"))
    assert proxy(found).unfound is Unfound.NO_PODS


def test_policy_judges_the_controllers_pod_and_no_address_outside() -> None:
    assert told(BY_NGINX + CONTROLLER + FROM_EDGE).verdict is Verdict.ALLOW
    assert told(BY_NGINX + CONTROLLER + CLOSED).verdict is Verdict.DENY
    outside = policy("p", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 192.0.2.0/24}}]}]}")
    found = told(BY_NGINX + CONTROLLER + outside)
    assert found.verdict is Verdict.DENY
    assert not found.clients.certain


def test_the_controllers_egress_counts_and_so_does_the_target_port() -> None:
    shut = policy("out", "{podSelector: {}, policyTypes: [Egress]}", namespace="edge")
    assert told(BY_NGINX + CONTROLLER + shut).verdict is Verdict.DENY
    of_service = FROM_EDGE.replace("8080", "80")
    assert told(BY_NGINX + CONTROLLER + of_service).verdict is Verdict.DENY


def test_a_host_network_controller_gets_in_on_the_pods_own_node() -> None:
    def on(*nodes: str) -> str:
        return "".join(
            labelled(f"c-{node}", f"172.16.0.{at}", NGINX, more=f"hostNetwork: true, nodeName: {node}")
            for at, node in enumerate(nodes, 1)
        )

    assert told(BY_NGINX + on("n1") + CLOSED).verdict is Verdict.ALLOW
    assert told(BY_NGINX + on("n2") + CLOSED).verdict is Verdict.DENY
    assert told(BY_NGINX + on("n2", "n1") + CLOSED).verdict is Verdict.PARTIAL
    somewhere = labelled("c", "172.16.0.9", NGINX, more="hostNetwork: true")
    assert told(BY_NGINX + somewhere + CLOSED).verdict is Verdict.UNKNOWN
    assert told(BY_NGINX + on("n2") + somewhere + CLOSED).verdict is Verdict.UNKNOWN


def test_two_workloads_that_may_be_the_controllers_must_be_treated_alike() -> None:
    two = CONTROLLER + labelled("ctl", "10.0.9.2", NGINX, in_="edge2")
    alike = told(BY_NGINX + two + CLOSED)
    assert alike.verdict is Verdict.DENY
    differing = told(BY_NGINX + two + FROM_EDGE)
    assert (differing.verdict, differing.admission.why) == (Verdict.UNKNOWN, Why.PROXIES_DIFFER)


def test_two_pods_of_one_controller_may_be_treated_differently() -> None:
    other = labelled("ctl2", "10.0.9.2", {**NGINX, "tier": "new"})
    only_new = policy(
        "p",
        "{podSelector: {}, ingress: [{from: [{namespaceSelector: {}, podSelector: {matchLabels: {tier: new}}}]}]}",
    )
    assert told(BY_NGINX + CONTROLLER + other + only_new).verdict is Verdict.PARTIAL


def test_objects_that_may_apply_to_the_controller_leave_a_doubt() -> None:
    cilium = (
        "---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: c, namespace: edge}\n"
        "spec: {endpointSelector: {}}\n"
    )
    assert [str(ref) for ref in told(BY_NGINX + CONTROLLER + cilium).doubts] == ["CiliumNetworkPolicy edge/c"]


# Classes --------------------------------------------------------------------------------------------------


def test_an_ingress_without_a_class_has_the_default_one() -> None:
    default = ingress_class("k8s.io/ingress-nginx", default="true")
    assert told(WEB + TO_WEB + default + ingress("") + CONTROLLER).verdict is Verdict.ALLOW
    two = default + ingress_class("example.com/other", "other", default="true")
    assert proxy(told(WEB + TO_WEB + two + ingress("") + CONTROLLER)).unfound is Unfound.NO_CLASS
    none = ingress_class("k8s.io/ingress-nginx")
    assert proxy(told(WEB + TO_WEB + none + ingress("") + CONTROLLER)).unfound is Unfound.NO_CLASS


def test_an_ingress_that_a_cluster_holds_without_a_class_has_none() -> None:
    text = WEB + TO_WEB + ingress_class("k8s.io/ingress-nginx", default="true") + ingress("") + CONTROLLER
    found = by_route(partly_read(text, whole("Ingress"), whole("IngressClass")))
    assert (found.verdict, proxy(found).unfound) == (Verdict.UNKNOWN, Unfound.NO_CLASS)


def test_a_class_that_is_not_there() -> None:
    text = WEB + TO_WEB + ingress("gone") + CONTROLLER
    assert proxy(told(text)).unfound is Unfound.CLASS_UNREAD
    assert proxy(by_route(partly_read(text, forbidden("IngressClass")))).unfound is Unfound.CLASS_UNREAD
    assert proxy(by_route(partly_read(text, whole("IngressClass")))).unfound is Unfound.NO_SUCH_CLASS


def test_the_annotation_of_old_names_the_class_too() -> None:
    annotated = ingress("").replace("{name: i,", "{name: i, annotations: {kubernetes.io/ingress.class: c},")
    text = WEB + TO_WEB + ingress_class("k8s.io/ingress-nginx") + annotated + CONTROLLER
    assert told(text).verdict is Verdict.ALLOW


# No pod in the path ---------------------------------------------------------------------------------------

SOME = policy("p", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 192.0.2.0/24}}]}]}")
ANYONE = policy("p", "{podSelector: {}, ingress: [{}]}")


@pytest.mark.parametrize(
    ("policies", "verdict", "why"),
    [
        ("", Verdict.ALLOW, Why.OPEN),
        (ANYONE, Verdict.ALLOW, Why.OPEN),
        (SOME, Verdict.UNKNOWN, Why.BALANCER),
        (CLOSED, Verdict.DENY, Why.CLOSED),
    ],
)
def test_a_load_balancer_of_aws_connects_itself(policies: str, verdict: Verdict, why: Why) -> None:
    found = told(WEB + TO_WEB + ingress_class("ingress.k8s.aws/alb") + ingress() + policies)
    assert (found.verdict, found.admission.why) == (verdict, why)
    assert proxy(found).path is Path.BALANCER


@pytest.mark.parametrize(
    ("policies", "verdict", "why"),
    [
        ("", Verdict.ALLOW, Why.OPEN),
        (ANYONE, Verdict.UNKNOWN, Why.NODE_PROXY),
        (SOME, Verdict.UNKNOWN, Why.NODE_PROXY),
        (CLOSED, Verdict.DENY, Why.CLOSED),
    ],
)
def test_no_rule_names_the_proxy_of_cilium(policies: str, verdict: Verdict, why: Why) -> None:
    found = told(WEB + TO_WEB + ingress_class("cilium.io/ingress-controller") + ingress() + policies)
    assert (found.verdict, found.admission.why) == (verdict, why)


def test_that_a_pod_connects_is_said_only_where_one_may() -> None:
    def said(text: str) -> bool:
        evaluation = evaluate(text)
        told = exposure_caveats(evaluation, exposed_pods(evaluation))
        return any("comes from a pod of its controller" in each for each in told)

    assert said(BY_NGINX + CONTROLLER)
    assert said(BY_NGINX)
    assert not said(WEB + TO_WEB + ingress_class("ingress.k8s.aws/alb") + ingress())


# Not found ------------------------------------------------------------------------------------------------


def test_of_an_unknown_controller_it_is_told_how_many_pods_get_in() -> None:
    evaluation = evaluate(WEB + TO_WEB + ingress_class("example.com/c") + ingress() + CONTROLLER + FROM_EDGE)
    found = by_route(evaluation)
    assert (found.verdict, found.admission.why) == (Verdict.UNKNOWN, Why.UNFOUND)
    assert proxy(found).unfound is Unfound.OTHER
    assert in_cluster(evaluation, found) == InCluster(allow=1, unknown=0, total=1)


# Where clients find it ------------------------------------------------------------------------------------

STATUS = "status: {loadBalancer: {ingress: [{ip: 203.0.113.5}]}}"


def front(spec: str, more: str = "") -> str:
    selector = "selector: {app.kubernetes.io/name: ingress-nginx}"
    return service("front", f"{{{selector}, {spec}}}", namespace="edge", more=more)


def test_an_ingress_has_the_address_of_its_status() -> None:
    found = told(WEB + TO_WEB + ingress_class("x") + ingress(status=STATUS)).entrance
    assert (found.place, found.addresses, found.ports) == (Place.ADDRESS, ("203.0.113.5",), (80,))
    assert found.hosts == ("a.example.com",)


def test_an_ingress_with_certificates_is_reached_on_443_too() -> None:
    assert told(WEB + TO_WEB + ingress(more="tls: [{secretName: t}], ")).entrance.ports == (80, 443)


def test_else_that_of_the_service_before_the_controllers_pods() -> None:
    balanced = front("type: LoadBalancer, ports: [{port: 80}]", STATUS)
    found = told(BY_NGINX + CONTROLLER + balanced).entrance
    assert (found.place, found.addresses) == (Place.ADDRESS, ("203.0.113.5",))
    node_ports = front("type: NodePort, ports: [{port: 80, nodePort: 30080}, {port: 9000, nodePort: 30900}]")
    found = told(BY_NGINX + CONTROLLER + node_ports).entrance
    assert (found.place, found.ports) == (Place.ANY_NODE, (30080,))
    pending = front("type: LoadBalancer, allocateLoadBalancerNodePorts: false, ports: [{port: 80}]")
    assert told(BY_NGINX + CONTROLLER + pending).entrance.place is Place.PENDING


def test_else_the_nodes_of_a_controller_with_ports_of_the_host() -> None:
    host = CONTROLLER.replace("spec: {", "spec: {nodeName: n7, hostNetwork: true, ")
    found = told(BY_NGINX + host).entrance
    assert (found.place, found.addresses) == (Place.PROXY_NODE, ("n7",))
    assert told(BY_NGINX + CONTROLLER).entrance.place is Place.UNKNOWN


# Gateways -------------------------------------------------------------------------------------------------


def gateway_class(controller: str) -> str:
    return (
        f"---\napiVersion: {GROUP}/v1\nkind: GatewayClass\nmetadata: {{name: gc}}\n"
        f"spec: {{controllerName: {controller}}}\n"
    )


GATEWAY = (
    f"---\napiVersion: {GROUP}/v1\nkind: Gateway\nmetadata: {{name: g, namespace: edge}}\n"
    "spec: {gatewayClassName: gc, listeners: [{name: http, port: 8000, protocol: %s,"
    " allowedRoutes: {namespaces: {from: All}}}]}\nstatus: {addresses: [{value: 203.0.113.7}]}\n"
)


def route(kind: str = "HTTPRoute", *, in_: str = "x", backend: str = "{name: s, port: 80}") -> str:
    return (
        f"---\napiVersion: {GROUP}/v1\nkind: {kind}\nmetadata: {{name: r, namespace: {in_}}}\n"
        "spec: {parentRefs: [{name: g, namespace: edge}],"
        f" rules: [{{backendRefs: [{backend}]}}]}}\n"
    )


MADE = labelled("gw", "10.0.9.1", {"gateway.networking.k8s.io/gateway-name": "g"})


@pytest.mark.parametrize(
    ("kind", "protocol"),
    [
        ("HTTPRoute", "HTTP"),
        ("GRPCRoute", "HTTPS"),
        ("TLSRoute", "TLS"),
        ("TCPRoute", "TCP"),
        ("UDPRoute", "UDP"),
    ],
)
def test_every_kind_of_route_exposes_through_its_gateway(kind: str, protocol: str) -> None:
    transport = "UDP" if kind == "UDPRoute" else "TCP"
    to_web = TO_WEB.replace("targetPort: 8080", f"targetPort: 8080, protocol: {transport}")
    text = WEB + to_web + GATEWAY % protocol + route(kind) + MADE
    found = by_route(
        evaluate(text + FROM_EDGE.replace("port: 8080", f"port: 8080, protocol: {transport}")), Way(kind)
    )
    assert (found.verdict, found.admission.why) == (Verdict.ALLOW, Why.PROXY)
    assert (found.entrance.protocol, found.entrance.ports, found.target) == (transport, (8000,), 8080)
    assert found.entrance.addresses == ("203.0.113.7",)
    assert str(found.entrance.gateway) == "Gateway edge/g"


@pytest.mark.parametrize(
    ("labels", "space", "found"),
    [
        ({"gateway.networking.k8s.io/gateway-name": "g"}, "edge", True),
        ({"gateway.networking.k8s.io/gateway-name": "g"}, "x", False),
        ({"gateway.networking.k8s.io/gateway-name": "other"}, "edge", False),
        (
            {
                "gateway.envoyproxy.io/owning-gateway-name": "g",
                "gateway.envoyproxy.io/owning-gateway-namespace": "edge",
            },
            "envoy-gateway-system",
            True,
        ),
        (
            {
                "gateway.envoyproxy.io/owning-gateway-name": "g",
                "gateway.envoyproxy.io/owning-gateway-namespace": "x",
            },
            "envoy-gateway-system",
            False,
        ),
    ],
)
def test_the_pods_that_were_made_for_a_gateway_carry_its_name(
    labels: dict[str, str], space: str, found: bool
) -> None:
    text = WEB + TO_WEB + GATEWAY % "HTTP" + route() + labelled("gw", "10.0.9.1", labels, in_=space)
    exposed = by_route(evaluate(text), Way.HTTP_ROUTE)
    assert bool(proxy(exposed).pods) is found
    assert exposed.verdict is (Verdict.ALLOW if found else Verdict.UNKNOWN)


def test_the_class_of_a_gateway_tells_its_controller() -> None:
    text = WEB + TO_WEB + GATEWAY % "HTTP" + route()
    traefik = labelled("t", "10.0.9.1", {"app.kubernetes.io/name": "traefik"})
    of_traefik = evaluate(text + gateway_class("traefik.io/gateway-controller") + traefik)
    assert by_route(of_traefik, Way.HTTP_ROUTE).verdict is Verdict.ALLOW
    of_aws = evaluate(text + gateway_class("gateway.k8s.aws/nlb"))
    assert proxy(by_route(of_aws, Way.HTTP_ROUTE)).path is Path.BALANCER
    of_cilium = evaluate(text + gateway_class("io.cilium/gateway-controller"))
    assert proxy(by_route(of_cilium, Way.HTTP_ROUTE)).path is Path.NODE
    assert proxy(by_route(evaluate(text), Way.HTTP_ROUTE)).unfound is Unfound.CLASS_UNREAD


def test_a_gateway_that_was_not_read_leaves_it_open() -> None:
    found = by_route(evaluate(WEB + TO_WEB + route() + CLOSED), Way.HTTP_ROUTE)
    assert (found.verdict, found.admission.why) == (Verdict.UNKNOWN, Why.DETACHED)


def test_a_route_that_no_gateway_takes_exposes_nothing() -> None:
    same = (GATEWAY % "HTTP").replace("from: All", "from: Same")
    assert exposed_pods(evaluate(WEB + TO_WEB + same + route())) == ()
    gone = partly_read(WEB + TO_WEB + route(), absent("Gateway"))
    assert exposed_pods(gone) == ()


def test_another_namespace_is_reached_only_with_a_grant() -> None:
    far = route(in_="edge", backend="{name: s, namespace: x, port: 80}")
    text = WEB + TO_WEB + GATEWAY % "HTTP" + far + MADE
    assert exposed_pods(evaluate(text)) == ()
    grant = (
        f"---\napiVersion: {GROUP}/v1beta1\nkind: ReferenceGrant\nmetadata: {{name: r, namespace: x}}\n"
        f"spec: {{from: [{{group: {GROUP}, kind: HTTPRoute, namespace: edge}}], to: [{{group: '', kind: Service}}]}}\n"
    )
    found = by_route(evaluate(text + grant), Way.HTTP_ROUTE)
    assert (str(found.entrance.by), found.verdict) == ("HTTPRoute edge/r", Verdict.ALLOW)


def test_several_listeners_of_one_gateway_are_one_way_in() -> None:
    two = (GATEWAY % "HTTP").replace(
        "listeners: [",
        "listeners: [{name: more, port: 8001, protocol: HTTP, hostname: b.example.com,"
        " allowedRoutes: {namespaces: {from: All}}}, ",
    )
    both = route().replace(
        "parentRefs: [{name: g, namespace: edge}]",
        "parentRefs: [{name: g, namespace: edge, port: 8000}, {name: g, namespace: edge, port: 8001}]",
    )
    found = by_route(evaluate(WEB + TO_WEB + two + both), Way.HTTP_ROUTE)
    assert (found.entrance.ports, found.entrance.hosts) == ((8000, 8001), ())
    one = both.replace("{name: g, namespace: edge, port: 8000}, ", "")
    assert by_route(evaluate(WEB + TO_WEB + two + one), Way.HTTP_ROUTE).entrance.hosts == ("b.example.com",)
