"""How long each turn of the event loop takes: whatever takes longer holds up the keys and the screen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

__all__ = ["watch"]


def watch(tell: Callable[[float, float, str], object], least: float) -> None:
    """From now on ``tell`` when a turn began (by time.perf_counter()), how many milliseconds of the processor
    it took, and what was run, of every turn that took at least ``least`` of them."""
    run = asyncio.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        began, worked = time.perf_counter(), time.thread_time()
        run(handle)
        took = (time.thread_time() - worked) * 1000
        if took >= least:
            tell(began, took, _name(handle))

    asyncio.Handle._run = timed  # type: ignore[method-assign]


def _name(handle: Any) -> str:
    """The task that was resumed, else the function that was called."""
    task = getattr(handle._callback, "__self__", None)
    if isinstance(task, asyncio.Task):
        return task.get_name()
    return str(getattr(handle._callback, "__qualname__", handle._callback))
