"""Sets of (protocol, port), closed under union, intersection and difference.

Every protocol has a stretch of its own on one number line, so a port set is a plain set of integers.
Protocols without ports (ICMP and the rest) are one point at the end: a rule without ``ports`` allows
them too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from policy_core.intervals import IntervalSet

__all__ = ["ALL_PORTS", "MAX_PORT", "NO_PORTS", "PROTOCOLS", "PortRange", "PortSet"]

PROTOCOLS = ("TCP", "UDP", "SCTP")
MAX_PORT = 65535
_STRETCH = MAX_PORT + 1
_OTHER = len(PROTOCOLS) * _STRETCH + 1  # port 0 exists nowhere, so neighbouring stretches never merge


class PortRange(NamedTuple):
    """Ports ``first`` to ``last``, both inclusive, of one protocol. Protocol ``*`` stands for every port of
    every protocol and has first 0 and last 0."""

    protocol: str
    first: int
    last: int

    def __str__(self) -> str:
        if self.protocol == "*":
            return "all ports"
        if (self.first, self.last) == (1, MAX_PORT):
            return f"{self.protocol} all"
        if self.first == self.last:
            return f"{self.protocol} {self.first}"
        return f"{self.protocol} {self.first}–{self.last}"


@dataclass(frozen=True, slots=True)
class PortSet:
    """An immutable set of (protocol, port); port is 1 to 65535."""

    line: IntervalSet = IntervalSet()

    @classmethod
    def of(cls, protocol: str, first: int, last: int | None = None) -> PortSet:
        """The ports ``first`` to ``last`` (default: just ``first``) of ``protocol`` (TCP, UDP or SCTP).

        Raises ValueError for another protocol, a port outside 1..65535 or an empty range.
        """
        last = first if last is None else last
        if not 1 <= first <= last <= MAX_PORT:
            raise ValueError(f"no such port range: {first}..{last}")
        base = PROTOCOLS.index(protocol) * _STRETCH
        return cls(IntervalSet(((base + first, base + last),)))

    @classmethod
    def protocol(cls, protocol: str) -> PortSet:
        """Every port of one protocol."""
        return cls.of(protocol, 1, MAX_PORT)

    @classmethod
    def union(cls, sets: Iterable[PortSet]) -> PortSet:
        return cls(IntervalSet.of(interval for ports in sets for interval in ports.line))

    def __bool__(self) -> bool:
        return bool(self.line)

    def __or__(self, other: PortSet) -> PortSet:
        return PortSet(self.line | other.line)

    def __and__(self, other: PortSet) -> PortSet:
        return PortSet(self.line & other.line)

    def __sub__(self, other: PortSet) -> PortSet:
        return PortSet(self.line - other.line)

    def __le__(self, other: PortSet) -> bool:
        return self.line <= other.line

    def contains(self, protocol: str, port: int) -> bool:
        return 1 <= port <= MAX_PORT and PROTOCOLS.index(protocol) * _STRETCH + port in self.line

    def ranges(self) -> tuple[PortRange, ...]:
        """The set as ranges, by protocol and port; ``(PortRange('*', 0, 0),)`` for everything."""
        if self == ALL_PORTS:
            return (PortRange("*", 0, 0),)
        return tuple(
            PortRange(PROTOCOLS[first // _STRETCH], first % _STRETCH, last % _STRETCH)
            for first, last in self.line
            if first < _OTHER
        )

    def __str__(self) -> str:
        return ", ".join(map(str, self.ranges())) or "no ports"


NO_PORTS = PortSet()
ALL_PORTS = PortSet(
    IntervalSet.of(
        [(i * _STRETCH + 1, i * _STRETCH + MAX_PORT) for i in range(len(PROTOCOLS))] + [(_OTHER, _OTHER)]
    )
)
