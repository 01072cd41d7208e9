"""The core as a library: every example of docs/api.md does what it says."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from policy_core.api import Cluster, EndError, SourceError, Verdict
from tests.clusters import pod, service

ROOT = Path(__file__).parents[2]
TWO = pod("a", "10.0.0.1", app="a") + pod("b", "10.0.0.2", app="b")


def test_every_documented_example_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    failed, tried = doctest.testfile(
        str(ROOT / "docs/api.md"), module_relative=False, optionflags=doctest.ELLIPSIS
    )
    assert failed == 0
    assert tried > 20


def test_a_name_without_a_namespace_is_in_the_given_one() -> None:
    cluster = Cluster.parse(TWO, namespace="x")
    assert cluster.judge("a", "b", 80).verdict is Verdict.ALLOW
    assert cluster.pod("a").pod.name == "a"


def test_what_is_asked_for_must_be_of_its_kind() -> None:
    cluster = Cluster.parse(TWO + service("s", "{selector: {app: a}, ports: [{port: 80}]}"))
    for name in ("service:x/s", "10.0.0.1"):
        with pytest.raises(EndError, match=f"{name} is no pod"):
            cluster.pod(name)
    assert cluster.service("service:x/s").service.name == "s"
    with pytest.raises(EndError, match="no Service x/a"):
        cluster.service("x/a")


def test_a_path_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        Cluster.read(tmp_path / "nowhere")
