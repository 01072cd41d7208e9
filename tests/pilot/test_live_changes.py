"""What changes in a cluster changes on the screen, and nothing else does."""

from __future__ import annotations

import time
from typing import Any

import pytest
from textual.widgets import Input

from policy_core.model import Pod
from tests.clusters import namespace, pod, policy, service
from tests.pilot.explorer import answered
from tests.pilot.live import NOW, LiveDriver, Opened
from tests.pilot.looking import cursor, detail_title, has_keyboard, listed, pane, told
from tests.pilot.tracing import said
from tui.catalogue import Pane
from tui.screens.matrix import MatrixScreen
from tui.widgets.banner import Banner
from tui.widgets.document_view import DocumentView
from tui.widgets.resource_pane import ResourcePane

sizes = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])


def at(seconds: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(seconds))


def cluster(*pods: str, more: str = "") -> str:
    """Pods of the namespace x, whatever order they are in. One that is appended leaves the lines of the
    others where they are."""
    return namespace("x") + more + "".join(pod(name, _address(name), app=name) for name in pods)


def _address(name: str) -> str:
    return f"10.0.{len(name)}.{sum(map(ord, name)) % 256}"


def signs(driver: LiveDriver, which: Pane = Pane.PODS) -> dict[str, str]:
    """What stands in the gutter before each name on screen."""
    table = pane(driver, which).table
    lines = [table.render_line(y).text for y in range(1, table.size.height)]
    return {line[3:].split()[0]: line[:3] for line in lines if line[3:].strip()}


def note(driver: LiveDriver) -> str:
    """What is said above the details."""
    shown = driver.screen.query_one("#detail Banner", Banner)
    return str(shown.content) if shown.display and shown.region.area else ""


# The selection ------------------------------------------------------------------------------------------


@sizes
async def test_the_cursor_stays_on_its_pod_when_rows_come_above_it(
    opened: Opened, size: tuple[int, int]
) -> None:
    async with opened(cluster("mm", "nn", "oo"), size=size) as driver:
        await driver.press("down")
        await driver.shows(cluster("mm", "nn", "oo", "aa", "bb"))
        assert cursor(driver, Pane.PODS) == "x/nn"
        assert detail_title(driver) == "Pod x/nn"
        assert signs(driver)["nn"] == "▸  "


async def test_a_cursor_far_down_keeps_its_line_of_the_screen(opened: Opened) -> None:
    names = [f"m{number:03}" for number in range(100)]
    async with opened(cluster(*names)) as driver:
        await driver.press("pagedown", "pagedown", "pagedown")
        table, here = pane(driver, Pane.PODS).table, cursor(driver, Pane.PODS)
        before = [table.render_line(y).text for y in range(1, table.size.height)]
        await driver.shows(cluster(*names, *[f"a{number}" for number in range(9)]))
        assert cursor(driver, Pane.PODS) == here
        after = [table.render_line(y).text for y in range(1, table.size.height)]
        assert [line.split()[0:2] for line in after] == [line.split()[0:2] for line in before]


async def test_everything_that_was_set_survives(opened: Opened) -> None:
    more = service("web", "{selector: {app: nn}, ports: [{port: 80}]}") + policy("p", "{podSelector: {}}")
    async with opened(cluster("mm", "nn", "oo", more=more)) as driver:
        await driver.press("s", "S")
        await driver.choose("x/")
        await driver.press("down", "enter", "v", "z")
        place = driver.screen.state.place  # type: ignore[union-attr]
        await driver.shows(cluster("aa", "mm", "nn", "oo", more=more))
        state = driver.screen.state
        assert state is not None
        assert state.place == place
        assert state.listings[Pane.PODS].query == "x/"
        assert (state.listings[Pane.PODS].sort, state.listings[Pane.PODS].reverse) == ("name", True)
        assert listed(driver, Pane.PODS) == ["x/oo", "x/nn", "x/mm", "x/aa"]
        assert driver.screen.has_class("-zoomed")
        assert has_keyboard(driver) == "details"
        assert "kind: Pod" in driver.text


async def test_typing_in_a_filter_is_not_disturbed(opened: Opened) -> None:
    async with opened(cluster("web", "db")) as driver:
        await driver.press("slash")
        await driver.type("we")
        await driver.shows(cluster("web", "db", "a-web"))
        await driver.type("b")
        assert pane(driver, Pane.PODS).query_one(Input).value == "web"
        assert listed(driver, Pane.PODS) == ["x/a-web", "x/web"]
        assert cursor(driver, Pane.PODS) == "x/web"


async def test_a_cursor_in_the_details_stays_on_its_link(opened: Opened) -> None:
    rule = "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: mm}}}]}]}"
    before = policy("nn", rule) + policy("z", rule)
    async with opened(cluster("mm", "nn", more=before)) as driver:
        await driver.press("enter", "end", "up")
        view = driver.screen.query_one(DocumentView)
        link, line = view._stop.link, view._stop.line - view.scroll_offset.y  # type: ignore[union-attr]
        await driver.shows(cluster("mm", "nn", more=policy("aa", rule) + before))
        assert view._stop is not None
        assert view._stop.link == link
        assert view._stop.line - view.scroll_offset.y == line


async def test_details_that_say_the_same_are_not_drawn_again(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(cluster("mm", "nn")) as driver:
        drawn: list[object] = []
        monkeypatch.setattr(DocumentView, "_lay_out", drawn.append)
        await driver.shows(cluster("mm", "nn", "oo"))
        assert "x/oo" in listed(driver, Pane.PODS)
        assert drawn == []


async def test_lists_of_which_nothing_changed_are_left_alone(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(cluster("mm", more=service("s", "{ports: [{port: 1}]}"))) as driver:
        renewed: list[Pane] = []
        renew = ResourcePane.renew

        def noted(self: ResourcePane, *words: Any) -> None:
            renewed.append(self.pane)
            renew(self, *words)

        monkeypatch.setattr(ResourcePane, "renew", noted)
        await driver.shows(cluster("mm", "nn", more=service("s", "{ports: [{port: 1}]}")))
        assert renewed == [Pane.NAMESPACES, Pane.PODS]


# What goes away -------------------------------------------------------------------------------------------


@sizes
async def test_a_pod_that_goes_away_leaves_its_page_and_the_page_says_so(
    opened: Opened, size: tuple[int, int]
) -> None:
    async with opened(cluster("mm", "nn", "oo"), size=size) as driver:
        await driver.press("down")
        driver.now += 5
        await driver.shows(cluster("mm", "oo"))
        assert detail_title(driver) == "Pod x/nn"
        text = note(driver)
        assert f"Pod x/nn is gone since {at(NOW + 5)}: this is the last that was known of it" in text
        assert "PERMISSION" in driver.text
        assert not any("▸" in sign for sign in signs(driver).values()), "it is on none of the others"


@pytest.mark.parametrize(
    ("gone", "key", "then"),
    [("nn", "down", "oo"), ("nn", "up", "mm"), ("oo", "down", "nn"), ("oo", "up", "nn"), ("mm", "up", "nn")],
)
async def test_the_next_key_goes_to_a_neighbour_of_what_is_gone(
    opened: Opened, gone: str, key: str, then: str
) -> None:
    every = ["mm", "nn", "oo"]
    async with opened(cluster(*every)) as driver:
        await driver.press(*["down"] * every.index(gone))
        await driver.shows(cluster(*(name for name in every if name != gone)))
        assert detail_title(driver) == f"Pod x/{gone}"
        await driver.press(key)
        assert cursor(driver, Pane.PODS) == f"x/{then}"
        assert detail_title(driver) == f"Pod x/{then}"
        assert "is gone" not in driver.text


async def test_what_is_gone_can_still_be_read(opened: Opened) -> None:
    async with opened(cluster("mm", "nn")) as driver:
        await driver.shows(cluster("nn"))
        await driver.press("enter", "v")
        assert detail_title(driver) == "Pod x/mm"
        assert "name: mm" in driver.text
        await driver.press("escape", "escape", "2")
        assert detail_title(driver) == "Pod x/mm"


async def test_a_pod_of_the_same_name_makes_the_page_live_again(opened: Opened) -> None:
    async with opened(cluster("mm", "nn", "oo")) as driver:
        await driver.press("down")
        await driver.shows(cluster("mm", "oo"))
        assert "is gone" in driver.text
        await driver.shows(cluster("mm", "oo", "nn").replace(_address("nn"), "10.9.9.9"))
        assert "is gone" not in driver.text
        assert cursor(driver, Pane.PODS) == "x/nn"
        assert signs(driver)["nn"] == "▸ +"
        assert "10.9.9.9" in driver.text, "the address that it has now"


async def test_history_says_what_is_gone_and_goes_on(opened: Opened) -> None:
    more = service("s", "{selector: {app: mm}, ports: [{port: 80}]}")
    async with opened(cluster("mm", "nn", more=more)) as driver:
        await driver.press("3", "4", "2", "down")
        await driver.press("3")
        driver.now += 3
        await driver.shows(cluster("mm", more=more))
        await driver.press("[")
        assert f"Pod x/nn is gone since {at(NOW + 3)}" in told(driver)
        assert detail_title(driver) == "Service x/s"


async def test_a_namespace_in_scope_that_goes_away_is_said_and_comes_back(opened: Opened) -> None:
    other = pod("p", namespace="yy")
    async with opened(cluster("mm", more=other)) as driver:
        await driver.press("n")
        await driver.shows(namespace("yy") + other)
        since = at(NOW)
        assert f"namespace x is gone since {since}" in told(driver)[-1]
        assert "› x (gone)" in driver.text
        assert f"namespace x is gone since {since}" in driver.text
        assert listed(driver, Pane.PODS) == []
        await driver.shows(cluster("mm", more=other))
        assert listed(driver, Pane.PODS) == ["x/mm"]
        assert "(gone)" not in driver.text
        await driver.shows(namespace("yy") + other)
        await driver.press("escape")
        assert listed(driver, Pane.PODS) == ["yy/p"]


# Marks ----------------------------------------------------------------------------------------------------


@sizes
async def test_new_and_changed_rows_are_marked_for_a_moment(opened: Opened, size: tuple[int, int]) -> None:
    async with opened(cluster("mm", "nn"), size=size) as driver:
        assert {sign[2] for sign in signs(driver).values()} == {" "}
        await driver.shows(cluster("mm", "nn", "oo").replace("app: 'nn'", "app: 'else'"))
        assert {name: sign[2] for name, sign in signs(driver).items()} == {"mm": " ", "nn": "~", "oo": "+"}
        driver.now += 2.1
        driver.live_screen._unmark()
        assert {sign[2] for sign in signs(driver).values()} == {" "}


async def test_one_timer_takes_all_marks_away_and_none_runs_while_nothing_changes(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(cluster("mm")) as driver:
        timers: list[float] = []
        monkeypatch.setattr(driver.live_screen, "set_timer", lambda after, *_: timers.append(after))
        await driver.shows(cluster("mm"))
        assert timers == []
        await driver.shows(cluster("mm", "nn"))
        await driver.shows(cluster("mm", "nn", "oo"))
        assert len(timers) == 1
        driver.now += 3
        driver.live_screen._unmark()
        assert len(timers) == 1


async def test_a_burst_marks_nothing(opened: Opened) -> None:
    async with opened(cluster("mm")) as driver:
        await driver.shows(cluster("mm", *(f"n{number}" for number in range(201))))
        assert len(listed(driver, Pane.PODS)) == 202
        assert {sign[2] for sign in signs(driver).values()} == {" "}


# Other screens --------------------------------------------------------------------------------------------


async def settled(driver: LiveDriver) -> None:
    while any(worker.group == "renewal" and not worker.is_finished for worker in driver.app.workers):
        await driver.pilot.pause(0.01)
    await answered(driver.app, driver.pilot)


@sizes
async def test_a_trace_is_asked_again_and_says_when_an_end_is_gone(
    opened: Opened, size: tuple[int, int]
) -> None:
    async with opened(cluster("mm", "nn"), size=size) as driver:
        await driver.press("t")
        await driver.type("x/nn")
        await driver.press("enter")
        await driver.type("80")
        await settled(driver)
        assert "✓ Allowed." in driver.text
        await driver.shows(
            cluster("mm", "nn", more=policy("deny", "{podSelector: {matchLabels: {app: nn}}}"))
        )
        await settled(driver)
        assert "✗ Denied" in driver.text
        driver.now += 9
        await driver.shows(cluster("mm"))
        await settled(driver)
        assert f"x/nn is gone since {at(NOW + 9)}" in " ".join(driver.text.split())
        assert "✗ Denied" in driver.text, "the last that was known"
        await driver.shows(cluster("mm", "nn"))
        await settled(driver)
        assert "is gone" not in driver.text
        assert "✓ Allowed." in said(driver)


async def test_choosing_an_end_is_not_disturbed(opened: Opened) -> None:
    async with opened(cluster("mm", "nn")) as driver:
        await driver.press("t")
        await driver.type("x/")
        await driver.shows(cluster("mm", "nn", "oo"))
        await settled(driver)
        await driver.type("oo")
        assert "To 1/" in driver.text
        await driver.press("enter")
        assert driver.app.screen.question.destination == "x/oo"  # type: ignore[attr-defined]


async def matrix(driver: LiveDriver) -> MatrixScreen:
    screen = driver.app.screen
    assert isinstance(screen, MatrixScreen)
    for _ in range(500):
        if screen.state is not None and not screen._work.busy:
            break
        await driver.pilot.pause(0.01)
    await driver.pilot.pause()
    return screen


async def test_the_matrix_follows_and_stays_where_it_was(opened: Opened) -> None:
    other = pod("p", "10.1.0.1", namespace="yy")
    only = "{podSelector: {matchLabels: {app: nn}}, ingress: [{ports: [{port: 80}]}]}"
    async with opened(cluster("mm", "nn", more=other + policy("only", only))) as driver:
        await driver.press("m")
        await matrix(driver)
        await driver.press("enter", "right")
        assert "x/mm → x/nn: TCP 80." in driver.text
        closed = policy("deny", "{podSelector: {matchLabels: {app: nn}}}")
        await driver.shows(cluster("aa", "mm", "nn", more=other + closed))
        await matrix(driver)
        assert "x/mm → x/nn: nothing" in driver.text
        await driver.shows(other)
        await matrix(driver)
        assert "x → x: no pods are left there" in told(driver)
        assert "↵ shows the workloads" in driver.text or "namespaces" in driver.text


async def test_nothing_is_asked_again_while_no_such_screen_is_open(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(cluster("mm", "nn")) as driver:
        await driver.press("m")
        await matrix(driver)
        await driver.press("m")
        asked: list[object] = []
        monkeypatch.setattr(MatrixScreen, "renew", lambda *_: asked.append(1))
        await driver.shows(cluster("mm"))
        assert asked == []


async def test_what_is_worked_out_aside_is_not_spelled_out_for_it(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Textual describes a worker by the text of all that it is given, which of a large cluster takes seconds."""

    def spelled_out(self: object) -> str:
        raise AssertionError("nobody reads this")

    async with opened(cluster("mm", "nn")) as driver:
        monkeypatch.setattr(Pod, "__repr__", spelled_out)
        await driver.shows(cluster("mm", "nn", "oo"))
        await driver.press("m")
        await driver.shows(cluster("mm", "nn", "oo", "pp"))
        await driver.press("m")
        await driver.press("t")
        await driver.shows(cluster("mm", "nn"))
        assert driver.app.is_running
