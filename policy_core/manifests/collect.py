"""Texts → one :class:`policy_core.model.Reading`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from policy_core.collection import collection_paused
from policy_core.coverage import KindCoverage
from policy_core.manifests.coverage_record import is_coverage_record, read_coverage_record
from policy_core.manifests.decode import decode
from policy_core.manifests.json_stream import stream
from policy_core.manifests.objects import RawObject, objects
from policy_core.manifests.sharing import Shared
from policy_core.manifests.stored_text import StoredText
from policy_core.manifests.texts import Texts
from policy_core.model import ObjectOfInterest, Problem, Reading, Severity

__all__ = ["Collector", "normalized"]

_BYTE_ORDER_MARKS = re.compile("^\ufeff+", re.MULTILINE)
"""Files that were put together from several have some inside."""
_TELLING = 64
"""After so many objects there is something to tell: some milliseconds."""
Tell = Callable[[int, int], None]
_CONTENT = re.compile(r"^[^\S\n]*[^\s#]", re.MULTILINE)


def normalized(text: str) -> str:
    """With plain line ends, and without byte order marks."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _BYTE_ORDER_MARKS.sub("", text) if "\ufeff" in text else text


class Collector:
    """Gathers what file after file gives. ``namespace`` is for objects that name none."""

    def __init__(self, namespace: str = "default") -> None:
        self.namespace = namespace
        self._found = _Found()
        self._shared = Shared()
        self._texts: dict[str, str | StoredText] = {}

    def problem(self, message: str, file: str, line: int = 0, severity: Severity = Severity.ERROR) -> None:
        self._found.problems.append(Problem(severity, message, file, line))

    def add(self, file: str, text: str) -> None:
        """Read ``text``, which messages and origins name ``file``."""
        text = self._texts[file] = normalized(text)
        if not _CONTENT.search(text):
            nothing = "only comments in this file" if text.strip() else "the file is empty"
            self.problem(nothing, file, severity=Severity.WARNING)
        with collection_paused():
            for found in objects(text, file):
                self._found.add(found, self.namespace, self._shared)

    def add_stored(self, file: str, text: StoredText, tell: Tell = lambda at, objects: None) -> None:
        """Read ``text`` piece by piece; it is not kept. ``tell`` gets how many bytes are read, and how many
        objects. Raises UnfamiliarError where the text is not of the plain shape that can be read so: then
        nothing has been added."""
        found = _Found()
        with collection_paused():
            for number, each in enumerate(stream(text.blocks(), file)):
                found.add(each, self.namespace, self._shared)
                if number % _TELLING == 0:
                    tell(text.at, number)
        self._found.extend(found)
        self._texts[file] = text

    def reading(self, title: str) -> Reading:
        """Everything so far."""
        return Reading(
            title,
            tuple(self._found.objects),
            tuple(self._found.problems),
            dict(self._found.other_kinds),
            Texts(dict(self._texts)),
            dict(self._found.coverage),
        )


class _Found:
    """What was read."""

    def __init__(self) -> None:
        self.objects: list[ObjectOfInterest] = []
        self.problems: list[Problem] = []
        self.other_kinds: Counter[str] = Counter()
        self.coverage: dict[str, KindCoverage] = {}

    def add(self, found: RawObject | Problem, namespace: str, shared: Shared) -> None:
        if isinstance(found, Problem):
            self.problems.append(found)
            return
        if is_coverage_record(found.value):
            coverage, problems = read_coverage_record(found)
            self.coverage |= coverage
            self.problems += problems
            return
        decoded = decode(found, namespace, shared)
        self.objects += decoded.objects
        self.problems += decoded.problems
        if decoded.other_kind:
            self.other_kinds[decoded.other_kind] += 1

    def extend(self, other: _Found) -> None:
        self.objects += other.objects
        self.problems += other.problems
        self.other_kinds.update(other.other_kinds)
        self.coverage |= other.coverage
