"""What is wrong in a text without keeping the rest of it from being read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from policy_core.printable import excerpt

__all__ = ["Flaw", "Loss", "duplicate_key"]


class Loss(Enum):
    """``ENTRY`` is part of the mapping at the path, ``VALUE`` all that is there."""

    NOTHING = auto()
    ENTRY = auto()
    VALUE = auto()


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something wrong that does not keep the rest from being read. ``line`` is counted from 0; ``holder``
    is the id() of the object that it belongs to and ``path`` the place in it; ``loss`` what
    the values lack that the text has."""

    message: str
    line: int
    holder: int
    path: tuple[str | int, ...]
    loss: Loss = Loss.ENTRY


def duplicate_key(key: str) -> str:
    return f'duplicate key "{excerpt(key)}": the last one counts, as for kubectl; strict readers refuse it'
