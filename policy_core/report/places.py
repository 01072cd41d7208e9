"""Where the rules that a report names stand in the files, for whoever cannot follow a link."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from policy_core.manifests.texts import lines
from policy_core.model import NetworkPolicy, TieredPolicy
from policy_core.report.document import Block, Cell, Document, Heading, Link, Paragraph, Rail, Role, Span
from policy_core.snapshot import Snapshot

__all__ = ["Places", "rule_places", "with_places"]

Places = Callable[[Link], str]
"""``file:line`` of where a link leads; empty where that is no policy that was read, and no rule of one."""


def rule_places(snapshot: Snapshot, whole: bool = False) -> Places:
    """Of rules; ``whole``: of policies as a whole as well."""
    every: tuple[NetworkPolicy | TieredPolicy, ...] = (*snapshot.network_policies, *snapshot.tiered_policies)
    policies = {policy.ref: policy.origin for policy in every}

    def place(link: Link) -> str:
        found = policies.get(link.ref)
        if found is None or not (link.path or whole):
            return ""
        return f"{found.file}:{lines(snapshot.texts, found, link.path)[0]}"

    return place


def with_places(document: Document, places: Places) -> Document:
    """The document with the place behind every rule that its running text names."""
    return tuple(_in_block(block, places) for block in document)


def _in_block(block: Block, places: Places) -> Block:
    match block:
        case Paragraph() | Heading() | Rail():
            return replace(block, text=tuple(_placed(block.text, places)))
    return block


def _placed(cell: Cell, places: Places) -> Iterator[Span]:
    for span in cell:
        yield span
        where = places(span.link) if span.link else ""
        if where:
            yield Span(f" ({where})", Role.MUTED)
