"""What the tests of a live cluster are given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.pilot.live import Opened, live


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Opened:
    return lambda manifests="", **words: _live(manifests, tmp_path, monkeypatch, words)


def _live(manifests: str, folder: Path, patch: pytest.MonkeyPatch, words: dict[str, Any]) -> Any:
    return live(manifests, folder=folder, patch=patch, **words)
