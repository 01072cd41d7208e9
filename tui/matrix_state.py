"""Where the person is in the matrix: which grid, which cell, which filter. No widgets."""

from __future__ import annotations

from dataclasses import dataclass, field

from policy_core.between import Between, between
from policy_core.connectivity import Connectivity
from tui.matrix_grids import Grid, NamespaceGrid, WorkloadGrid

__all__ = ["MatrixState", "View"]


@dataclass(slots=True)
class View:
    """One grid with what is shown of it: positions of rows and columns, and the cursor among those."""

    title: str
    grid: Grid
    between: tuple[str | None, str | None] = (None, None)
    """Of workloads, the namespaces that they are of; None is the outside."""
    query: str = ""
    row: int = 0
    column: int = 0
    rows: list[int] = field(init=False)
    columns: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.rows = list(range(len(self.grid.rows)))
        self.columns = list(range(len(self.grid.columns)))

    def filter(self, query: str) -> None:
        """``web > db`` keeps the sources that have ``web`` in their names and the destinations that have
        ``db``; either side may be empty. The cursor stays on its cell as long as that is shown."""
        row, column = self.cell or (0, 0)
        self.query = query
        sources, _, destinations = query.lower().partition(">")
        self.rows = _matching(self.grid.rows, sources)
        self.columns = _matching(self.grid.columns, destinations)
        self.row = self.rows.index(row) if row in self.rows else 0
        self.column = self.columns.index(column) if column in self.columns else 0

    @property
    def cell(self) -> tuple[int, int] | None:
        """Positions in the grid; None where the filter leaves nothing."""
        if not self.rows or not self.columns:
            return None
        return self.rows[self.row], self.columns[self.column]

    def move(self, rows: int, columns: int) -> None:
        """Move the cursor, at most to the edges."""
        self.row = max(0, min(self.row + rows, len(self.rows) - 1))
        self.column = max(0, min(self.column + columns, len(self.columns) - 1))

    def go_to(self, other: View) -> None:
        """The filter and the cell of ``other``, whose grid is an earlier one of the same."""
        self.filter(other.query)
        if other.cell is not None:
            row, column = other.grid.rows[other.cell[0]], other.grid.columns[other.cell[1]]
            self.row = next((i for i, at in enumerate(self.rows) if self.grid.rows[at] == row), 0)
            columns = self.grid.columns
            self.column = next((i for i, at in enumerate(self.columns) if columns[at] == column), 0)


class MatrixState:
    def __init__(self, found: Connectivity) -> None:
        self.found = found
        self.tallies: Between = between(found)
        self.views = [View("namespaces", NamespaceGrid.of(self.tallies))]

    @property
    def view(self) -> View:
        return self.views[-1]

    def start_at(self, namespace: str) -> None:
        """Put the cursor where the namespace meets itself; where there is no other, its workloads are what
        there is to see."""
        names = list(self.tallies.namespaces)
        if namespace in names:
            self.view.row = self.view.column = 1 + names.index(namespace)
            if len(names) == 1:
                self.go_down()

    def go_down(self) -> bool:
        """Into the workloads of the namespaces under the cursor; False where there is nothing further."""
        view, cell = self.view, self.view.cell
        if cell is None or not isinstance(view.grid, NamespaceGrid) or cell == (0, 0):
            return False
        source, destination = view.grid.rows[cell[0]], view.grid.columns[cell[1]]
        ends = (source if cell[0] else None, destination if cell[1] else None)
        grid = WorkloadGrid.of(self.found, self.tallies, *ends)
        self.views.append(View(f"{source} → {destination}", grid, ends))
        return True

    def moved_to(self, state: MatrixState) -> MatrixState:
        """The same place in another matrix, as far as there is such a place: the cell and the filter by
        their names."""
        state.view.go_to(self.views[0])
        for inner in self.views[1:]:
            if all(end is None or end in state.tallies.namespaces for end in inner.between):
                grid = WorkloadGrid.of(state.found, state.tallies, *inner.between)
                state.views.append(View(inner.title, grid, inner.between))
                state.view.go_to(inner)
        return state

    def go_up(self) -> bool:
        """Back to the namespaces; False where those are shown."""
        if len(self.views) == 1:
            return False
        self.views.pop()
        return True


def _matching(names: tuple[str, ...], words: str) -> list[int]:
    wanted = words.split()
    return [at for at, name in enumerate(names) if all(word in name.lower() for word in wanted)]
