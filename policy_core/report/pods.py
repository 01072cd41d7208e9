"""The pods that a policy is for, under a heading: each a link, the first of them one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policy_core.model import Pod
from policy_core.report.document import (
    NOTHING,
    Block,
    Column,
    Heading,
    Link,
    Paragraph,
    Role,
    Row,
    Span,
    Table,
)
from policy_core.report.words import count

__all__ = ["pods_blocks"]

_MOST = 200
"""Pods that are listed one by one."""


def pods_blocks(title: str, pods: Sequence[Pod], nobody: str) -> Iterator[Block]:
    """``nobody`` is what is said where there are none."""
    yield Heading((Span(title), Span(f"  {len(pods):,} now", Role.MUTED)))
    if not pods:
        yield Paragraph((Span(nobody, Role.UNKNOWN),), indent=2)
        return
    yield Table(
        (Column("pod", 2), Column("address", 1, evident=True)),
        tuple(
            Row(
                (
                    (Span(pod.ref.path, Role.NAME, Link(pod.ref)),),
                    (Span(", ".join(map(str, pod.ips)) or NOTHING, Role.MUTED),),
                ),
                Link(pod.ref),
            )
            for pod in pods[:_MOST]
        ),
        indent=2,
    )
    if len(pods) > _MOST:
        yield Paragraph((Span(f"and {count(len(pods) - _MOST, 'more pod')}", Role.MUTED),), indent=2)
