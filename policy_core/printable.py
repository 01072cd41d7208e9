"""Text from manifests is untrusted: what a person sees of it must not drive the terminal."""

from __future__ import annotations

import re

__all__ = ["excerpt", "printable"]

# C0 and C1 controls, lone surrogates, and all that Unicode calls a format character or ignorable by default:
# bidirectional overrides and isolates, characters without a width, variation selectors, tags, fillers.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def printable(text: str) -> str:
    """``text`` with every character that could move, hide or recolour output written as an escape."""
    if text.isascii() and text.isprintable():  # nearly all
        return text
    return _UNSAFE.sub(_escape, text)


_LONGEST = 60


def excerpt(text: str) -> str:
    """``text`` for the middle of a sentence: printable, and not endless."""
    text = printable(text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
