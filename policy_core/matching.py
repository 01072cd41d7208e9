"""What the peers and ports of a rule match: classes of pods, addresses outside, port numbers and names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from policy_core.index import Bits, Index, NamedPorts
from policy_core.ipblock import AddressSet, IPAddress
from policy_core.model import (
    ANY_PROTOCOL,
    DomainNames,
    IPBlock,
    Networks,
    Nodes,
    Peer,
    PodPeer,
    PolicyPort,
    TieredPeer,
)
from policy_core.ports import ALL_PORTS, NO_PORTS, PROTOCOLS, PortSet
from policy_core.selectors import Selectors

__all__ = ["Family", "PeerMatch", "PortMatch", "families", "match_any_peer", "match_peer", "match_ports"]

Family = int | None
"""4, 6, or None where no address is known on either side."""


@dataclass(frozen=True, slots=True)
class PeerMatch:
    """The classes that a rule's peers match, and the addresses outside the pods that they match.

    ``by_labels``, ``by_new_ipv4`` and ``by_new_ipv6`` are the classes that match or not depending on
    something unknown: labels of a namespace or a node that could not be read, or an address of that family
    that is not assigned yet.
    """

    certain: Bits = 0
    by_ipv4: Bits = 0
    by_ipv6: Bits = 0
    addresses: AddressSet = AddressSet()
    by_labels: Bits = 0
    by_new_ipv4: Bits = 0
    by_new_ipv6: Bits = 0
    perhaps: AddressSet = AddressSet()
    """The addresses outside that may match: of nodes that could not be read."""

    def __or__(self, other: PeerMatch) -> PeerMatch:
        return PeerMatch(
            self.certain | other.certain,
            self.by_ipv4 | other.by_ipv4,
            self.by_ipv6 | other.by_ipv6,
            self.addresses | other.addresses,
            self.by_labels | other.by_labels,
            self.by_new_ipv4 | other.by_new_ipv4,
            self.by_new_ipv6 | other.by_new_ipv6,
            self.perhaps | other.perhaps,
        )

    def classes(self, family: Family) -> Bits:
        """Those that match for certain over one address family."""
        match family:
            case 4:
                return self.certain | self.by_ipv4
            case 6:
                return self.certain | self.by_ipv6
        return self.certain

    def possible(self, family: Family) -> Bits:
        """Those that may match over one address family; None: whichever the two will share."""
        match family:
            case 4:
                return self.by_labels | self.by_new_ipv4
            case 6:
                return self.by_labels | self.by_new_ipv6
        return self.by_labels | self.by_new_ipv4 | self.by_new_ipv6


def match_peer(
    selectors: Selectors, peer: PodPeer | IPBlock | Networks, own_namespace: str = ""
) -> PeerMatch:
    """A peer of which the classes and the namespaces tell what it matches."""
    match peer:
        case PodPeer():
            certain, possible = selectors.peer_pods(peer, own_namespace)
            return PeerMatch(certain, by_labels=possible)
        case IPBlock():
            return _match_addresses(selectors, peer.addresses, {peer.cidr.version})
        case Networks():
            return _match_addresses(selectors, peer.addresses, {cidr.version for cidr in peer.cidrs})


def match_any_peer(index: Index, peer: Peer | TieredPeer, own_namespace: str = "") -> PeerMatch:
    match peer:
        case Nodes():
            found = index.nodes.selected(peer.selector)
            return PeerMatch(
                found.pods, addresses=found.addresses, by_labels=found.possible, perhaps=found.perhaps
            )
        case DomainNames():
            return PeerMatch()  # a name never matches an address that is given as such
    return match_peer(index.selectors, peer, own_namespace)


def _match_addresses(selectors: Selectors, addresses: AddressSet, versions: set[int]) -> PeerMatch:
    by_ipv4, by_ipv6 = selectors.in_addresses(addresses)
    unaddressed = selectors.bitsets.unaddressed if addresses else 0
    return PeerMatch(
        by_ipv4=by_ipv4,
        by_ipv6=by_ipv6,
        addresses=addresses,
        by_new_ipv4=unaddressed if 4 in versions else 0,
        by_new_ipv6=unaddressed if 6 in versions else 0,
    )


@dataclass(frozen=True, slots=True)
class PortMatch:
    """Numbered ports, and port names as (name, protocol), which every destination pod resolves for itself."""

    numbers: PortSet
    names: tuple[tuple[str, str], ...] = ()

    def on(self, ports: NamedPorts) -> PortSet:
        """What the rule matches on a pod with these named ports; a name that it lacks matches nothing."""
        resolved = [PortSet.of(name[1], ports[name]) for name in self.names if name in ports]
        return PortSet.union([self.numbers, *resolved]) if resolved else self.numbers

    def contains(self, protocol: str, port: int, ports: NamedPorts) -> bool:
        return self.numbers.contains(protocol, port) or any(
            name[1] == protocol and ports.get(name) == port for name in self.names
        )


@lru_cache(maxsize=4096)
def match_ports(ports: tuple[PolicyPort, ...] | None) -> PortMatch:
    """Many rules have equal ports: they share what those mean."""
    if ports is None:
        return PortMatch(ALL_PORTS)
    numbers = NO_PORTS
    names: list[tuple[str, str]] = []
    for port in ports:
        if port.port is None:
            numbers |= PortSet.protocol(port.protocol)
        elif isinstance(port.port, str):
            protocols = PROTOCOLS if port.protocol == ANY_PROTOCOL else (port.protocol,)
            names.extend((port.port, protocol) for protocol in protocols)
        else:
            numbers |= PortSet.of(port.protocol, port.port, port.end_port)
    return PortMatch(numbers, tuple(dict.fromkeys(names)))


def families(one: tuple[IPAddress, ...], other: tuple[IPAddress, ...]) -> tuple[Family, ...]:
    """The address families over which two ends can speak; ``(None,)`` where neither address is known, and
    none at all where both are known and have no family in common."""
    mine, theirs = {a.version for a in one}, {a.version for a in other}
    if mine and theirs:
        return tuple(sorted(mine & theirs))
    return tuple(sorted(mine | theirs)) or (None,)
