"""What a person sees in a part of the explorer."""

from __future__ import annotations

from policy_core.model import Ref
from tests.pilot.explorer import Driver
from tui.catalogue import Pane
from tui.widgets.resource_pane import ResourcePane

__all__ = ["cursor", "detail_title", "has_keyboard", "listed", "marked", "objects", "pane", "title", "told"]


def pane(driver: Driver, which: Pane) -> ResourcePane:
    return driver.screen.query_one(f"#pane-{which}", ResourcePane)


def _refs(driver: Driver, which: Pane) -> list[Ref]:
    table = pane(driver, which).table
    return [table._rows[index].ref for index in table._order]


def listed(driver: Driver, which: Pane) -> list[str]:
    """``namespace/name`` of every row, in order; the row for all namespaces is empty."""
    return [ref.path for ref in _refs(driver, which)]


def objects(driver: Driver, which: Pane) -> list[str]:
    """Like ``listed``, without the row for all namespaces, which is no object and is not counted."""
    return [path for path in listed(driver, which) if path]


def marked(driver: Driver, which: Pane) -> set[str]:
    """What has the mark; it is always on top."""
    return set(listed(driver, which)[: pane(driver, which).table._marked])


def cursor(driver: Driver, which: Pane) -> str:
    row = pane(driver, which).current
    return "" if row is None else row.ref.path


def title(driver: Driver, which: Pane) -> str:
    return str(pane(driver, which).border_title)


def detail_title(driver: Driver) -> str:
    return str(driver.screen.query_one("#detail").border_title)


def has_keyboard(driver: Driver) -> str:
    """The list that has the keyboard by its name, else ``details``."""
    for which in Pane:
        if pane(driver, which).has_focus_within:
            return which.value
    return "details" if driver.screen.query_one("#detail").has_focus_within else ""


def told(driver: Driver) -> list[str]:
    """The messages that are on screen for a while: toasts, whose words wrap."""
    return [notification.message for notification in driver.app._notifications]
