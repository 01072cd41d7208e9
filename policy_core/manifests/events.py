"""YAML text as parser events: libyaml's where PyYAML has it, else those of PyYAML itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import yaml
from yaml.parser import Parser
from yaml.reader import Reader, ReaderError
from yaml.scanner import Scanner

__all__ = ["NOT_PART", "TEMPLATE", "InvalidYAMLError", "event_source", "invalid_yaml", "last_line"]

NOT_PART = "what is above ends before this: is the indentation right?"
TEMPLATE = "it seems to be a template, so render it first"
# Line breaks to YAML 1.1, but not to anyone who counts a file's lines.
_ODD_BREAKS = {ord(c): "\ufffd" for c in "\x85\u2028\u2029"}


class InvalidYAMLError(Exception):
    """``line`` is counted from 0, from the start of the text that was parsed."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


class _PythonParser(Reader, Scanner, Parser):
    def __init__(self, stream: str) -> None:
        Reader.__init__(self, stream)
        Scanner.__init__(self)
        Parser.__init__(self)


_Parser: Callable[[str], Any]
try:
    from yaml._yaml import CParser as _Parser
except ImportError:
    _Parser = _PythonParser


def event_source(text: str) -> Callable[[], Any]:
    """A function that returns the next event each time, and None after the last.

    It raises yaml.YAMLError where the text is not YAML; :func:`invalid_yaml` makes that readable.
    """
    if any(chr(c) in text for c in _ODD_BREAKS):
        text = text.translate(_ODD_BREAKS)
    return cast("Callable[[], Any]", _Parser(text).get_event)


def invalid_yaml(error: yaml.YAMLError, text: str) -> InvalidYAMLError:
    """What is wrong with ``text``, and on which of its lines."""
    if isinstance(error, yaml.MarkedYAMLError):
        return _invalid_at(error, text)
    if isinstance(error, ReaderError):
        match = Reader.NON_PRINTABLE.search(text)
        at = match.start() if match else 0
        character = f"the control character U+{ord(text[at]):04X}" if match else str(error.reason)
        return InvalidYAMLError(f"not valid YAML: {character} is not allowed", text.count("\n", 0, at))
    return InvalidYAMLError(f"not valid YAML: {error}", 0)


def _invalid_at(error: yaml.MarkedYAMLError, text: str) -> InvalidYAMLError:
    mark = error.problem_mark or error.context_mark
    if error.context_mark and mark and not text[mark.index :].strip():
        mark = error.context_mark  # of what is never closed, the end of the text says nothing
    lines = text.split("\n", mark.line + 1)[: mark.line + 1] if mark else [""]
    line = len(lines) - 1  # the end of the text may count as a line of its own
    faulty = lines[line]
    if "\t" in faulty[: len(faulty) - len(faulty.lstrip())]:
        return InvalidYAMLError("not valid YAML: a tab cannot indent, use spaces", line)
    # A template that stands for whole lines shows where something follows.
    above = next((number for number in reversed(range(line)) if lines[number].strip()), line)
    for number in (line, above):
        if "{{" in lines[number]:
            return InvalidYAMLError(f"not valid YAML: {TEMPLATE}", number)
    if error.problem == "did not find expected <document start>":
        return InvalidYAMLError(f"not valid YAML: {NOT_PART}", line)
    message = " ".join(part for part in (error.context, error.problem) if part)
    return InvalidYAMLError(f"not valid YAML: {message}", line)


def last_line(end: Any, text: str) -> int:
    """The last line, from 0, of the collection that the event ``end`` closes.

    In block style that event stands where the next thing begins: blank lines and comments lie between.
    """
    at, line = end.end_mark.index, int(end.end_mark.line)
    if at > end.start_mark.index:
        return line
    if at < len(text):
        start = text.rfind("\n", 0, at) + 1
        if text[start:at].strip():
            return line  # of a pair in a flow sequence, as in [a: b], that has no brackets of its own
        at, line = start, line - 1
    else:  # libyaml has one line more where the last one has no end
        line = text.count("\n") - text.endswith("\n")
    while line > 0:
        start = text.rfind("\n", 0, at - 1) + 1
        content = text[start:at].strip()
        if content and not content.startswith("#"):
            break
        line, at = line - 1, start
    return line
