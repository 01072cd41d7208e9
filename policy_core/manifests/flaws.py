"""What is wrong in a text without keeping the rest of it from being read."""

from __future__ import annotations

from dataclasses import dataclass

from policy_core.printable import printable

__all__ = ["Flaw", "duplicate_key"]


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something wrong that does not keep the rest from being read. ``line`` is counted from 0; ``holder``
    is the id() of the object that it belongs to and ``path`` the place in it; ``lost`` says that the values
    lack something that the text has."""

    message: str
    line: int
    holder: int
    path: tuple[str | int, ...]
    lost: bool = True


def duplicate_key(key: str) -> str:
    return f'duplicate key "{printable(key)}": the last one counts, as for kubectl; strict readers refuse it'
