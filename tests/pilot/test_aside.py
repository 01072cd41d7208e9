"""Work beside the screen lets go of what it was about."""

from __future__ import annotations

import gc
import weakref

from textual.app import App
from textual.screen import Screen

from tui.screens.aside import work_aside


class _Cluster:
    pass


async def test_what_was_worked_on_waits_for_no_garbage_collector() -> None:
    app: App[None] = App()
    async with app.run_test() as pilot:
        screen: Screen[None] = Screen()
        await app.push_screen(screen)
        cluster, seen = _Cluster(), []

        def work(about: _Cluster = cluster) -> None:
            seen.append(type(about))

        left = weakref.ref(cluster)
        gc.collect()
        gc.disable()
        try:
            work_aside(screen, work, "tests", "a test")
            del work, cluster
            await app.workers.wait_for_complete()
            await pilot.pause()
            assert seen == [_Cluster]
            assert left() is None
        finally:
            gc.enable()
