"""The exposed pods of a snapshot, as a table; and those of one pod, for its page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from policy_core.details.admission import Why
from policy_core.details.exposure import Exposed, in_cluster
from policy_core.evaluation import Evaluation
from policy_core.exposure import Place
from policy_core.model import Ref
from policy_core.report.document import (
    Block,
    Cell,
    Column,
    Document,
    Heading,
    Link,
    Paragraph,
    Role,
    Row,
    Span,
    Table,
    unbroken,
)
from policy_core.report.exposure_words import (
    arrival_text,
    dialled_text,
    place_text,
    reason_text,
    subject_text,
    verdict_role,
    verdict_sentence,
    verdict_text,
)
from policy_core.report.words import count, names, pod_links
from policy_core.verdict import Verdict

__all__ = ["exposed_details", "exposure_document", "exposure_sentence", "exposure_table"]

_EVIDENT = frozenset((Why.OPEN, Why.SOME, Why.CLOSED, Why.PROXY, Why.HOST_NETWORK))
"""What the table itself, and what is good to know, say already."""
_COLUMNS = (
    Column("pods", 3),
    Column("way", evident=True),
    Column("a client dials", 3, evident=True),
    Column("→ port"),
    Column("who gets in", 3, evident=True),
)


def exposure_document(evaluation: Evaluation, exposed: Sequence[Exposed], caveats: Sequence[str]) -> Document:
    return (*_summary(exposed), *_tables(evaluation, exposed), *_good_to_know(caveats))


def _summary(exposed: Sequence[Exposed]) -> Iterator[Block]:
    if not exposed:
        yield Paragraph((Span("no pod is exposed to the outside, as far as was read", Role.MUTED),))
        return
    pods = {pod.ref for each in exposed for pod in each.pods}
    told = Counter(each.verdict for each in exposed)
    words = {
        Verdict.ALLOW: "let through by policy",
        Verdict.PARTIAL: "in part",
        Verdict.DENY: "closed",
        Verdict.UNKNOWN: "not known",
    }
    parts = ", ".join(f"{told[verdict]:,} {word}" for verdict, word in words.items() if told[verdict])
    ways = "1 way" if len(exposed) == 1 else f"{len(exposed):,} ways"
    reached = count(len(pods), "pod")
    yield Paragraph((Span(f"{ways} in from outside to {reached}: {parts}"),))


def _tables(evaluation: Evaluation, exposed: Sequence[Exposed]) -> Iterator[Block]:
    for namespace in dict.fromkeys(each.subject.namespace for each in exposed):
        rows = [each for each in exposed if each.subject.namespace == namespace]
        link = Link(Ref("Namespace", "", namespace))
        yield Heading((Span(namespace, Role.NAME, link),))
        told = [subject_text(each) for each in rows]
        firsts = (text not in told[:position][-1:] for position, text in enumerate(told))
        table = (_row(evaluation, each, first) for each, first in zip(rows, firsts, strict=True))
        yield Table(_COLUMNS, tuple(table), indent=2)


def _row(evaluation: Evaluation, exposed: Exposed, first: bool) -> Row:
    """What has several ways in is named before the first of them."""
    link = Link(exposed.pods[0].ref if exposed.pods else exposed.subject)
    return Row(
        (
            (Span(subject_text(exposed), Role.NAME, link),) if first else (),
            _way(exposed),
            (Span(dialled_text(exposed)),),
            (Span(arrival_text(exposed), Role.PORT),),
            (Span(verdict_text(exposed), verdict_role(exposed)),),
        ),
        link,
        tuple((Span(text, Role.MUTED),) for text in exposed_details(evaluation, exposed)),
    )


def _way(exposed: Exposed) -> Cell:
    by = exposed.entrance.by
    return (Span(unbroken(exposed.way.value), Role.NAME, Link(by)),)


def exposure_sentence(exposed: Exposed) -> str:
    """``shop/storefront, 2 pods: by Ingress shop/storefront at shop.example.com:80 to TCP 8080``."""
    entrance = exposed.entrance
    to = "whatever port they open" if exposed.target is None else f"{entrance.protocol} {exposed.target}"
    who = f"{exposed.subject.namespace}/{subject_text(exposed)}"
    return f"{who}: {exposed.way.value} {dialled_text(exposed)} leads to {to}. {verdict_sentence(exposed)}"


def exposed_details(evaluation: Evaluation, exposed: Exposed) -> list[str]:
    """What the table has no room for, a sentence each; the weightiest first."""
    entrance = exposed.entrance
    lines = [] if exposed.admission.why in _EVIDENT else [reason_text(exposed)]
    if entrance.proxy is not None:
        lines += _through(evaluation, exposed)
    if entrance.ranges is not None:
        lines.append(f"clients out of {entrance.ranges} alone (loadBalancerSourceRanges)")
    if exposed.doubts:
        doubts = names(map(str, exposed.doubts), 3)
        lines.append(f"may also apply, and not (or not wholly) evaluated: {doubts}")
    return lines


def _through(evaluation: Evaluation, exposed: Exposed) -> Iterator[str]:
    entrance, proxy = exposed.entrance, exposed.entrance.proxy
    through = [str(ref) for ref in (entrance.by, entrance.gateway, entrance.service) if ref]
    at = "" if entrance.place in (Place.PENDING, Place.UNKNOWN) else "at "
    yield f"{' → '.join(through)}, {at}{place_text(exposed)}"
    if proxy is not None and proxy.pods:
        workloads = evaluation.snapshot.workloads
        connecting = dict.fromkeys(workloads.get(pod.ref, pod.ref) for pod in proxy.pods)
        yield f"its controller: {names(map(str, connecting), 3)}, {count(len(proxy.pods), 'pod')}"
    elif exposed.admission.why in (Why.UNFOUND, Why.DETACHED) and (
        counted := in_cluster(evaluation, exposed)
    ):
        perhaps = f", {counted.unknown:,} perhaps" if counted.unknown else ""
        yield f"policy lets {counted.allow:,} of {count(counted.total, 'other pod')} in{perhaps}"


def _good_to_know(caveats: Sequence[str]) -> Iterator[Block]:
    if caveats:
        yield Heading((Span("GOOD TO KNOW"),))
        for caveat in caveats:
            yield Paragraph((Span("· "), Span(caveat, Role.MUTED)), indent=2)


def exposure_table(exposed: Sequence[Exposed]) -> Table:
    """Of one pod, for its page."""
    columns = (
        Column("by", evident=True),
        Column("a client dials", 3, evident=True),
        Column("→ port"),
        Column("who gets in", 2, evident=True),
    )
    return Table(columns, tuple(map(_pod_row, exposed)), indent=2)


def _pod_row(exposed: Exposed) -> Row:
    cells = (
        _way(exposed),
        (Span(dialled_text(exposed)),),
        (Span(arrival_text(exposed), Role.PORT),),
        (Span(verdict_text(exposed), verdict_role(exposed)),),
    )
    reason: tuple[Cell, ...] = ()
    if exposed.admission.why not in _EVIDENT:
        reason = ((Span(reason_text(exposed), Role.MUTED),),)
    proxies = exposed.entrance.proxy.pods if exposed.entrance.proxy else ()
    return Row(cells, Link(exposed.entrance.by), (*reason, *pod_links(proxies, _MOST_PROXIES)))


_MOST_PROXIES = 5
