"""What to know before trusting the verdict on one connection."""

from __future__ import annotations

from collections.abc import Iterator

from policy_core.caveats import side_caveats
from policy_core.ends import Pods
from policy_core.evaluation import Evaluation
from policy_core.ipblock import IPAddress
from policy_core.judgement import Judgement
from policy_core.model import Direction, Pod, Service
from policy_core.translation import Entry, Translation

__all__ = ["trace_caveats"]


def trace_caveats(evaluation: Evaluation, judgement: Judgement) -> tuple[str, ...]:
    """Sentences, the weightiest first."""
    return tuple(dict.fromkeys(_caveats(evaluation, judgement)))


def _caveats(evaluation: Evaluation, judgement: Judgement) -> Iterator[str]:
    for end in (judgement.source, judgement.destination):
        if not isinstance(end, (Pods, Service)):
            yield from _about_address(evaluation, end)
    if judgement.translation is not None:
        yield from _about_translation(judgement.translation)
    for way in judgement.ways:
        ends = {Direction.EGRESS: way.sources, Direction.INGRESS: way.destinations}
        for direction, far in ((Direction.EGRESS, way.destinations), (Direction.INGRESS, way.sources)):
            # What holds for one of them holds for the others.
            first = next(iter(ends[direction]), None)
            if isinstance(first, Pod):
                deciding = way.connection.side(direction).decided_by
                others = [end for end in far if isinstance(end, Pod)]
                yield from side_caveats(evaluation, first, direction, deciding, others)


def _about_address(evaluation: Evaluation, address: IPAddress) -> Iterator[str]:
    pods = [pod for pod in evaluation.index.pods if address in pod.ips and not pod.host_network]
    for pod in pods[:1]:
        yield (
            f"{address} is the address of {pod.ref}, judged here as one outside: "
            "name the pod to have its labels count."
        )
    for service in evaluation.snapshot.services:
        if str(address) in service.cluster_ips:
            yield (
                f"{address} is the address of {service.ref}, and policy sees its endpoints instead: "
                f"ask for service:{service.ref.path}."
            )
    nodes = {pod.node for pod in evaluation.index.pods if pod.node and address in pod.host_ips}
    for node in sorted(nodes):
        yield f"{address} is the address of the node {node}: its own pods always let it in."


def _about_translation(translation: Translation) -> Iterator[str]:
    if translation.masked:
        yield (
            "externalTrafficPolicy Cluster: a node may replace the client's address with its own, so it is "
            "not known which one policy sees; what enters by the pod's own node is always let in."
        )
    elif translation.entry is Entry.LOAD_BALANCER:
        yield (
            "externalTrafficPolicy Local keeps the client's address, unless the load balancer itself "
            "replaces it."
        )
    if translation.local:
        yield "internalTrafficPolicy Local: only endpoints of the client's own node are used."
