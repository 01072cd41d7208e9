"""Lines and offsets agree with splitting the text, wherever its chunks end."""

from __future__ import annotations

from unittest import mock

from hypothesis import given
from hypothesis import strategies as st

from policy_core.manifests import text_lines as module
from policy_core.manifests.text_lines import TextLines


@given(st.text("a\n\r\u2028é", max_size=40), st.integers(1, 5))
def test_starts_and_lines_are_those_of_splitting(text: str, chunk: int) -> None:
    with mock.patch.object(module, "_CHUNK", chunk):
        found = TextLines(text)
        lines = text.split("\n")
        start = 0
        for number, line in enumerate(lines):
            assert found.start(number) == start
            for offset in range(start, start + len(line) + 1):
                assert found.line(offset) == number
            start += len(line) + 1
        assert found.start(len(lines)) == len(text)
        assert found.start(-1) == 0
