"""``netpol-tui trace FROM TO --port P``: whether the connection is allowed, hop by hop, and what decided."""

from __future__ import annotations

import argparse
import sys

from policy_core.ends import EndError, Ends
from policy_core.evaluation import Evaluation
from policy_core.judgement import judge
from policy_core.ports import MAX_PORT, PROTOCOLS
from policy_core.report.document import Heading, Span
from policy_core.report.places import rule_places, with_places
from policy_core.report.ticket import ticket
from policy_core.report.trace import trace_document, trace_title
from policy_core.report.trace_json import trace_json
from policy_core.trace import trace
from policy_core.verdict import Verdict
from tui.options import UsageError, check_namespace
from tui.output import write_document, write_json

__all__ = ["add_arguments", "run"]

_EXIT = {Verdict.ALLOW: 0, Verdict.DENY: 1, Verdict.PARTIAL: 1, Verdict.UNKNOWN: 3}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    ends = "a pod or workload (NS/NAME), a Service (service:NS/NAME) or an IP address outside"
    parser.add_argument("source", metavar="FROM", help=ends)
    parser.add_argument(
        "destination", metavar="TO", help=f"{ends}; or a host known by its name (domain:NAME)"
    )
    parser.add_argument("--port", required=True, help=f"1 to {MAX_PORT}; of a Service its own port")
    parser.add_argument("--protocol", default="TCP", help=f"{', '.join(PROTOCOLS)} (default TCP)")
    parser.add_argument("-o", "--output", choices=["text", "json", "md"], default="text")


def run(options: argparse.Namespace, evaluation: Evaluation) -> int:
    if options.namespace is not None:
        check_namespace(options.namespace, evaluation.snapshot)
    protocol, port = _protocol(options.protocol), _port(options.port)
    ends = Ends(evaluation, options.namespace or "default")
    try:
        source, destination = ends.find(options.source), ends.find(options.destination)
        judgement = judge(evaluation, source, destination, protocol, port)
    except EndError as error:
        raise UsageError(str(error)) from error
    found = trace(evaluation, judgement)
    places = rule_places(evaluation.snapshot, whole=True)
    document = trace_document(found)
    match options.output:
        case "json":
            write_json(trace_json(found, options.source, options.destination, places))
        case "md":
            sys.stdout.write(ticket(evaluation.snapshot, trace_title(judgement), document))
        case _:
            title = Heading((Span(trace_title(judgement)),))
            write_document((title, *with_places(document, places)), options)
    return _EXIT[judgement.verdict]


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_PORT):
        raise UsageError(f"--port {text}: a port is a number from 1 to {MAX_PORT}")
    return int(text)


def _protocol(text: str) -> str:
    if text.upper() not in PROTOCOLS:
        raise UsageError(f"--protocol {text}: {', '.join(PROTOCOLS[:-1])} or {PROTOCOLS[-1]}")
    return text.upper()
