"""Interval, port and address sets behave as the plain sets they stand for."""

from __future__ import annotations

import operator
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_core.intervals import Interval, IntervalSet
from policy_core.ipblock import AddressSet, IPAddress, IPNetwork, address_point
from policy_core.ports import ALL_PORTS, MAX_PORT, PROTOCOLS, PortSet

ALGEBRA = [operator.or_, operator.and_, operator.sub]
Operation = Callable[[Any, Any], Any]


def intervals(first: int, last: int) -> st.SearchStrategy[Interval]:
    ends = st.integers(first, last)
    return st.tuples(ends, ends).map(lambda pair: (min(pair), max(pair)))


# Intervals

UNIVERSE = range(25)
interval_sets = st.lists(intervals(0, 24), max_size=6).map(IntervalSet.of)


def members(line: IntervalSet) -> set[int]:
    return {value for value in UNIVERSE if value in line}


def is_canonical(line: IntervalSet) -> bool:
    in_order = all(first <= last for first, last in line)
    apart = all(a[1] + 1 < b[0] for a, b in zip(line.intervals, line.intervals[1:], strict=False))
    return in_order and apart


@given(st.lists(intervals(0, 24), max_size=6))
def test_an_interval_set_holds_what_its_intervals_hold(given_intervals: list[Interval]) -> None:
    line = IntervalSet.of(given_intervals)
    expected = {value for first, last in given_intervals for value in range(first, last + 1)}
    assert members(line) == expected
    assert line.size() == len(expected)
    assert bool(line) is bool(expected)
    assert is_canonical(line)
    assert -1 not in line
    assert 25 not in line


@pytest.mark.parametrize("operation", ALGEBRA)
@given(a=interval_sets, b=interval_sets)
def test_interval_algebra_is_set_algebra(operation: Operation, a: IntervalSet, b: IntervalSet) -> None:
    result = operation(a, b)
    assert members(result) == operation(members(a), members(b))
    assert is_canonical(result)


@given(interval_sets, interval_sets)
def test_interval_sets_compare_as_sets(a: IntervalSet, b: IntervalSet) -> None:
    assert (a <= b) is (members(a) <= members(b))
    assert (a == b) is (members(a) == members(b))
    if a == b:
        assert hash(a) == hash(b)


# Ports

EDGES = (1, 2, 3, 79, 80, 81, MAX_PORT - 1, MAX_PORT)
ports = st.builds(lambda protocol, ends: (protocol, *ends), st.sampled_from(PROTOCOLS), intervals(0, 7)).map(
    lambda piece: PortSet.of(piece[0], EDGES[piece[1]], EDGES[piece[2]])
)
port_sets = st.lists(ports, max_size=4).map(PortSet.union) | st.just(ALL_PORTS)
POINTS = [(protocol, port) for protocol in PROTOCOLS for port in (*EDGES, 4, 78, 82, MAX_PORT - 2)]


def points(port_set: PortSet) -> set[tuple[str, int]]:
    return {(protocol, port) for protocol, port in POINTS if port_set.contains(protocol, port)}


@pytest.mark.parametrize("operation", ALGEBRA)
@given(a=port_sets, b=port_sets)
def test_port_algebra_is_set_algebra(operation: Operation, a: PortSet, b: PortSet) -> None:
    result = operation(a, b)
    assert points(result) == operation(points(a), points(b))
    assert is_canonical(result.line)


@given(port_sets, port_sets)
def test_a_port_set_lies_in_another_when_nothing_is_left_over(a: PortSet, b: PortSet) -> None:
    assert (a <= b) is (not a - b)
    assert a & b <= a <= a | b <= ALL_PORTS


@given(st.lists(ports, max_size=4).map(PortSet.union))
def test_port_ranges_say_all_that_is_in_the_set_and_nothing_else(port_set: PortSet) -> None:
    rebuilt = [PortSet.of(*port_range) for port_range in port_set.ranges()]
    assert PortSet.union(rebuilt) == port_set
    assert list(port_set.ranges()) == sorted(port_set.ranges(), key=lambda r: (PROTOCOLS.index(r[0]), *r[1:]))


# Addresses

IPV4 = IPv4Network("10.0.0.0/28")
IPV6 = IPv6Network("fd00::/124")
AROUND: tuple[IPNetwork, ...] = (IPV4, IPV6)
# Some lie at the ends of the number line and beside the gap between the families.
ADDRESSES: list[IPAddress] = [
    *IPV4,
    *IPV6,
    *map(
        ip_address,
        [
            "0.0.0.0",  # noqa: S104
            "9.255.255.255",
            "10.0.0.16",
            "255.255.255.255",
            "::",
            "::a00:1",
            "fd00::10",
            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        ],
    ),
]


@st.composite
def networks(draw: st.DrawFn) -> IPNetwork:
    around = draw(st.sampled_from(AROUND))
    address = around[draw(st.integers(0, 15))]
    length = draw(st.integers(around.prefixlen, around.max_prefixlen) | st.sampled_from((0, 1, 8)))
    return ip_network(f"{address}/{length}", strict=False)


def addresses(address_set: AddressSet) -> set[IPAddress]:
    return {address for address in ADDRESSES if address in address_set}


address_sets = st.lists(networks(), max_size=4).map(lambda found: AddressSet.of(*found))


@given(networks(), st.lists(networks(), max_size=3))
def test_a_block_holds_its_cidr_without_its_exceptions(cidr: IPNetwork, excepted: list[IPNetwork]) -> None:
    expected = {
        address for address in ADDRESSES if address in cidr and not any(address in cut for cut in excepted)
    }
    assert addresses(AddressSet.block(cidr, excepted)) == expected


@pytest.mark.parametrize("operation", ALGEBRA)
@given(a=address_sets, b=address_sets)
def test_address_algebra_is_set_algebra(operation: Operation, a: AddressSet, b: AddressSet) -> None:
    result = operation(a, b)
    assert addresses(result) == operation(addresses(a), addresses(b))
    assert is_canonical(result.line)


@given(address_sets, address_sets)
def test_an_address_set_lies_in_another_when_nothing_is_left_over(a: AddressSet, b: AddressSet) -> None:
    assert (a <= b) is (not a - b)
    assert a & b <= a <= AddressSet.union([a, b])


@given(address_sets, address_sets)
def test_networks_make_up_the_set_again_without_overlap_and_in_order(a: AddressSet, b: AddressSet) -> None:
    result = a - b
    found = list(result.networks())
    assert AddressSet.of(*found) == result
    assert sum(network.num_addresses for network in found) == result.line.size()
    starts = [address_point(network.network_address) for network in found]
    assert starts == sorted(starts)
