from __future__ import annotations

import sys
import unicodedata

import pytest

from policy_core.printable import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x1b]8;;http://x\x07link", "\\x1b]8;;http://x\\x07link"),
        ("\x9b31m", "\\x9b31m"),
        ("one\r\ntwo\ttab", "one\\x0d\\x0atwo\\x09tab"),
        ("\x7f\x00", "\\x7f\\x00"),
        ("abc\u202egpj", "abc\\u202egpj"),
        ("a\u200bb\ufeff", "a\\u200bb\\ufeff"),
        ("\ud800", "\\ud800"),
        ("a\u00adb\u3164", "a\\xadb\\u3164"),
        ("a\U000e0041", "a\\U000e0041"),
    ],
    ids=[
        "colour",
        "hyperlink",
        "8-bit csi",
        "line ends",
        "delete",
        "bidi override",
        "zero width",
        "surrogate",
        "soft hyphen and filler",
        "tag",
    ],
)
def test_what_could_drive_the_terminal_is_written_out(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize(
    "text", ["", "web-7d9f", "naïve 漢字 🙂", "[red]not markup here[/red]", r"\x1b as text"]
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


def test_no_control_format_or_surrogate_character_is_left() -> None:
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code)) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            assert printable(chr(code)).isascii(), f"{code:x}"
