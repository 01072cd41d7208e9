"""The options that every command takes, and what they say about where the objects come from."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

from policy_core.coverage import covers

if TYPE_CHECKING:
    from policy_core.model import Reading
    from policy_core.snapshot import Snapshot
    from policy_core.sources.cluster.connection import Connection

__all__ = [
    "Parser",
    "UsageError",
    "add_common",
    "check_namespace",
    "check_source",
    "connect",
    "demo_names",
    "is_live",
    "is_namespace",
    "kubectl_booleans",
    "load",
    "namespaces_to_try",
    "use_color",
]

Progress = Callable[[int, int, str], None]
"""Files done, files in all, the file's name."""

_DEMOS = ("shop", "tiers")

_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")

_NO_CLUSTER = (
    "nothing to read: name manifests (-f PATH, or -f - for standard input), take the embedded demo (--demo), "
    "or have a kubeconfig for a live cluster (--kubeconfig FILE, --context NAME)"
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
    source.add_argument(
        "--demo",
        nargs="?",
        const="shop",
        choices=_DEMOS,
        help="an embedded bundle: shop (default), or tiers, with policies of the administrators",
    )
    source.add_argument(
        "--context", metavar="NAME", help="the live cluster of this context (default: the current one)"
    )
    source.add_argument("--kubeconfig", metavar="FILE", help="the kubeconfig to take it from")
    scope = parser.add_argument_group("what to show")
    scope.add_argument(
        "-n",
        "--namespace",
        metavar="NAME",
        help="only this one; manifests that name none are in it; of a cluster what may be read here only",
    )
    scope.add_argument("-A", "--all-namespaces", action="store_true", help="every namespace (default)")
    parser.add_argument("--no-color", action="store_true", help="no colours (NO_COLOR does the same)")


def demo_names(words: Sequence[str]) -> list[str]:
    """``--demo`` takes the word after it only where that is a demo's name: else it is the command's own."""
    found: list[str] = []
    for word in words:
        if found and found[-1] == "--demo":
            found[-1:] = [f"--demo={word}"] if word in _DEMOS else ["--demo=shop", word]
        else:
            found.append(word)
    return found


def kubectl_booleans(words: Sequence[str]) -> list[str]:
    """kubectl's way of switching a flag off, ``--recursive=false``, in argparse's words."""
    said = {"-R=true": "-R", "--recursive=true": "-R", "-R=false": "--no-recursive"}
    said |= {"--recursive=false": "--no-recursive", "-A=true": "-A", "--all-namespaces=true": "-A"}
    unsaid = ("-A=false", "--all-namespaces=false")
    return [said.get(word, word) for word in words if word not in unsaid]


def is_namespace(name: str) -> bool:
    """Whether a namespace can be called so."""
    return bool(_NAMESPACE.fullmatch(name))


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
    if (options.demo or options.filename) and (options.context or options.kubeconfig):
        raise UsageError("files and a live cluster exclude each other: leave out --context and --kubeconfig")


def is_live(options: argparse.Namespace) -> bool:
    """Whether the options mean a live cluster: they name nothing else."""
    return not (options.demo or options.filename)


def connect(options: argparse.Namespace) -> Connection:
    """The way to the cluster that the options mean; nothing is sent yet. Raises UsageError where there is
    none."""
    from policy_core.sources.cluster.connection import Connection
    from policy_core.sources.cluster.errors import KubeconfigError, NoKubeconfigError

    try:
        return Connection.to(options.context, options.kubeconfig)
    except NoKubeconfigError as error:
        raise UsageError(_NO_CLUSTER) from error
    except KubeconfigError as error:
        raise UsageError(str(error)) from error


def namespaces_to_try(options: argparse.Namespace, connection: Connection) -> tuple[str, ...]:
    """Where to look for what is forbidden in the whole cluster: the namespace of ``-n``, the one of the
    context, and those that the person has set down. Raises UsageError where the settings cannot be read."""
    from tui.settings import Settings

    context = connection.context
    settings = Settings.load().namespaces_of(context.name)
    found = (options.namespace or "", context.namespace, *settings)
    return tuple(dict.fromkeys(filter(None, found))) or ("default",)


def check_namespace(name: str, snapshot: Snapshot) -> None:
    """Raise UsageError where there is no such namespace in what was read."""
    if name in snapshot.namespaces:
        return
    if covers(snapshot.coverage, "Namespace", name):
        raise UsageError(f"no namespace {name} in what was read")
    raise UsageError(f"nothing may be read in the namespace {name}, and whether there is one is not known")


def load(
    options: argparse.Namespace, progress: Progress | None = None, stdin: BinaryIO | None = None
) -> Reading:
    """Read what the options name; ``stdin`` is what ``-`` means, by default standard input. Raises
    policy_core.sources.files.SourceError where a path is not there, UsageError where a cluster cannot be
    read."""
    if is_live(options):
        return _load_cluster(options)
    if options.demo:
        from policy_core.sources import demo

        return demo.read(options.demo)
    from policy_core.sources import files

    return files.read(
        options.filename,
        namespace=options.namespace or "default",
        recursive=options.recursive,
        stdin=stdin or (sys.stdin.buffer if sys.stdin else None),  # None where it is closed
        progress=progress,
    )


def _load_cluster(options: argparse.Namespace) -> Reading:
    from policy_core.sources.cluster import once
    from policy_core.sources.cluster.errors import ClusterError

    connection = connect(options)
    try:
        return once.read(connection, namespaces_to_try(options, connection))
    except ClusterError as error:
        raise UsageError(f"context {connection.context.name}: {error}") from error
    finally:
        connection.close()


def use_color(options: argparse.Namespace) -> bool:
    """Colours only for a terminal, and never against the user's word (https://no-color.org)."""
    return sys.stdout.isatty() and not options.no_color and not os.environ.get("NO_COLOR")
