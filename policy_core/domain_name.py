"""A host that only its name is known of."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["DomainName"]


class DomainName(NamedTuple):
    """The far end of a connection. Its addresses are not known; they may be any, those of pods among them."""

    name: str
    """In small letters, without a dot at the end."""

    @property
    def version(self) -> None:
        """No address family: neither is ruled out."""
        return None

    def __str__(self) -> str:
        return self.name
