"""When everything is gone through for garbage."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable

import pytest

from tui import tidying
from tui.tidying import Tidying, keep


class _Knot:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def collected(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, float], bool]:
    """Whether a look so many rounds after the last time, and so long after a key, collects what is in a
    cycle."""
    now = 1_000.0
    monkeypatch.setattr(tidying.time, "monotonic", lambda: now)

    def collected(rounds: int, resting: float) -> bool:
        nonlocal now
        its = Tidying()
        its.key_pressed()
        now += resting
        monkeypatch.setattr(gc, "get_count", lambda: (0, 0, rounds))
        knot = weakref.ref(_Knot())
        gc.disable()
        try:
            its.look()
            return knot() is None
        finally:
            gc.enable()

    return collected


def test_of_a_large_cluster_that_waits_until_nobody_presses_a_key(
    collected: Callable[[int, float], bool],
) -> None:
    keep()
    assert collected(150, 5.0)
    assert not collected(150, 0.5)
    assert not collected(50, 5.0)  # not worth it yet
    assert collected(5_000, 0.5)  # too much by now


def test_of_a_small_one_python_goes_through_everything_itself(
    collected: Callable[[int, float], bool],
) -> None:
    assert not collected(5_000, 5.0)
