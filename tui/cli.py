"""The command line: which command is meant, and what goes wrong where nobody else says so.

Only the standard library is imported up here: the explorer's first paint waits for every import.
"""

from __future__ import annotations

import argparse
import os
import stat
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from policy_core.coverage import Coverage
from tui.options import Parser, UsageError, add_common, check_source, demo_names, kubectl_booleans, load
from tui.streams import prepare_streams

__all__ = ["main"]

COMMANDS = {
    "overview": "counts, isolation and exposure by namespace, and what could not be read",
    "matrix": "who may connect to whom on which ports: all pairs, and the outside",
    "pod": "effective ingress and egress of a pod beside the Services that route to it",
    "exposure": "which pods can be reached from outside, by which way, and whom policy lets in",
    "check": "whether expectations of what is allowed and denied hold: unit tests for policies",
    "trace": "whether one end can reach another, hop by hop, and what decided",
    "snapshot": "what was read, as a bundle that -f reads back with the same result",
    "rbac": "the rights that reading a cluster takes, as a ClusterRole or a Role",
}
"""Command → what it does. Each has a module of its name in tui.commands."""

PLANNED = frozenset({"audit", "diff"})
"""Words that are commands, though not of this version; a path of that name is given as ``./diff``."""

_WITH_VALUE = frozenset(
    {"-f", "--filename", "-n", "--namespace", "--context", "--kubeconfig", "-o", "--output"}
    | {"--port", "--protocol", "--select"}
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit code (see docs/cli.md)."""
    words = demo_names(kubectl_booleans(sys.argv[1:] if arguments is None else arguments))
    try:
        prepare_streams()
        return _run(words)
    except UsageError as error:
        _complain(str(error))
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader has gone (`| head`): nobody is left to tell, and the interpreter must not try again.
        _give_up_output()
        return 0
    except OSError as error:  # a full disk, as a rule
        _complain(str(error))
        _give_up_output()
        return 2


def _give_up_output() -> None:
    """Keep the interpreter from writing what is left, which would fail as it has failed before."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(words: list[str]) -> int:
    position = _command_position(words)
    command = words.pop(position) if position is not None else None
    if command in PLANNED:
        raise UsageError(
            f"{command} is not part of this version (a path of that name is given as ./{command})"
        )
    if command is None:
        return _explore(_explorer_parser().parse_args(words))
    module = import_module(f"tui.commands.{command}")
    parser = Parser(prog=f"netpol-tui {command}", description=COMMANDS[command] + ".")
    module.add_arguments(parser)
    if getattr(module, "NEEDS_NO_SOURCE", False):
        return int(module.run(parser.parse_args(words)))
    add_common(parser)
    options = parser.parse_args(words)
    check_source(options)
    return _evaluate(options, module)


def _command_position(words: list[str]) -> int | None:
    """Where the first word that is neither an option nor an option's value is, if it is a command."""
    expecting = False
    for position, word in enumerate(words):
        if expecting or word in _WITH_VALUE:
            expecting = not expecting
        elif word == "--":
            return None
        elif not word.startswith("-") or word == "-":
            return position if word in COMMANDS or word in PLANNED else None
    return None


def _explorer_parser() -> Parser:
    commands = "\n".join(f"  {name:<10} {what}" for name, what in COMMANDS.items())
    parser = Parser(
        prog="netpol-tui",
        usage="netpol-tui [options] [PATH ...]\n       netpol-tui COMMAND [options]",
        description="Explore Kubernetes NetworkPolicies and Services: who reaches a pod, what routes to it.",
        epilog=f"commands (each has its own --help):\n{commands}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help="manifests to explore, as with -f")
    parser.add_argument(
        "-o",
        "--output",
        choices=["text", "json"],
        help="print the overview instead (without a terminal it is printed in any case)",
    )
    add_common(parser)
    parser.add_argument(
        "--select", metavar="NS/POD", default="", help="go to this pod first; also service:NS/NAME"
    )
    parser.add_argument(
        "--no-remember", action="store_true", help="neither use nor note where you were in this cluster"
    )
    parser.add_argument("--version", action=_ShowVersion, nargs=0, help="print the version and exit")
    return parser


class _ShowVersion(argparse.Action):
    """The version is looked up only when asked for: importlib.metadata is slow to import."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from importlib.metadata import version

        sys.stdout.write(f"netpol-tui {version('netpol-tui')}\n")
        parser.exit()


def _explore(options: argparse.Namespace) -> int:
    options.filename += options.paths
    live = options.context or options.kubeconfig
    if not (options.filename or options.demo or live) and _is_piped(sys.stdin):
        options.filename = ["-"]
    check_source(options)
    if options.output or not sys.stdout.isatty():
        options.output = options.output or "text"
        return _evaluate(options, import_module("tui.commands.overview"))
    from tui.app import explore

    return explore(options)


def _is_piped(stream: Any) -> bool:
    """Whether something was piped or redirected into the program (a terminal or /dev/null was not)."""
    if stream is None:
        return False
    mode = os.fstat(stream.fileno()).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)


def _evaluate(options: argparse.Namespace, command: Any) -> int:
    from policy_core.evaluation import Evaluation
    from policy_core.snapshot import assemble
    from policy_core.sources.files import SourceError
    from tui.output import write_problems

    try:
        reading = load(options)
    except SourceError as error:
        raise UsageError(str(error)) from error
    snapshot = assemble(reading)
    write_problems(snapshot.problems)
    if not reading.objects and not reading.other_kinds:
        if snapshot.coverage:
            raise UsageError(f"{reading.title}: {_nothing(snapshot.coverage)}")
        if not snapshot.problems:
            raise UsageError(f"{reading.title}: no Kubernetes object in it")
        return 2
    status = command.run(options, Evaluation.of(snapshot))
    sys.stdout.flush()
    return int(status)


def _nothing(coverage: Coverage) -> str:
    """Why nothing was read of a cluster: there is always something in one."""
    said = next((kind.message for kind in coverage.values() if kind.message), "")
    return f"nothing may be read{': ' * bool(said)}{said} (netpol-tui rbac writes the rights that it takes)"


def _complain(message: str) -> None:
    from tui.output import write_error

    write_error(message)


if __name__ == "__main__":
    sys.exit(main())
