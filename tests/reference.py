"""A naive reading of the NetworkPolicy rules, for judging the real engine.

Every question is answered by loops over the plain objects, in the words of the API. Nothing here may be
shared with the engine, so selectors and ipBlocks are spelled out anew; where both agree, they agree for
different reasons.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from ipaddress import ip_address
from typing import Literal, NamedTuple

from policy_core.ipblock import IPAddress
from policy_core.labels import Labels, LabelSelector, Requirement
from policy_core.model import (
    Direction,
    EndpointSlice,
    IPBlock,
    Namespace,
    NetworkPolicy,
    Peer,
    Pod,
    PolicyPort,
    Service,
    ServicePort,
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

METADATA_NAME = "kubernetes.io/metadata.name"

Answer = Literal["yes", "no", "maybe"]
SideVerdict = Literal["allow", "deny", "partial", "unknown"]
End = Pod | IPAddress
"""One end of a connection: a pod, or an address outside the cluster."""
Family = Literal[4, 6] | None
"""None where neither end has a known address."""


class World(NamedTuple):
    namespaces: Sequence[Namespace] = ()
    pods: Sequence[Pod] = ()
    policies: Sequence[NetworkPolicy] = ()
    services: Sequence[Service] = ()
    slices: Sequence[EndpointSlice] = ()


class Verdict3(NamedTuple):
    """The verdict on a connection and what either side says for itself."""

    verdict: SideVerdict
    egress: SideVerdict
    ingress: SideVerdict


# Three-valued logic


def all_of(answers: Iterable[Answer]) -> Answer:
    given = list(answers)
    if "no" in given:
        return "no"
    return "maybe" if "maybe" in given else "yes"


def any_of(answers: Iterable[Answer]) -> Answer:
    given = list(answers)
    if "yes" in given:
        return "yes"
    return "maybe" if "maybe" in given else "no"


def yes_if(condition: bool) -> Answer:
    return "yes" if condition else "no"


# Selectors


def requirement_holds(requirement: Requirement, labels: Labels) -> bool:
    present = requirement.key in labels
    match requirement.operator.value:
        case "In":
            return present and labels[requirement.key] in requirement.values
        case "NotIn":
            return not present or labels[requirement.key] not in requirement.values
        case "Exists":
            return present
        case "DoesNotExist":
            return not present
    raise AssertionError(requirement)


def selector_holds(selector: LabelSelector, labels: Labels) -> bool:
    if selector.invalid:
        return False
    for key, value in selector.match_labels:
        if key not in labels or labels[key] != value:
            return False
    return all(requirement_holds(requirement, labels) for requirement in selector.match_expressions)


def namespace_answer(selector: LabelSelector, namespace: Namespace) -> Answer:
    """Of a namespace that could not be read, the name's label alone is certain."""
    if selector.invalid:
        return "no"
    answers: list[Answer] = []
    for key, value in selector.match_labels:
        if namespace.labels_known or key == METADATA_NAME:
            answers.append(yes_if(namespace.labels.get(key) == value))
        else:
            answers.append("maybe")
    for requirement in selector.match_expressions:
        if namespace.labels_known or requirement.key == METADATA_NAME:
            answers.append(yes_if(requirement_holds(requirement, namespace.labels)))
        else:
            answers.append("maybe")
    return all_of(answers)


def namespace_named(world: World, name: str) -> Namespace:
    """Namespaces that only other objects name exist implicitly."""
    for namespace in world.namespaces:
        if namespace.name == name:
            return namespace
    return Namespace(name, {METADATA_NAME: name})


def finished(pod: Pod) -> bool:
    return pod.phase in ("Succeeded", "Failed")


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


def named_port(pod: Pod, name: str, protocol: str) -> int | None:
    """The first container port of that name and protocol."""
    for container_port in pod.ports:
        if container_port.name == name and container_port.protocol == protocol:
            return container_port.number
    return None


def addresses(end: End) -> Sequence[IPAddress]:
    return end.ips if isinstance(end, Pod) else (end,)


def side(
    world: World, direction: Direction, subject: End, peer: End, family: Family, protocol: str, port: int
) -> SideVerdict:
    """What ``subject``'s policies say about one address family, wherever the peer's node is."""
    if not isinstance(subject, Pod) or subject.host_network:
        return "allow"
    policies = selecting(world, subject, direction)
    if not policies:
        return "allow"
    answer = any_of(
        allows(world, policy, rule_index, direction, subject, peer, family, protocol, port)
        for policy in policies
        for rule_index in range(len(policy.ingress if direction is Direction.INGRESS else policy.egress))
    )
    match answer:
        case "yes":
            return "allow"
        case "maybe":
            return "unknown"
        case "no":
            return "deny"


def ingress_side(
    world: World, source: End, destination: End, family: Family, protocol: str, port: int
) -> SideVerdict:
    """Ingress as judged by policy, except that a pod's own node is always let in."""
    judged = side(world, Direction.INGRESS, destination, source, family, protocol, port)
    if not isinstance(destination, Pod):
        return judged
    if not isinstance(source, Pod):
        return "allow" if source in destination.host_ips else judged
    if not source.host_network:
        return judged
    if source.node == "" or destination.node == "":
        return "unknown" if judged == "deny" else judged
    return "allow" if source.node == destination.node else judged


def families(source: End, destination: End) -> list[Family]:
    """The families to judge one by one; empty where the two ends have none in common."""
    theirs: list[Family] = [address.version for address in addresses(source)]
    ours: list[Family] = [address.version for address in addresses(destination)]
    if not theirs and not ours:
        return [None]
    if not theirs:
        return sorted(set(ours), key=str)
    if not ours:
        return sorted(set(theirs), key=str)
    return sorted(set(theirs) & set(ours), key=str)


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
