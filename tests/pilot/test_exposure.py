"""The list of exposed pods: opened with x, narrowed, sorted, and left to what it tells of."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clusters import namespace, pod, policy, service
from tests.pilot.explorer import SIZES, Driver, explorer
from tests.pilot.live import Opened
from tests.pilot.looking import detail_title, told
from tests.pilot.tracing import answered, asked
from tui.screens.explorer import ExplorerScreen
from tui.screens.exposure import ExposureScreen
from tui.widgets.virtual_table import VirtualTable

sizes = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")


async def shown(driver: Driver) -> ExposureScreen:
    await driver.press("x")
    return await settled(driver)


async def settled(driver: Driver) -> ExposureScreen:
    screen = driver.app.screen
    assert isinstance(screen, ExposureScreen)
    for _ in range(500):
        if screen.rows is not None and not screen._work.busy:
            break
        await driver.pilot.pause(0.01)
    await driver.pilot.pause()
    return screen


def listed(screen: ExposureScreen) -> list[tuple[str, str]]:
    table = screen.query_one(VirtualTable)
    rows = [table._rows[at] for at in table._order]
    return [(row.exposed.subject.name, row.exposed.way.value) for row in rows]


def cursor(screen: ExposureScreen) -> tuple[str, str]:
    row = screen.query_one(VirtualTable).cursor_row
    assert row is not None
    return row.exposed.subject.name, row.exposed.way.value


@sizes
async def test_it_tells_who_gets_in_by_which_way(size: tuple[int, int]) -> None:
    async with explorer(size=size) as driver:
        screen = await shown(driver)
        assert "9 ways in" in driver.text
        assert listed(screen)[-1] == ("storefront", "Ingress")
        for word in ("who gets in", "203.0.113.200:80", "any node:30300", "✓ anyone", "? ✓ anyone"):
            assert word in driver.text
        lines = driver.text.splitlines()
        assert all(len(line) <= size[0] for line in lines)
        for word in ("open", "/ filter", "e service", "t trace", "esc back", "q quit"):
            assert word in lines[-1]


@sizes
async def test_enter_goes_to_the_pod_and_escape_back(size: tuple[int, int]) -> None:
    async with explorer(size=size) as driver:
        await driver.choose("default/db")
        before = detail_title(driver)
        screen = await shown(driver)
        await driver.press("escape")
        assert isinstance(driver.app.screen, ExplorerScreen)
        assert detail_title(driver) == before
        screen = await shown(driver)
        await driver.press("end")
        assert cursor(screen) == ("storefront", "Ingress")
        await driver.press("enter")
        assert isinstance(driver.app.screen, ExplorerScreen)
        assert detail_title(driver) == "Pod shop/storefront-6c8f9d7b54-hx2lq"
        await driver.press("left_square_bracket")
        assert detail_title(driver) == before


@sizes
async def test_the_lines_below_tell_what_the_list_has_no_room_for(size: tuple[int, int]) -> None:
    async with explorer(size=size) as driver:
        screen = await shown(driver)
        await driver.press("down")
        assert cursor(screen)[1] == "LoadBalancer"
        assert "loadBalancerSourceRanges" in driver.text
        await driver.press("end")
        assert "Ingress shop/storefront → Service shop/storefront, at 203.0.113.200" in driver.text
        assert "its controller: Deployment ingress-system/ingress-controller, 2 pods" in driver.text


async def test_it_is_of_the_namespace_in_scope() -> None:
    async with explorer(namespace="shop") as driver:
        screen = await shown(driver)
        assert listed(screen) == [("storefront", "Ingress")]
        assert "› shop" in driver.text
        assert "1 way in" in driver.text


@sizes
async def test_a_filter_narrows_the_list_and_escape_drops_it_first(size: tuple[int, int]) -> None:
    async with explorer(size=size) as driver:
        screen = await shown(driver)
        await driver.press("slash")
        await driver.type("nodeport graf")
        assert listed(screen) == [("grafana", "NodePort")]
        assert "1 of 9 ways in" in driver.text
        await driver.press("enter", "escape")
        assert driver.app.screen is screen
        assert len(listed(screen)) == 9
        await driver.press("slash")
        await driver.type("nothing-like-it")
        assert "no exposed pod matches" in driver.text
        await driver.press("escape", "escape")
        assert isinstance(driver.app.screen, ExplorerScreen)


async def test_it_is_sorted_by_the_next_column_and_turned_round() -> None:
    async with explorer() as driver:
        screen = await shown(driver)
        await driver.press("s")
        names = [name for name, _ in listed(screen)]
        assert names == sorted(names)
        await driver.press("S")
        assert [name for name, _ in listed(screen)] == sorted(names, reverse=True)


async def test_e_goes_to_the_service_that_exposes() -> None:
    async with explorer() as driver:
        await shown(driver)
        await driver.press("end", "e")
        assert detail_title(driver) == "Service shop/storefront"
        await shown(driver)
        await driver.press("slash")
        await driver.type("hostnetwork")
        await driver.press("enter", "e")
        assert "no Service leads there" in told(driver)[-1]


async def test_t_traces_from_the_controllers_pod_or_from_an_address_yet_to_be_given() -> None:
    async with explorer() as driver:
        await shown(driver)
        await driver.press("end", "t")
        await answered(driver)
        source, destination, port = asked(driver)
        assert source.startswith("ingress-system/ingress-controller")
        assert destination.startswith("shop/storefront")
        assert port == "TCP 8080"
        assert "✓ Allowed" in driver.text
    async with explorer() as driver:
        await shown(driver)
        await driver.press("t")
        assert asked(driver) == ("", "service:ingress-system/ingress-controller", "TCP 80")


async def test_what_the_filter_leaves_is_copied_as_markdown() -> None:
    async with explorer() as driver:
        await shown(driver)
        await driver.press("slash")
        await driver.type("storefront")
        await driver.press("enter", "c")
        assert "Exposed pods: all namespaces" in told(driver)[-1]
        copied = driver.app.clipboard
        assert "shop.example.com:80" in copied
        assert "its controller" in copied
        assert "grafana" not in copied


async def test_nothing_exposed_is_said(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(pod("a", "10.0.0.1", app="a"))
    async with explorer(tmp_path) as driver:
        await shown(driver)
        assert "no pod is exposed to the outside, as far as was read" in driver.text


async def test_what_is_closed_and_what_is_not_known_look_different(tmp_path: Path) -> None:
    spec = "{type: NodePort, selector: {app: %s}, ports: [{port: 80, nodePort: %d}]}"
    some = "{podSelector: {matchLabels: {app: b}}, ingress: [{from: [{ipBlock: {cidr: 192.0.2.0/24}}]}]}"
    (tmp_path / "x.yaml").write_text(
        pod("a", "10.0.0.1", app="a")
        + pod("b", "10.0.0.2", app="b")
        + service("a", spec % ("a", 30001))
        + service("b", spec % ("b", 30002))
        + policy("none", "{podSelector: {matchLabels: {app: a}}}")
        + policy("some", some)
    )
    async with explorer(tmp_path) as driver:
        await shown(driver)
        assert "✗ nobody" in driver.text
        assert "? client may be hidden" in driver.text
        await driver.press("down")
        assert "192.0.2.0/24" in driver.text, "whom policy lets in, whoever arrives there"


async def test_it_is_in_the_help_and_in_the_palette() -> None:
    async with explorer(size=(120, 120)) as driver:
        await driver.press("question_mark")
        assert "which pods can be reached from outside the cluster" in driver.text
        await driver.press("escape", "ctrl+p")
        await driver.type("exposed")
        for _ in range(100):
            if "Exposed pods" in driver.text:
                break
            await driver.pilot.pause(0.02)
        await driver.press("enter")
        await driver.pilot.pause(0.2)
        assert isinstance(driver.app.screen, ExposureScreen)


async def test_it_follows_a_live_cluster_and_the_cursor_stays_on_its_object(opened: Opened) -> None:
    def cluster(*names: str, more: str = "") -> str:
        spec = "{type: NodePort, selector: {app: %s}, ports: [{port: 80, nodePort: %d}]}"
        found = namespace("x") + more
        for name in names:
            number = ord(name[0])
            found += pod(name, f"10.0.0.{number}", app=name) + service(name, spec % (name, 30000 + number))
        return found

    async with opened(cluster("mm", "nn")) as driver:
        screen = await shown(driver)
        await driver.press("down")
        assert cursor(screen) == ("nn", "NodePort")
        closed = policy("closed", "{podSelector: {matchLabels: {app: nn}}}")
        await driver.shows(cluster("aa", "mm", "nn", more=closed))
        await settled(driver)
        assert listed(screen) == [("aa", "NodePort"), ("mm", "NodePort"), ("nn", "NodePort")]
        assert cursor(screen) == ("nn", "NodePort")
        assert "Who gets in: nobody." in driver.text
        await driver.shows(cluster("aa"))
        await settled(driver)
        assert cursor(screen) == ("aa", "NodePort")


async def test_with_a_live_cluster_the_context_has_another_key(opened: Opened) -> None:
    async with opened(namespace("x") + pod("a", "10.0.0.1")) as driver:
        assert isinstance(await shown(driver), ExposureScreen)
        await driver.press("x")
        assert driver.app.screen is driver.screen
