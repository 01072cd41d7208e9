"""A cursor over plain values that knows where it is, and notes what is wrong without stopping.

Every accessor returns what is sound; a field of the wrong type counts as absent once its problem is noted.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import Any

from policy_core.manifests.flaws import Flaw, Loss
from policy_core.manifests.known_fields import Known
from policy_core.manifests.locate import Path, lines, shown_path
from policy_core.manifests.sharing import Shared
from policy_core.manifests.skipping import SKIPPED
from policy_core.model import Origin, Problem, Ref, Severity
from policy_core.printable import excerpt, printable

__all__ = ["Fields", "Report", "closest", "kind_of", "quoted", "shown"]


def shown(value: object) -> str:
    """A value from a manifest for a message."""
    if isinstance(value, (dict, list)):
        return kind_of(value)
    return excerpt(str(value))


def quoted(value: object) -> str:
    """Text in quotes, and of anything else what it is."""
    return f'"{shown(value)}"' if isinstance(value, str) else kind_of(value)


def kind_of(value: object) -> str:
    """What a plain value is, in words."""
    match value:
        case None:
            return "null"
        case bool():
            return f"the boolean {str(value).lower()}"
        case int() | float():
            return f"the number {shown(value)}"
        case str():
            return "text"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case _:
            return "something else"


class Report:
    """Collects one object's problems. ``text`` is the whole file, or what the object has ``alone``;
    ``shared`` is what it may have in common with others."""

    __slots__ = ("_paths", "_unreadable", "alone", "origin", "problems", "shared", "subject", "text")

    def __init__(
        self, text: str, origin: Origin, *, alone: bool = False, shared: Shared | None = None
    ) -> None:
        self.text = text
        self.alone = alone
        self.shared = shared or Shared()
        self.origin = origin
        self.subject: Ref | None = None
        self.problems: list[Problem] = []
        self._paths: list[Path] = []
        self._unreadable: dict[Path, int] = {}
        """Values that could not be read at all, and the number of the problem that says so."""

    def add(
        self,
        message: str,
        path: Path = (),
        severity: Severity = Severity.ERROR,
        *,
        at: Path | None = None,
        line: int | None = None,
        unreadable: bool = False,
    ) -> None:
        """Note a problem with ``path``. Its line is ``line``, or else that of ``at``, or else of ``path``.
        Where the value there is ``unreadable``, nothing else that is found in it is worth a word."""
        if unreadable:
            self._unreadable.setdefault(path, len(self.problems))
        self._paths.append(path)
        if line is None:
            line, _ = lines(self.text, self.origin, path if at is None else at, alone=self.alone)
        self.problems.append(
            Problem(severity, message, self.origin.file, line, printable(shown_path(path)), self.subject)
        )

    def flaw(self, flaw: Flaw) -> None:
        """Note what the text's reader has found; where nothing is lost there is no reason for doubt."""
        severity = Severity.WARNING if flaw.loss is Loss.NOTHING else Severity.ERROR
        if flaw.loss is Loss.VALUE:
            self._unreadable[flaw.path] = len(self.problems)
        self.add(flaw.message, flaw.path, severity, line=flaw.line)

    def distinct(self) -> tuple[Problem, ...]:
        """The problems without those that only follow from another."""
        if not self._unreadable:
            return tuple(self.problems)
        return tuple(
            problem
            for number, (problem, path) in enumerate(zip(self.problems, self._paths, strict=True))
            if all(self._unreadable.get(path[:length], number) == number for length in range(len(path) + 1))
        )


class Fields:
    """The fields of one mapping, at ``path`` of its object."""

    __slots__ = ("path", "report", "value")

    def __init__(self, value: dict[str, Any], path: Path, report: Report) -> None:
        self.value = value
        self.path = path
        self.report = report

    def problem(self, message: str, *steps: str | int, severity: Severity = Severity.ERROR) -> None:
        """Note a problem with the field at ``steps`` below this mapping, or with the mapping itself."""
        self.report.add(message, (*self.path, *steps), severity)

    def __contains__(self, name: str) -> bool:
        """Whether the field is there; null counts as absent, as the API server has it."""
        return self.value.get(name) is not None

    def raw(self, name: str) -> Any:
        """The value as it is; None where it is absent or was not read."""
        value = self.value.get(name)
        return None if value is SKIPPED else value

    def wrong(self, name: str, expected: str) -> None:
        """Note that the field does not hold what is ``expected``."""
        message = f"must be {expected}, not {kind_of(self.value.get(name))}"
        self.report.add(message, (*self.path, name), unreadable=True)

    def not_text(self, value: Any, *steps: str | int) -> None:
        cure = ": put it in quotes" if isinstance(value, (bool, int, float)) else ""
        self.report.add(f"must be text, not {kind_of(value)}{cure}", (*self.path, *steps), unreadable=True)

    def text(self, name: str, default: str = "") -> str:
        value = self.raw(name)
        if value is None:
            return default
        if type(value) is str:
            return value
        self.not_text(value, name)
        return default

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.raw(name)
        if value is None:
            return default
        if type(value) is bool:
            return value
        self.wrong(name, "true or false")
        return default

    def integer(self, name: str, low: int, high: int) -> int | None:
        """A whole number from ``low`` to ``high``; None where there is none."""
        value = self.raw(name)
        if value is None:
            return None
        if type(value) is float and value.is_integer():
            value = int(value)
        if type(value) is not int:
            self.wrong(name, "a whole number")
            return None
        if not low <= value <= high:
            self.problem(f"must be {low} to {high}, not {shown(value)}", name)
            return None
        return value

    def mapping(self, name: str) -> Fields:
        """The mapping in the field; an empty one where there is none."""
        return self.optional_mapping(name) or Fields({}, (*self.path, name), self.report)

    def optional_mapping(self, name: str) -> Fields | None:
        value = self.raw(name)
        if value is None:
            return None
        if type(value) is dict:
            return Fields(value, (*self.path, name), self.report)
        self.wrong(name, "a mapping")
        return None

    def entries(self, name: str) -> list[Any]:
        """The list in the field, whatever is in it."""
        value = self.raw(name)
        if value is None:
            return []
        if type(value) is list:
            return value
        self.wrong(name, "a list")
        return []

    def slots(self, name: str) -> Iterator[Fields | None]:
        """Every entry of the list in the field; None for one that is no mapping."""
        for index, entry in enumerate(self.entries(name)):
            if type(entry) is dict:
                yield Fields(entry, (*self.path, name, index), self.report)
            else:
                self.problem(f"must be a mapping, not {kind_of(entry)}", name, index)
                yield None

    def mappings(self, name: str) -> Iterator[Fields]:
        """The mappings in the list in the field."""
        return (fields for fields in self.slots(name) if fields is not None)

    def texts(self, name: str) -> tuple[str, ...]:
        """The strings in the list in the field."""
        found = []
        for index, entry in enumerate(self.entries(name)):
            if type(entry) is str:
                found.append(entry)
            else:
                self.not_text(entry, name, index)
        return tuple(found)

    def text_map(self, name: str, instead: str | None = None) -> dict[str, str]:
        """A mapping of strings to strings, as labels are; null values are empty strings to the API server.
        What is no text is left out, or has the value ``instead`` where one is given; so it is with the whole
        field, then under its own name."""
        value = self.raw(name)
        if value is None:
            return {}
        if type(value) is not dict:
            self.wrong(name, "a mapping")
            return {} if instead is None else {name: instead}
        found = {}
        for key, entry in value.items():
            if type(entry) is str:
                found[key] = entry
            elif entry is None:
                found[key] = ""
            elif entry is not SKIPPED:
                self.not_text(entry, name, key)
                if instead is not None:
                    found[key] = instead
        return found

    def choice(
        self, name: str, choices: Iterable[str], default: str, *, empty_is_absent: bool = False
    ) -> str | None:
        """One of ``choices``; None where the field holds something else. ``empty_is_absent`` for what the API
        server keeps as plain text, where "" and nothing are the same."""
        value = self.raw(name)
        if value is None or (empty_is_absent and value == ""):
            return default
        if value in (choices := tuple(choices)):
            return str(choices[choices.index(value)])  # which all that read it have in common
        self.problem(_no_choice(value, choices), name)
        return None

    def choices(self, name: str, choices: Iterable[str]) -> tuple[str, ...]:
        """Those entries of the list in the field that are among ``choices``."""
        choices = tuple(choices)
        found = []
        for index, entry in enumerate(self.entries(name)):
            if entry in choices:
                found.append(entry)
            else:
                self.problem(_no_choice(entry, choices), name, index)
        return tuple(found)

    def only(self, *known: str) -> bool:
        """Note every field that is not ``known``; true when there is none."""
        unknown = [name for name in self.value if name not in known]
        for name in unknown:
            self._unknown(name, _did_you_mean(name, known), Severity.ERROR)
        return not unknown

    def required(self, *names: str) -> bool:
        """Note which of these fields are missing; true when none is."""
        missing = [name for name in names if name not in self]
        if missing:
            *others, last = missing
            self.problem(f"{', '.join(others)} and {last} are missing" if others else f"{last} is missing")
        return not missing

    def warn_of_slips(self, known: Known) -> None:
        """Note unknown fields that look much like one that is read."""
        if self.value.keys() <= known.every:
            return
        for name in self.value:
            if name not in known.every and (hint := _did_you_mean(name, known.read)):
                self._unknown(name, hint, Severity.WARNING)

    def _unknown(self, name: str, hint: str, severity: Severity) -> None:
        self.report.add(f"unknown field {quoted(name)}{hint}", self.path, severity, at=(*self.path, name))


def _no_choice(value: object, choices: tuple[str, ...]) -> str:
    return f"must be {_alternatives(choices)}, not {quoted(value)}{_did_you_mean(value, choices)}"


def _alternatives(choices: tuple[str, ...]) -> str:
    return choices[0] if len(choices) == 1 else f"{', '.join(choices[:-1])} or {choices[-1]}"


def _did_you_mean(name: object, known: Iterable[str]) -> str:
    close = closest(name, known)
    return f" (did you mean {close}?)" if close else ""


def closest(name: object, known: Iterable[str]) -> str:
    """The one of ``known`` that was probably meant; empty where none is much like ``name``."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    close = difflib.get_close_matches(str(name).lower()[:60], by_lower, n=1, cutoff=0.75)
    return by_lower[close[0]] if close else ""
