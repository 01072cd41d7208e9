"""The list widget: where its cursor goes, and what it says."""

from __future__ import annotations

import pytest
from textual.events import MouseScrollDown
from textual.widgets import Input

from tests.pilot.tables import COLUMNS, Pod, cursor_name, names, numbered, opened, pods
from tui.widgets.virtual_table import TableColumn, VirtualTable

# Keys ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "at"),
    [
        ("down", 1),
        ("j,j", 2),
        ("down,up", 0),
        ("j,j,k", 1),
        ("up", 0),
        ("end", 49),
        ("G", 49),
        ("end,home", 0),
        ("G,g", 0),
        ("pagedown", 10),
        ("pagedown,pagedown,pageup", 10),
        ("end,pagedown", 49),
        ("pageup", 0),
    ],
)
async def test_keys_move_the_cursor_and_it_stays_in_sight(keys: str, at: int) -> None:
    async with opened(numbered(50)) as (table, app, pilot):
        await pilot.press(*keys.split(","))
        assert cursor_name(table) == f"pod-{at}"
        assert f"pod-{at}" in names(app)
        assert [line[3:].split()[0] for line in app.lines()[1:] if line.startswith("▸")] == [f"pod-{at}"]


async def test_movement_is_told_and_standing_still_is_not() -> None:
    async with opened(numbered(3)) as (_table, app, pilot):
        await pilot.press("up", "down", "down", "down")
        assert [m.row.name for m in app.said(VirtualTable.RowHighlighted)] == ["pod-1", "pod-2"]


async def test_enter_selects() -> None:
    async with opened(numbered(3)) as (table, app, pilot):
        await pilot.press("down", "enter")
        (message,) = app.said(VirtualTable.RowSelected)
        assert (message.table, message.row.name) == (table, "pod-1")


@pytest.mark.parametrize(
    "key", ["up", "down", "pageup", "pagedown", "home", "end", "enter", "j", "k", "g", "G"]
)
async def test_keys_on_an_empty_list_do_nothing(key: str) -> None:
    async with opened([]) as (table, app, pilot):
        await pilot.press(key)
        assert app.messages == []
        assert table.cursor_row is None


def test_every_binding_can_be_remapped() -> None:
    assert all(getattr(binding, "id", None) for binding in VirtualTable.BINDINGS)


# The cursor keeps to its object -------------------------------------------------------------------------


async def test_cursor_stays_on_its_object_when_the_order_changes() -> None:
    async with opened(numbered(50)) as (table, app, pilot):
        await pilot.press("down", "down")
        table.set_order(range(49, -1, -1))
        await pilot.pause()
        assert cursor_name(table) == "pod-2"
        assert "pod-2" in names(app)


@pytest.mark.parametrize(
    ("order", "cursor"), [([0, 1, 3, 4], "pod-3"), ([0, 1], "pod-1"), ([4, 0], "pod-4"), ([2], "pod-2")]
)
async def test_cursor_goes_to_the_next_row_where_its_own_is_gone(order: list[int], cursor: str) -> None:
    async with opened(numbered(5)) as (table, _app, pilot):
        await pilot.press("down", "down")
        table.set_order(order)
        assert cursor_name(table) == cursor


async def test_cursor_returns_to_its_object_after_an_empty_list() -> None:
    async with opened(numbered(5)) as (table, _, pilot):
        await pilot.press("down", "down", "down")
        table.set_order([])
        table.set_order(range(5))
        assert cursor_name(table) == "pod-3"


@pytest.mark.parametrize(
    ("new", "cursor"),
    [
        (("x", "a", "b", "c"), "b"),
        (("c", "b"), "b"),
        (("a", "c"), "c"),
        (("a",), "a"),
        (("x", "y"), "x"),
        ((), None),
    ],
)
async def test_cursor_finds_its_object_among_new_rows(new: tuple[str, ...], cursor: str | None) -> None:
    async with opened(pods("a", "b", "c")) as (table, app, pilot):
        await pilot.press("down")
        table.set_rows(pods(*new), key=lambda pod: pod.name)
        assert cursor_name(table) == cursor
        assert [line[3:].split()[0] for line in app.lines() if line.startswith("▸")] == [cursor] * bool(
            cursor
        )


async def test_new_rows_of_the_same_key_are_drawn_anew() -> None:
    async with opened([Pod("a", state="open")]) as (table, app, _):
        app.lines()
        table.set_rows([Pod("a", state="none")], key=lambda pod: pod.name)
        assert "none" in app.lines()[1]


async def test_what_the_program_does_is_not_told() -> None:
    async with opened(numbered(50)) as (table, app, pilot):
        table.set_order([3, 2, 1], marked=1)
        assert table.move_to("pod-1")
        table.set_rows(numbered(2), key=lambda pod: pod.name)
        await pilot.pause()
        assert app.messages == []


async def test_move_to_scrolls_there_and_knows_what_is_not_shown() -> None:
    async with opened(numbered(50)) as (table, app, pilot):
        assert table.move_to("pod-40")
        await pilot.pause()
        assert "pod-40" in names(app)
        table.set_order([1, 2])
        assert not table.move_to("pod-40")
        assert not table.move_to("nobody")


async def test_moving_for_the_person_is_told() -> None:
    async with opened(numbered(5)) as (table, app, pilot):
        table.move_cursor(2)
        await pilot.pause()
        assert [m.row.name for m in app.said(VirtualTable.RowHighlighted)] == ["pod-2"]


async def test_a_list_without_the_keyboard_shows_its_marked_rows() -> None:
    other = Input(compact=True)
    async with opened(numbered(50), (60, 12), other) as (table, app, pilot):
        await pilot.press("end")
        other.focus()
        await pilot.pause()
        table.set_order([7, *range(7), *range(8, 50)], marked=1)
        await pilot.pause()
        assert names(app)[0] == "pod-7"
        assert cursor_name(table) == "pod-49"
        table.focus()
        await pilot.pause()
        assert "pod-49" in names(app)


async def test_a_list_with_the_keyboard_keeps_its_cursor_on_its_line() -> None:
    async with opened(numbered(50)) as (table, app, pilot):
        await pilot.press(*["down"] * 20)
        line = names(app).index("pod-20")
        table.set_order(range(5, 50))
        await pilot.pause()
        assert names(app).index("pod-20") == line


async def test_the_first_rows_can_be_shown_without_moving_the_cursor() -> None:
    async with opened(numbered(50)) as (table, app, pilot):
        await pilot.press("end")
        table.scroll_to_top()
        await pilot.pause()
        assert names(app)[0] == "pod-0"
        assert cursor_name(table) == "pod-49"
        await pilot.press("up")
        assert "pod-48" in names(app)


async def test_scrolled_away_view_returns_into_a_shorter_list() -> None:
    async with opened(numbered(500)) as (table, app, pilot):
        await pilot.press("end")
        table.set_order([0, 1])
        await pilot.pause()
        assert names(app) == ["pod-0", "pod-1"]


# Mouse --------------------------------------------------------------------------------------------------


async def test_click_highlights_then_selects() -> None:
    async with opened(numbered(5)) as (table, app, pilot):
        await pilot.press("down")
        app.messages.clear()
        await pilot.click(table, offset=(5, 4))
        assert [m.row.name for m in app.said(VirtualTable.RowHighlighted)] == ["pod-3"]
        assert app.said(VirtualTable.RowSelected) == []
        await pilot.click(table, offset=(5, 4))
        assert [m.row.name for m in app.said(VirtualTable.RowSelected)] == ["pod-3"]


async def test_click_that_brings_the_keyboard_only_highlights() -> None:
    other = Input(compact=True)
    async with opened(numbered(5), (60, 12), other) as (table, app, pilot):
        other.focus()
        await pilot.pause()
        await pilot.click(table, offset=(5, 1))
        assert [m.row.name for m in app.said(VirtualTable.RowHighlighted)] == ["pod-0"]
        assert app.said(VirtualTable.RowSelected) == []


async def test_double_click_selects() -> None:
    async with opened(numbered(5)) as (table, app, pilot):
        await pilot.double_click(table, offset=(5, 3))
        assert [m.row.name for m in app.said(VirtualTable.RowSelected)] == ["pod-2"]


@pytest.mark.parametrize("column", COLUMNS)
async def test_click_on_a_title_names_its_column(column: TableColumn[Pod]) -> None:
    async with opened(pods("a")) as (table, app, pilot):
        await pilot.click(table, offset=(app.lines()[0].index(column.title), 0))
        (message,) = app.said(VirtualTable.HeaderSelected)
        assert message.column == column.key


async def test_click_below_the_last_row_does_nothing() -> None:
    async with opened(pods("a")) as (table, app, pilot):
        await pilot.click(table, offset=(5, 7))
        assert app.messages == []


async def test_wheel_scrolls_without_moving_the_cursor() -> None:
    async with opened(numbered(50)) as (table, app, pilot):
        wheel = {"x": 5, "y": 3, "delta_x": 0, "delta_y": 1, "button": 0}
        for _ in range(3):
            event = MouseScrollDown(table, **wheel, shift=False, meta=False, ctrl=False)
            table.post_message(event)
        for _ in range(300):  # the wheel scrolls smoothly
            await pilot.pause(0.01)
            if table.scroll_offset.y == table.scroll_target_y > 0:
                break
        first = names(app)[0]
        assert first != "pod-0"
        assert cursor_name(table) == "pod-0"
        await pilot.click(table, offset=(5, 1))
        assert cursor_name(table) == first


async def test_row_under_the_mouse_is_lit() -> None:
    async with opened(numbered(5)) as (table, _, pilot):
        plain = table.render_line(3)._segments[0].style
        await pilot.hover(table, offset=(5, 3))
        assert table.render_line(3)._segments[0].style != plain
        assert table.render_line(4)._segments[0].style == plain
