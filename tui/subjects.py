"""What the details say of an object: its document and its place in the manifests."""

from __future__ import annotations

from functools import lru_cache

from policy_core.caveats import may_select
from policy_core.details.namespace import namespace_detail
from policy_core.details.overview import overview
from policy_core.details.pod import pod_detail
from policy_core.details.policy import policy_detail
from policy_core.details.service import service_detail
from policy_core.evaluation import Evaluation
from policy_core.manifests.locate import lines as locate
from policy_core.model import NetworkPolicy, Origin, UnevaluatedPolicy
from policy_core.report.document import Document
from policy_core.report.markdown import code, markdown
from policy_core.report.namespace import namespace_document
from policy_core.report.overview import overview_document
from policy_core.report.pod import pod_document
from policy_core.report.policy import policy_document, unevaluated_document
from policy_core.report.service import service_document
from policy_core.snapshot import Snapshot
from tui.catalogue import NamespaceRow, PodRow, PolicyRow, Row, ServiceRow
from tui.state import Path

__all__ = ["Manifest", "copied", "document", "manifest", "title"]


def title(row: Row) -> str:
    if isinstance(row, NamespaceRow) and row.namespace is None:
        return "All namespaces"
    return str(row.ref)


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
        case PolicyRow(policy=UnevaluatedPolicy() as policy):
            pods = (pod for pod in evaluation.index.pods if may_select(evaluation.snapshot, policy, pod))
            return unevaluated_document(policy, tuple(pods))
    raise TypeError(f"no document for {row!r}")


def copied(evaluation: Evaluation, row: Row, as_yaml: bool) -> str:
    """What goes into a ticket, as Markdown: the manifest where that is being looked at, else the report."""
    source = manifest(evaluation.snapshot, row, ()) if as_yaml else None
    if source is not None:
        return code(title(row), source.where, source.lines)
    return markdown(title(row), document(evaluation, row))


class Manifest:
    """An object's own lines in the file it came from, with the lines of one field to point at."""

    def __init__(self, snapshot: Snapshot, origin: Origin, path: Path) -> None:
        self.where = f"{origin.file}:{origin.line}"
        self.first_number = origin.line
        text = snapshot.texts[origin.file]
        self.lines = _split(text)[origin.line - 1 : origin.end_line]
        self.highlighted = range(0)
        """Line numbers in the file."""
        if path:
            first, last = locate(text, origin, path)
            self.highlighted = range(first, last + 1)
            self.where = f"{origin.file}:{first}"


@lru_cache(maxsize=4)
def _split(text: str) -> list[str]:
    # Not splitlines(), which would end lines at characters that no line number counts.
    return text.split("\n")


def manifest(snapshot: Snapshot, row: Row, path: Path) -> Manifest | None:
    """None where nothing was read: a namespace that is only named, or all of them."""
    match row:
        case (
            NamespaceRow(namespace=found)
            | PodRow(pod=found)
            | ServiceRow(service=found)
            | PolicyRow(policy=found)
        ):
            if found is not None and found.origin is not None:
                return Manifest(snapshot, found.origin, path)
    return None
