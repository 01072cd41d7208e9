"""Work in a thread of its own beside the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.message import Message
from textual.screen import Screen

__all__ = ["work_aside"]


def work_aside(
    screen: Screen[Any],
    work: Callable[[], object],
    group: str,
    description: str,
    exclusive: bool = False,
    done: Message | None = None,
) -> None:
    """``done`` is posted to the screen afterwards. Without a description Textual would make one, the text of
    all that was handed over: it takes seconds.

    What ``work`` holds is let go of once it is done. Textual's workers are in cycles, and with them whole
    clusters that nobody looks at any more would wait for the garbage collector.
    """
    held = [work]

    def once() -> None:
        held.pop()()
        if done is not None:
            screen.post_message(done)

    screen.run_worker(once, thread=True, group=group, description=description, exclusive=exclusive)
