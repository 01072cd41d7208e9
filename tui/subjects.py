"""What the details say of an object: its document and its place in the manifests."""

from __future__ import annotations

import json

from policy_core.details.namespace import namespace_detail
from policy_core.details.overview import overview
from policy_core.details.pod import pod_detail
from policy_core.details.policy import policy_detail, tiered_policy_detail
from policy_core.details.service import service_detail
from policy_core.evaluation import Evaluation
from policy_core.manifests.locate import last_line, shown_path
from policy_core.manifests.locate import lines as locate
from policy_core.manifests.text_lines import text_lines
from policy_core.manifests.texts import Excerpt, excerpt
from policy_core.model import NetworkPolicy, Origin, Ref, TieredPolicy, UnevaluatedPolicy
from policy_core.not_evaluated import may_select
from policy_core.report.document import Document
from policy_core.report.markdown import code
from policy_core.report.namespace import namespace_document
from policy_core.report.overview import overview_document
from policy_core.report.pod import pod_document
from policy_core.report.policy import policy_document, tiered_policy_document
from policy_core.report.service import service_document
from policy_core.report.ticket import ticket
from policy_core.report.unevaluated import unevaluated_document
from policy_core.snapshot import Snapshot
from tui.catalogue import NamespaceRow, PodRow, PolicyRow, Row, ServiceRow
from tui.state import Path

__all__ = ["Manifest", "Page", "copied", "document", "manifest", "page", "title", "whereabouts"]


def title(row: Row) -> str:
    if isinstance(row, NamespaceRow) and row.namespace is None:
        return "All namespaces"
    return str(row.ref)


def whereabouts(snapshot: Snapshot, ref: Ref) -> str:
    """Of something that is in no list, as routes are not, where to read it."""
    origin = next((route.origin for route in snapshot.routes if route.ref == ref), None)
    return f"{ref} is in no list" + (f": see {origin}" if origin else "")


def document(evaluation: Evaluation, row: Row) -> Document:
    match row:
        case NamespaceRow(namespace=None):
            return overview_document(overview(evaluation))
        case NamespaceRow(namespace=namespace) if namespace is not None:
            return namespace_document(namespace_detail(evaluation, namespace))
        case PodRow(pod=pod):
            return pod_document(pod_detail(evaluation, pod))
        case ServiceRow(service=service):
            return service_document(service_detail(evaluation, service))
        case PolicyRow(policy=NetworkPolicy() as policy):
            return policy_document(policy_detail(evaluation, policy))
        case PolicyRow(policy=TieredPolicy() as policy):
            return tiered_policy_document(tiered_policy_detail(evaluation, policy))
        case PolicyRow(policy=UnevaluatedPolicy() as policy):
            pods = (pod for pod in evaluation.index.pods if may_select(evaluation.snapshot, policy, pod))
            return unevaluated_document(policy, tuple(pods))
    raise TypeError(f"no document for {row!r}")


def page(evaluation: Evaluation, row: Row, path: Path = ()) -> Page:
    """All that the details show of it; of the manifest with ``path`` one place."""
    return title(row), document(evaluation, row), manifest(evaluation.snapshot, row, path)


def copied(evaluation: Evaluation, row: Row, as_yaml: bool, path: Path = ()) -> str:
    """What goes into a ticket, as Markdown: the manifest where that is being looked at (with ``path``, at one
    place in it), else the report."""
    source = manifest(evaluation.snapshot, row, path) if as_yaml else None
    if source is None:
        return ticket(evaluation.snapshot, title(row), document(evaluation, row), _origin(row))
    at = f", {_place_name(path)}: {source.marked}" if path else ""
    return code(title(row) + at, source.extent, source.lines)


def _place_name(path: Path) -> str:
    """A rule as the pages call it, any other place as kubectl does."""
    match path:
        case ("spec", "ingress" | "egress", int(position), *_):
            return f"rule {position + 1}"
    return shown_path(path)


Page = tuple[str, Document, "Manifest | None"]
"""Title, document and manifest of an object."""


class Manifest:
    """An object's own lines in the file it came from, with the lines of one field to point at. An object of
    JSON that is all on one line, perhaps with thousands of others, is set out in lines of its own."""

    def __init__(self, snapshot: Snapshot, origin: Origin, path: Path) -> None:
        self.extent = _place(origin.file, origin.line, origin.end_line or origin.line)
        self.marked = self.where = str(origin)
        self.lines: list[str]
        self.first_number = 1
        self.highlighted = range(0)
        """Numbers of lines: in the file, or in what was set out."""
        try:
            found = excerpt(snapshot.texts, origin)
        except OSError as error:
            self.lines = [f"# {error.strerror or error}: read it again to see this object"]
            return
        alone, end_line = "", last_line(found.text, origin)
        self.extent = _place(origin.file, origin.line, end_line)
        if origin.at is not None and origin.line == end_line:
            alone = _set_out(found.text, _start(found, origin.at))
        if alone:
            self.extent += " (set out in lines)"
            self.lines = alone.split("\n")
            first, last = locate(alone, Origin(origin.file, 1, 1, len(self.lines), 0), path)
        else:
            first, last = locate(found.text, origin, path, alone=found.alone)
            self.marked = _place(origin.file, first, last)
            self.where = f"{origin.file}:{first}"
            before = origin.line - 1 if found.alone else 0
            self.lines = _lines(found.text, origin.line - 1 - before, end_line - before)
            self.first_number = origin.line
        if path:
            self.highlighted = range(first, last + 1)


def _start(found: Excerpt, at: int) -> int:
    """Where in ``found`` the object starts that is at that offset of the file."""
    return len(found.text) - len(found.text.lstrip(" \t")) if found.alone else at


def _place(file: str, first: int, last: int) -> str:
    return f"{file}:{first}-{last}" if last > first else f"{file}:{first}"


def _set_out(text: str, at: int) -> str:
    """The object at that place in lines of its own; nothing where it is not JSON, but YAML in flow style."""
    try:
        value, _ = json.JSONDecoder().raw_decode(text, at)
    except ValueError:
        return ""
    return json.dumps(value, indent=2, ensure_ascii=False) if isinstance(value, dict) else ""


def _lines(text: str, first: int, end: int) -> list[str]:
    """The lines from ``first`` (from 0) on, without ``end``."""
    lines = text_lines(text)
    # Not splitlines(), which would end lines at characters that no line number counts.
    return text[lines.start(first) : lines.start(end)].removesuffix("\n").split("\n")


def manifest(snapshot: Snapshot, row: Row, path: Path) -> Manifest | None:
    """None where nothing was read: a namespace that is only named, or all of them."""
    origin = _origin(row)
    return Manifest(snapshot, origin, path) if origin else None


def _origin(row: Row) -> Origin | None:
    match row:
        case (
            NamespaceRow(namespace=found)
            | PodRow(pod=found)
            | ServiceRow(service=found)
            | PolicyRow(policy=found)
        ):
            return found.origin if found else None
    raise TypeError(f"no origin for {row!r}")
