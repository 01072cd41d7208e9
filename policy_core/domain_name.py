"""A host that only its name is known of."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["DomainName", "parse_domain_name"]


class DomainName(NamedTuple):
    """The far end of a connection. Its addresses are not known; they may be any, those of pods among them."""

    name: str
    """In small letters, without a dot at the end."""

    def __str__(self) -> str:
        return f"domain:{self.name}"


_LABEL = "[a-z0-9_]([-a-z0-9_]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*\.?", re.IGNORECASE)
_MOST = 253


def parse_domain_name(text: str) -> DomainName | None:
    """None where no host can be called so."""
    if len(text) > _MOST + 1 or not _NAME.fullmatch(text):
        return None
    return DomainName(text.lower().removesuffix("."))
