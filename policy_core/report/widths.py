"""How many terminal columns text takes, and how columns share a line."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["Share", "cell_width", "clusters", "share_out"]


@lru_cache(maxsize=4096)
def _character_width(character: str) -> int:
    if unicodedata.category(character).startswith("M"):
        return 0  # a mark: drawn over what stands before it
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cell_width(text: str) -> int:
    """The number of terminal columns that ``text`` takes; it has no control characters."""
    return len(text) if text.isascii() else sum(map(_character_width, text))


def clusters(text: str) -> list[str]:
    """Characters, each with the marks that are drawn over it: what a cut must not tear apart."""
    if text.isascii():
        return list(text)
    found: list[str] = []
    for character in text:
        if found and _character_width(character) == 0:
            found[-1] += character
        else:
            found.append(character)
    return found


@dataclass(frozen=True, slots=True)
class Share:
    """A claim to columns: at least ``least``, beyond that by ``weight``, and never more than ``most``
    (None for no bound)."""

    weight: int = 1
    least: int = 1
    most: int | None = None


def share_out(total: int, shares: Sequence[Share]) -> list[int]:
    """Widths that use up ``total`` as far as the bounds let them. Where not even every ``least`` fits, each
    gets its ``least``: the caller crops."""
    widths = [share.least for share in shares]
    rest = total - sum(widths)
    # Who reaches its bound leaves the remainder to the others, so this ends after a few rounds.
    while rest > 0 and (growing := [i for i, share in enumerate(shares) if _grows(share, widths[i])]):
        weights = sum(shares[i].weight for i in growing)
        round_ = rest
        for i in growing:
            grant = min(max(1, round_ * shares[i].weight // weights), rest)
            most = shares[i].most
            if most is not None:
                grant = min(grant, most - widths[i])
            widths[i] += grant
            rest -= grant
    return widths


def _grows(share: Share, width: int) -> bool:
    return share.weight > 0 and (share.most is None or width < share.most)
