"""Which cluster is meant: kubectl's rules for kubeconfig files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from policy_core.sources.cluster.connection import Connection
from policy_core.sources.cluster.errors import KubeconfigError, NoKubeconfigError
from policy_core.sources.cluster.kubeconfig import Kubeconfig


def _write(path: Path, current: str = "", namespace: str = "", **contexts: str) -> str:
    content: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": c, "cluster": {"server": f"http://{c}"}} for c in contexts.values()],
        "users": [{"name": "u", "user": {"token": "t"}}],
        "contexts": [
            {"name": name, "context": {"cluster": c, "user": "u", "namespace": namespace}}
            for name, c in contexts.items()
        ],
    }
    if current:
        content["current-context"] = current
    path.write_text(yaml.safe_dump(content))
    return str(path)


def test_of_several_files_the_first_that_says_something_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = _write(tmp_path / "first", "", a="one")
    second = _write(tmp_path / "second", "b", "shop", a="two", b="two")
    third = _write(tmp_path / "third", "c", c="three")
    missing = str(tmp_path / "missing")
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join([missing, first, second, third]))
    found = Kubeconfig.load()
    assert found is not None
    assert found.context().name == "b"  # the official client takes the last file's
    assert found.context().namespace == "shop"
    assert found.context("a").cluster == "one"
    assert sorted(found.contexts) == ["a", "b", "c"]
    assert missing not in found.files


def test_the_option_stands_before_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", _write(tmp_path / "variable", "v", v="v"))
    found = Kubeconfig.load(_write(tmp_path / "option", "o", o="o"))
    assert found is not None
    assert sorted(found.contexts) == ["o"]


def test_without_any_file_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "missing"))
    assert Kubeconfig.load() is None
    with pytest.raises(NoKubeconfigError):
        Connection.to()


def test_inside_a_pod_it_is_the_cluster_that_runs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "missing"))
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
    assert Connection.to().context.name == "in-cluster"
    with pytest.raises(NoKubeconfigError):  # a context is an entry of a kubeconfig
        Connection.to("prod")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a: [", "no kubeconfig"),
        ("- a", "no kubeconfig"),
        ("{}", "no current context"),
        ("current-context: gone", "no context gone in"),
        ("contexts: [{name: a, context: {cluster: c}}]", "no current context in .*; there are a"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "config"
    path.write_text(content)
    with pytest.raises(KubeconfigError, match=message):
        Connection.to(kubeconfig=str(path))


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(KubeconfigError, match="no such file"):
        Connection.to(kubeconfig=str(tmp_path / "missing"))


def test_a_user_may_act_as_another_one(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(
        """
        current-context: c
        contexts: [{name: c, context: {cluster: c, user: u}}]
        users:
        - name: u
          user: {as: jane, as-uid: "7", as-groups: [dev, ops], as-user-extra: {scopes: [read]}}
        """
    )
    found = Kubeconfig.load(str(path))
    assert found is not None
    assert found.context().impersonates == (
        ("Impersonate-User", "jane"),
        ("Impersonate-Uid", "7"),
        ("Impersonate-Group", "dev"),
        ("Impersonate-Group", "ops"),
        ("Impersonate-Extra-scopes", "read"),
    )
