"""How the control plane of the live tests is built, and that leaving those tests out is said."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests import conftest
from tests.live import build

FAKE_GO = """#!/bin/sh
# go build … -o FILE PACKAGE; notes the package, and fails after half of it where it is told to.
while [ "$1" != -o ]; do shift; done
echo "$3" >> "$GO_LOG"
printf half > "$2"
[ "$3" != "$GO_FAILS_AT" ]
"""


def _put(folder: Path, names: list[str]) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program that passes for Go; the file lists what it was asked to build."""
    program = tmp_path / "bin" / "go"
    program.parent.mkdir()
    program.write_text(FAKE_GO)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    log = tmp_path / "built"
    monkeypatch.setenv("GO_LOG", str(log))
    monkeypatch.setenv("GO_FAILS_AT", "nowhere")
    return log


def _with_files_only() -> Path:
    assets = build.folder()
    _put(assets, [name for name in build.missing(assets) if name.endswith(".yaml")])
    return assets


def test_what_is_there_is_not_built_again(go: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assets = _with_files_only()
    assert build.found() is None
    monkeypatch.setenv("GO_FAILS_AT", "k8s.io/kubernetes/cmd/kubectl")
    with pytest.raises(build.CannotBuildError, match="kubectl"):
        build.build()
    assert build.missing(assets) == ["kubectl", "kwok"]
    assert not list(assets.glob(".*")), "half a program was left"

    monkeypatch.setenv("GO_FAILS_AT", "nowhere")
    assert build.build() == assets == build.found()
    assert go.read_text().count("kube-apiserver") == 1
    assert go.read_text().count("kubectl") == 2
    before = go.read_text()
    assert build.build() == assets
    assert go.read_text() == before


def test_other_pins_are_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = build.folder()
    pins = tmp_path / "pins"
    shutil.copytree(build._PINS, pins)
    monkeypatch.setattr(build, "_PINS", pins)
    assert build.folder() == before
    with (pins / "etcd" / "go.sum").open("a") as sums:
        sums.write("\n")
    assert build.folder() != before


def test_versions_that_stand_twice_agree() -> None:
    assert f"k8s.io/kubernetes {build._KUBERNETES} " in (build._PINS / "kubernetes" / "go.mod").read_text()
    stages = next(files.module for files in build._FILES if files.into == "stages")
    assert f"{stages.replace('@', ' ')} " in (build._PINS / "kwok" / "go.mod").read_text()


def test_without_go_it_says_what_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert build.main() == 1
    assert "needs Go 1.26 or later" in capsys.readouterr().err


def test_the_folder_that_other_tests_use_serves_if_it_is_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, theirs = build.folder(), tmp_path / "theirs"
    _put(mine, build.missing(mine))
    _put(theirs, ["etcd", "kube-apiserver", "kubectl"])
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(theirs))
    assert build.found() == mine
    _put(theirs, build.missing(theirs))
    assert build.found() == theirs


@pytest.mark.parametrize(
    ("args", "left_out"),
    [
        (["tests"], True),
        (["."], True),
        (["tests/unit", "tests"], True),
        (["tests/unit"], False),
        (["tests/unit/test_live_build.py::test_x"], False),
        (["tests/live"], False),
        (["tests", "tests/live/test_load.py::test_x"], False),
    ],
)
def test_the_live_tests_are_left_out_unless_named(args: list[str], left_out: bool) -> None:
    root = Path(conftest.__file__).parent.parent
    config = SimpleNamespace(args=args, invocation_params=SimpleNamespace(dir=root))
    assert conftest._live_left_out(config) is left_out  # type: ignore[arg-type]
