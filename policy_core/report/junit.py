"""What came of the expectations as JUnit XML, which CI systems read: a suite for each file, a test case for
each expectation, and an error for each entry that is none.

Attributes and their order of nesting are those of the Jenkins schema (junit-10.xsd). There are no times: what
a single expectation took would say nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import PurePath
from xml.etree import ElementTree as ET

from policy_core.checking import Checked, Outcome
from policy_core.model import Problem
from policy_core.printable import printable
from policy_core.report.check import asked, expected_and_found
from policy_core.report.document import NO_BREAK, Document
from policy_core.report.layout import ALL, layout, plain
from policy_core.report.words import names

__all__ = ["junit_xml"]

_WIDTH = 120
_NOT_XML = re.compile("[\ufffe\uffff]")
"""What XML 1.0 forbids of what can be printed."""


def junit_xml(checked: Checked, explain: Callable[[Outcome], Document]) -> str:
    """``explain`` is asked about those that differ only. The text is ASCII, so that it is the same whatever
    the encoding of the stream that it is written to."""
    outcomes: dict[str, list[Outcome]] = defaultdict(list)
    errors: dict[str, list[Problem]] = defaultdict(list)
    for problem in checked.errors:
        errors[problem.file].append(problem)
    for outcome in checked.outcomes:
        outcomes[outcome.expectation.origin.file].append(outcome)
    root = ET.Element("testsuites", {"name": "netpol-tui check", **_counts(checked.outcomes, checked.errors)})
    for file in dict.fromkeys((*errors, *checked.files)):  # what could not be read at all is no file
        counts = _counts(outcomes[file], errors[file])
        suite = ET.SubElement(root, "testsuite", {"name": _clean(file), "file": _clean(file), **counts})
        for outcome in outcomes[file]:
            _add_outcome(suite, outcome, explain)
        for problem in errors[file]:
            parts = (f"line {problem.line}" if problem.line else "", problem.field, problem.message)
            case = _case(suite, ": ".join(part for part in parts if part), file, problem.line)
            ET.SubElement(case, "error", {"type": "error", "message": _clean(str(problem))})
    ET.indent(root)
    text = ET.tostring(root, encoding="us-ascii", xml_declaration=False).decode("ascii")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _counts(outcomes: Sequence[Outcome], errors: Sequence[Problem]) -> dict[str, str]:
    failures = sum(not outcome.ok for outcome in outcomes)
    counts = {"tests": len(outcomes) + len(errors), "failures": failures, "errors": len(errors)}
    return {name: str(number) for name, number in counts.items()}


def _case(suite: ET.Element, name: str, file: str, line: int) -> ET.Element:
    # Readers take what follows the last dot for a class, and show what comes before it as folders.
    classname = ".".join(part for part in PurePath(file).with_suffix("").parts if part.strip("./"))
    found = {"name": name, "classname": classname or file, "file": file, "line": str(line)}
    return ET.SubElement(suite, "testcase", {key: _clean(value.strip()) for key, value in found.items()})


def _add_outcome(suite: ET.Element, outcome: Outcome, explain: Callable[[Outcome], Document]) -> None:
    entry = outcome.expectation
    case = _case(suite, f"{asked(outcome)}: {entry.verdict}", entry.origin.file, entry.line)
    if not outcome.ok:
        said = {"type": f"{entry.verdict}-expected", "message": _clean(expected_and_found(outcome))}
        failure = ET.SubElement(case, "failure", said)
        lines = plain(layout(explain(outcome), _WIDTH, ALL)).split("\n")
        failure.text = "\n".join(map(_clean, (entry.where, *lines, "")))
    elif outcome.unevaluated:
        which = names(str(policy.ref) for policy in outcome.unevaluated)
        note = f"holds by what is evaluated only; {which} may apply as well"
        ET.SubElement(case, "system-out").text = _clean(note)


def _clean(text: str) -> str:
    """With escapes for whatever no XML may hold, and for what moves or hides text."""
    safe = printable(text).replace(NO_BREAK, " ")
    return _NOT_XML.sub(lambda match: f"\\u{ord(match[0]):04x}", safe)
