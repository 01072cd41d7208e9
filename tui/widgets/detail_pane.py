"""The right side: what there is to say about the selected object, and its manifest."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import ContentSwitcher

from policy_core.printable import printable
from policy_core.report.document import Document, Paragraph, Span
from tui.subjects import Manifest
from tui.widgets.banner import Banner
from tui.widgets.code_view import CodeView
from tui.widgets.document_view import DocumentView, LaidOut
from tui.widgets.still import set_border_title
from tui.widgets.tab_bar import TabBar

__all__ = ["DetailPane", "Tab"]


class Tab(StrEnum):
    RULES = "rules"
    YAML = "yaml"


class DetailPane(Vertical):
    """Shows what it is given. Links that are followed arrive as ``DocumentView.LinkFollowed``."""

    # The screen's own keys once more: the footer is to name those that matter here.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "screen.leave", "out", key_display="esc", id="escape"),
        Binding("slash", "screen.filter", show=False, id="filter"),
        Binding("m", "screen.matrix", show=False, id="matrix"),
    ]

    def __init__(self) -> None:
        super().__init__(id="detail")
        self._tabs = TabBar((Tab.RULES, "Rules"), (Tab.YAML, "YAML"))
        self._document = DocumentView(id=Tab.RULES)
        self._code = CodeView(id=Tab.YAML)
        self._note = Banner()

    def compose(self) -> ComposeResult:
        yield self._note
        yield self._tabs
        with ContentSwitcher(initial=Tab.RULES):
            yield self._document
            yield self._code

    @property
    def tab(self) -> Tab:
        return Tab(self.query_one(ContentSwitcher).current or Tab.RULES)

    @property
    def has_attention(self) -> bool:
        """Whether the keyboard is in here."""
        return self._document.has_focus or self._code.has_focus

    @property
    def line_width(self) -> int:
        """How wide the lines of a document are here; 0 while that is not known."""
        return self._document.line_width

    def show(
        self, title: str, document: Document, manifest: Manifest | None, laid_out: LaidOut | None = None
    ) -> None:
        set_border_title(self, Content(printable(title)))
        self._document.show(document, title, laid_out)
        if manifest is None:
            self._code.say("No manifest was read for this.")
            self._tabs.set_label(Tab.YAML, "YAML")
        else:
            self._code.show(manifest.lines, manifest.first_number, manifest.highlighted, title)
            self._tabs.set_label(Tab.YAML, f"YAML {manifest.where}")

    def say(self, text: str, title: str = "") -> None:
        """There is nothing to tell yet, of any object or of that with the ``title``; ``text`` says why, in
        as many lines as it takes."""
        set_border_title(self, Content(printable(title)))
        self._document.show((Paragraph((Span(text),)),), subject_key=self)

    def note(self, text: str) -> None:
        """Something to know about all that is shown here; nothing where it is empty."""
        self._note.show(text)

    def turn_to(self, tab: Tab) -> None:
        attention = self.has_attention
        self.query_one(ContentSwitcher).current = tab
        self._tabs.activate(tab)
        if attention:
            self.attend()

    def attend(self) -> None:
        """Take the keyboard."""
        (self._document if self.tab is Tab.RULES else self._code).focus()

    @on(TabBar.Activated)
    def _tab_activated(self, event: TabBar.Activated) -> None:
        event.stop()
        self.turn_to(Tab(event.key))
