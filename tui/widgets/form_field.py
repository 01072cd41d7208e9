"""One line of a form: what is wanted, what stands there, and what there is to say about it."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from policy_core.printable import printable
from tui.question import Field

__all__ = ["FormField"]


class _FieldInput(Input):
    """An input that leaves up, down, enter, tab and escape to what is chosen from."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "choose", key_display="↵", id="field.choose"),
        Binding("tab", "next", "Next field", show=False, id="field.next"),
        Binding("up", "move(-1)", "move", key_display="↑↓", id="field.up"),
        Binding("down", "move(1)", "Move", show=False, id="field.down"),
        Binding("ctrl+t", "screen.swap", "swap", key_display="^t", id="field.swap"),
        Binding("escape", "drop", "out", key_display="esc", id="field.drop"),
    ]

    def __init__(self, placeholder: str) -> None:
        super().__init__(placeholder=placeholder, compact=True)

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Textual finds no character for the slash, and would name what it does elsewhere."""
        return key == "slash" or super().check_consume_key(key, character)

    def action_next(self) -> None:
        self.post_message(FormField.Passed())

    def action_move(self, by: int) -> None:
        self.post_message(FormField.Moved(by))

    def action_drop(self) -> None:
        self.post_message(FormField.Dropped())


class FormField(Vertical):
    """Says what the person typed and pressed, and shows what it is told to; ``field`` tells which it is."""

    DEFAULT_CSS = """
    FormField {
        height: auto;
        & > Horizontal { height: 1; }
        & .label { width: 6; color: $muted; }
        & Input { width: 2fr; height: 1; background: $surface; }
        & Input:focus { background: $surface; background-tint: $foreground 8%; }
        & .note {
            width: 3fr; padding: 0 0 0 2; color: $muted; text-wrap: nowrap; text-overflow: ellipsis;
            link-color: $port; link-style: none;
        }
        & .error { padding: 0 0 0 6; color: $deny; display: none; }
        &.-edited .note { visibility: hidden; }
        &.-wrong .error { display: block; }
        &.-wrong .label { color: $deny; text-style: bold; }
        &:focus-within .label { color: $accent; text-style: bold; }
    }
    """

    class Typed(Message):
        def __init__(self, field: Field, text: str) -> None:
            super().__init__()
            self.field = field
            self.text = text

    class Chosen(Message):
        """The person takes what is on offer."""

        def __init__(self, field: Field) -> None:
            super().__init__()
            self.field = field

    class Passed(Message):
        """The person wants to go on to the next field."""

    class Moved(Message):
        """The person wants to move among what is on offer."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    class Dropped(Message):
        """The person wants out."""

    def __init__(self, field: Field, label: str, placeholder: str) -> None:
        super().__init__(id=f"field-{field}")
        self.field = field
        self._label = label
        self._input = _FieldInput(placeholder)
        self._note = Static(classes="note", markup=False)
        self._error = Static(classes="error", markup=False)
        self._value = ""

    def compose(self) -> ComposeResult:
        with Horizontal():
            # The key that leads here from the path.
            yield Static(Content(self._label).stylize("underline", 0, 1), classes="label")
            yield self._input
            yield self._note
        yield self._error

    @property
    def text(self) -> str:
        """What stands in the field."""
        return self._input.value

    @property
    def is_edited(self) -> bool:
        return self._input.value != self._value

    def show(self, value: str, note: Content | str, error: str = "", typed: bool = False) -> None:
        """``typed``: the value comes from here, where by now the person may have typed on."""
        self._value = printable(value)
        if not typed:
            self.restore()
        self.tell(note)
        self.complain(error)

    def tell(self, note: Content | str) -> None:
        """What there is to say about the value."""
        self._note.update(Content(printable(note)) if isinstance(note, str) else note)

    def begin(self) -> None:
        """Something else is being typed: nothing of what was said holds for that."""
        self.add_class("-edited")
        self.complain("")

    def restore(self) -> None:
        """Drop what was typed."""
        self.remove_class("-edited")
        if self.is_edited:
            with self.prevent(Input.Changed):
                self._input.value = self._value

    def complain(self, error: str) -> None:
        """What is wrong with it; empty where nothing is."""
        self._error.update(Content(f"✗ {printable(error)}"))
        self.set_class(bool(error), "-wrong")

    def edit(self) -> None:
        """Take the keyboard; whatever is typed first takes the place of what stands there."""
        self._input.focus()
        self._input.action_select_all()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Typed(self.field, event.value))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Chosen(self.field))
