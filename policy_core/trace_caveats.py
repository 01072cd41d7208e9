"""What to know before trusting the verdict on one connection."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from ipaddress import ip_address

from policy_core.caveats import side_caveats
from policy_core.domain_name import DomainName
from policy_core.ends import Pods
from policy_core.evaluation import Evaluation
from policy_core.ipblock import IPAddress
from policy_core.judgement import Judgement
from policy_core.model import Direction, Pod, Ref, RuleRef, Service
from policy_core.translation import Entry, Translation
from policy_core.unread_caveats import about_address, about_counts, about_endpoints, about_routes

__all__ = ["nodes_at", "trace_caveats"]


def trace_caveats(
    evaluation: Evaluation, judgement: Judgement, near: Collection[RuleRef] = ()
) -> tuple[str, ...]:
    """Sentences, the weightiest first. ``near`` are the rules of the nearest misses: what is doubtful of them
    makes a denial doubtful."""
    return tuple(dict.fromkeys(_caveats(evaluation, judgement, near)))


def _caveats(evaluation: Evaluation, judgement: Judgement, near: Collection[RuleRef]) -> Iterator[str]:
    if judgement.translation is not None:
        yield from _about_translation(judgement.translation)
        service = judgement.translation.service
        yield from about_endpoints(evaluation.snapshot, service, judgement.translation.unseen)
        if judgement.translation.entry in (Entry.ROUTE, Entry.UNREAD):
            yield from about_routes(evaluation.snapshot, service.namespace)
    if not isinstance(judgement.source, (Pods, Service, DomainName)):
        yield from _about_address(evaluation, judgement.source, source=True)
        yield from _about_node(evaluation, judgement.source)
    if isinstance(judgement.destination, DomainName):
        yield (
            f"Which addresses {judgement.destination.name} has is not known here: it is allowed or denied "
            "only where every address is, or a rule names it."
        )
    elif not isinstance(judgement.destination, (Pods, Service)):
        yield from _about_address(evaluation, judgement.destination, source=False)
    if judgement.unseen:
        yield from about_counts(evaluation.snapshot)
    templates: set[Ref] = set()
    for way in judgement.ways:
        ends = {Direction.EGRESS: way.sources, Direction.INGRESS: way.destinations}
        for direction, far in ((Direction.EGRESS, way.destinations), (Direction.INGRESS, way.sources)):
            # What holds for one of them holds for the others.
            first = next(iter(ends[direction]), None)
            if not isinstance(first, Pod):
                continue
            if first.is_template:
                templates.add(first.ref)
            deciding = {*way.connection.side(direction).decided_by, *near}
            others = [end for end in far if isinstance(end, Pod)]
            yield from side_caveats(evaluation, first, direction, deciding, others)
    if templates:
        which = f"{min(templates)}{f' and {len(templates) - 1:,} more' if len(templates) > 1 else ''}"
        yield f"Of {which} no pod was read, only the template: addresses and nodes are not known."


def _about_address(evaluation: Evaluation, address: IPAddress, source: bool) -> Iterator[str]:
    known = False
    pods = [pod for pod in evaluation.index.pods if address in pod.ips and not pod.host_network]
    for pod in pods[:1]:
        known = True
        yield (
            f"{address} is the address of {pod.ref}, judged here as one outside: "
            "name the pod to have its labels count."
        )
    for service in evaluation.snapshot.services:
        texts = (*service.cluster_ips, *service.external_ips, *service.load_balancer)
        if address in map(_parsed, texts):
            known = True
            yield (
                f"{address} is an address of {service.ref}, and policy sees its endpoints instead: "
                f"ask for service:{service.ref.path}."
            )
    if not known and not nodes_at(evaluation, address):
        yield from about_address(evaluation.snapshot, address, source)


def _parsed(text: str) -> IPAddress | None:
    try:
        return ip_address(text)
    except ValueError:
        return None  # ``None``, or a host name


def nodes_at(evaluation: Evaluation, address: IPAddress) -> list[str]:
    """The names of the nodes that have the address, as they or their pods tell it."""
    told = {pod.node for pod in evaluation.index.pods if pod.node and address in pod.host_ips}
    return sorted(told | {node.name for node in evaluation.snapshot.nodes if address in node.addresses})


def _about_node(evaluation: Evaluation, address: IPAddress) -> Iterator[str]:
    for node in nodes_at(evaluation, address)[:1]:
        yield f"{address} is the address of the node {node}: whatever policy says, pods on it let that in."


def _about_translation(translation: Translation) -> Iterator[str]:
    service = translation.service
    for each in translation.through:
        yield f"{each.ref} is a DNS name for {each.external_name}, which is {service.ref}."
    if translation.draining and not translation.ready:
        used = "kube-proxy uses them while no other is left"
        yield f"Endpoints that are shutting down still serve: {translation.draining:,} of them. {used}."
    if translation.masked:
        yield (
            "externalTrafficPolicy Cluster: a node may replace the client's address with its own, so it is "
            "not known which one policy sees. Plugins may let in what enters by the pod's own node."
        )
    elif translation.entry is Entry.LOAD_BALANCER:
        yield (
            "externalTrafficPolicy Local keeps the client's address, unless the load balancer itself "
            "replaces it."
        )
    elif translation.entry is Entry.NODE_PORT:
        yield "externalTrafficPolicy Local: nodes without an endpoint of their own answer nothing."
    if translation.local:
        yield "internalTrafficPolicy Local: only endpoints of the client's own node are used."
