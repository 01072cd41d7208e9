from __future__ import annotations

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.pilot import Pilot
from textual.widgets import Input

from tui.widgets.key_bar import KeyBar


class _App(App[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o,enter", "note('open')", "open", key_display="↵", tooltip="go in"),
        Binding("x", "note('export')", "export"),
        Binding("z", "note('hidden')", "hidden", show=False),
        Binding("d", "barred", "barred"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.noted: list[str] = []

    def compose(self) -> ComposeResult:
        yield Input()
        yield KeyBar()

    def action_note(self, what: str) -> None:
        self.noted.append(what)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return None if action == "barred" else True


async def line(pilot: Pilot[None]) -> str:
    for _ in range(3):
        await pilot.pause()
    return pilot.app.query_one(KeyBar).render_line(0).text


async def test_each_action_has_its_first_key() -> None:
    async with _App().run_test(size=(60, 5)) as pilot:
        pilot.app.screen.set_focus(None)
        shown = await line(pilot)
        assert shown.startswith(" ↵ open  x export  d barred ")
        assert "hidden" not in shown
        assert len(shown) == 60


async def test_it_names_what_can_be_pressed_where_the_keyboard_is() -> None:
    """An input takes letters for itself."""
    async with _App().run_test(size=(60, 5)) as pilot:
        pilot.app.query_one(Input).focus()
        assert "export" not in await line(pilot)
        pilot.app.screen.set_focus(None)
        assert "export" in await line(pilot)


async def test_a_click_is_as_the_key() -> None:
    app = _App()
    async with app.run_test(size=(60, 5)) as pilot:
        app.screen.set_focus(None)
        shown = await line(pilot)
        for word in ("export", "open", "barred"):
            await pilot.click(KeyBar, offset=(shown.index(word), 0))
        await pilot.click(KeyBar, offset=(50, 0))
        await pilot.pause()
        assert app.noted == ["export", "open"]


async def test_under_the_mouse_it_says_what_the_key_does() -> None:
    async with _App().run_test(size=(60, 5)) as pilot:
        pilot.app.screen.set_focus(None)
        shown = await line(pilot)
        bar = pilot.app.query_one(KeyBar)
        before = bar.render_line(0)
        await pilot.hover(KeyBar, offset=(shown.index("open"), 0))
        assert bar.tooltip == "go in"
        assert bar.render_line(0) != before
        await pilot.hover(KeyBar, offset=(50, 0))
        assert bar.tooltip is None
