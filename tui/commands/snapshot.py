"""``netpol-tui snapshot``: what was read, as a bundle that ``-f`` reads back with the same result."""

from __future__ import annotations

import argparse
import json
import sys

from policy_core.bundle import bundle
from policy_core.evaluation import Evaluation
from policy_core.manifests.dumping import yaml_documents

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--output", choices=["yaml", "json"], default="yaml")


def run(options: argparse.Namespace, evaluation: Evaluation) -> int:
    objects = bundle(evaluation.snapshot, options.namespace or "default")
    if options.output == "json":
        sys.stdout.write('{"apiVersion":"v1","kind":"List","items":[')
        for number, each in enumerate(objects):  # one at a time: together they are much more than their text
            sys.stdout.write("," * (number > 0) + json.dumps(each, separators=(",", ":")))
        sys.stdout.write("]}\n")
    else:
        for each in objects:
            sys.stdout.write(yaml_documents([each]))
    return 0
