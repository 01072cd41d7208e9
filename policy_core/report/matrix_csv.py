"""The connectivity matrix as CSV, piece by piece: a line for each stretch of ports of each connection."""

from __future__ import annotations

from collections.abc import Iterator

from policy_core.chosen import chosen
from policy_core.column import Allowed
from policy_core.connectivity import Connectivity
from policy_core.ipblock import AddressSet
from policy_core.model import Direction
from policy_core.printable import printable
from policy_core.report.matrix_lines import lines
from policy_core.report.matrix_words import class_names

__all__ = ["matrix_csv"]

_VERDICTS = ("allow", "partial", "unknown")


def matrix_csv(found: Connectivity) -> Iterator[str]:
    """``from`` and ``to`` are classes, ``namespace/Kind/name``, or CIDRs outside the cluster's pods. Protocol
    ``*`` is every port of every protocol, and has no numbers. A connection that is absent is denied."""
    yield "from,to,protocol,from_port,to_port,verdict\r\n"
    names = [field(name) for name in class_names(found.classes)]
    told: dict[Allowed, list[str]] = {}
    for destination, column in enumerate(found.to()):
        for allowed, sources in column:
            chosen_names = list(chosen(names, sources))
            for ports in _ports(allowed, told):
                yield from lines(chosen_names, "", f",{names[destination]},{ports}", "\r\n")
                yield "\r\n"
    networks: dict[AddressSet, list[str]] = {}
    for name, outside in zip(names, found.outside, strict=True):
        for direction in Direction:
            for each in outside[direction]:
                if each.addresses not in networks:
                    networks[each.addresses] = list(map(str, each.addresses.networks()))
                out = direction is Direction.EGRESS
                before, after = (f"{name},", "") if out else ("", f",{name}")
                for ports in _ports(each.allowed, told):
                    yield from lines(networks[each.addresses], before, f"{after},{ports}", "\r\n")
                    yield "\r\n"


def _ports(allowed: Allowed, told: dict[Allowed, list[str]]) -> list[str]:
    found = told.get(allowed)
    if found is None:
        found = told[allowed] = [
            f"{protocol},{',' if protocol == '*' else f'{first},{last}'},{verdict}"
            for verdict, ports in zip(_VERDICTS, allowed, strict=True)
            for protocol, first, last in ports.ranges()
        ]
    return found


def field(text: str) -> str:
    """One value. What a spreadsheet would take for a formula is made plain text by an apostrophe."""
    shown = printable(text)
    if shown.lstrip().startswith(("=", "+", "-", "@")):
        shown = f"'{shown}"
    quoted = shown.replace('"', '""')
    return f'"{quoted}"' if any(mark in shown for mark in ",\"'; ") else shown
