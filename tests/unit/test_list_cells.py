"""The cells of a list: what is left out of them, and how the columns share the width."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from policy_core.report.document import Role
from tui.widgets.cells import Align, crop, fit, pieces
from tui.widgets.table_column import Share, TableColumn, fit_columns, need

TEXTS = st.text("ab-. 漢é\u0301🚀", max_size=40)


@pytest.mark.parametrize(
    ("name", "width", "shown"),
    [
        ("storefront-6c8f9d7b54-hx2lq", 27, "storefront-6c8f9d7b54-hx2lq"),
        ("storefront-6c8f9d7b54-hx2lq", 26, "storefront-6c8f9d7b…-hx2lq"),
        ("storefront-6c8f9d7b54-hx2lq", 18, "storefront-…-hx2lq"),
        ("storefront-6c8f9d7b54-hx2lq", 14, "storefr…-hx2lq"),
        ("storefront-6c8f9d7b54-hx2lq", 8, "stor…2lq"),
        ("backends-from-storefront", 15, "backend…refront"),
        ("ledger-shard-1-0", 11, "ledge…d-1-0"),
        ("漢字かな交じり文", 10, "漢字…り文"),
        ("漢字かな交じり文", 9, "漢字…り文"),
        ("e\u0301" * 9, 5, "e\u0301" * 2 + "…" + "e\u0301" * 2),
        ("name", 2, "n…"),
        ("name", 1, "…"),
        ("name", 0, ""),
    ],
)
def test_names_are_cut_where_they_are_alike(name: str, width: int, shown: str) -> None:
    assert crop(name, width, keep_end=True) == shown


def test_other_text_is_cut_at_its_end() -> None:
    assert crop("app=db, tier=data", 9) == "app=db,…"
    assert crop("app=db, tier=data", 8) == "app=db,…"


@given(TEXTS, st.integers(0, 30), st.booleans(), st.sampled_from(get_args(Align)))
def test_a_cell_is_as_wide_as_its_column_with_and_without_a_search(
    text: str, width: int, keep_end: bool, align: Align
) -> None:
    plain = "".join(piece for piece, _ in pieces(text, width, align, keep_end))
    searched = "".join(piece for piece, _ in pieces(text, width, align, keep_end, "a 漢 b-"))
    assert cell_len(plain) == width
    assert plain == searched
    assert ("…" in plain) is (0 < width < cell_len(text))


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("store", ["store"]),
        ("LQ store", ["store", "lq"]),
        ("storefront", ["storefr…"]),
        ("9d7b", ["…"]),
        ("54-hx", ["…-hx"]),
        ("zzz", []),
        ("", []),
        ("…", []),
    ],
)
def test_what_is_searched_for_is_found_in_what_is_left_out(words: str, found: list[str]) -> None:
    cell = pieces("storefront-6c8f9d7b54-hx2lq", 14, keep_end=True, words=words)
    assert [piece for piece, emphasised in cell if emphasised] == found


# Columns ------------------------------------------------------------------------------------------------


def column(key: str, width: int | Share, priority: int, **more: bool) -> TableColumn[str]:
    return TableColumn(key, key, lambda row: (row, Role.PLAIN), width, priority=priority, **more)


NAME = column("name", Share(3, 10), 9, name=True)
PLACE = column("place", Share(1, 5, 12), 8, name=True)
COUNT = column("count", 4, 7, whole=True)
STATE = column("state", 8, 5)
ADDRESS = column("address", Share(1, 15, 30), 1, extra=True)


@pytest.mark.parametrize(
    ("measured", "rows", "width"),
    [
        (NAME, ["a" * 12, "b"], 12),
        (NAME, ["a"], 10),
        (NAME, [], 10),
        (NAME, ["a" * 253, "b"], 28),
        (NAME, ["漢" * 8], 16),
        (PLACE, ["a" * 40], 12),
        (COUNT, ["1", "1,000,000"], 9),
        (COUNT, ["1"], 4),
    ],
)
def test_rows_want_room_for_the_longest_of_them(
    measured: TableColumn[str], rows: list[str], width: int
) -> None:
    assert need(measured, rows) == width


@pytest.mark.parametrize(
    ("width", "needs", "fitted"),
    [
        # Names in full, what is left to those that grow.
        (60, {"name": 20, "place": 7}, {"name": 22, "place": 8, "state": 8, "address": 16}),
        (56, {"name": 20, "place": 7}, {"name": 20, "place": 7, "state": 8, "address": 15}),
        # One column less and the extra one goes, not a letter of a name.
        (55, {"name": 20, "place": 7}, {"name": 32, "place": 11, "state": 8}),
        (56, {"name": 21, "place": 7}, {"name": 33, "place": 11, "state": 8}),
        # Where names are cut anyhow, nobody gets more than its rows want.
        (38, {"name": 30, "place": 7}, {"name": 19, "place": 7, "state": 8}),
        (27, {"name": 30, "place": 12}, {"name": 10, "place": 5, "state": 8}),
        (26, {"name": 30, "place": 12}, {"name": 17, "place": 7}),
        (14, {"name": 30, "place": 12}, {"name": 14}),
    ],
)
def test_extra_columns_come_after_names_in_full(
    width: int, needs: dict[str, int], fitted: dict[str, int]
) -> None:
    columns = [NAME, PLACE, STATE, ADDRESS]
    assert {c.key: size for c, size in fit_columns(columns, width, 2, needs)} == fitted


def test_a_number_is_never_cut() -> None:
    fitted = fit_columns([NAME, COUNT], 22, 2, {"name": 30, "count": 9})
    assert [size for _, size in fitted] == [11, 9]
    assert fit_columns([NAME, COUNT], 20, 2, {"name": 30, "count": 9}) == [(NAME, 20)]


def test_fit_pads_on_the_side_that_is_asked_for() -> None:
    assert [fit("ab", 5, align) for align in get_args(Align)] == ["ab   ", "   ab", " ab  "]
