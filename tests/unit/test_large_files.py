"""Large files: read in pieces, left where they are, and looked into again only for one object at a time."""

from __future__ import annotations

import errno
import io
import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from policy_core.bundle import bundle
from policy_core.manifests.stored_text import ChangedError, StoredText
from policy_core.manifests.texts import Texts, lines
from policy_core.model import Pod, Reading
from policy_core.snapshot import assemble
from policy_core.sources import files, large_files
from tui.subjects import Manifest

ITEMS = [
    {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"p{n}", "labels": {"é": "x", "n": n}}}
    for n in range(300)
]
LIST = {"apiVersion": "v1", "items": ITEMS, "kind": "List"}
PRETTY = json.dumps(LIST, indent=4, ensure_ascii=False)
COMPACT = json.dumps(LIST, ensure_ascii=False)


def stored(reading: Reading, file: str) -> StoredText | None:
    assert isinstance(reading.texts, Texts)
    return reading.texts.stored(file)


def large(path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> Reading:
    """A file that counts as large."""
    path.write_text(text, encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(large_files, "LARGE", 1000)
        return files.read([str(path)])


def small(path: Path) -> Reading:
    return files.read([str(path)])


@pytest.mark.parametrize("text", [PRETTY, COMPACT], ids=["pretty", "compact"])
def test_a_large_file_is_read_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    path = tmp_path / "x.json"
    found = large(path, text, monkeypatch)
    assert stored(found, str(path))
    assert len(found.problems) == 2 * len(ITEMS)
    assert found == small(path)


@pytest.mark.parametrize("text", [PRETTY, COMPACT], ids=["pretty", "compact"])
def test_its_objects_are_shown_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    path = tmp_path / "x.json"
    one, other = (assemble(r) for r in (large(path, text, monkeypatch), small(path)))
    for pod in (one.pods[0], one.pods[150], one.pods[-1]):
        assert pod.origin
        for place in ((), ("metadata", "labels", "n")):
            found, expected = (vars(Manifest(s, pod.origin, place)) for s in (one, other))
            assert found == expected
            assert bool(found["highlighted"]) == bool(place)


def test_only_the_object_is_read_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = assemble(large(tmp_path / "x.json", PRETTY, monkeypatch))
    read: list[int] = []
    monkeypatch.setattr(StoredText, "_bytes", spied(StoredText._bytes, read))
    for method in ("whole", "text"):
        monkeypatch.delattr(StoredText, method)
    assert snapshot.pods[7].origin
    manifest = Manifest(snapshot, snapshot.pods[7].origin, ())
    assert json.loads("".join(manifest.lines).removesuffix(","))["metadata"]["name"] == snapshot.pods[7].name
    assert read
    assert sum(read) < 1 << 17


def spied(method: Any, read: list[int]) -> Any:
    def bytes_of(self: StoredText, start: int, length: int) -> bytes:
        data: bytes = method(self, start, length)
        read.append(len(data))
        return data

    return bytes_of


def test_a_bundle_is_made_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.json"
    expected = list(bundle(assemble(large(path, PRETTY, monkeypatch))))
    assert len(expected) == len(ITEMS)
    assert list(bundle(assemble(small(path)))) == expected


def test_a_file_that_has_changed_since_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.json"
    snapshot = assemble(large(path, PRETTY, monkeypatch))
    origin = snapshot.pods[7].origin
    assert origin
    path.write_text(COMPACT, encoding="utf-8")
    manifest = Manifest(snapshot, origin, ("metadata", "name"))
    assert manifest.lines == ["# the file has changed since it was read: read it again to see this object"]
    assert not manifest.highlighted
    assert lines(snapshot.texts, origin, ("metadata", "name")) == (origin.line, origin.end_line)
    with pytest.raises(ChangedError):
        list(bundle(snapshot))


def test_a_file_that_was_replaced_is_shown_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.json"
    snapshot = assemble(large(path, PRETTY, monkeypatch))
    (tmp_path / "new").write_text("{}")
    (tmp_path / "new").rename(path)
    origin = snapshot.pods[7].origin
    assert origin
    assert Manifest(snapshot, origin, ()).lines == PRETTY.split("\n")[origin.line - 1 : origin.end_line]


@pytest.mark.parametrize(
    "data",
    [
        PRETTY.encode("utf-16"),
        COMPACT.replace("}}}", "}}", 1).encode(),
        (" " * 2000).encode(),
        b"- \xff" * 400,
    ],
    ids=["UTF-16", "broken", "empty", "no text"],
)
def test_what_is_unfamiliar_is_read_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(data)
    expected = small(path)
    monkeypatch.setattr(large_files, "LARGE", 1000)
    found = small(path)
    assert found == expected
    assert str(path) not in found.texts or not stored(found, str(path))


def test_large_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = files.read(["-"], stdin=lambda: PRETTY.encode())
    monkeypatch.setattr(large_files, "LARGE", 1000)
    for stdin in (lambda: PRETTY.encode(), io.BytesIO(PRETTY.encode())):
        found = files.read(["-"], stdin=stdin)
        assert stored(found, "<stdin>")
        assert found == expected


def test_standard_input_from_a_large_file_is_left_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x.json").write_text(PRETTY, encoding="utf-8")
    monkeypatch.setattr(large_files, "LARGE", 1000)
    monkeypatch.delattr(large_files.tempfile, "TemporaryFile")
    with (tmp_path / "x.json").open("rb") as stdin:
        reading = files.read(["-"], stdin=stdin)
        assert not stdin.closed
    assert len(next(iter(reading.texts.values()))) == len(PRETTY)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_kept_in_a_file_without_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_files, "LARGE", 1000)
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(PRETTY,), kwargs={"encoding": "utf-8"})
    writer.start()
    reading = files.read([str(pipe)])
    writer.join()
    assert stored(reading, str(pipe))
    assert len([obj for obj in reading.objects if isinstance(obj, Pod)]) == len(ITEMS)


def test_progress_tells_how_much_of_a_large_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.json"
    path.write_text(PRETTY, encoding="utf-8")
    monkeypatch.setattr(large_files, "LARGE", 1000)
    monkeypatch.setattr(files, "_TELLING", -1)
    said: list[str] = []
    files.read([str(path)], progress=lambda done, total, name: said.append(name))
    assert said[:2] == [str(path), f"{path}: 100 % of 0 MB, 0 objects"]
    assert said[-2:] == [f"{path}: 100 % of 0 MB, 256 objects", ""]


def test_a_large_file_that_cannot_be_read_to_its_end_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: StoredText, start: int, length: int) -> bytes:
        if start:
            raise OSError(errno.EIO, "Input/output error")
        return read(self, start, length)

    read = StoredText._bytes
    monkeypatch.setattr(StoredText, "_bytes", refuse)
    reading = large(tmp_path / "x.json", PRETTY + " " * (1 << 20), monkeypatch)
    assert [problem.message for problem in reading.problems] == ["cannot be read: Input/output error"]
    assert not reading.objects
