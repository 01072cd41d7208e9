"""How fresh a cluster's data is, what may not be read, and standing still."""

from __future__ import annotations

import pytest

from policy_core.coverage import KindState
from policy_core.health import Feed
from tests.clusters import namespace, pod
from tests.pilot.live import NOW, LiveDriver, Opened, coverage, health
from tests.pilot.looking import cursor, detail_title, has_keyboard, listed, told
from tui.catalogue import Pane
from tui.freshness import clock_time
from tui.messages import Heard, Progressed
from tui.screens.sources import SourcesScreen

SIZES = [(80, 24), (120, 36), (200, 50)]
sizes = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
ONE = namespace("x") + pod("web", "10.0.0.1")
TWO = ONE + pod("db", "10.0.0.2")
KINDS = ("networkpolicies.networking.k8s.io", "endpointslices.discovery.k8s.io")
REFUSED = "https://127.0.0.1:6443 cannot be reached: connection refused"


def status(driver: LiveDriver) -> str:
    return driver.text.splitlines()[0]


def flowing(driver: LiveDriver) -> str:
    """The screen's words, wherever lines are broken."""
    return " ".join(driver.text.split())


# The first line -------------------------------------------------------------------------------------------


@sizes
async def test_the_first_line_tells_the_ages_that_there_is_room_for(
    opened: Opened, size: tuple[int, int]
) -> None:
    heard = health(heard=NOW - 3, Node=(Feed.LIVE, NOW - 41, ""), Service=(Feed.LIVE, NOW - 12, ""))
    async with opened(ONE, health=heard, size=size) as driver:
        assert "kind-dev › all namespaces   ● live" in status(driver)
        if size[0] == 200:
            assert status(driver).endswith("ns 3s · pods 3s · svc 12s · eps 3s · netpol 3s · nodes 41s")
        else:
            assert status(driver).endswith("nodes 41s"), "the one that was heard the longest ago"
        await driver.after(2)
        assert status(driver).endswith("nodes 43s")


async def test_nothing_but_the_ages_is_drawn_when_time_goes_by(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(ONE, health=health()) as driver:
        drawn: list[object] = []
        for widget in ("virtual_table.VirtualTable", "document_view.DocumentView", "banner.Banner"):
            monkeypatch.setattr(f"tui.widgets.{widget}.render_line", lambda *_: drawn.append(1))
        await driver.after(5)
        assert "5s" in status(driver)
        assert drawn == []


async def test_a_long_context_leaves_room_for_what_must_be_seen(opened: Opened) -> None:
    async with opened("", size=(80, 24)) as driver:
        driver.feed.context = "arn:aws:eks:eu-central-1:123456789012:cluster/payments-production-blue"
        await driver.shows(ONE, health())
        assert "● live" in status(driver)
        assert "› all namespaces" in status(driver)
        assert status(driver).split("›")[0].strip().endswith("-blue")


@sizes
async def test_a_server_that_is_not_heard_leaves_the_last_known_state_with_its_age(
    opened: Opened, size: tuple[int, int]
) -> None:
    async with opened(TWO, health=health(), size=size) as driver:
        driver.now += 42
        await driver.tells(Heard(health(Feed.LOST, NOW, REFUSED)))
        assert "◌ stale 42s" in status(driver)
        assert f"! everything 42s old, trying again: {REFUSED}" in flowing(driver)
        assert "web" in driver.text, "the last known state"
        assert "PERMISSION" in driver.text
        await driver.press("escape")
        assert "trying again" in driver.text, "it cannot be put out of sight"
        await driver.after(60)
        assert "◌ stale 1m" in status(driver)
        await driver.tells(Heard(health(heard=driver.now)))
        assert "● live" in status(driver)
        assert "trying again" not in driver.text


@sizes
async def test_its_age_goes_on_without_laying_out_the_screen(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    async with opened(TWO, health=health(Feed.LOST, NOW - 7, REFUSED), size=size) as driver:
        layouts: list[object] = []
        monkeypatch.setattr(type(driver.screen), "_refresh_layout", lambda *_: layouts.append(1))
        await driver.after(1)
        assert "everything 8s old" in flowing(driver)
        assert layouts == []


async def test_what_takes_another_line_gets_it(opened: Opened) -> None:
    async with opened(TWO, health=health(Feed.LOST, NOW - 7, "short"), size=(80, 24)) as driver:
        banner = driver.screen.query_one("#banner")
        assert banner.size.height == 1
        await driver.tells(Heard(health(Feed.LOST, NOW - 7, REFUSED)))
        assert banner.size.height == 2
        assert "connection refused" in flowing(driver)
        await driver.tells(Heard(health(Feed.LOST, NOW - 7, "short")))
        assert banner.size.height == 1


async def test_kinds_that_are_lost_are_named(opened: Opened) -> None:
    lost = health(Service=(Feed.LOST, NOW - 9, "the server is busy (429)"))
    async with opened(ONE, health=lost) as driver:
        assert "! svc 9s old, trying again: the server is busy (429)" in driver.text


async def test_an_error_of_a_server_is_no_markup(opened: Opened) -> None:
    text = "[bold]x[/bold] [@click=app.quit]y[/] \x1b[31mred"
    async with opened(ONE, health=health(Feed.LOST, NOW, text)) as driver:
        assert "[bold]x[/bold] [@click=app.quit]y[/]" in driver.text
        assert "\x1b" not in driver.text


# What may not be read -------------------------------------------------------------------------------------


@sizes
async def test_what_may_not_be_read_is_said_and_can_be_put_out_of_sight(
    opened: Opened, size: tuple[int, int]
) -> None:
    limited = coverage(NetworkPolicy=("x",), Node=KindState.FORBIDDEN)
    async with opened(ONE, health=health(), coverage=limited, size=size) as driver:
        assert "NetworkPolicies: only in x; Nodes: forbidden" in flowing(driver)
        assert "esc hide" in driver.text
        await driver.press("escape")
        assert "Nodes: forbidden" not in driver.text
        await driver.shows(TWO, coverage=limited)
        assert "Nodes: forbidden" not in driver.text
        await driver.shows(TWO, coverage=coverage(Node=KindState.FORBIDDEN, Pod=KindState.FORBIDDEN))
        assert "Pods, Nodes: forbidden" in driver.text, "that is something else"
        await driver.pilot.click("#banner")
        assert "Nodes: forbidden" not in driver.text


@sizes
async def test_each_kind_is_told_with_its_state_age_and_error(opened: Opened, size: tuple[int, int]) -> None:
    limited = coverage(NetworkPolicy=("x",), Node=KindState.FORBIDDEN)
    heard = health(heard=NOW - 3, Node=(Feed.NONE, 0, ""), EndpointSlice=(Feed.LOST, NOW - 40, REFUSED))
    async with opened(ONE, health=heard, coverage=limited, size=size) as driver:
        await driver.press("i")
        lines = [" ".join(line.split()) for line in driver.text.splitlines()]

        def told_of(resource: str, words: str) -> bool:
            return any(f"{resource} {words}" in line for line in lines)

        assert told_of("pods", "all of them 7 live 3s")
        assert told_of(KINDS[0], "only in x 7 live 3s")
        assert told_of(KINDS[1], "all of them 7 not heard 40s")
        assert told_of("nodes", "forbidden 7 — —")
        await driver.press("end", "up")
        assert "read only in x" in flowing(driver).split("esc closes")[0].split("nodes forbidden")[1]
        await driver.press("end")
        assert "User may not list nodes" in flowing(driver)
        await driver.after(2)
        assert "5s" in driver.text, "ages go on"
        assert "42s" in driver.text
        await driver.press("escape")
        assert has_keyboard(driver) == "pods"


async def test_a_click_on_the_freshness_leads_there(opened: Opened) -> None:
    async with opened(ONE, health=health()) as driver:
        await driver.pilot.click(offset=(status(driver).index("● live") + 2, 0))
        await driver.pilot.pause()
        assert isinstance(driver.app.screen, SourcesScreen)


# Standing still -------------------------------------------------------------------------------------------


@sizes
async def test_paused_the_screen_stands_still_and_says_what_it_missed(
    opened: Opened, size: tuple[int, int]
) -> None:
    async with opened(ONE, health=health(), size=size) as driver:
        await driver.press("p")
        assert "‖ paused 0s" in status(driver)
        await driver.shows(TWO)
        await driver.shows(TWO + pod("cache", "10.0.0.3"))
        await driver.after(60)
        assert listed(driver, Pane.PODS) == ["x/web"]
        assert "‖ paused 1m, 2 changed" in status(driver)
        await driver.press("p")
        assert listed(driver, Pane.PODS) == ["x/cache", "x/db", "x/web"]
        assert "+db" in driver.text, "what came while it stood still is marked, not only the last of it"
        assert "+cache" in driver.text
        assert "● live" in status(driver)


async def test_what_went_while_paused_is_gone_on_going_on(opened: Opened) -> None:
    async with opened(TWO, health=health()) as driver:
        assert cursor(driver, Pane.PODS) == "x/db"
        await driver.press("p")
        driver.now += 5
        await driver.shows(ONE)
        driver.now += 600
        await driver.shows(ONE + pod("new", "10.0.0.9"))
        assert "is gone" not in driver.text
        await driver.press("p")
        assert detail_title(driver) == "Pod x/db"
        assert f"is gone since {clock_time(NOW + 5)}" in driver.text, "then, and not when the person went on"


async def test_everything_can_be_read_anew(opened: Opened) -> None:
    async with opened(ONE, health=health()) as driver:
        await driver.press("r")
        assert driver.feed.refreshed == 1
        assert told(driver) == ["everything is read anew"]
        await driver.press("p", "r")
        assert driver.feed.refreshed == 2
        assert "paused" in told(driver)[-1]


# Before anything was read ---------------------------------------------------------------------------------


@sizes
async def test_while_it_is_read_the_counts_are_told(opened: Opened, size: tuple[int, int]) -> None:
    async with opened("", size=size) as driver:
        assert "kind-dev   ◍ connecting…" in status(driver)
        await driver.tells(Progressed("reading kind-dev: pods 4,500 · services 320"))
        assert "reading kind-dev: pods 4,500 · services 320" in driver.text


@sizes
async def test_an_error_before_anything_was_read_is_told_in_full(
    opened: Opened, size: tuple[int, int]
) -> None:
    error = f"{REFUSED}; " + " ".join(f"word{number}" for number in range(40)) + "; trying again"
    async with opened("", size=size) as driver:
        await driver.tells(Progressed(error))
        assert all(word in flowing(driver) for word in ("connection refused", "word0 ", "word39;", "trying"))
        await driver.shows(ONE, health())
        assert "trying" not in driver.text
        assert detail_title(driver) == "Pod x/web"


# Other screens --------------------------------------------------------------------------------------------


@sizes
@pytest.mark.parametrize("key", ["t", "m"], ids=["trace", "matrix"])
async def test_other_screens_tell_how_fresh_what_they_show_is(
    opened: Opened, size: tuple[int, int], key: str
) -> None:
    async with opened(TWO, health=health(), size=size) as driver:
        driver.feed.context = "arn:aws:eks:eu-central-1:123456789012:cluster/payments-production-blue"
        await driver.shows(TWO)
        await driver.press(key)
        assert "blue › " in status(driver)
        assert "● live" in status(driver)
        driver.now += 42
        await driver.tells(Heard(health(Feed.LOST, NOW, REFUSED)))
        assert "◌ stale 42s" in status(driver)
        await driver.after(60)
        assert "◌ stale 1m" in status(driver)
        await driver.tells(Heard(health(heard=driver.now)))
        assert "● live" in status(driver)


@pytest.mark.parametrize("key", ["t", "m"], ids=["trace", "matrix"])
async def test_what_is_opened_while_the_screen_is_paused_says_so(opened: Opened, key: str) -> None:
    async with opened(ONE, health=health(), size=(80, 24)) as driver:
        await driver.press("p")
        await driver.shows(TWO)
        await driver.press(key)
        assert "‖ paused 0s, 1 changed" in status(driver)
        assert "p goes on" not in status(driver), "not from here"
