"""The explorer on the control plane, driven by keys; and the program's commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.live.cluster import ControlPlane
from tests.pilot.explorer import Driver, loaded
from tui.app import NetpolApp
from tui.options import connect

__all__ = ["LIVE", "explorer_of", "on_screen", "program", "program_json"]

LIVE = "● live"


@asynccontextmanager
async def explorer_of(
    kubeconfig: Path,
    *,
    size: tuple[int, int] = (120, 36),
    context: str | None = None,
    namespace: str | None = None,
    select: str = "",
) -> AsyncIterator[Driver]:
    """The explorer of a live cluster, as ``netpol-tui --kubeconfig …`` opens it, once it shows something."""
    options = Namespace(
        demo=None,
        filename=[],
        recursive=True,
        context=context,
        kubeconfig=str(kubeconfig),
        namespace=namespace,
        all_namespaces=False,
        no_color=False,
        no_remember=True,
    )
    app = NetpolApp(options, connection=connect(options), select=select)
    async with app.run_test(size=size) as pilot:
        await loaded(app, pilot)
        yield Driver(app, pilot)


async def on_screen(driver: Driver, shown: Callable[[str], Any], within: float = 30.0) -> float:
    """Wait until what is on screen is as wanted; returns how long that took, in seconds."""
    started = time.monotonic()
    while not shown(driver.text):
        waited = time.monotonic() - started
        assert waited < within, f"not on screen after {waited:.1f} s:\n{driver.text}"
        await driver.pilot.pause(0.01)
    return time.monotonic() - started


def program(kubeconfig: Path, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """The program itself, as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tui", *words],
        env={**os.environ, "KUBECONFIG": str(kubeconfig)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert not check or done.returncode == 0, done.stderr
    return done


def program_json(kubeconfig: Path, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(program(kubeconfig, *words, "-o", "json").stdout)
    return found


def shop(cluster: ControlPlane, namespace: str) -> None:
    """The article's pods behind their Services: two of web, one of db; not a policy yet."""
    for name, replicas, port in (("web", 2, 8080), ("db", 1, 3306)):
        words = ("-n", namespace)
        cluster.kubectl(
            "create",
            "deployment",
            name,
            f"--image={name}",
            f"--replicas={replicas}",
            f"--port={port}",
            *words,
        )
        cluster.kubectl("expose", "deployment", name, *words)
    cluster.kubectl("wait", "--for=condition=Available", "--timeout=60s", "deployment", "--all", *words)
