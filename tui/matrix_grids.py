"""What the cells of the matrix say: between namespaces, and between the workloads of two of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from policy_core.address_range import AddressRange
from policy_core.between import Between, Level, Tally, level, outside_level
from policy_core.column import Allowed
from policy_core.connectivity import Connectivity
from policy_core.index import bits
from policy_core.matrix_classes import MatrixClass
from policy_core.model import Direction, Ref
from policy_core.ports import ALL_PORTS
from policy_core.report.document import NO_BREAK, Role
from policy_core.report.matrix import addresses_text, allowed_cell
from policy_core.report.matrix_words import short_name
from policy_core.report.words import count

__all__ = ["CLOSED", "LEGEND", "OUTSIDE", "Grid", "Mark", "NamespaceGrid", "WorkloadGrid"]

OUTSIDE = "outside"

_GLYPHS = {
    Level.ALL: ("●", Role.ALLOW),
    Level.SOME: ("◐", Role.PORT),
    Level.PARTLY: ("◌", Role.UNKNOWN),
    Level.UNKNOWN: ("?", Role.UNKNOWN),
    Level.NONE: ("·", Role.MUTED),
}
CLOSED = _GLYPHS[Level.NONE][0]
LEGEND = (
    ("●", "every port", "allow"),
    ("◐", "some", "port"),
    ("◌", "partly", "unknown"),
    ("?", "not certain", "unknown"),
    ("·", "nothing", "muted"),
)
"""Signs, what they mean, and the colour that they have."""


class Mark(NamedTuple):
    """One cell: a sign, a word as short as can be, and what colour stresses it."""

    sign: str
    word: str
    role: Role


_EMPTY = Mark(" ", "", Role.MUTED)


@dataclass(frozen=True)
class Grid(ABC):
    """Names of rows (sources) and columns (destinations); a position counts those that are not filtered out
    as well."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]

    @abstractmethod
    def mark(self, row: int, column: int) -> Mark: ...

    @abstractmethod
    def sentence(self, row: int, column: int) -> str:
        """The cell in words."""


@dataclass(frozen=True)
class NamespaceGrid(Grid):
    """The outside comes first: what is open to it is asked for most."""

    tallies: Between

    @classmethod
    def of(cls, tallies: Between) -> NamespaceGrid:
        names = (OUTSIDE, *tallies.namespaces)
        return cls(names, names, tallies)

    def _tally(self, row: int, column: int) -> Tally | None:
        if not row and not column:
            return None
        if not row:
            return self.tallies.outside[self.columns[column], Direction.INGRESS]
        if not column:
            return self.tallies.outside[self.rows[row], Direction.EGRESS]
        return self.tallies.cell(self.rows[row], self.columns[column])

    def mark(self, row: int, column: int) -> Mark:
        tally = self._tally(row, column)
        if tally is None or not tally.pairs:
            return _EMPTY
        sign, role = _GLYPHS[tally.level]
        doubtful = "?" if tally.unknown and tally.level is not Level.UNKNOWN else ""
        match tally.level:
            case Level.ALL:
                word = "all"
            case Level.SOME:
                word = _share(tally)
            case _:
                word = ""
        return Mark(sign, word + doubtful, role)

    def sentence(self, row: int, column: int) -> str:
        tally = self._tally(row, column)
        if tally is None:
            return "What is outside talks to itself without the cluster."
        source, destination = self.rows[row], self.columns[column]
        what = f"{source} → {destination}"
        if not row or not column:
            noun, out_of = "kind of pods", "with some address outside"
        else:
            noun, out_of = "pair", "of workloads"
        if not tally.pairs:
            return f"{what}: one pod alone, which reaches itself whatever policy says."
        if tally.level is Level.ALL:
            return f"{what}: open on every port, {_all(tally.pairs, noun)}."
        parts = [
            f"{number:,} {word}"
            for number, word in (
                (tally.all, "on every port"),
                (tally.some, "on some ports"),
                (tally.partly, "partly (one address family, or from the own node only)"),
                (tally.unknown, "not certain"),
            )
            if number
        ]
        if not parts:
            return f"{what}: closed, {_all(tally.pairs, noun)}."
        return f"{what}: of {count(tally.pairs, noun)} {out_of} {', '.join(parts)}; the rest is closed."


def _share(tally: Tally) -> str:
    open_ = tally.all + tally.some
    percent = round(100 * open_ / tally.pairs)
    return "<1%" if not percent else ">99%" if percent == 100 and open_ < tally.pairs else f"{percent}%"


def _all(number: int, noun: str) -> str:
    return f"the one {noun} there is" if number == 1 else f"all {count(number, noun)}"


@dataclass(frozen=True)
class WorkloadGrid(Grid):
    """``sources`` or ``destinations`` is None where that end is the outside."""

    found: Connectivity
    sources: tuple[MatrixClass, ...] | None
    destinations: tuple[MatrixClass, ...] | None

    @classmethod
    def of(
        cls, found: Connectivity, tallies: Between, source: str | None, destination: str | None
    ) -> WorkloadGrid:
        sources = _classes(found, tallies, source)
        destinations = _classes(found, tallies, destination)
        return cls(_names(sources), _names(destinations), found, sources, destinations)

    def ends(self, row: int, column: int) -> tuple[MatrixClass | None, MatrixClass | None]:
        """Source and destination; None is the outside."""
        return (
            self.sources[row] if self.sources is not None else None,
            self.destinations[column] if self.destinations is not None else None,
        )

    def ranges(self, row: int, column: int) -> tuple[AddressRange, ...]:
        """Where one end is the outside: the addresses and ports of that end."""
        source, destination = self.ends(row, column)
        if source is not None:
            return self.found.outside[source.number][Direction.EGRESS]
        return self.found.outside[destination.number][Direction.INGRESS] if destination is not None else ()

    def mark(self, row: int, column: int) -> Mark:
        source, destination = self.ends(row, column)
        doubtful = bool(_doubts(source, destination))
        if source is None or destination is None:
            ranges = self.ranges(row, column)
            sign, role = _GLYPHS[outside_level(ranges)]
            word = _short(ranges[0].allowed) if ranges else ""
            word += f" +{len(ranges) - 1}" if len(ranges) > 1 else ""
        elif source is destination and source.single:
            return Mark("—", "", Role.MUTED)
        else:
            allowed = self.found.allowed(source.number, destination.number)
            sign, role = _GLYPHS[level(allowed)]
            word = _short(allowed) + ("?" if allowed.ports and (allowed.partial or allowed.unknown) else "")
        return Mark(sign, word, Role.UNKNOWN if doubtful else role)

    def sentence(self, row: int, column: int) -> str:
        source, destination = self.ends(row, column)
        what = f"{_called(source)} → {_called(destination)}: "
        if source is None or destination is None:
            told = [f"{addresses_text(r.addresses)} on {_ports(r.allowed)}" for r in self.ranges(row, column)]
            said = "; ".join(told) or "nothing"
        elif source is destination and source.single:
            return f"{_called(source)} is one pod: it reaches itself whatever policy says."
        else:
            allowed = self.found.allowed(source.number, destination.number)
            said = _ports(allowed) if allowed else "nothing"
        refs = _doubts(source, destination)
        doubt = f" {', '.join(map(str, refs))} may apply as well." if refs else ""
        return f"{what}{said}.{doubt}"


def _doubts(source: MatrixClass | None, destination: MatrixClass | None) -> tuple[Ref, ...]:
    """What may have a say as well on the way from the one to the other; None is the outside."""
    out: tuple[Ref, ...] = ()
    if source is not None:
        out = source.doubts.egress if destination is not None else source.doubts.outside
    into = destination.doubts.ingress if destination is not None else ()
    return tuple(dict.fromkeys((*out, *into)))


def _classes(found: Connectivity, tallies: Between, namespace: str | None) -> tuple[MatrixClass, ...] | None:
    if namespace is None:
        return None
    return tuple(found.classes[number] for number in bits(tallies.namespaces[namespace]))


def _names(classes: Sequence[MatrixClass] | None) -> tuple[str, ...]:
    if classes is None:
        return (OUTSIDE,)
    return tuple(f"? {short_name(each)}" if each.unevaluated else short_name(each) for each in classes)


def _called(each: MatrixClass | None) -> str:
    if each is None:
        return OUTSIDE
    return f"{each.namespace}/{short_name(each)}"


def _ports(allowed: Allowed) -> str:
    return "".join(span.text for span in allowed_cell(allowed)).replace(NO_BREAK, " ")


def _short(allowed: Allowed) -> str:
    """``all``, ``3306``, ``53 +1``: the first of the ports, and how many more stretches there are."""
    ports = allowed.ports or allowed.partial or allowed.unknown
    if ports == ALL_PORTS:
        return "all"
    ranges = ports.ranges()
    if not ranges:
        return ""
    first = ranges[0]
    if (first.first, first.last) == (1, 65535):
        word = first.protocol
    else:
        word = str(first.first) if first.first == first.last else f"{first.first}–"
    return f"{word} +{len(ranges) - 1}" if len(ranges) > 1 else word
