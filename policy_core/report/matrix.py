"""The connectivity matrix for people: who reaches whom, equal rows and columns told once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from policy_core.between import Level, between
from policy_core.column import Allowed
from policy_core.connectivity import Connectivity
from policy_core.index import bits
from policy_core.ipblock import EVERY_IPV4, EVERY_IPV6, AddressSet
from policy_core.model import Direction
from policy_core.ports import ALL_PORTS, PortSet
from policy_core.report.document import (
    NOTHING,
    Block,
    Cell,
    Column,
    Document,
    Heading,
    Paragraph,
    Role,
    Row,
    Span,
    Table,
)
from policy_core.report.matrix_groups import Entry, Group, groups, outside_groups, surely_more_than
from policy_core.report.matrix_words import LEVEL_WORDS, Describer
from policy_core.report.words import count, names, ports_text

__all__ = ["addresses_text", "allowed_cell", "matrix_document"]

_MOST = 12
"""Names of one namespace, or addresses, on a line."""
_COLUMNS = (Column("from", 2), Column("ports", 2), Column("to", 3))
_MOST_ROWS = 300
"""What takes more rows than that is told by namespace."""
_OUTSIDE = {
    Direction.EGRESS: ("OUT OF THE CLUSTER", "to"),
    Direction.INGRESS: ("INTO THE CLUSTER", "from"),
}


def matrix_document(found: Connectivity, caveats: Iterable[str], title: str) -> Document:
    """Sources by namespace, those first that are alike in several; then the outside, then ``caveats``."""
    describe = Describer(found, _MOST)
    return (
        Paragraph(_summary(found, describe, title)),
        *_between_pods(found, describe),
        *(block for direction in Direction for block in _outside(found, direction, describe)),
        *_caveats(caveats),
    )


def _summary(found: Connectivity, describe: Describer, title: str) -> Cell:
    shown = found.shown()
    pods = sum(len(found.classes[number].pods) for number in bits(shown))
    told = (
        f"{count(pods, 'pod')} in {count(len(describe.spaces(shown)), 'namespace')}, "
        f"in {count(shown.bit_count(), 'class')} that policy tells apart. What is not named here is denied."
    )
    whole = found.ends.bit_count() == len(found.classes)
    part = "" if whole else f" Only connections from or to {', '.join(describe.spaces(found.ends))} are told."
    return (Span(f"{title}: "), Span(told + part))


def _between_pods(found: Connectivity, describe: Describer) -> Iterator[Block]:
    whole = found.ends.bit_count() == len(found.classes)
    if whole and surely_more_than(_MOST_ROWS, found):
        return _by_namespace(found)
    every = groups(found)
    long = whole and sum(len(group.entries) for group in every) > _MOST_ROWS
    return _by_namespace(found) if long else _by_workload(every, describe)


def _by_workload(every: Sequence[Group], describe: Describer) -> Iterator[Block]:
    yield from _legend(every)
    yield from _sections(every, describe)


def _by_namespace(found: Connectivity) -> Iterator[Block]:
    """Namespaces that are open to the same ones alike are told once."""
    tallies = between(found)
    yield Paragraph(
        (
            Span(
                "It is told by namespace: -n NAMESPACE tells it by workload, -o json or csv tells everything."
            ),
        )
    )
    yield Heading((Span("BETWEEN NAMESPACES"),))
    alike: dict[tuple[tuple[str, tuple[str, ...]], ...], list[str]] = {}
    for source in tallies.namespaces:
        by_level: dict[Level, list[str]] = {}
        for destination in tallies.namespaces:
            by_level.setdefault(tallies.cell(source, destination).level, []).append(destination)
        row = tuple((LEVEL_WORDS[at], tuple(by_level[at])) for at in LEVEL_WORDS if at in by_level)
        alike.setdefault(row, []).append(source)
    rows: list[Row] = []
    for row, sources in alike.items():
        who: Cell = (Span(names(sources, _MOST), Role.NAME),)
        for words, destinations in row:
            all_of_them = len(destinations) == len(tallies.namespaces)
            told = "every namespace" if all_of_them else names(destinations, _MOST)
            rows.append(Row((who, (Span(words),), (Span(told),))))
            who = ()
    yield Table((Column("from", 2), Column("open"), Column("to", 3)), tuple(rows), indent=2)


def _legend(every: Iterable[Group]) -> Iterator[Block]:
    allowed = [entry.allowed for group in every for entry in group.entries]
    if any(each.partial for each in allowed):
        yield Paragraph(
            (
                Span("partly", Role.UNKNOWN),
                Span(": over one address family only, or to those pods only that are on the sender's node"),
            )
        )
    if any(each.unknown for each in allowed):
        why = ": hangs on labels, an address or a node that is not known, or on policies of equal priority"
        yield Paragraph((Span("unknown", Role.UNKNOWN), Span(f"{why} that disagree")))


def _sections(every: Iterable[Group], describe: Describer) -> Iterator[Block]:
    sections: dict[str, list[Group]] = {}
    for group in every:
        spaces = describe.spaces(group.sources)
        sections.setdefault(spaces[0] if len(spaces) == 1 else "", []).append(group)
    for name, members in sorted(sections.items()):
        yield Heading((Span(f"FROM {name}" if name else "FROM SEVERAL NAMESPACES"),))
        rows = tuple(row for group in members for row in _rows(group, describe, name))
        yield Table(_COLUMNS, rows, indent=2)


def _rows(group: Group, describe: Describer, namespace: str) -> Iterator[Row]:
    who: Cell = (Span(describe.within(group.sources, namespace), Role.NAME),)
    if not group.entries:
        yield Row((who, (Span(NOTHING, Role.MUTED),), (Span("no other pod", Role.DENY),)))
    for entry in sorted(group.entries, key=_weight):
        told: Cell = (Span(describe.text(entry.destinations, group.itself)),)
        yield Row((who, allowed_cell(entry.allowed), told))
        who = ()


def _weight(entry: Entry) -> tuple[bool, bool, int]:
    """What is certain comes first, and the specific before what everybody has."""
    return bool(entry.allowed.unknown), bool(entry.allowed.partial), entry.destinations.bit_count()


def allowed_cell(allowed: Allowed) -> Cell:
    """The ports, and those that are allowed partly or perhaps with a word for that."""
    spans: list[Span] = []
    told = PortSet()
    for word, role, ports in (
        ("", Role.ALLOW, allowed.ports),
        ("partly ", Role.UNKNOWN, allowed.partial),
        ("unknown: ", Role.UNKNOWN, allowed.unknown),
    ):
        if not ports:
            continue
        rest = told and told | ports == ALL_PORTS
        spans.append(
            Span(("; " if spans else "") + word + ("every other" if rest else ports_text(ports)), role)
        )
        told |= ports
    return tuple(spans) or (Span(NOTHING, Role.MUTED),)


def _outside(found: Connectivity, direction: Direction, describe: Describer) -> Iterator[Block]:
    title, preposition = _OUTSIDE[direction]
    every = sorted(outside_groups(found, direction), key=lambda each: each[0].addresses.line.intervals)
    yield Heading((Span(title),))
    if not every:
        yield Paragraph((Span("nothing", Role.DENY),), indent=2)
        return
    who = Column("pods", 3)
    columns = (Column(preposition, 2), Column("ports", 2), who)
    rows = (
        Row(
            (
                (Span(addresses_text(each.addresses)),),
                allowed_cell(each.allowed),
                (Span(describe.text(classes), Role.NAME),),
            )
        )
        for each, classes in every
    )
    yield Table(columns, tuple(rows), indent=2)


def addresses_text(addresses: AddressSet) -> str:
    """``every address``, ``every IPv4 address except 10.0.0.0/8``, ``192.168.1.0/24``."""
    if addresses == EVERY_IPV4 | EVERY_IPV6:
        return "every address"
    parts: list[str] = []
    for family, every in (("IPv4", EVERY_IPV4), ("IPv6", EVERY_IPV6)):
        inside, missing = addresses & every, every - addresses
        listed = [str(network) for network in inside.networks()]
        left_out = [str(network) for network in missing.networks()]
        if inside and not missing:
            parts.append(f"every {family} address")
        elif len(left_out) < len(listed):
            parts.append(f"every {family} address except {names(left_out, _MOST)}")
        elif listed:
            parts.append(names(listed, _MOST))
    return ", ".join(parts)


def _caveats(caveats: Iterable[str]) -> Iterator[Block]:
    told = tuple(caveats)
    if told:
        yield Heading((Span("CAVEATS"),))
    for caveat in told:
        yield Paragraph((Span("· ", Role.UNKNOWN), Span(caveat)), indent=2)
