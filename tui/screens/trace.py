"""A connection, hop by hop: who with whom on which port, and the path between them as a diagram.

Data flows one way: what is typed or chosen makes another question, fields and path are shown from that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import DescendantFocus
from textual.message import Message
from textual.style import Style
from textual.widgets import ContentSwitcher, Static

from policy_core.ends import EndError
from policy_core.printable import printable
from policy_core.report.document import Document, Link, Paragraph, Role, Span
from policy_core.report.ticket import ticket
from tui.actions import TRACE, TRACE_ACTIONS, bindings
from tui.catalogue import Catalogue
from tui.choices import Choice, Choices, choices
from tui.columns import CHOICE_COLUMNS
from tui.freshness import Freshness, clock_time
from tui.latest import Latest
from tui.question import Field, Question
from tui.screens.aside import work_aside
from tui.screens.base import BaseScreen
from tui.state import Step
from tui.subjects import whereabouts
from tui.tracing import Answer, Offer, Refusal, answer, offers, with_likely_port
from tui.widgets.banner import Banner
from tui.widgets.document_view import DocumentView
from tui.widgets.form_field import FormField
from tui.widgets.key_bar import KeyBar
from tui.widgets.status_bar import StatusBar
from tui.widgets.virtual_table import VirtualTable

__all__ = ["TraceScreen"]

_ENDS = (Field.SOURCE, Field.DESTINATION)
_NAME = "part of a name, or an IP address outside"


class _Path(DocumentView):
    """Without anything to unfold, so the footer has better to say."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "fold", show=False, id="document.fold")]


class TraceScreen(BaseScreen[None]):
    """``ahead`` tells whether there is somewhere to go forward to. ``asked`` is told every question, and
    ``leave`` is called to follow a link or to take a step: both at once, since what comes next counts on it.
    """

    OWN = TRACE_ACTIONS
    HELP_FIRST = TRACE
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(OWN)]
    AUTO_FOCUS = ""

    class _Answered(Message):
        def __init__(self, question: Question, result: Answer | Refusal) -> None:
            super().__init__()
            self.question = question
            self.result = result

    class _Renewed(Message):
        """What the same question is answered now that the cluster is like this; None where it was not
        complete."""

        def __init__(
            self, renewal: _Renewal, found: Choices, question: Question, result: Answer | Refusal | None
        ) -> None:
            super().__init__()
            self.renewal = renewal
            self.choices = found
            self.question = question
            self.result = result

    def __init__(
        self,
        catalogue: Catalogue,
        question: Question,
        ahead: bool,
        asked: Callable[[Question], None],
        leave: Callable[[Link | Step], None],
    ) -> None:
        super().__init__()
        self.question = question
        self._catalogue = catalogue
        self._choices = choices(catalogue)
        self._ahead, self._asked, self._leave = ahead, asked, leave
        self._answer: Answer | None = None
        self._offers: tuple[Offer, ...] = ()
        self._port_typed = bool(question.port)
        self._touched: Field | None = None
        """The end that was chosen last."""
        self._status = StatusBar()
        self._freshness: Freshness | None = None
        """None for manifests."""
        self._fields = {
            Field.SOURCE: FormField(Field.SOURCE, "from", _NAME),
            Field.DESTINATION: FormField(Field.DESTINATION, "to", _NAME),
            Field.PORT: FormField(Field.PORT, "port", "3306, udp 53"),
        }
        self._path = _Path(id="path")
        self._matches: VirtualTable[Choice] = VirtualTable(CHOICE_COLUMNS, id="matches")
        self._rows: object = None
        """The rows that the list of matches has."""
        self._box = Vertical(id="answer")
        self._note = Banner()
        self._renewals = Latest(self._ask_again)
        self._gone: dict[str, float] = {}
        """The ends that have gone away while the trace was shown, and when."""

    def compose(self) -> ComposeResult:
        yield self._status
        with Horizontal(id="question"):
            with Vertical():
                yield from self._fields.values()
            yield Static(Content.styled("⇄ swap", Style.from_meta({"@click": "screen.swap"})), id="swap")
        yield self._note
        with self._box, ContentSwitcher(initial="path"):
            yield self._path
            yield self._matches
        yield KeyBar()

    def on_mount(self) -> None:
        self._show_status()
        # The keyboard stays in the field: that is where the person types on.
        self._matches.can_focus = False
        self._matches.is_subject = True
        self._offers = self._offered()
        self._ask(with_likely_port(self.question, self._offers, self._port_typed))
        self._go_on()

    # The question ---------------------------------------------------------------------------------------

    def _ask(self, question: Question, typed: bool = False) -> None:
        """Everything on screen follows from the question; the answer is worked out aside. ``typed``: its port
        is being typed."""
        self.question, self._answer = question, None
        self._note.show("")
        self._asked(question)
        for field, widget in self._fields.items():
            value = question.value(field)
            if field is Field.PORT:
                widget.show(value, self._offered_ports(), typed=typed)
            else:
                widget.show(value, self._choices.facts(value), self._fault(value))
        if question.complete:
            work_aside(
                self, partial(self._work, question, self._touched), "answer", "the answer", exclusive=True
            )
        else:
            self._show_path("", _hint("Choose both ends and a port: the path between them is drawn here."))

    def _fault(self, end: str) -> str:
        try:
            if end:
                self._choices.find(end)
        except EndError as error:
            return str(error)
        return ""

    def _work(self, question: Question, touched: Field | None) -> None:
        """In a thread: it touches no widget, it only posts a message."""
        result = answer(self._catalogue.evaluation, self._choices, question, touched)
        self.post_message(self._Answered(question, result))

    @on(_Answered)
    def _answered(self, event: _Answered) -> None:
        if event.question != self.question:
            return  # another one has been asked meanwhile
        match event.result:
            case Answer(title, document):
                self._answer = event.result
                self._show_path(title, document)
            case Refusal(field, why):
                self._fields[field].complain(why)
                self._show_path("", _hint("No path: see ✗ above."))
                if self._path.has_focus:
                    self._edit(field)

    # While the cluster changes ----------------------------------------------------------------------------

    def tell_freshness(self, freshness: Freshness) -> None:
        """What is answered is no fresher than what it is answered from."""
        self._freshness = freshness
        self._show_status()

    def _show_status(self) -> None:
        self._status.say(f"{self._catalogue.evaluation.snapshot.title} › trace", self._freshness)

    def renew(self, catalogue: Catalogue, now: float) -> None:
        """The cluster is like this at ``now``: the same is asked again, aside."""
        self._renewals.want(_Renewal(catalogue, now))

    def _ask_again(self, renewal: _Renewal) -> None:
        work_aside(self, partial(self._work_again, renewal, self.question), "renewal", "the trace anew")

    def _work_again(self, renewal: _Renewal, question: Question) -> None:
        """In a thread: it touches no widget, it only posts a message."""
        found = choices(renewal.catalogue)
        evaluation = renewal.catalogue.evaluation
        result = answer(evaluation, found, question) if question.complete else None
        self.post_message(self._Renewed(renewal, found, question, result))

    @on(_Renewed)
    def _show_renewed(self, event: _Renewed) -> None:
        self._catalogue, self._choices = event.renewal.catalogue, event.choices
        self._offers = self._offered()
        for end in _ENDS:
            if not self._fields[end].is_edited:
                self._fields[end].tell(self._choices.facts(self.question.value(end)))
        if event.question != self.question:
            self._renewals.want_unless_waiting(event.renewal)  # another one has been asked meanwhile
        else:
            self._show_again(event.result, event.renewal.now)
        self._renewals.done()

    def _show_again(self, result: Answer | Refusal | None, now: float) -> None:
        match result:
            case Answer():
                self._answer = result
                self._note.show("")
                self._gone.clear()
                for end in _ENDS:
                    if not self._fields[end].is_edited:
                        self._fields[end].complain("")
                self._show_path(result.title, result.document)
            case Refusal(field, why) if self._answer is not None:
                # What was last known of it stays on the screen.
                named = self.question.value(field)
                since = clock_time(self._gone.setdefault(named, now))
                what = f"{named} is gone since {since}" if self._fault(named) else f"{since}: {why}"
                self._note.show(f"{what}: this is the last that was known of the trace")

    def _show_path(self, title: str, document: Document) -> None:
        self._path.show(document, subject_key=self.question)
        if not self._editing_end:
            self._box.border_title = Content(printable(title) or "Path")

    def _offered(self, question: Question | None = None) -> tuple[Offer, ...]:
        return offers(self._catalogue.evaluation, self._choices, question or self.question)

    def _offered_ports(self) -> Content:
        """In brackets the one that is asked for; a click takes another."""
        parts: list[Content] = []
        for number, offer in enumerate(self._offers):
            text = printable(f"{offer.text} {offer.name}".strip())
            chosen = offer.text == self.question.port
            style = Style.from_meta({"@click": f"screen.offer({number})"})
            parts.append(Content.styled(f"[{text}]" if chosen else f" {text} ", style))
        return Content("").join(parts)

    # The fields -----------------------------------------------------------------------------------------

    @property
    def _editing_end(self) -> Field | None:
        return next((field for field in _ENDS if self._fields[field].has_focus_within), None)

    def _edit(self, field: Field) -> None:
        self._fields[field].edit()

    def _go_on(self, to_port: bool = False) -> None:
        """To the next field that is to be filled in, else to the path."""
        wanted = (
            field
            for field in Field
            if not self.question.value(field) or self._fields[field].has_class("-wrong")
        )
        field = next(wanted, Field.PORT if to_port else None)
        if field is None:
            self._path.focus()
        else:
            self._edit(field)
            self._attend()

    @on(DescendantFocus)
    def _attend(self) -> None:
        """Show what the field that has the keyboard chooses from; without one the path."""
        for widget in self._fields.values():
            if not widget.has_focus_within:
                widget.restore()
        end = self._editing_end
        self.query_one(ContentSwitcher).current = "path" if end is None else "matches"
        if end is None:
            self._box.border_title = Content(printable(self._answer.title) if self._answer else "Path")
        elif not self._fields[end].is_edited:
            self._search(end, "")
            self._matches.move_to(self.question.value(end))

    def _namespace_beside(self, field: Field) -> str:
        """The namespace of the other end: what people mean who name none."""
        other = self.question.value(_ENDS[field is Field.SOURCE])
        namespace, slash, _ = other.rpartition(":")[2].partition("/")
        return namespace if slash else "default"

    def _search(self, field: Field, query: str) -> None:
        rows, order = self._choices.matching(query, field, self._namespace_beside(field))
        if rows is not self._rows:
            self._rows = rows
            self._matches.set_rows(rows, key=lambda choice: choice.text)
        self._matches.highlight = query
        self._matches.empty_text = (
            f"nothing here is called “{printable(query)}” · ↵ says what comes near · esc clears"
        )
        self._matches.set_order(order)
        if order:
            self._matches.point_at(0)
        what = "From" if field is Field.SOURCE else "To"
        self._box.border_title = Content(f"{what} {len(order):,}/{len(rows):,}")

    @on(FormField.Typed)
    def _typed(self, event: FormField.Typed) -> None:
        if event.field is Field.PORT:
            self._port_typed = True
            self._ask(self.question.filled(Field.PORT, event.text), typed=True)
        else:
            self._fields[event.field].begin()
            self._search(event.field, event.text)

    @on(FormField.Chosen)
    def _chosen(self, event: FormField.Chosen) -> None:
        choice = self._matches.cursor_row
        if event.field is Field.PORT:
            if self._answer:
                self._path.focus()
        elif choice is not None:
            self._choose(event.field, choice.text)
        else:
            self._choose_typed(event.field, self._fields[event.field].text.strip())

    def _choose_typed(self, field: Field, text: str) -> None:
        """Nothing has it in its name, but there are other ways to name an end, and names that come near."""
        if "/" not in text and text:
            kind, colon, name = text.rpartition(":")
            text = f"{kind}{colon}{self._namespace_beside(field)}/{name}"
        error = self._fault(text)
        if error:
            self._fields[field].complain(error)
        else:
            self._choose(field, text)

    def _choose(self, field: Field, text: str) -> None:
        self._touched = field
        self._change(self.question.filled(field, text))

    def _change(self, question: Question) -> None:
        """Ends are others now."""
        port = question.port
        self._offers = self._offered(question)
        self._ask(with_likely_port(question, self._offers, self._port_typed))
        self._go_on(to_port=self.question.port != port)

    @on(FormField.Passed)
    def _passed(self) -> None:
        end = self._editing_end
        if end is not None and self._fields[end].is_edited:
            self._chosen(FormField.Chosen(end))
        else:
            self.focus_next()

    @on(FormField.Moved)
    def _moved(self, event: FormField.Moved) -> None:
        if self._editing_end:
            with self._matches.prevent(VirtualTable.RowHighlighted):
                self._matches.move_cursor(event.by)
        elif self._offers:
            texts = [offer.text for offer in self._offers]
            at = texts.index(self.question.port) + event.by if self.question.port in texts else 0
            self.action_offer(at % len(texts))

    @on(VirtualTable.RowHighlighted)
    @on(VirtualTable.RowSelected)
    def _clicked(self, event: VirtualTable.RowMessage) -> None:
        if self._editing_end:
            self._choose(self._editing_end, event.row.text)

    @on(FormField.Dropped)
    def action_leave(self) -> None:
        """One step out: of what was typed, of the field, of the trace."""
        end = self._editing_end
        if end is not None and self._fields[end].is_edited:
            self._fields[end].restore()
            self._fields[end].complain("")
            self._edit(end)
            self._attend()
        elif self.question.complete and not self._path.has_focus:
            self._path.focus()
        else:
            self._leave(Step.BACK)

    # Actions --------------------------------------------------------------------------------------------

    def action_edit(self, field: str) -> None:
        self._edit(Field(field))

    def action_swap(self) -> None:
        for widget in self._fields.values():
            widget.restore()
        self._change(self.question.swapped())

    def action_offer(self, number: int) -> None:
        self._port_typed = False
        self._ask(self.question.filled(Field.PORT, self._offers[number].text))
        if self._fields[Field.PORT].has_focus_within:
            self._edit(Field.PORT)

    def action_back(self) -> None:
        self._leave(Step.BACK)

    def action_forward(self) -> None:
        if self._ahead:
            self._leave(Step.FORWARD)
        else:
            self.tell("nothing further")

    @on(DocumentView.LinkFollowed)
    def _link_followed(self, event: DocumentView.LinkFollowed) -> None:
        ref = event.link.ref
        if ref in self._catalogue.position:
            self._leave(event.link)
        else:
            self.tell(whereabouts(self._catalogue.evaluation.snapshot, ref))

    def action_copy(self) -> None:
        if self._answer is None:
            self.tell("there is no path to copy yet")
            return
        snapshot, found = self._catalogue.evaluation.snapshot, self._answer
        self.copy_markdown(found.title, ticket(snapshot, found.title, found.document))

    def picture_title(self) -> str:
        return self._answer.title if self._answer else "trace"


@dataclass(frozen=True, slots=True)
class _Renewal:
    """What the cluster is like, and when it was so."""

    catalogue: Catalogue
    now: float


def _hint(text: str) -> Document:
    return (Paragraph((Span(text, Role.MUTED),)),)
