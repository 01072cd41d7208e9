"""The texts that were read, for whoever looks at one object of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policy_core.manifests import locate
from policy_core.manifests.json_stream import stream
from policy_core.manifests.objects import RawObject, objects
from policy_core.manifests.stored_text import ChangedError, StoredText
from policy_core.model import Origin, Problem

__all__ = ["Excerpt", "Texts", "excerpt", "lines", "raw_objects"]


class Texts(Mapping[str, str]):
    """By the name that origins use: short texts, kept, and long ones that stay in their files."""

    def __init__(self, texts: Mapping[str, str | StoredText]) -> None:
        self._texts = texts

    def __getitem__(self, file: str) -> str:
        found = self._texts[file]
        return found if isinstance(found, str) else found.text()

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def stored(self, file: str) -> StoredText | None:
        """The text of ``file``, if it is not kept."""
        found = self._texts[file]
        return None if isinstance(found, str) else found


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The whole text, or of one object what it has ``alone``, as :func:`locate.lines` takes it."""

    text: str
    alone: bool = False


def excerpt(texts: Mapping[str, str], origin: Origin) -> Excerpt:
    """A text that holds the object at ``origin``. Raises OSError, and of that ChangedError."""
    stored = texts.stored(origin.file) if isinstance(texts, Texts) else None
    if stored is None or origin.at is None:
        return Excerpt(texts[origin.file])
    return Excerpt(stored.excerpt(origin.at), alone=True)


def lines(texts: Mapping[str, str], origin: Origin, path: locate.Path) -> tuple[int, int]:
    """As :func:`locate.lines`; where the file has changed since, or cannot be read any more, the lines of the
    object as it was."""
    try:
        found = excerpt(texts, origin)
    except OSError:
        return origin.line, origin.end_line or origin.line
    return locate.lines(found.text, origin, path, alone=found.alone)


def raw_objects(texts: Mapping[str, str], file: str) -> Iterator[RawObject | Problem]:
    """What :func:`policy_core.manifests.objects.objects` gives for that file. Raises ChangedError."""
    stored = texts.stored(file) if isinstance(texts, Texts) else None
    return objects(texts[file], file) if stored is None else _streamed(stored, file)


def _streamed(stored: StoredText, file: str) -> Iterator[RawObject]:
    stored.check()
    try:
        yield from stream(stored.blocks(), file)
    except ValueError:  # it could be read so before
        raise ChangedError from None
    stored.check()
