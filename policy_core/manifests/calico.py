"""Calico's selector expressions → conditions."""

from __future__ import annotations

import re
from collections.abc import Callable

from policy_core.conditions import Condition, Either, Never, Not, Term, TextTest, Unclear, every
from policy_core.labels import Operator, Requirement

__all__ = ["Place", "parse_selector"]

Place = Callable[[str], "tuple[bool, str] | None"]
"""Whether a key speaks of the namespace, and its name there; None where its value is not read."""

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>"[^"]*"|'[^']*')
      | (?P<sign>&&|\|\||==|!=|[!(){},])
      | (?P<word>[\w./-]+)
    )""",
    re.VERBOSE | re.ASCII,
)
_DEEPEST = 50


class _NotUnderstoodError(Exception):
    """The text is no selector, or more than this reader knows."""


def parse_selector(text: str, place: Place) -> Condition | None:
    """What the text says; None for no condition at all, since an empty text selects everything. What cannot
    be read is unclear, and so selects anything."""
    if not text.strip():
        return None
    try:
        return _Parser(text, place).selector()
    except _NotUnderstoodError:
        return Unclear(text.strip())


class _Parser:
    """By recursive descent: ``||`` binds less than ``&&``, and that less than ``!``."""

    def __init__(self, text: str, place: Place) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0
        self._depth = 0
        self._place = place

    def selector(self) -> Condition:
        found = self._either()
        if self._at < len(self._tokens):
            raise _NotUnderstoodError
        return found

    def _either(self) -> Condition:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _NotUnderstoodError
        parts = [self._every()]
        while self._take("||"):
            parts.append(self._every())
        self._depth -= 1
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _every(self) -> Condition:
        parts = [self._one()]
        while self._take("&&"):
            parts.append(self._one())
        return every(parts)

    def _one(self) -> Condition:
        negations = 0
        while self._take("!"):
            negations += 1
        if self._take("("):
            found = self._either()
            self._expect(")")
        else:
            found = self._term()
        return Not(found) if negations % 2 else found

    def _term(self) -> Condition:
        word = self._word()
        if word in ("all", "global") and self._take("("):
            self._expect(")")
            return every(()) if word == "all" else Never("global()")
        if word == "has" and self._take("("):
            key = self._word()
            self._expect(")")
            return self._label(Requirement(key, Operator.EXISTS))
        if self._take("=="):
            return self._label(Requirement(word, Operator.IN, (self._text(),)))
        if self._take("!="):
            return self._label(Requirement(word, Operator.NOT_IN, (self._text(),)))
        match relation := self._word():
            case "in":
                return self._label(Requirement(word, Operator.IN, self._values()))
            case "not":
                self._expect("in")
                return self._label(Requirement(word, Operator.NOT_IN, self._values()))
            case "contains":
                return self._label(TextTest(word, relation, self._text()))
            case "starts" | "ends":
                self._expect("with")
                return self._label(TextTest(word, f"{relation} with", self._text()))
        raise _NotUnderstoodError

    def _label(self, test: Requirement | TextTest) -> Condition:
        placed = self._place(test.key)
        if placed is None:
            return Unclear(test.key)
        of_namespace, key = placed
        if isinstance(test, TextTest):
            return Term(TextTest(key, test.relation, test.value), of_namespace)
        return Term(Requirement(key, test.operator, test.values), of_namespace)

    def _values(self) -> tuple[str, ...]:
        self._expect("{")
        found: list[str] = []
        while not self._take("}"):
            if found:
                self._expect(",")
            found.append(self._text())
        return tuple(found)

    def _take(self, token: str) -> bool:
        taken = self._at < len(self._tokens) and self._tokens[self._at] == token
        self._at += taken
        return taken

    def _expect(self, token: str) -> None:
        if not self._take(token):
            raise _NotUnderstoodError

    def _next(self) -> str:
        if self._at == len(self._tokens):
            raise _NotUnderstoodError
        self._at += 1
        return self._tokens[self._at - 1]

    def _word(self) -> str:
        token = self._next()
        if not re.fullmatch(r"[\w./-]+", token, re.ASCII):
            raise _NotUnderstoodError
        return token

    def _text(self) -> str:
        token = self._next()
        if token[0] not in "\"'":
            raise _NotUnderstoodError
        return token[1:-1]


def _tokens(text: str) -> list[str]:
    """Texts keep their quotes, which tell them from words."""
    found, at, end = [], 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise _NotUnderstoodError
        found.append(match[match.lastgroup or 0])
        at = match.end()
    return found
