"""What can be pressed, made from the table of actions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from policy_core.report.document import (
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
from tui.actions import (
    ACTIONS,
    EXPOSURE,
    EXPOSURE_ACTIONS,
    GO,
    LIVE_ACTIONS,
    MATRIX,
    MATRIX_ACTIONS,
    TRACE_ACTIONS,
    Action,
    shown_keys,
)
from tui.widgets.document_view import DocumentView
from tui.widgets.virtual_table import VirtualTable

__all__ = ["HelpScreen", "help_document"]

_IDEA = (
    "A Service routes: it gives pods an address. A NetworkPolicy permits: without one, everything is let in "
    "and out; with one, only what its rules name. A connection needs both."
)
_KEYS = 14
"""Columns that keys and signs take, so that the tables stand in line."""
_MOVES = (
    (("table.up", "table.down"), "move by a row; in the details from link to link"),
    (("table.page_up", "table.page_down"), "move by a screen"),
    (("table.first", "table.last"), "to the first or the last row"),
    (("document.fold", "document.open", "document.close"), "unfold a rule with ▸, or fold it: its pods"),
)
"""What the widgets do by themselves: ids of their bindings, help."""
_MOUSE = ("mouse", "click rows, links and tabs; a column's title sorts; the wheel scrolls")
_GRID = (
    ("↑ ↓ ← →", "move from cell to cell; pgup, pgdn, ctrl+← and ctrl+→ by a screen"),
    ("enter", "from namespaces to their workloads, and from those to what decides"),
    ("● ◐ ◌ ·", "every port, some, partly (one family or the own node only), nothing"),
    ("12%", "how many of the pairs of workloads have some port open"),
    ("3306 +1", "the port that is open, and how many more stretches of ports are"),
    ("—", "one pod with itself: policy has no say"),
)
"""What the matrix does by itself, and its signs."""
_EXPOSED = (
    ("enter", "go to the pod, or the first of those that are alike"),
    ("✓ anyone", "policy lets every address in; else the addresses are named"),
    ("✓ its controller", "policy lets the pods in that connect for clients of an Ingress or a route"),
    ("✗ nobody", "a way leads there, and policy lets nothing in by it"),
    ("? …", "not known, and why; ? before a verdict: an object that is not evaluated may apply"),
)
_OF_GROUP = {MATRIX: _GRID, EXPOSURE: _EXPOSED}
_SIGNS = (
    ("●", "belongs to what is selected elsewhere; such rows come first"),
    ("+ ~", "new, or different since a moment ago (live cluster)"),
    ("?", "not certain: something is not known, or an object that is not evaluated may apply"),
    ("2 +3?", "2 pods match now, 3 more may, depending on something not known"),
    ("✗", "closed, or not answering"),
    ("! name", "a policy with errors: only what is sound of it is evaluated"),
    ("▸", "can be unfolded with space"),
    ("open", "no policy selects the pod: everything is let through"),
    ("any", "a rule lets anyone through on every port"),
    ("rules", "restricted: only what rules name is let through"),
    ("closed", "policies select the pod, and no rule lets anything through"),
    ("host", "the pod uses its node's network: policy does not isolate it"),
    ("—", "the pod has finished: no policy applies"),
    ("isolated", "selected by a policy for ingress (←) or egress (→): what no rule allows is denied"),
    (
        "get through",
        "how many other pods policy lets reach this port: by their egress and its ingress",
    ),
)


class HelpScreen(ModalScreen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1,q", "dismiss", "close", key_display="esc", id="help.close"),
    ]

    def __init__(self, first: str = "") -> None:
        """``first`` is the group of actions that is told first."""
        super().__init__()
        self._first = first

    def compose(self) -> ComposeResult:
        with Vertical(id="help") as box:
            box.border_title = Content("Help")
            box.border_subtitle = Content("↑↓ scroll · esc closes")
            yield DocumentView()

    def on_mount(self) -> None:
        self.query_one(DocumentView).show(help_document(self._first))


def help_document(first: str = "") -> Document:
    """Every action by group, the ``first`` group before the others; then what the signs mean."""
    blocks: list[Block] = [Paragraph(_plain(_IDEA))]
    screens = (*ACTIONS, *LIVE_ACTIONS, *TRACE_ACTIONS, *MATRIX_ACTIONS, *EXPOSURE_ACTIONS)
    every: dict[str, Action] = {}
    for action in screens:
        every.setdefault(action.id, action)
    by_group = sorted(every.values(), key=lambda action: action.group != first)
    for group, actions in groupby(by_group, key=lambda action: action.group):
        blocks.append(Heading(_plain(group)))
        more = _move_rows() if group == GO else _OF_GROUP.get(group, ())
        rows = [*_action_rows(actions), *more]
        blocks.append(_table(rows))
    blocks.append(Heading(_plain("Signs and words")))
    blocks.append(_table(_SIGNS))
    return tuple(blocks)


def _action_rows(actions: Iterable[Action]) -> Iterator[tuple[str, str]]:
    """Keys and help; the lists' own keys on one line."""
    for is_list, some in groupby(actions, key=lambda action: action.keys.isdigit()):
        if is_list:
            lists = list(some)
            titles = ", ".join(action.title.lower() for action in lists)
            yield shown_keys(",".join(action.keys for action in lists)), f"go to the {titles}"
        else:
            yield from ((shown_keys(action.keys), action.help) for action in some)


def _move_rows() -> Iterator[tuple[str, str]]:
    keys = {
        binding.id: binding.key
        for binding in (*VirtualTable.BINDINGS, *DocumentView.BINDINGS)
        if isinstance(binding, Binding)
    }
    for ids, text in _MOVES:
        yield shown_keys(",".join(keys[id_] for id_ in ids)), text
    yield _MOUSE


def _plain(text: str) -> Cell:
    return (Span(text),)


def _table(rows: Iterable[tuple[str, str]]) -> Table:
    """What is to be pressed or seen, and what it means."""
    cells = (Row(((Span(key.ljust(_KEYS), Role.PORT),), (Span(text),))) for key, text in rows)
    return Table((Column(""), Column("", 1)), tuple(cells), indent=2)
