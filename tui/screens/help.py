"""What can be pressed, made from the table of actions."""

from __future__ import annotations

from collections.abc import Iterable
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
from tui.actions import ACTIONS, Action
from tui.widgets.document_view import DocumentView

__all__ = ["HelpScreen", "help_document"]

_KEY_NAMES = {
    "slash": "/",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "exclamation_mark": "!",
    "question_mark": "?",
    "escape": "esc",
}

_IDEA = (
    "A Service routes: it gives pods an address. A NetworkPolicy permits: without one, everything is let in "
    "and out; with one, only what its rules name. A connection needs both."
)
_SIGNS = (
    ("▸", "the cursor, or a row that can be unfolded with space"),
    ("●", "belongs to what is selected elsewhere"),
    ("?", "not certain: something here is not known, or is not evaluated"),
    ("✗", "closed, or not answering"),
    ("open", "no policy selects the pod: everything is let through"),
    ("any", "a rule lets anyone through on every port"),
    ("rules", "restricted: only what rules name is let through"),
    ("shut", "nothing is let through"),
    ("host", "the pod uses its node's network: policy does not isolate it"),
    ("—", "the pod has finished: no policy applies"),
    ("3/5", "in the list of namespaces: 3 of 5 pods are isolated for ingress (←) or egress (→)"),
)


class HelpScreen(ModalScreen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1,q", "dismiss", "close", key_display="esc", id="help.close"),
    ]

    def compose(self) -> ComposeResult:
        with Vertical(id="help") as box:
            box.border_title = Content("Help")
            box.border_subtitle = Content("↑↓ scroll · esc closes")
            yield DocumentView()

    def on_mount(self) -> None:
        self.query_one(DocumentView).show(help_document())


def help_document() -> Document:
    """Every action by group, then what the signs mean."""
    blocks: list[Block] = [Paragraph(_plain(_IDEA))]
    for group, actions in groupby(ACTIONS, key=lambda action: action.group):
        blocks.append(Heading(_plain(group)))
        blocks.append(_table(_row(_keys(a), Span(a.title, Role.NAME), a.help) for a in actions))
    blocks.append(Heading(_plain("Signs")))
    blocks.append(_table(_row(sign, Span(""), meaning) for sign, meaning in _SIGNS))
    return tuple(blocks)


def _plain(text: str) -> Cell:
    return (Span(text),)


def _keys(action: Action) -> str:
    return " ".join(_KEY_NAMES.get(key, key) for key in action.keys.split(","))


def _row(key: str, title: Span, text: str) -> Row:
    return Row(((Span(key, Role.PORT),), (title,), (Span(text, Role.MUTED),)))


def _table(rows: Iterable[Row]) -> Table:
    return Table((Column(""), Column(""), Column("", 1)), tuple(rows), indent=2)
