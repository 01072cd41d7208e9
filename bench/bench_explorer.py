"""The explorer on a bundle of 1,000 and of 10,000 pods: from a key to the frame that answers it.

``python -m bench.bench_explorer``; with a number of pods, one run of it. The program runs as a process of its
own in a pseudo-terminal. A key is timed until the end of the frame that holds its answer: the title of the
details of what must be selected now, or the number of pods that the filter must leave. What that is, the
program's own model of lists and marks says here, too.
"""

from __future__ import annotations

import json
import sys

from bench.explorer import READY, made
from bench.terminal import FRAME_ENDS, LINES, Terminal
from bench.timing import Figure, table
from tui.catalogue import Catalogue, Pane, Row
from tui.state import ExplorerState, Listing, Place
from tui.subjects import title

__all__ = ["main", "run"]

_RUNS = 3
_SHOW, _DOWN, _PAGE_DOWN, _FIRST, _ENTER = b"\x1b[20~", b"\x1b[B", b"\x1b[6~", b"g", b"\r"
_PALETTE, _FILTER, _CLEAR = b"\x10", b"/", b"\x15"
_PANES = {pane: str(number).encode() for number, pane in enumerate(Pane, 1)}
_WORDS = tuple(str(number) for number in range(24, 100, 7))
"""Typed into the filter, digit by digit; each digit leaves fewer pods."""


class _Session:
    """One run of the program, and where the person is in it. The first of equal keys warms up."""

    def __init__(self, terminal: Terminal, catalogue: Catalogue) -> None:
        self._terminal = terminal
        self._state = ExplorerState(catalogue)
        self._rows = catalogue.rows

    def show(self) -> list[float]:
        self._terminal.until(READY.encode())
        first = self._rows[Pane.PODS][0]
        taken = self._timed(_SHOW, _heading(first))
        self._state.look_at(Place(first.ref))
        return [taken]

    def moves(self, pane: Pane, times: int, key: bytes = _DOWN, by: int = 1) -> list[float]:
        """Down the list, and again from its top."""
        taken = []
        for _ in range(times + 1):
            row = self._below(pane, by)
            if row is None:
                self.to_first(pane)
                row = self._below(pane, by)
            assert row is not None
            taken.append(self._timed(key, _heading(row)))
            self._state.look_at(Place(row.ref))
        return taken[1:]

    def pages(self, times: int) -> list[float]:
        self.to_first(Pane.PODS)
        output = self._press(_PAGE_DOWN)
        ahead = ((by, self._below(Pane.PODS, by)) for by in range(1, LINES))
        by, row = next((by, row) for by, row in ahead if row and _heading(row) in output)
        self._state.look_at(Place(row.ref))
        return self.moves(Pane.PODS, times, _PAGE_DOWN, by)

    def far(self, times: int) -> list[float]:
        """By name, in the palette; the key that is timed is the one that goes there."""
        longest = max(len(row.ref.namespace + row.ref.name) for row in self._rows[Pane.PODS])
        # The words for any other would find those that begin with them, too.
        rows = [row for row in self._rows[Pane.PODS] if len(row.ref.namespace + row.ref.name) == longest]
        taken = []
        for number in range(times + 1):
            row = rows[(number * 2 + 1) * len(rows) // (2 * times + 2)]
            self._open(_PALETTE, b"actions, objects")
            self._terminal.press(f"{row.ref.name} {row.ref.namespace}".encode())
            self._terminal.until(title(row).encode())
            taken.append(self._timed(_ENTER, _heading(row)))
            self._state.look_at(Place(row.ref))
        return taken[1:]

    def filter(self, words: int) -> list[float]:
        self._open(_FILTER, b"label=value")
        everything = len(self._rows[Pane.PODS])
        taken = []
        for word in _WORDS[: words + 1]:
            self._press(_CLEAR)
            shown = everything
            for typed in range(1, len(word) + 1):
                self._state.listings[Pane.PODS] = Listing(word[:typed])
                before, shown = shown, self._state.order(Pane.PODS, None).shown
                assert 0 < shown < before
                taken.append(
                    self._timed(word[typed - 1].encode(), f"m 2 Pods {shown:,}/{everything:,} ".encode())
                )
        self._press(_CLEAR)
        self._press(_ENTER)
        self._state.listings[Pane.PODS] = Listing()
        self.to_first(Pane.PODS)
        return taken[len(_WORDS[0]) :]

    def to_first(self, pane: Pane) -> None:
        self._press(_PANES[pane])
        self._state.look_at(Place(self._rows[pane][0].ref))  # what was looked at before is marked now
        self._press(_FIRST)
        order = self._state.order(pane, None).indices
        self._state.look_at(Place(self._rows[pane][order[0]].ref))

    def _below(self, pane: Pane, by: int) -> Row | None:
        """None beyond the end, and while the person is in another list."""
        assert self._state.place is not None
        at = self._state.catalogue.position[self._state.place.subject]
        if at[0] is not pane:
            return None
        order = self._state.order(pane, None).indices
        position = order.index(at[1]) + by
        return self._rows[pane][order[position]] if position < len(order) else None

    def _press(self, key: bytes) -> bytes:
        self._terminal.settle()
        self._terminal.press(key)
        return self._terminal.settle()

    def _open(self, key: bytes, hint: bytes) -> None:
        """Something to type into, which says what: typed before it is there, letters would be keys."""
        self._terminal.settle()
        self._terminal.press(key)
        self._terminal.until(hint)

    def _timed(self, key: bytes, answer: bytes) -> float:
        self._terminal.settle()
        self._terminal.press(key)
        return self._terminal.until(answer, FRAME_ENDS)


def _heading(row: Row) -> bytes:
    """In the border of the details: a run of text by itself, with a blank on either side."""
    return f"m {title(row)} \x1b".encode()


def run(pods: int, moves: int = 40) -> dict[str, list[float]]:
    """Milliseconds for each key of each operation; ``moves`` of the most frequent ones."""
    with Terminal([sys.executable, "-m", "bench.explorer", str(pods)]) as terminal:
        session = _Session(terminal, made(pods))
        few = -(-moves // 2)
        return {
            "show the bundle": session.show(),
            "select the next pod": session.moves(Pane.PODS, moves),
            "page down in the pods": session.pages(few),
            "go to a pod far away": session.far(-(-moves // 4)),
            "a keystroke in the filter": session.filter(-(-moves // 4)),
            "select the next Service": session.moves(Pane.SERVICES, few),
            "select the next policy": session.moves(Pane.POLICIES, few),
            "choose the next namespace": session.moves(Pane.NAMESPACES, few),
        }


def main() -> None:
    print("\n## The explorer, from a key to the frame that answers it\n")
    sizes = (1_000, 10_000)
    figures: dict[str, dict[int, list[float]]] = {}
    for size in sizes:
        for _ in range(_RUNS):
            for name, values in run(size).items():
                figures.setdefault(name, {}).setdefault(size, []).extend(values)
    rows = [
        [
            name,
            str(len(found[sizes[0]])),
            *(cell for size in sizes for cell in Figure(tuple(found[size])).spread),
        ]
        for name, found in figures.items()
    ]
    titles = [f"{size:,} pods: {what}" for size in sizes for what in ("median", "90th percentile", "worst")]
    print(table(["ms", "keys", *titles], rows))


if __name__ == "__main__":
    if sys.argv[1:]:
        print(json.dumps(run(int(sys.argv[1]))))
    else:
        main()
