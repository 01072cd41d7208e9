from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from policy_core.ipblock import EVERY_IPV4, EVERY_IPV6, AddressSet


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("10.0.0.0", True),
        ("10.0.0.255", True),
        ("10.0.1.0", False),
        ("10.0.2.1", False),
        ("10.0.3.255", True),
        ("10.0.4.0", False),
        ("::a00:0", False),
    ],
)
def test_except_takes_its_addresses_out_of_the_block(address: str, inside: bool) -> None:
    block = AddressSet.block(
        ip_network("10.0.0.0/22"), [ip_network("10.0.1.0/24"), ip_network("10.0.2.0/24")]
    )
    assert (address in block) is inside
    assert (ip_address(address) in block) is inside


@pytest.mark.parametrize("outside", ["10.1.0.0/16", "::/0"])
def test_an_except_outside_the_block_takes_nothing_away(outside: str) -> None:
    cidr = ip_network("10.0.0.0/16")
    assert AddressSet.block(cidr, [ip_network(outside)]) == AddressSet.of(cidr)


def test_an_except_equal_to_the_block_leaves_nothing() -> None:
    cidr = ip_network("10.0.0.0/16")
    assert not AddressSet.block(cidr, [cidr])


@pytest.mark.parametrize("address", ["0.0.0.0", "255.255.255.255"])  # noqa: S104
def test_every_ipv4_address_is_ipv4_alone(address: str) -> None:
    assert address in EVERY_IPV4
    assert address not in EVERY_IPV6
    assert f"::ffff:{address}" not in EVERY_IPV4


@pytest.mark.parametrize("address", ["::", "::ffff:10.0.0.1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"])
def test_every_ipv6_address_is_ipv6_alone(address: str) -> None:
    assert address in EVERY_IPV6
    assert address not in EVERY_IPV4


def test_the_two_families_never_run_into_each_other() -> None:
    both = EVERY_IPV4 | EVERY_IPV6
    assert [str(network) for network in both.networks()] == ["0.0.0.0/0", "::/0"]


@pytest.mark.parametrize(
    ("networks", "text"),
    [
        ([], "no address"),
        (["10.0.0.0/25", "10.0.0.128/25"], "10.0.0.0/24"),
        (["10.0.1.0/24", "10.0.2.0/24"], "10.0.1.0/24, 10.0.2.0/24"),
        (["2001:db8::/32", "10.0.0.1/32"], "10.0.0.1/32, 2001:db8::/32"),
    ],
)
def test_address_sets_read_as_the_fewest_networks(networks: list[str], text: str) -> None:
    assert str(AddressSet.of(*map(ip_network, networks))) == text


@pytest.mark.parametrize(
    "networks",
    [
        ["10.0.0.0/30"],
        ["0.0.0.0/0"],
        ["::/0"],
        ["::a00:0/126"],
        ["10.0.0.0/30", "10.0.1.0/30"],
        ["10.0.0.0/30", "::/0"],
        [],
    ],
)
def test_many_addresses_are_held_as_each_is(networks: list[str]) -> None:
    """The IPv6 addresses have the same numbers as the IPv4 ones."""
    addresses = AddressSet.of(*map(ip_network, networks))
    holds = addresses.holds()
    texts = ("9.255.255.255", "10.0.0.0", "10.0.0.3", "10.0.0.4", "10.0.1.1")
    for address in map(ip_address, (*texts, *(f"::{text}" for text in texts))):
        assert holds(address) is (address in addresses)
