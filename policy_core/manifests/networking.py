"""networking.k8s.io/v1: NetworkPolicy and ServiceCIDR.

What is wrong in a policy never makes it allow more: a bad peer or port is dropped from its rule, and a rule
that had only bad ones matches nothing. Where the policy's own fields are wrong nobody can say what it was
to select or to restrict, so it selects nothing; the error that goes with it says that it is not in force.
"""

from __future__ import annotations

from policy_core.ipblock import IPNetwork
from policy_core.labels import EVERYTHING, LabelSelector
from policy_core.manifests.addresses import parse_cidr
from policy_core.manifests.fields import Fields, quoted, shown
from policy_core.manifests.metadata import Meta, valid_port_name
from policy_core.manifests.selectors import read_selector
from policy_core.model import (
    Direction,
    IPBlock,
    NetworkPolicy,
    Peer,
    PodPeer,
    PolicyPort,
    Rule,
    ServiceCIDR,
    Severity,
)
from policy_core.ports import MAX_PORT, PROTOCOLS

__all__ = ["read_network_policy", "read_service_cidr"]

_TYPES = {"Ingress": Direction.INGRESS, "Egress": Direction.EGRESS}
_PEERS = {Direction.INGRESS: "from", Direction.EGRESS: "to"}


def read_network_policy(obj: Fields, meta: Meta) -> list[NetworkPolicy]:
    problems = obj.report.problems
    # What the YAML reader could not take in, as a key that is no text, may have been a limit.
    wrong = [p.message for p in problems if p.field.startswith("spec") and p.severity is Severity.ERROR]
    before = len(problems)
    obj.only("apiVersion", "kind", "metadata", "spec", "status")
    spec = obj.mapping("spec")
    spec.only("podSelector", "policyTypes", "ingress", "egress")
    types = _types(spec)
    wrong += [problem.message for problem in problems[before:]]
    wrong += [f"{d} is no list" for d in Direction if d in spec and not isinstance(spec.raw(d), list)]
    selector = read_selector(spec, "podSelector")
    if wrong:
        selector = LabelSelector(invalid=wrong[0])
    return [
        NetworkPolicy(
            meta.namespace,
            meta.name,
            EVERYTHING if selector is None else selector,
            types,
            _rules(spec, Direction.INGRESS),
            _rules(spec, Direction.EGRESS),
            meta.labels,
            meta.origin,
        )
    ]


def _types(spec: Fields) -> frozenset[Direction]:
    named = set()
    for index, entry in enumerate(spec.entries("policyTypes")):
        if isinstance(entry, str) and entry in _TYPES:
            named.add(_TYPES[entry])
        else:
            hint = f" (did you mean {entry.title()}?)" if str(entry).title() in _TYPES else ""
            spec.problem(f"must be Ingress or Egress, not {quoted(entry)}{hint}", "policyTypes", index)
    if named:
        return frozenset(named)
    has_egress = isinstance(spec.raw("egress"), list) and bool(spec.raw("egress"))
    return frozenset(Direction) if has_egress else frozenset({Direction.INGRESS})


def _rules(spec: Fields, direction: Direction) -> tuple[Rule, ...]:
    return tuple(
        Rule((), ()) if rule is None else _rule(rule, _PEERS[direction])
        for rule in spec.slots(direction.value)
    )


def _rule(rule: Fields, peers_field: str) -> Rule:
    # A misspelt field would leave the rule without the limits that someone wrote.
    if not rule.only(peers_field, "ports"):
        return Rule((), ())
    peers: tuple[Peer, ...] | None = None
    ports: tuple[PolicyPort, ...] | None = None
    if rule.raw(peers_field) not in (None, []):
        found = (None if entry is None else _peer(entry) for entry in rule.slots(peers_field))
        peers = tuple(peer for peer in found if peer is not None)
    if rule.raw("ports") not in (None, []):
        read = (None if entry is None else _port(entry) for entry in rule.slots("ports"))
        ports = tuple(port for port in read if port is not None)
    return Rule(peers, ports)


def _peer(peer: Fields) -> Peer | None:
    if not peer.only("podSelector", "namespaceSelector", "ipBlock"):
        return None
    if "ipBlock" in peer:
        if "podSelector" in peer or "namespaceSelector" in peer:
            peer.problem("ipBlock stands alone: put the selectors in a peer of their own")
            return None
        block = peer.optional_mapping("ipBlock")
        return None if block is None else _ip_block(block)
    namespaces, pods = read_selector(peer, "namespaceSelector"), read_selector(peer, "podSelector")
    if namespaces is None and pods is None:
        peer.problem("an empty peer: it needs podSelector, namespaceSelector or ipBlock")
        return None
    return None if _invalid(namespaces) or _invalid(pods) else PodPeer(namespaces, pods)


def _invalid(selector: LabelSelector | None) -> bool:
    return selector is not None and bool(selector.invalid)


def _ip_block(block: Fields) -> IPBlock | None:
    known = block.only("cidr", "except")
    if "cidr" not in block:
        if known:
            block.problem("cidr is missing")
        return None
    cidr = _cidr(block, block.raw("cidr"), "cidr")
    entries = block.entries("except")
    sound = known and cidr is not None and (entries or block.raw("except") in (None, []))
    excepted = []
    for index, entry in enumerate(entries):
        network = _cidr(block, entry, "except", index)
        if network is None:
            sound = False
        else:
            excepted.append(network)
            if cidr is not None:
                _check_except(block, cidr, network, index)
    return IPBlock(cidr, tuple(excepted)) if sound and cidr is not None else None


def _cidr(block: Fields, value: object, *steps: str | int) -> IPNetwork | None:
    if not isinstance(value, str):
        block.not_text(value, *steps)
        return None
    network, refused = parse_cidr(value)
    if refused:
        block.problem(f"{quoted(value)} {refused}", *steps)
    return network


def _check_except(block: Fields, cidr: IPNetwork, network: IPNetwork, index: int) -> None:
    if network == cidr:
        block.problem(f"equals the cidr {cidr}, so nothing is left of it", "except", index)
    elif network.version != cidr.version or not network.subnet_of(cidr):  # type: ignore[arg-type]
        block.problem(f"{network} lies outside the cidr {cidr}", "except", index)


def _port(entry: Fields) -> PolicyPort | None:
    known = entry.only("protocol", "port", "endPort")
    protocol = entry.choice("protocol", PROTOCOLS, "TCP")
    if not known or protocol is None:
        return None
    port = entry.raw("port")
    if isinstance(port, str):
        if port.isascii() and port.isdigit():
            entry.problem(f"a port number has no quotes: write {shown(port)}", "port")
            return None
        if not valid_port_name(port):
            entry.problem(f"{quoted(port)} is no valid port name", "port")
            return None
    elif port is not None:
        port = entry.integer("port", 1, MAX_PORT)
        if port is None:
            return None
    if "endPort" not in entry:
        return PolicyPort(protocol, port)
    if not isinstance(port, int):
        entry.problem("endPort goes only with a port that is a number", "endPort")
        return None
    end_port = entry.integer("endPort", 1, MAX_PORT)
    if end_port is None:
        return None
    if end_port < port:
        entry.problem(f"endPort {end_port} is below port {port}", "endPort")
        return None
    return PolicyPort(protocol, port, end_port)


def read_service_cidr(obj: Fields, meta: Meta) -> list[ServiceCIDR]:
    spec = obj.mapping("spec")
    found = [_cidr(spec, entry, "cidrs", index) for index, entry in enumerate(spec.entries("cidrs"))]
    return [ServiceCIDR(meta.name, tuple(cidr for cidr in found if cidr is not None), meta.origin)]
