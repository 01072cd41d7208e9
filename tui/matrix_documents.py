"""What the matrix says of a cell, and of a whole grid for a ticket."""

from __future__ import annotations

from policy_core.evaluation import Evaluation
from policy_core.model import Direction
from policy_core.report.document import NOTHING, Cell, Column, Document, Paragraph, Role, Row, Span, Table
from policy_core.report.matrix_pair import outside_document, pair_document, pair_pods, probes
from tui.matrix_grids import LEGEND, WorkloadGrid
from tui.matrix_state import View
from tui.question import Question, end_text, port_text

__all__ = ["cell_document", "cell_question", "cell_title", "grid_document"]


def cell_title(grid: WorkloadGrid, row: int, column: int) -> str:
    return f"{grid.rows[row]} → {grid.columns[column]}"


def cell_document(evaluation: Evaluation, grid: WorkloadGrid, row: int, column: int) -> Document:
    source, destination = grid.ends(row, column)
    if source is not None and destination is not None:
        return pair_document(evaluation, grid.found, source, destination)
    each, direction = (source, Direction.EGRESS) if source else (destination, Direction.INGRESS)
    assert each is not None  # noqa: S101 - the outside has no grid of its own
    return outside_document(grid.found.outside[each.number], each, direction)


def cell_question(grid: WorkloadGrid, row: int, column: int) -> Question:
    """What to ask a trace of the cell: one pod of each workload, and a port that tells something of them. An
    end that is the outside is left open."""
    source, destination = grid.ends(row, column)
    if source is not None and destination is not None:
        one, other = pair_pods(source, destination)
        protocol, port = probes(grid.found.allowed(source.number, destination.number), other)[0]
        return Question(end_text(one.ref), end_text(other.ref), port_text(protocol, port))
    if source is not None:
        return Question(source=end_text(source.pods[0].ref))
    return Question(destination=end_text(destination.pods[0].ref)) if destination else Question()


def grid_document(view: View) -> Document:
    """What the filter leaves, as a table; a row for each source."""
    columns = (Column("from ↓ to →"), *(Column(view.grid.columns[at]) for at in view.columns))
    rows = tuple(
        Row(((Span(view.grid.rows[row], Role.NAME),), *(_cell(view, row, at) for at in view.columns)))
        for row in view.rows
    )
    legend = ", ".join(f"{sign} {word}" for sign, word, _ in LEGEND)
    return (Paragraph((Span(legend),)), Table(columns, rows))


def _cell(view: View, row: int, column: int) -> Cell:
    mark = view.grid.mark(row, column)
    return (Span(f"{mark.sign} {mark.word}".strip() or NOTHING, mark.role),)
