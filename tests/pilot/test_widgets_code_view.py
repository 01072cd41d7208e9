"""The code view: numbered lines in the colours of YAML."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

from tests.pilot.harness import Harness, open_harness
from tui.widgets import code_view
from tui.widgets.code_view import CodeView

YAML = ["apiVersion: v1  # first", "metadata:", '  name: "web"', "spec:", "  port: 80", "  on: true"]


@asynccontextmanager
async def opened(
    lines: Sequence[str], first: int = 1, marked: range = range(0), size: tuple[int, int] = (40, 8)
) -> AsyncIterator[tuple[CodeView, Harness, Pilot[None]]]:
    view = CodeView()
    async with open_harness(view, size=size) as (app, pilot):
        view.show(lines, first, marked)
        view.focus()
        await pilot.pause()
        yield view, app, pilot


async def test_lines_bear_their_numbers_in_the_file() -> None:
    async with opened(YAML, 98) as (_, app, _pilot):
        assert app.lines()[:4] == [
            "  98  apiVersion: v1  # first",
            "  99  metadata:",
            ' 100    name: "web"',
            " 101  spec:",
        ]


async def test_marked_lines_are_told_without_colour_and_brought_into_sight() -> None:
    lines = [f"key{i}: {i}" for i in range(1, 201)]
    async with opened(lines, 1, range(120, 122)) as (view, app, _):
        shown = app.lines()
        assert [line for line in shown if line.startswith("▌")] == ["▌120  key120: 120", "▌121  key121: 121"]
        assert shown[0] == " 117  key117: 117"
        assert view.render_line(3)._segments[0].style != view.render_line(0)._segments[0].style


async def test_keys_values_and_comments_differ() -> None:
    async with opened(YAML) as (view, _, _pilot):

        def style(y: int, text: str) -> object:
            return next(s.style for s in view.render_line(y) if s.text == text)

        plain = style(0, "v1")
        assert len({style(0, "apiVersion"), style(0, "# first"), style(0, ":"), plain}) == 4
        assert plain not in (style(2, "web"), style(4, "80"), style(5, "true"))


@pytest.mark.parametrize(
    ("keys", "top"),
    [
        ("down,j", 2),
        ("j,j,k", 1),
        ("pagedown", 7),
        ("space,pageup", 0),
        ("end", 92),
        ("G,g", 0),
        ("end,home", 0),
        ("up", 0),
    ],
)
async def test_keys_scroll(keys: str, top: int) -> None:
    async with opened([f"- {i}" for i in range(100)]) as (view, _, pilot):
        await pilot.press(*keys.split(","))
        await pilot.pause()
        assert view.scroll_offset.y == top


async def test_long_lines_scroll_aside_and_numbers_stay() -> None:
    async with opened(["key: " + "0123456789" * 10], 7) as (_, app, pilot):
        await pilot.press("right")
        assert app.lines()[0].startswith(" 7  3456789")
        await pilot.press("left", "left")
        assert app.lines()[0].startswith(" 7  key: 012")


@pytest.mark.parametrize("line", ["a: \x1b[31m", "\x9b2J", "a:\tb", "x\u202ey"])
async def test_control_characters_are_shown_never_sent(line: str) -> None:
    async with opened([line]) as (_view, app, _):
        text = "".join(app.lines())
        assert "\\" in text
        assert text.isprintable()


async def test_markup_is_text() -> None:
    async with opened(["[red]x[/]: 1"]) as (_, app, _pilot):
        assert "[red]x[/]: 1" in app.lines()[0]


async def test_what_is_shown_already_keeps_its_place() -> None:
    lines = [f"- {i}" for i in range(100)]
    async with opened(lines) as (view, _, pilot):
        await pilot.press("pagedown")
        view.show(list(lines), 1, range(0))
        assert view.scroll_offset.y == 7
        view.show(lines, 1, range(50, 51))
        await pilot.pause()
        assert view.scroll_offset.y == 46


@pytest.mark.parametrize("lines", [[], [""], ["", "a: 1", ""], ["漢字: 値"], ["- |", "  text", "", "# end"]])
async def test_every_line_is_drawn_as_it_is(lines: list[str]) -> None:
    async with opened(lines) as (_, app, _pilot):
        assert [line[4:] for line in app.lines()[: len(lines)]] == lines


@pytest.mark.parametrize("piece", ["&a ", "%", "? ", "{", "a: 'x", "* "])
@pytest.mark.parametrize("length", [3, 100_000])
async def test_hostile_text_does_not_hold_up_the_screen(
    piece: str, length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lexer takes minutes over some of these; what it is given is bounded."""
    lexed: list[str] = []

    def tokens(text: str) -> Iterator[tuple[str, str]]:
        lexed.extend(text.split("\n"))
        return original(text)

    original = code_view._tokens
    monkeypatch.setattr(code_view, "_tokens", tokens)
    line = (piece * length)[:length]
    async with opened([]) as (view, _, _pilot):
        view.show([line] * (50_000 // length + 1), 1, range(0))
        view.render_line(0)
    assert lexed
    assert max(map(len, lexed)) <= code_view._LONGEST
    assert sum(map(len, lexed)) <= code_view._MOST
