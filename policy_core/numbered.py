"""Values by number: equal ones are kept once, and a number is cheap to hold and to look up."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

__all__ = ["Numbered"]

T = TypeVar("T", bound=Hashable)


class Numbered(Generic[T]):
    def __init__(self) -> None:
        self.listed: list[T] = []
        self._numbers: dict[T, int] = {}

    def number(self, value: T) -> int:
        found = self._numbers.setdefault(value, len(self.listed))
        if found == len(self.listed):
            self.listed.append(value)
        return found

    def once(self, value: T) -> T:
        """The first of the values that are equal to this one."""
        return self.listed[self.number(value)]
