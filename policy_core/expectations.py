"""Expectations: what its author says is allowed and what is not, as a list in YAML or JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yaml.events import SequenceStartEvent

from policy_core.manifests.collect import normalized
from policy_core.manifests.documents import BrokenDocument, Document, documents
from policy_core.manifests.fields import Fields, Report, closest, kind_of, quoted
from policy_core.manifests.flaws import Flaw, Loss
from policy_core.manifests.locate import Path, shown_path
from policy_core.manifests.places import Place, json_place, yaml_place
from policy_core.manifests.text_lines import text_lines
from policy_core.model import Origin, Problem, Severity
from policy_core.ports import MAX_PORT, PROTOCOLS
from policy_core.verdict import Verdict

__all__ = ["Expectation", "Expectations"]

_NEEDED = ("from", "to", "port", "expect")
_KEYS = (*_NEEDED, "protocol")
_OTHER_WORDS = {
    **dict.fromkeys(("source", "src"), "from"),
    **dict.fromkeys(("destination", "dest", "dst", "target"), "to"),
    **dict.fromkeys(("verdict", "result", "allowed"), "expect"),
}
"""What the keys are called elsewhere."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """``source`` and ``destination`` as they are written; ``port`` from 1 to 65535; ``line`` from 1."""

    source: str
    destination: str
    protocol: str
    port: int
    verdict: Verdict
    line: int
    origin: Origin
    """Of the entry; in JSON, where only whole documents have one, of the list around it."""
    path: Path = ()
    """Where the entry is from ``origin`` on."""

    @property
    def where(self) -> str:
        return f"{self.origin.file}:{self.line}"

    @property
    def place(self) -> str:
        """As ``where``; in JSON with its number in the list, since one line may hold them all."""
        return f"{self.where} {shown_path(self.path)}".rstrip()


class Expectations:
    """Gathers what file after file gives: a :class:`policy_core.sources.files.Sink`. An entry with a problem
    is left out, and hides none of the others."""

    def __init__(self) -> None:
        self.entries: list[Expectation] = []
        self.problems: list[Problem] = []
        self._texts: dict[str, str] = {}

    @property
    def files(self) -> tuple[str, ...]:
        """Those that could be read, in order."""
        return tuple(self._texts)

    def problem(self, message: str, file: str, line: int = 0, severity: Severity = Severity.ERROR) -> None:
        self.problems.append(Problem(severity, message, file, line))

    def problem_with(
        self, entry: Expectation, message: str, *field: str, severity: Severity = Severity.ERROR
    ) -> None:
        """Note what turned out to be wrong with ``entry``, or with that ``field`` of it."""
        report = Report(self._texts[entry.origin.file], entry.origin)
        report.add(message, (*entry.path, *field), severity)
        self.problems += report.problems

    def add(self, file: str, text: str) -> None:
        """Read ``text``, which messages name ``file``."""
        text = self._texts[file] = normalized(text)
        found = list(documents(text, json_first=file.endswith(".json")))
        if not found:
            self.problem("no expectation in it: a list of {from, to, port, expect} belongs here", file)
        for document in found:
            if isinstance(document, BrokenDocument):
                self.problem(document.message, file, document.line)
            elif isinstance(document.value, list):
                self._add_list(file, text, document)
            else:
                self.problem(_no_list(document.value), file, document.line)

    def _add_list(self, file: str, text: str, document: Document) -> None:
        flaws: dict[int | None, list[Flaw]] = {}
        indices = {id(entry): index for index, entry in enumerate(document.value)}
        for flaw in document.flaws:
            # In JSON the list holds them all, and the path begins with the entry.
            index = indices.get(flaw.holder, next((step for step in flaw.path if type(step) is int), None))
            flaws.setdefault(index, []).append(flaw)
        for flaw in flaws.pop(None, ()):
            self.problem(flaw.message, file, flaw.line)
        for index, (entry, report, path, line) in enumerate(_placed(file, text, document)):
            for flaw in flaws.get(index, ()):
                report.add(_said(flaw), (*path, *flaw.path[-1:]), line=flaw.line)
            found = _read(entry, report, path, line)
            if found is not None and not report.problems:
                self.entries.append(found)
            self.problems += report.distinct()


def _no_list(value: object) -> str:
    hint = ""
    if isinstance(value, dict) and {"apiVersion", "kind"} <= value.keys():
        hint = "; manifests are named by -f"
    elif isinstance(value, dict) and not value.keys().isdisjoint(_KEYS):
        hint = "; begin each with -"
    return f"must be a list of expectations, not {kind_of(value)}{hint}"


def _said(flaw: Flaw) -> str:
    # To kubectl the last one counts, but here there is no reason to choose.
    return "duplicate key" if flaw.loss is Loss.NOTHING else flaw.message


def _placed(file: str, text: str, document: Document) -> Iterator[tuple[Any, Report, Path, int]]:
    """Every entry with a report for its problems, its path from there, and its line. The YAML reader knows
    where each mapping is; of JSON, and of what is no mapping, only the list around has a place."""
    around: Place | None = None
    for index, entry in enumerate(document.value):
        if id(entry) in document.spans:
            origin = Origin(file, document.number, *document.spans[id(entry)], document.starts.get(id(entry)))
            yield entry, Report(text, origin), (), origin.line
            continue
        around = around or _list_place(text, document)
        line = around.below((index,)).first + 1
        at = document.starts.get(id(document.value))
        if at is None:
            yield entry, Report(text, Origin(file, document.number, line, line)), (), line
        else:
            origin = Origin(file, document.number, around.first + 1, around.last + 1, at)
            yield entry, Report(text, origin), (index,), line


def _list_place(text: str, document: Document) -> Place:
    at = document.starts.get(id(document.value))
    if at is not None:
        return json_place(text, at)
    first = document.line - 1
    return yaml_place(text[text_lines(text).start(first) :], first, SequenceStartEvent)


def _read(entry: Any, report: Report, path: Path, line: int) -> Expectation | None:
    if not isinstance(entry, dict):
        report.add(f"must be a mapping with {', '.join(_NEEDED)}, not {kind_of(entry)}", path, line=line)
        return None
    fields = Fields(entry, path, report)
    meant = {
        name: _OTHER_WORDS.get(name.lower()) or closest(name, _KEYS) for name in entry if name not in _KEYS
    }
    for name, known in meant.items():
        hint = f" (did you mean {known}?)" if known else f": there are {', '.join(_KEYS)}"
        report.add(f"unknown field {quoted(name)}{hint}", path, at=(*path, name))
    for name in _NEEDED:
        if name not in fields and name not in meant.values():
            report.add(f"{name} is missing", path, line=line)
    source, destination = fields.text("from"), fields.text("to")
    port, protocol, verdict = _port(fields), _protocol(fields), fields.choice("expect", Verdict, "")
    if report.problems or port is None or not protocol or not verdict:
        return None
    return Expectation(source, destination, protocol, port, Verdict(verdict), line, report.origin, path)


def _meant(name: str) -> str:
    return _OTHER_WORDS.get(name.lower()) or closest(name, _KEYS)


def _port(fields: Fields) -> int | None:
    if isinstance(fields.raw("port"), float):
        fields.wrong("port", "a whole number")
        return None
    return fields.integer("port", 1, MAX_PORT)


def _protocol(fields: Fields) -> str | None:
    given = fields.raw("protocol")
    if isinstance(given, str) and given.upper() in PROTOCOLS:
        return given.upper()
    return fields.choice("protocol", PROTOCOLS, "TCP")
