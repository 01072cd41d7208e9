"""Policies of the tiers in the explorer: in the list, on their own page, on a pod's page and in a trace."""

from __future__ import annotations

import pytest

from tests.pilot.explorer import SIZES, explorer
from tests.pilot.looking import detail_title
from tests.pilot.tracing import answered, said
from tui.catalogue import Pane

at_every_size = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")


@at_every_size
async def test_the_rules_of_a_pod_stand_in_the_order_in_which_they_decide(size: tuple[int, int]) -> None:
    async with explorer(size=size, demo="tiers") as driver:
        await driver.choose("shop/db-0")
        await driver.press("enter")
        seen = [text for text in ("Admin 10", "Admin 20") if text in driver.text]
        for _ in range(60):
            await driver.press("down")
            seen += [text for text in ("Admin 20", "NetworkPolicy", "Baseline 100") if text in driver.text]
        assert list(dict.fromkeys(seen)) == ["Admin 10", "Admin 20", "NetworkPolicy", "Baseline 100"]


async def test_the_list_tells_tier_and_priority_and_stands_in_the_order_of_the_tiers() -> None:
    async with explorer(size=(200, 50), demo="tiers") as driver:
        names = [row.ref.name for row in driver.app.explorer.state.catalogue.rows[Pane.POLICIES]]
        assert names == [
            "payment-provider",
            "guard-rails",
            "teams-decide",
            "scanner-in",
            "tools-out",
            "allow-checkout-to-db",
            "closed-by-default",
        ]
        assert "tier      prio" in driver.text
        assert "cluster    Admin       10" in driver.text
        await driver.choose("baseline", pane="4")
        assert "Baseline   100" in driver.text
        assert "guard-rails           cluster" not in driver.text


async def test_without_such_policies_there_are_no_columns_for_them() -> None:
    async with explorer(size=(200, 50)) as driver:
        assert "prio" not in driver.text


@at_every_size
async def test_a_policy_of_a_tier_has_a_page_of_its_own(size: tuple[int, int]) -> None:
    async with explorer(size=size, demo="tiers") as driver:
        await driver.choose("tools-out", pane="4")
        await driver.press("enter")
        assert detail_title(driver) == "ClusterNetworkPolicy tools-out"
        assert "Admin tier, priority 50" in driver.text
        assert "Same tier and priority, and some of the same pods: scanner-in" in " ".join(
            driver.text.split()
        )
        assert "✗ deny" in driver.text
        await driver.press("v")
        assert "kind: ClusterNetworkPolicy" in driver.text


@at_every_size
async def test_a_trace_shows_the_walk_through_the_tiers(size: tuple[int, int]) -> None:
    async with explorer(size=size, demo="tiers") as driver:
        await driver.choose("checkout-0")
        await driver.press("t")
        await driver.type("shop/db-0")
        await driver.press("enter")
        await driver.type("3306")
        await driver.press("enter")
        await answered(driver)
        assert "✓ Allowed." in driver.text
        assert "Admin 20: teams-decide rule 1 passes it on" in said(driver)
        assert "NetworkPolicy: allow-checkout-to-db rule 1 allows it" in said(driver)


async def test_a_host_is_asked_for_by_its_name() -> None:
    async with explorer(demo="tiers") as driver:
        await driver.choose("checkout-0")
        await driver.press("t")
        await driver.type("domain:api.payments.example.com")
        await driver.press("enter")
        await driver.type("443")
        await driver.press("enter")
        await answered(driver)
        assert "payment-provider rule 1 allows it in the Admin tier" in said(driver)
