"""Which pods an object may select, in a logic of three values: it does, it does not, or that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from policy_core.labels import Labels, Requirement

__all__ = ["Condition", "Either", "Every", "Known", "Never", "Not", "Term", "TextTest", "Unclear", "every"]


class Known(NamedTuple):
    """The labels of a pod or a namespace, and of which ``keys`` that is certain; None: of all."""

    labels: Labels
    keys: frozenset[str] | None = None

    def certain(self, key: str) -> bool:
        return self.keys is None or key in self.keys


@dataclass(frozen=True, slots=True)
class TextTest:
    """``relation`` is ``contains``, ``starts with`` or ``ends with``; nothing without the key passes."""

    key: str
    relation: str
    value: str

    def matches(self, labels: Labels) -> bool:
        text = labels.get(self.key)
        if text is None:
            return False
        match self.relation:
            case "contains":
                return self.value in text
            case "starts with":
                return text.startswith(self.value)
        return text.endswith(self.value)

    def __str__(self) -> str:
        return f"{self.key} {self.relation} {self.value}"


@dataclass(frozen=True, slots=True)
class Term:
    """What a label must be: the pod's, or that of its namespace."""

    test: Requirement | TextTest
    of_namespace: bool = False

    def holds(self, pod: Known, namespace: Known) -> bool | None:
        known = namespace if self.of_namespace else pod
        return self.test.matches(known.labels) if known.certain(self.test.key) else None

    def __str__(self) -> str:
        return f"namespace label {self.test}" if self.of_namespace else str(self.test)


@dataclass(frozen=True, slots=True)
class Unclear:
    """Something that is not understood, or that hangs on what is not read."""

    text: str

    def holds(self, pod: Known, namespace: Known) -> bool | None:
        return None

    def __str__(self) -> str:
        return f"{self.text} (not read)"


@dataclass(frozen=True, slots=True)
class Never:
    """What no pod can meet."""

    text: str

    def holds(self, pod: Known, namespace: Known) -> bool | None:
        return False

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition

    def holds(self, pod: Known, namespace: Known) -> bool | None:
        found = self.part.holds(pod, namespace)
        return None if found is None else not found

    def __str__(self) -> str:
        return f"not ({self.part})"


@dataclass(frozen=True, slots=True)
class Every:
    """All of the parts; with none of them everything."""

    parts: tuple[Condition, ...] = ()

    def holds(self, pod: Known, namespace: Known) -> bool | None:
        found = [part.holds(pod, namespace) for part in self.parts]
        return False if False in found else None if None in found else True

    def __str__(self) -> str:
        return ", ".join(f"({part})" if isinstance(part, Either) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Either:
    """Any of the parts; with none of them nothing."""

    parts: tuple[Condition, ...]

    def holds(self, pod: Known, namespace: Known) -> bool | None:
        found = [part.holds(pod, namespace) for part in self.parts]
        return True if True in found else None if None in found else False

    def __str__(self) -> str:
        return " or ".join(map(str, self.parts))


Condition = Term | Unclear | Never | Not | Every | Either


def every(parts: Iterable[Condition]) -> Condition:
    """The parts together; one alone as it is."""
    found = tuple(parts)
    return found[0] if len(found) == 1 else Every(found)
