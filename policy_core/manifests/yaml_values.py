"""YAML → plain values, straight from parser events, as fast as Python can.

This loop runs for every event of every manifest, so it is one function: calls cost more than what they do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from policy_core.manifests.events import TEMPLATE, InvalidYAMLError, event_source, invalid_yaml, last_line
from policy_core.manifests.extent import MAX_DEPTH, Budget
from policy_core.manifests.flaws import Flaw, Loss, duplicate_key
from policy_core.manifests.scalars import key_text, resolve, resolve_tagged
from policy_core.manifests.skipping import KINDS_READ, OBJECT, OTHER_OBJECT, SKIP, SKIPPED, Table
from policy_core.printable import excerpt

__all__ = ["YAMLDocument", "documents"]


@dataclass(frozen=True, slots=True)
class YAMLDocument:
    """``spans`` has the first and last line, counted from 0, of the root and of every element of ``items``,
    by id(), ``starts`` the offsets of those in flow style; ``flaws`` may name other holders than these only
    where there is no object at all."""

    value: Any
    spans: dict[int, tuple[int, int]] = field(default_factory=dict)
    starts: dict[int, int] = field(default_factory=dict)
    flaws: list[Flaw] = field(default_factory=list)


class _Resolved(dict[str, Any]):
    """Values of plain scalars: the same few texts come again and again."""

    __slots__ = ()

    def __missing__(self, text: str) -> Any:
        value = self[text] = resolve(text)
        return value


class _Keys(dict[str, Any]):
    """Keys by the text of plain scalars; ``_MERGE`` for ``<<``, ``_BAD`` for what can be no key."""

    __slots__ = ()

    def __missing__(self, text: str) -> Any:
        key = key_text(resolve(text))
        value = self[text] = _MERGE if text == "<<" else _BAD if key is None else key
        return value


_MERGE, _BAD = object(), object()
_ANCHOR = re.compile(r"&(?<![^\s\[\]{},:?\-]&)(?=[0-9A-Za-z_-])")
"""Finds every anchor, and now and then something else."""
_Frame = tuple[Any, Any, "Table | None"]


def documents(text: str) -> Iterator[YAMLDocument]:
    """Every document of ``text``. Raises InvalidYAMLError at the first that cannot be read."""
    try:
        get = event_source(text)
        while (event := get()) is not None:
            if type(event) is DocumentStartEvent:
                yield _Builder(get, text).document()
    except yaml.YAMLError as error:
        raise invalid_yaml(error, text) from None


class _Builder:
    """One document. ``stack`` holds, for every open container, what its parent was doing; ``replaced`` keeps
    what a repeated key stood for before, since ids tell objects apart."""

    __slots__ = (
        "anchors",
        "budget",
        "flaws",
        "get",
        "merged",
        "replaced",
        "spans",
        "stack",
        "starts",
        "text",
    )

    def __init__(self, get: Callable[[], Any], text: str) -> None:
        self.get = get
        self.text = text
        self.stack: list[_Frame] = []
        self.anchors: dict[str, Any] = {}
        self.spans: dict[int, tuple[int, int]] = {}
        self.starts: dict[int, int] = {}
        self.flaws: list[Flaw] = []
        self.replaced: list[Any] = []
        self.merged: dict[int, set[str]] = {}
        self.budget = Budget(len(text))

    def document(self) -> YAMLDocument:
        root: list[Any] = []
        self._fill(root)
        return YAMLDocument(root[0], self.spans, self.starts, self.flaws)

    def _fill(self, root: list[Any]) -> None:
        get, stack = self.get, self.stack
        plain, keys = _Resolved(), _Keys()
        # Whatever an alias may need later has to be read, so where there may be anchors nothing is skipped.
        skipping = _ANCHOR.search(self.text) is None
        current: Any = root
        table: Table | None = OBJECT
        mapping = False
        below: Table | None
        while True:
            event = get()
            kind = type(event)
            if mapping:
                if kind is ScalarEvent:
                    implicit = event.implicit
                    key = keys[event.value] if implicit[0] else event.value
                    if event.anchor is not None or not (implicit[0] or implicit[1]):
                        key = self._unusual_key(event, key)
                elif kind is MappingEndEvent:
                    if table is OBJECT or table is OTHER_OBJECT:
                        self._span_ends(current, event)
                    child = current
                    current, key, table = stack.pop()
                    mapping = type(current) is dict
                    if key is _MERGE:
                        self._merge(current, child, event)
                    if not stack:
                        return
                    continue
                else:
                    key = self._key_that_is_no_scalar(event)
                if key is _BAD:
                    self._bad_key(event, current)
                elif key in current and key not in self.merged.get(id(current), ()):
                    self._flaw(duplicate_key(key), event, current, key, Loss.NOTHING)
                    self.replaced.append(current[key])
                below = None
                if table is not None and key is not _BAD and key is not _MERGE:
                    below = table[key]
                event = get()
                kind = type(event)
                if kind is ScalarEvent:
                    if below is SKIP and skipping:
                        current[key] = SKIPPED
                        continue
                    implicit = event.implicit
                    value = event.value
                    if implicit[0]:
                        value = plain[value]
                    elif not implicit[1]:
                        value = self._tagged(event, current, key)
                    if event.anchor is not None:
                        self.anchors[event.anchor] = value
                    if key is _MERGE:
                        self._merge(current, value, event)
                    elif key is not _BAD:
                        current[key] = value
                        if table is OBJECT and key == "kind" and _uninteresting(value):
                            table = OTHER_OBJECT
                    continue
            elif kind is ScalarEvent:
                implicit = event.implicit
                value = event.value
                if implicit[0]:
                    value = plain[value]
                elif not implicit[1]:
                    value = self._tagged(event, current, len(current))
                if event.anchor is not None:
                    self.anchors[event.anchor] = value
                current.append(value)
                if not stack:
                    return
                continue
            elif kind is SequenceEndEvent:
                child = current
                current, key, table = stack.pop()
                mapping = type(current) is dict
                if key is _MERGE:
                    self._merge(current, child, event)
                if not stack:
                    return
                continue
            else:
                below, key = table, None

            # What follows is a value that is no scalar.
            if kind is AliasEvent:
                value = self._alias(event, current)
                if key is _MERGE:
                    self._merge(current, value, event)
                elif mapping:
                    if key is not _BAD:
                        current[key] = value
                else:
                    current.append(value)
                continue
            if below is SKIP and skipping:
                current[key] = SKIPPED
                self._skip(event)
                continue
            child = {} if kind is MappingStartEvent else []
            if event.anchor is not None:
                self.anchors[event.anchor] = child
            if mapping:
                if key is not _MERGE and key is not _BAD:
                    current[key] = child
            else:
                current.append(child)
            stack.append((current, key, table))
            if len(stack) > MAX_DEPTH:
                raise _too_deep(event)
            current, table = child, below
            mapping = kind is MappingStartEvent
            if mapping and (table is OBJECT or table is OTHER_OBJECT):
                self.spans[id(child)] = (event.start_mark.line, -1)
                if event.flow_style:
                    self.starts[id(child)] = event.start_mark.index

    def _skip(self, event: Any) -> None:
        """Step over the container that ``event`` opens."""
        get, level, room = self.get, 1, MAX_DEPTH - len(self.stack)
        while level:
            kind = type(event := get())
            if kind is ScalarEvent:
                continue
            if kind is MappingEndEvent or kind is SequenceEndEvent:
                level -= 1
            elif kind is AliasEvent:
                self._target(event)
            else:
                level += 1
                if level > room:
                    raise _too_deep(event)

    def _span_ends(self, value: Any, event: Any) -> None:
        first, _ = self.spans[id(value)]
        self.spans[id(value)] = (first, max(first, last_line(event, self.text)))

    def _flaw(self, message: str, event: Any, current: Any, key: Any = None, loss: Loss = Loss.ENTRY) -> None:
        path: list[str | int] = [] if key is None or key is _MERGE or key is _BAD else [key]
        child = current
        for parent, parent_key, _ in reversed(self.stack):
            if id(child) in self.spans:
                break
            path.append(
                len(parent) - 1 if type(parent) is list else parent_key if type(parent_key) is str else "<<"
            )
            child = parent
        self.flaws.append(Flaw(message, event.start_mark.line, id(child), tuple(reversed(path)), loss))

    def _bad_key(self, event: Any, current: Any) -> None:
        at = event.start_mark.index
        if self.text.startswith("{{", at):  # {{ … }}: …
            self._flaw(TEMPLATE, event, current)
        elif self.text.startswith("{{", max(at - 1, 0)):  # …: {{ … }}
            self._flaw(TEMPLATE, event, current, loss=Loss.VALUE)
        else:
            self._flaw("a key must be a string", event, current)

    def _unusual_key(self, event: Any, key: Any) -> Any:
        if not (event.implicit[0] or event.implicit[1]):
            try:
                key = _BAD if (text := key_text(resolve_tagged(event.tag, event.value))) is None else text
            except ValueError:
                key = _BAD
        if event.anchor is not None:
            self.anchors[event.anchor] = event.value if key is _BAD or key is _MERGE else key
        return key

    def _key_that_is_no_scalar(self, event: Any) -> Any:
        if type(event) is AliasEvent:
            value = self._target(event)
            return _BAD if isinstance(value, (dict, list)) or (text := key_text(value)) is None else text
        self._skip(event)
        return _BAD

    def _tagged(self, event: Any, current: Any, key: Any) -> Any:
        try:
            return resolve_tagged(event.tag, event.value)
        except ValueError as error:
            self._flaw(str(error), event, current, key, Loss.VALUE)
            return event.value

    def _target(self, event: Any) -> Any:
        try:
            return self.anchors[event.anchor]
        except KeyError:
            raise InvalidYAMLError(
                f"not valid YAML: no anchor {_shown(event.anchor)} comes before this alias",
                event.start_mark.line,
            ) from None

    def _alias(self, event: Any, current: Any) -> Any:
        value = self._target(event)
        if isinstance(value, (dict, list)) and any(
            value is part for part in (current, *_parents(self.stack))
        ):
            raise InvalidYAMLError(
                f"the alias {_shown(event.anchor)} stands for something that contains it",
                event.start_mark.line,
            )
        trouble = self.budget.spend(value, len(self.stack))
        if trouble:
            raise InvalidYAMLError(f"aliases make {trouble}", event.start_mark.line)
        return value

    def _merge(self, into: dict[str, Any], value: Any, event: Any) -> None:
        """``<<``: it wins over keys before it, keys after it win over it; of a list of mappings, the first
        wins. So the API server's reader has it."""
        sources = value if isinstance(value, list) else [value]
        if not all(isinstance(source, dict) for source in sources):
            self._flaw("<< takes a mapping or a list of mappings", event, into)
            return
        for source in reversed(sources):
            into.update(source)
            self.merged.setdefault(id(into), set()).update(source)


def _uninteresting(kind: Any) -> bool:
    return isinstance(kind, str) and kind not in KINDS_READ and not kind.endswith("List")


def _parents(stack: list[_Frame]) -> Iterator[Any]:
    return (container for container, _, _ in stack)


def _too_deep(event: Any) -> InvalidYAMLError:
    return InvalidYAMLError(f"nested more than {MAX_DEPTH} levels deep", event.start_mark.line)


def _shown(text: str) -> str:
    return f'"{excerpt(text)}"'
