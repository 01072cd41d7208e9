"""The words that every report uses for the same thing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from policy_core.effective import Effective, EffectivePeer, EffectiveRule, NamedPort
from policy_core.ipblock import EVERY_IPV4, EVERY_IPV6, IPNetwork
from policy_core.labels import LabelSelector, Operator, Requirement
from policy_core.model import (
    ANY_PROTOCOL,
    NAME_LABEL,
    Action,
    Direction,
    DomainNames,
    IPBlock,
    Networks,
    Nodes,
    Pod,
    PodPeer,
    Ref,
    RuleRef,
    Service,
)
from policy_core.openness import Openness
from policy_core.ports import PortSet
from policy_core.report.document import Cell, Children, Link, Names, Role, Span, unbroken

__all__ = [
    "count",
    "in_doubt",
    "labels_text",
    "names",
    "peer_names",
    "peer_text",
    "pod_links",
    "pod_names",
    "port_cell",
    "ports_json",
    "ports_text",
    "rule_links",
    "service_address",
    "summary",
]


_MOST_NAMES = 10


def count(number: int, noun: str) -> str:
    """``1 pod``, ``2 pods``, ``3 policies``, ``4 addresses``."""
    if number == 1:
        return f"1 {noun}"
    if noun.endswith("y"):
        return f"{number:,} {noun[:-1]}ies"
    return f"{number:,} {noun}{'es' if noun.endswith('s') else 's'}"


def names(items: Iterable[str], most: int = 4) -> str:
    """``a, b, c and 5 more``."""
    every = list(items)
    shown = ", ".join(every[:most])
    return f"{shown} and {len(every) - most:,} more" if len(every) > most else shown


def labels_text(labels: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{key}={value}" for key, value in labels) or "no labels"


def peer_text(peer: EffectivePeer) -> str:
    """Who is meant, in the words of the manifest but with nothing left implicit."""
    match peer.peer:
        case None:
            return "anyone, inside and outside"
        case IPBlock() as block:
            everything = block.addresses in (EVERY_IPV4, EVERY_IPV6)
            text = f"every IPv{block.cidr.version} address" if everything else str(block.cidr)
            return f"{text} except {', '.join(map(str, block.excepted))}" if block.excepted else text
        case PodPeer(namespaces, pods):
            who = "every pod" if pods is None or pods.everything else str(pods)
            return f"{who} in {_namespaces_text(namespaces, peer.namespace)}"
        case Networks(cidrs):
            return ", ".join(_network_text(cidr) for cidr in cidrs)
        case Nodes(selector):
            return "every node" if selector.everything else f"nodes with {selector}"
        case DomainNames(domains):
            return f"by name: {', '.join(domains)}"


def _network_text(cidr: IPNetwork) -> str:
    return str(cidr) if cidr.prefixlen else f"every IPv{cidr.version} address"


def _namespaces_text(selector: LabelSelector | None, own: str) -> str:
    if selector is None:
        return own
    if selector.everything:
        return "every namespace"
    return " or ".join(_listed_namespaces(selector)) or f"namespaces with {selector}"


def _listed_namespaces(selector: LabelSelector) -> tuple[str, ...]:
    """The namespaces that a selector names one by one; none where it describes them otherwise."""
    match selector.requirements():
        case [Requirement(key, Operator.IN, values)] if key == NAME_LABEL:
            return values
    return ()


def port_cell(rule: EffectiveRule, direction: Direction) -> Cell:
    """Numbered ports, then names with what they resolve to."""
    spans = [Span(ports_text(rule.ports), Role.PORT)] if rule.ports else []
    for named in rule.named:
        if spans:
            spans.append(Span(", "))
        spans.extend(_named_port(named, direction))
    return tuple(spans) or (Span("no valid port", Role.DENY),)


def ports_text(ports: PortSet) -> str:
    return ", ".join(unbroken(str(range_)) for range_ in ports.ranges())


def _named_port(named: NamedPort, direction: Direction) -> Iterable[Span]:
    if named.numbers:
        *others, last = (str(number) for number, _ in named.numbers)
        numbers = f"{', '.join(others)} or {last}" if others else last
        missing = f", none on {count(named.unresolved, 'pod')}" if named.unresolved else ""
        start = unbroken(f"{named.name} ({named.protocol} ")
        yield Span(f"{start}{numbers}{missing})", Role.PORT)
        return
    port = "port" if named.protocol == ANY_PROTOCOL else f"{named.protocol} port"
    if direction is Direction.INGRESS:
        yield Span(f"{named.name} (no {port} of that name: matches nothing)", Role.DENY)
    else:
        yield Span(f"{named.name} (on no {port} of these pods)", Role.DENY)


def rule_links(sources: Iterable[RuleRef], of_one_policy: bool = False) -> Cell:
    """``allow-web-to-db rule 1``, each leading to that rule in its manifest; ``rule 1`` where it is plain of
    which policy. People count from 1."""
    spans: list[Span] = []
    for source in sources:
        if spans:
            spans.append(Span(", "))
        link = Link(source.policy, ("spec", source.direction.value, source.position))
        name = unbroken(f"rule {source.position + 1}")
        spans.append(Span(name if of_one_policy else f"{source.policy.name} {name}", Role.NAME, link))
    return tuple(spans)


def peer_names(peer: EffectivePeer) -> Names:
    """The pods that match now. Nobody needs to be told who anyone is."""
    match peer.peer:
        case None:
            return Names()
        case PodPeer(namespaces, _):
            spaces = (peer.namespace,) if namespaces is None else _listed_namespaces(namespaces)
            return pod_names(peer.pods, spaces[0] if len(spaces) == 1 else "")
    return pod_names(peer.pods)


def pod_names(pods: Sequence[Pod], told: str = "") -> Names:
    """With their namespaces, but for the one that was ``told`` already."""
    first = (pod.name if pod.namespace == told else pod.ref.path for pod in pods[:_MOST_NAMES])
    return Names(tuple(first), len(pods))


def pod_links(pods: Sequence[Pod], most: int = 50) -> Children:
    """One line for each pod, the first ``most`` of them."""

    def lines() -> Iterator[Cell]:
        for pod in pods[:most]:
            yield (
                Span(pod.ref.path, Role.NAME, Link(pod.ref)),
                Span(f"  {names(map(str, pod.ips)) or 'no address'}", Role.MUTED),
            )
        if len(pods) > most:
            yield (Span(f"and {len(pods) - most:,} more", Role.MUTED),)

    return Children(min(len(pods), most + 1), lines)


def summary(effective: Effective, pod: Pod) -> Cell:
    """The state of one direction in a sentence: open, or restricted and by what. Never left implicit."""
    word = effective.direction.value
    if pod.finished:
        return (Span("outside policy: the pod has finished", Role.MUTED),)
    if pod.host_network:
        return (Span("open: policy does not isolate a hostNetwork pod", Role.UNKNOWN),)
    if effective.openness is Openness.UNSEEN:
        said = f"unknown: the NetworkPolicies of {pod.namespace} could not be read"
        return (Span(said, Role.UNKNOWN),)
    if effective.openness is Openness.OPEN:
        if effective.tiered:
            said = f"open: no NetworkPolicy selects this pod for {word}, and no tier denies anything"
            return (Span(said, Role.ALLOW),)
        return (Span(f"open: no policy selects this pod for {word}", Role.ALLOW),)
    if effective.openness is Openness.WIDE:
        openers = dict.fromkeys(rule for rules in effective.wide.values() for rule in rules)
        if not openers:
            return (Span("open to anyone by rules that leave nothing out", Role.ALLOW),)
        whom = "anyone" if effective.wholly else f"every IPv{', IPv'.join(map(str, effective.wide))} address"
        return (Span(f"open to {whom} by ", Role.ALLOW), *rule_links(openers))
    by: list[Span] = []
    for policy in _restricting(effective):
        by.extend([Span(", ")] if by else [])
        by.append(Span(policy.name, Role.NAME, Link(policy)))
    if effective.openness is Openness.CLOSED:
        return (Span("closed: nothing is allowed by ", Role.DENY), *by)
    denying = [rule for rule in effective.rules if rule.action is Action.DENY]
    if not effective.policies and all(rule.perhaps for rule in denying):
        return (Span("perhaps restricted by ", Role.UNKNOWN), *by)
    return (Span("restricted by ", Role.DENY), *by)


def _restricting(effective: Effective) -> Iterable[Ref]:
    """Those that keep something out: of tiered policies only the ones that deny."""
    denying = dict.fromkeys(
        source.policy for rule in effective.rules if rule.action is Action.DENY for source in rule.sources
    )
    return (*denying, *effective.policies)


def in_doubt(cell: Cell) -> Cell:
    """A verdict that holds by what is evaluated, where more may apply: marked, and never plainly green."""
    roles = {Role.ALLOW: Role.UNKNOWN, Role.DENY: Role.UNKNOWN}
    spans = (replace(span, role=roles.get(span.role, span.role)) for span in cell)
    return (Span("? ", Role.UNKNOWN), *spans)


def service_address(service: Service) -> str:
    """What a client uses: a cluster address, ``headless``, or a DNS name."""
    if service.type == "ExternalName":
        return f"DNS name for {service.external_name}"
    if service.headless:
        return "headless"
    return ", ".join(service.cluster_ips) or "no address yet"


def ports_json(ports: PortSet) -> list[dict[str, object]]:
    """As in the command-line contract: ``{"protocol": "*"}`` once for everything."""
    return [
        {"protocol": "*"} if r.protocol == "*" else {"protocol": r.protocol, "from": r.first, "to": r.last}
        for r in ports.ranges()
    ]
