"""What a person looks at stays in sight while the cluster changes around it."""

from __future__ import annotations

from typing import Any

import pytest
from textual.strip import Strip
from textual.widgets import Input

from tests.clusters import namespace, pod, policy, service
from tests.pilot.live import NOW, LiveDriver, Opened
from tests.pilot.looking import cursor, has_keyboard, pane, told
from tui.catalogue import Pane
from tui.freshness import clock_time
from tui.widgets.document_view import DocumentView
from tui.widgets.lists import Lists
from tui.widgets.still import StillView
from tui.widgets.virtual_table import VirtualTable

sizes = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
MANY = [f"m{number:03}" for number in range(100)]
ABOVE = [f"a{number:02}" for number in range(30)]


def cluster(*pods: str, more: str = "") -> str:
    return namespace("x") + more + "".join(pod(name, app=name) for name in pods)


def rows(driver: LiveDriver, which: Pane = Pane.PODS) -> list[str]:
    """The names on screen, the one under the cursor with its sign."""
    table = pane(driver, which).table
    lines = [table.render_line(y).text for y in range(table.size.height)]
    return [f"{line[0]}{line[3:].split()[0]}" for line in lines if line[3:].strip()]


@sizes
async def test_while_the_details_are_read_the_row_that_they_are_of_stays_on_its_line(
    opened: Opened, size: tuple[int, int]
) -> None:
    async with opened(cluster(*MANY), size=size) as driver:
        await driver.press("pagedown", "pagedown", "enter")
        assert has_keyboard(driver) == "details"
        before = rows(driver)
        assert any(row.startswith("▸") for row in before)
        await driver.shows(cluster(*MANY, *ABOVE))
        assert rows(driver) == before
        await driver.shows(cluster(*MANY))
        assert rows(driver) == before


async def test_a_list_without_the_keyboard_goes_on_with_the_same_row(opened: Opened) -> None:
    """Scrolled with the wheel, say, while a pod is looked at."""
    services = [service(name, "{ports: [{port: 80}]}") for name in MANY]
    new = [service(name, "{ports: [{port: 80}]}") for name in ABOVE]
    async with opened(cluster("web", more="".join(services))) as driver:
        table = pane(driver, Pane.SERVICES).table
        table.scroll_to(y=40, animate=False)
        await driver.pilot.pause()
        before = rows(driver, Pane.SERVICES)
        await driver.shows(cluster("web", more="".join([*services, *new])))
        assert rows(driver, Pane.SERVICES) == before
        gone = [service(name, "{ports: [{port: 80}]}") for name in MANY[:40]]
        await driver.shows(cluster("web", more="".join(gone)))
        assert rows(driver, Pane.SERVICES)[-1] == " m039", "where that is gone, near to where it was"


async def test_a_list_that_begins_with_its_first_row_shows_what_comes_before_it(opened: Opened) -> None:
    spec = "{ports: [{port: 80}]}"
    async with opened(cluster("web", more=service("m", spec))) as driver:
        await driver.shows(cluster("web", more=service("a", spec) + service("m", spec)))
        assert rows(driver, Pane.SERVICES)[1:] == [" a", " m"]


@sizes
async def test_while_a_filter_is_typed_the_list_stays_where_it_is(
    opened: Opened, size: tuple[int, int]
) -> None:
    async with opened(cluster(*MANY), size=size) as driver:
        await driver.press("slash")
        await driver.type("m0")
        await driver.press(*["down"] * 20)
        before = rows(driver)
        await driver.shows(cluster(*MANY, *(f"am0{number}" for number in range(9))))
        assert rows(driver) == before
        assert pane(driver, Pane.PODS).query_one(Input).has_focus
        assert cursor(driver, Pane.PODS) == "x/m020"


async def test_what_was_unfolded_stays_so_and_nothing_else_opens(opened: Opened) -> None:
    def allow(name: str, source: str) -> str:
        peer = f"{{podSelector: {{matchLabels: {{app: {source}}}}}}}"
        return policy(name, f"{{podSelector: {{matchLabels: {{app: db}}}}, ingress: [{{from: [{peer}]}}]}}")

    pods = ("db", "web", "job")
    async with opened(cluster(*pods, more=allow("mm", "web"))) as driver:
        await driver.press("enter", "space")
        assert "x/web" in details(driver)
        await driver.shows(cluster(*pods, more=allow("aa", "job") + allow("mm", "web")))
        assert "▾ app=web in x" in details(driver)
        assert "▸ app=job in x" in details(driver)


def details(driver: LiveDriver) -> str:
    return "\n".join(line.text for line in driver.screen.query_one(DocumentView)._lines)


@sizes
async def test_a_trace_from_what_is_gone_says_so(opened: Opened, size: tuple[int, int]) -> None:
    async with opened(cluster("mm", "nn"), size=size) as driver:
        await driver.shows(cluster("nn"))
        await driver.press("t")
        assert told(driver) == [f"Pod x/mm is gone since {clock_time(NOW)}"]


# What is drawn --------------------------------------------------------------------------------------------


@sizes
async def test_only_what_says_something_else_is_drawn_again(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    async with opened(cluster(*MANY), size=size) as driver:
        drawn: list[str] = []
        layouts: list[object] = []

        def noted(view: type[VirtualTable[Any] | DocumentView]) -> None:
            render = view.render_line

            def render_line(self: StillView, y: int) -> Strip:
                strip = render(self, y)
                drawn.append(strip.text)
                return strip

            monkeypatch.setattr(view, "render_line", render_line)

        noted(VirtualTable)
        noted(DocumentView)
        monkeypatch.setattr(type(driver.screen), "_refresh_layout", lambda *_: layouts.append(1))
        await driver.shows(cluster(*MANY, "zz"))
        assert pane(driver, Pane.PODS).border_title == "2 Pods 101"
        assert layouts == [], "the screen is laid out as before"
        assert all("101" in line for line in drawn), "the row is out of sight; namespaces count it"
        assert len(drawn) == (2 if size[0] > 100 else 0)
        if size[0] > 100:
            assert "─ 2 Pods 101 ─" in driver.text


async def test_a_row_that_changes_in_sight_is_drawn(opened: Opened) -> None:
    def deny(name: str) -> str:
        return policy(f"deny-{name}", f"{{podSelector: {{matchLabels: {{app: {name}}}}}}}")

    before = cluster("mm", "nn", "oo") + deny("oo")
    async with opened(before) as driver:
        drawn: list[str] = []
        table, render = pane(driver, Pane.PODS).table, VirtualTable.render_line

        def render_line(y: int) -> Strip:
            strip = render(table, y)
            drawn.append(strip.text)
            return strip

        table.render_line = render_line  # type: ignore[method-assign]
        await driver.shows(before + deny("nn"))
        assert [line.split()[0] for line in drawn] == ["~nn"]
        assert "closed" in drawn[0]


async def test_what_comes_while_the_screen_is_being_closed_is_not_shown_any_more(opened: Opened) -> None:
    async with opened(cluster("web")) as driver:
        await driver.live_screen.query_one(Lists).remove()
        await driver.shows(cluster("web", "db"))
        assert driver.app.is_running
