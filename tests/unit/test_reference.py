"""The reference evaluator is the ruler, so it is measured by hand: one case for each rule it stands for."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address, ip_network

import pytest

from policy_core.labels import EVERYTHING, LabelSelector, Operator, Requirement
from policy_core.model import (
    ContainerPort,
    Direction,
    IPBlock,
    Namespace,
    NetworkPolicy,
    Peer,
    Pod,
    PodPeer,
    PolicyPort,
    Rule,
    Service,
    ServicePort,
)
from tests.reference import METADATA_NAME, End, SideVerdict, World, backends, routed_targets, verdict

BOTH = (ip_address("10.0.0.1"), ip_address("fd00::1"))
WEB = Pod("a", "web", {"app": "web"}, (ip_address("10.0.0.2"), ip_address("fd00::2")), node="n2")
DB = Pod(
    "a", "db", {"app": "db"}, BOTH, (ContainerPort(80, "TCP", "http"),), "n1", (ip_address("192.0.2.1"),)
)
OTHER = Pod("b", "other", {"app": "web"}, (ip_address("10.0.0.3"),))
HOST = Pod("a", "host", {"app": "web"}, (ip_address("192.0.2.1"),), node="n1", host_network=True)
OUTSIDE = ip_address("203.0.113.7")
NAMESPACES = (
    Namespace("a", {METADATA_NAME: "a"}),
    Namespace("b", {METADATA_NAME: "b"}, labels_known=False),
)
APP_WEB = LabelSelector.of(app="web")
TEAM = LabelSelector.of(team="red")
IN_A = LabelSelector(((METADATA_NAME, "a"), ("team", "red")))
IPV4 = IPBlock(ip_network("0.0.0.0/0"))


def ingress(*peers: Peer, port: PolicyPort | None = None) -> NetworkPolicy:
    """Guards every pod labelled app=db in ``a`` with one rule."""
    rule = Rule(peers or None, (port,) if port else None)
    return NetworkPolicy("a", "np", LabelSelector.of(app="db"), ingress=(rule,))


def without_address(pod: Pod) -> Pod:
    return replace(pod, ips=())


@pytest.mark.parametrize(
    ("policy", "source", "expected"),
    [
        (replace(ingress(), ingress=()), WEB, "deny"),
        (replace(ingress(), types=frozenset()), WEB, "allow"),
        (ingress(), WEB, "allow"),
        (ingress(), OUTSIDE, "allow"),
        (replace(ingress(), ingress=(Rule(()),)), WEB, "deny"),
        (ingress(PodPeer(None, APP_WEB)), WEB, "allow"),
        (ingress(PodPeer(None, APP_WEB)), OTHER, "deny"),
        (ingress(PodPeer(EVERYTHING, APP_WEB)), OTHER, "allow"),
        (ingress(PodPeer(EVERYTHING)), OUTSIDE, "deny"),
        (ingress(PodPeer(TEAM)), OTHER, "unknown"),
        (ingress(PodPeer(TEAM)), WEB, "deny"),
        (ingress(PodPeer(IN_A)), OTHER, "deny"),
        (ingress(PodPeer(LabelSelector(invalid="refused"))), OTHER, "deny"),
        (ingress(IPV4), WEB, "partial"),
        (ingress(IPV4), OTHER, "allow"),
        (ingress(IPV4), without_address(WEB), "unknown"),
        (ingress(IPV4, IPBlock(ip_network("::/0"))), WEB, "allow"),
        (ingress(IPBlock(ip_network("10.0.0.0/8"), (ip_network("10.0.0.3/32"),))), OTHER, "deny"),
        (ingress(PodPeer(None, EVERYTHING)), HOST, "allow"),
        (ingress(PodPeer(None, EVERYTHING)), replace(HOST, node="n2"), "deny"),
        (ingress(PodPeer(None, EVERYTHING)), replace(HOST, node=""), "unknown"),
        (ingress(PodPeer(None, EVERYTHING)), ip_address("192.0.2.1"), "allow"),
        (ingress(port=PolicyPort("TCP", 80)), WEB, "allow"),
        (ingress(port=PolicyPort("UDP", 80)), WEB, "deny"),
        (ingress(port=PolicyPort("TCP", 70, 80)), WEB, "allow"),
        (ingress(port=PolicyPort("TCP", 70, 79)), WEB, "deny"),
        (ingress(port=PolicyPort("TCP", "http")), WEB, "allow"),
        (ingress(port=PolicyPort("UDP", "http")), WEB, "deny"),
        (ingress(port=PolicyPort("TCP", "missing")), WEB, "deny"),
        (
            ingress(PodPeer(None, LabelSelector((), (Requirement("x", Operator.NOT_IN, ("y",)),)))),
            WEB,
            "allow",
        ),
    ],
)
def test_ingress_to_port_80(policy: NetworkPolicy, source: End, expected: SideVerdict) -> None:
    found = verdict(World(NAMESPACES, (WEB, DB, OTHER, HOST), (policy,)), source, DB, "TCP", 80)
    assert (found.verdict, found.egress, found.ingress) == (expected, "allow", expected)


@pytest.mark.parametrize(
    ("source", "destination", "expected"),
    [
        (DB, WEB, "deny"),
        (DB, DB, "allow"),
        (DB, OUTSIDE, "deny"),
        (DB, HOST, "deny"),
        (HOST, WEB, "allow"),
        (WEB, DB, "allow"),
        (WEB, replace(OTHER, ips=(ip_address("10.9.9.9"),)), "allow"),
        (replace(WEB, ips=(ip_address("fd00::2"),)), OTHER, "deny"),
        (OUTSIDE, WEB, "allow"),
    ],
)
def test_egress_of_a_pod_that_may_reach_named_ports_only(
    source: End, destination: End, expected: SideVerdict
) -> None:
    rule = Rule(None, (PolicyPort("TCP", "http"),))
    policy = NetworkPolicy(
        "a", "np", LabelSelector.of(app="db"), frozenset({Direction.EGRESS}), egress=(rule,)
    )
    world = World(NAMESPACES, (WEB, DB, OTHER, HOST), (policy,))
    assert verdict(world, source, destination, "TCP", 80).verdict == expected


def test_a_deny_on_one_side_beats_an_unknown_on_the_other() -> None:
    closed = NetworkPolicy("b", "np", EVERYTHING, frozenset({Direction.EGRESS}))
    world = World(NAMESPACES, (DB, OTHER), (ingress(PodPeer(TEAM)), closed))
    assert verdict(world, OTHER, DB, "TCP", 80) == ("deny", "deny", "unknown")


def test_services_reach_unfinished_pods_and_each_pods_own_port() -> None:
    done = replace(DB, name="done", phase="Succeeded")
    bare = replace(DB, name="bare", ports=())
    world = World(pods=(DB, done, bare, WEB))
    port = ServicePort(8080, "http")
    service = Service("a", "db", selector={"app": "db"}, ports=(port,))
    assert [pod.name for pod in backends(world, service)] == ["db", "bare"]
    assert [routed_targets(world, service, port, pod) for pod in (DB, bare, WEB)] == [[80], [], []]
    assert backends(world, replace(service, type="ExternalName")) == []
    assert backends(world, replace(service, selector={})) == []
