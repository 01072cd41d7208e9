"""Text from manifests never reaches the terminal with its controls."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from policy_core.printable import printable

CONTROLS = {"Cc", "Cs", "Zl", "Zp"}  # controls, lone surrogates, line and paragraph separators
OVERRIDES = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}

anything = st.text(
    st.characters()
    | st.characters(categories=["Cc", "Cs", "Zl", "Zp"])
    | st.sampled_from("\u202e\u200f\u2066")
)


def drives_the_terminal(character: str) -> bool:
    return unicodedata.category(character) in CONTROLS or unicodedata.bidirectional(character) in OVERRIDES


@given(anything)
def test_no_control_character_is_left(text: str) -> None:
    assert not any(map(drives_the_terminal, printable(text)))


@given(anything)
def test_what_is_printable_is_encodable_and_stays_on_one_line(text: str) -> None:
    safe = printable(text)
    safe.encode()  # a lone surrogate would raise
    assert len(safe.splitlines()) <= 1


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    assert printable(text) == text


@given(anything)
def test_only_what_is_unsafe_is_rewritten(text: str) -> None:
    assert printable(text) == "".join(map(printable, text))
