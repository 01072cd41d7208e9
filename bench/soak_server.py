"""What the watches of a large cluster would bring: ``python -m bench.soak_server PODS RATE``.

A process of its own, as the server is. Prints all objects, then ``RATE`` events a second, each as a line of a
watch, until its input ends; then a bookmark with what it has done, and once more all objects as they are by
now.
"""

from __future__ import annotations

import json
import select
import sys
import time
from collections.abc import Mapping
from random import Random

from bench.feed import EVENTS, Feed

__all__ = ["WHOLE"]

WHOLE = "BOOKMARK"
"""The type of the lines behind which all objects have been told."""
_BATCHES = 20
"""In each second."""
_LATE = 1.0
"""Seconds; what should have happened before is left out."""


def main(pods: int, rate: int) -> None:
    told = 0

    def tell(type_: str, value: bytes) -> None:
        nonlocal told
        told += 1
        _say(type_, value)

    feed = Feed(pods, tell)
    _say(WHOLE, {})
    random, events = Random(1), [event for event, _ in EVENTS.values()]
    weights = [weight for _, weight in EVENTS.values()]
    told, wanted, left_out, due = 0, 0.0, 0.0, time.monotonic()
    while not select.select([sys.stdin], [], [], max(0, due - time.monotonic()))[0]:
        wanted += rate / _BATCHES
        while told < wanted:
            random.choices(events, weights)[0](feed)
        sys.stdout.buffer.flush()
        due += 1 / _BATCHES
        late = time.monotonic() - due
        if late > _LATE:
            left_out += late * rate
            due += late
    _say(WHOLE, {"watch events": told, "left out": round(left_out)})
    for text in feed.everything():
        _say("ADDED", text)
    _say(WHOLE, {})
    sys.stdout.buffer.flush()


def _say(type_: str, value: bytes | Mapping[str, int]) -> None:
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    sys.stdout.buffer.write(b'{"type":"%b","object":%b}\n' % (type_.encode(), text))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
