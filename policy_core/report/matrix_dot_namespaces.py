"""The connectivity of a large cluster as a graph: a node for the namespaces that are open to the same ones,
and to which the same ones are open, with edges that say how far."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from policy_core.between import Between, Level
from policy_core.model import Direction
from policy_core.report.dot import edge, quoted
from policy_core.report.matrix_words import LEVEL_WORDS
from policy_core.report.words import names

__all__ = ["matrix_dot_namespaces"]

_MOST_NAMES = 8
_TITLE = "It is told by namespace: -n NAMESPACE tells it by workload, -o json or csv tells everything."
_NOT_CERTAIN = (Level.PARTLY, Level.UNKNOWN)


def matrix_dot_namespaces(tallies: Between) -> Iterator[str]:
    """Lines of DOT."""
    yield "digraph connectivity {\n"
    yield f'  label={quoted(_TITLE)}; rankdir=LR; node [shape=box, style="rounded"];\n'
    spaces = list(tallies.namespaces)
    columns = [[tallies.cell(source, destination).level for source in spaces] for destination in spaces]
    outside = [[tallies.outside[name, direction].level for direction in Direction] for name in spaces]
    alike: dict[object, list[int]] = defaultdict(list)
    for at, (column, row) in enumerate(zip(columns, zip(*columns, strict=True), strict=True)):
        alike[tuple(column), row, tuple(outside[at])].append(at)
    nodes = list(alike.values())
    for number, node in enumerate(nodes):
        told = names([spaces[at] for at in node], _MOST_NAMES)
        yield f"  n{number} [label={quoted(told)}];\n"
    yield from _edges([[columns[head[0]][tail[0]] for tail in nodes] for head in nodes])
    for position, direction in enumerate(Direction):
        yield from _outside(direction, [outside[node[0]][position] for node in nodes])
    yield "}\n"


def _edges(levels: Sequence[Sequence[Level]]) -> Iterator[str]:
    """From each node to each, or by way of one more node where that takes fewer. ``levels`` are under the
    number of the destination those of all sources."""
    merged: dict[tuple[Level, tuple[int, ...]], list[int]] = defaultdict(list)
    for head, column in enumerate(levels):
        tails: dict[Level, list[int]] = defaultdict(list)
        for tail, level in enumerate(column):
            tails[level].append(tail)
        tails.pop(Level.NONE, None)
        for level, numbers in tails.items():
            merged[level, tuple(numbers)].append(head)
    for hub, ((level, tails_of), heads) in enumerate(merged.items()):
        if len(tails_of) * len(heads) <= len(tails_of) + len(heads):
            for tail in tails_of:
                for head in heads:
                    yield edge(f"n{tail}", f"n{head}", _label(level))
            continue
        yield f"  hub_{hub} [{_label(level)}, shape=plaintext];\n"
        for tail in tails_of:
            yield edge(f"n{tail}", f"hub_{hub}", "arrowhead=none")
        for head in heads:
            yield edge(f"hub_{hub}", f"n{head}")


def _outside(direction: Direction, levels: Sequence[Level]) -> Iterator[str]:
    """Addresses have a node for each direction: a graph that runs one way is easier to read."""
    there = f"outside_{direction.value}"
    if any(level is not Level.NONE for level in levels):
        yield f'  {there} [label="outside", shape=ellipse];\n'
    for number, level in enumerate(levels):
        if level is not Level.NONE:
            ends = (f"n{number}", there) if direction is Direction.EGRESS else (there, f"n{number}")
            yield edge(*ends, _label(level))


def _label(level: Level) -> str:
    """Attributes: how far it is open, and dashes where nothing is certain."""
    return f"label={quoted(LEVEL_WORDS[level])}" + (", style=dashed" if level in _NOT_CERTAIN else "")
