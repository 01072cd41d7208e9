"""Sets of IP addresses: what an ``ipBlock`` means, closed under union, intersection and difference.

IPv4 and IPv6 lie one after the other on a single number line, so an address set is a plain set of integers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    summarize_address_range,
)

from policy_core.intervals import IntervalSet

__all__ = [
    "EVERY",
    "EVERY_IPV4",
    "EVERY_IPV6",
    "AddressSet",
    "IPAddress",
    "IPNetwork",
    "address_at",
    "address_point",
]

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network

_IPV6_BASE = 1 << 33  # the gap keeps the last IPv4 and the first IPv6 address from merging


def address_point(address: IPAddress) -> int:
    """The address's place on the number line."""
    return int(address) if address.version == 4 else _IPV6_BASE + int(address)


def address_at(point: int) -> IPAddress:
    """The address at a place on the number line."""
    return IPv4Address(point) if point < _IPV6_BASE else IPv6Address(point - _IPV6_BASE)


@dataclass(frozen=True, slots=True)
class AddressSet:
    """An immutable set of IPv4 and IPv6 addresses."""

    line: IntervalSet = IntervalSet()

    @classmethod
    def of(cls, *networks: IPNetwork) -> AddressSet:
        return cls(
            IntervalSet.of(
                (address_point(n.network_address), address_point(n.broadcast_address)) for n in networks
            )
        )

    @classmethod
    def of_addresses(cls, addresses: Iterable[IPAddress]) -> AddressSet:
        return cls(IntervalSet.of((point, point) for point in map(address_point, addresses)))

    @classmethod
    def block(cls, cidr: IPNetwork, excepted: Iterable[IPNetwork] = ()) -> AddressSet:
        """What ``ipBlock: {cidr, except}`` matches; an ``except`` outside ``cidr`` takes nothing away."""
        return cls.of(cidr) - cls.of(*excepted)

    @classmethod
    def union(cls, sets: Iterable[AddressSet]) -> AddressSet:
        return cls(IntervalSet.of(interval for addresses in sets for interval in addresses.line))

    def __bool__(self) -> bool:
        return bool(self.line)

    def __contains__(self, address: IPAddress | str) -> bool:
        return address_point(ip_address(address) if isinstance(address, str) else address) in self.line

    def holds(self) -> Callable[[IPAddress], bool]:
        """``in`` for very many addresses: several times as fast where the set is one run of IPv4 addresses,
        as a block is."""
        if len(self.line.intervals) == 1 and self.line.intervals[0][1] < _IPV6_BASE:
            [(first, last)] = self.line
            return lambda address: first <= int(address) <= last and address.version == 4
        return self.__contains__

    def __or__(self, other: AddressSet) -> AddressSet:
        if not other:  # as of most rules, which name no addresses
            return self
        return AddressSet(self.line | other.line)

    def __and__(self, other: AddressSet) -> AddressSet:
        return AddressSet(self.line & other.line)

    def __sub__(self, other: AddressSet) -> AddressSet:
        return AddressSet(self.line - other.line)

    def __le__(self, other: AddressSet) -> bool:
        return self.line <= other.line

    def networks(self) -> Iterator[IPNetwork]:
        """The fewest CIDRs that make up the set, in address order."""
        for first, last in self.line:
            if first < _IPV6_BASE:
                yield from summarize_address_range(IPv4Address(first), IPv4Address(last))
            else:
                yield from summarize_address_range(
                    IPv6Address(first - _IPV6_BASE), IPv6Address(last - _IPV6_BASE)
                )

    def __str__(self) -> str:
        return ", ".join(map(str, self.networks())) or "no address"


EVERY_IPV4 = AddressSet.of(IPv4Network("0.0.0.0/0"))
EVERY_IPV6 = AddressSet.of(IPv6Network("::/0"))
EVERY = {4: EVERY_IPV4, 6: EVERY_IPV6}
"""Every address of a family, by its number."""
