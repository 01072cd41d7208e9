"""What belongs together is marked, and links lead there and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clusters import pod, policy
from tests.pilot.explorer import SIZES, Driver, explorer
from tests.pilot.looking import cursor, detail_title, has_keyboard, listed, marked, title, told
from tui.catalogue import Pane
from tui.widgets.document_view import DocumentView


async def follow(driver: Driver, target: str) -> None:
    """Go to the first link to ``target`` in the details by keyboard, and follow it."""
    view = driver.screen.query_one("#detail DocumentView", DocumentView)
    if not view.has_focus:
        await driver.press("enter")
    await driver.press("home")
    for _ in range(100):
        stop = view._stop
        if stop and stop.link and str(stop.link.ref) == target and not stop.link.path:
            await driver.press("enter")
            return
        await driver.press("down")
    raise AssertionError(f"no link to {target} in {driver.text}")


# Marks --------------------------------------------------------------------------------------------------


async def test_a_pod_marks_its_services_and_policies_and_floats_them_up() -> None:
    async with explorer() as driver:
        await driver.choose("shop/cart-7")
        assert marked(driver, Pane.SERVICES) == {"shop/cart"}
        assert marked(driver, Pane.POLICIES) == {
            "shop/default-deny", "shop/allow-dns", "shop/backends-from-storefront", "shop/cart-to-redis", "shop/metrics",
        }  # fmt: skip
        assert marked(driver, Pane.PODS) == set()
        assert title(driver, Pane.SERVICES) == "3 Services 18 ●1"
        assert title(driver, Pane.POLICIES) == "4 Policies 17 ●5"
        first = next(line for line in driver.text.splitlines() if "● cart " in line)
        assert first
        await driver.press("escape")
        await driver.choose("default/debug")
        assert marked(driver, Pane.SERVICES) == marked(driver, Pane.POLICIES) == set()
        assert title(driver, Pane.SERVICES) == "3 Services 18"
        assert listed(driver, Pane.SERVICES)[0] == "default/db"


async def test_a_service_marks_its_pods_and_their_policies() -> None:
    async with explorer() as driver:
        await driver.choose("default/db-headless", pane="3")
        assert marked(driver, Pane.PODS) == {"default/db-0"}
        assert marked(driver, Pane.POLICIES) == {"default/allow-web-to-db"}
        assert listed(driver, Pane.PODS)[0] == "default/db-0"


async def test_a_policy_marks_its_pods_and_the_services_before_them() -> None:
    async with explorer() as driver:
        await driver.choose("allow-web-to-db", pane="4")
        assert marked(driver, Pane.PODS) == {"default/db-0"}
        assert marked(driver, Pane.SERVICES) == {"default/db", "default/db-headless"}
        await driver.press("escape")
        await driver.choose("checkout-from-storefront")
        assert marked(driver, Pane.PODS) == marked(driver, Pane.SERVICES) == set()


async def test_marks_go_with_filters_and_sorting() -> None:
    async with explorer() as driver:
        await driver.choose("default/db", pane="3")
        await driver.choose("app=web", pane="2")
        assert title(driver, Pane.PODS) == "2 Pods 2/31"
        await driver.press("3")
        assert marked(driver, Pane.PODS) == set()
        await driver.press("2", "escape", "s", "3")
        assert listed(driver, Pane.PODS)[0] == "default/db-0"
        names = [path.partition("/")[2] for path in listed(driver, Pane.PODS)[1:]]
        assert names == sorted(names)


# Links --------------------------------------------------------------------------------------------------

LISTS = {"Pod": Pane.PODS, "Service": Pane.SERVICES, "NetworkPolicy": Pane.POLICIES}
POLICY, POD, SERVICE = (
    "NetworkPolicy default/allow-web-to-db",
    "Pod default/db-0",
    "Service default/db-headless",
)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_along_links_and_back_and_forward(size: tuple[int, int]) -> None:
    async with explorer(size=size) as driver:
        await driver.choose("default/db-0")
        for target in (SERVICE, POD, POLICY, POD):
            await follow(driver, target)
            assert detail_title(driver) == target
            assert target in {f"{kind} {cursor(driver, pane)}" for kind, pane in LISTS.items()}
            assert has_keyboard(driver) == "details"
        for target in (POLICY, POD, SERVICE, POD):
            await driver.press("left_square_bracket")
            assert detail_title(driver) == target
        await driver.press("left_square_bracket")
        assert detail_title(driver) == POD
        assert "nothing to go back to" in told(driver)
        for target in (SERVICE, POD, POLICY, POD):
            await driver.press("right_square_bracket")
            assert detail_title(driver) == target
        await driver.press("backspace")
        assert detail_title(driver) == POLICY
        await follow(driver, POD)
        await driver.press("right_square_bracket")
        assert detail_title(driver) == POD
        assert "nothing further" in told(driver)


async def test_back_and_forward_keep_the_place_in_the_manifest() -> None:
    async with explorer() as driver:
        await driver.choose("default/db-0")
        await driver.press("enter", "enter", "left_square_bracket")
        assert detail_title(driver) == POD
        assert "restricted by allow-web-to-db" in driver.text
        await driver.press("right_square_bracket")
        assert detail_title(driver) == POLICY
        assert any("▌" in line and "- from:" in line for line in driver.text.splitlines())


async def test_a_link_within_the_scope_keeps_it_and_drops_a_filter_that_hides_the_object() -> None:
    async with explorer() as driver:
        await driver.choose("zzz", pane="3")
        await driver.choose("app=payments-api", pane="2")
        await driver.press("n")
        assert title(driver, Pane.SERVICES) == "3 Services 0/2"
        await follow(driver, "Service payments/payments-api")
        assert cursor(driver, Pane.SERVICES) == "payments/payments-api"
        assert title(driver, Pane.SERVICES).startswith("3 Services 2")
        assert "› payments" in driver.text
        assert title(driver, Pane.PODS).startswith("2 Pods 2/4"), "what hides nothing stays"


async def test_a_link_into_another_namespace_leaves_the_scope(tmp_path: Path) -> None:
    bundle = tmp_path / "b.yaml"
    bundle.write_text(
        pod("a", "10.0.0.1")
        + pod("b", "10.0.0.2", namespace="other")
        + policy("p", "{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}")
        + "---\napiVersion: cilium.io/v2\nkind: CiliumClusterwideNetworkPolicy\nmetadata: {name: wide}\n"
        "spec: {endpointSelector: {}}\n"
    )
    async with explorer(bundle, namespace="x") as driver:
        assert listed(driver, Pane.PODS) == ["x/a"]
        await follow(driver, "CiliumClusterwideNetworkPolicy wide")
        assert detail_title(driver) == "CiliumClusterwideNetworkPolicy wide"
        assert "› x" in driver.text, "a cluster-scoped object is in every namespace"
        await driver.press("left_square_bracket", "home")
        for _ in range(20):
            if "other/b" in driver.text:
                break
            await driver.press("right", "down")
        await follow(driver, "Pod other/b")
        assert detail_title(driver) == "Pod other/b"
        assert "all namespaces" in driver.text.splitlines()[0]
        assert cursor(driver, Pane.PODS) == "other/b"
        assert cursor(driver, Pane.NAMESPACES) == ""


async def test_objects_of_one_name_in_two_groups_are_two(tmp_path: Path) -> None:
    bundle = tmp_path / "b.yaml"
    bundle.write_text(
        pod("a")
        + policy("p", "{podSelector: {}}")
        + "---\napiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: p, namespace: x}\n"
        "spec: {selector: all()}\n"
    )
    async with explorer(bundle) as driver:
        await driver.press("4", "home")
        assert detail_title(driver) == "NetworkPolicy x/p"
        assert "Not evaluated" not in driver.text
        await driver.press("down")
        assert detail_title(driver) == "NetworkPolicy.projectcalico.org x/p"
        assert "Not evaluated" in driver.text


async def test_a_route_is_in_no_list_and_its_link_says_where_it_stands() -> None:
    async with explorer(size=(160, 50)) as driver:
        await driver.choose("shop/storefront", pane="2")
        here = detail_title(driver)
        await follow(driver, "Ingress shop/storefront")
        [message] = told(driver)
        assert message.startswith("Ingress shop/storefront is in no list: see demo/shop-services.yaml:")
        await driver.press("left_square_bracket")
        assert detail_title(driver) == here
        assert "nothing to go back to" in told(driver)


async def test_links_can_be_clicked() -> None:
    async with explorer() as driver:
        await driver.choose("default/db-0")
        left = driver.screen.query_one("#detail").region.x
        lines = [line[left:] for line in driver.text.splitlines()]
        y = next(y for y, line in enumerate(lines) if "db-headless" in line)
        await driver.pilot.click(offset=(left + lines[y].index("db-headless") + 2, y))
        await driver.pilot.pause()
        assert detail_title(driver) == SERVICE
