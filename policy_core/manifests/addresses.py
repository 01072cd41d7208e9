"""Addresses and CIDRs as manifests write them."""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from policy_core.ipblock import IPAddress, IPNetwork

__all__ = ["parse_address", "parse_cidr"]

_CIDR = re.compile(r"(?P<address>[0-9a-fA-F:.]+)/(?P<length>[0-9]{1,3})")
_LEADING_ZEROS = re.compile(r"(?<![0-9a-fA-F:.])0+(?=[0-9])|(?<=\.)0+(?=[0-9])")


def parse_address(text: str) -> IPAddress | None:
    """An address without a zone; None where ``text`` is none."""
    try:
        return ip_address(text) if "%" not in text else None
    except ValueError:
        return None


def parse_cidr(text: str) -> tuple[IPNetwork | None, str]:
    """The network, and why the API server would refuse it (empty where it would not).

    A CIDR that older API servers accepted still gives its network: host bits are masked, leading zeros
    dropped, an IPv4-mapped one is read as IPv4. Anything else gives None.
    """
    match = _CIDR.fullmatch(text)
    if not match:
        return None, "is no CIDR such as 10.0.0.0/8 or 2001:db8::/32"
    address, length = match["address"], match["length"]
    try:
        if ":" not in address:
            address = _LEADING_ZEROS.sub("", address)
        plain = f"{address}/{int(length)}"
        network = ip_network(plain, strict=False)
    except ValueError:
        return None, "is no CIDR such as 10.0.0.0/8 or 2001:db8::/32"
    mapped = _unmapped(network)
    if mapped is not None:
        return mapped, f"is an IPv4-mapped address: write {mapped}"
    if plain != text:
        return network, f"has leading zeros: write {network}"
    if int(ip_address(address)) != int(network.network_address):
        return network, f"has bits beyond its prefix length: write {network}"
    return network, ""


def _unmapped(network: IPNetwork) -> IPv4Network | None:
    if not isinstance(network, IPv6Network) or network.prefixlen < 96:
        return None
    mapped = network.network_address.ipv4_mapped
    return None if mapped is None else IPv4Network((mapped, network.prefixlen - 96))
