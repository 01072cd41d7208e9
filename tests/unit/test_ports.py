from __future__ import annotations

import pytest

from policy_core.ports import ALL_PORTS, MAX_PORT, NO_PORTS, PROTOCOLS, PortRange, PortSet


def test_end_port_is_inclusive() -> None:
    ports = PortSet.of("TCP", 8000, 8010)
    assert [port for port in (7999, 8000, 8010, 8011) if ports.contains("TCP", port)] == [8000, 8010]


@pytest.mark.parametrize("other", ["UDP", "SCTP"])
def test_a_port_belongs_to_one_protocol(other: str) -> None:
    assert not PortSet.of("TCP", 80).contains(other, 80)


def test_every_port_of_one_protocol_stops_at_the_next_protocol() -> None:
    for protocol in PROTOCOLS:
        ports = PortSet.protocol(protocol)
        assert ports.contains(protocol, 1)
        assert ports.contains(protocol, MAX_PORT)
        assert ports.ranges() == (PortRange(protocol, 1, MAX_PORT),)


@pytest.mark.parametrize(
    ("protocol", "first", "last"),
    [
        ("TCP", 0, 1),
        ("TCP", 1, 65536),
        ("TCP", 81, 80),
        ("TCP", -1, None),
        ("ICMP", 1, None),
        ("tcp", 1, None),
    ],
)
def test_what_is_no_port_range_is_refused(protocol: str, first: int, last: int | None) -> None:
    with pytest.raises(ValueError):
        PortSet.of(protocol, first, last)


def test_every_port_of_every_protocol_is_said_once() -> None:
    assert ALL_PORTS.ranges() == (PortRange("*", 0, 0),)
    assert str(ALL_PORTS) == "all ports"


def test_all_ports_hold_more_than_the_three_protocols_with_ports() -> None:
    with_ports = PortSet.union(map(PortSet.protocol, PROTOCOLS))
    assert with_ports <= ALL_PORTS
    assert with_ports != ALL_PORTS
    assert [str(port_range) for port_range in with_ports.ranges()] == ["TCP all", "UDP all", "SCTP all"]


@pytest.mark.parametrize(
    ("ports", "text"),
    [
        (NO_PORTS, "no ports"),
        (PortSet.of("TCP", 80), "TCP 80"),
        (PortSet.of("TCP", 80) | PortSet.of("TCP", 81, 90), "TCP 80–90"),
        (PortSet.of("UDP", 53) | PortSet.of("TCP", 53), "TCP 53, UDP 53"),
        (PortSet.protocol("SCTP"), "SCTP all"),
    ],
)
def test_port_sets_read_as_ranges(ports: PortSet, text: str) -> None:
    assert str(ports) == text
