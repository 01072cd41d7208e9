"""JSON → plain values, through the json module, with the lines of every object."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from policy_core.manifests.extent import MAX_DEPTH, extent

__all__ = ["InvalidJSON", "JSONDocument", "documents"]

_SPACE = re.compile(r"[ \t\n\r]*")
_NEXT_OBJECT = re.compile(r"^\{", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class InvalidJSON:
    """Stands for a document that could not be read. Lines are counted from 0."""

    message: str
    line: int


@dataclass(frozen=True, slots=True)
class JSONDocument:
    """``spans`` has the first and last line, counted from 0, of the root and of every element of its
    ``items``, by id(), ``starts`` the offsets at which they start; ``repeats`` has the keys that some mapping
    in it has twice."""

    value: Any
    spans: dict[int, tuple[int, int]]
    starts: dict[int, int]
    repeats: list[str] = field(default_factory=list)


def documents(text: str) -> Iterator[JSONDocument | InvalidJSON]:
    """The JSON documents that follow one another in ``text``. After a broken one, reading goes on at the
    next line that opens an object."""
    at, counted, line = _skip_space(text, 0), 0, 0
    while at < len(text):
        line, counted = line + text.count("\n", counted, at), at
        reader = _Reader(text)
        try:
            value, end = reader.root(at)
            if extent(value)[1] > MAX_DEPTH:
                raise RecursionError
        except (ValueError, RecursionError) as error:
            yield _invalid(error, text, line)
            following = _NEXT_OBJECT.search(text, at + 1)
            at = following.start() if following else len(text)
            continue
        starts = {identity: start for identity, start, _ in reader.places}
        yield JSONDocument(value, reader.lines(line, at), starts, reader.repeats)
        at = _skip_space(text, end)


def _invalid(error: ValueError | RecursionError, text: str, first_line: int) -> InvalidJSON:
    if isinstance(error, RecursionError):
        return InvalidJSON(f"nested more than {MAX_DEPTH} levels deep", first_line)
    if isinstance(error, json.JSONDecodeError):
        message = error.msg[:1].lower() + error.msg[1:]
        return InvalidJSON(f"not valid JSON: {message}", text.count("\n", 0, error.pos))
    return InvalidJSON(f"not valid JSON: {error}", first_line)


class _Reader:
    """One document. Notes where the root and its items lie, and which keys are repeated."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.repeats: list[str] = []
        self.places: list[tuple[int, int, int]] = []
        self._decode = json.JSONDecoder(object_pairs_hook=self._object, parse_constant=_refuse).raw_decode

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            keys = [key for key, _ in pairs]
            self.repeats += sorted({key for key in keys if keys.count(key) > 1})
        return made

    def root(self, at: int) -> tuple[Any, int]:
        """The document that starts at offset ``at``, and the offset after it."""
        if self.text[at] != "{":
            return self._placed(at)
        root, end = self._root_object(at)
        self.places.append((id(root), at, end))
        return root, end

    def _root_object(self, start: int) -> tuple[dict[str, Any], int]:
        """As the decoder reads an object, but the elements of ``items`` are decoded one by one."""
        pairs: list[tuple[str, Any]] = []
        at = _skip_space(self.text, start + 1)
        while self._peek(at) != "}":
            if pairs:
                at = self._expect(at, ",", "Expecting ',' delimiter")
            if self._peek(at) != '"':
                raise json.JSONDecodeError("Expecting property name enclosed in double quotes", self.text, at)
            key, at = self._decode(self.text, at)
            at = self._expect(_skip_space(self.text, at), ":", "Expecting ':' delimiter")
            value, at = (
                self._items(at) if key == "items" and self._peek(at) == "[" else self._decode(self.text, at)
            )
            pairs.append((key, value))
            at = _skip_space(self.text, at)
        return self._object(pairs), at + 1

    def _items(self, start: int) -> tuple[list[Any], int]:
        items: list[Any] = []
        at = _skip_space(self.text, start + 1)
        while self._peek(at) != "]":
            if items:
                at = self._expect(at, ",", "Expecting ',' delimiter")
            item, at = self._placed(at)
            items.append(item)
            at = _skip_space(self.text, at)
        return items, at + 1

    def _placed(self, at: int) -> tuple[Any, int]:
        value, end = self._decode(self.text, at)
        self.places.append((id(value), at, end))
        return value, end

    def _peek(self, at: int) -> str:
        return self.text[at : at + 1]

    def _expect(self, at: int, character: str, otherwise: str) -> int:
        if self._peek(at) != character:
            raise json.JSONDecodeError(otherwise, self.text, at)
        return _skip_space(self.text, at + 1)

    def lines(self, line: int, at: int) -> dict[int, tuple[int, int]]:
        """Where everything noted lies, given that offset ``at`` is on ``line``."""
        spans = {}
        for identity, start, end in sorted(self.places, key=lambda place: place[1]):
            line, at = line + self.text.count("\n", at, start), start
            spans[identity] = (line, line + self.text.count("\n", start, end))
        return spans


def _skip_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON value")
