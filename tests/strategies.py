"""Random clusters: small alphabets, so that selectors match, addresses are cut apart and names collide.

Whole selectors, label sets and ports are drawn from pools: one draw each keeps generation fast, and a pool
that begins with its simplest member shrinks towards it.
"""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address, ip_network
from itertools import chain

from hypothesis import strategies as st

from policy_core.coverage import KindCoverage, KindState
from policy_core.ipblock import IPAddress
from policy_core.labels import EVERYTHING, Labels, LabelSelector, Operator, Requirement
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
    Reading,
    Rule,
    Workload,
)
from tests.reference import METADATA_NAME, World
from tests.service_strategies import services, with_slices

__all__ = [
    "EXTERNAL",
    "NAMESPACE_SELECTORS",
    "NETWORKS",
    "POD_SELECTORS",
    "SELECTORS",
    "clusters",
    "clusters_of_similar_rules",
    "clusters_with_slices",
    "interesting_ports",
    "labels",
    "reading",
    "requirements",
    "selectors",
]

_NAMESPACES = ("a", "b", "c")
_MOSTLY_A = st.sampled_from(("a", "a", "a", "a", "b", "c"))
_HASH = "pod-template-hash"

# The same keys and values serve pods and namespaces: an engine that mixes up the two is found out.
_LABELS: tuple[Labels, ...] = (
    {},
    {"app": "web"},
    {"app": "db"},
    {"app": "web", "tier": "x"},
    {"app": "db", "tier": "x"},
    {"app": "web", "tier": "y"},
    {"tier": ""},
    {"app": "web", _HASH: "1"},
    {"app": "web", _HASH: "2"},
)
_REQUIREMENTS = (
    Requirement("app", Operator.IN, ("web",)),
    Requirement("app", Operator.IN, ("db", "web")),
    Requirement("app", Operator.NOT_IN, ("web",)),
    Requirement("app", Operator.EXISTS),
    Requirement("app", Operator.DOES_NOT_EXIST),
    Requirement("tier", Operator.IN, ("x", "")),
    Requirement("tier", Operator.NOT_IN, ("x", "y")),
    Requirement("tier", Operator.EXISTS),
    Requirement("tier", Operator.DOES_NOT_EXIST),
    Requirement("nowhere", Operator.NOT_IN, ("x",)),
    Requirement(METADATA_NAME, Operator.IN, ("a",)),
    Requirement(METADATA_NAME, Operator.NOT_IN, ("a", "b")),
    Requirement(METADATA_NAME, Operator.EXISTS),
    Requirement(_HASH, Operator.IN, ("1",)),
)
_MATCH_LABELS = (
    (),
    (("app", "web"),),
    (("app", "db"),),
    (("tier", "x"),),
    (("tier", ""),),
    (("app", "web"), ("tier", "x")),
    ((METADATA_NAME, "b"),),
    ((_HASH, "2"),),
)
# Sound but for ``invalid``: an engine that forgets to look at it finds matches.
_INVALID = (
    LabelSelector(invalid="refused"),
    LabelSelector((("app", "web"),), invalid="refused"),
    LabelSelector((), (Requirement("app", Operator.IN, ()),), invalid="refused"),
    LabelSelector((), (Requirement("app", Operator.NOT_IN, ()),), invalid="refused"),
)
SELECTORS: tuple[LabelSelector, ...] = (
    EVERYTHING,
    *(LabelSelector(match_labels) for match_labels in _MATCH_LABELS[1:]),
    *(LabelSelector((), (requirement,)) for requirement in _REQUIREMENTS),
    LabelSelector((), (_REQUIREMENTS[3], _REQUIREMENTS[8])),
    LabelSelector((("app", "web"),), (_REQUIREMENTS[6],)),
    LabelSelector(((METADATA_NAME, "a"),), (_REQUIREMENTS[3],)),
    LabelSelector((("app", "web"),), (_REQUIREMENTS[2],)),
    *_INVALID,
)

# Pod i has 10.0.0.i and fd00::i, node n has 192.168.0.n and fd01::n. The networks cut between them.
NETWORKS = tuple(
    map(
        ip_network,
        [
            "0.0.0.0/0",
            "::/0",
            "10.0.0.0/30",
            "fd00::/126",
            "10.0.0.2/32",
            "fd00::2/128",
            "10.0.0.2/31",
            "fd00::4/126",
            "10.0.0.0/8",
            "fd00::/8",
            "192.168.0.1/32",
            "203.0.113.0/24",
            "10.0.0.0/31",
        ],
    )
)
_CUT_BLOCKS = tuple(
    IPBlock(NETWORKS[whole], tuple(NETWORKS[cut] for cut in cuts))
    for whole, cuts in (
        (0, (2,)),
        (0, (10, 11)),
        (1, (3,)),
        (2, (4,)),
        (3, (5,)),
        (8, (2,)),
        (8, (6, 4)),
        (9, (7, 5)),
        (2, (6, 12)),  # nothing is left
    )
)
"""Blocks of which an ``except`` cuts out pods or addresses outside."""
EXTERNAL: tuple[IPAddress, ...] = tuple(
    map(ip_address, ["203.0.113.7", "2001:db8::7", "192.168.0.1", "fd01::2", "10.0.0.200"])
)
"""Addresses of no pod; two of them are addresses of nodes."""

_WEB, _WEB_AGAIN = ContainerPort(80, "TCP", "web"), ContainerPort(8080, "TCP", "web")
_PORTS_OF_PODS: tuple[tuple[ContainerPort, ...], ...] = (
    (),
    (_WEB,),
    (_WEB_AGAIN,),
    (_WEB, _WEB_AGAIN),
    (_WEB_AGAIN, _WEB),
    (ContainerPort(443, "UDP", "web"), ContainerPort(80, "SCTP", "web"), _WEB),
    (ContainerPort(53, "UDP", "dns"), ContainerPort(54, "TCP", "dns")),
    (ContainerPort(80), ContainerPort(443, "UDP", "web")),
)
_POLICY_PORTS = (
    PolicyPort("TCP", 80),
    PolicyPort(),
    PolicyPort("UDP"),
    PolicyPort("SCTP"),
    PolicyPort("TCP", 80, 8080),
    PolicyPort("TCP", 8080, 8080),
    PolicyPort("TCP", 1, 65535),
    PolicyPort("TCP", 65535),
    PolicyPort("UDP", 53),
    PolicyPort("SCTP", 80),
    PolicyPort("TCP", "web"),
    PolicyPort("UDP", "web"),
    PolicyPort("SCTP", "web"),
    PolicyPort("TCP", "dns"),
    PolicyPort("UDP", "dns"),
    PolicyPort("TCP", "missing"),
)
_PORTS_OF_RULES = (
    st.none()
    | st.sampled_from([(port,) for port in _POLICY_PORTS])
    | st.sampled_from(
        [
            (),
            (PolicyPort("TCP", "web"),),
            (PolicyPort("TCP", "web"), PolicyPort("UDP", "web")),
            (PolicyPort("UDP", "dns"), PolicyPort("TCP", 80, 8080)),
            (PolicyPort("TCP", 80), PolicyPort("TCP", 81)),
            (PolicyPort("TCP", 80), PolicyPort("SCTP")),
        ]
    )
)
_WORKLOADS = (
    ("Deployment", 3),
    ("StatefulSet", 2),
    ("Deployment", 1),
    ("DaemonSet", None),
    ("StatefulSet", 0),
)
"""(kind, replicas)"""
_PHASES = ("Running", "", "Pending", "Running", "Running", "Succeeded", "Failed")
# (node, host_ips known, host_network); a pod without a node may still be told its node's addresses.
_PLACEMENTS = (
    (0, False, False),
    (1, True, False),
    (2, True, False),
    (1, True, False),
    (2, True, False),
    (1, False, False),
    (1, True, True),
    (2, True, True),
    (0, False, True),
)


# Half of the selectors match a good many pods.
POD_SELECTORS = st.sampled_from(
    (EVERYTHING, LabelSelector(_MATCH_LABELS[1]), LabelSelector((), (_REQUIREMENTS[2],)))
) | st.sampled_from(SELECTORS)
NAMESPACE_SELECTORS = st.sampled_from(
    (
        EVERYTHING,
        *(LabelSelector((), (requirement,)) for requirement in _REQUIREMENTS[10:13]),
        LabelSelector(((METADATA_NAME, "a"),)),
        LabelSelector(((METADATA_NAME, "a"),), (_REQUIREMENTS[3],)),
        LabelSelector(((METADATA_NAME, "b"),), (_REQUIREMENTS[8],)),
        LabelSelector((("app", "web"),)),
        LabelSelector((), (_REQUIREMENTS[2],)),
        *_INVALID[:2],
    )
)


def labels() -> st.SearchStrategy[Labels]:
    return st.sampled_from(_LABELS)


def requirements() -> st.SearchStrategy[Requirement]:
    return st.sampled_from(_REQUIREMENTS)


def selectors() -> st.SearchStrategy[LabelSelector]:
    """Any selector of the alphabet, put together freely; the clusters use a fixed pool of them."""
    return st.one_of(
        st.builds(
            LabelSelector,
            st.sampled_from(_MATCH_LABELS),
            st.lists(requirements(), max_size=3).map(tuple),
        ),
        st.sampled_from(_INVALID),
    )


def _peers() -> st.SearchStrategy[tuple[Peer, ...] | None]:
    network = st.sampled_from(NETWORKS)
    peer = st.one_of(
        st.builds(PodPeer, st.none() | NAMESPACE_SELECTORS, st.none() | POD_SELECTORS),
        st.builds(IPBlock, network, st.just(()) | st.lists(network, max_size=2).map(tuple)),
        st.sampled_from(_CUT_BLOCKS),
    )
    alone = st.tuples(peer)
    return st.none() | alone | alone | st.lists(peer, max_size=2).map(tuple)


_RULES = st.lists(st.builds(Rule, _peers(), _PORTS_OF_RULES), max_size=2).map(tuple)
_POLICY_COUNTS = st.sampled_from((0, 1, 2, 3, 4, 5, 5))
_TYPES = st.sampled_from(
    [frozenset({Direction.INGRESS}), frozenset({Direction.EGRESS}), *[frozenset(Direction)] * 3, frozenset()]
)


def _node_addresses(node: int) -> tuple[IPAddress, ...]:
    return (ip_address(f"192.168.0.{node}"), ip_address(f"fd01::{node}")) if node else ()


@st.composite
def _pod(draw: st.DrawFn, number: int) -> Pod:
    node, host_ips_known, host_network = draw(st.sampled_from(_PLACEMENTS))
    both = (
        _node_addresses(node)
        if host_network
        else (ip_address(f"10.0.0.{number}"), ip_address(f"fd00::{number}"))
    )
    return Pod(
        namespace=draw(_MOSTLY_A),
        name=f"p{number}",
        labels=draw(labels()),
        ips=draw(st.sampled_from((both, both, both, both, both[:1], both[1:], ()))),
        ports=draw(st.sampled_from(_PORTS_OF_PODS)),
        node=f"n{node}" if node else "",
        host_ips=_node_addresses(node) if host_ips_known else (),
        host_network=host_network,
        phase=draw(st.sampled_from(_PHASES)),
        ready=draw(st.booleans()),
    )


def _as_template(pod: Pod, kind: str, replicas: int | None) -> Pod:
    """The same pod as a workload's template would give it: nothing of its status is known."""
    return Pod(
        pod.namespace,
        pod.name,
        pod.labels,
        ports=pod.ports,
        host_network=pod.host_network,
        ready=replicas != 0,
        kind=kind,
        replicas=replicas,
    )


@st.composite
def _pods(draw: st.DrawFn) -> list[Pod]:
    size = draw(st.sampled_from((1, 2, 3, 4, 5, 6, 6)))
    templates = draw(st.sampled_from([0, 0, 1, 2]))
    pods = [draw(_pod(number)) for number in range(1, size + 1)]
    workloads = [draw(st.sampled_from(_WORKLOADS)) for _ in range(templates)]
    return [*(_as_template(pod, *of) for pod, of in zip(pods, workloads, strict=False)), *pods[templates:]]


@st.composite
def _namespaces(draw: st.DrawFn) -> list[Namespace]:
    """Of the three namespaces, some are only named by other objects, and some could not be read."""
    found: list[Namespace] = []
    for name in _NAMESPACES:
        known = draw(st.sampled_from((*_LABELS[:4], None, "forbidden", "forbidden")))
        if known == "forbidden":
            found.append(Namespace(name, {METADATA_NAME: name}, labels_known=False))
        elif isinstance(known, dict):
            found.append(Namespace(name, {METADATA_NAME: name, **known}))
    return found


@st.composite
def _policy(draw: st.DrawFn, number: int) -> NetworkPolicy:
    types = draw(_TYPES)
    # Rules of a direction that is not in force are kept now and then: they must be ignored.
    idle = draw(st.sampled_from((False, False, True)))
    return NetworkPolicy(
        namespace=draw(_MOSTLY_A),
        name=f"np{number}",
        pod_selector=draw(POD_SELECTORS),
        types=types,
        ingress=draw(_RULES) if idle or Direction.INGRESS in types else (),
        egress=draw(_RULES) if idle or Direction.EGRESS in types else (),
    )


@st.composite
def clusters(draw: st.DrawFn) -> World:
    """A cluster of one to six pods, at most five policies and two Services in three namespaces."""
    pods = draw(_pods())
    return World(
        draw(_namespaces()),
        pods,
        [draw(_policy(number)) for number in range(draw(_POLICY_COUNTS))],
        [draw(services(number, pods, _MOSTLY_A, _LABELS)) for number in range(draw(st.integers(0, 2)))],
    )


def clusters_with_slices() -> st.SearchStrategy[World]:
    """Clusters whose Services have EndpointSlices."""
    return clusters().flatmap(with_slices)


_SIMILAR_PEERS: tuple[tuple[Peer, Peer], ...] = (
    (PodPeer(None, EVERYTHING), PodPeer(EVERYTHING, None)),
    (PodPeer(EVERYTHING, None), PodPeer(_INVALID[0], None)),
    (PodPeer(None, LabelSelector((("app", "web"),))), PodPeer(None, _INVALID[1])),
    (PodPeer(None, LabelSelector((("app", "web"),))), PodPeer(None, LabelSelector((), _REQUIREMENTS[:1]))),
    (
        PodPeer(None, LabelSelector((), _REQUIREMENTS[:1])),
        PodPeer(None, LabelSelector((), _REQUIREMENTS[2:3])),
    ),
    (IPBlock(NETWORKS[8]), IPBlock(NETWORKS[8], (NETWORKS[4],))),
    (IPBlock(NETWORKS[8]), IPBlock(NETWORKS[9])),
    (PodPeer(None, LabelSelector((("app", "web"),))), PodPeer(EVERYTHING, LabelSelector((("app", "web"),)))),
)
_SIMILAR_PORTS = (
    (PolicyPort("TCP", 80), PolicyPort("TCP", 80, 80)),
    (PolicyPort("TCP", 80), PolicyPort("TCP", 80, 81)),
    (PolicyPort("TCP", 80), PolicyPort("TCP", "web")),
    (PolicyPort("UDP", "web"), PolicyPort("TCP", "web")),
    (PolicyPort("UDP", 80), PolicyPort("TCP", 80)),
)


@st.composite
def clusters_of_similar_rules(draw: st.DrawFn) -> World:
    """Every pod of one namespace is under two policies whose rules say nearly, or exactly, the same; others
    of other namespaces are peers."""
    peers, ports = draw(st.sampled_from(_SIMILAR_PEERS)), draw(st.sampled_from(_SIMILAR_PORTS))
    choices = [Rule((peer,), (port,)) for peer in peers for port in ports]
    rules = st.lists(st.sampled_from(choices), max_size=4).map(tuple)
    policies = [
        NetworkPolicy("a", f"np{number}", EVERYTHING, frozenset(Direction), each, each)
        for number, each in enumerate(draw(st.tuples(rules, rules)))
    ]
    first, *others = (replace(pod, phase="Running") for pod in draw(_pods()))
    pods = [replace(first, namespace="a"), *others]
    return World(draw(_namespaces()), pods, policies, [draw(services(0, pods, _MOSTLY_A, _LABELS))])


def reading(world: World) -> Reading:
    """The cluster as a source would hand it over: templates inside their workloads."""
    pods = [
        Workload(pod.kind, pod.namespace, pod.name, template=pod) if pod.is_template else pod
        for pod in world.pods
    ]
    nodes = KindCoverage(
        "Node", "nodes", KindState.FORBIDDEN if world.nodes_read == "refused" else KindState.COMPLETE
    )
    return Reading(
        "a random cluster",
        tuple(
            chain(
                world.namespaces,
                world.policies,
                world.services,
                world.slices,
                world.tiered,
                world.nodes,
                pods,
            )
        ),
        coverage={} if world.nodes_read == "offline" else {"Node": nodes},
    )


def _ends(port: PolicyPort) -> list[tuple[str, int]]:
    return [(port.protocol, edge) for edge in (port.port, port.end_port) if isinstance(edge, int)]


def interesting_ports(world: World) -> list[tuple[str, int]]:
    """(protocol, port): every number that the cluster mentions, its neighbours, and the same number of
    another protocol. In between, nothing can change."""
    mentioned = {("TCP", 80), ("UDP", 53)}
    for policy in world.policies:
        for rule in (*policy.ingress, *policy.egress):
            for port in rule.ports or ():
                mentioned.update(_ends(port))
    for tiered in world.tiered:
        for tiered_rule in (*tiered.ingress, *tiered.egress):
            for port in tiered_rule.ports or ():
                mentioned.update(_ends(port))
    for pod in world.pods:
        mentioned.update((port.protocol, port.number) for port in pod.ports)
    near = {(protocol, number + step) for protocol, number in mentioned for step in (-1, 0, 1)}
    across = {("SCTP" if protocol == "TCP" else "TCP", number) for protocol, number in mentioned}
    return sorted((protocol, port) for protocol, port in near | across if 1 <= port <= 65535)
