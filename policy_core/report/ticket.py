"""A report for a ticket: whoever reads it there has neither the explorer nor the files open."""

from __future__ import annotations

from pathlib import PurePath

from policy_core.manifests.locate import lines
from policy_core.model import Origin
from policy_core.report.document import Document, Link
from policy_core.report.markdown import markdown
from policy_core.snapshot import Snapshot

__all__ = ["ticket"]


def ticket(snapshot: Snapshot, title: str, document: Document, origin: Origin | None = None) -> str:
    """As Markdown, with the file and the line of every rule. ``origin`` is where the object was read that
    the report is about."""
    policies = {policy.ref: policy.origin for policy in snapshot.network_policies}

    def place(link: Link) -> str:
        found = policies.get(link.ref)
        if found is None or not link.path:
            return ""
        return f"{found.file}:{lines(snapshot.texts[found.file], found, link.path)[0]}"

    return markdown(title, document, f"Source: {_source(snapshot.title, origin)}", place)


def _source(title: str, origin: Origin | None) -> str:
    if origin is None:
        return title
    return str(origin) if title in PurePath(origin.file).parts else f"{title} · {origin}"
