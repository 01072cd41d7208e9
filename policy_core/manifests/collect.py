"""Texts → one :class:`policy_core.model.Reading`."""

from __future__ import annotations

import re
from collections import Counter

from policy_core.collection import collection_paused
from policy_core.coverage import KindCoverage
from policy_core.manifests.coverage_record import is_coverage_record, read_coverage_record
from policy_core.manifests.decode import decode
from policy_core.manifests.objects import objects
from policy_core.model import ObjectOfInterest, Problem, Reading, Severity

__all__ = ["Collector", "normalized"]

_BYTE_ORDER_MARKS = re.compile("^\ufeff+", re.MULTILINE)
"""Files that were put together from several have some inside."""
_CONTENT = re.compile(r"^[^\S\n]*[^\s#]", re.MULTILINE)


def normalized(text: str) -> str:
    """With plain line ends, and without byte order marks."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _BYTE_ORDER_MARKS.sub("", text) if "\ufeff" in text else text


class Collector:
    """Gathers what file after file gives. ``namespace`` is for objects that name none."""

    def __init__(self, namespace: str = "default") -> None:
        self.namespace = namespace
        self._objects: list[ObjectOfInterest] = []
        self._problems: list[Problem] = []
        self._other_kinds: Counter[str] = Counter()
        self._texts: dict[str, str] = {}
        self._coverage: dict[str, KindCoverage] = {}

    def problem(self, message: str, file: str, line: int = 0, severity: Severity = Severity.ERROR) -> None:
        self._problems.append(Problem(severity, message, file, line))

    def add(self, file: str, text: str) -> None:
        """Read ``text``, which messages and origins name ``file``."""
        text = self._texts[file] = normalized(text)
        if not _CONTENT.search(text):
            nothing = "only comments in this file" if text.strip() else "the file is empty"
            self.problem(nothing, file, severity=Severity.WARNING)
        with collection_paused():
            for found in objects(text, file):
                if isinstance(found, Problem):
                    self._problems.append(found)
                    continue
                if is_coverage_record(found.value):
                    coverage, problems = read_coverage_record(found)
                    self._coverage |= coverage
                    self._problems += problems
                    continue
                decoded = decode(found, self.namespace)
                self._objects += decoded.objects
                self._problems += decoded.problems
                if decoded.other_kind:
                    self._other_kinds[decoded.other_kind] += 1

    def reading(self, title: str) -> Reading:
        """Everything so far."""
        return Reading(
            title,
            tuple(self._objects),
            tuple(self._problems),
            dict(self._other_kinds),
            dict(self._texts),
            dict(self._coverage),
        )
