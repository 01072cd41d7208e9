"""The nearest miss: of the rules that might have let a denied connection through, the one that came closest,
and what it lacked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from policy_core.index import Index, named_ports, namespace_matches
from policy_core.ipblock import IPAddress
from policy_core.labels import Labels, LabelSelector
from policy_core.matching import Family
from policy_core.model import UNREADABLE, Direction, IPBlock, Peer, Pod, PodPeer, PolicyPort, RuleRef
from policy_core.ports import PortSet
from policy_core.rules import CompiledRule, PolicySet
from policy_core.verdict import End, addresses

__all__ = ["Lack", "Miss", "NearMiss", "nearest_miss"]


class Lack(Enum):
    PORT = auto()
    """It names other ports of the protocol."""
    PROTOCOL = auto()
    """It names the port, for another protocol only."""
    PORT_AND_PROTOCOL = auto()
    PORT_NAME = auto()
    """It names the port by a name that means another number on the destination, or nothing there."""
    NAMESPACE = auto()
    """Its namespaceSelector does not match the namespace of the far end."""
    OWN_NAMESPACE = auto()
    """It has no namespaceSelector, so it means pods of the policy's own namespace only."""
    POD = auto()
    """Its podSelector does not match the far end."""
    NO_POD = auto()
    """It selects pods, and the far end is an address outside."""
    HOST_NETWORK = auto()
    """It selects pods, which never matches one that uses its node's network."""
    ADDRESS = auto()
    """The address of the far end is outside its ipBlock."""
    EXCEPTED = auto()
    """The address is in an ``except`` of its ipBlock."""
    FAMILY = auto()
    """Its ipBlock is of the other address family."""
    REFUSED = auto()
    """Its selector is one that an API server refuses; or none of its peers or ports could be read."""


@dataclass(frozen=True, slots=True)
class Miss:
    """``wanted`` is what the rule has, ``found`` what the connection has instead, as they are written in
    manifests: nothing where it lacks that, UNREADABLE where it may have it. ``path`` is the field, counted
    from the rule."""

    lack: Lack
    wanted: str
    found: str
    path: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class NearMiss:
    """``misses`` is never empty. Of several peers and ports of the rule they are about the nearest ones."""

    rule: RuleRef
    misses: tuple[Miss, ...]


def nearest_miss(
    policies: PolicySet,
    direction: Direction,
    source: End,
    destination: End,
    protocol: str,
    port: int,
    family: Family,
) -> NearMiss | None:
    """Of a side that denies for want of a rule; None where the pod's policies have no rule at all."""
    subject, peer = (source, destination) if direction is Direction.EGRESS else (destination, source)
    if not isinstance(subject, Pod):
        return None
    found: list[tuple[tuple[int, int], NearMiss]] = []
    for compiled in policies.selecting(subject, direction):
        for rule in compiled.rules:
            ports = _ports(rule, destination, protocol, port)
            peers = _peers(policies.index, rule, peer, family)
            if ports or peers:
                # At the same distance a rule that names the far end says more than one that names the port.
                distance = (_weight(ports) + _weight(peers), _weight(peers))
                found.append((distance, NearMiss(rule.ref, (*peers, *ports))))
    return min(found, key=lambda each: each[0])[1] if found else None


_WEIGHTS = {Lack.PORT_AND_PROTOCOL: 2, Lack.NO_POD: 2, Lack.REFUSED: 3}
"""How far off a lack is; 1 where it is not listed."""


def _weight(misses: Iterable[Miss]) -> int:
    return sum(_WEIGHTS.get(miss.lack, 1) for miss in misses)


# Ports --------------------------------------------------------------------------------------------------


def _ports(rule: CompiledRule, destination: End, protocol: str, port: int) -> tuple[Miss, ...]:
    names = named_ports(destination) if isinstance(destination, Pod) else {}
    if rule.ports.contains(protocol, port, names):
        return ()
    wanted = rule.rule.ports or ()
    if not wanted:
        return (Miss(Lack.REFUSED, "", "", ("ports",)),)
    asked = f"{protocol} {port}"
    position, entry = min(enumerate(wanted), key=lambda each: _port_distance(each[1], protocol, port))
    path = ("ports", position)
    if isinstance(entry.port, str):
        number = names.get((entry.port, entry.protocol))
        name = f"{entry.port} ({entry.protocol})"
        return (Miss(Lack.PORT_NAME, name, f"{entry.protocol} {number}" if number else "", path),)
    if entry.protocol == protocol:
        same = (other for other in wanted if other.protocol == protocol and not isinstance(other.port, str))
        named = [f"{other.port} ({protocol})" for other in wanted if isinstance(other.port, str)]
        said = ", ".join((str(PortSet.union(map(_numbers, same))), *named))
        return (Miss(Lack.PORT, said, asked, path),)
    covers = _numbers(entry).contains(entry.protocol, port)
    lack = Lack.PROTOCOL if covers else Lack.PORT_AND_PROTOCOL
    return (Miss(lack, str(_numbers(entry)), asked, path),)


def _port_distance(entry: PolicyPort, protocol: str, port: int) -> int:
    """The same protocol is nearest; then the same number of another one; then a name."""
    if isinstance(entry.port, str):
        return 2 if entry.protocol == protocol else 3
    if entry.protocol == protocol:
        return 0
    return 1 if _numbers(entry).contains(entry.protocol, port) else 4


def _numbers(entry: PolicyPort) -> PortSet:
    if not isinstance(entry.port, int):
        return PortSet.protocol(entry.protocol)
    return PortSet.of(entry.protocol, entry.port, entry.end_port)


# Peers --------------------------------------------------------------------------------------------------


def _peers(index: Index, rule: CompiledRule, peer: End, family: Family) -> tuple[Miss, ...]:
    wanted = rule.rule.peers
    if wanted is None:
        return ()
    field = "from" if rule.ref.direction is Direction.INGRESS else "to"
    if not wanted:
        return (Miss(Lack.REFUSED, "", "", (field,)),)
    own = rule.ref.policy.namespace
    return min(
        (tuple(_peer(index, each, peer, family, own, (field, i))) for i, each in enumerate(wanted)),
        key=_weight,
    )


def _peer(
    index: Index, wanted: Peer, peer: End, family: Family, own: str, path: tuple[str | int, ...]
) -> Iterator[Miss]:
    if isinstance(wanted, IPBlock):
        yield from _block(wanted, addresses(peer), family, (*path, "ipBlock"))
    elif not isinstance(peer, Pod):
        yield Miss(Lack.NO_POD, _selects(wanted), str(peer), path)
    elif peer.host_network:
        yield Miss(Lack.HOST_NETWORK, _selects(wanted), peer.ref.path, path)
    else:
        yield from _namespace(index, wanted, peer, own, path)
        if wanted.pods is not None:
            field = (*path, "podSelector")
            yield from _labels(wanted.pods, peer.labels, Lack.POD, field, known=peer.labels_known)


def _selects(wanted: PodPeer) -> str:
    """``app=web in namespaces with team=a``; empty where it selects every pod of its own namespace."""
    pods = str(wanted.pods or "")
    namespaces = str(wanted.namespaces or "")
    if namespaces:
        return f"{pods} in namespaces with {namespaces}".lstrip()
    return pods


def _block(
    block: IPBlock, known: Sequence[IPAddress], family: Family, path: tuple[str | int, ...]
) -> Iterator[Miss]:
    versions = {family} if family is not None else {address.version for address in known}
    if versions and block.cidr.version not in versions:
        other = " and ".join(f"IPv{version}" for version in sorted(versions))
        yield Miss(Lack.FAMILY, str(block.cidr), other, (*path, "cidr"))
        return
    for address in known:
        if address.version != block.cidr.version or address in block.addresses:
            continue
        if address not in block.cidr:
            yield Miss(Lack.ADDRESS, str(block.cidr), str(address), (*path, "cidr"))
            return
        for position, cut in enumerate(block.excepted):
            if address in cut:
                yield Miss(Lack.EXCEPTED, str(cut), str(address), (*path, "except", position))
                return
    if not block.addresses:
        yield Miss(Lack.ADDRESS, str(block.cidr), "", (*path, "except"))


def _namespace(
    index: Index, wanted: PodPeer, peer: Pod, own: str, path: tuple[str | int, ...]
) -> Iterator[Miss]:
    if wanted.namespaces is None:
        if peer.namespace != own:
            yield Miss(Lack.OWN_NAMESPACE, own, peer.namespace, path)
        return
    namespace = index.snapshot.namespaces[peer.namespace]
    if namespace_matches(wanted.namespaces, namespace) is False:
        field = (*path, "namespaceSelector")
        yield from _labels(wanted.namespaces, namespace.labels, Lack.NAMESPACE, field)


def _labels(
    selector: LabelSelector, labels: Labels, lack: Lack, path: tuple[str | int, ...], known: bool = True
) -> Iterator[Miss]:
    if selector.invalid:
        yield Miss(Lack.REFUSED, selector.invalid, "", path)
        return
    for key, value in selector.match_labels:
        if labels.get(key) != value:
            yield Miss(lack, f"{key}={value}", _label(labels, key, known), (*path, "matchLabels", key))
    for position, requirement in enumerate(selector.match_expressions):
        if not requirement.matches(labels):
            found = _label(labels, requirement.key, known)
            yield Miss(lack, str(requirement), found, (*path, "matchExpressions", position))


def _label(labels: Labels, key: str, known: bool) -> str:
    if key in labels:
        return f"{key}={labels[key]}"
    return "" if known else UNREADABLE
