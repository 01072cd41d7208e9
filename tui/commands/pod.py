"""``netpol-tui pod NS/POD``: what the explorer's detail pane shows, for the shell."""

from __future__ import annotations

import argparse
import sys

from policy_core.details.pod import pod_detail
from policy_core.ends import EndError, Ends, Pods
from policy_core.evaluation import Evaluation
from policy_core.model import Pod, Ref
from policy_core.report.document import Heading, Span
from policy_core.report.json import pod_json
from policy_core.report.pod import pod_document
from policy_core.report.ticket import ticket
from policy_core.report.words import names
from tui.options import UsageError, check_namespace
from tui.output import write_document, write_json

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("pod", metavar="NS/POD", help="a pod, or a workload that has no pods here")
    parser.add_argument("-o", "--output", choices=["text", "json", "md"], default="text")


def run(options: argparse.Namespace, evaluation: Evaluation) -> int:
    pod = _pod(options.pod, options.namespace, evaluation)
    detail = pod_detail(evaluation, pod)
    match options.output:
        case "json":
            write_json(pod_json(detail))
        case "md":
            sys.stdout.write(ticket(evaluation.snapshot, str(pod.ref), pod_document(detail), pod.origin))
        case _:
            write_document((Heading((Span(str(pod.ref)),)), *pod_document(detail)), options)
    return 0


def _pod(name: str, namespace: str | None, evaluation: Evaluation) -> Pod:
    if namespace is not None:
        check_namespace(namespace, evaluation.snapshot)
    path = name if "/" in name else f"{namespace or 'default'}/{name}"
    # A finished pod takes part in no connection, and still has a page.
    found = evaluation.pods.get(Ref("Pod", *path.split("/", 1)))
    if found is None:
        try:
            end = Ends(evaluation, namespace or "default").find(name)
        except EndError as error:
            raise UsageError(str(error)) from error
        if not isinstance(end, Pods):
            raise UsageError(f"{name} is no pod and no workload")
        if len(end.pods) > 1:
            pods = names((pod.ref.path for pod in end.pods), 3)
            raise UsageError(f"{end.ref} has {len(end.pods)} pods: name one of {pods}")
        [found] = end.pods
    if namespace is not None and found.namespace != namespace:
        raise UsageError(f"{found.ref.path} is not in the namespace {namespace} (-n)")
    return found
