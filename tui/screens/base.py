"""What every screen of the program that fills the terminal can do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar, runtime_checkable

from textual.notifications import SeverityLevel
from textual.screen import Screen

from policy_core.printable import printable
from tui.actions import Action
from tui.catalogue import Catalogue
from tui.freshness import Freshness
from tui.pictures import picture_name
from tui.terminal import clipboard_caveat

__all__ = ["BaseScreen", "FollowsCluster", "uncovered"]

ResultT = TypeVar("ResultT")


@runtime_checkable
class FollowsCluster(Protocol):
    """A screen that lies over the explorer and shows what a live cluster is like."""

    def renew(self, catalogue: Catalogue, now: float) -> None:
        """The cluster is like this at ``now``, in seconds as time.time() counts them."""

    def tell_freshness(self, freshness: Freshness) -> None:
        """So fresh is what is shown. It may come before the screen is on the terminal."""


class BaseScreen(Screen[ResultT]):
    """Keeps what is on screen, and leads to the help, the palette and out of the program."""

    OWN: ClassVar[tuple[Action, ...]] = ()
    """What can be done here."""
    HELP_FIRST: ClassVar[str] = ""
    """The group of actions that the help page tells first."""

    def picture_title(self) -> str:
        """What a picture of the screen shows."""
        raise NotImplementedError

    def tell(self, text: str, severity: SeverityLevel = "information") -> None:
        """Names are untrusted: neither markup nor anything that drives the terminal."""
        self.notify(printable(text), severity=severity, markup=False, timeout=4)

    def copy_markdown(self, title: str, text: str) -> None:
        self.app.copy_to_clipboard(text)
        self.tell(f"{title}: sent as Markdown to your terminal's clipboard{clipboard_caveat()}")

    def action_picture(self) -> None:
        try:
            path = self.app.save_screenshot(picture_name(self.picture_title()), path=".")
        except OSError as error:
            self.tell(f"the picture could not be saved: {error}", "error")
        else:
            self.tell(f"saved {Path(path).resolve()}")

    def action_help(self) -> None:
        from tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(first=self.HELP_FIRST))

    def action_command_palette(self) -> None:
        self.app.action_command_palette()

    def action_focus_next(self) -> None:
        self.focus_next()

    def action_focus_previous(self) -> None:
        self.focus_previous()

    def action_quit(self) -> None:
        self.app.exit()


async def uncovered(screen: Screen[Any], act: Callable[[], Awaitable[object] | object]) -> None:
    """What an action does is to be seen: leave whatever lies over the screen, then act."""
    while screen.app.screen is not screen:
        await screen.app.screen.dismiss()
    done = act()
    if isinstance(done, Awaitable):
        await done
