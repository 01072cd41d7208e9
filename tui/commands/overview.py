"""``netpol-tui overview``: the snapshot in figures, and what could not be read."""

from __future__ import annotations

import argparse
import dataclasses

from policy_core.details.overview import Overview, overview
from policy_core.evaluation import Evaluation
from policy_core.report.json import overview_json
from policy_core.report.overview import overview_document
from tui.options import check_namespace
from tui.output import write_document, write_json

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--output", choices=["text", "json"], default="text")


def run(options: argparse.Namespace, evaluation: Evaluation) -> int:
    if options.namespace is not None:
        check_namespace(options.namespace, evaluation.snapshot)
    found = _within(overview(evaluation), options.namespace)
    if options.output == "json":
        write_json(overview_json(found))
    else:
        write_document(overview_document(found), options)
    return 0


def _within(found: Overview, namespace: str | None) -> Overview:
    if namespace is None:
        return found
    return dataclasses.replace(found, namespaces=tuple(n for n in found.namespaces if n.name == namespace))
