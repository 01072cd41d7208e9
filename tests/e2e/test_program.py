"""The installed program in a pseudo-terminal, from launch to exit."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.terminal import PROGRAM, Terminal

ENTER, ESCAPE = "\r", "\x1b"


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (120, 36), (200, 50)])
def test_the_main_job_on_the_demo(columns: int, lines: int) -> None:
    with Terminal(f"{PROGRAM} --demo", columns, lines) as terminal:
        terminal.wait_for("Pods 31", "PERMISSION")
        terminal.press("/", *"default/db", ENTER)
        terminal.wait_for("restricted by allow-web-to-db", "app=web in default", "TCP 3306")
        terminal.wait_for("allow-web-to-db rule 1", "denied: isolated")
        terminal.press(ENTER)
        terminal.wait_for("open: no policy selects this pod for egress")
        terminal.press("G")
        terminal.wait_for("db-headless")
        terminal.press("q")
        assert terminal.ends_with() == 0


@pytest.mark.parametrize(
    ("port", "status", "shown"),
    [
        (3306, 0, ("✓ Allowed", "allow-web-to-db rule 1 (demo/default.yaml:21) lets it in")),
        (3307, 1, ("✗ Denied", "allow-web-to-db rule 1 (demo/default.yaml:21) names TCP 3306, not TCP 3307")),
    ],
)
def test_a_trace_names_the_rule_that_decides_or_came_nearest(
    port: int, status: int, shown: tuple[str, ...]
) -> None:
    command = f"{PROGRAM} trace default/web-1 default/db-0 --port {port} --demo"
    with Terminal(f"{command}; rc=$?; read; exit $rc") as terminal:
        terminal.wait_for(*shown)
        terminal.press(ENTER)
        assert terminal.ends_with() == status


def test_manifests_from_a_pipe_and_keys_from_the_terminal() -> None:
    manifest = "apiVersion: v1\\nkind: Pod\\nmetadata: {name: piped, namespace: x}\\nspec: {}\\n"
    with Terminal(f"printf '{manifest}' | {PROGRAM}") as terminal:
        terminal.wait_for("piped", "<stdin>")
        terminal.press("?")
        # The whole page: escape and another key, before it is there, would arrive as one.
        terminal.wait_for("Help", "Get around", "Look closer")
        terminal.press(ESCAPE)
        terminal.wait_until_gone("Get around")
        terminal.press("q")
        assert terminal.ends_with() == 0


@pytest.mark.parametrize("name", ["/dev/stdin", "-f /dev/fd/0", "/proc/self/fd/0"])
def test_standard_input_by_any_other_name_leaves_the_keys_to_the_terminal(name: str) -> None:
    manifest = "apiVersion: v1\\nkind: Pod\\nmetadata: {name: piped, namespace: x}\\nspec: {}\\n"
    with Terminal(f"printf '{manifest}' | {PROGRAM} {name}") as terminal:
        terminal.wait_for("piped", "PERMISSION")
        terminal.press("q")
        assert terminal.ends_with() == 0


def test_keys_come_from_the_terminal_wherever_standard_input_leads() -> None:
    with Terminal(f"{PROGRAM} --demo </dev/null") as terminal:
        terminal.wait_for("PERMISSION")
        terminal.press("q")
        assert terminal.ends_with() == 0


@pytest.mark.parametrize("words", ["--demo -n nowhere", "--demo <&-"])
def test_what_the_explorer_cannot_show_ends_with_2_and_a_message(words: str) -> None:
    with Terminal(f"{PROGRAM} {words}") as terminal:
        assert terminal.ends_with() == 2
        assert "error: " in terminal.text
        assert "Traceback" not in terminal.text


def test_a_path_that_is_not_there_ends_with_2_and_a_message(tmp_path: Path) -> None:
    with Terminal(f"{PROGRAM} {tmp_path}/none.yaml") as terminal:
        assert terminal.ends_with() == 2
        assert "error: " in terminal.text
        assert "Traceback" not in terminal.text


def test_the_kubectl_plugin_is_the_same_program() -> None:
    plugin = str(Path(PROGRAM).with_name("kubectl-netpol_tui"))
    with Terminal(f"{plugin} overview --demo | head -3") as terminal:
        assert terminal.ends_with() == 0
        assert "demo: " in terminal.text


@pytest.mark.parametrize(
    "command", [f"{PROGRAM} --demo 2>errors", f"PYTHONIOENCODING=ascii {PROGRAM} --demo"]
)
def test_the_explorer_paints_on_the_terminal_in_full(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with Terminal(command) as terminal:
        terminal.wait_for("PERMISSION", "╭─ 2 Pods 31")
        terminal.press("q")
        assert terminal.ends_with() == 0
    assert not Path("errors").exists() or Path("errors").read_bytes() == b""
