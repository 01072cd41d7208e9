"""Documents as lines: nothing is lost, nothing is too wide, and every link is met once."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from policy_core.model import Ref
from policy_core.report.document import (
    Cell,
    Column,
    Document,
    Heading,
    Link,
    Names,
    Paragraph,
    Rail,
    Role,
    Row,
    Span,
    Table,
    unbroken,
)
from policy_core.report.layout import ALL, Line, ansi, layout, plain
from policy_core.report.widths import Share, cell_width, share_out
from policy_core.report.wrap import wrap

POLICY = Link(Ref("NetworkPolicy", "shop", "allow-web-to-db"))
RULE = Link(POLICY.ref, ("spec", "ingress", 0))
POD = Link(Ref("Pod", "shop", "web-1"))

TABLE = Table(
    (
        Column("from", 3),
        Column("ports", 2, evident=True),
        Column("decided by", 2, evident=True),
        Column("pods now"),
    ),
    (
        Row(
            (
                (Span("app=web in shop"),),
                (Span("TCP 3306", Role.PORT),),
                (Span("allow-web-to-db rule 1", Role.NAME, RULE),),
                (Span("2"),),
            ),
            RULE,
            ((Span("shop/web-1", Role.NAME, POD), Span("  10.0.0.1", Role.MUTED)), (Span("shop/web-2"),)),
            Names(("web-1", "web-2"), 2),
        ),
        Row(((Span("everything else"),), (Span("—"),), (Span("denied: isolated", Role.DENY),), ())),
    ),
    indent=2,
    names_below=True,
)
DOCUMENT: Document = (
    Paragraph((Span("app=db, tier=data · 10.0.0.2 · on node-1 · Running", Role.MUTED),)),
    Heading((Span("PERMISSION"),)),
    Heading(
        (Span("← Ingress  "), Span("restricted by ", Role.DENY), Span("allow-web-to-db", Role.NAME, POLICY)),
        2,
    ),
    TABLE,
    Heading((Span("GOOD TO KNOW"),)),
    Paragraph((Span("· "), Span("Traffic from the pod's own node is always let in.", Role.MUTED)), indent=2),
)


def texts(lines: list[Line]) -> list[str]:
    return [line.text.rstrip() for line in lines]


# Widths -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "width"), [("", 0), ("abc", 3), ("漢字", 4), ("e\u0301", 1), ("→●▸", 3), ("🚀", 2)]
)
def test_width_is_counted_in_terminal_columns(text: str, width: int) -> None:
    assert cell_width(text) == width == cell_len(text)


@given(st.integers(-5, 200), st.lists(st.builds(Share, st.integers(0, 4), st.integers(0, 20)), max_size=6))
def test_shares_use_up_the_width_but_never_less_than_their_least(total: int, shares: list[Share]) -> None:
    widths = share_out(total, shares)
    assert all(width >= share.least for width, share in zip(widths, shares, strict=True))
    needed = sum(share.least for share in shares)
    grows = any(share.weight for share in shares)
    assert sum(widths) == (max(total, needed) if grows else needed)


def test_what_one_share_may_not_take_goes_to_the_others() -> None:
    assert share_out(30, [Share(1, 1, 5), Share(1), Share(1)]) == [5, 13, 12]
    assert share_out(30, [Share(1, 1, 5), Share(0, 3)]) == [5, 3]


# Wrapping -----------------------------------------------------------------------------------------------

_CELLS = st.lists(
    st.builds(Span, st.text("ab -/漢é\u0301", max_size=12), st.sampled_from(Role)), max_size=6
).map(tuple)


@given(_CELLS, st.integers(1, 20), st.integers(0, 5))
def test_wrapping_loses_nothing_and_fits(cell: Cell, width: int, hanging: int) -> None:
    lines = wrap(cell, width, hanging)
    kept = [(letter, span.role) for line in lines for span in line for letter in span.text if letter != " "]
    assert kept == [(letter, span.role) for span in cell for letter in span.text if letter != " "]
    for number, line in enumerate(lines):
        room = max(1, width - hanging if number else width)
        text = "".join(span.text for span in line)
        # A wide character needs two columns even where there is but one.
        assert cell_width(text) <= max(room, 2)


@given(st.lists(st.text("abc-", min_size=1, max_size=8), max_size=8), st.integers(8, 30))
def test_words_that_fit_are_never_broken(parts: list[str], width: int) -> None:
    lines = wrap((Span(" ".join(parts)),), width)
    assert [word for line in lines for span in line for word in span.text.split()] == parts


def test_long_names_break_at_a_joint() -> None:
    lines = wrap((Span("shop/orders-7d5f8c4b96-gx9lw"),), 20)
    assert ["".join(span.text for span in line) for line in lines] == ["shop/orders-", "7d5f8c4b96-gx9lw"]


@pytest.mark.parametrize("width", range(16, 40))
def test_what_is_one_word_stays_on_one_line_and_shows_plain_blanks(width: int) -> None:
    cell = (Span("payments-api "), Span(unbroken("denied: isolated")), Span(" "), Span(unbroken("rule 1")))
    lines = ["".join(span.text for span in line) for line in wrap(cell, width)]
    assert any("denied: isolated" in line for line in lines)
    assert any("rule 1" in line for line in lines)
    assert "\u00a0" not in "".join(lines)


def test_one_word_that_is_too_long_is_best_cut_at_its_blanks() -> None:
    lines = wrap((Span(unbroken("denied: isolated")),), 10)
    assert ["".join(span.text for span in line).rstrip() for line in lines] == ["denied:", "isolated"]


def test_marks_stay_with_their_letters() -> None:
    (first, second) = wrap((Span("e\u0301" * 4),), 2)
    assert first[0].text == second[0].text == "e\u0301e\u0301"


# Tables -------------------------------------------------------------------------------------------------


def test_wide_table_stands_in_columns() -> None:
    assert texts(layout((TABLE,), 80)) == [
        "    from             ports     decided by              pods now",
        "  ▸ app=web in shop  TCP 3306  allow-web-to-db rule 1  2: web-1, web-2",
        "    everything else  —         denied: isolated",
    ]


def test_narrower_table_wraps_in_its_cells() -> None:
    table = Table(
        (Column("who", 1), Column("what", 1)), (Row(((Span("one two " * 6),), (Span("three " * 8),))),)
    )
    lines = texts(layout((table,), 62))
    assert len(lines) == 3
    assert {line.index("three") for line in lines[1:]} == {lines[0].index("what")}


def test_table_that_does_not_fit_becomes_records() -> None:
    assert texts(layout((TABLE,), 44)) == [
        "  ▸ app=web in shop",
        "      TCP 3306 · allow-web-to-db rule 1",
        "      pods now 2",
        "        web-1, web-2",
        "    everything else · denied: isolated",
    ]


def test_a_row_that_goes_on_with_the_one_above_leaves_no_blank_line_in_its_record() -> None:
    link = Link(Ref("Service", "kube-system", "kube-dns"))
    columns = (Column("service", 1), Column("port", evident=True), Column("get through"))
    rows = (
        Row(((Span("kube-dns-with-a-long-name"),), (Span("53 → 53 UDP"),), (Span("28 of 29 pods"),)), link),
        Row(((), (Span("9153 → 9153"),), (Span("11 of 29 pods"),)), link),
    )
    lines = layout((Table(columns, rows),), 42)
    assert texts(lines) == [
        "kube-dns-with-a-long-name",
        "  53 → 53 UDP · get through 28 of 29 pods",
        "  9153 → 9153 · get through 11 of 29 pods",
    ]
    assert [line.links for line in lines] == [(link,), (), (link,)]


@pytest.mark.parametrize(
    ("width", "behind", "below"),
    [
        (78, ": web-1, web-22 and 3 more", ""),
        (77, ": web-1 and 4 more", ""),
        (69, "", "web-1, web-22 and 3 more"),
    ],
)
def test_as_many_names_are_told_as_fit(width: int, behind: str, below: str) -> None:
    table = Table(
        (Column("from", 1), Column("pods")),
        (Row(((Span("x" * 49),), (Span("5"),)), names=Names(("web-1", "web-22"), 5)),),
        names_below=True,
    )
    assert texts(layout((table,), width))[1:] == [
        f"{'x' * 49}  5{behind}",
        *([f"  {below}"] if below else []),
    ]
    inline = Table(table.columns, table.rows)
    assert texts(layout((inline,), width))[1:] == [f"{'x' * 49}  5{behind}"]


def test_names_give_way_to_the_rows_that_they_stand_for() -> None:
    assert "web-1, web-2" not in plain(layout((TABLE,), 80, {0}))
    assert "web-1, web-2" not in plain(layout((TABLE,), 44, ALL))


@pytest.mark.parametrize("width", [1, 5, 12, 20, 33, 44, 58, 60, 76, 100, 200])
@pytest.mark.parametrize("unfolded", [(), {0}, ALL])
def test_lines_are_never_too_wide_and_say_everything(width: int, unfolded: set[int]) -> None:
    lines = layout(DOCUMENT, width, unfolded)
    # Indentation and marks alone need a few columns.
    assert max(cell_width(line.text) for line in lines) <= max(width, 12)
    # In columns a cell's words stand apart, so look for words, and for letters where those are broken.
    said = plain(lines)
    for word in (
        "app=db,",
        "PERMISSION",
        "allow-web-to-db",
        "app=web",
        "3306",
        "everything",
        "isolated",
        "always",
    ):
        assert word in said or (width < 20 and set(word) <= set(said))


@pytest.mark.parametrize("width", [30, 58, 80, 120])
def test_every_link_is_met_once_in_its_row(width: int) -> None:
    links = [link for line in layout(DOCUMENT, width, {0}) for link in line.links]
    assert links == [POLICY, RULE, POD]


def test_a_rows_own_link_comes_first() -> None:
    row = Row(((Span("a", link=POD),), (Span("b"),)), RULE)
    assert layout((Table((Column("x", 1), Column("y", 1)), (row,)),), 80)[1].links == (RULE, POD)


# Folds --------------------------------------------------------------------------------------------------


def test_children_are_shown_only_where_unfolded() -> None:
    folded, unfolded = layout(DOCUMENT, 80), layout(DOCUMENT, 80, {0})
    assert "shop/web-2" not in plain(folded)
    assert "  ▸ app=web" in plain(folded)
    assert "  ▾ app=web" in plain(unfolded)
    assert [line.text.strip() for line in unfolded if line.within == 0] == [
        "shop/web-1  10.0.0.1",
        "shop/web-2",
    ]


@pytest.mark.parametrize("width", [20, 80])
def test_folds_are_counted_alike_at_every_width(width: int) -> None:
    twice = (TABLE, TABLE)
    assert [line.fold for line in layout(twice, width, {1}) if line.fold is not None] == [0, 1]
    assert {line.within for line in layout(twice, width, {1})} == {None, 1}


def test_output_that_cannot_be_folded_offers_no_folding() -> None:
    lines = layout(DOCUMENT, 80, ALL)
    assert "shop/web-2" in plain(lines)
    assert not re.search("[▸▾]", plain(lines))
    assert all(line.fold is None for line in lines)


# Text ---------------------------------------------------------------------------------------------------


def test_sections_are_set_apart_and_bullets_hang() -> None:
    assert texts(layout(DOCUMENT, 36))[-4:] == [
        "",
        "GOOD TO KNOW",
        "  · Traffic from the pod's own node",
        "    is always let in.",
    ]


def test_plain_text_has_no_blanks_at_line_ends() -> None:
    text = plain(layout(DOCUMENT, 80, ALL))
    assert [line for line in text.split("\n") if line != line.rstrip()] == []
    assert not text.endswith("\n")


def test_colour_adds_nothing_but_colour() -> None:
    lines = layout(DOCUMENT, 80, ALL)
    assert re.sub(r"\x1b\[[0-9;]*m", "", ansi(lines)) == plain(lines)
    assert "\x1b[38;5;208mdenied: isolated\x1b[0m" in ansi(lines)


@pytest.mark.parametrize("text", ["\x1b[31mred", "a\nb", "\x9b1m", "\u202eevil", "[red]x[/]"])
def test_untrusted_text_cannot_leave_its_line(text: str) -> None:
    table = Table((Column("x", 1), Column("y")), (Row(((Span(text),), (Span("1"),))),))
    shown = plain(layout((table,), 80))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", shown)
    assert shown.count("\n") == 1


@pytest.mark.parametrize("width", [16, 24, 60])
def test_a_diagram_keeps_its_line_at_the_left_where_text_wraps(width: int) -> None:
    rail = Rail(
        (Span("├─ ✗ "),),
        (Span("isolated by "), Span("deny", Role.NAME, POLICY), Span(" and more")),
        (Span("┊    "),),
    )
    lines = layout((rail,), width)
    assert [line.text[:5] for line in lines] == ["├─ ✗ ", *["┊    "] * (len(lines) - 1)]
    assert " ".join(line.text[5:].strip() for line in lines) == "isolated by deny and more"
    assert all(cell_len(line.text) <= width for line in lines)
    assert [link for line in lines for link in line.links] == [POLICY]
