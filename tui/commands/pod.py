"""``netpol-tui pod NS/POD``: what the explorer's detail pane shows, for the shell."""

from __future__ import annotations

import argparse
import difflib
import sys

from policy_core.details.pod import pod_detail
from policy_core.evaluation import Evaluation
from policy_core.report.document import Heading, Span
from policy_core.report.json import pod_json
from policy_core.report.pod import pod_document
from policy_core.report.ticket import ticket
from tui.options import UsageError
from tui.output import write_document, write_json

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("pod", metavar="NS/POD", help="a pod, or a workload that has no pods here")
    parser.add_argument("-o", "--output", choices=["text", "json", "md"], default="text")


def run(options: argparse.Namespace, evaluation: Evaluation) -> int:
    path = options.pod if "/" in options.pod else f"{options.namespace or 'default'}/{options.pod}"
    found = evaluation.all_named(path)
    if not found:
        raise UsageError(_not_found(path, evaluation))
    if len(found) > 1:
        kinds = " and ".join(sorted(pod.kind for pod in found))
        raise UsageError(f"{path} names several workloads, {kinds}: the explorer shows each of them")
    [pod] = found
    detail = pod_detail(evaluation, pod)
    match options.output:
        case "json":
            write_json(pod_json(detail))
        case "md":
            sys.stdout.write(ticket(evaluation.snapshot, str(pod.ref), pod_document(detail), pod.origin))
        case _:
            write_document((Heading((Span(str(pod.ref)),)), *pod_document(detail)), options)
    return 0


def _not_found(path: str, evaluation: Evaluation) -> str:
    near = difflib.get_close_matches(path, {ref.path for ref in evaluation.pods}, n=3)
    hint = f"; did you mean {' or '.join(near)}?" if near else "; `overview` lists the namespaces"
    return f"no pod or workload {path} in what was read{hint}"
