"""Builds the programs of the control plane, once for each set of pins: ``python -m tests.live.build``.

The programs come from the Go modules pinned in ``control_plane/*/go.mod``. They land in the person's cache
folder, in a folder named by a hash of all that decides what is built: new pins make a new folder, and running
the tests again builds nothing. Beside them lie the custom resource definitions and kwok's stage files, so that
running needs no Go.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

__all__ = ["HOW_TO_BUILD", "CannotBuildError", "build", "found", "missing"]

HOW_TO_BUILD = "make control-plane"
"""What a person types to build; said wherever the programs are missed."""

_PINS = Path(__file__).with_name("control_plane")

_KUBERNETES = "v1.37.2"


class _Program(NamedTuple):
    """A Go program: the folder of its go.mod, and its package there."""

    module: str
    package: str


_PROGRAMS = {
    "etcd": _Program("etcd", "go.etcd.io/etcd/server/v3"),
    "kube-apiserver": _Program("kubernetes", "k8s.io/kubernetes/cmd/kube-apiserver"),
    "kube-controller-manager": _Program("kubernetes", "k8s.io/kubernetes/cmd/kube-controller-manager"),
    "kube-scheduler": _Program("kubernetes", "k8s.io/kubernetes/cmd/kube-scheduler"),
    "kubectl": _Program("kubernetes", "k8s.io/kubernetes/cmd/kubectl"),
    "kwok": _Program("kwok", "sigs.k8s.io/kwok/cmd/kwok"),
}


class _Files(NamedTuple):
    """Files of a Go module that are copied as they are, and the checksum the module must have."""

    module: str
    checksum: str
    into: str
    paths: tuple[str, ...]


_POLICIES = "config/crd/experimental/policy.networking.k8s.io_{}.yaml"
_GATEWAYS = "config/crd/{}/gateway.networking.k8s.io_{}.yaml"

# The experimental channel where it knows more fields or serves older versions that are still met in clusters:
# an API server drops the fields that a definition does not know.
_FILES = (
    _Files(
        "sigs.k8s.io/network-policy-api@v0.2.0",
        "h1:W/f0Y9VoeQdOWjX/h2gZyLH6gZ5LLEXmh/9wy9mQWKw=",
        "crds",
        (_POLICIES.format("clusternetworkpolicies"),),
    ),
    _Files(
        "sigs.k8s.io/network-policy-api@v0.1.7",
        "h1:obY2FTEidLXVdRYu7gJ4q1RYE57pBnrpMqoE2LZgp4g=",
        "crds",
        (_POLICIES.format("adminnetworkpolicies"), _POLICIES.format("baselineadminnetworkpolicies")),
    ),
    _Files(
        "sigs.k8s.io/gateway-api@v1.6.3",
        "h1:lKpJa5bGlraC/QeACvCpsHLdmO6y0iKfzVl6gzaFEYc=",
        "crds",
        (
            *(
                _GATEWAYS.format("standard", kind)
                for kind in (
                    "gatewayclasses",
                    "gateways",
                    "listenersets",
                    "httproutes",
                    "grpcroutes",
                    "tlsroutes",
                    "referencegrants",
                )
            ),
            _GATEWAYS.format("experimental", "tcproutes"),
            _GATEWAYS.format("experimental", "udproutes"),
        ),
    ),
    _Files(
        "sigs.k8s.io/kwok@v0.8.0",
        "h1:OTIOTwgROqPMovcTwxICx2eYQ4AwLpSx5EpjbDKF4SQ=",
        "stages",
        (
            "kustomize/stage/node/fast/node-initialize.yaml",
            "kustomize/stage/pod/fast/pod-ready.yaml",
            "kustomize/stage/pod/fast/pod-complete.yaml",
            "kustomize/stage/pod/fast/pod-delete.yaml",
        ),
    ),
)


def _flags() -> list[str]:
    """How each program is built: small, the same wherever it is built, and able to say its version, which
    a Kubernetes program otherwise learns only from Kubernetes' own build scripts."""
    version = "k8s.io/component-base/version.git"
    major, minor = _KUBERNETES.removeprefix("v").split(".")[:2]
    said = {"Version": _KUBERNETES, "Major": major, "Minor": minor, "TreeState": "clean"}
    named = " ".join(f"-X {version}{key}={value}" for key, value in said.items())
    return ["-trimpath", "-buildvcs=false", "-ldflags", f"-s -w {named}"]


class CannotBuildError(Exception):
    """Why the control plane cannot be built, in words for a person."""


def folder() -> Path:
    """Where the pinned programs are, or will be."""
    digest = hashlib.sha256(repr((_PROGRAMS, _FILES, _flags())).encode())
    for pins in sorted(_PINS.glob("*/go.*")):
        digest.update(pins.read_bytes())
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "netpol-tui" / "control-plane" / digest.hexdigest()[:12]


def missing(assets: Path) -> list[str]:
    """What a folder lacks of all that is needed to run a control plane from it."""
    files = [f"{files.into}/{Path(path).name}" for files in _FILES for path in files.paths]
    return [name for name in (*_PROGRAMS, *files) if not (assets / name).is_file()]


def found() -> Path | None:
    """The folder to run from: what KUBEBUILDER_ASSETS names if all is there, else the pinned one if complete.

    Many have KUBEBUILDER_ASSETS set for other tests, to a folder with only some of these programs. Then it is
    passed over: programs of different versions are no control plane.
    """
    named = os.environ.get("KUBEBUILDER_ASSETS")
    candidates = ([Path(named)] if named else []) + [folder()]
    return next((assets for assets in candidates if not missing(assets)), None)


def _run(*words: str, cwd: Path | None = None) -> str:
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        raise CannotBuildError(f"{' '.join(words)} failed:\n{(done.stderr + done.stdout).strip()}")
    return done.stdout


@contextmanager
def _whole(wanted: Path) -> Iterator[Path]:
    """A name to write to; what was written gets the wanted name only when it is complete, so that whoever
    finds a file under its own name can use it, even where a build was broken off."""
    wanted.parent.mkdir(parents=True, exist_ok=True)
    partial = wanted.with_name(f".{wanted.name}.{os.getpid()}")
    try:
        yield partial
        partial.replace(wanted)
    finally:
        partial.unlink(missing_ok=True)


def _copy(files: _Files, assets: Path, go: str) -> None:
    module = json.loads(_run(go, "mod", "download", "-json", files.module, cwd=assets))
    if module["Sum"] != files.checksum:
        raise CannotBuildError(f"{files.module} is not what it was: {module['Sum']} for {files.checksum}")
    for path in files.paths:
        with _whole(assets / files.into / Path(path).name) as partial:
            shutil.copyfile(Path(module["Dir"]) / path, partial)


def build() -> Path:
    """The folder with all of it, built as far as it is not there yet."""
    if assets := found():
        return assets
    assets = folder()
    go = shutil.which("go")
    if go is None:
        raise CannotBuildError(
            "The control plane for the live tests is not built, and building it needs Go 1.26 or later in PATH."
        )
    assets.mkdir(parents=True, exist_ok=True)
    lacking = set(missing(assets))
    for files in _FILES:
        if any(f"{files.into}/{Path(path).name}" in lacking for path in files.paths):
            _copy(files, assets, go)
    if lacking & _PROGRAMS.keys():
        print("Building the control plane of the live tests; the first time it takes about 12 minutes.")
    for name, program in _PROGRAMS.items():
        if name in lacking:
            print(f"building {name}", flush=True)
            with _whole(assets / name) as partial:
                _run(go, "build", *_flags(), "-o", str(partial), program.package, cwd=_PINS / program.module)
    return assets


def main() -> int:
    try:
        print(build())
    except CannotBuildError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
