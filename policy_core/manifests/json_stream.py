"""A long JSON text → its objects, one after another, with one of them and a block of text in memory.

Only what ``kubectl get -o json`` writes is read so: lists of objects, or objects that follow one another.
Whatever else there may be (faults, repeated keys, a list in a list, …) is left to the reader of whole texts,
which gives the same and can tell what is wrong: see :mod:`policy_core.manifests.objects`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from policy_core.manifests.extent import MAX_DEPTH, extent
from policy_core.manifests.objects import RawObject, implied_by, is_list
from policy_core.manifests.stored_text import UnfamiliarError
from policy_core.model import Origin

__all__ = ["stream"]

_NO_SPACE = re.compile(r"[^ \t\n]")


def stream(blocks: Iterator[str], file: str) -> Iterator[RawObject]:
    """The objects of the text that ``blocks`` make up, as :func:`policy_core.manifests.objects.objects` has
    them but that each has a text of its own. ``file`` names it. Raises UnfamiliarError, perhaps at the end
    only: then nothing that came before counts."""
    return _Reader(blocks, file).objects()


class _Reader:
    """``_text`` is what is looked at, from the character ``_base`` of the file on; ``_at`` is where in it."""

    def __init__(self, blocks: Iterator[str], file: str) -> None:
        self._blocks = blocks
        self._file = file
        self._text = ""
        self._base = 0
        self._at = 0
        self._held = 0
        """What comes before may be let go."""
        self._counted, self._line = 0, 1
        """The line of an offset in the text."""
        self._scan = json.JSONDecoder(object_pairs_hook=_distinct, parse_constant=_refuse).raw_decode

    def objects(self) -> Iterator[RawObject]:
        number = 0
        while self._sign():
            number += 1
            yield from self._document(number)
        if not number:
            raise UnfamiliarError

    def _document(self, number: int) -> Iterator[RawObject]:
        self._held = start = self._at
        line, base = self._line_at(start), self._base
        root: dict[str, Any] = {}
        implied: dict[str, str] | None = None
        self._take("{")
        while self._sign() != "}":
            if root:
                self._take(",")
                self._sign()
            if not self._text.startswith('"', self._at):
                raise UnfamiliarError
            key = self._value(1)
            self._sign()
            self._take(":")
            if key in root:
                raise UnfamiliarError
            if self._sign() == "[" and key == "items":
                implied = implied_by(root)
                yield from self._items(number, implied)
                root[key] = []
            else:
                root[key] = self._value(1)
        self._take("}")
        if implied is not None:
            # What the list is may be known only now, but its items were read as those of one.
            if not is_list(root) or implied_by(root) != implied:
                raise UnfamiliarError
        elif is_list(root):
            raise UnfamiliarError
        else:
            yield self._placed(root, number, start + base - self._base, line)

    def _items(self, number: int, implied: dict[str, str]) -> Iterator[RawObject]:
        self._take("[")
        first = True
        while self._sign() != "]":
            if not first:
                self._take(",")
                self._sign()
            first = False
            self._held = self._at
            line = self._line_at(self._at)
            value = self._value(2)
            if type(value) is not dict or is_list(value):
                raise UnfamiliarError
            yield self._placed({**implied, **value} if implied else value, number, self._held, line)
        self._held = self._at
        self._take("]")

    def _placed(self, value: dict[str, Any], number: int, start: int, line: int) -> RawObject:
        """The object that lies between ``start`` and the place that reading has come to."""
        text = self._text[start : self._at]
        origin = Origin(self._file, number, line, self._line_at(self._at), self._base + start)
        return RawObject(value, origin, text, alone=True)

    def _line_at(self, at: int) -> int:
        self._line += self._text.count("\n", self._counted, at)
        self._counted = at
        return self._line

    def _value(self, above: int) -> Any:
        """The next value, which lies ``above`` levels deep."""
        while True:
            try:
                value, end = self._scan(self._text, self._at)
            except json.JSONDecodeError:
                if not self._more():
                    raise UnfamiliarError from None
            except (ValueError, RecursionError):
                raise UnfamiliarError from None
            else:
                if end < len(self._text) or not self._more():  # a number may go on
                    break
        text, at = self._text, self._at
        most = text.count("{", at, end) + text.count("[", at, end)
        if most + above > MAX_DEPTH and extent(value)[1] + above > MAX_DEPTH:
            raise UnfamiliarError
        self._at = end
        return value

    def _sign(self) -> str:
        """The next character that is no blank; nothing at the end."""
        while not (found := _NO_SPACE.search(self._text, self._at)):
            self._at = len(self._text)
            if not self._more():
                return ""
        self._at = found.start()
        return found[0]

    def _take(self, sign: str) -> None:
        if not self._text.startswith(sign, self._at):
            raise UnfamiliarError
        self._at += 1

    def _more(self) -> bool:
        """Go on to a text that is at least twice as long as what of this one is still needed; false at the
        end of the file."""
        held = self._held
        self._line_at(max(held, self._counted))
        parts = [self._text[held:]]
        length = 0
        while length <= len(parts[0]) and (block := next(self._blocks, "")):
            parts.append(block)
            length += len(block)
        self._text = "".join(parts)
        self._base += held
        self._at -= held
        self._counted -= held
        self._held = 0
        return length > 0


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise UnfamiliarError
    return made


def _refuse(constant: str) -> Any:
    raise UnfamiliarError
