"""The garbage collector where there is much that it would have to go through."""

from __future__ import annotations

import gc
import time

__all__ = ["Tidying", "keep"]

_THRESHOLDS = (2_000, 10, 1_000_000)
"""The first is higher than usual, since the parts of a page are many objects, and hardly any is in a cycle.
By the last everything is never gone through of itself."""
_ENOUGH, _TOO_MUCH = 100, 500
"""So many times what is young was gone through since everything was: then it is time for that when nobody is
waiting, and then in any case."""
_RESTING = 3.0
"""Seconds after a key in which the next one is likely to come."""


def keep() -> None:
    """All that there is by now stays until the end, and is never gone through. What comes later is gone
    through when :class:`Tidying` says so, all but the youngest."""
    gc.freeze()
    gc.collect()  # of nothing: so that it is known that there is nothing
    gc.set_threshold(*_THRESHOLDS)


class Tidying:
    """Only Textual's own objects are in cycles, a few megabytes in a minute of keys. But to look for them
    among all that has come of a large cluster takes a second or two, in which no key would be answered: that
    is done while nobody presses any."""

    def __init__(self) -> None:
        self._last_key = time.monotonic()

    def key_pressed(self) -> None:
        self._last_key = time.monotonic()

    def look(self) -> None:
        """Go through everything if it is time; to be called every now and then."""
        if gc.get_threshold() == _THRESHOLDS and self._is_time():
            gc.collect()

    def _is_time(self) -> bool:
        rounds = gc.get_count()[2]
        resting = time.monotonic() - self._last_key > _RESTING
        return rounds > _TOO_MUCH or (rounds > _ENOUGH and resting)
