"""Random policies of the tiers around NetworkPolicy, of the alphabets of ``tests/strategies.py``, and nodes."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Literal

from hypothesis import strategies as st

from policy_core.domain_name import DomainName
from policy_core.labels import EVERYTHING, Labels, LabelSelector
from policy_core.model import (
    ANY_PROTOCOL,
    Action,
    Direction,
    DomainNames,
    Networks,
    Node,
    Nodes,
    PodPeer,
    PolicyPort,
    Tier,
    TieredPeer,
    TieredPolicy,
    TieredRule,
)
from tests.reference import World
from tests.strategies import (
    NAMESPACE_SELECTORS,
    NETWORKS,
    POD_SELECTORS,
    SELECTORS,
    clusters,
    labels,
)

__all__ = ["NAMES", "clusters_of_ties", "clusters_with_tiers"]

NAMES = tuple(map(DomainName, ("www.example.com", "example.com", "a.b.example.com", "example.org")))
_PATTERNS = (
    ("example.com",),
    ("*.example.com",),
    ("*.b.example.com", "example.org"),
    ("www.example.com", "*.example.com"),
)
_ADDRESSES_OF_NODES = {
    "n1": tuple(map(ip_address, ["192.168.0.1", "fd01::1"])),
    "n2": tuple(map(ip_address, ["192.168.0.2", "fd01::2"])),
    "n3": tuple(map(ip_address, ["203.0.113.7", "192.168.0.1"])),  # one of them is another node's as well
}

_PODS = st.builds(PodPeer, NAMESPACE_SELECTORS, st.none() | POD_SELECTORS)
_EVERY_POD = st.just(PodPeer(EVERYTHING))
_SUBJECTS = _EVERY_POD | _PODS | st.builds(PodPeer, st.just(EVERYTHING), POD_SELECTORS)
_NETWORKS = st.lists(st.sampled_from(NETWORKS), min_size=1, max_size=2, unique=True).map(
    lambda cidrs: Networks(tuple(cidrs))
)
_NODES = st.just(Nodes(EVERYTHING)) | st.sampled_from(SELECTORS).map(Nodes)
_NAMES = st.sampled_from(_PATTERNS).map(DomainNames)
_PORTS = st.none() | st.sampled_from(
    [
        (PolicyPort(ANY_PROTOCOL, "web"),),
        (PolicyPort(ANY_PROTOCOL, "dns"), PolicyPort("UDP", 443)),
        (PolicyPort(ANY_PROTOCOL, "missing"),),
        (PolicyPort("TCP", 80),),
        (PolicyPort("UDP", 53), PolicyPort("SCTP", 80)),
        (PolicyPort("TCP", 80, 8080),),
        (PolicyPort("TCP", 54, 443), PolicyPort("TCP", 8080)),
        (PolicyPort("UDP", 1, 65535),),
    ]
)
_CLOSED = st.sampled_from(Action).map(lambda action: TieredRule(action, (), closed="not understood"))
_PRIORITIES = st.sampled_from((0, 1, 1))


@st.composite
def _rule(draw: st.DrawFn, direction: Direction, actions: tuple[Action, ...]) -> TieredRule:
    if draw(st.integers(0, 9)) == 9:
        return draw(_CLOSED)
    action = draw(st.sampled_from(actions))
    peer: st.SearchStrategy[TieredPeer] = _EVERY_POD | _PODS
    if direction is Direction.EGRESS:
        peer = st.one_of(peer, _NETWORKS, _NODES)
        # The API lets names stand only where they are let through.
        peer = st.one_of(peer, _NAMES) if action is Action.ALLOW else peer
    peers = draw(st.lists(peer, min_size=1, max_size=2))
    return TieredRule(action, tuple(peers), draw(_PORTS))


@st.composite
def _policy(draw: st.DrawFn, kind: str, number: int) -> TieredPolicy:
    of_one = kind == "BaselineAdminNetworkPolicy"
    tier = {"AdminNetworkPolicy": Tier.ADMIN, "BaselineAdminNetworkPolicy": Tier.BASELINE}.get(kind)
    actions = (Action.ALLOW, Action.DENY) if of_one else tuple(Action)
    return TieredPolicy(
        kind,
        "default" if of_one else f"tp{number}",
        tier or draw(st.sampled_from((Tier.ADMIN, Tier.BASELINE))),
        None if of_one else draw(_PRIORITIES),
        draw(_SUBJECTS),
        *(
            tuple(draw(st.lists(_rule(direction, actions), max_size=3)))
            for direction in (Direction.INGRESS, Direction.EGRESS)
        ),
    )


@st.composite
def _tiered(draw: st.DrawFn) -> list[TieredPolicy]:
    kinds = draw(st.lists(st.sampled_from(("ClusterNetworkPolicy", "AdminNetworkPolicy")), max_size=3))
    if draw(st.booleans()):
        kinds.append("BaselineAdminNetworkPolicy")
    return [draw(_policy(kind, number)) for number, kind in enumerate(kinds)]


@st.composite
def _nodes(draw: st.DrawFn) -> list[Node]:
    found: list[Node] = []
    for name, both in _ADDRESSES_OF_NODES.items():
        own: Labels | None = draw(st.none() | labels())
        if own is not None:
            found.append(Node(name, own, draw(st.sampled_from((both, both[:1], ())))))
    return found


@st.composite
def _around(draw: st.DrawFn, world: World, tiered: list[TieredPolicy]) -> World:
    """A cluster with few enough NetworkPolicies for the tier below to be asked."""
    read: Literal["offline", "whole", "refused"] = draw(st.sampled_from(("offline", "whole", "refused")))
    return world._replace(
        policies=world.policies[: draw(st.integers(0, 2))],
        tiered=tiered,
        nodes=[] if read == "refused" else draw(_nodes()),
        nodes_read=read,
    )


@st.composite
def clusters_with_tiers(draw: st.DrawFn) -> World:
    """At most four policies of the tiers around at most two NetworkPolicies."""
    return draw(_around(draw(clusters()), draw(_tiered())))


_TEAMS = (EVERYTHING, LabelSelector.of(app="web"), LabelSelector.of(app="db"))


@st.composite
def clusters_of_ties(draw: st.DrawFn) -> World:
    """Several policies of one tier and one priority with one rule each, about nearly the same pods."""
    tier = draw(st.sampled_from((Tier.ADMIN, Tier.BASELINE)))
    policies: list[TieredPolicy] = []
    for number in range(draw(st.integers(2, 4))):
        peers = PodPeer(EVERYTHING, draw(st.sampled_from(_TEAMS)))
        rules = (TieredRule(draw(st.sampled_from(Action)), (peers,), draw(_PORTS)),)
        subject = PodPeer(draw(st.sampled_from(_TEAMS)))
        policies.append(TieredPolicy("ClusterNetworkPolicy", f"tp{number}", tier, 1, subject, rules, rules))
    if draw(st.booleans()):
        policies.append(draw(_policy("BaselineAdminNetworkPolicy", 0)))
    return draw(_around(draw(clusters()), policies))
