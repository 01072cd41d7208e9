"""Label selectors (``metav1.LabelSelector``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["EVERYTHING", "LabelSelector", "Labels", "Operator", "Requirement"]

Labels = Mapping[str, str]


class Operator(StrEnum):
    IN = "In"
    NOT_IN = "NotIn"
    EXISTS = "Exists"
    DOES_NOT_EXIST = "DoesNotExist"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One entry of ``matchExpressions``. NotIn and DoesNotExist also hold where the key is absent."""

    key: str
    operator: Operator
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str | None]) -> bool:
        """A value of None is one that no selector lists."""
        match self.operator:
            case Operator.IN:
                return labels.get(self.key) in self.values
            case Operator.NOT_IN:
                return labels.get(self.key) not in self.values
            case Operator.EXISTS:
                return self.key in labels
            case Operator.DOES_NOT_EXIST:
                return self.key not in labels

    def __str__(self) -> str:
        match self.operator:
            case Operator.EXISTS:
                return self.key
            case Operator.DOES_NOT_EXIST:
                return f"!{self.key}"
            case _:
                word = "in" if self.operator is Operator.IN else "not in"
                return f"{self.key} {word} ({', '.join(self.values)})"


@dataclass(frozen=True, slots=True)
class LabelSelector:
    """``matchLabels`` and ``matchExpressions``, all ANDed; with neither, everything matches.

    ``invalid`` tells why the API server would refuse the selector; such a selector matches nothing.
    """

    match_labels: tuple[tuple[str, str], ...] = ()
    match_expressions: tuple[Requirement, ...] = ()
    invalid: str = ""

    @classmethod
    def of(cls, **labels: str) -> LabelSelector:
        return cls(tuple(sorted(labels.items())))

    @property
    def everything(self) -> bool:
        return not (self.match_labels or self.match_expressions or self.invalid)

    def requirements(self) -> tuple[Requirement, ...]:
        """The whole selector as requirements; ``matchLabels`` entries are In with one value."""
        return tuple(Requirement(key, Operator.IN, (value,)) for key, value in self.match_labels) + (
            self.match_expressions
        )

    def matches(self, labels: Mapping[str, str | None]) -> bool:
        """A value of None is one that no selector lists."""
        if self.invalid:
            return False
        return all(labels.get(key) == value for key, value in self.match_labels) and all(
            requirement.matches(labels) for requirement in self.match_expressions
        )

    def __str__(self) -> str:
        if self.invalid:
            return "(invalid selector)"
        parts = [f"{key}={value}" for key, value in self.match_labels]
        return ", ".join([*parts, *map(str, self.match_expressions)])


EVERYTHING = LabelSelector()
