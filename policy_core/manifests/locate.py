"""Where a field of an object stands in its file.

Reading keeps the lines of whole objects only. Few objects are ever looked into, so finding a field means
parsing its object's own lines once more.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable
from functools import lru_cache
from itertools import accumulate
from typing import Any

import yaml
from yaml.events import MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent, SequenceStartEvent

from policy_core.manifests.events import event_source, last_line
from policy_core.manifests.scalars import key_text, resolve
from policy_core.model import Origin

__all__ = ["Path", "lines", "parsed_path", "shown_path"]

Path = tuple[str | int, ...]

_STARTS = (MappingStartEvent, SequenceStartEvent)
_ENDS = (MappingEndEvent, SequenceEndEvent)


def shown_path(path: Path) -> str:
    """``spec.ingress[0].from``; keys that hold a dot or the like are quoted as in ``labels["a.b/c"]``."""
    shown = ""
    for step in path:
        if isinstance(step, int):
            shown += f"[{step}]"
        elif step.replace("_", "").replace("-", "").isalnum():
            shown += f".{step}" if shown else step
        else:
            shown += f'["{step}"]'
    return shown


_STEP = re.compile(r'\[(?P<item>\d+)\]|\["(?P<quoted>[^"]*)"\]|\.?(?P<key>[^.\[\]]+)')


def parsed_path(shown: str) -> Path:
    """The path that :func:`shown_path` shows so; as far as it can be read."""
    return tuple(
        int(step["item"]) if step["item"] is not None else step["quoted"] or step["key"] or ""
        for step in _STEP.finditer(shown)
    )


def lines(text: str, origin: Origin, path: Path) -> tuple[int, int]:
    """The first and last line, from 1 and inclusive, of the field ``path`` of the object at ``origin``.

    ``text`` is the whole file. Where there is no such field, or it cannot be found (an alias is not
    followed), the lines are those of the nearest part around it.
    """
    if not path or origin.line == origin.end_line:
        return origin.line, origin.end_line  # a line of JSON may hold thousands of objects
    own = _own_lines(text, origin)
    for length in range(len(path), 0, -1):
        if found := _find(own, path[:length]):
            first, last = found
            return origin.line + first, min(origin.line + last, max(origin.line + first, origin.end_line))
    return origin.line, origin.end_line


def _own_lines(text: str, origin: Origin) -> str:
    starts = _line_starts(text)
    last = len(starts) - 1
    return text[starts[min(origin.line - 1, last)] : starts[min(origin.end_line, last)]]


@lru_cache(maxsize=2)
def _line_starts(text: str) -> array[int]:
    """The offset of every line, and of the end. One large file may have thousands of problems to place."""
    lengths = (len(line) + 1 for line in text.split("\n"))
    return array("Q", [0, *accumulate(lengths)])


def _find(text: str, path: Path) -> tuple[int, int] | None:
    """The lines, from 0, of ``path`` in the first mapping of ``text``; what follows it may be anything."""
    try:
        get = event_source(text)
        while type(event := get()) is not MappingStartEvent:
            if event is None:
                return None
        first = 0
        for step in path:
            found = _step(get, event, step)
            if found is None:
                return None
            first, event = found
        return first, max(first, _last_line(get, event, text))
    except yaml.YAMLError:
        return None


def _step(get: Callable[[], Any], event: Any, step: str | int) -> tuple[int, Any] | None:
    """The line at which a child of the container starts, and the event that opens its value."""
    if type(event) is SequenceStartEvent and isinstance(step, int):
        for _ in range(step):
            if type(child := get()) is SequenceEndEvent:
                return None
            _leave(get, child)
        child = get()
        return None if type(child) is SequenceEndEvent else (child.start_mark.line, child)
    if type(event) is MappingStartEvent and isinstance(step, str):
        while type(key := get()) is not MappingEndEvent:
            matches = _key(key) == step
            _leave(get, key)
            value = get()
            if matches:
                return key.start_mark.line, value
            _leave(get, value)
    return None


def _key(event: Any) -> str | None:
    if type(event) is not ScalarEvent:
        return None
    return key_text(resolve(event.value)) if event.implicit[0] else event.value


def _leave(get: Callable[[], Any], event: Any) -> Any:
    """Go to the end of the value that ``event`` begins, and return the event that ends it."""
    level = 0
    while True:
        if type(event) in _STARTS:
            level += 1
        elif type(event) in _ENDS:
            level -= 1
        if level == 0:
            return event
        event = get()


def _last_line(get: Callable[[], Any], event: Any, text: str) -> int:
    end = _leave(get, event)
    mark = end.end_mark
    if type(end) not in _ENDS:
        block = end.__class__ is ScalarEvent and end.style in ("|", ">")
        return int(mark.line) - 1 if block and mark.column == 0 else int(mark.line)
    return last_line(end, text)
