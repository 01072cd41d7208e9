"""The connectivity matrix as a graph for Graphviz: a cluster for each namespace, in it a node for the classes
that are let in and let out alike, and an edge for connections that are allowed the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from policy_core.between import between
from policy_core.column import Allowed
from policy_core.connectivity import Connectivity
from policy_core.index import Bits, bits
from policy_core.model import Direction
from policy_core.report.document import NO_BREAK
from policy_core.report.dot import edge, quoted
from policy_core.report.matrix import addresses_text, allowed_cell
from policy_core.report.matrix_dot_namespaces import matrix_dot_namespaces
from policy_core.report.matrix_groups import groups, outside_groups
from policy_core.report.matrix_words import Describer

__all__ = ["matrix_dot"]

_MOST_NAMES = 8
_MOST_NODES = 2000
"""Graphviz takes minutes for as many; what needs more is told by namespace."""
_EVERYONE = "everyone"
End = tuple[str, str]
"""A node, and the attribute that makes an edge end at its cluster instead."""
_END_AT = {"tail": "ltail", "head": "lhead"}


def matrix_dot(found: Connectivity) -> Iterator[str]:
    """Lines of DOT. An edge from or to every node of a namespace ends at its cluster (``ltail``, ``lhead``);
    what every class is allowed comes from one node that stands for all. What takes more nodes than anybody
    could lay out is told by namespace."""
    graph = None if _surely_more_nodes(found) else _Graph(found)
    if graph is None or (graph.size > _MOST_NODES and _is_whole(found)):
        yield from matrix_dot_namespaces(between(found))
        return
    yield "digraph connectivity {\n"
    yield '  compound=true; rankdir=LR; node [shape=box, style="rounded"];\n'
    yield from graph.nodes()
    yield from graph.edges()
    yield from graph.outside()
    yield "}\n"


def _is_whole(found: Connectivity) -> bool:
    return found.ends.bit_count() == len(found.classes)


def _surely_more_nodes(found: Connectivity) -> bool:
    """Than are drawn, told by the columns alone: their hashes are at most as many as they. False says
    nothing."""
    different: set[tuple[str, int]] = set()
    for each, column in zip(found.classes, found.columns, strict=True):
        different.add((each.namespace, hash(column)))
        if len(different) > _MOST_NODES:
            return _is_whole(found)
    return False


class _Graph:
    def __init__(self, found: Connectivity) -> None:
        self._found = found
        self._everyone: Bits = (1 << len(found.classes)) - 1
        self._hubs = 0
        self._describe = Describer(found, _MOST_NAMES)
        row = {number: at for at, group in enumerate(groups(found)) for number in bits(group.sources)}
        nodes: dict[object, Bits] = defaultdict(int)
        for number in bits(found.shown()):
            nodes[found.classes[number].namespace, row.get(number), found.columns[number]] |= 1 << number
        self._node_of: dict[int, Bits] = {number: node for node in nodes.values() for number in bits(node)}
        """For each class the classes that its node stands for."""
        self._lone = {_id(node) for node in nodes.values() if self._alone(node)}
        """The nodes of one single pod: what policy says of it and itself is about nobody."""
        self._clusters: dict[str, list[Bits]] = defaultdict(list)
        for node in nodes.values():
            self._clusters[found.classes[_first(node)].namespace].append(node)

    @property
    def size(self) -> int:
        return sum(map(len, self._clusters.values()))

    def nodes(self) -> Iterator[str]:
        for at, (name, nodes) in enumerate(self._clusters.items()):
            yield f'  subgraph "cluster_{at}" {{\n    label={quoted(name)};\n'
            for node in nodes:
                yield f"    {_id(node)} [label={quoted(self._describe.within(node, name))}];\n"
            yield "  }\n"

    def edges(self) -> Iterator[str]:
        merged: dict[tuple[Allowed, Bits], Bits] = defaultdict(int)
        for node in dict.fromkeys(self._node_of.values()):
            for allowed, sources in self._found.columns[_first(node)]:
                if sources & ~self._alone(node):
                    merged[allowed, sources] |= node
        everyone = any(self._is_everyone(sources) for _, sources in merged)
        if everyone:
            yield f'  {_EVERYONE} [label="every pod of every namespace", shape=ellipse];\n'
        for (allowed, sources), destinations in merged.items():
            tails = [(_EVERYONE, "")] if self._is_everyone(sources) else self._ends(sources, "tail")
            yield from self._joined(tails, self._ends(destinations, "head"), allowed)

    def _joined(self, tails: Sequence[End], heads: Sequence[End], allowed: Allowed) -> Iterator[str]:
        """An edge from each to each, or by way of one node where that takes fewer."""
        if len(tails) * len(heads) <= len(tails) + len(heads):
            for tail, of_tail in tails:
                for head, of_head in heads:
                    if tail != head or tail not in self._lone or of_tail or of_head:
                        yield edge(tail, head, _label(allowed), of_tail, of_head)
            return
        self._hubs += 1
        hub = f"hub_{self._hubs}"
        yield f"  {hub} [{_label(allowed)}, shape=plaintext];\n"
        for tail, of_tail in tails:
            yield edge(tail, hub, "arrowhead=none", of_tail)
        for head, of_head in heads:
            yield edge(hub, head, of_head)

    def _alone(self, node: Bits) -> Bits:
        """The node's class, where that is one single pod."""
        return node if node.bit_count() == 1 and self._found.classes[_first(node)].single else 0

    def _is_everyone(self, sources: Bits) -> bool:
        return sources == self._everyone and len(self._clusters) > 1

    def _ends(self, classes: Bits, end: str) -> list[End]:
        """The nodes that stand for these classes; where all nodes of a cluster do, one of them with the
        attribute for the whole cluster."""
        found: list[End] = []
        for at, nodes in enumerate(self._clusters.values()):
            there = [node for node in nodes if node & classes]
            if there == nodes and len(nodes) > 1:
                found.append((_id(nodes[0]), f'{_END_AT[end]}="cluster_{at}"'))
            else:
                found.extend((_id(node), "") for node in there)
        return found

    def outside(self) -> Iterator[str]:
        """Addresses have a node for each direction: a graph that runs one way is easier to read."""
        for direction in Direction:
            known: dict[str, str] = {}
            for part, classes in outside_groups(self._found, direction):
                where = addresses_text(part.addresses)
                if where not in known:
                    known[where] = f"{direction.value}_{len(known)}"
                    yield f"  {known[where]} [label={quoted(f'outside: {where}')}, shape=ellipse];\n"
                label = _label(part.allowed)
                if direction is Direction.EGRESS:
                    for end, whole in self._ends(classes, "tail"):
                        yield edge(end, known[where], label, whole)
                else:
                    for end, whole in self._ends(classes, "head"):
                        yield edge(known[where], end, label, whole)


def _label(allowed: Allowed) -> str:
    """Attributes: the ports, and dashes where none is certain."""
    text = "".join(span.text for span in allowed_cell(allowed)).replace(NO_BREAK, " ")
    return f"label={quoted(text)}" + ("" if allowed.ports else ", style=dashed")


def _id(node: Bits) -> str:
    return f"n{_first(node)}"


def _first(node: Bits) -> int:
    return (node & -node).bit_length() - 1
