"""Draws the README's pictures by driving the real program on the demo: ``make screenshots``.

Every run gives the same bytes, so a changed picture means a changed program. With ``--check`` nothing is
written; the pictures that no longer show the program are named, and the exit code is 1 if there are any.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# Before Textual is imported: it reads both once.
os.environ["TEXTUAL_ANIMATIONS"] = "none"
os.environ.pop("NO_COLOR", None)

from tui.app import NetpolApp

FOLDER = Path(__file__).parent
_FONT_FACE = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)

PICTURES: dict[str, tuple[Any, ...]] = {
    "explorer": ((140, 36), ["slash", *"default/db", "enter", "enter"]),
    "core-confusion": ((140, 36), ["3", "slash", *"reviews", "enter"]),
    "deciding-rule": ((140, 36), ["slash", *"default/db", "enter", "enter", "enter"]),
    "policy": ((140, 36), ["4", "slash", *"allow-web", "enter"]),
    "namespace": ((140, 36), ["1", "slash", *"shop", "enter"]),
    "trace": ((140, 30), ["slash", *"backend-1", "enter", "t", *"default/db", "enter", "enter"]),
    "matrix": ((140, 24), ["slash", *"shop/cart-redis", "enter", "m", "enter", "right"]),
    "help": ((140, 36), ["question_mark"]),
    "narrow": ((80, 24), ["slash", *"default/db", "enter", "enter"]),
    "exposed": ((140, 30), ["x"]),
    "tiers": ((140, 40), ["slash", *"shop/db-0", "enter", "enter"], "tiers"),
}
"""Name → size in columns and lines, keys pressed, and the demo where it is another one."""


async def picture(size: tuple[int, int], keys: Sequence[str], demo: str = "shop") -> str:
    app = NetpolApp(Namespace(demo=demo, filename=[], namespace=None, no_color=False))
    async with app.run_test(size=size) as pilot:
        while app.explorer is None or app.explorer.state is None:
            await pilot.pause(0.01)
        await pilot.pause()
        for key in keys:
            await pilot.press(key)
        await app.workers.wait_for_complete()
        await pilot.pause(0.1)
        # A picture loads nothing from elsewhere: the fonts at hand will do.
        return _FONT_FACE.sub("", app.export_screenshot(title="netpol-tui"))


def main(check: bool) -> int:
    stale = 0
    for name, scene in PICTURES.items():
        path = FOLDER / f"{name}.svg"
        drawn = asyncio.run(picture(*scene)).encode()
        if drawn != (path.read_bytes() if path.exists() else b""):
            stale += 1
            print(f"{path.name} {'is not what the program shows now' if check else 'changed'}")
            if not check:
                path.write_bytes(drawn)
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
