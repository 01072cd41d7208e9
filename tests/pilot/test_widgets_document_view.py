"""The document view: what can be reached in it, and how."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from policy_core.model import Ref
from policy_core.report.document import Column, Document, Heading, Link, Paragraph, Role, Row, Span, Table
from tests.pilot.harness import Harness, open_harness
from tui.widgets.document_view import DocumentView


def link(name: str) -> Link:
    return Link(Ref("Pod", "shop", name))


def name(text: str) -> Span:
    return Span(text, Role.NAME, link(text))


def table(*rows: Row) -> Table:
    return Table((Column("from", 1), Column("pods")), rows, indent=2)


DOCUMENT: Document = (
    Heading((Span("PERMISSION"),)),
    Paragraph((Span("restricted by ", Role.DENY), name("one"), Span(", "), name("two"))),
    table(
        Row(((Span("app=web"),), (Span("2"),)), link("rule"), ((name("web-1"),), (name("web-2"),))),
        Row(((Span("app=job"),), (Span("1"),)), None, ((name("job-1"),),)),
        Row(((Span("everything else"),), ())),
    ),
)


def long_document(gap: int = 30) -> Document:
    filler = tuple(Paragraph((Span(f"text {i}"),)) for i in range(gap))
    return (Paragraph((name("top"),)), *filler, Paragraph((name("bottom"),)))


@asynccontextmanager
async def opened(
    document: Document, size: tuple[int, int] = (60, 14)
) -> AsyncIterator[tuple[DocumentView, Harness, Pilot[None]]]:
    view = DocumentView()
    async with open_harness(view, size=size) as (app, pilot):
        view.show(document, "subject")
        view.focus()
        await pilot.pause()
        yield view, app, pilot


def cursor_lines(app: Harness) -> list[str]:
    return [line[2:].strip() for line in app.lines() if line.startswith("▌")]


async def followed(app: Harness, pilot: Pilot[None]) -> list[str]:
    await pilot.pause()
    return [message.link.ref.name for message in app.said(DocumentView.LinkFollowed)]


async def test_document_is_laid_out_with_room_for_the_cursor() -> None:
    async with opened(DOCUMENT) as (_, app, _pilot):
        assert app.lines()[:6] == [
            "  PERMISSION",
            "▌ restricted by one, two",
            "      from             pods",
            "    ▸ app=web          2",
            "    ▸ app=job          1",
            "      everything else",
        ]


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        ("enter", ["one"]),
        ("down,enter", ["two"]),
        ("down,j,enter", ["rule"]),
        ("down,down,k,enter", ["two"]),
        ("down,down,up,up,up,enter", ["one"]),
        ("G,up,enter", ["rule"]),
        ("end,home,enter", ["one"]),
        ("end,g,enter", ["one"]),
        ("pagedown,pageup,enter", ["one"]),
        # A row without a link of its own: enter unfolds it.
        ("end,enter", []),
        ("end,enter,down,enter", ["job-1"]),
        # Unfolding a row puts its children within reach.
        ("down,down,space,down,enter", ["web-1"]),
        ("down,down,right,down,down,enter", ["web-2"]),
        ("down,down,l,down,h,enter", ["rule"]),
        ("down,down,right,down,left,down,right,down,enter", ["job-1"]),
    ],
)
async def test_every_link_is_within_reach_of_the_keyboard(keys: str, names: list[str]) -> None:
    async with opened(DOCUMENT) as (_, app, pilot):
        await pilot.press(*keys.split(","))
        assert await followed(app, pilot) == names


async def test_cursor_is_seen_without_colour_and_only_with_the_keyboard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened(DOCUMENT) as (view, app, pilot):
        await pilot.press("down")
        assert cursor_lines(app) == ["restricted by one, two"]
        styles = {s.text: s.style for s in view.render_line(1)}
        assert styles["two"].bold
        assert not styles["one"].bold
        view.blur()
        await pilot.pause()
        assert cursor_lines(app) == []


async def test_space_turns_a_fold_over_and_the_cursor_stays() -> None:
    async with opened(DOCUMENT) as (_, app, pilot):
        await pilot.press("down", "down", "space")
        assert cursor_lines(app) == ["▾ app=web          2"]
        assert "web-2" in "".join(app.lines())
        await pilot.press("space")
        assert cursor_lines(app) == ["▸ app=web          2"]
        assert "web-2" not in "".join(app.lines())


async def test_scrolls_where_there_is_no_link_near() -> None:
    async with opened(long_document()) as (view, app, pilot):
        await pilot.press("down", "down")
        assert view.scroll_offset.y == 2
        await pilot.press(*["down"] * 30)
        assert cursor_lines(app) == ["bottom"]
        await pilot.press("enter")
        assert await followed(app, pilot) == ["bottom"]
        await pilot.press("up")
        assert view.scroll_offset.y == 17


async def test_page_keys_turn_pages_and_take_the_cursor_along() -> None:
    async with opened(long_document()) as (view, app, pilot):
        await pilot.press("pagedown")
        assert view.scroll_offset.y == 13
        await pilot.press("pagedown", "enter")
        assert await followed(app, pilot) == ["bottom"]
        await pilot.press("home")
        assert (view.scroll_offset.y, cursor_lines(app)) == (0, ["top"])


@pytest.mark.parametrize("key", ["up", "down", "enter", "space", "left", "right", "home", "end", "pagedown"])
async def test_keys_on_an_empty_document_do_nothing(key: str) -> None:
    async with opened(()) as (_, app, pilot):
        await pilot.press(key)
        assert app.messages == []


async def test_the_same_subject_keeps_place_and_folds() -> None:
    async with opened(DOCUMENT, (60, 5)) as (view, app, pilot):
        await pilot.press("down", "down", "space", "down")
        before = app.lines()
        view.show((*DOCUMENT, Paragraph((Span("news"),))), "subject")
        await pilot.pause()
        assert app.lines() == before
        view.show(DOCUMENT, "other subject")
        await pilot.pause()
        assert app.lines()[0] == "  PERMISSION"
        assert "web-1" not in "".join(app.lines())


async def test_another_width_is_another_layout_with_the_same_cursor() -> None:
    async with opened(DOCUMENT, (60, 20)) as (view, app, pilot):
        await pilot.press("down", "down")
        await pilot.resize_terminal(22, 20)
        await pilot.pause()
        assert cursor_lines(app) == ["▸ app=web"]
        assert {cell_len(view.render_line(y).text) for y in range(8)} == {
            view.scrollable_content_region.width
        }


async def test_click_on_a_link_follows_it() -> None:
    async with opened(DOCUMENT) as (view, app, pilot):
        await pilot.click(view, offset=(app.lines()[1].index("two") + 1, 1))
        assert await followed(app, pilot) == ["two"]


async def test_click_beside_a_link_only_brings_the_cursor() -> None:
    async with opened(DOCUMENT) as (view, app, pilot):
        await pilot.press("end")
        await pilot.click(view, offset=(3, 1))
        assert (await followed(app, pilot), cursor_lines(app)) == ([], ["restricted by one, two"])


async def test_click_on_a_row_with_children_turns_its_fold_over() -> None:
    async with opened(DOCUMENT) as (view, app, pilot):
        await pilot.click(view, offset=(4, 3))
        assert "web-1" in "".join(app.lines())
        await pilot.click(view, offset=(4, 3))
        assert "web-1" not in "".join(app.lines())


async def test_link_under_the_mouse_is_lit() -> None:
    async with opened(DOCUMENT) as (view, app, pilot):
        x = app.lines()[1].index("two")
        before = {s.text: s.style for s in view.render_line(1)}
        await pilot.hover(view, offset=(x, 1))
        after = {s.text: s.style for s in view.render_line(1)}
        assert [text for text in before if before[text] != after[text]] == ["two"]


async def test_markup_and_escapes_are_shown_never_obeyed() -> None:
    document = (Paragraph((Span("[red]x[/] \x1b[31m"), name("[@click=app.quit]q[/]"))),)
    async with opened(document) as (_, app, _pilot):
        assert app.lines()[0] == r"▌ [red]x[/] \x1b[31m[@click=app.quit]q[/]"


async def test_tab_is_left_to_the_screen() -> None:
    assert not {"tab", "shift+tab"} & {key for b in DocumentView.BINDINGS for key in b.key.split(",")}


@pytest.mark.parametrize(
    ("keys", "open_row"), [(["home", "down", "down", "space"], "app=web"), (["end", "space"], "app=job")]
)
async def test_a_row_stays_open_wherever_it_is_in_what_has_become_of_the_document(
    keys: list[str], open_row: str
) -> None:
    *first, rows = DOCUMENT
    assert isinstance(rows, Table)
    child = ((name("more-1"),),)
    more = Row(((Span("app=more"),), (Span("1"),)), link("other rule"), child)
    async with opened(DOCUMENT) as (view, app, pilot):
        await pilot.press(*keys)
        assert unfolded(app) == [open_row]
        view.show((*first, table(more, *rows.rows)), "subject")
        await pilot.pause()
        assert unfolded(app) == [open_row]
        kept = tuple(row for row in rows.rows if row.cells[0][0].text != open_row)
        view.show((*first, table(more, *kept)), "subject")
        await pilot.pause()
        assert unfolded(app) == [], "what is gone opens nothing else"


def unfolded(app: Harness) -> list[str]:
    return [line.split("▾")[1].split()[0] for line in app.lines() if "▾" in line]
