"""Where the lists of a changed cluster take long to work out, that is done aside, and nothing else changes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from tests.clusters import namespace, pod
from tests.pilot.live import LiveDriver, Opened, health
from tests.pilot.looking import cursor, listed
from tui.catalogue import Pane
from tui.screens.coming import Coming
from tui.state import ExplorerState


class Gate:
    """Whatever is prepared for what comes waits until it is opened."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.begun = threading.Event()
        self.prepared = 0

    def works(self, work: Callable[[], None]) -> Callable[[], None]:
        def waiting() -> None:
            self.begun.set()
            assert self.opened.wait(30)
            self.prepared += 1
            work()

        return waiting


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Every catalogue whose lists are not known yet is prepared aside, however small it is."""
    found = Gate()
    preparation, init = ExplorerState.preparation, Coming.__init__

    def gated(state, sort_key, most, ahead=None):  # type: ignore[no-untyped-def]
        work = preparation(state, sort_key, most, ahead)
        return found.works(work) if work is not None and ahead is not None else work

    monkeypatch.setattr(ExplorerState, "preparation", gated)
    monkeypatch.setattr(Coming, "__init__", lambda self, screen, _, show: init(self, screen, 0, show))
    yield found
    found.opened.set()


def cluster(*names: str) -> str:
    return namespace("x") + "".join(pod(name, f"10.0.0.{n}", app=name) for n, name in enumerate(names, 1))


async def arrives(driver: LiveDriver) -> None:
    while any(worker.group == "coming" and not worker.is_finished for worker in driver.app.workers):
        await driver.pilot.pause(0.01)
    for _ in range(3):
        await driver.pilot.pause()


async def filtered(driver: LiveDriver, words: str) -> None:
    await driver.press("2", "slash")
    await driver.type(words)
    await driver.press("enter")


async def test_a_filter_holds_for_what_comes(opened: Opened, gate: Gate) -> None:
    gate.opened.set()
    async with opened(cluster("m1", "n1")) as driver:
        await filtered(driver, "m")
        await driver.shows(cluster("m1", "m2", "n1", "n2"))
        await arrives(driver)
        assert gate.prepared == 1
        assert listed(driver, Pane.PODS) == ["x/m1", "x/m2"]
        assert cursor(driver, Pane.PODS) == "x/m1"


async def test_keys_go_on_meanwhile(opened: Opened, gate: Gate) -> None:
    async with opened(cluster("m1", "m2", "n1")) as driver:
        await filtered(driver, "m")
        await driver.shows(cluster("m0", "m1", "m2", "n1"))
        assert gate.begun.wait(30)
        assert listed(driver, Pane.PODS) == ["x/m1", "x/m2"]
        await driver.press("down")
        assert cursor(driver, Pane.PODS) == "x/m2"
        gate.opened.set()
        await arrives(driver)
        assert listed(driver, Pane.PODS) == ["x/m0", "x/m1", "x/m2"]
        assert cursor(driver, Pane.PODS) == "x/m2"


async def test_what_is_typed_meanwhile_holds_too(opened: Opened, gate: Gate) -> None:
    async with opened(cluster("m1", "n1")) as driver:
        await filtered(driver, "m")
        await driver.shows(cluster("m1", "m2", "n1"))
        assert gate.begun.wait(30)
        await driver.press("slash")
        await driver.type("1")
        assert listed(driver, Pane.PODS) == ["x/m1"]
        gate.opened.set()
        await arrives(driver)
        assert listed(driver, Pane.PODS) == ["x/m1"]
        await driver.press("backspace", "enter")
        await arrives(driver)
        assert listed(driver, Pane.PODS) == ["x/m1", "x/m2"]


async def test_what_comes_meanwhile_is_shown_after_it(opened: Opened, gate: Gate) -> None:
    """All of it: m1 goes with the one that is never shown on its own, and comes to the screen as gone."""
    async with opened(cluster("m1", "m2")) as driver:
        await filtered(driver, "m")
        await driver.shows(cluster("m1", "m2", "m3"))
        assert gate.begun.wait(30)
        await driver.shows(cluster("m2", "m3"))
        await driver.shows(cluster("m2", "m3", "m4"))
        gate.opened.set()
        await arrives(driver)
        assert gate.prepared == 2
        assert listed(driver, Pane.PODS) == ["x/m2", "x/m3", "x/m4"]
        assert driver.screen.state is not None
        assert driver.screen.state.departed is not None
        assert driver.screen.state.departed.row.ref.path == "x/m1"


async def test_a_screen_that_is_stopped_stands_still(opened: Opened, gate: Gate) -> None:
    async with opened(cluster("m1"), health=health()) as driver:
        await filtered(driver, "m")
        await driver.shows(cluster("m1", "m2"))
        assert gate.begun.wait(30)
        await driver.press("p")
        gate.opened.set()
        await arrives(driver)
        assert listed(driver, Pane.PODS) == ["x/m1"]
        assert "1 changed" in driver.text
        await driver.shows(cluster("m1", "m2", "m3"))
        assert "2 changed" in driver.text
        await driver.press("p")
        await arrives(driver)
        assert listed(driver, Pane.PODS) == ["x/m1", "x/m2", "x/m3"]


async def test_what_was_coming_of_another_cluster_never_comes(opened: Opened, gate: Gate) -> None:
    async with opened(cluster("m1")) as driver:
        await filtered(driver, "m")
        await driver.shows(cluster("m1", "m2"))
        assert gate.begun.wait(30)
        driver.forget()
        await driver.shows(cluster("m9"))
        gate.opened.set()
        await arrives(driver)
        assert listed(driver, Pane.PODS) == ["x/m9"]
