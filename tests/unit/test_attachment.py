"""Which Gateways a route is attached to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policy_core.attachment import Attachment, Detached, names_meet
from policy_core.coverage import KindCoverage, KindState
from policy_core.evaluation import Evaluation
from tests.clusters import evaluate, namespace, pod, service

GROUP = "gateway.networking.k8s.io"
HTTP = "{name: http, port: 80, protocol: HTTP%s}"
WEB = pod("w", "10.0.0.1", app="web") + service("s", "{selector: {app: web}, ports: [{port: 80}]}")


def gateway(listeners: str, *, in_: str = "x") -> str:
    return (
        f"---\napiVersion: {GROUP}/v1\nkind: Gateway\nmetadata: {{name: g, namespace: {in_}}}\n"
        f"spec: {{gatewayClassName: c, listeners: [{listeners}]}}\n"
    )


def route(parents: str = "{name: g}", *, kind: str = "HTTPRoute", more: str = "", status: str = "") -> str:
    return (
        f"---\napiVersion: {GROUP}/v1\nkind: {kind}\nmetadata: {{name: r, namespace: x}}\n"
        f"spec: {{parentRefs: [{parents}], rules: [{{backendRefs: [{{name: s, port: 80}}]}}]{more}}}\n"
        f"{status}\n"
    )


def said(parent: str, *accepted: tuple[str, str]) -> str:
    entries = ", ".join(
        f"{{parentRef: {parent}, controllerName: {controller}, conditions: [{{type: Accepted, status: '{yes}'}}]}}"
        for controller, yes in accepted
    )
    return f"status: {{parents: [{entries}]}}"


def attachments(evaluation: Evaluation) -> tuple[Attachment, ...]:
    [found] = evaluation.snapshot.routes
    return evaluation.routing.attachments.of(found)


def the_attachment(text: str) -> Attachment:
    [found] = attachments(evaluate(text))
    return found


def obstacle(text: str) -> Detached | None:
    return the_attachment(text).obstacle


def leads_in(evaluation: Evaluation) -> bool:
    [found] = evaluation.snapshot.services
    return bool(evaluation.routing.exposures(found))


def test_a_listener_of_the_same_namespace_takes_it_by_default() -> None:
    found = the_attachment(gateway(HTTP % "") + route())
    assert found.attached is True
    assert [listener.port for listener in found.listeners] == [80]


FROM = ", allowedRoutes: {namespaces: {from: %s%s}}"
SELECTOR = ", selector: {matchLabels: {team: shop}}"


@pytest.mark.parametrize(
    ("where", "labels", "why"),
    [
        ("", {}, Detached.NAMESPACE),
        (FROM % ("Same", ""), {}, Detached.NAMESPACE),
        (FROM % ("None", ""), {}, Detached.NAMESPACE),
        (FROM % ("All", ""), {}, None),
        (FROM % ("Selector", SELECTOR), {"team": "shop"}, None),
        (FROM % ("Selector", SELECTOR), {"team": "other"}, Detached.NAMESPACE),
        (FROM % ("Selector", ""), {"team": "shop"}, Detached.NAMESPACE),
    ],
)
def test_the_namespaces_that_a_listener_allows(
    where: str, labels: dict[str, str], why: Detached | None
) -> None:
    text = namespace("x", **labels) + WEB + gateway(HTTP % where, in_="edge")
    evaluation = evaluate(text + route("{name: g, namespace: edge}"))
    [found] = attachments(evaluation)
    assert found.obstacle == why
    assert leads_in(evaluation) is (why is None), "what no Gateway takes exposes nothing"


def test_none_excludes_the_gateways_own_namespace_too() -> None:
    assert obstacle(gateway(HTTP % FROM % ("None", "")) + route()) is Detached.NAMESPACE


def test_labels_of_a_namespace_that_could_not_be_read_leave_it_open() -> None:
    snapshot = evaluate(WEB + gateway(HTTP % (FROM % ("Selector", SELECTOR)), in_="edge")).snapshot
    more = evaluate(route("{name: g, namespace: edge}")).snapshot
    namespaces = {name: replace(each, labels_known=False) for name, each in snapshot.namespaces.items()}
    found = Evaluation.of(replace(snapshot, routes=more.routes, namespaces=namespaces))
    assert attachments(found)[0].obstacle is Detached.LABELS
    assert leads_in(found)
    status = said("{name: g, namespace: edge}", ("c", "True"))
    known = evaluate(route("{name: g, namespace: edge}", status=status)).snapshot
    accepted = Evaluation.of(replace(snapshot, routes=known.routes, namespaces=namespaces))
    assert attachments(accepted)[0].attached is True, "its controller knows"


@pytest.mark.parametrize(
    ("parent", "ports", "why"),
    [
        ("{name: g}", [80, 81], None),
        ("{name: g, sectionName: a}", [80], None),
        ("{name: g, port: 81}", [81], None),
        ("{name: g, sectionName: a, port: 81}", [], Detached.LISTENER),
        ("{name: g, sectionName: c}", [], Detached.LISTENER),
        ("{name: g, port: 82}", [], Detached.LISTENER),
    ],
)
def test_a_route_may_ask_for_one_listener(parent: str, ports: list[int], why: Detached | None) -> None:
    two = "{name: a, port: 80, protocol: HTTP}, {name: b, port: 81, protocol: HTTP}"
    found = the_attachment(gateway(two) + route(parent))
    assert ([listener.port for listener in found.listeners], found.obstacle) == (ports, why)


@pytest.mark.parametrize(
    ("protocol", "kinds"),
    [
        ("HTTP", {"HTTPRoute", "GRPCRoute"}),
        ("HTTPS", {"HTTPRoute", "GRPCRoute"}),
        ("TLS", {"TLSRoute", "TCPRoute"}),
        ("TCP", {"TCPRoute"}),
        ("UDP", {"UDPRoute"}),
    ],
)
@pytest.mark.parametrize("kind", ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"])
def test_the_protocol_of_a_listener_goes_with_kinds_of_routes(
    protocol: str, kinds: set[str], kind: str
) -> None:
    found = the_attachment(gateway(f"{{name: l, port: 1, protocol: {protocol}}}") + route(kind=kind))
    assert found.obstacle == (None if kind in kinds else Detached.KIND)


def test_a_protocol_that_an_implementation_has_made_up_is_not_known() -> None:
    found = the_attachment(gateway("{name: l, port: 1, protocol: example.com/x}") + route())
    assert (found.attached, found.obstacle) == (None, Detached.PROTOCOL)


def test_kinds_that_a_listener_allows() -> None:
    only = ", allowedRoutes: {kinds: [{kind: GRPCRoute}]}"
    assert obstacle(gateway(HTTP % only) + route()) is Detached.KIND
    assert obstacle(gateway(HTTP % only) + route(kind="GRPCRoute")) is None
    foreign = ", allowedRoutes: {kinds: [{group: example.com, kind: HTTPRoute}]}"
    assert obstacle(gateway(HTTP % foreign) + route()) is Detached.KIND


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("a.example.com", "a.example.com", True),
        ("A.example.com", "a.example.COM", True),
        ("a.example.com", "b.example.com", False),
        ("*.example.com", "a.example.com", True),
        ("*.example.com", "a.b.example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "aexample.com", False),
        ("*.example.com", "*.b.example.com", True),
        ("*.a.example.com", "*.b.example.com", False),
    ],
)
def test_host_names_meet(one: str, other: str, meet: bool) -> None:
    assert names_meet(one, other) is meet
    assert names_meet(other, one) is meet


def test_host_names_of_a_route_and_its_listener_must_meet() -> None:
    listener = HTTP % ", hostname: '*.example.com'"
    assert obstacle(gateway(listener) + route(more=", hostnames: [shop.example.com]")) is None
    assert obstacle(gateway(listener) + route()) is None
    other = gateway(listener) + route(more=", hostnames: [shop.example.org]")
    assert obstacle(other) is Detached.HOST
    tcp = gateway("{name: l, port: 1, protocol: TCP, hostname: a.example.com}")
    assert obstacle(tcp + route(kind="TCPRoute")) is None, "TCP has no names"


def test_what_its_controller_does_not_accept_is_not_attached() -> None:
    text = WEB + gateway(HTTP % "") + route(status=said("{name: g}", ("c", "False")))
    assert obstacle(text) is Detached.REFUSED
    assert not leads_in(evaluate(text))


def test_only_the_word_of_the_gateways_own_controller_counts_where_it_is_known() -> None:
    gateway_class = f"---\napiVersion: {GROUP}/v1\nkind: GatewayClass\nmetadata: {{name: c}}\nspec: {{controllerName: own}}\n"
    foreign = said("{name: g}", ("own", "True"), ("other", "False"))
    assert obstacle(gateway_class + gateway(HTTP % "") + route(status=foreign)) is None
    own = said("{name: g}", ("own", "False"), ("other", "True"))
    assert obstacle(gateway_class + gateway(HTTP % "") + route(status=own)) is Detached.REFUSED
    assert obstacle(gateway(HTTP % "") + route(status=own)) is None, "whose it is is not known"


def test_the_status_of_another_parent_says_nothing() -> None:
    status = said("{name: g, sectionName: http}", ("c", "False"))
    assert obstacle(gateway(HTTP % "") + route(status=status)) is None


def test_a_gateway_that_was_not_read_leaves_it_open() -> None:
    evaluation = evaluate(WEB + route())
    [found] = attachments(evaluation)
    assert (found.attached, found.obstacle) == (None, Detached.UNREAD)
    assert leads_in(evaluation)
    assert the_attachment(route(status=said("{name: g}", ("c", "True")))).attached is True
    assert obstacle(route(status=said("{name: g}", ("c", "False")))) is Detached.REFUSED


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (KindState.COMPLETE, Detached.MISSING),
        (KindState.ABSENT, Detached.MISSING),
        (KindState.FORBIDDEN, Detached.UNREAD),
    ],
)
def test_a_gateway_that_a_cluster_does_not_have_is_missing(state: KindState, why: Detached) -> None:
    snapshot = evaluate(WEB + route()).snapshot
    coverage = {"Gateway": KindCoverage("Gateway", "gateways", state)}
    found = Evaluation.of(replace(snapshot, coverage=coverage))
    assert attachments(found)[0].obstacle is why
    assert leads_in(found) is (why is Detached.UNREAD)


def test_other_parents_are_not_known() -> None:
    listener_set = "{kind: ListenerSet, name: l}"
    assert obstacle(route(listener_set)) is Detached.OTHER_KIND
    text = (
        f"apiVersion: {GROUP}/v1\nkind: HTTPRoute\nmetadata: {{name: r}}\nspec: {{useDefaultGateways: All}}\n"
    )
    assert obstacle(text) is Detached.DEFAULT


def test_one_gateway_that_takes_it_is_enough() -> None:
    two = gateway(HTTP % "") + route("{name: g, port: 9}, {name: g}")
    evaluation = evaluate(WEB + two)
    assert [each.attached for each in attachments(evaluation)] == [False, True]
    assert leads_in(evaluation)
