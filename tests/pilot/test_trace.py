"""The trace: who with whom on which port, typed or chosen, and the path between them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clusters import pod, policy, service
from tests.pilot.explorer import SIZES, Driver, explorer
from tests.pilot.looking import detail_title, has_keyboard, told
from tests.pilot.tracing import answered, asked, click_on, error, in_trace, keyboard, said, trace, typed
from tui.question import Question

sizes = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")


# Opening it -----------------------------------------------------------------------------------------------


@sizes
@pytest.mark.parametrize(
    ("pane", "name", "fields", "missing"),
    [
        ("2", "default/web-1", ("default/web-1", "", ""), "destination"),
        ("3", "shop/reviews", ("", "service:shop/reviews", "TCP 80"), "source"),
        ("2", "shop/price-sync", ("cronjob:shop/price-sync", "", ""), "destination"),
        ("4", "allow-web-to-db", ("", "", ""), "source"),
        ("1", "default", ("", "", ""), "source"),
    ],
)
async def test_it_opens_with_what_is_looked_at_and_asks_for_the_rest(
    size: tuple[int, int], pane: str, name: str, fields: tuple[str, ...], missing: str
) -> None:
    async with explorer(size=size) as driver:
        await trace(driver, name, pane=pane)
        assert asked(driver) == fields
        assert keyboard(driver) == missing
        assert "64/64" in driver.text, "everything can be chosen"
        assert "↵ choose" in driver.text.splitlines()[-1]
        assert "esc out" in driver.text.splitlines()[-1]
        assert "? help" not in driver.text, "it would be typed"


async def test_it_opens_from_the_palette_too() -> None:
    async with explorer() as driver:
        await driver.choose("default/web-1")
        await driver.press("ctrl+p")
        await driver.type("Trace")
        await driver.pilot.pause(0.5)
        await driver.press("enter")
        assert in_trace(driver)
        assert asked(driver)[0] == "default/web-1"


async def test_another_screen_opens_it_with_both_ends_and_a_port() -> None:
    async with explorer() as driver:
        driver.screen.open_trace(Question("default/web-1", "default/db-0", "3307"))
        await driver.pilot.pause()
        await answered(driver)
        assert asked(driver) == ("default/web-1", "default/db-0", "3307")
        assert keyboard(driver) == "path"
        assert "✗ Denied by the ingress" in driver.text


async def test_what_it_is_opened_with_may_be_wrong() -> None:
    async with explorer() as driver:
        driver.screen.open_trace(Question("default/web-1", "default/dbb", "ICMP 0"))
        await driver.pilot.pause()
        await answered(driver)
        assert error(driver, "destination").endswith("did you mean service:default/db?")
        assert keyboard(driver) == "destination"


# Choosing an end ------------------------------------------------------------------------------------------


def first_match(driver: Driver) -> list[str]:
    line = next(line for line in driver.text.splitlines() if "▸" in line)
    return line.strip("│ ▸").split()


@sizes
@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("db", ["Service", "db", "default"]),
        ("web-2", ["Pod", "web-2", "default"]),
        ("cart", ["Service", "cart", "shop"]),
        ("deployment:shop/cart", ["Deployment", "cart", "shop"]),
        ("statefulset ledger", ["StatefulSet", "ledger-db", "payments"]),
        ("10.244.2.7", ["Pod", "db-0", "default"]),
        ("10.96.0.9", ["Service", "db", "default"]),
        ("10.244.2.", ["Pod", "db-0", "default"]),
        ("APP=BACKEND", ["Pod", "backend-1", "default"]),
        ("192.0.2.1", ["address", "192.0.2.1", "outside"]),
    ],
)
async def test_an_end_is_found_by_a_part_of_it(size: tuple[int, int], words: str, first: list[str]) -> None:
    async with explorer(size=size) as driver:
        await trace(driver, "default/web-1")
        await driver.type(words)
        assert first_match(driver)[: len(first)] == first


async def test_arrows_choose_another_match() -> None:
    async with explorer() as driver:
        await trace(driver, "default/web-1")
        await typed(driver, "db", "down", "down", "up", "enter")
        assert asked(driver)[1] == "service:default/db-headless"


async def test_an_end_in_the_other_ends_namespace_comes_first() -> None:
    async with explorer() as driver:
        await trace(driver, "shop/storefront")
        await driver.type("default-deny")
        assert "nothing here is called “default-deny”" in driver.text
        for _ in "default-deny":
            await driver.press("backspace")
        assert first_match(driver)[2] == "shop"


async def test_a_workload_is_all_its_pods() -> None:
    async with explorer() as driver:
        await trace(driver, "shop/storefront", ["deployment:shop/orders"])
        assert asked(driver)[1] == "deployment:shop/orders"
        assert "2 pods" in driver.text


@sizes
async def test_tab_goes_from_field_to_field_and_takes_what_was_typed(size: tuple[int, int]) -> None:
    async with explorer(size=size) as driver:
        await trace(driver, "allow-web-to-db", pane="4")
        await typed(driver, "web-1", "tab")
        assert keyboard(driver) == "destination"
        await typed(driver, "db-0", "tab")
        assert asked(driver) == ("default/web-1", "default/db-0", "TCP 3306")
        assert keyboard(driver) == "port"
        await driver.press("tab")
        assert keyboard(driver) == "path"
        await driver.press("tab")
        assert keyboard(driver) == "source"
        await driver.press("tab")
        assert asked(driver)[0] == "default/web-1", "nothing was typed"
        assert keyboard(driver) == "destination"
        await driver.press("shift+tab")
        assert keyboard(driver) == "source"


async def test_the_keys_of_the_path_lead_back_to_every_field() -> None:
    async with explorer() as driver:
        await trace(driver, "default/web-1", ["db-0"])
        for key, which in (("f", "source"), ("t", "destination"), ("p", "port")):
            await driver.press("escape")
            assert keyboard(driver) == "path"
            await driver.press(key)
            assert keyboard(driver) == which
        await driver.press("escape", "f")
        await typed(driver, "backend", "enter")
        assert asked(driver) == ("default/backend-1", "default/db-0", "TCP 3306")
        assert "✗ Denied by the egress of Pod default/backend-1" in driver.text
        assert keyboard(driver) == "path", "the port stays, so there is nothing left to choose"


# Ports ----------------------------------------------------------------------------------------------------


async def test_likely_ports_are_offered_and_stepped_through() -> None:
    async with explorer() as driver:
        await trace(driver, "default/backend-1", ["db-0"])
        assert "[TCP 3306 mysql] TCP 443" in driver.text
        await driver.press("down")
        await answered(driver)
        assert asked(driver)[2] == "TCP 443"
        assert " TCP 3306 mysql [TCP 443]" in driver.text
        assert "db-0 on 443" in driver.text
        await driver.press("down")
        assert asked(driver)[2] == "TCP 3306", "round again"
        await driver.type("9")
        assert asked(driver)[2] == "9", "what is typed takes the place of what was offered"


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("3307", "TCP 3307"),
        ("udp 53", "UDP 53"),
        ("53/UDP", "UDP 53"),
        ("sctp7", "SCTP 7"),
        ("mysql", "TCP 3306"),
    ],
)
async def test_a_port_is_typed_in_any_way_that_people_write_it(text: str, port: str) -> None:
    async with explorer() as driver:
        await trace(driver, "default/web-1", ["db-0"])
        await typed(driver, text)
        assert f"Pod default/db-0 {port} " in driver.text


async def test_a_typed_port_outlives_another_end_and_an_offered_one_does_not() -> None:
    async with explorer() as driver:
        await trace(driver, "default/web-1", ["db-0"])
        await driver.press("escape", "t")
        await typed(driver, "service:shop/orders", "enter")
        assert asked(driver)[2] == "TCP 80"
        assert keyboard(driver) == "port", "it is another one: people will want to see it"
        await typed(driver, "3307", "escape", "t")
        await typed(driver, "db-0", "enter")
        assert asked(driver)[2] == "3307"


async def test_typing_ahead_loses_nothing() -> None:
    async with explorer() as driver:
        await trace(driver, "default/web-1", ["db-0"])
        for text in ("12345", "udp 5353"):
            await driver.press("ctrl+shift+a")
            await typed(driver, text)
            assert asked(driver)[2] == text


# Swapping -------------------------------------------------------------------------------------------------


@sizes
@pytest.mark.parametrize("by", ["s", "ctrl+t", "mouse"])
async def test_the_ends_can_be_swapped(size: tuple[int, int], by: str) -> None:
    async with explorer(size=size) as driver:
        await trace(driver, "default/web-1", ["service:default/db"])
        if by == "mouse":
            await click_on(driver, "⇄ swap")
        else:
            await driver.press(*(["escape"] if by == "s" else []), by)
        await answered(driver)
        assert asked(driver) == ("service:default/db", "default/web-1", "TCP 8080")
        assert "Service default/db → Pod default/web-1 TCP 8080" in driver.text


async def test_swapping_before_the_other_end_is_chosen_asks_for_the_source() -> None:
    async with explorer() as driver:
        await trace(driver, "default/db-0")
        await driver.type("half")
        await driver.press("ctrl+t")
        assert asked(driver) == ("", "default/db-0", "TCP 3306")
        assert keyboard(driver) == "source"
        await typed(driver, "web-1", "enter")
        assert "✓ Allowed." in driver.text


# Where links lead, and the way back -----------------------------------------------------------------------


@sizes
@pytest.mark.parametrize("back", ["left_square_bracket", "escape", "backspace"])
async def test_a_rule_leads_to_its_lines_and_back_leads_to_the_trace(
    size: tuple[int, int], back: str
) -> None:
    async with explorer(size=size) as driver:
        await trace(driver, "default/web-1", ["db-0"])
        await typed(driver, "3307", "enter", "enter")
        assert not in_trace(driver)
        assert detail_title(driver) == "NetworkPolicy default/allow-web-to-db"
        assert any("▌" in line and "- protocol: TCP" in line for line in driver.text.splitlines())
        await driver.press(back)
        await answered(driver)
        assert in_trace(driver)
        assert asked(driver) == ("default/web-1", "default/db-0", "3307")
        assert keyboard(driver) == "path"
        assert "✗ Denied by the ingress of Pod default/db-0." in driver.text
        await driver.press("right_square_bracket")
        assert detail_title(driver) == "NetworkPolicy default/allow-web-to-db"
        await driver.press("left_square_bracket", "left_square_bracket")
        assert not in_trace(driver)
        assert detail_title(driver) == "Pod default/web-1"


async def test_a_pod_leads_to_its_page() -> None:
    async with explorer() as driver:
        await trace(driver, "default/web-1", ["db-0"])
        await driver.press("enter", "end", "enter")
        assert detail_title(driver) == "Pod default/db-0"
        assert has_keyboard(driver) == "details"
        await driver.press("left_square_bracket")
        assert in_trace(driver)


async def test_a_route_is_in_no_list_so_the_trace_stays() -> None:
    async with explorer() as driver:
        await trace(driver, "shop/storefront", pane="3")
        await typed(driver, "192.0.2.1", "enter", "enter")
        await click_on(driver, "Ingress shop/storefront")
        assert in_trace(driver)
        assert told(driver)[0].startswith("Ingress shop/storefront is in no list: see demo/")


async def test_escape_goes_out_step_by_step() -> None:
    async with explorer() as driver:
        await trace(driver, "default/web-1", ["db-0"])
        await driver.press("escape", "t")
        assert "10.244.2.7" in driver.text.splitlines()[3]
        await driver.type("xyz")
        assert "10.244.2.7" not in driver.text.splitlines()[3], "that is the one before"
        await driver.press("escape")
        assert "10.244.2.7" in driver.text.splitlines()[3]
        assert asked(driver)[1] == "default/db-0", "first what was typed"
        assert keyboard(driver) == "destination"
        await driver.press("escape")
        assert keyboard(driver) == "path"
        await driver.press("escape")
        assert not in_trace(driver)
        assert has_keyboard(driver) == "pods"
        await driver.press("right_square_bracket")
        assert in_trace(driver)
        await driver.press("right_square_bracket")
        assert "nothing further" in told(driver)


async def test_escape_leaves_a_trace_that_was_never_asked() -> None:
    async with explorer() as driver:
        await trace(driver, "default/web-1")
        await driver.press("escape")
        assert not in_trace(driver)
        assert detail_title(driver) == "Pod default/web-1"


async def test_a_click_back_keeps_what_stands_in_the_manifest() -> None:
    async with explorer() as driver:
        await driver.choose("default/web-1")
        await driver.press("v", "t", "escape")
        assert "kind: Pod" in driver.text, "where the trace was opened"


async def test_earlier_traces_are_steps_of_the_history() -> None:
    async with explorer() as driver:
        await trace(driver, "default/web-1", ["db-0"])
        await driver.press("enter", "end", "enter", "t")
        await typed(driver, "backend", "enter", "enter")
        assert asked(driver)[:2] == ("default/db-0", "default/backend-1")
        await driver.press("left_square_bracket", "left_square_bracket")
        assert asked(driver)[:2] == ("default/web-1", "default/db-0")


async def test_the_palette_acts_on_the_trace_and_leaves_it_for_the_rest() -> None:
    async with explorer() as driver:
        await trace(driver, "default/web-1", ["db-0"])

        async def command(name: str) -> None:
            await driver.press("ctrl+p")
            await driver.type(name)
            await driver.pilot.pause(0.5)
            await driver.press("enter")
            await answered(driver)

        await command("Swap the ends")
        assert asked(driver)[:2] == ("default/db-0", "default/web-1")
        await command("Copy as Markdown")
        assert driver.app.clipboard.startswith("# Pod default/db-0 → Pod default/web-1")
        await command("Services")
        assert not in_trace(driver)
        assert has_keyboard(driver) == "services"
        while not in_trace(driver):
            await driver.press("left_square_bracket")
            assert "nothing to go back to" not in told(driver)
        assert asked(driver)[:2] == ("default/db-0", "default/web-1")


# What cannot be asked -------------------------------------------------------------------------------------

IPV4_ONLY = (
    pod("a", "10.0.0.1", app="a")
    + pod("b", "10.0.0.2", app="b")
    + pod("done", "10.0.0.3").replace("Running", "Succeeded")
    + service("none", "{selector: {app: nobody}, ports: [{port: 80}]}")
    + policy("p", "{podSelector: {matchLabels: {app: b}}, ingress: [{ports: [{port: 5432}]}]}")
)


@pytest.fixture
def ipv4_only(tmp_path: Path) -> Path:
    path = tmp_path / "c.yaml"
    path.write_text(IPV4_ONLY)
    return path


@sizes
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("nobody-here", "✗ no pod or workload x/nobody-here in what was read"),
        ("x/bb", "did you mean x/b?"),
        ("y/b", "did you mean x/b?"),
        ("service:nine", "✗ no Service x/nine in what was read; did you mean service:x/none?"),
        ("10.0.0.0/8", "✗ 10.0.0.0/8 is a range: name one address, as 10.0.0.0"),
        ("fd00::1", "✗ fd00::1 is an IPv6 address, and nothing here has one"),
        ("::ffff:10.0.0.1", "write it without a zone, and an IPv4 address as such"),
        ("fe80::1%eth0", "write it without a zone, and an IPv4 address as such"),
        ("done", "✗ Pod x/done has finished (Succeeded): it takes part in no connection"),
        ("a/b/c", "✗ a/b/c is neither NAMESPACE/NAME"),
        ("/", ""),
    ],
)
async def test_what_is_no_end_is_said_where_it_was_typed(
    ipv4_only: Path, size: tuple[int, int], text: str, why: str
) -> None:
    async with explorer(ipv4_only, size=size) as driver:
        await trace(driver, "x/a")
        await typed(driver, text)
        if "address" not in why or "/8" in text:
            assert text == "/" or f"nothing here is called “{text}”" in driver.text
        await driver.press("enter")
        await answered(driver)
        assert why in error(driver, "destination")
        await driver.press("t", "escape", "escape")


async def test_the_error_goes_as_soon_as_the_person_types_on(ipv4_only: Path) -> None:
    async with explorer(ipv4_only) as driver:
        await trace(driver, "x/a")
        await typed(driver, "bb", "enter")
        assert error(driver, "destination")
        await driver.press("backspace")
        assert not error(driver, "destination")
        await driver.press("enter")
        await answered(driver)
        assert asked(driver) == ("x/a", "x/b", "TCP 5432"), "the port that its rule names"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("0", "there is no port 0: ports are the numbers from 1 to 65535"),
        ("70000", "there is no port 70000"),
        ("9" * 5000, "there is no port 999999999999:"),
        ("-1", "a port is a number"),
        ("٣", "a port is a number"),
        ("http", "a port is a number"),
        ("tcp 80 udp", "a port is a number"),
        ("icmp 1", "ICMP is none of TCP, UDP, SCTP"),
        ("80 81", "a port is a number"),
    ],
)
async def test_what_is_no_port_is_said_where_it_was_typed(ipv4_only: Path, text: str, why: str) -> None:
    async with explorer(ipv4_only, size=(80, 24)) as driver:
        await trace(driver, "x/a", ["x/b"])
        await typed(driver, text)
        assert why in error(driver, "port")
        assert "No path: see ✗ above." in driver.text
        await driver.press("enter")
        assert keyboard(driver) == "port", "there is nothing to see yet"
        await driver.press("ctrl+shift+a")
        await typed(driver, "5432", "enter")
        assert "✓ Allowed." in driver.text
        assert not error(driver, "port")
        assert keyboard(driver) == "path"


async def test_no_port_at_all_is_no_error(ipv4_only: Path) -> None:
    async with explorer(ipv4_only) as driver:
        await trace(driver, "x/a", ["x/b"])
        await driver.press("backspace")
        await answered(driver)
        assert not error(driver, "port")
        assert "Choose both ends and a port" in driver.text
        await driver.press("c")
        assert asked(driver)[2] == "c", "typed, not copied"


async def test_two_ends_outside_are_refused_at_the_one_that_was_chosen_last(ipv4_only: Path) -> None:
    async with explorer(ipv4_only) as driver:
        await trace(driver, "x/a", ["192.0.2.1"])
        assert keyboard(driver) == "port", "none is likely"
        await typed(driver, "443", "enter", "f")
        await typed(driver, "192.0.2.2", "enter")
        assert "both outside" in error(driver, "source")
        assert keyboard(driver) == "source"
        await driver.press("ctrl+t")
        await answered(driver)
        assert "both outside" in error(driver, "source") + error(driver, "destination")


async def test_a_service_without_pods_opens_no_connection(ipv4_only: Path) -> None:
    async with explorer(ipv4_only) as driver:
        await trace(driver, "x/b")
        await driver.press("ctrl+t")
        await typed(driver, "service:x/none", "enter")
        assert "has no pod in what was read that could open a connection" in error(driver, "source")


async def test_a_finished_pod_is_refused_from_the_start(ipv4_only: Path) -> None:
    async with explorer(ipv4_only) as driver:
        await trace(driver, "x/done")
        assert "has finished" in error(driver, "source")
        assert keyboard(driver) == "source"


async def test_nothing_was_read(tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text("")
    async with explorer(tmp_path / "empty.yaml") as driver:
        await driver.press("t")
        if in_trace(driver):
            await typed(driver, "x", "enter")
            assert error(driver, "source")


@sizes
async def test_names_are_never_obeyed(size: tuple[int, int], tmp_path: Path) -> None:
    nasty = r'"[red]x[/]\e[31m:[@click=app.quit]y"'
    path = tmp_path / "c.yaml"
    path.write_text(
        pod("a", "10.0.0.1")
        + pod(nasty, "10.0.0.2", more='nodeName: "[bold]n\\e[0m"')
        + service(nasty, f"{{selector: {{a: b}}, ports: [{{port: 80, name: {nasty}}}]}}")
    )
    async with explorer(path, size=size) as driver:
        await trace(driver, "x/a")
        await driver.type("[red]")
        assert "[red]" in driver.text
        await driver.press("enter")
        await answered(driver)
        assert asked(driver)[1].startswith(r"service:x/[red]x[/]\x1b[31m:[@click")
        assert "leads nowhere" in said(driver)
        await driver.press("ctrl+shift+a")
        await typed(driver, "\x1b[2J", "escape", "t")
        await typed(driver, "[red]", "down", "enter")
        assert asked(driver)[1].startswith(r"x/[red]x[/]\x1b[31m:[@click")
        assert "\x1b" not in driver.text
        await driver.press("ctrl+shift+a")
        await typed(driver, "80", "enter", "c")
        assert "[red]" in driver.app.clipboard or r"\[red" in driver.app.clipboard
        assert driver.app.is_running


# The mouse ------------------------------------------------------------------------------------------------


@sizes
async def test_everything_can_be_clicked(size: tuple[int, int]) -> None:
    async with explorer(size=size) as driver:
        await trace(driver, "default/backend-1")
        await driver.type("db")
        await click_on(driver, "db-headless")
        assert asked(driver)[1] == "service:default/db-headless"
        await click_on(driver, "service:default/db")
        assert keyboard(driver) == "destination"
        await driver.press("ctrl+shift+a")
        await driver.type("db-0")
        await click_on(driver, "10.244.2.7")
        assert asked(driver) == ("default/backend-1", "default/db-0", "TCP 3306")
        await click_on(driver, "TCP 443")
        assert asked(driver)[2] == "TCP 443"
        assert "db-0 on 443" in driver.text
        await click_on(driver, "allow-web-to-db rule 1")
        assert detail_title(driver) == "NetworkPolicy default/allow-web-to-db"


# Taking it away, and help ---------------------------------------------------------------------------------


async def test_the_path_is_copied_as_markdown_and_saved_as_a_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with explorer() as driver:
        await trace(driver, "default/web-1")
        await driver.press("ctrl+s")
        assert (tmp_path / "netpol-tui-trace.svg").exists()
        await typed(driver, "db-0", "enter")
        await typed(driver, "3307", "enter", "c")
        copied = driver.app.clipboard
        assert copied.startswith("# Pod default/web-1 → Pod default/db-0 TCP 3307\n")
        assert "allow-web-to-db rule 1 (demo/default.yaml:26)" in copied
        assert "Source: demo" in copied
        await driver.press("ctrl+s")
        assert (tmp_path / "netpol-tui-pod-default-web-1-pod-default-db-0-tcp-3307.svg").exists()


async def test_there_may_be_nothing_to_copy() -> None:
    async with explorer() as driver:
        await trace(driver, "default/web-1", ["db-0"])
        await typed(driver, "0", "escape", "c")
        assert "there is no path to copy yet" in told(driver)
        assert driver.app.clipboard == ""


async def test_help_tells_of_the_trace_first_there_and_in_its_place_elsewhere() -> None:
    async with explorer() as driver:
        await trace(driver, "default/web-1", ["db-0"])
        await driver.press("f1")
        assert driver.text.index("In a trace") < driver.text.index("Get around")
        assert "back to where the trace was opened" in said(driver)
        await driver.press("escape")
        assert in_trace(driver)
        await driver.press("escape")
        for key in ("f", "t", "p", "s"):
            assert f" {key} " in driver.text.splitlines()[-1]
        await driver.press("question_mark")
        assert "In a trace" in driver.text
        await driver.press("escape", "escape", "question_mark")
        assert "Get around" in driver.text
        assert "may this pod reach something" in said(driver)


@sizes
async def test_the_footer_of_the_path_names_all_that_can_be_pressed(size: tuple[int, int]) -> None:
    async with explorer(size=size) as driver:
        await trace(driver, "default/web-1", ["db-0"])
        await driver.press("enter")
        footer = driver.text.splitlines()[-1]
        for word in (
            "↵ follow",
            "f from",
            "t to",
            "p port",
            "s swap",
            "[ back",
            "c copy",
            "? help",
            "q quit",
        ):
            assert word in footer


async def test_q_quits() -> None:
    async with explorer() as driver:
        await trace(driver, "default/web-1", ["db-0"])
        await driver.press("enter", "q")
        assert not driver.app.is_running
