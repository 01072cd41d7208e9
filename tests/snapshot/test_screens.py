"""What the screens look like. After a wanted change look at the pictures, then `make snapshots`."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.pilot.explorer import SIZES, answered, loaded
from tui.app import NetpolApp

BROKEN = """\
apiVersion: v1
kind: Pod
metadata: {name: sound}
---
kind: [
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: typo}
spec: {podSelector: {}, ingress: [{from: [{namespaceselector: {}}]}]}
"""

SCENES: dict[str, Sequence[str]] = {
    "pod": ["slash", *"default/db", "enter", "enter"],
    "closed-service": ["3", "slash", *"reviews", "enter"],
    "namespace": ["1", "slash", *"default", "enter"],
    "trace-matches": ["slash", *"default/web-1", "enter", "t", *"db"],
    "trace-denied": ["slash", *"backend", "enter", "t", *"default/db", "enter", "enter"],
}


@pytest.fixture(autouse=True)
def _as_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)


def app_and_keys(
    keys: Sequence[str], *paths: str, theme: str = "", demo: str = "shop"
) -> tuple[NetpolApp, Any]:
    app = NetpolApp(
        Namespace(
            demo=None if paths else demo,
            filename=list(paths),
            recursive=True,
            namespace=None,
            no_color=False,
        )
    )

    async def before(pilot: Pilot[str]) -> None:
        await loaded(app, pilot)
        if theme:
            app.theme = theme
        for key in keys:
            await pilot.press(key)
        await answered(app, pilot)

    return app, before


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("scene", SCENES)
def test_main_scenes(snap_compare: Any, scene: str, size: tuple[int, int]) -> None:
    app, before = app_and_keys(SCENES[scene])
    assert snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize(
    ("keys", "theme"),
    [
        pytest.param(["slash", *"default/db", "enter", "enter", "enter"], "", id="deciding-rule"),
        pytest.param(["4", "slash", *"payments-api", "enter", "enter", "space"], "", id="policy-unfolded"),
        pytest.param(["question_mark"], "", id="help"),
        pytest.param(["slash", *"grafana", "enter"], "", id="not-evaluated"),
        pytest.param(["slash", *"default/db", "enter"], "netpol-light", id="light"),
        pytest.param(["slash", *"nothing at all"], "", id="no-match"),
        pytest.param(["slash", *"web-1", "enter", "t", *"db-0", "enter", *"70000"], "", id="trace-no-port"),
        pytest.param(
            ["slash", *"web-1", "enter", "t", *"db", "enter", "enter"], "netpol-light", id="trace-light"
        ),
    ],
)
def test_further_scenes(snap_compare: Any, keys: list[str], theme: str) -> None:
    app, before = app_and_keys(["space" if key == " " else key for key in keys], theme=theme)
    assert snap_compare(app, terminal_size=(120, 36), run_before=before)


TIERS: dict[str, Sequence[str]] = {
    "pod": ["slash", *"shop/db-0", "enter", "enter"],
    "policy": ["4", "slash", *"tools-out", "enter", "enter"],
    "conflict": ["slash", *"scanner", "enter", "t", *"proxy-0", "enter", *"8000", "enter"],
    "exposed": ["x"],
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("scene", TIERS)
def test_tiers(snap_compare: Any, scene: str, size: tuple[int, int]) -> None:
    app, before = app_and_keys(TIERS[scene], demo="tiers")
    assert snap_compare(app, terminal_size=size, run_before=before)


def test_problems(snap_compare: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("broken.yaml").write_text(BROKEN)
    app, before = app_and_keys(["exclamation_mark"], "broken.yaml")
    assert snap_compare(app, terminal_size=(120, 36), run_before=before)


def test_without_colours(snap_compare: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "NO_COLOR", "1")
    app, before = app_and_keys(SCENES["pod"])
    assert snap_compare(app, terminal_size=(120, 36), run_before=before)
