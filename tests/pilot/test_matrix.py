"""The matrix: from namespaces to workloads to what decides, and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clusters import pod, policy
from tests.pilot.explorer import SIZES, Driver, explorer
from tests.pilot.looking import detail_title, told
from tests.pilot.tracing import answered, asked
from tui.screens.explanation import ExplanationScreen
from tui.screens.explorer import ExplorerScreen
from tui.screens.matrix import MatrixScreen


async def opened(driver: Driver) -> MatrixScreen:
    await driver.press("m")
    screen = driver.app.screen
    assert isinstance(screen, MatrixScreen)
    for _ in range(500):
        if screen.state is not None:
            break
        await driver.pilot.pause(0.01)
    await driver.pilot.pause()
    return screen


def cell(screen: MatrixScreen) -> tuple[str, str]:
    assert screen.state is not None
    view = screen.state.view
    assert view.cell is not None
    return view.grid.rows[view.cell[0]], view.grid.columns[view.cell[1]]


@pytest.mark.parametrize("size", SIZES)
async def test_namespaces_are_shown_with_the_outside(size: tuple[int, int]) -> None:
    async with explorer(size=size) as driver:
        await opened(driver)
        for word in ("outside", "payments", "shop", "[◐ 69%]", "every port", "↵ shows the workloads"):
            assert word in driver.text


async def test_the_cursor_starts_at_the_namespace_of_what_was_looked_at() -> None:
    async with explorer() as driver:
        await driver.choose("shop/cart-redis")
        assert cell(await opened(driver)) == ("shop", "shop")


async def test_arrows_move_and_the_line_below_tells_the_cell() -> None:
    async with explorer() as driver:
        screen = await opened(driver)
        await driver.press("down", "down", "right")
        assert cell(screen) == ("kube-system", "ingress-system")
        assert "kube-system → ingress-system: open on every port" in driver.text
        await driver.press("home")
        assert cell(screen) == ("outside", "outside")
        await driver.press("end")
        assert cell(screen) == ("shop", "shop")


@pytest.mark.parametrize("size", SIZES)
async def test_enter_goes_down_to_workloads_and_to_what_decides_and_escape_back(
    size: tuple[int, int],
) -> None:
    async with explorer(size=size) as driver:
        await driver.choose("shop/cart-redis")
        screen = await opened(driver)
        await driver.press("enter")
        assert "shop → shop" in driver.text
        await driver.press("right")
        assert "shop/cart → shop/cart-redis: TCP 6379." in driver.text
        await driver.press("enter")
        assert isinstance(driver.app.screen, ExplanationScreen)
        assert "Allowed: TCP 6379" in driver.text
        assert "cart-to-redis" in driver.text
        await driver.press("escape")
        assert driver.app.screen is screen
        assert cell(screen) == ("cart", "cart-redis")
        await driver.press("escape")
        assert cell(screen) == ("shop", "shop")
        await driver.press("escape")
        assert isinstance(driver.app.screen, ExplorerScreen)


async def test_a_link_of_an_explanation_leads_into_the_explorer() -> None:
    async with explorer() as driver:
        await driver.choose("shop/cart-redis")
        await opened(driver)
        await driver.press("enter", "right", "enter", "enter")
        assert isinstance(driver.app.screen, ExplorerScreen)
        assert detail_title(driver) == "NetworkPolicy shop/cart-to-redis"
        assert "app: cart-redis" in driver.text, "the rule in its manifest"


@pytest.mark.parametrize("keys", [("t",), ("enter", "t")], ids=["of the cell", "of what decides"])
async def test_a_cell_of_workloads_is_traced(keys: tuple[str, ...]) -> None:
    async with explorer() as driver:
        await driver.choose("shop/cart-redis")
        await opened(driver)
        await driver.press("t")
        assert "enter shows those of the namespaces" in told(driver)[0]
        await driver.press("enter", "right", *keys)
        await answered(driver)
        assert [end.rpartition("-")[0] for end in asked(driver)[:2]] == [
            "shop/cart-84c7d5f6b9",
            "shop/cart-redis",
        ]
        assert asked(driver)[2] == "TCP 6379"
        assert "✓ Allowed" in driver.text
        await driver.press("left_square_bracket")
        assert isinstance(driver.app.screen, ExplorerScreen)


async def test_the_outside_is_the_end_that_a_trace_asks_for() -> None:
    async with explorer() as driver:
        await driver.choose("default/backend-1")
        await opened(driver)
        await driver.press("up", "enter", "t")
        source, destination, _ = asked(driver)
        assert source == ""
        assert destination.startswith("default/")


async def test_a_filter_narrows_sources_and_destinations() -> None:
    async with explorer() as driver:
        screen = await opened(driver)
        await driver.press("slash")
        assert "sources > destinations" in driver.text
        await driver.type("pay > kube")
        await driver.press("enter")
        assert cell(screen) == ("payments", "kube-system")
        assert "1 of 7 sources × 1 of 7 destinations" in driver.text
        await driver.press("enter")
        assert "payments → kube-system" in driver.text
        assert "pay > kube" not in driver.text
        await driver.press("escape")
        assert "pay > kube" in driver.text
        await driver.press("escape")
        assert "7 sources × 7 destinations" in driver.text
        await driver.press("slash")
        await driver.type("nowhere")
        await driver.press("enter", "enter", "down")
        assert "nothing matches" in driver.text
        await driver.press("slash", "escape")
        assert "7 sources" in driver.text
        assert isinstance(driver.app.screen, MatrixScreen)


async def test_the_grid_is_copied_as_markdown(monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    async with explorer() as driver:
        await opened(driver)
        monkeypatch.setattr(driver.app, "copy_to_clipboard", copied.append)
        await driver.press("c")
        assert told(driver)[0].startswith("Connectivity: namespaces: sent as Markdown")
    [text] = copied
    assert text.startswith("# Connectivity: namespaces")
    assert "| kube\\-system |" in text or "| kube-system |" in text


async def test_a_picture_is_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with explorer() as driver:
        await opened(driver)
        await driver.press("ctrl+s")
    assert [path.name for path in tmp_path.iterdir()] == ["netpol-tui-matrix-namespaces.svg"]


async def test_help_and_m_work_as_everywhere() -> None:
    async with explorer() as driver:
        await opened(driver)
        await driver.press("question_mark")
        assert "move from cell to cell" in driver.text
        await driver.press("escape")
        assert isinstance(driver.app.screen, MatrixScreen)
        await driver.press("m")
        assert isinstance(driver.app.screen, ExplorerScreen)


async def test_a_click_moves_to_a_cell_and_a_second_one_opens_it() -> None:
    async with explorer() as driver:
        screen = await opened(driver)
        lines = driver.text.splitlines()
        y = next(at for at, line in enumerate(lines) if line.lstrip(" ▸").startswith("monitoring"))
        x = lines[2].index("payments")
        await driver.pilot.click(offset=(x, y))
        await driver.pilot.pause()
        assert cell(screen) == ("monitoring", "payments")
        await driver.pilot.click(offset=(x, y))
        await driver.pilot.pause()
        assert "monitoring → payments" in driver.text.splitlines()[0]


async def test_many_workloads_scroll_both_ways_with_their_names_in_sight(tmp_path: Path) -> None:
    (tmp_path / "many.yaml").write_text(
        "".join(pod(f"p{n:03}", f"10.0.{n >> 8}.{n & 255}", app=f"a{n}") for n in range(300))
        + policy(
            "p",
            "{podSelector: {matchExpressions: [{key: app, operator: Exists}]}, ingress: [{ports: [{port: 80}]}]}",
        )
        + "".join(policy(f"q{n}", f"{{podSelector: {{matchLabels: {{app: a{n}}}}}}}") for n in range(300))
    )
    async with explorer(tmp_path, size=(80, 24)) as driver:
        screen = await opened(driver)
        assert "x → x" in driver.text, "of one namespace alone the workloads are shown at once"
        await driver.press("end")
        assert cell(screen) == ("p299", "p299")
        rows = driver.text.splitlines()
        assert "p299" in rows[2]
        assert any(row.startswith(" ▸ p299") and "[—]" in row for row in rows)
        await driver.press("home")
        assert cell(screen) == ("p000", "p000")
        await driver.press("pagedown", "ctrl+right")
        assert cell(screen)[0] > "p010"
        assert cell(screen)[1] > "p003"


async def test_nothing_to_show_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n")
    async with explorer(tmp_path) as driver:
        screen = await opened(driver)
        assert cell(screen) == ("outside", "outside")
        await driver.press("enter", "down", "right", "c")
        assert isinstance(driver.app.screen, MatrixScreen)
