"""A naive reading of the policy rules, for judging the real engine.

Every question is answered by loops over the plain objects, in the words of the API. Nothing here may be
shared with the engine, so selectors and ipBlocks are spelled out anew; where both agree, they agree for
different reasons. What both tiers and NetworkPolicies need is in ``reference_world.py``, the tiers around
NetworkPolicy are in ``reference_tiers.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from ipaddress import ip_address, ip_network
from typing import Literal, NamedTuple

from policy_core.domain_name import DomainName
from policy_core.ipblock import IPAddress
from policy_core.model import (
    Direction,
    IPBlock,
    NetworkPolicy,
    Networks,
    Peer,
    Pod,
    PolicyPort,
    Service,
    ServicePort,
    Tier,
)
from tests.reference_tiers import Question, tier_says
from tests.reference_world import (
    METADATA_NAME,
    Answer,
    End,
    Family,
    World,
    addresses,
    all_of,
    any_of,
    families,
    finished,
    named_port,
    namespace_answer,
    namespace_named,
    requirement_holds,
    selector_holds,
    yes_if,
)

__all__ = [
    "METADATA_NAME",
    "Answer",
    "End",
    "Family",
    "SideVerdict",
    "Verdict3",
    "World",
    "addresses",
    "addresses_to_try",
    "allows",
    "any_of",
    "backends",
    "families",
    "listed",
    "named_port",
    "one_pod",
    "requirement_holds",
    "routed_targets",
    "selecting",
    "selector_holds",
    "side",
    "verdict",
]

SideVerdict = Literal["allow", "deny", "partial", "unknown"]


class Verdict3(NamedTuple):
    """The verdict on a connection and what either side says for itself."""

    verdict: SideVerdict
    egress: SideVerdict
    ingress: SideVerdict


# NetworkPolicy


def selecting(world: World, pod: Pod, direction: Direction) -> list[NetworkPolicy]:
    """The policies that isolate the pod in that direction; none isolates a finished or hostNetwork pod."""
    if finished(pod) or pod.host_network:
        return []
    return [
        policy
        for policy in world.policies
        if direction in policy.types
        and policy.namespace == pod.namespace
        and selector_holds(policy.pod_selector, pod.labels)
    ]


def allows(
    world: World,
    policy: NetworkPolicy,
    rule_index: int,
    direction: Direction,
    subject: Pod,
    peer: End,
    family: Family,
    protocol: str,
    port: int,
) -> Answer:
    """Whether one rule of a policy that selects ``subject`` lets the traffic with ``peer`` through."""
    if direction is Direction.INGRESS:
        rule = policy.ingress[rule_index]
        destination: End = subject
    else:
        rule = policy.egress[rule_index]
        destination = peer
    peers = (
        "yes"
        if rule.peers is None
        else any_of(peer_answer(world, policy, wanted, peer, family) for wanted in rule.peers)
    )
    ports = (
        "yes"
        if rule.ports is None
        else any_of(yes_if(port_matches(wanted, destination, protocol, port)) for wanted in rule.ports)
    )
    return all_of([peers, ports])


def peer_answer(world: World, policy: NetworkPolicy, wanted: Peer, end: End, family: Family) -> Answer:
    if isinstance(end, Pod) and finished(end):
        return "no"
    if isinstance(wanted, IPBlock):
        if not addresses(end):
            no_use = family not in (None, wanted.cidr.version) or nothing_left(wanted)
            return "no" if no_use else "maybe"
        return any_of(
            yes_if(address in wanted.cidr and not any(address in cut for cut in wanted.excepted))
            for address in addresses(end)
            if address.version == family
        )
    if not isinstance(end, Pod) or end.host_network:
        return "no"
    if wanted.namespaces is None:
        namespaces = yes_if(end.namespace == policy.namespace)
    else:
        namespaces = namespace_answer(wanted.namespaces, namespace_named(world, end.namespace))
    pods = yes_if(wanted.pods is None or selector_holds(wanted.pods, end.labels))
    return all_of([namespaces, pods])


def nothing_left(block: IPBlock) -> bool:
    """Whether the exceptions take every address. Wide blocks are taken at once or not at all here."""
    if any(cut.version == block.cidr.version and cut.supernet_of(block.cidr) for cut in block.excepted):  # type: ignore[arg-type]
        return True
    few = block.cidr.num_addresses <= 16
    return few and all(any(address in cut for cut in block.excepted) for address in block.cidr)


def port_matches(wanted: PolicyPort, destination: End, protocol: str, port: int) -> bool:
    if wanted.protocol != protocol:
        return False
    if wanted.port is None:
        return True
    if isinstance(wanted.port, str):
        return isinstance(destination, Pod) and named_port(destination, wanted.port, protocol) == port
    if wanted.end_port is None:
        return port == wanted.port
    return wanted.port <= port <= wanted.end_port


def isolating(
    world: World, direction: Direction, subject: Pod, peer: End, family: Family, protocol: str, port: int
) -> Answer | None:
    """Whether the NetworkPolicies let the traffic through; None where none of them isolates the pod."""
    policies = selecting(world, subject, direction)
    if not policies:
        return None
    return any_of(
        allows(world, policy, rule_index, direction, subject, peer, family, protocol, port)
        for policy in policies
        for rule_index in range(len(policy.ingress if direction is Direction.INGRESS else policy.egress))
    )


def side(
    world: World,
    direction: Direction,
    subject: End,
    peer: End,
    family: Family,
    protocol: str,
    port: int,
    name: str = "",
) -> SideVerdict:
    """What ``subject``'s policies of all tiers say about one address family, wherever the peer's node is.
    ``name`` is the domain name that ``peer`` is perhaps what it stands for."""
    if not isinstance(subject, Pod) or subject.host_network:
        return "allow"
    question = Question(direction, subject, peer, family, protocol, port, name)
    outcomes = set(tier_says(world, Tier.ADMIN, question))
    if "pass" in outcomes or "nothing" in outcomes:
        outcomes -= {"pass", "nothing"}
        answer = isolating(world, direction, subject, peer, family, protocol, port)
        match answer:
            case None:
                outcomes |= tier_says(world, Tier.BASELINE, question)
            case "yes":
                outcomes.add("allow")
            case "no":
                outcomes.add("deny")
            case "maybe":
                outcomes |= {"allow", "deny"}
    if "deny" not in outcomes:
        return "allow"
    return "deny" if outcomes == {"deny"} else "unknown"


def own_addresses(world: World, pod: Pod) -> list[IPAddress]:
    """Those of the pod's node, as the pod tells them and as the node does."""
    nodes = [node for node in world.nodes if node.name == pod.node]
    return [*pod.host_ips, *(address for node in nodes for address in node.addresses)]


def ingress_side(
    world: World, source: End, destination: End, family: Family, protocol: str, port: int
) -> SideVerdict:
    """Ingress as judged by policy, except that a pod's own node is always let in."""
    judged = side(world, Direction.INGRESS, destination, source, family, protocol, port)
    if not isinstance(destination, Pod):
        return judged
    if not isinstance(source, Pod):
        if source in own_addresses(world, destination):
            return "allow"
        untold = not destination.host_ips and world.nodes_read == "refused"
        return "unknown" if untold and judged == "deny" else judged
    if not source.host_network:
        return judged
    if source.node == "" or destination.node == "":
        return "unknown" if judged == "deny" else judged
    return "allow" if source.node == destination.node else judged


def over_families(verdicts: Sequence[SideVerdict], source: End, destination: End) -> SideVerdict:
    if "unknown" in verdicts:
        return "unknown"
    if len(set(verdicts)) == 1:
        return verdicts[0]
    # Without addresses it is not known over which of the families the two could speak at all.
    return "partial" if addresses(source) and addresses(destination) else "unknown"


def one_pod(source: End, destination: End) -> bool:
    """Whether both ends can only be the same pod. A template stands for as many as its workload makes."""
    if not isinstance(source, Pod) or not isinstance(destination, Pod) or source.ref != destination.ref:
        return False
    return source.kind == "Pod" or source.replicas in (0, 1)


def verdict(
    world: World,
    source: End,
    destination: End,
    protocol: str,
    port: int,
    over: Collection[Family] = (4, 6, None),
    translated: bool = False,
) -> Verdict3:
    """Whether ``source`` may open a connection to ``destination``. Not to be asked about finished pods.
    ``over`` limits the families to those that a Service has addresses of; ``translated`` says that such an
    address was dialled, so that even what comes back to its own pod is judged."""
    if one_pod(source, destination) and not translated:
        return Verdict3("allow", "allow", "allow")
    if isinstance(destination, DomainName):
        egress = to_a_name(world, source, destination, protocol, port)
        return Verdict3(egress, egress, "allow")
    judged: list[Verdict3] = []
    for family in families(source, destination):
        if family not in over:
            continue
        egress = side(world, Direction.EGRESS, source, destination, family, protocol, port)
        ingress = ingress_side(world, source, destination, family, protocol, port)
        if egress == "deny" or ingress == "deny":
            both: SideVerdict = "deny"
        elif egress == "unknown" or ingress == "unknown":
            both = "unknown"
        else:
            both = "allow"
        judged.append(Verdict3(both, egress, ingress))
    if not judged:
        return Verdict3("deny", "deny", "deny")
    return Verdict3(
        over_families([one.verdict for one in judged], source, destination),
        over_families([one.egress for one in judged], source, destination),
        over_families([one.ingress for one in judged], source, destination),
    )


# Domain names


def to_a_name(world: World, source: End, destination: DomainName, protocol: str, port: int) -> SideVerdict:
    """A name may stand for any address, those of pods among them: only what holds of all of them is certain.
    A workload without replicas has no pod with an address."""
    pods = [pod for pod in world.pods if not finished(pod) and pod.replicas != 0]
    ends: list[End] = [*addresses_to_try(world), *pods]
    verdicts = {
        side(world, Direction.EGRESS, source, end, family, protocol, port, destination.name)
        for end in ends
        for family in families(source, end)
    }
    return verdicts.pop() if len(verdicts) == 1 else "unknown"


def addresses_to_try(world: World) -> list[IPAddress]:
    """Either end of every block that is named anywhere, and its neighbours. In between nothing changes."""
    blocks = {ip_network(address) for address in ("203.0.113.7", "2001:db8::7")}
    blocks |= {ip_network(address) for node in world.nodes for address in node.addresses}
    for policy in world.policies:
        for rule in policy.egress:
            for peer in rule.peers or ():
                if isinstance(peer, IPBlock):
                    blocks |= {peer.cidr, *peer.excepted}
    for tiered in world.tiered:
        for tiered_rule in tiered.egress:
            for tiered_peer in tiered_rule.peers:
                if isinstance(tiered_peer, Networks):
                    blocks |= set(tiered_peer.cidrs)
    found: set[IPAddress] = set()
    for block in blocks:
        first, last = block.network_address, block.broadcast_address
        found |= {first, last}
        if int(first) > 0:
            found.add(first - 1)
        if int(last) < 2**block.max_prefixlen - 1:
            found.add(last + 1)
    return list(found)


# Services, from manifests alone


def backends(world: World, service: Service) -> list[Pod]:
    """The pods that the selector matches, ready or not. ExternalName ignores its selector."""
    if service.type == "ExternalName" or not service.selector:
        return []
    return [
        pod
        for pod in world.pods
        if not finished(pod)
        and pod.namespace == service.namespace
        and all(pod.labels.get(key) == value for key, value in service.selector.items())
        and (not pod.ips or {address.version for address in pod.ips} & served_families(service))
    ]


def served_families(service: Service) -> set[int]:
    """The families that a Service asks for, else those of its addresses; both where nothing says."""
    if service.ip_families:
        return {int(family.removeprefix("IPv")) for family in service.ip_families}
    return {ip_address(text).version for text in service.cluster_ips if text != "None"} or {4, 6}


def listed(world: World, service: Service) -> dict[str, tuple[bool, dict[str, int | None]]]:
    """What the Service's EndpointSlices say of each pod: whether it is ready, and where each port, by its
    name, leads there."""
    found: dict[str, tuple[bool, dict[str, int | None]]] = {}
    for one in world.slices:
        if (one.namespace, one.service) != (service.namespace, service.name):
            continue
        for endpoint in one.endpoints:
            ready, ports = found.get(endpoint.pod, (False, {}))
            ports = {**{port.name: port.port for port in one.ports}, **ports}
            found[endpoint.pod] = (ready or endpoint.ready, ports)
    return found


def routed_targets(world: World, service: Service, service_port: ServicePort, pod: Pod) -> list[int]:
    """The port of ``pod`` that the Service's port leads to: one number, or none."""
    if not any(backend.ref == pod.ref for backend in backends(world, service)):
        return []
    if isinstance(service_port.target, int):
        return [service_port.target]
    number = named_port(pod, service_port.target, service_port.protocol)
    return [] if number is None else [number]
