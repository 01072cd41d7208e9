"""JSON → plain values, through the json module, with the lines of every object."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from policy_core.manifests.extent import MAX_DEPTH, extent
from policy_core.manifests.flaws import Flaw, Loss, duplicate_key
from policy_core.manifests.places import Place, json_place

__all__ = ["InvalidJSON", "JSONDocument", "documents"]

_SPACE = re.compile(r"[ \t\n\r]*")
_NEXT_OBJECT = re.compile(r"^\{", re.MULTILINE)
_SUSPECT = re.compile(
    r'"(?:[^"\\]|\\.)*"|(?P<opens>[\[{])|(?P<closes>[\]}])'
    r"|(?P<constant>NaN|-?Infinity)|(?P<number>-?[0-9]{4301,}+(?![.eE]))|[0-9]++"
)
"""Whatever the json module refuses without saying where; strings, brackets and other numbers stepped over."""


@dataclass(frozen=True, slots=True)
class InvalidJSON:
    """Stands for something that could not be read. Lines are counted from 0."""

    message: str
    line: int


@dataclass(frozen=True, slots=True)
class JSONDocument:
    """``spans`` has the first and last line, counted from 0, of the root and of every element of its
    ``items`` and of theirs, by id(), ``starts`` the offsets at which they start."""

    value: Any
    spans: dict[int, tuple[int, int]]
    starts: dict[int, int]
    flaws: list[Flaw]


class _FaultError(Exception):
    """What is wrong at offset ``at``."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.message = message
        self.at = at


def documents(text: str) -> Iterator[JSONDocument | InvalidJSON]:
    """The JSON documents that follow one another in ``text``, nulls left out. After a broken one, reading
    goes on at the next line that opens an object; what a list holds may be broken piece by piece."""
    at, counted, line = _skip_space(text, 0), 0, 0
    while at < len(text):
        line, counted = line + text.count("\n", counted, at), at
        reader = _Reader(text)
        value, end = reader.document(at)
        for fault in reader.faults:
            yield InvalidJSON(fault.message, line + text.count("\n", at, fault.at))
        if value is not None:
            starts = {identity: start for identity, start, _ in reader.places}
            spans = reader.lines(line, at)
            flaws = list(reader.flaws(value, spans)) if reader.repeats else []
            yield JSONDocument(value, spans, starts, flaws)
        at = _skip_space(text, end)


class _Reader:
    """One document. Notes where the root and its items lie, which keys are repeated and what is broken."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.faults: list[_FaultError] = []
        self.places: list[tuple[int, int, int]] = []
        self.repeats: dict[int, list[str]] = {}
        self._replaced: list[Any] = []
        """What was read before: by a repeated key, or in another way. Kept, since ids tell objects apart."""
        self._read: dict[str, Any] = {}
        """The root as far as it has been read."""
        self._decode = json.JSONDecoder(object_pairs_hook=self._object, parse_constant=_refuse).raw_decode

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            counts = Counter(key for key, _ in pairs)
            self.repeats[id(made)] = [key for key, count in counts.items() if count > 1]
            self._replaced.append(pairs)
        return made

    def document(self, at: int) -> tuple[Any, int]:
        """The document that starts at offset ``at``, and the offset at which to go on; None where there is
        none. Of a list that breaks off there are the items before."""
        try:
            value, end = self._root(at)
        except _FaultError as fault:
            self.faults.append(fault)
            value, end = None, at + 1
            if self._read.get("items") and str(self._read.get("kind", "List")).endswith("List"):
                value, end = {"kind": "List", **self._read}, fault.at
                self.places.append((id(value), at, end))
            following = _NEXT_OBJECT.search(self.text, end)
            return value, following.start() if following else len(self.text)
        return value, end

    def _root(self, at: int) -> tuple[Any, int]:
        if self.text[at] == "[":
            return self._placed(at, 0)
        if self.text[at] != "{":
            value, end = self._value(at, 0)
            if value is not None:
                raise _FaultError("not valid JSON: text between two objects", at)
            return value, end
        root, end = self._list(at, self._read)
        self.places.append((id(root), at, end))
        return root, end

    def _list(self, start: int, read: dict[str, Any]) -> tuple[dict[str, Any], int]:
        """As the decoder reads an object, but the elements of ``items`` are decoded one by one. ``read`` gets
        the fields as they come."""
        pairs: list[tuple[str, Any]] = []
        at = _skip_space(self.text, start + 1)
        while self._peek(at) != "}":
            if pairs:
                at = self._expect(at, ",", "expecting ',' delimiter")
            if self._peek(at) != '"':
                raise _FaultError("not valid JSON: expecting property name enclosed in double quotes", at)
            key, at = self._value(at, 1)
            at = self._expect(_skip_space(self.text, at), ":", "expecting ':' delimiter")
            if key == "items" and self._peek(at) == "[":
                value, at = self._items(at, read)
            else:
                value, at = self._value(at, 1)
                read[key] = value
            pairs.append((key, value))
            at = _skip_space(self.text, at)
        return self._object(pairs), at + 1

    def _items(self, start: int, read: dict[str, Any]) -> tuple[list[Any], int]:
        items: list[Any] = []
        read["items"] = items
        at = first = _skip_space(self.text, start + 1)
        separated = True
        while self._peek(at) != "]":
            beyond = at
            try:
                if not separated:
                    at = self._expect(at, ",", "expecting ',' delimiter")
                beyond = at + 1
                item, at = self._placed(at, 2)
            except _FaultError as fault:
                at, separated = self._resume(first, beyond, fault), True
            else:
                items.append(item)
                at, separated = _skip_space(self.text, at), False
        return items, at + 1

    def _resume(self, first: int, beyond: int, fault: _FaultError) -> int:
        """Where the next item after ``fault`` starts, or the list ends, at offset ``beyond`` or later; judged
        by how the ``first`` item is indented."""
        line = self.text.rfind("\n", 0, first) + 1
        indent = self.text[line:first]
        if indent.strip():
            raise fault
        following = re.compile(rf"^(?:{indent}(?=\{{)|[ \t]{{0,{len(indent)}}}(?=\]))", re.MULTILINE)
        fault_line = self.text.rfind("\n", 0, fault.at) + 1
        found = following.search(self.text, max(fault_line, beyond - len(indent)))
        if not found:
            raise fault
        self.faults.append(fault)
        return found.end()

    def _placed(self, at: int, above: int) -> tuple[Any, int]:
        value, end = self._value(at, above)
        if isinstance(value, dict) and isinstance(value.get("items"), list):
            # A list in a list is sound, but where its items are is not known.
            self._replaced.append(value)
            value, end = self._list(at, {})
        self.places.append((id(value), at, end))
        return value, end

    def _value(self, at: int, above: int) -> tuple[Any, int]:
        """The value at offset ``at``, which lies ``above`` levels deep, and the offset after it."""
        try:
            value, end = self._decode(self.text, at)
            if extent(value)[1] + above <= MAX_DEPTH:
                return value, end
        except json.JSONDecodeError as error:
            message = error.msg[:1].lower() + error.msg[1:].removesuffix(" at").removesuffix(" starting")
            raise _FaultError(f"not valid JSON: {message}", error.pos) from None
        except (ValueError, RecursionError):
            pass  # the search below finds what it is
        raise self._suspect(at, above)

    def _suspect(self, at: int, depth: int) -> _FaultError:
        """The first thing from ``at`` on that the decoder refuses without saying where."""
        for found in _SUSPECT.finditer(self.text, at):
            if found["opens"]:
                depth += 1
                if depth > MAX_DEPTH:
                    return _FaultError(f"nested more than {MAX_DEPTH} levels deep", found.start())
            elif found["closes"]:
                depth -= 1
            elif found["constant"]:
                return _FaultError(f"not valid JSON: {found[0]} is no JSON value", found.start())
            elif found["number"]:
                at = found.start()
                break
        return _FaultError("not valid JSON: a number with too many digits", at)

    def _peek(self, at: int) -> str:
        return self.text[at : at + 1]

    def _expect(self, at: int, character: str, otherwise: str) -> int:
        if self._peek(at) != character:
            raise _FaultError(f"not valid JSON: {otherwise}", at)
        return _skip_space(self.text, at + 1)

    def lines(self, line: int, at: int) -> dict[int, tuple[int, int]]:
        """Where everything noted lies, given that offset ``at`` is on ``line``."""
        spans = {}
        for identity, start, end in sorted(self.places, key=lambda place: place[1]):
            line, at = line + self.text.count("\n", at, start), start
            spans[identity] = (line, line + self.text.count("\n", start, end))
        return spans

    def flaws(self, root: Any, spans: dict[int, tuple[int, int]]) -> Iterator[Flaw]:
        """The keys that are repeated."""
        starts = {identity: start for identity, start, _ in self.places}
        places: dict[int, Place] = {}
        pending: list[tuple[Any, int, tuple[str | int, ...]]] = [(root, id(root), ())]
        while pending:
            value, holder, path = pending.pop()
            if id(value) in spans:
                holder, path = id(value), ()
            for key in self.repeats.get(id(value), ()):
                line = spans[holder][0]
                if not self.faults or holder != id(root):  # what is broken has no places
                    if holder not in places:
                        places[holder] = json_place(self.text, starts[holder])
                    line = places[holder].below((*path, key)).first
                yield Flaw(duplicate_key(key), line, holder, (*path, key), Loss.NOTHING)
            steps = value.items() if type(value) is dict else enumerate(value) if type(value) is list else ()
            pending += reversed([(child, holder, (*path, step)) for step, child in steps])


def _skip_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON value")
