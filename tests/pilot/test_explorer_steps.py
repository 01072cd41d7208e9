"""Steps from place to place: marks that stay, ways back, and what escape leaves."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.widgets import Input

from tests.clusters import pod, policy
from tests.pilot.explorer import Driver, explorer, loaded
from tests.pilot.looking import cursor, detail_title, has_keyboard, listed, marked, pane, title
from tui.app import NetpolApp
from tui.catalogue import Pane
from tui.widgets.detail_pane import DetailPane, Tab


def footer(driver: Driver) -> str:
    return driver.text.splitlines()[-1]


# Marks --------------------------------------------------------------------------------------------------


async def test_going_to_a_list_keeps_its_marks_and_walks_through_them() -> None:
    async with explorer() as driver:
        await driver.choose("storefront")
        theirs = {"shop/allow-dns", "shop/default-deny", "shop/metrics", "shop/storefront"}
        assert marked(driver, Pane.POLICIES) == theirs
        await driver.press("4")
        seen = [cursor(driver, Pane.POLICIES)]
        for _ in range(3):
            await driver.press("j")
            seen.append(cursor(driver, Pane.POLICIES))
        assert set(seen) == theirs
        assert marked(driver, Pane.POLICIES) == theirs
        assert title(driver, Pane.POLICIES) == "4 Policies 17 ●4"


async def test_back_in_a_list_the_cursor_is_where_it_was_if_that_row_is_marked() -> None:
    async with explorer() as driver:
        await driver.choose("storefront")
        await driver.press("j")
        second = cursor(driver, Pane.PODS)
        await driver.press("4", "j", "2")
        assert cursor(driver, Pane.PODS) == second


async def test_going_to_a_list_is_a_step_that_can_be_taken_back() -> None:
    async with explorer() as driver:
        await driver.choose("default/db-0")
        await driver.press("3")
        assert detail_title(driver) == "Service default/db"
        await driver.press("left_square_bracket")
        assert detail_title(driver) == "Pod default/db-0"
        await driver.press("right_square_bracket")
        assert detail_title(driver) == "Service default/db"
        assert marked(driver, Pane.SERVICES) == {"default/db", "default/db-headless"}


# Escape -------------------------------------------------------------------------------------------------


async def test_escape_steps_out_one_level_at_a_time() -> None:
    async with explorer() as driver:
        tab = driver.screen.query_one(DetailPane)
        await driver.choose("payments-api", pane="2")
        await driver.press("n", "enter", "enter")
        assert detail_title(driver).startswith("NetworkPolicy")
        assert tab.tab is Tab.YAML
        await driver.press("escape")
        assert detail_title(driver).startswith("Pod payments/payments-api"), "back from where the link led"
        assert tab.tab is Tab.RULES
        assert has_keyboard(driver) == "details"
        await driver.press("v", "escape")
        assert tab.tab is Tab.RULES
        await driver.press("escape")
        assert has_keyboard(driver) == "pods"
        assert "/" in title(driver, Pane.PODS)
        await driver.press("escape")
        assert "/" not in title(driver, Pane.PODS)
        assert "› payments" in driver.text
        while marked(driver, Pane.PODS):
            await driver.press("escape")
        await driver.press("escape")
        assert "› all namespaces" in driver.text
        assert len(listed(driver, Pane.PODS)) == 31
        await driver.press("escape")
        assert driver.app.is_running


async def test_the_manifest_that_a_link_led_to_does_not_stay_open_for_other_rows() -> None:
    async with explorer() as driver:
        await driver.choose("default/db-0")
        await driver.press("enter", "enter")
        assert driver.screen.query_one(DetailPane).tab is Tab.YAML
        await driver.press("4", "j")
        assert driver.screen.query_one(DetailPane).tab is Tab.RULES


# What the footer names ----------------------------------------------------------------------------------


async def test_the_footer_names_what_can_be_pressed_here() -> None:
    async with explorer(size=(80, 24)) as driver:
        await driver.pilot.pause()
        for word in ("open", "filter", "yaml", "trace", "matrix", "x exposed", "back", "? help", "q quit"):
            assert word in footer(driver)
        await driver.press("enter")
        for word in ("follow", "unfold", "esc out", "yaml", "trace", "x exposed", "back", "? help"):
            assert word in footer(driver)
        assert "filter" not in footer(driver)
        await driver.press("2", "slash")
        assert "? help" not in footer(driver)
        assert "/ filter" not in footer(driver)


# Before and without things ------------------------------------------------------------------------------


@asynccontextmanager
async def typed_ahead(
    monkeypatch: pytest.MonkeyPatch, *paths: Path
) -> AsyncIterator[tuple[Driver, asyncio.Event]]:
    """The explorer before anything is read; reading begins when the event is set."""
    gate = asyncio.Event()
    read = NetpolApp._read_aside

    async def later(app: NetpolApp) -> None:
        await gate.wait()
        await read(app)

    monkeypatch.setattr(NetpolApp, "_read_aside", later)
    files = [str(path) for path in paths]
    app = NetpolApp(
        Namespace(
            demo=None if files else "shop", filename=files, recursive=True, namespace=None, no_color=False
        )
    )
    async with app.run_test(size=(120, 36)) as pilot:
        while app.explorer is None or app.screen is not app.explorer:
            await pilot.pause(0.01)
        yield Driver(app, pilot), gate


async def test_a_filter_typed_while_loading_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    async with typed_ahead(monkeypatch) as (driver, gate):
        await driver.choose("default/db")
        gate.set()
        await loaded(driver.app, driver.pilot)
        assert listed(driver, Pane.PODS) == ["default/db-0"]
        assert detail_title(driver) == "Pod default/db-0"
        assert driver.screen.query_one("#pane-pods Input", Input).value == "default/db"


async def test_a_filter_typed_while_loading_may_leave_nothing_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "b.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: empty}\n")
    async with typed_ahead(monkeypatch, tmp_path) as (driver, gate):
        await driver.choose("zzz", pane="1")
        await driver.press("2")
        gate.set()
        await loaded(driver.app, driver.pilot)
        assert has_keyboard(driver) == "pods"
        assert detail_title(driver) == "All namespaces"


@pytest.mark.parametrize(
    ("manifest", "where", "what"),
    [
        ("apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 1}]}\n", "services", "Service default/s"),
        (policy("p", "{podSelector: {}}"), "policies", "NetworkPolicy x/p"),
        ("apiVersion: v1\nkind: Namespace\nmetadata: {name: empty}\n", "namespaces", "All namespaces"),
    ],
)  # fmt: skip
async def test_without_pods_the_first_list_that_has_something_gets_the_keyboard(
    manifest: str, where: str, what: str, tmp_path: Path
) -> None:
    (tmp_path / "b.yaml").write_text(manifest)
    async with explorer(tmp_path / "b.yaml", size=(80, 24)) as driver:
        assert has_keyboard(driver) == where
        assert detail_title(driver) == what


# Over the explorer --------------------------------------------------------------------------------------


async def test_the_palette_acts_on_the_explorer_from_the_help_page_too() -> None:
    async with explorer() as driver:
        await driver.press("question_mark", "ctrl+p")
        await driver.type("Services")
        await driver.pilot.pause(0.3)
        await driver.press("enter")
        await driver.pilot.pause(0.2)
        assert driver.app.screen is driver.screen
        assert has_keyboard(driver) == "services"


async def test_the_palette_has_no_commands_but_ours_and_the_theme() -> None:
    async with explorer() as driver:
        assert [command.title for command in driver.app.get_system_commands(driver.screen)] == ["Theme"]


async def test_a_problem_leads_to_its_line(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(
        pod("a")
        + "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: x}\nspec:\n"
        "  podSelector: {}\n  ingress:\n  - from:\n    - ipBlock:\n        cidr: oops\n"
        "---\napiVersion: v1\nkind: Pod\nmetadata: {namespace: x}\n"
    )
    async with explorer(tmp_path / "b.yaml") as driver:
        await driver.press("exclamation_mark")
        assert "Problems 2" in driver.text
        assert "↵ shows the line" in driver.text
        await driver.press("down")
        assert "no object that could be shown" in driver.text
        await driver.press("enter")
        assert "Problems 2" in driver.text
        await driver.press("up", "enter")
        assert driver.screen.query_one(DetailPane).tab is Tab.YAML
        assert detail_title(driver) == "NetworkPolicy x/p"
        assert has_keyboard(driver) == "details"
        assert any("▌" in line and "oops" in line for line in driver.text.splitlines())


# Room ---------------------------------------------------------------------------------------------------


async def test_at_80_columns_a_short_list_leaves_its_room_to_the_details_once_it_is_chosen() -> None:
    async with explorer(size=(80, 24)) as driver:
        detail = driver.screen.query_one("#detail")
        before = detail.size.height
        await driver.press("slash")
        await driver.type("default/db")
        assert detail.size.height == before, "nothing jumps while typing"
        await driver.press("enter")
        assert detail.size.height > before
        await driver.press("escape")
        assert detail.size.height == before
        await driver.pilot.resize_terminal(120, 36)
        assert pane(driver, Pane.PODS).region.height < driver.screen.query_one("#lists").region.height
        assert driver.screen.query_one("#lists").region.bottom == detail.region.bottom
