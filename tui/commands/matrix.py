"""``netpol-tui matrix``: who may connect to whom, all pairs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from policy_core.connectivity import Connectivity, connectivity
from policy_core.details.matrix import matrix_caveats
from policy_core.evaluation import Evaluation
from policy_core.report.matrix import matrix_document
from policy_core.report.matrix_csv import matrix_csv
from policy_core.report.matrix_dot import matrix_dot
from policy_core.report.matrix_json import matrix_json
from policy_core.report.ticket import ticket
from tui.options import check_namespace
from tui.output import write_document

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-o",
        "--output",
        choices=["text", "json", "csv", "md", "dot"],
        default="text",
        help="default: text. Of a large cluster text, md and dot tell it by namespace, with -n NAMESPACE by "
        "workload; json and csv have a line for every connection, which may be gigabytes",
    )


def run(options: argparse.Namespace, evaluation: Evaluation) -> int:
    found = connectivity(evaluation)
    caveats = matrix_caveats(evaluation, found)
    if options.namespace is not None:
        check_namespace(options.namespace, evaluation.snapshot)
        found = found.restricted(found.of_namespace(options.namespace))
    match options.output:
        case "json":
            sys.stdout.writelines(matrix_json(found, caveats))
        case "csv":
            sys.stdout.writelines(matrix_csv(found))
        case "dot":
            sys.stdout.writelines(matrix_dot(found))
        case _:
            _write_document(options, evaluation, found, caveats)
    return 0


def _write_document(
    options: argparse.Namespace, evaluation: Evaluation, found: Connectivity, caveats: Sequence[str]
) -> None:
    document = matrix_document(found, caveats, evaluation.snapshot.title)
    if options.output == "md":
        title = f"Connectivity of {options.namespace}" if options.namespace else "Connectivity"
        sys.stdout.write(ticket(evaluation.snapshot, title, document))
    else:
        write_document(document, options)
