"""Settings that every test shares."""

from __future__ import annotations

import gc
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# No deadline and no complaint about slow generation: both measure the machine, not the code.
settings.register_profile(
    "default",
    max_examples=300,
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("thorough", settings.get_profile("default"), max_examples=5000, derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

# Read by Textual when it is imported: pictures must not depend on the moment they are taken.
os.environ["TEXTUAL_ANIMATIONS"] = "none"

# Nothing that the person at this machine has set up plays a part, and nothing is left behind there.
_home = tempfile.TemporaryDirectory(prefix="netpol-tui-tests-")
os.environ["KUBECONFIG"] = os.path.join(_home.name, "no-kubeconfig")  # noqa: PTH118
os.environ["XDG_STATE_HOME"] = os.path.join(_home.name, "state")  # noqa: PTH118
os.environ["XDG_CONFIG_HOME"] = os.path.join(_home.name, "config")  # noqa: PTH118
os.environ.pop("KUBERNETES_SERVICE_HOST", None)

_LIVE = Path(__file__).with_name("live")


def _live_left_out(config: pytest.Config) -> bool:
    """The live tests run only where they are asked for by name; this is whether they would run otherwise. They
    need programs that take minutes to build, and one process."""
    asked = [Path(config.invocation_params.dir, name.partition("::")[0]).resolve() for name in config.args]
    by_name = any(path.is_relative_to(_LIVE) for path in asked)
    return not by_name and any(_LIVE.is_relative_to(path) for path in asked)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return True if collection_path == _LIVE and _live_left_out(config) else None


@pytest.fixture(autouse=True)
def _one_program_after_another() -> Iterator[None]:
    """A program keeps all that it has read out of the garbage collector's sight until its process ends. Here
    many run in one process."""
    before = gc.get_threshold(), sys.getswitchinterval()
    yield
    if gc.get_freeze_count():
        gc.unfreeze()
    gc.set_threshold(*before[0])
    sys.setswitchinterval(before[1])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Never silently: what was not tested is said with what tests it."""
    if _live_left_out(config):
        terminalreporter.write_line(
            "tests/live was not run: it needs a control plane. Run it with: make test-live"
        )
