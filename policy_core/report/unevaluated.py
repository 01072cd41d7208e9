"""What can honestly be said of an object that is recognised but not evaluated."""

from __future__ import annotations

from collections.abc import Iterator

from policy_core.kinds import ISTIO_ROOT
from policy_core.model import Direction, Pod, Selection, UnevaluatedPolicy
from policy_core.report.document import (
    NOTHING,
    Block,
    Column,
    Document,
    Heading,
    Link,
    Paragraph,
    Role,
    Row,
    Span,
    Table,
)
from policy_core.report.words import count

__all__ = ["unevaluated_document"]

_MOST = 200
"""Pods that are listed one by one."""


def unevaluated_document(policy: UnevaluatedPolicy, pods: tuple[Pod, ...]) -> Document:
    """``pods`` are those that it may select."""
    scope = f"namespace {policy.namespace}" if policy.namespace else "the whole cluster"
    return (
        Paragraph((Span(f"{policy.group} · in {scope}", Role.MUTED),)),
        Paragraph(
            (
                Span("? Not evaluated. ", Role.UNKNOWN),
                Span(
                    "This tool knows the kind but does not work out what it allows or denies: wherever it "
                    "may apply, verdicts are marked and name it."
                ),
            )
        ),
        *(Paragraph((Span(sentence),)) for sentence in _sentences(policy)),
        Heading((Span("PODS IT MAY SELECT"), Span(f"  {len(pods):,} now", Role.MUTED))),
        *_listed(pods),
    )


def _sentences(policy: UnevaluatedPolicy) -> Iterator[str]:
    if not policy.directions:
        yield "It decides nothing: no pod's traffic hangs on it."
        return
    if not policy.readable:
        yield f"It may apply to {_NOT_READ}, {_in_words(policy.directions)}."
    else:
        for each in policy.selections:
            yield f"It may apply to {_subjects(policy, each)}, {_in_words(each.directions)}."
    if policy.outside_only:
        yield "It is about connections to addresses outside the cluster alone."
    if policy.kind == "AuthorizationPolicy":
        yield f"{ISTIO_ROOT} is taken for Istio's root namespace, whose policies apply to every namespace."


_NOT_READ = "any pod in scope, since it could not be told which it selects"


def _in_words(directions: frozenset[Direction]) -> str:
    if len(directions) == 1:
        return f"for {next(iter(directions)).value} only"
    return "for ingress and egress"


def _subjects(policy: UnevaluatedPolicy, selection: Selection) -> str:
    parts = []
    if policy.namespaces is not None and not policy.namespaces.everything:
        parts.append(f"in namespaces with {policy.namespaces}")
    if policy.pods is not None and not policy.pods.everything:
        parts.append(f"with {policy.pods}")
    if selection.condition is not None:
        parts.append(f"with {selection.condition}")
    noun = "pods" if selection.pods else "hostNetwork pods, as to their nodes"
    without = ", not hostNetwork ones" if selection.pods and not selection.hosts else ""
    if not parts:
        return f"every pod{without}" if selection.pods else noun
    return f"{noun} {' and '.join(parts)}{without}"


def _listed(pods: tuple[Pod, ...]) -> Iterator[Block]:
    if not pods:
        yield Paragraph((Span("none of those that were read", Role.UNKNOWN),), indent=2)
        return
    rows = (
        Row(
            (
                (Span(pod.ref.path, Role.NAME, Link(pod.ref)),),
                (Span(", ".join(map(str, pod.ips)) or NOTHING, Role.MUTED),),
            ),
            Link(pod.ref),
        )
        for pod in pods[:_MOST]
    )
    yield Table((Column("pod", 2), Column("address", 1, evident=True)), tuple(rows), indent=2)
    if len(pods) > _MOST:
        yield Paragraph((Span(f"and {count(len(pods) - _MOST, 'more pod')}", Role.MUTED),), indent=2)
