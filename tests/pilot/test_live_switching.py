"""From one context to another, and into a namespace, also one that cannot be listed."""

from __future__ import annotations

import pytest

from policy_core.coverage import KindState
from policy_core.evaluation import Evaluation
from tests.clusters import namespace, pod, snapshot
from tests.pilot.explorer import explorer
from tests.pilot.live import Opened, coverage, health
from tests.pilot.looking import cursor, detail_title, listed, told
from tui.catalogue import Catalogue, Pane
from tui.messages import Renewed
from tui.screens.chooser import ChooserScreen
from tui.screens.explorer import ExplorerScreen

sizes = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
MANIFESTS = namespace("shop") + namespace("pay") + pod("web", namespace="shop") + pod("bank", namespace="pay")
FORBIDDEN = coverage(Namespace=KindState.FORBIDDEN)


@sizes
async def test_another_context_is_chosen_by_typing_a_part_of_its_name(
    opened: Opened, size: tuple[int, int]
) -> None:
    async with opened(MANIFESTS, health=health(), size=size) as driver:
        before = driver.feed
        await driver.press("C")
        assert "kind-dev ← you are here" in driver.text
        await driver.type("us")
        await driver.press("enter")
        assert before.stopped.is_set()
        assert driver.feed.context == "prod-us"
        assert "connecting to prod-us…" in driver.text
        driver.forget()
        await driver.shows(namespace("z1") + pod("far", namespace="z1"), health())
        assert "prod-us › all namespaces" in driver.text
        assert listed(driver, Pane.PODS) == ["z1/far"]
        before.say(Renewed(Catalogue.of(Evaluation.of(snapshot(MANIFESTS)))))
        await driver.pilot.pause()
        assert listed(driver, Pane.PODS) == ["z1/far"], "the old one has nothing more to say"


async def test_contexts_that_were_used_come_first(opened: Opened) -> None:
    async with opened(MANIFESTS, health=health()) as driver:
        for name in ("prod-us", "kind-dev"):
            await driver.press("C")
            await driver.type(name)
            await driver.press("enter")
            driver.forget()
            await driver.shows(MANIFESTS, health())
        await driver.press("C")
        assert isinstance(driver.app.screen, ChooserScreen)
        at = [driver.text.index(f"  {name}") for name in ("prod-us", "kind-dev ←", "prod-eu")]
        assert at == sorted(at)
        await driver.press("escape")
        assert isinstance(driver.app.screen, ExplorerScreen)


async def test_a_context_can_be_left_before_it_could_be_read(opened: Opened) -> None:
    async with opened("") as driver:
        await driver.press("C")
        await driver.type("eu")
        await driver.press("enter")
        assert driver.feed.context == "prod-eu"


@sizes
async def test_a_namespace_is_chosen_by_name(opened: Opened, size: tuple[int, int]) -> None:
    async with opened(MANIFESTS, health=health(), size=size) as driver:
        await driver.press("N")
        await driver.type("sho")
        await driver.press("enter")
        assert listed(driver, Pane.PODS) == ["shop/web"]
        assert "› shop" in driver.text.splitlines()[0]
        await driver.press("N")
        assert "shop ← you are here" in driver.text
        await driver.press("home", "up", "up", "up", "enter")
        assert len(listed(driver, Pane.PODS)) == 2
        assert driver.feed.looked_into == []


async def test_where_namespaces_are_listed_no_other_can_be_chosen(opened: Opened) -> None:
    async with opened(MANIFESTS, health=health()) as driver:
        await driver.press("N")
        await driver.type("dark")
        assert "nothing is called so" in driver.text
        await driver.press("enter")
        assert isinstance(driver.app.screen, ChooserScreen)


@sizes
async def test_a_namespace_that_cannot_be_listed_is_looked_into(
    opened: Opened, size: tuple[int, int]
) -> None:
    async with opened(MANIFESTS, health=health(), coverage=FORBIDDEN, size=size) as driver:
        await driver.press("escape", "N")
        await driver.type("dark")
        assert "look into “dark”, which is not listed" in driver.text
        await driver.press("enter")
        assert driver.feed.looked_into == ["dark"]
        assert "› dark" in driver.text.splitlines()[0]
        assert "nothing could be read in namespace dark" in driver.text
        await driver.shows(MANIFESTS + pod("hidden", namespace="dark"), coverage=FORBIDDEN)
        assert listed(driver, Pane.PODS) == ["dark/hidden"]


async def test_a_name_that_is_a_part_of_another_can_be_looked_into(opened: Opened) -> None:
    async with opened(MANIFESTS, health=health(), coverage=FORBIDDEN) as driver:
        await driver.press("N")
        await driver.type("sho")
        await driver.press("down", "enter")
        assert driver.feed.looked_into == ["sho"]


@pytest.mark.parametrize("typed", ["Shop!", "../pods", "a b"])
async def test_what_no_namespace_can_be_called_is_not_asked_for(opened: Opened, typed: str) -> None:
    async with opened(MANIFESTS, health=health(), coverage=FORBIDDEN) as driver:
        await driver.press("N")
        await driver.type(typed)
        await driver.press("enter")
        assert driver.feed.looked_into == []
        assert told(driver) == []


async def test_keys_of_a_live_cluster_do_nothing_with_manifests() -> None:
    async with explorer() as driver:
        before = driver.text
        await driver.press("p", "r", "C", "i", "N")
        assert driver.text == before, "manifests do not change: there is nothing to do"


async def test_they_are_in_the_help_and_in_the_palette(opened: Opened) -> None:
    async with opened(MANIFESTS, health=health(), size=(120, 90)) as driver:
        await driver.press("?")
        assert "On a live cluster" in driver.text
        assert "let the screen stand still" in driver.text
        await driver.press("escape", "ctrl+p")
        await driver.type("Pause")
        await driver.pilot.pause(0.5)
        await driver.press("enter")
        assert "‖ paused" in driver.text


@sizes
async def test_what_is_looked_at_is_in_the_namespace_that_is_chosen(
    opened: Opened, size: tuple[int, int]
) -> None:
    async with opened(MANIFESTS + namespace("void"), health=health(), size=size) as driver:
        assert detail_title(driver) == "Pod pay/bank"
        await driver.press("N")
        await driver.type("shop")
        await driver.press("enter")
        assert cursor(driver, Pane.PODS) == "shop/web"
        assert detail_title(driver) == "Pod shop/web"
        await driver.press("[")
        assert detail_title(driver) == "Pod pay/bank"
        assert "› all namespaces" in driver.text
        await driver.press("N")
        await driver.type("void")
        await driver.press("enter")
        assert detail_title(driver) == "Namespace void"
        assert "no pods in void · n shows all namespaces" in driver.text
        await driver.press("n")
        assert len(listed(driver, Pane.PODS)) == 2


async def test_what_is_looked_at_stays_where_it_is_in_the_namespace_that_is_chosen(opened: Opened) -> None:
    async with opened(MANIFESTS, health=health()) as driver:
        await driver.choose("web")
        assert detail_title(driver) == "Pod shop/web"
        await driver.press("N")
        await driver.type("shop")
        await driver.press("enter")
        assert detail_title(driver) == "Pod shop/web"
        await driver.press("[")
        assert told(driver) == ["nothing to go back to"]
