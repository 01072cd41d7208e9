"""What is remembered of a person, and what the person has set down."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.memory import Memory
from tui.options import UsageError
from tui.settings import Settings


def test_the_last_namespace_of_each_context_is_remembered(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "state" / "contexts.json")
    assert memory.namespace("prod") == ""
    memory.note("prod", "shop")
    memory.note("dev", "")
    again = Memory(tmp_path / "state" / "contexts.json")
    assert again.namespace("prod") == "shop"
    assert again.recent() == ["dev", "prod"]


def test_only_so_many_contexts_are_remembered(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "contexts.json")
    for number in range(103):
        memory.note(f"c{number}", "")
    assert len(memory.recent()) == 100
    assert memory.recent()[0] == "c102"
    assert "c0" not in memory.recent()


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"contexts": {"a": 1}}', '{"contexts": {"a": {}}}', "\xff"]
)
def test_what_cannot_be_read_is_as_good_as_forgotten(tmp_path: Path, content: str) -> None:
    path = tmp_path / "contexts.json"
    path.write_bytes(content.encode("latin-1"))
    memory = Memory(path)
    assert memory.recent() == []
    memory.note("a", "shop")
    assert memory.namespace("a") == "shop"


def test_whoever_does_not_want_it_leaves_no_trace(tmp_path: Path) -> None:
    memory = Memory(None)
    memory.note("a", "shop")
    assert memory.namespace("a") == ""
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    Memory(tmp_path / "file" / "contexts.json").note("a", "shop")


def test_namespaces_to_try_are_set_down(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('namespaces = ["shop"]\n[contexts."prod"]\nnamespaces = ["payments"]\n')
    settings = Settings.load(path)
    assert settings.namespaces_of("prod") == ("payments", "shop")
    assert settings.namespaces_of("dev") == ("shop",)
    assert Settings.load(tmp_path / "missing") == Settings()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("namespaces = [", "config.toml: "),
        ("namespaces = 1", "namespaces: a list of names"),
        ("namespaces = [1]", "namespaces: a list of names"),
        ("namespace = []", "no setting namespace"),
        ("contexts = 1", "a table for each context"),
        ("[contexts.a]\nnamespaces = 1", "contexts.a: namespaces"),
        ("[contexts.a]\nx = 1", "contexts.a: there is no setting x"),
    ],
)
def test_what_cannot_be_meant_is_said(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(content)
    with pytest.raises(UsageError, match=message):
        Settings.load(path)
