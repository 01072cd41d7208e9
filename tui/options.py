"""The options that every command takes, and what they say about where the objects come from."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

if TYPE_CHECKING:
    from policy_core.model import Reading

__all__ = [
    "Parser",
    "UsageError",
    "add_common",
    "check_namespace",
    "check_source",
    "kubectl_booleans",
    "load",
    "use_color",
]

Progress = Callable[[int, int, str], None]
"""Files done, files in all, the file's name."""

_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")

_NOTHING_TO_READ = (
    "nothing to read: name manifests (-f PATH, or -f - for standard input), "
    "take the embedded demo (--demo), or, in a later version, a live cluster (--context, --kubeconfig)"
)
_NOT_LIVE_YET = (
    "reading a live cluster is not part of this version: name manifests (-f PATH, or -f - for standard "
    "input; `kubectl get ns,pods,svc,endpointslices,netpol,ingress -A -o yaml` writes them) or take the "
    "embedded demo (--demo)"
)


class UsageError(Exception):
    """The words on the command line cannot be carried out; the message says what to do instead."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong as every other error is said, and takes no word for an option it only begins."""

    def __init__(self, **words: Any) -> None:
        super().__init__(allow_abbrev=False, **words)

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see {self.prog} --help)")


def add_common(parser: argparse.ArgumentParser) -> None:
    source = parser.add_argument_group("where the objects come from")
    source.add_argument(
        "-f",
        "--filename",
        action="append",
        default=[],
        metavar="PATH",
        help="a file, a directory, or - for standard input; may be repeated",
    )
    source.add_argument(
        "-R",
        "--recursive",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="look into directories of directories",
    )
    source.add_argument("--demo", action="store_true", help="the embedded demo bundle")
    source.add_argument("--context", metavar="NAME", help="a live cluster: not in this version")
    source.add_argument("--kubeconfig", metavar="FILE", help="a live cluster: not in this version")
    scope = parser.add_argument_group("what to show")
    scope.add_argument(
        "-n", "--namespace", metavar="NAME", help="only this one; manifests that name none are in it"
    )
    scope.add_argument("-A", "--all-namespaces", action="store_true", help="every namespace (default)")
    parser.add_argument("--no-color", action="store_true", help="no colours (NO_COLOR does the same)")


def kubectl_booleans(words: Sequence[str]) -> list[str]:
    """kubectl's way of switching a flag off, ``--recursive=false``, in argparse's words."""
    said = {"-R=true": "-R", "--recursive=true": "-R", "-R=false": "--no-recursive"}
    said |= {"--recursive=false": "--no-recursive", "-A=true": "-A", "--all-namespaces=true": "-A"}
    unsaid = ("-A=false", "--all-namespaces=false")
    return [said.get(word, word) for word in words if word not in unsaid]


def check_source(options: argparse.Namespace) -> None:
    """Raise UsageError where the options name no source, or two that exclude each other."""
    if "" in options.filename:
        raise UsageError("an empty PATH: name a file, a directory, or - for standard input")
    if options.demo and options.filename:
        raise UsageError("--demo and files exclude each other: leave one out")
    if options.namespace is not None and not _NAMESPACE.fullmatch(options.namespace):
        raise UsageError(
            f"-n {options.namespace}: a namespace's name has lower-case letters, digits and - only"
        )
    if options.namespace and options.all_namespaces:
        raise UsageError("-n and -A exclude each other: leave one out")
    if options.demo or options.filename:
        if options.context or options.kubeconfig:
            raise UsageError(
                "files and a live cluster exclude each other: leave out --context and --kubeconfig"
            )
        return
    live = options.context or options.kubeconfig or os.environ.get("KUBECONFIG")
    if live or os.path.exists(os.path.expanduser("~/.kube/config")):  # noqa: PTH110, PTH111 - pathlib costs start-up
        raise UsageError(_NOT_LIVE_YET)
    raise UsageError(_NOTHING_TO_READ)


def check_namespace(name: str, read: Collection[str]) -> None:
    """Raise UsageError where the namespace is not among those that were read."""
    if name not in read:
        raise UsageError(f"no namespace {name} in what was read")


def load(
    options: argparse.Namespace, progress: Progress | None = None, stdin: BinaryIO | None = None
) -> Reading:
    """Read what the options name; ``stdin`` is what ``-`` means, by default standard input. Raises
    policy_core.sources.files.SourceError where a path is not there."""
    if options.demo:
        from policy_core.sources import demo

        return demo.read()
    from policy_core.sources import files

    return files.read(
        options.filename,
        namespace=options.namespace or "default",
        recursive=options.recursive,
        stdin=stdin or (sys.stdin.buffer if sys.stdin else None),  # None where it is closed
        progress=progress,
    )


def use_color(options: argparse.Namespace) -> bool:
    """Colours only for a terminal, and never against the user's word (https://no-color.org)."""
    return sys.stdout.isatty() and not options.no_color and not os.environ.get("NO_COLOR")
