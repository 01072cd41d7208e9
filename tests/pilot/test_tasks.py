"""What people come to do, from a fresh start, with at most so many keys; at every size."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pilot.explorer import SIZES, explorer
from tests.pilot.tracing import answered, said

pytestmark = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")


async def test_1_which_policies_apply_to_a_pod_and_what_do_they_let_in_and_out(size: tuple[int, int]) -> None:
    async with explorer(size=size) as driver:
        await driver.choose("default/db")
        await driver.press("enter")
        assert "← Ingress  restricted by allow-web-to-db" in driver.text
        assert "app=web in default" in driver.text
        assert "TCP 3306" in driver.text
        assert "allow-web-to-db rule 1" in driver.text
        assert "denied: isolated" in driver.text
        assert "→ Egress  open: no policy selects this pod for egress" in driver.text
        assert driver.keys <= 3


@pytest.mark.parametrize("destination", ["db-0", "db"])
async def test_2_can_web_reach_db_on_3306_and_why_not_on_3307(
    size: tuple[int, int], destination: str
) -> None:
    async with explorer(size=size) as driver:
        await driver.choose("default/web-1")
        await driver.press("t")
        await driver.type(destination)
        await driver.press("enter")
        await answered(driver)
        assert "TCP 3306─" in driver.text or "TCP 3306 ─" in driver.text, "the port is a likely one"
        assert "✓ Allowed." in driver.text
        assert "allow-web-to-db rule 1 lets it in" in driver.text
        await driver.type("3307")
        await answered(driver)
        assert "✗ Denied" in driver.text
        if destination == "db-0":
            assert "by the ingress of Pod default/db-0." in said(driver)
            assert "nearest: allow-web-to-db rule 1 names TCP 3306, not TCP 3307" in said(driver)
        else:
            assert "it has no port TCP 3307, but TCP 3306" in said(driver)
        assert driver.keys == 4


async def test_3_which_pods_a_policy_selects_and_which_may_talk_to_them(size: tuple[int, int]) -> None:
    async with explorer(size=size) as driver:
        await driver.choose("allow-web-to-db", pane="4")
        await driver.press("enter")
        assert "app=web in default" in driver.text
        assert "web-1, web-2" in driver.text
        assert "SELECTED PODS  1 now" in driver.text
        assert "db-0" in driver.text.split("SELECTED PODS")[1]
        assert driver.keys <= 4


async def test_4_which_services_lead_here_under_which_address_and_port(size: tuple[int, int]) -> None:
    async with explorer(size=size) as driver:
        await driver.choose("default/db")
        assert "ROUTING" in driver.text
        assert "10.96.0.9" in driver.text
        assert "db-headless" in driver.text
        assert "3306 → mysql" in driver.text
        assert "2 of 29 pods" in driver.text
        assert driver.keys <= 2


async def test_5_which_pods_of_this_namespace_are_wide_open_for_ingress(size: tuple[int, int]) -> None:
    async with explorer(size=size) as driver:
        await driver.choose("default", pane="1")
        assert "OPEN FOR INGRESS  4 of 5 pods" in driver.text
        assert all(name in driver.text for name in ("backend-1", "debug", "web-1", "web-2"))
        assert driver.keys <= 4


async def test_6_a_service_that_does_not_answer_for_want_of_endpoints_or_because_of_policy(
    size: tuple[int, int], tmp_path: Path
) -> None:
    async with explorer(size=size) as driver:
        await driver.choose("reviews", pane="3")
        assert "✗ Routed, but closed" in driver.text
        assert "1/1" in driver.text or "2/2" in driver.text
        assert driver.keys <= 4
    bare = tmp_path / "bare.yaml"
    bare.write_text(
        "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {selector: {app: a}, ports: [{port: 1}]}\n"
    )
    async with explorer(bare, size=size) as driver:
        await driver.press("3")
        assert "✗ Does not answer: it has no endpoint" in driver.text
        assert driver.keys == 1


async def test_7_what_may_leave_the_cluster_from_here_and_to_where(size: tuple[int, int]) -> None:
    async with explorer(size=size) as driver:
        await driver.choose("default", pane="1")
        await driver.press("enter")
        assert "OUT OF THE CLUSTER" in driver.text
        assert "192.168.1.0/24" in driver.text
        assert "restrict-egress rule 1" in driver.text
        assert "open: no policy" in driver.text
        assert driver.keys <= 4


async def test_8_where_is_the_deciding_rule_in_my_files(size: tuple[int, int]) -> None:
    async with explorer(size=size) as driver:
        await driver.choose("default/db")
        await driver.press("enter", "enter")
        assert "NetworkPolicy default/allow-web-to-db" in driver.text
        assert "demo/default.yaml:" in driver.text
        marked = [line.split("▌")[1] for line in driver.text.splitlines() if "▌" in line]
        assert any("- from:" in line for line in marked)
        assert any("port: 3306" in line for line in marked)
        assert driver.keys <= 4


async def test_9_put_what_i_see_into_a_ticket(
    size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with explorer(size=size) as driver:
        await driver.choose("default/db")
        await driver.press("c")
        assert driver.keys <= 3
        copied = driver.app.clipboard
        assert copied.startswith("# Pod default/db-0\n")
        assert (
            "| app=web in default | TCP 3306 | allow-web-to-db rule 1 (demo/default.yaml:21) | 2: web-1, web-2 |"
            in copied
        )
        await driver.press("ctrl+s")
        [picture] = tmp_path.glob("*.svg")
        assert "restricted" in picture.read_text()


async def test_10_where_am_i_and_what_can_i_press(size: tuple[int, int]) -> None:
    async with explorer(size=size) as driver:
        assert "all namespaces" in driver.text
        assert "? help" in driver.text
        await driver.press("question_mark")
        assert "Get around" in driver.text
        assert "narrow the list" in " ".join(driver.text.split())
        assert driver.keys == 1
        await driver.press("escape")
        assert "PERMISSION" in driver.text
