"""One control plane for all live tests of a run, and a namespace for each test."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from tests.live.cluster import ControlPlane


def pytest_configure(config: pytest.Config) -> None:
    """Several processes would each start a control plane of their own, on machines too small for that."""
    if config.getoption("numprocesses", None):
        raise pytest.UsageError("the live tests share one control plane: run them without -n")


@pytest.fixture(scope="session")
def control_plane() -> Iterator[ControlPlane]:
    with ControlPlane() as cluster:
        yield cluster


@pytest.fixture(autouse=True)
def _everything_runs_again(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test may stop programs; when it fails before it has started them again, the next test does not fail
    with it."""
    yield
    if "control_plane" in request.fixturenames:
        for program in request.getfixturevalue("control_plane").programs.values():
            if not program.running:
                program.start()


@pytest.fixture
def namespace(control_plane: ControlPlane) -> Iterator[str]:
    """The name of a new namespace. It is deleted after the test; nobody waits until it is gone."""
    name = f"test-{secrets.token_hex(4)}"
    control_plane.connection.post("/api/v1/namespaces", {"metadata": {"name": name}})
    yield name
    control_plane.connection.delete(f"/api/v1/namespaces/{name}")
