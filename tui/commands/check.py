"""``netpol-tui check EXPECT.yaml…``: whether what is expected of a cluster's policies holds, for CI."""

from __future__ import annotations

import argparse
import sys

from policy_core.checking import Outcome, check
from policy_core.evaluation import Evaluation
from policy_core.expectations import Expectations
from policy_core.report.check import check_document
from policy_core.report.check_json import check_json
from policy_core.report.document import Document
from policy_core.report.explanation import explanation
from policy_core.report.junit import junit_xml
from policy_core.report.places import rule_places, with_places
from policy_core.sources import files
from tui.options import UsageError, check_namespace
from tui.output import write_document, write_json, write_problems

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    expect = "a list of {from, to, port, protocol, expect} in YAML or JSON; - for standard input"
    parser.add_argument("expect", nargs="+", metavar="EXPECT", help=expect)
    parser.add_argument("-o", "--output", choices=["text", "json", "junit"], default="text")
    parser.add_argument("-v", "--verbose", action="store_true", help="list those that hold as well")


def run(options: argparse.Namespace, evaluation: Evaluation) -> int:
    if options.namespace is not None:
        check_namespace(options.namespace, evaluation.snapshot)
    checked = check(evaluation, _read(options), options.namespace or "default")
    write_problems(checked.problems)
    places = rule_places(evaluation.snapshot, whole=True)

    def explain(outcome: Outcome) -> Document:
        return with_places(explanation(evaluation, outcome), places)

    match options.output:
        case "json":
            write_json(check_json(checked, evaluation.snapshot))
        case "junit":
            sys.stdout.write(junit_xml(checked, explain))
        case _:
            write_document(with_places(check_document(checked, evaluation, options.verbose), places), options)
    return 2 if checked.errors else 1 if checked.differing else 0


def _read(options: argparse.Namespace) -> Expectations:
    if "-" in options.expect and "-" in options.filename:
        raise UsageError("- is both manifests and expectations: standard input can be read once only")
    if "" in options.expect:
        raise UsageError("an empty EXPECT: name a file, or - for standard input")
    expected = Expectations()
    try:
        files.feed(
            expected,
            options.expect,
            recursive=options.recursive,
            stdin=sys.stdin.buffer if sys.stdin else None,  # None where it is closed
        )
    except files.SourceError as error:
        raise UsageError(str(error)) from error
    return expected
