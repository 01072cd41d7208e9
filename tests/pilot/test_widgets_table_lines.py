"""The list widget: what it draws."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from textual.widgets import Input

from policy_core.report.document import Role
from tests.pilot.tables import Pod, names, numbered, opened, pods
from tui.widgets.virtual_table import Share, TableColumn


async def test_header_and_rows_stand_in_columns() -> None:
    async with opened(pods("web", "db"), (40, 6)) as (_, app, _pilot):
        assert app.lines() == [
            "   pod                state         node",
            "▸  web                open        node-1",
            "   db                 open        node-1",
            "",
            "",
            "",
        ]


@pytest.mark.parametrize(
    ("width", "titles"), [(40, "pod state node"), (24, "pod state"), (14, "pod"), (5, "p…")]
)
async def test_columns_of_low_priority_give_way(width: int, titles: str) -> None:
    async with opened(pods("web"), (width, 6)) as (_, app, _pilot):
        assert app.lines()[0].split() == titles.split()


async def test_marked_rows_bear_a_mark_beside_the_cursor() -> None:
    async with opened(pods("a", "b", "c")) as (table, app, _):
        table.set_order([2, 0, 1], marked=2)
        assert [line[:4] for line in app.lines()[1:4]] == [" ● c", "▸● a", "   b"]


@pytest.mark.parametrize(("reverse", "arrow"), [(False, "▲"), (True, "▼")])
async def test_header_shows_what_sorts(reverse: bool, arrow: str) -> None:
    async with opened(pods("a")) as (table, app, _):
        table.set_sort("node", reverse)
        assert app.lines()[0].endswith(f"node {arrow}")


async def test_header_gives_way_where_lines_are_few() -> None:
    async with opened(pods("a", "b", "c"), (30, 3)) as (_, app, _pilot):
        assert [line[3:4] for line in app.lines()] == ["a", "b", "c"]


async def test_empty_list_says_so() -> None:
    async with opened(pods("a")) as (table, app, pilot):
        table.empty_text = "no pods match “[b]x”"
        table.set_order([])
        await pilot.pause()
        assert [line.strip() for line in app.lines() if line][1:] == ["no pods match “[b]x”"]
        assert table.cursor_row is None


@pytest.mark.parametrize(
    ("width", "said"),
    [
        (32, ["no pods in x · n shows all of it"]),
        (31, ["no pods in x", "n shows all of it"]),
        (16, ["no pods in x", "n shows all of…"]),
    ],
)
async def test_empty_list_says_the_way_out_on_a_line_of_its_own_where_it_must(
    width: int, said: list[str]
) -> None:
    async with opened([], (width, 9)) as (table, app, pilot):
        table.empty_text = "no pods in x · n shows all of it"
        await pilot.pause()
        assert [line.strip() for line in app.lines() if line][1:] == said
        middle = [y for y, line in enumerate(app.lines()) if y and line]
        assert middle[0] in (4, 5)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("[red]x[/]", "[red]x[/]"),
        ("a\x1b[31mb\x07", r"a\x1b[31mb\x07"),
        ("x\u202ey", r"x\u202ey"),
        ("line\nbreak", r"line\x0abreak"),
    ],
)
async def test_untrusted_text_is_shown_never_obeyed(name: str, shown: str) -> None:
    async with opened([Pod(name)], (80, 6)) as (_, app, _pilot):
        assert shown in app.lines()[1]
        assert "\x1b" not in "".join(app.lines())


@pytest.mark.parametrize("name", ["漢字かな交じり文の長い名前", "e\u0301" * 40, "🚀" * 30, "x" * 200])
@pytest.mark.parametrize("width", [9, 20, 33, 60])
async def test_every_line_is_as_wide_as_the_list(name: str, width: int) -> None:
    async with opened([Pod(name)], (width, 6)) as (table, _, _pilot):
        assert {cell_len(table.render_line(y).text) for y in range(6)} == {width}
        assert "…" in table.render_line(1).text or cell_len(name) < width


async def test_occurrences_of_the_filter_are_emphasised_in_any_case() -> None:
    async with opened(pods("Web-web")) as (table, _, _pilot):
        table.highlight = "WEB ode"
        strip = table.render_line(1)
        assert [s.text for s in strip if s.style and s.style.underline] == ["Web", "web", "ode"]


async def test_a_cut_name_keeps_its_end_and_its_occurrences() -> None:
    name: TableColumn[Pod] = TableColumn("name", "pod", lambda pod: (pod.name, Role.NAME), 14, name=True)
    async with opened(pods("storefront-6c8f9d7b54-hx2lq", "storefront-6c8f9d7b54-vn7kd")) as (table, app, _):
        table.set_columns([name])
        table.highlight = "HX2 storefront"
        assert names(app) == ["storefr…-hx2lq", "storefr…-vn7kd"]
        strip = table.render_line(1)
        assert [s.text for s in strip if s.style and s.style.underline] == ["storefr…", "hx2"]


async def test_columns_are_measured_once_for_the_rows_and_not_for_what_is_drawn() -> None:
    seen: list[str] = []

    def cell(pod: Pod) -> tuple[str, str]:
        seen.append(pod.name)
        return (pod.name, Role.NAME)

    async with opened(numbered(500)) as (table, app, pilot):
        table.set_columns([TableColumn("name", "pod", cell, Share(1, 4), name=True)])
        table.set_rows(numbered(500), key=lambda pod: pod.name)
        app.lines()
        await pilot.press("end", "home", "pagedown")
        table.set_order(range(10, 400))
        await pilot.pause()
        app.lines()
        assert 500 < len(seen) < 800


async def test_other_rows_are_measured_anew() -> None:
    count: TableColumn[Pod] = TableColumn(
        "count", "n", lambda pod: (pod.state, Role.PLAIN), 3, "right", whole=True
    )
    async with opened([Pod("a", state="1")]) as (table, app, pilot):
        table.set_columns([count])
        assert app.lines()[1] == "▸    1"
        table.set_rows([Pod("a", state="1,000,000"), Pod("b", state="0")], key=lambda pod: pod.name)
        await pilot.pause()
        assert app.lines()[1:3] == ["▸  1,000,000", "           0"]


async def test_filter_is_no_pattern() -> None:
    async with opened(pods("a.c abc")) as (table, _, _pilot):
        table.highlight = "a.c"
        assert [s.text for s in table.render_line(1) if s.style and s.style.underline] == ["a.c"]


async def test_without_colour_cursor_and_marks_are_still_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened(pods("a", "b")) as (table, app, pilot):
        assert app.no_color
        table.set_order([1, 0], marked=1)
        await pilot.press("down")
        assert [line[:4] for line in app.lines()[1:3]] == [" ● b", "▸  a"]


async def test_cursor_looks_different_without_the_keyboard() -> None:
    other = Input(compact=True)
    async with opened(pods("a"), (60, 12), other) as (table, _, pilot):
        with_keyboard = table.render_line(1)
        table.is_subject = True
        assert table.render_line(1) == with_keyboard
        other.focus()
        await pilot.pause()
        assert table.render_line(1)._segments[0].style != with_keyboard._segments[0].style
        assert table.render_line(1).text.startswith("▸")


async def test_cursor_is_not_shown_without_the_keyboard_where_nothing_looks_at_its_row() -> None:
    other = Input(compact=True)
    async with opened(pods("a", "b"), (60, 12), other) as (table, app, pilot):
        other.focus()
        await pilot.pause()
        assert [line[:4] for line in app.lines()[1:3]] == ["   a", "   b"]
        styles = [table.render_line(y)._segments[0].style for y in (1, 2)]
        assert styles[0] == styles[1]
        table.is_subject = True
        await pilot.pause()
        assert app.lines()[1].startswith("▸  a")
        table.is_subject = False
        await pilot.pause()
        assert app.lines()[1].startswith("   a")
        table.focus()
        await pilot.pause()
        assert app.lines()[1].startswith("▸  a")


@pytest.mark.parametrize("theme", ["netpol-light", "textual-dark", "textual-light", "nord", "ansi-dark"])
async def test_every_theme_can_draw_it(theme: str) -> None:
    async with opened(pods("a")) as (table, app, pilot):
        before = table.render_line(1)._segments[0].style
        app.theme = theme
        await pilot.pause()
        assert table.render_line(1)._segments[0].style != before
        assert table.render_line(1).text.startswith("▸  a")
