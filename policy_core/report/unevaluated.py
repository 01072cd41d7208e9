"""What can honestly be said of an object that is recognised but not evaluated."""

from __future__ import annotations

from collections.abc import Iterator

from policy_core.kinds import ISTIO_ROOT
from policy_core.model import Direction, Pod, Selection, UnevaluatedPolicy
from policy_core.report.document import (
    Document,
    Paragraph,
    Role,
    Span,
)
from policy_core.report.pods import pods_blocks

__all__ = ["unevaluated_document"]


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
        *pods_blocks("PODS IT MAY SELECT", pods, "none of those that were read"),
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
