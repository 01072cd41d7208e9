"""Local manifests: files, directories and standard input."""

from __future__ import annotations

import json
import os
import re
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Protocol

from policy_core.manifests.collect import Collector
from policy_core.manifests.stored_text import StoredText, UnfamiliarError
from policy_core.model import Reading, Severity
from policy_core.sources.large_files import of_file, of_stream

__all__ = ["STDIN", "Progress", "Sink", "SourceError", "Stdin", "feed", "read"]

STDIN = "<stdin>"
"""What messages and origins call standard input."""
_SUFFIXES = (".yaml", ".yml", ".json")
_NO_TEXT = re.compile("[\0-\x08\x0e-\x1f\x7f\ufffd]")
_LEAST_TEXT = 4
"""A file is none of text when one in so many characters is not; Latin-1 may have some in each comment."""

_TELLING = 0.1
"""Seconds from one word on how far a large file is read to the next."""
Progress = Callable[[int, int, str], None]
AddStored = Callable[[str, StoredText, Callable[[int, int], None]], None]
Stdin = Callable[[], bytes] | BinaryIO
_Identity = tuple[int, int]


class SourceError(Exception):
    """Nothing can be read from what the user named; the message says why."""


class Sink(Protocol):
    """Takes what the files hold, one after another."""

    def add(self, file: str, text: str) -> None: ...

    def problem(self, message: str, file: str, line: int = 0, severity: Severity = ...) -> None: ...


def read(
    paths: Sequence[str],
    *,
    namespace: str = "default",
    recursive: bool = True,
    stdin: Stdin | None = None,
    progress: Progress | None = None,
) -> Reading:
    """Everything in ``paths``: files, directories (their .yaml, .yml and .json files, hidden directories left
    out) and ``-`` for standard input. A file that can be reached in several ways is read once.

    ``namespace`` is for objects that name none. ``progress`` gets the files done, the files in all and the
    name of the next. Raises SourceError where a path does not exist, there is no standard input to read, or
    it is all there is and nothing comes from it.
    """
    collector = Collector(namespace)
    feed(
        collector, paths, recursive=recursive, stdin=stdin, progress=progress, add_stored=collector.add_stored
    )
    return collector.reading(_title(paths))


def feed(
    sink: Sink,
    paths: Sequence[str],
    *,
    recursive: bool = True,
    stdin: Stdin | None = None,
    progress: Progress | None = None,
    add_stored: AddStored | None = None,
) -> None:
    """Hand the text of every file in ``paths`` to ``sink``, the large ones to ``add_stored`` if it can read
    them; all else is as :func:`read` has it."""
    finder = _Finder(sink, recursive)
    for path in paths:
        finder.add(path)
    files = finder.files
    for done, file in enumerate(files):
        if progress:
            progress(done, len(files), file)
        try:
            data = _from_stdin(stdin) if file == STDIN else of_file(Path(file))
            if not isinstance(data, bytes):
                text = StoredText(data)
                if add_stored and _read_stored(add_stored, file, text, progress, done, len(files)):
                    continue
                data = text.whole()
                del text
        except OSError as error:
            sink.problem(f"cannot be read: {error.strerror or error}", file)
            continue
        if file == STDIN and len(files) == 1 and not data.strip():
            raise SourceError("standard input is empty: what should write into it wrote nothing")
        _add(sink, file, data)
    if progress:
        progress(len(files), len(files), "")


def _from_stdin(stdin: Stdin | None) -> bytes | BinaryIO:
    if stdin is None:
        raise SourceError("there is no standard input to read from")
    return of_stream(BytesIO(stdin()) if callable(stdin) else stdin)


def _read_stored(
    add_stored: AddStored, file: str, text: StoredText, progress: Progress | None, done: int, total: int
) -> bool:
    """Whether the text could be read piece by piece."""
    told = time.monotonic()

    def tell(at: int, objects: int) -> None:
        nonlocal told
        if progress and time.monotonic() - told > _TELLING:
            told = time.monotonic()
            part = f"{100 * at // text.size} % of {text.size / 1e6:,.0f} MB, {objects:,} objects"
            progress(done, total, f"{file}: {part}")

    try:
        add_stored(file, text, tell)
    except UnfamiliarError:
        if progress:
            progress(done, total, f"{file}: {text.size / 1e6:,.0f} MB that have to be read as a whole")
        return False
    return True


def _add(sink: Sink, file: str, data: bytes) -> None:
    encoding = json.detect_encoding(data)  # knows UTF-16, as PowerShell's > writes it
    if encoding.endswith(("-le", "-be")) and not len(data) <= data.count(0) * 4 <= len(data) * 3:
        encoding = "utf-8"  # no byte order mark, and too few or many NUL bytes for text in another encoding
    try:
        text, wrong, mark = data.decode(encoding), "a NUL byte", "\0"
    except UnicodeDecodeError:
        text, mark = data.decode(encoding, "replace"), "\ufffd"
        wrong = f"not {encoding.upper().removesuffix('-SIG')}"
    if mark not in text:
        sink.add(file, text)
    elif len(_NO_TEXT.findall(text.rstrip("\0"))) * _LEAST_TEXT > len(text):
        sink.problem(f"not text: {wrong}", file)
    else:
        sink.problem(f"{wrong} here", file, text.count("\n", 0, text.index(mark)) + 1)
        sink.add(file, text.replace("\0", " "))


def _title(paths: Sequence[str]) -> str:
    names = [STDIN if path == "-" else Path(path).name or path for path in paths]
    return ", ".join(names) if len(names) <= 3 else f"{', '.join(names[:2])} and {len(names) - 2} more"


class _Finder:
    """Collects the files to read, in order, each once."""

    def __init__(self, sink: Sink, recursive: bool) -> None:
        self.sink = sink
        self.recursive = recursive
        self.files: list[str] = []
        self._seen: set[_Identity] = set()
        self._met = 0
        """Manifests found, whether or not they can be read, directories that cannot, and those met before."""

    def add(self, path: str) -> None:
        """What the user named: it must be there, and may be anything that can be read."""
        if path == "-":
            if STDIN not in self.files:
                self.files.append(STDIN)
            return
        try:
            status = Path(path).stat()
        except (FileNotFoundError, NotADirectoryError):
            raise SourceError(f"{path}: no such file or directory") from None
        except OSError as error:
            raise SourceError(f"{path}: {error.strerror or error}") from None
        except ValueError:  # a NUL byte
            raise SourceError(f"{path}: no file can have this name") from None
        if not stat.S_ISDIR(status.st_mode):
            self._add_file(path, status)
            return
        before = self._met
        self._walk(path, status)
        if self._met == before:
            self.sink.problem(
                f"no {', '.join(_SUFFIXES)} file in this directory", path, severity=Severity.WARNING
            )

    def _add_file(self, path: str, status: os.stat_result) -> None:
        identity = (status.st_dev, status.st_ino)
        if not stat.S_ISREG(status.st_mode) or identity not in self._seen:
            self._seen.add(identity)
            self.files.append(path)

    def _walk(self, root: str, status: os.stat_result) -> None:
        """``root`` and what is below it, in name order. A stack, since directories may nest deeply."""
        pending = [(root, status, frozenset[_Identity]())]
        while pending:
            path, status, above = pending.pop()
            if not stat.S_ISDIR(status.st_mode):
                self._add_file(path, status)
                continue
            identity = (status.st_dev, status.st_ino)
            if identity in above:
                self.sink.problem(
                    "a symbolic link that leads back to a directory around it: not followed",
                    path,
                    severity=Severity.WARNING,
                )
            elif identity in self._seen:
                self._met += 1
            else:
                self._seen.add(identity)
                inner = above | {identity}
                entries = [(entry, found, inner) for entry, found in self._entries(path)]
                pending += reversed(entries)

    def _entries(self, directory: str) -> Iterator[tuple[str, os.stat_result]]:
        """The manifests and directories in ``directory``, in name order."""
        try:
            names = sorted(entry.name for entry in Path(directory).iterdir())
        except OSError as error:
            self._met += 1
            self.sink.problem(f"cannot be read: {error.strerror or error}", directory)
            return
        for name in names:
            path = os.path.join(directory, name)  # noqa: PTH118  (Path would drop a leading ./)
            manifest = name.lower().endswith(_SUFFIXES)
            self._met += manifest
            try:
                status = Path(path).stat()
            except OSError as error:
                if manifest:
                    self.sink.problem(f"cannot be read: {error.strerror or error}", path)
                continue
            if stat.S_ISDIR(status.st_mode):
                if self.recursive and not name.startswith("."):
                    yield path, status
            elif manifest and stat.S_ISREG(status.st_mode):
                yield path, status
