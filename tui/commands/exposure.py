"""``netpol-tui exposure``: which pods can be reached from outside, by which way, and what policy says."""

from __future__ import annotations

import argparse

from policy_core.details.exposure import exposed_pods
from policy_core.details.exposure_caveats import exposure_caveats
from policy_core.evaluation import Evaluation
from policy_core.report.exposure import exposure_document
from policy_core.report.exposure_json import exposure_json
from tui.options import check_namespace
from tui.output import write_document, write_json

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--output", choices=["text", "json"], default="text")


def run(options: argparse.Namespace, evaluation: Evaluation) -> int:
    if options.namespace is not None:
        check_namespace(options.namespace, evaluation.snapshot)
    exposed = exposed_pods(evaluation, options.namespace or "")
    caveats = exposure_caveats(evaluation, exposed)
    if options.output == "json":
        write_json(exposure_json(evaluation, exposed, caveats))
    else:
        write_document(exposure_document(evaluation, exposed, caveats), options)
    return 0
