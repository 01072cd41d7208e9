"""A file's text → its documents, whichever of YAML and JSON each turns out to be.

Each YAML document is parsed by itself, so that a broken one hides nothing but itself: a line that starts
with ``---`` can only be a document's start.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from policy_core.manifests import json_values, yaml_values
from policy_core.manifests.events import InvalidYAMLError
from policy_core.manifests.yaml_values import Flaw
from policy_core.printable import printable

__all__ = ["BrokenDocument", "Document", "documents"]

_MARKER = re.compile(r"^---(?:[ \t#].*)?$", re.MULTILINE)
_MARKER_COMMENT = re.compile(r"---[ \t]*#.*")
_ANYTHING = re.compile(r"^(?!---[ \t]*$|\.\.\.[ \t]*$|[ \t]*#)[^\S\n]*\S", re.MULTILINE)
_LOOKS_LIKE_JSON = re.compile(r"(?:---)?\s*[{\[]")


@dataclass(frozen=True, slots=True)
class Document:
    """``number`` is counted from 1; so is ``line``, where the document starts, and so are the lines in
    ``spans`` and ``flaws``, all within the file. ``starts`` has the offsets in the file of JSON objects."""

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
    for chunk in _chunks(text):
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


def _chunks(text: str) -> Iterator[str]:
    """``text`` cut before every document marker, directives going with the document that they precede."""
    start = 0
    for marker in _MARKER.finditer(text):
        end = _before_directives(text, start, marker.start())
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


def _read(chunk: str, json_first: bool) -> list[_Unplaced]:
    if _LOOKS_LIKE_JSON.match(chunk):
        # Blanks keep offsets and lines as they are.
        found = list(
            json_values.documents(chunk.replace("---", "   ", 1) if chunk.startswith("---") else chunk)
        )
        if not isinstance(found[0], json_values.InvalidJSON) and not _repeats(found):
            return list(found)
        as_yaml = _read_yaml(chunk)
        if not isinstance(as_yaml[-1], InvalidYAMLError):
            return as_yaml
        if json_first or _repeats(found):
            return list(found)
        return as_yaml
    return _read_yaml(chunk)


def _repeats(found: list[Any]) -> bool:
    return any(isinstance(document, json_values.JSONDocument) and document.repeats for document in found)


def _read_yaml(chunk: str) -> list[_Unplaced]:
    found: list[_Unplaced] = []
    try:
        found.extend(document for document in yaml_values.documents(chunk) if document.value is not None)
    except InvalidYAMLError as error:
        found.append(error)
    return found


def _placed(
    document: _Unplaced, number: int, shift: int, first: int, offset: int
) -> Document | BrokenDocument:
    """With lines and offsets within the file. The text that was parsed starts at ``offset``, on the line
    ``shift``, from 1; ``first`` is the first line in it that has anything on it."""
    starts: dict[int, int] = {}
    match document:
        case InvalidYAMLError() | json_values.InvalidJSON():
            return BrokenDocument(number, document.message, document.line + shift)
        case yaml_values.YAMLDocument():
            flaws = tuple(replace(flaw, line=flaw.line + shift) for flaw in document.flaws)
        case json_values.JSONDocument():
            first = document.spans[id(document.value)][0] + shift
            starts = {key: start + offset for key, start in document.starts.items()}
            flaws = tuple(
                Flaw(
                    f'duplicate key "{printable(key)}": the last one counts',
                    first,
                    id(document.value),
                    (),
                )
                for key in document.repeats
            )
    spans = {key: (start + shift, end + shift) for key, (start, end) in document.spans.items()}
    return Document(number, first, document.value, spans, flaws, starts)
