"""The tiers of the reference evaluator, measured by hand: one case for each rule that it stands for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from ipaddress import ip_address, ip_network

import pytest

from policy_core.domain_name import DomainName
from policy_core.labels import EVERYTHING, LabelSelector
from policy_core.model import (
    ANY_PROTOCOL,
    Action,
    ContainerPort,
    Direction,
    DomainNames,
    IPBlock,
    Namespace,
    NetworkPolicy,
    Networks,
    Node,
    Nodes,
    Pod,
    PodPeer,
    PolicyPort,
    Rule,
    Tier,
    TieredPeer,
    TieredPolicy,
    TieredRule,
)
from tests.reference import METADATA_NAME, End, SideVerdict, World, verdict

ALLOW, DENY, PASS = Action.ALLOW, Action.DENY, Action.PASS
IPS = (ip_address("10.0.0.1"), ip_address("fd00::1"))
WEB = Pod("a", "web", {"app": "web"}, (ip_address("10.0.0.2"), ip_address("fd00::2")), node="n2")
DB = Pod(
    "a",
    "db",
    {"app": "db"},
    IPS,
    (ContainerPort(80, "TCP", "http"), ContainerPort(81, "TCP", "http"), ContainerPort(53, "UDP", "http")),
    "n1",
    (ip_address("192.0.2.1"),),
)
OTHER = Pod("b", "other", {"app": "web"}, (ip_address("10.0.0.3"),))
HOST = Pod("a", "host", {"app": "web"}, (ip_address("192.0.2.1"),), node="n1", host_network=True)
OUTSIDE = ip_address("203.0.113.7")
NODE = ip_address("192.0.2.2")
NAMESPACES = (
    Namespace("a", {METADATA_NAME: "a", "team": "blue"}),
    Namespace("b", {METADATA_NAME: "b"}, labels_known=False),
)
N1 = Node("n1", {"zone": "x"}, (ip_address("192.0.2.1"),))
N2 = Node("n2", {"zone": "y"}, (NODE,))
PODS = (WEB, DB, OTHER, HOST)

EVERY_POD = PodPeer(EVERYTHING)
APP_DB = PodPeer(EVERYTHING, LabelSelector.of(app="db"))
APP_WEB = PodPeer(EVERYTHING, LabelSelector.of(app="web"))
TEAM_RED = PodPeer(LabelSelector.of(team="red"))
EVERYWHERE = Networks((ip_network("0.0.0.0/0"), ip_network("::/0")))
ISOLATED = NetworkPolicy("a", "np", LabelSelector.of(app="db"))
OPENED = replace(ISOLATED, ingress=(Rule(),))
ISOLATED_EGRESS = replace(ISOLATED, types=frozenset({Direction.EGRESS}))
EXAMPLE = DomainName("www.example.com")


def rule(
    action: Action, *peers: TieredPeer, ports: tuple[PolicyPort, ...] | None = None, closed: str = ""
) -> TieredRule:
    return TieredRule(action, peers or (EVERY_POD,), ports, closed=closed)


def admin(*rules: TieredRule, priority: int = 10, subject: PodPeer = APP_DB) -> TieredPolicy:
    """The same rules for either direction: a test tells by its question which of them it is about."""
    name = f"admin-{priority}-{rules}"
    return TieredPolicy("AdminNetworkPolicy", name, Tier.ADMIN, priority, subject, rules, rules)


def baseline(*rules: TieredRule, priority: int = 10, subject: PodPeer = APP_DB) -> TieredPolicy:
    name = f"baseline-{priority}-{rules}"
    return TieredPolicy("ClusterNetworkPolicy", name, Tier.BASELINE, priority, subject, rules, rules)


def the_baseline(*rules: TieredRule, subject: PodPeer = APP_DB) -> TieredPolicy:
    return TieredPolicy("BaselineAdminNetworkPolicy", "default", Tier.BASELINE, None, subject, rules, rules)


@pytest.mark.parametrize(
    ("tiered", "policies", "expected"),
    [
        ([], [], "allow"),
        ([admin(rule(DENY))], [], "deny"),
        ([admin(rule(DENY))], [OPENED], "deny"),
        ([admin(rule(ALLOW))], [ISOLATED], "allow"),
        ([admin(rule(PASS))], [ISOLATED], "deny"),
        ([admin(rule(PASS), rule(ALLOW))], [ISOLATED], "deny"),
        ([admin(rule(ALLOW), rule(DENY))], [], "allow"),
        ([admin(rule(DENY, APP_DB), rule(ALLOW))], [ISOLATED], "allow"),
        ([admin(rule(ALLOW, APP_DB))], [ISOLATED], "deny"),
        ([admin(rule(DENY), priority=20), admin(rule(ALLOW), priority=10)], [ISOLATED], "allow"),
        ([admin(rule(DENY), priority=20), admin(rule(PASS), priority=10)], [], "allow"),
        ([admin(rule(DENY), priority=0, subject=APP_WEB)], [], "allow"),
        ([baseline(rule(DENY))], [], "deny"),
        ([the_baseline(rule(DENY))], [], "deny"),
        ([the_baseline(rule(DENY))], [OPENED], "allow"),
        ([the_baseline(rule(DENY))], [ISOLATED_EGRESS], "deny"),
        ([the_baseline(rule(ALLOW))], [ISOLATED], "deny"),
        ([admin(rule(PASS)), the_baseline(rule(DENY))], [], "deny"),
        ([admin(rule(PASS)), the_baseline(rule(DENY))], [OPENED], "allow"),
        ([baseline(rule(PASS), priority=1), baseline(rule(DENY), priority=2)], [], "allow"),
        # Of equal priority.
        ([admin(rule(ALLOW)), admin(rule(DENY))], [], "unknown"),
        ([admin(rule(ALLOW)), admin(rule(DENY, APP_DB))], [], "allow"),
        ([admin(rule(ALLOW)), admin(rule(PASS))], [], "allow"),
        ([admin(rule(ALLOW)), admin(rule(PASS))], [ISOLATED], "unknown"),
        ([admin(rule(DENY)), admin(rule(PASS))], [ISOLATED], "deny"),
        ([admin(rule(ALLOW)), admin(rule(DENY)), admin(rule(DENY), priority=9)], [], "deny"),
        ([baseline(rule(ALLOW)), baseline(rule(DENY))], [], "unknown"),
        ([baseline(rule(ALLOW)), baseline(rule(DENY))], [ISOLATED], "deny"),
        ([baseline(rule(ALLOW), priority=1), the_baseline(rule(DENY))], [], "unknown"),
        ([baseline(rule(ALLOW), priority=1000), the_baseline(rule(DENY))], [], "unknown"),
        ([baseline(rule(PASS)), the_baseline(rule(ALLOW))], [], "allow"),
        # Rules that fail closed.
        ([admin(rule(ALLOW, closed="new"), rule(DENY))], [], "deny"),
        ([admin(rule(ALLOW, closed="new"))], [ISOLATED], "deny"),
        ([admin(rule(DENY, APP_DB, closed="new"))], [], "deny"),
        ([admin(rule(PASS, APP_DB, closed="new"))], [], "deny"),
        ([admin(rule(PASS, APP_DB, closed="new"), subject=APP_WEB)], [], "allow"),
    ],
)  # fmt: skip
def test_ingress_from_a_pod(
    tiered: Sequence[TieredPolicy], policies: Sequence[NetworkPolicy], expected: SideVerdict
) -> None:
    world = World(NAMESPACES, PODS, policies, tiered=[replace(policy, egress=()) for policy in tiered])
    assert verdict(world, WEB, DB, "TCP", 80) == (expected, "allow", expected)


@pytest.mark.parametrize(
    ("tiered", "expected"),
    [
        ([admin(rule(DENY, TEAM_RED))], "unknown"),
        ([admin(rule(ALLOW, TEAM_RED))], "allow"),
        ([admin(rule(DENY, TEAM_RED), rule(DENY))], "deny"),
        ([admin(rule(PASS, TEAM_RED), rule(DENY))], "unknown"),
        ([admin(rule(PASS, TEAM_RED), rule(DENY)), the_baseline(rule(DENY))], "deny"),
        ([admin(rule(ALLOW, TEAM_RED), rule(DENY, TEAM_RED, APP_WEB))], "unknown"),
        ([admin(rule(DENY, TEAM_RED), priority=2), admin(rule(ALLOW), priority=1)], "allow"),
        ([admin(rule(DENY, TEAM_RED)), admin(rule(DENY, APP_WEB))], "deny"),
    ],
)
def test_ingress_from_a_pod_of_a_namespace_whose_labels_are_not_known(
    tiered: Sequence[TieredPolicy], expected: SideVerdict
) -> None:
    world = World(NAMESPACES, PODS, tiered=tiered)
    assert verdict(world, OTHER, DB, "TCP", 80).ingress == expected


def test_a_subject_whose_namespace_labels_are_not_known_may_be_one() -> None:
    policy = admin(rule(DENY), subject=TEAM_RED)
    assert verdict(World(NAMESPACES, PODS, tiered=[policy]), OTHER, DB, "TCP", 80).egress == "unknown"
    assert verdict(World(NAMESPACES, PODS, tiered=[policy]), WEB, DB, "TCP", 80).egress == "allow"
    closed = admin(rule(DENY, closed="new"), subject=TEAM_RED)
    assert verdict(World(NAMESPACES, PODS, tiered=[closed]), OTHER, OUTSIDE, "TCP", 80).egress == "unknown"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (OUTSIDE, "allow"),  # peers of ingress are pods
        (HOST, "allow"),  # its own node
        (replace(HOST, node="n3"), "allow"),  # no selector is about hostNetwork pods
        (DB, "allow"),
        (replace(OTHER, ips=()), "deny"),
    ],
)
def test_ingress_from_others(source: End, expected: SideVerdict) -> None:
    world = World(NAMESPACES, PODS, tiered=[admin(rule(DENY))])
    assert verdict(world, source, DB, "TCP", 80).verdict == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (OUTSIDE, "deny"),
        (HOST, "allow"),
        (ip_address("192.0.2.1"), "allow"),
        (replace(HOST, node="n3"), "deny"),
        (replace(HOST, node=""), "unknown"),
        (DB, "allow"),
    ],
)
def test_a_closed_rule_keeps_out_everything_but_the_pods_own_node(source: End, expected: SideVerdict) -> None:
    world = World(NAMESPACES, PODS, tiered=[admin(rule(PASS, closed="new"))])
    assert verdict(world, source, DB, "TCP", 80).verdict == expected


def test_hostnetwork_pods_are_no_subjects() -> None:
    world = World(NAMESPACES, PODS, tiered=[admin(rule(DENY, closed="new"), subject=EVERY_POD)])
    assert verdict(world, HOST, OUTSIDE, "TCP", 80).verdict == "allow"
    assert verdict(world, OUTSIDE, HOST, "TCP", 80).verdict == "allow"


@pytest.mark.parametrize(
    ("peer", "destination", "expected"),
    [
        (EVERY_POD, WEB, "deny"),
        (EVERY_POD, HOST, "allow"),
        (EVERY_POD, OUTSIDE, "allow"),
        (EVERYWHERE, WEB, "deny"),
        (EVERYWHERE, HOST, "deny"),
        (EVERYWHERE, OUTSIDE, "deny"),
        (Networks((ip_network("10.0.0.2/32"),)), WEB, "partial"),
        (Networks((ip_network("10.0.0.2/32"),)), OTHER, "allow"),
        (Networks((ip_network("10.0.0.0/8"), ip_network("192.0.2.0/24"))), HOST, "deny"),
        (EVERYWHERE, replace(WEB, ips=()), "unknown"),
        (Networks((ip_network("0.0.0.0/0"),)), replace(WEB, ips=(ip_address("fd00::2"),)), "allow"),
        (Nodes(EVERYTHING), WEB, "allow"),
        (Nodes(EVERYTHING), replace(WEB, ips=()), "allow"),
        (Nodes(EVERYTHING), HOST, "deny"),
        (Nodes(EVERYTHING), NODE, "deny"),
        (Nodes(EVERYTHING), OUTSIDE, "allow"),
        (Nodes(LabelSelector.of(zone="x")), HOST, "deny"),
        (Nodes(LabelSelector.of(zone="x")), replace(HOST, node="n2"), "allow"),
        (Nodes(LabelSelector.of(zone="x")), replace(HOST, node="n9"), "unknown"),
        (Nodes(LabelSelector.of(zone="x")), replace(HOST, node=""), "unknown"),
        (Nodes(LabelSelector.of(zone="x")), NODE, "allow"),
        (Nodes(LabelSelector.of(zone="x")), N1.addresses[0], "deny"),
        (Nodes(LabelSelector(invalid="refused")), replace(HOST, node=""), "allow"),
        (DomainNames(("*.example.com",)), OUTSIDE, "allow"),
        (DomainNames(("*.example.com",)), WEB, "allow"),
    ],
)
def test_egress_denied_to_one_peer(peer: TieredPeer, destination: End, expected: SideVerdict) -> None:
    world = World(NAMESPACES, PODS, tiered=[admin(rule(DENY, peer))], nodes=(N1, N2))
    assert verdict(world, DB, destination, "TCP", 80).egress == expected


def test_without_the_nodes_any_address_outside_may_be_one_of_theirs() -> None:
    world = World(NAMESPACES, PODS, tiered=[admin(rule(DENY, Nodes(EVERYTHING)))])
    for read, nodes, expected in (
        ("offline", (), "unknown"),
        ("offline", (N1, N2), "allow"),
        ("offline", (N1,), "unknown"),  # pods name the other
        ("whole", (N1, replace(N2, addresses=())), "unknown"),
        ("whole", (), "allow"),
        ("refused", (), "unknown"),
    ):
        changed = world._replace(nodes_read=read, nodes=nodes)
        assert verdict(changed, DB, OUTSIDE, "TCP", 80).egress == expected
        assert verdict(changed, DB, WEB, "TCP", 80).egress == "allow"


def test_a_node_tells_addresses_of_its_own() -> None:
    """What a pod does not know of its node, the node does, where it could be read."""
    world = World(NAMESPACES, PODS, [NetworkPolicy("a", "np", EVERYTHING)], nodes=(N1, N2))
    assert verdict(world, NODE, WEB, "TCP", 80).ingress == "allow"
    assert verdict(world, OUTSIDE, WEB, "TCP", 80).ingress == "deny"
    refused = world._replace(nodes=(), nodes_read="refused")
    assert verdict(refused, OUTSIDE, WEB, "TCP", 80).ingress == "unknown"
    assert verdict(refused, OUTSIDE, DB, "TCP", 80).ingress == "deny"


@pytest.mark.parametrize(
    ("port", "protocol", "number", "expected"),
    [
        (PolicyPort("TCP", 80), "TCP", 80, "deny"),
        (PolicyPort("TCP", 80), "UDP", 80, "allow"),
        (PolicyPort("TCP", 70, 80), "TCP", 80, "deny"),
        (PolicyPort("TCP", 70, 80), "TCP", 81, "allow"),
        (PolicyPort(ANY_PROTOCOL, "http"), "TCP", 80, "deny"),
        (PolicyPort(ANY_PROTOCOL, "http"), "TCP", 81, "allow"),
        (PolicyPort(ANY_PROTOCOL, "http"), "UDP", 53, "deny"),
        (PolicyPort(ANY_PROTOCOL, "http"), "UDP", 80, "allow"),
        (PolicyPort(ANY_PROTOCOL, "http"), "SCTP", 80, "allow"),
        (PolicyPort(ANY_PROTOCOL, "missing"), "TCP", 80, "allow"),
    ],
)
def test_ports(port: PolicyPort, protocol: str, number: int, expected: SideVerdict) -> None:
    policy = admin(rule(DENY, EVERY_POD, EVERYWHERE, ports=(port,)), subject=EVERY_POD)
    egress, ingress = replace(policy, ingress=()), replace(policy, egress=())
    assert verdict(World(pods=PODS, tiered=[egress]), WEB, DB, protocol, number).egress == expected
    assert verdict(World(pods=PODS, tiered=[ingress]), WEB, DB, protocol, number).ingress == expected
    named = isinstance(port.port, str)
    outside = verdict(World(pods=PODS, tiered=[egress]), WEB, OUTSIDE, protocol, number).egress
    assert outside == ("allow" if named else expected)


NAMES = DomainNames(("*.example.com",))


@pytest.mark.parametrize(
    ("tiered", "policies", "expected"),
    [
        ([], [], "allow"),
        ([admin(rule(DENY, EVERYWHERE))], [], "deny"),
        ([admin(rule(ALLOW, NAMES), rule(DENY, EVERYWHERE))], [], "allow"),
        ([admin(rule(ALLOW, DomainNames(("example.com",))), rule(DENY, EVERYWHERE))], [], "deny"),
        ([admin(rule(ALLOW, DomainNames(("*.www.example.com",))), rule(DENY, EVERYWHERE))], [], "deny"),
        ([admin(rule(ALLOW, DomainNames(("www.example.com",))), rule(DENY, EVERYWHERE))], [], "allow"),
        # It may be the address of a pod, or lie in the block.
        ([admin(rule(DENY), rule(ALLOW, NAMES))], [], "unknown"),
        ([admin(rule(DENY, Networks((ip_network("10.0.0.0/8"),))), rule(ALLOW, NAMES))], [], "unknown"),
        ([admin(rule(DENY, Networks((ip_network("0.0.0.0/0"),))))], [], "unknown"),
        ([admin(rule(DENY, Nodes(EVERYTHING)))], [], "unknown"),
        ([the_baseline(rule(ALLOW, NAMES), rule(DENY, EVERYWHERE))], [], "allow"),
        ([the_baseline(rule(ALLOW, NAMES))], [ISOLATED_EGRESS], "deny"),
        ([admin(rule(ALLOW, NAMES))], [ISOLATED_EGRESS], "allow"),
        ([], [replace(ISOLATED_EGRESS, egress=(Rule((IPBlock(ip_network("10.0.0.0/8")),)),))], "unknown"),
        ([admin(rule(DENY, closed="new"))], [], "deny"),
    ],
)
def test_egress_to_a_name(
    tiered: Sequence[TieredPolicy], policies: Sequence[NetworkPolicy], expected: SideVerdict
) -> None:
    world = World(NAMESPACES, PODS, policies, tiered=tiered)
    assert verdict(world, DB, EXAMPLE, "TCP", 443) == (expected, expected, "allow")


def test_a_name_is_asked_over_the_families_that_the_source_has() -> None:
    only_ipv4 = replace(DB, ips=DB.ips[:1])
    world = World(NAMESPACES, (only_ipv4,), tiered=[admin(rule(DENY, Networks((ip_network("0.0.0.0/0"),))))])
    assert verdict(world, only_ipv4, EXAMPLE, "TCP", 443).verdict == "deny"
    unplaced = replace(DB, ips=())
    assert verdict(world._replace(pods=(unplaced,)), unplaced, EXAMPLE, "TCP", 443).verdict == "unknown"
    assert verdict(world, HOST, EXAMPLE, "TCP", 443).verdict == "allow"


def test_a_name_never_leads_to_a_workload_without_replicas() -> None:
    opened = admin(rule(ALLOW, PodPeer(EVERYTHING, LabelSelector.of(app="new"))), rule(DENY, EVERYWHERE))
    world = World(NAMESPACES, PODS, tiered=[opened])
    template = Pod("a", "new", {"app": "new"}, kind="Deployment", replicas=3)
    asked = [world._replace(pods=(*PODS, replace(template, replicas=replicas))) for replicas in (3, 0)]
    answers = [verdict(each, DB, EXAMPLE, "TCP", 443).verdict for each in asked]
    assert answers == ["unknown", "deny"]
