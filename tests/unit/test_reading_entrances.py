"""What leads into the cluster, as the manifests have it: classes, Gateways, parents of routes, host ports."""

from __future__ import annotations

import io
from textwrap import dedent

import pytest

from policy_core.labels import LabelSelector
from policy_core.manifests.trimming import trimmed
from policy_core.model import (
    ContainerPort,
    Gateway,
    GatewayClass,
    IngressClass,
    Listener,
    ObjectOfInterest,
    ParentRef,
    ParentStatus,
    Pod,
    Route,
)
from policy_core.sources import files
from policy_core.sources.cluster.rights import cluster_role, role

GROUP = "gateway.networking.k8s.io"


def only(text: str) -> ObjectOfInterest:
    reading = files.read(["-"], stdin=io.BytesIO(dedent(text).encode()))
    assert not reading.problems, reading.problems
    [found] = reading.objects
    return found


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_a_gateway_with_its_listeners(version: str) -> None:
    found = only(f"""
        apiVersion: {GROUP}/{version}
        kind: Gateway
        metadata: {{name: g, namespace: edge}}
        spec:
          gatewayClassName: eg
          addresses: [{{value: 192.0.2.1}}, {{type: IPAddress}}]
          listeners:
          - {{name: http, port: 80, protocol: HTTP}}
          - name: https
            port: 443
            protocol: HTTPS
            hostname: '*.example.com'
            allowedRoutes:
              namespaces: {{from: Selector, selector: {{matchLabels: {{a: b}}}}}}
              kinds: [{{kind: HTTPRoute}}]
        """)
    selector = LabelSelector((("a", "b"),))
    kinds = frozenset({(GROUP, "HTTPRoute")})
    assert isinstance(found, Gateway)
    assert (found.class_name, found.addresses) == ("eg", ("192.0.2.1",))
    assert found.listeners == (
        Listener("http", 80, "HTTP"),
        Listener("https", 443, "HTTPS", "*.example.com", "Selector", selector, kinds),
    )


def test_the_addresses_that_a_gateway_has_count_more_than_those_it_asks_for() -> None:
    found = only(f"""
        apiVersion: {GROUP}/v1
        kind: Gateway
        metadata: {{name: g}}
        spec: {{addresses: [{{value: 192.0.2.1}}]}}
        status: {{addresses: [{{value: lb.example.com}}, {{value: 192.0.2.7}}]}}
        """)
    assert isinstance(found, Gateway)
    assert found.addresses == ("lb.example.com", "192.0.2.7")


def test_a_gateway_of_another_group_is_another_kind() -> None:
    reading = files.read(
        ["-"],
        stdin=io.BytesIO(b"apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: g}\n"),
    )
    assert not reading.objects
    assert reading.other_kinds == {"networking.istio.io/v1 Gateway": 1}


def test_the_classes_and_their_controllers() -> None:
    of_gateways = only(f"""
        apiVersion: {GROUP}/v1
        kind: GatewayClass
        metadata: {{name: eg}}
        spec: {{controllerName: example.com/controller}}
        """)
    of_ingresses = only("""
        apiVersion: networking.k8s.io/v1
        kind: IngressClass
        metadata: {name: nginx, annotations: {ingressclass.kubernetes.io/is-default-class: 'true'}}
        spec: {controller: k8s.io/ingress-nginx}
        """)
    assert isinstance(of_gateways, GatewayClass)
    assert of_gateways.controller == "example.com/controller"
    assert isinstance(of_ingresses, IngressClass)
    assert (of_ingresses.controller, of_ingresses.default) == ("k8s.io/ingress-nginx", True)
    assert (of_gateways.ref.namespace, of_ingresses.ref.namespace) == ("", "")


@pytest.mark.parametrize("value", ["'false'", "'True'", "''"])
def test_a_class_is_the_default_one_only_where_it_says_true(value: str) -> None:
    found = only(f"""
        apiVersion: networking.k8s.io/v1
        kind: IngressClass
        metadata: {{name: nginx, annotations: {{ingressclass.kubernetes.io/is-default-class: {value}}}}}
        """)
    assert isinstance(found, IngressClass)
    assert found.default is False


def test_the_class_and_the_address_of_an_ingress() -> None:
    ingress = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i%s}\nspec: {%s}\n"
    status = "status: {loadBalancer: {ingress: [{ip: 192.0.2.1}, {hostname: lb.example.com}]}}\n"
    annotated = ", annotations: {kubernetes.io/ingress.class: old}"
    plain = only(ingress % ("", "") + status)
    assert isinstance(plain, Route)
    assert plain.addresses == ("192.0.2.1", "lb.example.com")
    assert (plain.class_name, plain.tls) == (None, False)
    named = only(ingress % (annotated, "ingressClassName: new, tls: [{}]"))
    of_old = only(ingress % (annotated, ""))
    assert isinstance(named, Route)
    assert isinstance(of_old, Route)
    assert (named.class_name, named.tls) == ("new", True)
    assert of_old.class_name == "old"


def test_the_parents_of_a_route_and_what_is_said_of_them() -> None:
    found = only(f"""
        apiVersion: {GROUP}/v1
        kind: HTTPRoute
        metadata: {{name: r, namespace: shop}}
        spec:
          parentRefs:
          - {{name: g}}
          - {{name: g, namespace: edge, sectionName: web, port: 80}}
          - {{name: s, kind: Service, group: ''}}
        status:
          parents:
          - parentRef: {{name: g}}
            controllerName: example.com/c
            conditions: [{{type: ResolvedRefs, status: 'False'}}, {{type: Accepted, status: 'True'}}]
          - parentRef: {{name: g, namespace: edge}}
            controllerName: example.com/c
            conditions: [{{type: Accepted, status: 'False'}}, {{type: Accepted, status: Unknown}}]
        """)
    assert isinstance(found, Route)
    own = ParentRef(GROUP, "Gateway", "shop", "g")
    assert found.parents == (own, ParentRef(GROUP, "Gateway", "edge", "g", "web", 80))
    assert found.statuses == (
        ParentStatus(own, "example.com/c", True),
        ParentStatus(ParentRef(GROUP, "Gateway", "edge", "g"), "example.com/c", False),
    )


def test_a_route_of_the_default_gateways_has_a_parent_that_is_not_named() -> None:
    found = only(f"""
        apiVersion: {GROUP}/v1
        kind: HTTPRoute
        metadata: {{name: r}}
        spec: {{useDefaultGateways: All}}
        """)
    assert isinstance(found, Route)
    assert [parent.kind for parent in found.parents] == [""]


def test_ports_of_the_node_that_lead_to_a_container() -> None:
    found = only("""
        apiVersion: v1
        kind: Pod
        metadata: {name: p}
        spec:
          containers:
          - name: c
            ports:
            - {containerPort: 80, hostPort: 8080, hostIP: 192.0.2.1}
            - {containerPort: 81, hostPort: 0, hostIP: 192.0.2.1}
        """)
    assert isinstance(found, Pod)
    assert found.ports == (ContainerPort(80, "TCP", "", 8080, "192.0.2.1"), ContainerPort(81))


def test_what_is_kept_of_live_objects_has_all_that_is_read() -> None:
    annotations = {"kubernetes.io/ingress.class": "old", "other": "x"}
    ingress = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "i", "annotations": annotations},
        "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}, "more": 1},
    }
    kept = trimmed(ingress)
    assert kept["metadata"]["annotations"] == {"kubernetes.io/ingress.class": "old"}
    assert kept["status"] == {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}
    assert annotations["other"] == "x", "the original stays as it was"
    route = {
        "apiVersion": f"{GROUP}/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": "r"},
        "status": {
            "parents": [
                {
                    "parentRef": {"name": "g"},
                    "controllerName": "c",
                    "conditions": [{"type": "Accepted", "status": "False", "message": "no"}],
                }
            ]
        },
    }
    [parent] = trimmed(route)["status"]["parents"]
    assert parent["conditions"] == [{"type": "Accepted", "status": "False"}]
    assert (parent["parentRef"], parent["controllerName"]) == ({"name": "g"}, "c")


def test_the_rights_to_read_them() -> None:
    granted = {resource for rule in cluster_role()["rules"] for resource in rule["resources"]}
    assert {"gateways", "gatewayclasses", "ingressclasses"} <= granted
    within = {resource for rule in role("shop")["rules"] for resource in rule["resources"]}
    assert {"gateways"} <= within
    assert not within & {"gatewayclasses", "ingressclasses"}
