"""What the benchmark of the explorer presses, and what must answer each key.

Made by the program's own model of lists and marks, in the process that has the cluster; the process that
presses the keys knows texts only.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from tui.catalogue import Catalogue, Pane, Row
from tui.state import ExplorerState, Listing, Place
from tui.subjects import title

__all__ = ["SHOW", "Step", "plan"]

Step = dict[str, str]
"""``press``: keys; ``answer``: what comes then; ``hint``: something to type into; ``as``: the operation that
is timed; one that is not only leads to others, or warms up."""

SHOW, DOWN, PAGE_DOWN, FIRST, ENTER = "\x1b[20~", "\x1b[B", "\x1b[6~", "g", "\r"
PALETTE, FILTER, CLEAR = "\x10", "/", "\x15"
_KEYS = {pane: str(number) for number, pane in enumerate(Pane, 1)}
_PAGE = 36
"""Rows that a page has at most."""
_WORDS = tuple(str(number) for number in range(24, 100, 7))
"""Typed into the filter, digit by digit, where each digit leaves fewer pods; the first one warms up."""


def plan(catalogue: Catalogue, moves: int) -> list[Step]:
    """``moves`` of the most frequent operations. The first of equal steps only warms up."""
    maker = _Plan(catalogue)
    few = -(-moves // 2)
    steps = [
        *maker.show(),
        *maker.moves("select the next pod", Pane.PODS, moves),
        *maker.pages("page down in the pods", few),
        *maker.far("go to a pod far away", moves),
        *maker.filter("a keystroke in the filter", -(-moves // 4)),
        *maker.moves("select the next Service", Pane.SERVICES, few),
        *maker.moves("select the next policy", Pane.POLICIES, few),
        *maker.moves("choose the next namespace", Pane.NAMESPACES, few),
    ]
    warmed = {"show the bundle", "a keystroke in the filter"}
    for step in steps:
        if step.get("as", "show the bundle") not in warmed:
            warmed.add(step.pop("as"))
    return steps


class _Plan:
    def __init__(self, catalogue: Catalogue) -> None:
        self._state = ExplorerState(catalogue)
        self._rows = catalogue.rows
        self._random = random.Random(1)

    def show(self) -> Iterator[Step]:
        first = self._rows[Pane.PODS][0]
        self._state.look_at(Place(first.ref))
        yield {"as": "show the bundle", "press": SHOW, "answer": _heading(first)}

    def moves(self, name: str, pane: Pane, times: int) -> Iterator[Step]:
        """Down the list, and again from its top."""
        yield from self._to_first(pane)
        for _ in range(times + 1):
            row = self._below(pane)
            if row is None:
                yield from self._to_first(pane)
                row = self._below(pane)
            assert row is not None
            self._state.look_at(Place(row.ref))
            yield {"as": name, "press": DOWN, "answer": _heading(row)}

    def pages(self, name: str, times: int) -> Iterator[Step]:
        """How many rows a page has only the screen knows: some other pod answers."""
        yield from self._to_first(Pane.PODS)
        for _ in range(min(times + 1, len(self._rows[Pane.PODS]) // _PAGE)):
            yield {"as": name, "press": PAGE_DOWN, "answer": "m Pod "}

    def far(self, name: str, times: int) -> Iterator[Step]:
        """By name, in the palette; the key that is timed is the one that goes there."""
        rows = self._rows[Pane.PODS]
        longest = max(len(row.ref.namespace + row.ref.name) for row in rows)
        # The words for any other would find those that begin with them, too.
        rows = [row for row in rows if len(row.ref.namespace + row.ref.name) == longest]
        for row in self._random.sample(rows, min(len(rows), times + 1)):
            yield {"press": PALETTE, "hint": "actions, objects"}
            yield {"press": f"{row.ref.name} {row.ref.namespace}", "hint": title(row)}
            self._state.look_at(Place(row.ref))
            yield {"as": name, "press": ENTER, "answer": _heading(row)}

    def filter(self, name: str, words: int) -> Iterator[Step]:
        yield {"press": FILTER, "hint": "label=value"}
        everything = len(self._rows[Pane.PODS])
        for word in _WORDS[: words + 1]:
            yield {"press": CLEAR}
            shown = everything
            for typed in range(1, len(word) + 1):
                self._state.listings[Pane.PODS] = Listing(word[:typed])
                before, shown = shown, self._state.order(Pane.PODS, None).shown
                answer = f"m 2 Pods {shown:,}/{everything:,} "
                if word != _WORDS[0] and 0 < shown < before:
                    yield {"as": name, "press": word[typed - 1], "answer": answer}
                else:
                    yield {"press": word[typed - 1]}
        yield {"press": CLEAR}
        yield {"press": ENTER}
        self._state.listings[Pane.PODS] = Listing()
        # Which pod the filters have left selected is not known here: the other lists begin with its own.
        yield from self._to_first(Pane.PODS)

    def _to_first(self, pane: Pane) -> Iterator[Step]:
        yield {"press": _KEYS[pane]}
        self._state.look_at(Place(self._rows[pane][0].ref))  # what was looked at before is marked now
        yield {"press": FIRST}
        order = self._state.order(pane, None).indices
        self._state.look_at(Place(self._rows[pane][order[0]].ref))

    def _below(self, pane: Pane) -> Row | None:
        """None at the end."""
        assert self._state.place is not None
        at = self._state.catalogue.position[self._state.place.subject]
        order = self._state.order(pane, None).indices
        position = order.index(at[1]) + 1
        return self._rows[pane][order[position]] if position < len(order) else None


def _heading(row: Row) -> str:
    """In the border of the details: a run of text by itself, with a blank on either side."""
    return f"m {title(row)} \x1b"
