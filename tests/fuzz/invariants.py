"""What holds whatever was read."""

from __future__ import annotations

import json
import re
from itertools import islice, permutations
from typing import Any

from policy_core.details.pod import pod_detail
from policy_core.evaluation import Evaluation
from policy_core.manifests.collect import Collector
from policy_core.manifests.decode import decode
from policy_core.manifests.locate import Path, lines, parsed_path
from policy_core.manifests.objects import RawObject, objects
from policy_core.model import Reading
from policy_core.printable import printable
from policy_core.related import related
from policy_core.report.json import pod_json
from policy_core.report.layout import layout, plain
from policy_core.snapshot import assemble
from policy_core.sources import files
from policy_core.verdict import connection
from tests import reference
from tests.fuzz.renderings import check_renderings
from tests.strategies import EXTERNAL, interesting_ports
from tui.catalogue import Catalogue, PodRow, PolicyRow, ServiceRow
from tui.subjects import copied, document, manifest

__all__ = ["check"]

_FILES = ("x.yaml", "x.json")
_NEIGHBOUR = "apiVersion: v1\nkind: Pod\nmetadata: {name: %s}\n"
_BEFORE, _AFTER = _NEIGHBOUR % "neighbour-before", _NEIGHBOUR % "neighbour-after"
_DIRECTIVES = re.compile(r"^%.*\n(?:[ \t]*(?:[#%].*)?\n)*\Z", re.MULTILINE)
_CONTINUED = ("%", "#", "\n", "\ufeff", " ", "\r", ".", "---")
"""What may mean something else where a document comes before it: directives, for one."""
_ELSEWHERE = re.compile(r"[&*\\!]|<<|\?")
"""With aliases, merge keys, escapes, tags and explicit keys a field may be written anywhere, and anyhow."""
_MOST = 4
"""Rows of a list that are looked at: the next is not much different."""


def check(data: bytes) -> None:
    """Raises AssertionError, or whatever the program raises, where something does not hold for ``data``."""
    if not data.strip():
        return
    reading = files.read(["-"], stdin=lambda: data)
    _check_reading(reading, "<stdin>")
    evaluation = Evaluation.of(assemble(reading))
    _check_pages(evaluation)
    _check_verdicts(evaluation)
    text = data.decode(errors="replace")
    for file in _FILES:
        _check_text(text, file)
    check_renderings(text)


def _read(file: str, text: str) -> Reading:
    collector = Collector()
    collector.add(file, text)
    return collector.reading(file)


def _check_text(text: str, file: str) -> None:
    _check_reading(_read(file, text), file)
    text += "\n"
    reading = _read(file, text)
    assert reading == _read(file, text), "reading the same text again gives something else"
    around = _read(file, f"{_BEFORE}---\n{text}---\n{_AFTER}")
    names = [obj.ref.name for obj in around.objects]
    assert names[:1] == ["neighbour-before"], "the object before is not read"
    if "==== START logs" in text or _DIRECTIVES.search(around.texts[file].removesuffix(f"---\n{_AFTER}")):
        return  # logs have an end of their own, and directives belong to the document after them
    assert names[-1:] == ["neighbour-after"], "the object after is not read"
    assert str(around.objects[-1].origin) == f"{file}:{around.texts[file].count(chr(10)) - 2}"
    if not text.startswith(_CONTINUED):
        alone = [(p.message, p.line + 4, p.field) for p in reading.problems if p.line]
        within = [(p.message, p.line, p.field) for p in around.problems]
        assert alone == within, f"read otherwise among others:\n{alone}\n{within}"


def _check_reading(reading: Reading, file: str) -> None:
    text = reading.texts.get(file, "")
    last = text.count("\n") + 1
    for problem in reading.problems:
        assert problem.file == file, problem
        assert 0 <= problem.line <= last, f"{problem}: no such line"
        assert problem.line or not (problem.field or problem.subject), f"{problem}: no line"
        assert printable(problem.message) == problem.message, f"{problem!r}: not printable"
        assert printable(problem.field) == problem.field, f"{problem!r}: not printable"
        assert len(problem.message) < 1000, f"{problem!r:.2000}: an endless message"
    for obj in reading.objects:
        origin = obj.origin
        assert origin, obj.ref
        assert origin.file == file, f"{obj.ref}: {origin}"
        assert origin.end_line is not None, obj.ref
        assert 1 <= origin.line <= origin.end_line <= last, f"{obj.ref}: {origin}: no such lines"
        if origin.at is not None:
            assert text.count("\n", 0, origin.at) + 1 == origin.line, f"{obj.ref}: {origin}: not on its line"
            assert not text[origin.at].isspace(), f"{obj.ref}: {origin}: starts with {text[origin.at]!r}"
    for raw in islice(objects(text, file), 20):
        if isinstance(raw, RawObject):
            _check_places(raw)


def _check_places(raw: RawObject) -> None:
    origin = raw.origin
    assert origin.end_line is not None
    for problem in decode(raw, "default").problems[:50]:
        assert origin.line <= problem.line <= origin.end_line, f"{problem}: outside of {origin}"
        path = parsed_path(problem.field)
        first, last = lines(raw.text, origin, path)
        assert origin.line <= first <= last <= origin.end_line, f"{problem}: {first}-{last} of {origin}"
        if len(path) > 1 and _holds(raw.value, path) and not _ELSEWHERE.search(raw.text):
            assert _as_written(path[-1]) in raw.text.split("\n")[first - 1], f"{problem}: not on line {first}"


def _as_written(step: str | int) -> str:
    """What is in the text of a key that is in the values, as far as that is certain."""
    certain = isinstance(step, str) and step.isalpha() and step not in ("true", "false", "nan", "inf")
    return str(step) if certain else ""


def _holds(value: Any, path: Path) -> bool:
    try:
        for step in path:
            value = value[step]
    except (LookupError, TypeError):
        return False
    return True


def _check_pages(evaluation: Evaluation) -> None:
    """Whatever the explorer shows of the first rows of its lists can be shown, and safely so."""
    catalogue = Catalogue.of(evaluation)
    for row in (row for rows in catalogue.rows.values() for row in rows[:_MOST]):
        page = document(evaluation, row)
        for path in ((), ("metadata", "name"), ("spec", "ingress", 0)):
            _check_printable(copied(evaluation, row, bool(path), path))
        for width in (30, 100):
            _check_printable(plain(layout(page, width)))
        match row:
            case PodRow(pod=subject) | ServiceRow(service=subject) | PolicyRow(policy=subject):
                related(evaluation, subject)
    for problem in evaluation.snapshot.problems[:20]:
        found = catalogue.find(problem.subject) if problem.subject else None
        source = manifest(evaluation.snapshot, found, parsed_path(problem.field)) if found else None
        if source and source.highlighted:
            shown = range(source.first_number, source.first_number + len(source.lines))
            assert source.highlighted[0] in shown, f"{problem}: {source.highlighted} of {shown}"
            assert source.highlighted[-1] in shown, f"{problem}: {source.highlighted} of {shown}"
    for pod in evaluation.snapshot.pods[:_MOST]:
        json.dumps(pod_json(pod_detail(evaluation, pod)))


def _check_printable(text: str) -> None:
    for line in text.split("\n"):
        assert printable(line) == line, f"{line!r}: not printable"


def _check_verdicts(evaluation: Evaluation) -> None:
    """Of a few connections, as the slow evaluator has them; it knows nothing of labels that are not known."""
    snapshot = evaluation.snapshot
    live = [pod for pod in snapshot.pods if not pod.finished]
    if not all(each.labels_known for each in (*live, *snapshot.nodes)):
        return
    namespaces = [*snapshot.namespaces.values()]
    world = reference.World(
        namespaces,
        snapshot.pods,
        snapshot.network_policies,
        tiered=snapshot.tiered_policies,
        nodes=snapshot.nodes,
    )
    ports = interesting_ports(world)
    pods = [*live[:2], *live[2:][-1:]]
    for source, destination in permutations([*pods, EXTERNAL[len(live) % 2]], 2):
        for protocol, port in ports[:: len(ports) // 3 + 1]:
            found = connection(evaluation.policies, source, destination, protocol, port)
            expected = reference.verdict(world, source, destination, protocol, port)
            assert found.verdict.value == expected.verdict, f"{source} → {destination} {protocol} {port}"
