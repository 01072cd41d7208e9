"""What a person does and sees in a trace."""

from __future__ import annotations

from collections.abc import Iterable

from tests.pilot.explorer import Driver
from tests.pilot.explorer import answered as settled
from tui.question import Field
from tui.screens.trace import TraceScreen
from tui.widgets.form_field import FormField

__all__ = [
    "answered",
    "asked",
    "click_on",
    "error",
    "field",
    "in_trace",
    "keyboard",
    "said",
    "trace",
    "typed",
]


async def answered(driver: Driver) -> None:
    """Until what was asked last has been answered, and the answer is shown."""
    await settled(driver.app, driver.pilot)


async def typed(driver: Driver, text: str, *keys: str) -> None:
    await driver.type(text)
    await driver.press(*keys)
    await answered(driver)


async def trace(driver: Driver, name: str, ends: Iterable[str] = (), pane: str = "2") -> None:
    """Open the trace of what has ``name`` in a list, and choose further ``ends`` by name."""
    await driver.choose(name, pane=pane)
    await driver.press("t")
    for end in ends:
        await typed(driver, end, "enter")
    await answered(driver)


def in_trace(driver: Driver) -> bool:
    return isinstance(driver.app.screen, TraceScreen)


def field(driver: Driver, which: str) -> FormField:
    return driver.app.screen.query_one(f"#field-{which}", FormField)


def asked(driver: Driver) -> tuple[str, ...]:
    """What stands in the fields."""
    return tuple(field(driver, which).text for which in Field)


def error(driver: Driver, which: str) -> str:
    """What is said to be wrong with a field, as it is on screen; empty if nothing is."""
    widget = field(driver, which)
    shown = widget.query_one(".error")
    if not shown.display:
        return ""
    lines = driver.text.splitlines()[shown.region.y : shown.region.bottom]
    return " ".join(line[shown.region.x : shown.region.right].strip() for line in lines)


def keyboard(driver: Driver) -> str:
    """The field that has the keyboard, else ``path``."""
    return next((which for which in Field if field(driver, which).has_focus_within), "path")


def said(driver: Driver) -> str:
    """All that is on screen, however it is wrapped."""
    return " ".join(word for line in driver.text.splitlines() for word in line.strip("│┊├▌ ").split())


async def click_on(driver: Driver, text: str) -> None:
    """Click the middle of the first place where ``text`` is on screen."""
    for y, line in enumerate(driver.text.splitlines()):
        if text in line:
            await driver.pilot.click(offset=(line.index(text) + len(text) // 2, y))
            await answered(driver)
            return
    raise AssertionError(f"no {text} in {driver.text}")
