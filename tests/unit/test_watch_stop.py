"""A watch may end by itself while somebody stops it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from policy_core.sources.cluster.watching import Watch


@pytest.mark.parametrize("error", [OSError(107, "not connected"), RuntimeError(), TypeError(), ValueError()])
def test_to_stop_what_has_just_ended_is_no_error(error: Exception) -> None:
    asked = []

    def shutdown() -> None:
        asked.append(True)
        raise error

    watch = Watch.__new__(Watch)
    watch._answer = SimpleNamespace(shutdown=shutdown)  # type: ignore[assignment]
    watch.stop()
    assert asked
