"""The connectivity matrix as CSV, piece by piece: a line for each stretch of ports of each connection."""

from __future__ import annotations

from collections.abc import Iterator

from policy_core.address_range import AddressRange
from policy_core.chosen import chosen
from policy_core.column import Allowed
from policy_core.connectivity import Connectivity
from policy_core.model import Direction
from policy_core.printable import printable
from policy_core.report.matrix_words import class_names

__all__ = ["matrix_csv"]

_VERDICTS = ("allow", "partial", "unknown")


def matrix_csv(found: Connectivity) -> Iterator[str]:
    """``from`` and ``to`` are classes, ``namespace/Kind/name``, or CIDRs outside the cluster's pods. Protocol
    ``*`` is every port of every protocol, and has no numbers. A connection that is absent is denied."""
    yield "from,to,protocol,from_port,to_port,verdict\r\n"
    names = [field(name) for name in class_names(found.classes)]
    for destination, column in enumerate(found.to()):
        for allowed, sources in column:
            chosen_names = list(chosen(names, sources))
            for ports in _lines(allowed):
                end = f",{names[destination]},{ports}\r\n"
                yield end.join(chosen_names) + end
    for number, outside in enumerate(found.outside):
        for direction in Direction:
            for each in outside[direction]:
                yield from _outside(names[number], direction, each)


def _outside(name: str, direction: Direction, each: AddressRange) -> Iterator[str]:
    for ports in _lines(each.allowed):
        for network in each.addresses.networks():
            ends = f"{name},{network}" if direction is Direction.EGRESS else f"{network},{name}"
            yield f"{ends},{ports}\r\n"


def _lines(allowed: Allowed) -> Iterator[str]:
    for verdict, ports in zip(_VERDICTS, allowed, strict=True):
        for protocol, first, last in ports.ranges():
            numbers = "," if protocol == "*" else f"{first},{last}"
            yield f"{protocol},{numbers},{verdict}"


def field(text: str) -> str:
    """One value. What a spreadsheet would take for a formula is made plain text by an apostrophe."""
    shown = printable(text)
    if shown.lstrip().startswith(("=", "+", "-", "@")):
        shown = f"'{shown}"
    quoted = shown.replace('"', '""')
    return f'"{quoted}"' if any(mark in shown for mark in ",\"'; ") else shown
