"""A report for a ticket: whoever reads it there has neither the explorer nor the files open."""

from __future__ import annotations

from pathlib import PurePath

from policy_core.model import Origin
from policy_core.report.document import Document
from policy_core.report.markdown import markdown
from policy_core.report.places import rule_places
from policy_core.snapshot import Snapshot

__all__ = ["ticket"]


def ticket(snapshot: Snapshot, title: str, document: Document, origin: Origin | None = None) -> str:
    """As Markdown, with the file and the line of every rule. ``origin`` is where the object was read that
    the report is about."""
    return markdown(title, document, f"Source: {_source(snapshot.title, origin)}", rule_places(snapshot))


def _source(title: str, origin: Origin | None) -> str:
    if origin is None:
        return title
    return str(origin) if title in PurePath(origin.file).parts else f"{title} · {origin}"
