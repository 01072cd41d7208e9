"""The tab bar: one line, whatever the width."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from tests.pilot.harness import open_harness
from tui.widgets.tab_bar import TabBar

TABS = (("ns", "1 Namespaces 7"), ("pods", "2 Pods 31"), ("svc", "3 Services 18"))


async def test_active_tab_stands_in_brackets() -> None:
    bar = TabBar(*TABS)
    async with open_harness(bar) as (app, _):
        assert app.lines() == ["[1 Namespaces 7] 2 Pods 31  3 Services 18"]
        bar.activate("svc")
        assert (bar.active, app.lines()) == ("svc", [" 1 Namespaces 7  2 Pods 31 [3 Services 18]"])
        assert app.messages == []


async def test_label_can_change() -> None:
    bar = TabBar(*TABS)
    async with open_harness(bar) as (app, _):
        bar.set_label("pods", "2 Pods 5/31")
        assert "2 Pods 5/31" in app.lines()[0]


@pytest.mark.parametrize("method", ["activate", "set_label"])
async def test_unknown_key_is_an_error(method: str) -> None:
    bar = TabBar(*TABS)
    async with open_harness(bar):
        with pytest.raises(KeyError):
            getattr(bar, method)(*["nobody", "x"][: 1 + (method == "set_label")])


@pytest.mark.parametrize(
    ("width", "text"),
    [
        (42, "[1 Namespaces 7] 2 Pods 31  3 Services 18"),
        (34, "[1 Namespa…] 2 Pods 31  3 Servic…"),
        (20, "[1 Na…] 2 Po…  3 S…"),
        (9, "[…] …  …"),
    ],
)
async def test_long_labels_are_shortened_first(width: int, text: str) -> None:
    bar = TabBar(*TABS)
    async with open_harness(bar, size=(width, 3)) as (app, _):
        assert app.lines() == [text]
        assert cell_len(bar.render_line(0).text) == width


@pytest.mark.parametrize("key", [key for key, _ in TABS])
@pytest.mark.parametrize("width", [60, 25])
async def test_click_activates_and_is_told(key: str, width: int) -> None:
    bar = TabBar(*TABS)
    bar.styles.padding = (0, 1)
    async with open_harness(bar, size=(width, 3)) as (app, pilot):
        number = dict(TABS)[key][0]
        await pilot.click(bar, offset=(1 + app.lines()[0].index(f"{number} "), 0))
        assert bar.active == key
        (message,) = app.said(TabBar.Activated)
        assert (message.key, message.control) == (key, bar)


async def test_click_beside_the_tabs_does_nothing() -> None:
    bar = TabBar(*TABS)
    async with open_harness(bar) as (app, pilot):
        await pilot.click(bar, offset=(55, 0))
        assert app.messages == []


@pytest.mark.parametrize(
    ("label", "shown"), [("[b]x[/]", "[b]x[/]"), ("\x1b[1m", r"\x1b[1m"), ("漢字", "漢字")]
)
async def test_labels_are_text(label: str, shown: str) -> None:
    async with open_harness(TabBar(("a", "A"), ("b", label))) as (app, _):
        assert app.lines() == [f"[A] {shown}"]


async def test_without_colour_the_active_tab_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with open_harness(TabBar(*TABS)) as (app, _):
        assert app.no_color
        assert app.lines()[0].startswith("[1 Namespaces 7]")
