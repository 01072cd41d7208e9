"""One cell of the matrix explained, with links to whatever decided it."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from policy_core.printable import printable
from policy_core.report.document import Document, Link
from tui.widgets.document_view import DocumentView

__all__ = ["ExplanationScreen"]


class ExplanationScreen(ModalScreen[Link | bool | None]):
    """Dismissed with the link that was followed, or with True where a trace is asked for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "close", key_display="esc", id="explanation.close"),
        Binding("t", "dismiss(True)", "trace", id="explanation.trace"),
    ]

    def __init__(self, title: str, document: Document) -> None:
        super().__init__()
        self._title = title
        self._document = document

    def compose(self) -> ComposeResult:
        with Vertical(id="explanation") as box:
            box.border_title = Content(printable(self._title))
            box.border_subtitle = Content("↵ follows a link · t traces · esc closes")
            yield DocumentView()

    def on_mount(self) -> None:
        view = self.query_one(DocumentView)
        view.show(self._document)
        view.focus()

    @on(DocumentView.LinkFollowed)
    def _link_followed(self, event: DocumentView.LinkFollowed) -> None:
        self.dismiss(event.link)
