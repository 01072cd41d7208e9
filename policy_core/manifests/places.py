"""Where everything within one object stands, as a tree of places."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable
from typing import Any

import yaml
from yaml.events import MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent, SequenceStartEvent

from policy_core.manifests.events import event_source, last_line
from policy_core.manifests.scalars import key_text, resolve
from policy_core.manifests.text_lines import text_lines

__all__ = ["Place", "json_place", "yaml_place"]

_ENDS = (MappingEndEvent, SequenceEndEvent)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],]|[^\s{}\[\],:"]+')


class Place:
    """The first and last line of a value, its key included, and the places of what is in it. Of a key that
    is repeated it is the last that counts."""

    __slots__ = ("children", "first", "last")

    def __init__(self, first: int, last: int = sys.maxsize) -> None:
        self.first = first
        self.last = last  # beyond everything while nobody has got to the end
        self.children: dict[str | int, Place] = {}

    def below(self, path: Iterable[str | int]) -> Place:
        """The place at ``path`` in here, or the nearest around it."""
        place = self
        for step in path:
            if step not in place.children:
                break
            place = place.children[step]
        return place


def json_place(text: str, at: int) -> Place:
    """The JSON object at offset ``at``; lines are counted from 0 from the start of ``text``."""
    line = text_lines(text).line
    root = Place(line(at), line(at))
    stack: list[tuple[Place, bool]] = []
    key: re.Match[str] | None = None
    for token in _TOKEN.finditer(text, at):
        sign = token[0][0]
        if sign == ",":
            continue
        if sign in "}]":
            place, _ = stack.pop()
            place.last = line(token.start())
            if not stack:
                break
            continue
        if stack and stack[-1][1] and key is None:
            key = token
            continue
        place = root
        if stack:
            around, _ = stack[-1]
            place = Place(line((key or token).start()), line(token.end()))
            around.children[json.loads(key[0]) if key else len(around.children)] = place
            key = None
        if sign in "{[":
            stack.append((place, sign == "{"))
    return root


def yaml_place(text: str, line: int, opening: type[yaml.Event] = MappingStartEvent) -> Place:
    """The first mapping in ``text`` (or whatever else ``opening`` begins), as far as it can be read; what
    follows it may be anything. The text starts on ``line``."""
    root = Place(line)
    try:
        get = event_source(text)
        while type(event := get()) is not opening:
            if event is None:
                return root
        _Filler(get, text, line).fill(root, event)
    except yaml.YAMLError:
        return root  # the reader has told of it, and what comes before it has its place
    return root


class _Filler:
    def __init__(self, get: Callable[[], Any], text: str, shift: int) -> None:
        self.get = get
        self.text = text
        self.shift = shift

    def fill(self, place: Place, event: Any) -> None:
        """Put into ``place`` the value that ``event`` begins."""
        kind = type(event)
        if kind is MappingStartEvent:
            while type(event := self.get()) is not MappingEndEvent:
                key, value = _key(event), self._place(event)
                self.fill(self._place(event), event)
                if key is not None:
                    place.children[key] = value
                self.fill(value, self.get())
        elif kind is SequenceStartEvent:
            while type(event := self.get()) is not SequenceEndEvent:
                item = place.children[len(place.children)] = self._place(event)
                self.fill(item, event)
        place.last = max(place.first, self.shift + _last_line(event, self.text))

    def _place(self, event: Any) -> Place:
        return Place(event.start_mark.line + self.shift)


def _key(event: Any) -> str | None:
    if type(event) is not ScalarEvent:
        return None
    return key_text(resolve(event.value)) if event.implicit[0] else event.value


def _last_line(end: Any, text: str) -> int:
    if type(end) in _ENDS:
        return last_line(end, text)
    mark = end.end_mark
    block = type(end) is ScalarEvent and end.style in ("|", ">")
    return int(mark.line) - 1 if block and mark.column == 0 else int(mark.line)
