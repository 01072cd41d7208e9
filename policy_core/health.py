"""How fresh what is known of a cluster is, kind by kind."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Feed", "Health", "KindHealth"]


class Feed(StrEnum):
    LISTING = "listing"
    """The first list, or one that makes up for what was missed, is under way."""
    LIVE = "live"
    """A watch is open: what changes is told as it changes."""
    LOST = "lost"
    """The server cannot be heard at the moment: what is known may be out of date."""
    NONE = "none"
    """Forbidden or not installed, so there is nothing to hear; its coverage says which."""


@dataclass(frozen=True, slots=True)
class KindHealth:
    """``resource`` as in :class:`policy_core.coverage.KindCoverage`. ``heard`` is when the server last said
    anything about the kind, in seconds as time.time() counts them; 0 for never. ``error`` is what went wrong
    since, in a line."""

    kind: str
    resource: str
    feed: Feed
    objects: int = 0
    heard: float = 0.0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """``kinds`` in the order in which people think of them."""

    kinds: tuple[KindHealth, ...] = ()

    @property
    def lost(self) -> tuple[KindHealth, ...]:
        """The kinds that may be out of date, the one unheard for the longest first."""
        return tuple(sorted((k for k in self.kinds if k.feed is Feed.LOST), key=lambda kind: kind.heard))
