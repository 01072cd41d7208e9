"""The four lists: titles, getting from one to the other, narrow screens, sorting, the mouse."""

from __future__ import annotations

import re

import pytest
from textual.widgets import Input

from tests.pilot.explorer import SIZES, Driver, explorer
from tests.pilot.looking import cursor, detail_title, has_keyboard, listed, objects, pane, title
from tui.catalogue import Pane

LISTS = ["namespaces", "pods", "services", "policies"]


def visible(driver: Driver) -> list[str]:
    """The lists that are on screen."""
    return [which.value for which in Pane if pane(driver, which).region.area > 0]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_each_list_has_a_key_and_tells_its_count(size: tuple[int, int]) -> None:
    async with explorer(size=size) as driver:
        assert has_keyboard(driver) == "pods"
        for key, which, count in zip(
            "3142", ("services", "namespaces", "policies", "pods"), (18, 6, 17, 31), strict=True
        ):
            await driver.press(key)
            assert has_keyboard(driver) == which
            assert which in visible(driver)
            assert f"{key} {which.title()} {count}" in driver.text
            assert len(objects(driver, Pane(which))) == count


async def test_tab_goes_through_lists_and_details_and_round() -> None:
    async with explorer() as driver:
        order = []
        for _ in range(6):
            order.append(has_keyboard(driver))
            await driver.press("tab")
        assert order == ["pods", "services", "policies", "details", "namespaces", "pods"]
        assert has_keyboard(driver) == "services"
        await driver.press("shift+tab", "shift+tab")
        assert has_keyboard(driver) == "namespaces"


async def test_below_100_columns_one_list_is_shown_and_the_details_grow_when_read() -> None:
    async with explorer(size=(99, 30)) as driver:
        assert visible(driver) == ["pods"]
        assert all(f"{number} {name.title()}" in driver.text for number, name in enumerate(LISTS, 1))
        detail = driver.screen.query_one("#detail")
        before = detail.size.height
        await driver.press("enter")
        assert detail.size.height > before
        assert visible(driver) == ["pods"]
        await driver.press("4")
        assert visible(driver) == ["policies"]
        assert detail.size.height == before
        await driver.pilot.click("#lists > TabBar", offset=(3, 0))
        assert visible(driver) == ["namespaces"]
        assert has_keyboard(driver) == "namespaces"
        await driver.pilot.resize_terminal(100, 30)
        assert visible(driver) == LISTS
        await driver.pilot.resize_terminal(99, 30)
        assert visible(driver) == ["namespaces"]


async def test_zoom_gives_the_details_everything_and_going_to_a_list_takes_it_back() -> None:
    async with explorer() as driver:
        await driver.press("z")
        assert visible(driver) == []
        assert has_keyboard(driver) == "details"
        for key, where in (("2", "pods"), ("4", "policies"), ("slash", "policies"), ("escape", "policies")):
            await driver.press(key)
            assert visible(driver) == LISTS, key
            assert has_keyboard(driver) == where
            if key != "slash":
                await driver.press("z")
        assert visible(driver) == []
        await driver.press("z")
        assert visible(driver) == LISTS


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_enter_goes_to_the_details_and_escape_back(size: tuple[int, int]) -> None:
    async with explorer(size=size) as driver:
        for key, which in zip("1234", LISTS, strict=True):
            await driver.press(key, "enter")
            assert has_keyboard(driver) == "details"
            await driver.press("escape")
            assert has_keyboard(driver) == which


async def test_the_details_follow_the_cursor_at_once() -> None:
    async with explorer() as driver:
        for _ in range(3):
            await driver.press("down")
            assert detail_title(driver) == f"Pod {cursor(driver, Pane.PODS)}"
        await driver.press("3")
        assert detail_title(driver) == f"Service {cursor(driver, Pane.SERVICES)}"
        await driver.press("1")
        assert detail_title(driver) == "All namespaces"
        assert "6 namespaces" in driver.text


# What is shown in the room there is ---------------------------------------------------------------------


def drawn(driver: Driver, which: Pane) -> list[str]:
    table = pane(driver, which).table
    return [table.render_line(y).text for y in range(1, table.size.height)]


@pytest.mark.parametrize("size", [*SIZES, (100, 30)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_no_two_rows_look_alike(size: tuple[int, int]) -> None:
    async with explorer(size=size) as driver:
        for key, which, words in (("2", Pane.PODS, "storefront"), ("4", Pane.POLICIES, "default-deny")):
            await driver.choose(words, pane=key)
            rows = drawn(driver, which)[: len(listed(driver, which))]
            assert len({row[3:].strip() for row in rows}) == len(rows) == 2
            assert pane(driver, which).table.shown_columns[:2] == ["name", "namespace"]


async def test_an_ordinary_policy_has_its_name_in_full_beside_the_details() -> None:
    async with explorer(size=(120, 36)) as driver:
        await driver.choose("default/", pane="4")
        assert sorted(row[3:].split() for row in drawn(driver, Pane.POLICIES)[:2]) == [
            ["allow-web-to-db", "default", "←", "1"],
            ["restrict-egress", "default", "→", "1"],
        ]


async def test_the_namespaces_count_what_the_titles_count() -> None:
    async with explorer(size=(200, 50)) as driver:
        await driver.press("1", "home")
        for row in drawn(driver, Pane.NAMESPACES)[:7]:
            cells = re.split("  +", row[3:].strip())
            assert [cells[i] for i in (1, 4, 5)] == [
                title(driver, which).split()[2] for which in (Pane.PODS, Pane.SERVICES, Pane.POLICIES)
            ]
            await driver.press("down")


# Sorting ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["s", "S", "click"])
async def test_sorting_shows_what_comes_first(key: str) -> None:
    async with explorer() as driver:
        table = pane(driver, Pane.PODS).table
        await driver.press("end")
        last = cursor(driver, Pane.PODS)
        assert table.scroll_offset.y > 0
        if key == "click":
            await driver.pilot.click(table, offset=(5, 0))
        else:
            await driver.press(key)
        assert table.scroll_offset.y == 0
        first = listed(driver, Pane.PODS)[0].partition("/")[2]
        assert drawn(driver, Pane.PODS)[0][3:].startswith(first[:5])
        assert cursor(driver, Pane.PODS) == last
        assert detail_title(driver).endswith(last)


async def test_sorting_keeps_the_cursor_on_its_object() -> None:
    async with explorer() as driver:
        await driver.choose("default/web-2")
        await driver.press("escape")
        before = listed(driver, Pane.PODS)
        await driver.press("s")
        by_name = listed(driver, Pane.PODS)
        assert by_name == sorted(before, key=lambda path: path.partition("/")[2])
        assert cursor(driver, Pane.PODS) == "default/web-2"
        assert detail_title(driver) == "Pod default/web-2"
        assert "▲" in driver.text
        await driver.press("S")
        assert listed(driver, Pane.PODS) == by_name[::-1]
        assert cursor(driver, Pane.PODS) == "default/web-2"
        assert "▼" in driver.text


async def test_sorting_goes_round_to_the_order_of_before() -> None:
    async with explorer(size=(200, 50)) as driver:
        for key, which in zip("1234", Pane, strict=True):
            await driver.press(key)
            before, orders = listed(driver, which), set()
            for _ in pane(driver, which).table.shown_columns:  # those that have room
                await driver.press("s")
                assert sorted(listed(driver, which)) == sorted(before)
                orders.add(tuple(listed(driver, which)))
            await driver.press("s")
            assert listed(driver, which) == before
            assert len(orders) > 3


async def test_a_sorted_namespace_list_keeps_all_namespaces_on_top() -> None:
    async with explorer() as driver:
        await driver.press("1", "s", "s", "S")
        names = listed(driver, Pane.NAMESPACES)
        assert names[:2] == ["", "shop"]


async def test_numbers_sort_as_numbers() -> None:
    async with explorer(size=(99, 30), namespace="default") as driver:
        table = pane(driver, Pane.PODS).table
        for column in table.shown_columns:
            await driver.press("s")
            if column == "ip":
                break
        addresses = [row.pod.ips for row in (table._rows[i] for i in table._order) if row.pod.ips]
        assert addresses == sorted(addresses)
        texts = [str(ips[0]) for ips in addresses]
        assert texts.index("10.244.2.7") < texts.index("10.244.2.10")


# Mouse --------------------------------------------------------------------------------------------------


async def test_a_click_on_a_header_sorts_and_another_reverses() -> None:
    async with explorer() as driver:
        table = pane(driver, Pane.POLICIES).table
        for arrow in "▲▼▲":
            await driver.pilot.click(table, offset=(5, 0))
            names = [path.partition("/")[2] for path in listed(driver, Pane.POLICIES)[table._marked :]]
            names.remove("grafana-viewers")  # shown with a sign before its name
            assert names == sorted(names, reverse=arrow == "▼")
            assert arrow in driver.text


async def test_a_click_selects_and_another_goes_to_the_details() -> None:
    async with explorer() as driver:
        table = pane(driver, Pane.SERVICES).table
        await driver.pilot.click(table, offset=(6, 3))
        assert detail_title(driver) == f"Service {cursor(driver, Pane.SERVICES)}"
        assert cursor(driver, Pane.SERVICES) == listed(driver, Pane.SERVICES)[2]
        assert has_keyboard(driver) == "services"
        await driver.pilot.click(table, offset=(6, 2))
        await driver.pilot.click(table, offset=(6, 2))
        assert has_keyboard(driver) == "details"


async def test_keys_typed_into_a_filter_are_text() -> None:
    async with explorer() as driver:
        await driver.press("slash")
        await driver.type("q1?z[]nv!")
        assert driver.screen.query_one("#pane-pods Input", Input).value == "q1?z[]nv!"
        assert driver.app.is_running
        assert "2 Pods 0/31" in title(driver, Pane.PODS)
