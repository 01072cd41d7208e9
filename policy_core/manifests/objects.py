"""Documents → single Kubernetes objects, each with its place: lists are unfolded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from policy_core.manifests.documents import BrokenDocument, Document, documents
from policy_core.manifests.fields import Fields, Report
from policy_core.manifests.flaws import Flaw
from policy_core.manifests.skipping import KINDS_READ
from policy_core.model import Origin, Problem, Severity

__all__ = ["RawObject", "implied_by", "is_list", "objects"]

_NO_OBJECT = "not an object: a mapping with apiVersion, kind and metadata belongs here"


@dataclass(frozen=True, slots=True)
class RawObject:
    """One object's plain values, ``apiVersion`` and ``kind`` filled in where its list implies them.
    ``text`` is the whole file, or what the object has ``alone``; lines in ``flaws`` are counted from 1 within
    the file."""

    value: dict[str, Any]
    origin: Origin
    text: str
    flaws: tuple[Flaw, ...] = ()
    alone: bool = False


def objects(text: str, file: str) -> Iterator[RawObject | Problem]:
    """Every object in ``text``, in order, and a problem for whatever is no object. ``file`` names it."""
    for document in documents(text, json_first=file.endswith(".json")):
        if isinstance(document, BrokenDocument):
            yield Problem(Severity.ERROR, document.message, file, document.line)
        elif isinstance(document.value, dict):
            yield from _unfold(document, text, file)
        else:
            yield Problem(Severity.ERROR, _NO_OBJECT, file, document.line)


def _unfold(document: Document, text: str, file: str) -> Iterator[RawObject | Problem]:
    """The object that ``document`` is, or those in it if it is a list; a list may hold lists."""
    flaws: dict[int, list[Flaw]] = {}
    for flaw in document.flaws:
        flaws.setdefault(flaw.holder, []).append(flaw)
    # Aliases may repeat an object thousands of times: it is read once, where it stands last.
    found: dict[tuple[object, ...], RawObject] = {}
    told: set[int] = set()
    pending: list[tuple[dict[str, Any], dict[str, str]]] = [(document.value, {})]
    while pending:
        value, implied = pending.pop()
        # An object that an alias stands for has the lines of the place where it is written.
        first, last = document.spans.get(id(value), document.spans[id(document.value)])
        origin = Origin(file, document.number, first, last, document.starts.get(id(value)))
        own_flaws = flaws.get(id(value), [])
        if not is_list(value):
            identity = (id(value), *implied.values())
            found.pop(identity, None)
            found[identity] = RawObject({**implied, **value}, origin, text, tuple(own_flaws))
            continue
        report = Report(text, origin)
        items = Fields(value, (), report).entries("items")
        if id(value) not in told:
            told.add(id(value))
            for flaw in own_flaws:
                report.flaw(flaw)
            for index, item in enumerate(items):
                if not isinstance(item, dict):
                    report.add(_NO_OBJECT, ("items", index))
            yield from report.distinct()
        inner = implied_by(value)
        pending += [(item, inner) for item in reversed(items) if isinstance(item, dict)]
    yield from found.values()


def is_list(value: dict[str, Any]) -> bool:
    """Whether this is a list of objects, and not an object of a kind that is merely called so."""
    kind = value.get("kind")
    if not isinstance(kind, str) or not kind.endswith("List"):
        return False
    return kind == "List" or kind.removesuffix("List") in KINDS_READ or isinstance(value.get("items"), list)


def implied_by(value: dict[str, Any]) -> dict[str, str]:
    """``PodList`` leaves ``kind`` and ``apiVersion`` out of its items."""
    version, kind = value.get("apiVersion"), str(value.get("kind", "List"))
    if kind == "List" or not isinstance(version, str):
        return {}
    return {"apiVersion": version, "kind": kind.removesuffix("List")}
