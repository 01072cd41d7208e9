"""Narrowing the lists: filters and namespaces."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from tests.clusters import namespace, pod, policy, service
from tests.pilot.explorer import SIZES, explorer
from tests.pilot.looking import cursor, detail_title, has_keyboard, listed, objects, title
from tui.catalogue import Pane

GLOBAL = (
    "---\napiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {name: everywhere}\n"
    "spec: {selector: all()}\n"
)


FINDS = [
    ("2", "DB-0", ["default/db-0", "payments/ledger-db-0"]),
    ("2", "default/", ["default/backend-1", "default/db-0", "default/debug", "default/web-1", "default/web-2"]),
    ("2", "app=web", ["default/web-1", "default/web-2"]),
    ("2", "10.244.2.7", ["default/db-0"]),
    ("2", "web default 10.244.1", ["default/web-1"]),
    ("2", "app=db", ["default/db-0"]),
    ("2", "running 10.0.0.13", ["kube-system/calico-node-2nxw8", "monitoring/node-exporter-pz5mb"]),
    ("2", "Not Ready", ["shop/cart-84c7d5f6b9-zc5tn"]),
    ("2", "succeeded", ["shop/media-import-c7zrf"]),
    ("2", "deployment", ["payments/fraud-check", "shop/recommendations"]),
    ("2", "node-3 open", ["default/backend-1", "monitoring/prometheus-0"]),
    ("2", "closed", ["payments/fraud-check"]),
    ("2", "rules default/", ["default/backend-1", "default/db-0"]),
    ("2", "open?", ["monitoring/grafana-66d9c8b5f7-n4xvz"]),
    ("2", "web shop/", []),
    ("2", "no-such-pod", []),
    ("3", "10.96.0.9", ["default/db"]),
    ("3", "app=db", ["default/db", "default/db-headless"]),
    ("3", "3306", ["default/db", "default/db-headless"]),
    ("3", "5432→postgres", ["payments/ledger-db"]),
    ("3", "30300", ["monitoring/grafana"]),
    ("3", "/udp", ["kube-system/kube-dns"]),
    ("3", "nodeport", ["monitoring/grafana"]),
    ("3", "headless", ["default/db-headless", "payments/ledger-db", "shop/cart-redis"]),
    ("3", "exposed", ["ingress-system/ingress-controller", "monitoring/grafana", "shop/storefront"]),
    ("3", "smtp.mail", ["shop/mail"]),
    ("3", "externalname", ["shop/mail"]),
    ("4", "app=db", ["default/allow-web-to-db"]),
    ("4", "shop redis", ["shop/cart-to-redis", "shop/redis-from-cart"]),
    ("4", "authorizationpolicy", ["monitoring/grafana-viewers"]),
    ("4", "not evaluated", ["monitoring/grafana-viewers"]),
    ("4", "every pod payments", ["payments/allow-dns", "payments/default-deny"]),
    ("1", "purpose=monitoring", ["monitoring"]),
]  # fmt: skip
"""The key of a list, what is typed, what is left."""


async def test_a_filter_finds_what_the_lists_show_and_labels_and_selectors() -> None:
    async with explorer() as driver:
        for key, words, found in FINDS:
            which = list(Pane)[int(key) - 1]
            await driver.press(key)
            total = len(objects(driver, which))
            await driver.press("slash")
            await driver.type(words)
            assert sorted(listed(driver, which)) == found, words
            assert f"{key} {which.title()} {len(found)}/{total}" in driver.text
            assert (f"no {which} match “{words}”" in driver.text) is (not found)
            await driver.press("escape")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_details_are_live_while_typing_and_up_and_down_move(size: tuple[int, int]) -> None:
    async with explorer(size=size) as driver:
        await driver.press("slash")
        await driver.type("app=web")
        assert detail_title(driver) == "Pod default/web-1"
        await driver.press("down")
        assert detail_title(driver) == "Pod default/web-2"
        await driver.press("up")
        assert detail_title(driver) == "Pod default/web-1"
        await driver.type(" 10.244.2")
        assert detail_title(driver) == "Pod default/web-2"
        await driver.press(*["backspace"] * len("app=web 10.244.2"))
        assert len(listed(driver, Pane.PODS)) == 31
        assert detail_title(driver) == "Pod default/web-2"


async def test_typing_faster_than_the_lists_follow_loses_and_moves_no_letter() -> None:
    async with explorer() as driver:
        await driver.press("slash")
        await driver.type("default/db-0 app=db 10.244")
        assert driver.screen.query_one("#pane-pods Input", Input).value == "default/db-0 app=db 10.244"
        assert listed(driver, Pane.PODS) == ["default/db-0"]
        assert detail_title(driver) == "Pod default/db-0"


async def test_enter_keeps_the_filter_and_escape_clears_it() -> None:
    async with explorer() as driver:
        await driver.choose("app=web")
        assert has_keyboard(driver) == "pods"
        assert "2/31" in title(driver, Pane.PODS)
        await driver.press("down")
        assert cursor(driver, Pane.PODS) == "default/web-2"
        await driver.press("slash")
        await driver.type(" zzz")
        assert "0/31" in title(driver, Pane.PODS)
        await driver.press("escape")
        assert title(driver, Pane.PODS) == "2 Pods 31"
        assert has_keyboard(driver) == "pods"
        await driver.choose("app=web")
        await driver.press("escape")
        assert title(driver, Pane.PODS) == "2 Pods 31"
        assert cursor(driver, Pane.PODS) == "default/web-2"


async def test_a_dropped_filter_returns_the_cursor_to_where_it_began() -> None:
    async with explorer() as driver:
        await driver.choose("default/debug")
        await driver.press("escape")
        assert cursor(driver, Pane.PODS) == "default/debug"
        for typed, taken_back in (("payments", 0), ("zzz", 0), ("payments", len("payments"))):
            await driver.press("slash")
            await driver.type(typed)
            if typed == "payments":
                assert detail_title(driver) == "Deployment payments/fraud-check"
            await driver.press(*["backspace"] * taken_back, "escape")
            assert title(driver, Pane.PODS) == "2 Pods 31"
            assert cursor(driver, Pane.PODS) == "default/debug", (typed, taken_back)
            assert detail_title(driver) == "Pod default/debug"
        # What one does next is not taken back by an older filter.
        await driver.press("down", "s", "s")
        assert cursor(driver, Pane.PODS) == "default/web-1"


@pytest.mark.parametrize("keys", [["down"], ["enter"], ["down", "up"], ["tab", "shift+tab", "down"]])
async def test_a_dropped_filter_leaves_the_cursor_where_the_person_put_it(keys: list[str]) -> None:
    async with explorer() as driver:
        await driver.press("slash")
        await driver.type("payments")
        await driver.press(*keys)
        chosen = cursor(driver, Pane.PODS)
        assert chosen.startswith("payments/")
        await driver.press("escape")
        assert title(driver, Pane.PODS).startswith("2 Pods 31")
        assert cursor(driver, Pane.PODS) == chosen
        assert detail_title(driver).endswith(chosen)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_filter_has_a_prompt_and_says_how_to_leave_it(size: tuple[int, int]) -> None:
    async with explorer(size=size) as driver:
        room = driver.screen.query_one("#pane-pods").content_size.width

        def line() -> str:
            found = [
                text.lstrip("│") for text in driver.text.splitlines() if text.lstrip("│").startswith("/ ")
            ]
            return found[0][:room].rstrip() if found else ""

        assert line() == ""
        await driver.press("slash")
        assert line().startswith("/ name, label=value")
        assert "esc clears" not in line()
        await driver.type("app=db")
        assert line().startswith("/ app=db ")
        assert line().endswith(" esc clears")
        assert cursor(driver, Pane.PODS) == "default/db-0"
        await driver.press("enter")
        assert line().endswith(" esc clears"), "as long as the filter is there"
        await driver.press("slash")
        long = "x" * (room - len("/ app=db esc clears"))
        await driver.type(long)
        assert line() == f"/ app=db{long}", "what is typed comes first"
        await driver.press("backspace")
        assert line() == f"/ app=db{long[1:]}  esc clears"


async def test_an_empty_filter_that_is_entered_leaves_no_line_behind() -> None:
    async with explorer() as driver:
        await driver.press("slash")
        assert "label=value" in driver.text
        await driver.press("enter")
        assert "label=value" not in driver.text
        assert has_keyboard(driver) == "pods"


async def test_each_list_has_a_filter_of_its_own() -> None:
    async with explorer() as driver:
        await driver.choose("app=web")
        await driver.choose("db", pane="3")
        assert "2/31" in title(driver, Pane.PODS)
        assert "/18" in title(driver, Pane.SERVICES)
        await driver.press("escape")
        assert "/18" not in title(driver, Pane.SERVICES)
        assert "2/31" in title(driver, Pane.PODS)


# Namespaces ---------------------------------------------------------------------------------------------


async def test_moving_in_the_namespaces_narrows_every_other_list() -> None:
    async with explorer() as driver:
        await driver.press("1", "down")
        assert detail_title(driver) == "Namespace default"
        assert "› default" in driver.text
        assert all(path.startswith("default/") for path in listed(driver, Pane.PODS))
        assert [title(driver, p).split()[2] for p in Pane] == ["6", "5", "4", "2"]
        await driver.press("end")
        assert [title(driver, p).split()[2] for p in Pane] == ["6", "14", "8", "10"]
        await driver.press("home")
        assert "all namespaces" in driver.text.splitlines()[0]
        assert [title(driver, p).split()[2] for p in Pane] == ["6", "31", "18", "17"]


async def test_n_narrows_to_the_namespace_of_what_is_selected_and_back() -> None:
    async with explorer() as driver:
        await driver.choose("shop/reviews")
        await driver.press("escape", "n")
        assert "› shop" in driver.text
        assert title(driver, Pane.PODS) == "2 Pods 14"
        assert cursor(driver, Pane.PODS).startswith("shop/reviews")
        assert cursor(driver, Pane.NAMESPACES) == "shop"
        await driver.press("slash")
        await driver.type("redis")
        assert title(driver, Pane.PODS) == "2 Pods 1/14"
        await driver.press("escape", "n")
        assert "all namespaces" in driver.text.splitlines()[0]
        assert cursor(driver, Pane.NAMESPACES) == ""


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_namespace_may_be_given_at_launch(size: tuple[int, int]) -> None:
    async with explorer(namespace="payments", size=size) as driver:
        assert "› payments" in driver.text
        assert "2 Pods 4" in driver.text
        assert detail_title(driver).startswith("Pod payments/") or detail_title(driver).startswith(
            "Deployment payments/"
        )
        await driver.press("n")
        assert "2 Pods 31" in driver.text


async def test_cluster_scoped_objects_stay_in_every_namespace(tmp_path: Path) -> None:
    bundle = tmp_path / "b.yaml"
    bundle.write_text(
        pod("a")
        + pod("b", namespace="other")
        + policy("p", "{podSelector: {}}")
        + GLOBAL
        + namespace("z")
        + service("s", "{ports: [{port: 1}]}", namespace="other")
    )
    async with explorer(bundle) as driver:
        await driver.press("end", "n")
        assert listed(driver, Pane.PODS) == ["x/a"]
        assert sorted(listed(driver, Pane.POLICIES)) == ["everywhere", "x/p"]
        await driver.press("1", "end")
        assert cursor(driver, Pane.NAMESPACES) == "z"
        assert listed(driver, Pane.POLICIES) == ["everywhere"]
        assert "no pods in z · n shows all namespaces" in driver.text
        assert "no services in z" in driver.text


async def test_an_empty_list_says_why_and_the_way_out(tmp_path: Path) -> None:
    bundle = tmp_path / "b.yaml"
    bundle.write_text(pod("a") + namespace("kube-system") + service("s", "{ports: [{port: 1}]}"))
    async with explorer(bundle) as driver:
        assert "no policies were read" in driver.text
        await driver.press("slash")
        await driver.type("zzz")
        assert "no pods match “zzz” · esc clears the filter" in driver.text
        await driver.press("escape", "1", "down")
        # Too long for the width of the list, so on two lines.
        assert "no services in kube-system" in driver.text
        assert "n shows all namespaces" in driver.text
        assert " · n shows" not in next(line for line in driver.text.splitlines() if "no services in" in line)
