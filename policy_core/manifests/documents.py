"""A file's text → its documents, whichever of YAML and JSON each turns out to be.

Each YAML document is parsed by itself, so that a broken one hides nothing but itself: a line that starts
with ``---`` can only be a document's start.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from policy_core.manifests import json_values, yaml_values
from policy_core.manifests.events import NOT_PART, InvalidYAMLError
from policy_core.manifests.flaws import Flaw

__all__ = ["BrokenDocument", "Document", "documents"]

_MARKER = re.compile(r"\n---(?=[ \t#\n]|\Z)")  # starts with text that can be searched for fast
_MARKER_COMMENT = re.compile(r"---[ \t]*#.*")
_ANYTHING = re.compile(r"^(?!---[ \t]*$|\.\.\.[ \t]*$|[ \t]*#)[^\S\n]*\S", re.MULTILINE)
_LOGS = re.compile(r"^==== START logs .*?(?:^==== END logs [^\n]*$|\Z)", re.MULTILINE | re.DOTALL)
_LOOKS_LIKE_JSON = re.compile(r"(?:---)?\s*[{\[]")


@dataclass(frozen=True, slots=True)
class Document:
    """``number`` is counted from 1; so is ``line``, where the document starts, and so are the lines in
    ``spans`` and ``flaws``, all within the file. ``starts`` has the offsets in the file of those
    objects that need not start a line."""

    number: int
    line: int
    value: Any
    spans: dict[int, tuple[int, int]]
    flaws: tuple[Flaw, ...] = ()
    starts: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BrokenDocument:
    """A document that could not be read at all; ``line`` is counted from 1."""

    number: int
    message: str
    line: int


def documents(text: str, *, json_first: bool = False) -> Iterator[Document | BrokenDocument]:
    """The documents of ``text``, empty ones left out. ``json_first`` says which syntax to name in a message
    where a document is neither."""
    number, line, offset = 0, 0, 0
    for chunk in _chunks(_without_logs(text)):
        if comment := _MARKER_COMMENT.match(chunk):
            # kubectl takes ---# for a marker as well, YAML does not. Blanks keep offsets as they are.
            chunk = "---".ljust(comment.end()) + chunk[comment.end() :]
        if content := _ANYTHING.search(chunk):
            first = line + chunk.count("\n", 0, content.end() - 1) + 1
            for document in _read(chunk, json_first):
                number += 1
                yield _placed(document, number, line + 1, first, offset)
        line += chunk.count("\n")
        offset += len(chunk)


def _without_logs(text: str) -> str:
    """``text`` with blanks for the containers' logs that ``kubectl cluster-info dump`` puts between its lists
    when it writes to standard output."""
    if "==== START logs" not in text:
        return text
    return _LOGS.sub(lambda logs: re.sub(r"[^\n]", " ", logs[0]), text)


def _chunks(text: str) -> Iterator[str]:
    """``text`` cut before every document marker, directives going with the document that they precede."""
    start = 0
    for marker in _MARKER.finditer(text):
        end = _before_directives(text, start, marker.start() + 1)
        if end > start:
            yield text[start:end]
            start = end
    yield text[start:]


def _before_directives(text: str, start: int, end: int) -> int:
    """Where the directives before the marker at ``end`` start. There can be some at the start of the file or
    after a line ``...`` only: elsewhere a line that starts with % belongs to the document before."""
    cut = at = end
    while at > start:
        previous = text.rfind("\n", start, at - 1) + 1 or start
        line = text[previous:at].rstrip()
        if line == "..." or line.startswith("... "):
            return cut
        if line.startswith("%"):
            cut = previous
        elif line and not line.startswith("#"):
            return end
        at = previous
    return cut if start == 0 else end


_Unplaced = yaml_values.YAMLDocument | json_values.JSONDocument | json_values.InvalidJSON | InvalidYAMLError


def _read(chunk: str, json_first: bool) -> Sequence[_Unplaced]:
    if not _LOOKS_LIKE_JSON.match(chunk):
        return _read_yaml(chunk)
    # Blanks keep offsets and lines as they are.
    found = list(json_values.documents(chunk.replace("---", "   ", 1) if chunk.startswith("---") else chunk))
    if not any(isinstance(document, json_values.InvalidJSON) for document in found):
        return found
    as_yaml = _read_yaml(chunk)
    if not any(isinstance(document, InvalidYAMLError) for document in as_yaml):
        return as_yaml
    json_first = json_first or any(isinstance(document, json_values.JSONDocument) for document in found)
    return found if json_first else as_yaml


def _read_yaml(chunk: str) -> list[_Unplaced]:
    found: list[_Unplaced] = []
    try:
        found.extend(document for document in yaml_values.documents(chunk) if document.value is not None)
    except InvalidYAMLError as error:
        if found and error.message.endswith(NOT_PART) and not _whole(found[-1]):
            found.pop()  # a piece of an object; what is wrong with it is where it ends
        found.append(error)
    return found


def _whole(document: _Unplaced) -> bool:
    value = document.value if isinstance(document, yaml_values.YAMLDocument) else None
    return isinstance(value, dict) and {"apiVersion", "kind"} <= value.keys()


def _placed(
    document: _Unplaced, number: int, shift: int, first: int, offset: int
) -> Document | BrokenDocument:
    """With lines and offsets within the file. The text that was parsed starts at ``offset``, on the line
    ``shift``, from 1; ``first`` is the first line in it that has anything on it."""
    match document:
        case InvalidYAMLError() | json_values.InvalidJSON():
            return BrokenDocument(number, document.message, document.line + shift)
        case json_values.JSONDocument():
            first = document.spans[id(document.value)][0] + shift
    flaws = tuple(replace(flaw, line=flaw.line + shift) for flaw in document.flaws)
    spans = {key: (start + shift, end + shift) for key, (start, end) in document.spans.items()}
    starts = {key: start + offset for key, start in document.starts.items()}
    return Document(number, first, document.value, spans, flaws, starts)
