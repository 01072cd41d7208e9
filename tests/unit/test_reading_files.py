"""Where manifests come from, and where their fields stand."""

from __future__ import annotations

import io
import os
import threading
from pathlib import Path

import pytest

from policy_core.manifests.locate import lines, shown_path
from policy_core.model import Origin, Reading, Severity
from policy_core.sources import demo, files


def pod(name: str, namespace: str = "") -> str:
    where = f", namespace: {namespace}" if namespace else ""
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}{where}}}\n"


def tree(root: Path) -> Path:
    (root / "b").mkdir()
    (root / ".git").mkdir()
    for path in ("z.yaml", "a.yml", "b/c.json", "b/d.YAML", ".git/e.yaml", "notes.txt"):
        name = Path(path).stem
        (root / path).write_text(
            f'{{"apiVersion": "v1", "kind": "Pod", "metadata": {{"name": "{name}"}}}}'
            if name == "c"
            else pod(name)
        )
    return root


def found(reading: Reading) -> list[str]:
    assert not reading.problems
    return [obj.ref.path for obj in reading.objects]


def test_a_directory_is_read_in_name_order(tmp_path: Path) -> None:
    assert found(files.read([str(tree(tmp_path))])) == ["default/a", "default/c", "default/d", "default/z"]


def test_a_directory_without_what_is_below_it(tmp_path: Path) -> None:
    assert found(files.read([str(tree(tmp_path))], recursive=False)) == ["default/a", "default/z"]


def test_a_file_may_have_any_name_when_it_is_named(tmp_path: Path) -> None:
    assert found(files.read([str(tree(tmp_path) / "notes.txt")], namespace="shop")) == ["shop/notes"]


def test_the_same_file_named_twice_is_read_once(tmp_path: Path) -> None:
    path = str(tree(tmp_path) / "z.yaml")
    assert found(files.read([path, path, str(tmp_path)]))[0] == "default/z"
    assert len(files.read([path, path]).objects) == 1


def test_a_directory_whose_files_were_all_read_before_is_no_problem(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(pod("x"))
    assert found(files.read([str(tmp_path / "x.yaml"), str(tmp_path)])) == ["default/x"]


@pytest.mark.parametrize("stdin", [lambda: pod("x").encode(), io.BytesIO(pod("x").encode())])
def test_standard_input(stdin: files.Stdin) -> None:
    reading = files.read(["-"], stdin=stdin)
    assert found(reading) == ["default/x"]
    assert reading.title == "<stdin>"
    assert reading.texts == {"<stdin>": pod("x")}
    assert str(reading.objects[0].origin) == "<stdin>:1"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_read_when_it_is_named(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    assert found(files.read([str(tree(tmp_path))])) == ["default/a", "default/c", "default/d", "default/z"]
    writer = threading.Thread(target=pipe.write_text, args=(pod("x"),))
    writer.start()
    assert found(files.read([str(pipe)])) == ["default/x"]
    writer.join()


def test_utf_16_with_a_mark_is_text(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(pod("x").encode("utf-16"))
    assert found(files.read([str(tmp_path)])) == ["default/x"]


def test_an_empty_directory_is_a_warning(tmp_path: Path) -> None:
    (problem,) = files.read([str(tmp_path)]).problems
    assert problem.severity is Severity.WARNING
    assert "no .yaml, .yml, .json file" in problem.message


def test_progress_counts_files(tmp_path: Path) -> None:
    seen: list[tuple[int, int, str]] = []
    root = tree(tmp_path)
    files.read([str(root)], progress=lambda done, total, name: seen.append((done, total, Path(name).name)))
    assert seen == [(0, 4, "a.yml"), (1, 4, "c.json"), (2, 4, "d.YAML"), (3, 4, "z.yaml"), (4, 4, "")]


@pytest.mark.parametrize(
    ("names", "title"), [(["a"], "a"), (["x/a", "x/b/"], "a, b"), (["a", "b", "c", "d"], "a, b and 2 more")]
)
def test_the_title_is_short(tmp_path: Path, names: list[str], title: str) -> None:
    for name in names:
        (tmp_path / name).mkdir(parents=True)
    assert files.read([str(tmp_path / name) for name in names]).title == title


def test_the_demo_reads_without_a_problem() -> None:
    reading = demo.read()
    assert reading.title == "demo"
    assert not reading.problems
    assert all(file.startswith("demo/") for file in reading.texts)


TEXT = """\
# head
---
apiVersion: v1
kind: List
items:
- kind: Pod
  metadata:
    labels:   # labels
      a.b/c: x

      d: y
    name: one
  # after
- kind: Pod
  spec:
    command:
    - >
      folded
      text
    - second
    rest: {a: [1,
      2]}
"""
FIRST, SECOND = Origin("x", 1, 6, 12), Origin("x", 1, 14, 22)


@pytest.mark.parametrize(
    ("origin", "path", "expected"),
    [
        (FIRST, (), (6, 12)),
        (FIRST, ("metadata",), (7, 12)),
        (FIRST, ("metadata", "labels"), (8, 11)),
        (FIRST, ("metadata", "labels", "a.b/c"), (9, 9)),
        (FIRST, ("metadata", "labels", "absent"), (8, 11)),
        (FIRST, ("metadata", 0), (7, 12)),
        (FIRST, ("spec",), (6, 12)),
        (SECOND, ("spec", "command"), (16, 20)),
        (SECOND, ("spec", "command", 0), (17, 19)),
        (SECOND, ("spec", "command", 1), (20, 20)),
        (SECOND, ("spec", "command", 2), (16, 20)),
        (SECOND, ("spec", "rest", "a", 1), (22, 22)),
        (Origin("x", 1, 3, 22), ("items", 1, "kind"), (14, 14)),
    ],
)
def test_the_lines_of_a_field(origin: Origin, path: tuple[str | int, ...], expected: tuple[int, int]) -> None:
    assert lines(TEXT, origin, path) == expected


def test_the_lines_of_a_field_of_json() -> None:
    text = '{"items": [\n  {\n    "a": {\n      "b": [1,\n        2]\n    }\n  },\n  {"a": 3}\n]}\n'
    assert lines(text, Origin("x", 1, 2, 7), ("a", "b", 1)) == (5, 5)
    assert lines(text, Origin("x", 1, 2, 7), ("a",)) == (3, 6)
    assert lines(text, Origin("x", 1, 8, 8), ("a",)) == (8, 8)


def test_lines_of_text_that_is_not_yaml_are_the_object_s() -> None:
    assert lines("a: [\n}", Origin("x", 1, 1, 2), ("a", "b")) == (1, 2)


def test_paths_are_shown_as_kubectl_does() -> None:
    assert shown_path(("spec", "ingress", 0, "from", 1)) == "spec.ingress[0].from[1]"
    assert shown_path(("metadata", "labels", "a.b/c")) == 'metadata.labels["a.b/c"]'


def test_a_directory_named_in_two_ways_is_read_once(tmp_path: Path) -> None:
    tree(tmp_path)
    (tmp_path / "again").symlink_to(tmp_path / "b")
    once = found(files.read([str(tmp_path / "b")]))
    assert len(once) == 2
    assert found(files.read([str(tmp_path / "b"), f"{tmp_path}/./b/", str(tmp_path / "again")])) == once
