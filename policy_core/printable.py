"""Text from manifests is untrusted: what a person sees of it must not drive the terminal."""

from __future__ import annotations

import re

__all__ = ["printable"]

# C0 and C1 controls, bidirectional overrides and isolates, zero-width characters, lone surrogates.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def printable(text: str) -> str:
    """``text`` with every character that could move, hide or recolour output written as an escape."""
    return _UNSAFE.sub(_escape, text)
