"""What a person should know before trusting an answer about a pod: where network plugins differ, and where
the bundle leaves something open."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from policy_core.effective import Effective, EffectivePeer, EffectiveRule, tiered_views, view
from policy_core.enforcement_caveats import about_enforcement
from policy_core.evaluation import Evaluation
from policy_core.index import named_ports
from policy_core.labels import LabelSelector
from policy_core.members import Members
from policy_core.model import (
    NAME_LABEL,
    UNREADABLE,
    Action,
    Direction,
    IPBlock,
    Pod,
    PodPeer,
    Ref,
    RuleRef,
    Tier,
)
from policy_core.not_evaluated import in_doubt
from policy_core.openness import own_families
from policy_core.routing import Exposure
from policy_core.snapshot import Snapshot
from policy_core.tiered_caveats import about_peer_of_tier, about_rule_of_tier, about_subjects, about_ties
from policy_core.tiers import CompiledTieredPolicy
from policy_core.unread_caveats import (
    about_counts,
    about_endpoints,
    about_peer,
    about_policies,
    about_routes,
    about_services,
)

__all__ = [
    "caveats",
    "rule_caveats",
    "side_caveats",
]

_NETWORK_POLICY_GROUPS = ("networking.k8s.io", "extensions")


class Told(NamedTuple):
    """One direction of a pod, with no more of its rules than are to be told of."""

    direction: Direction
    judged: bool
    rules: tuple[EffectiveRule, ...]


Rules = tuple[Effective | Told, ...]


def caveats(
    evaluation: Evaluation, pod: Pod, rules: Rules, exposures: Iterable[Exposure] = ()
) -> tuple[str, ...]:
    """Sentences, the weightiest first; ``rules`` are the pod's effective ingress and egress, ``exposures``
    the ways in from outside to the Services that route to it."""
    snapshot = evaluation.snapshot
    told = (
        *_about_pod(pod),
        *about_enforcement(evaluation, any(found.judged for found in rules), pod),
        *_about_what_was_read(snapshot, pod),
        *_about_rules(evaluation, pod, rules),
        *_about_own_node(evaluation, pod, rules),
        *_about_exposures(rules, exposures),
        *_about_routing(evaluation, pod),
        *_about_counts(evaluation, pod),
    )
    return tuple(dict.fromkeys(told))


def rule_caveats(evaluation: Evaluation, pod: Pod, rules: Effective | Told) -> tuple[str, ...]:
    """The caveats about one direction's rules alone, for a page on which the pod is one of many."""
    told = (
        *about_enforcement(evaluation, rules.judged, pod),
        *_about_what_was_read(evaluation.snapshot, pod),
        *_about_rules(evaluation, pod, (rules,)),
    )
    return tuple(dict.fromkeys(told))


def side_caveats(
    evaluation: Evaluation,
    pod: Pod,
    direction: Direction,
    deciding: Collection[RuleRef],
    others: Iterable[Pod],
) -> tuple[str, ...]:
    """The caveats about one side of a connection: about the pod, which they name, and about those of its
    rules that decide (or might if they were understood), as far as they concern the pods at the far end."""
    far = set(map(id, others))  # a rule may match thousands of pods

    def concerned(peer: EffectivePeer) -> EffectivePeer:
        here, perhaps = ([p for p in pods if id(p) in far] for pods in (peer.pods, peer.possible))
        return replace(peer, pods=tuple(here), possible=tuple(perhaps))

    policies = evaluation.policies
    selecting = policies.selecting(pod, direction)
    own = policies.index.class_bit(pod)
    rules = [
        view(policies, [rule], own, apart_from=pod)
        for compiled in selecting
        for rule in compiled.rules
        if rule.ref in deciding
    ]
    tiered = policies.tiers.concerning(policies.index, pod, direction)
    rules += [
        rule
        for policy in tiered
        if any(ref.policy == policy.policy.ref for ref in deciding) or _matches_nothing(policy)
        for rule in tiered_views(policies, policy, own, apart_from=pod)
        if rule.sources[0] in deciding or (rule.closed and rule.action is Action.ALLOW)
    ]
    told = [replace(rule, peers=tuple(map(concerned, rule.peers))) for rule in rules]
    names = {name for rule in rules for name in rule.named}
    about_pod = _about_host_network(pod) if pod.host_network else ()
    twice = _about_port_names(pod) if names and direction is Direction.INGRESS else ()
    return (
        *(f"{pod.ref.path}: {sentence}" for sentence in (*about_pod, *twice)),
        *rule_caveats(evaluation, pod, Told(direction, bool(selecting or tiered), tuple(told))),
    )


def _matches_nothing(policy: CompiledTieredPolicy) -> bool:
    """Whether some rule that allows is not understood: it never decides, though it may have been meant to."""
    rules = policy.policy.rules(policy.direction)
    return any(rule.closed and rule.action is Action.ALLOW for rule in rules)


def _about_pod(pod: Pod) -> Iterator[str]:
    if pod.finished:
        yield f"The pod has finished ({pod.phase}): no policy applies to it and nothing is routed to it."
        return
    if pod.is_template:
        yield (
            f"Stands for the pods of {pod.ref}: no pod of it is in what was read, so no address is known."
            + (" It is scaled to 0." if pod.replicas == 0 else "")
        )
    if pod.host_network:
        yield from _about_host_network(pod)
    yield from _about_port_names(pod)


def _about_host_network(pod: Pod) -> Iterator[str]:
    yield (
        "It uses its node's network: policy does not isolate it and no pod selector matches it. "
        "Most network plugins behave so; some differ."
    )


def _about_port_names(pod: Pod) -> Iterator[str]:
    seen: dict[tuple[str, str], int] = {}
    for port in pod.ports:
        key = (port.name, port.protocol)
        if port.name and seen.setdefault(key, port.number) != port.number:
            yield (
                f"Port name {port.name} is declared twice: {named_ports(pod)[key]} counts here; "
                "plugins may choose otherwise."
            )


def _about_what_was_read(snapshot: Snapshot, pod: Pod) -> Iterator[str]:
    refused = [policy.ref for policy in in_doubt(snapshot, pod) if policy.ref in snapshot.faulty]
    own = [pod.ref] if pod.ref in snapshot.faulty else []
    for ref in (*own, *refused, *_services_in_doubt(snapshot, pod)):
        yield (
            f"{ref} has errors: an API server would refuse it. "
            "Only what is sound of it is shown here; see the problems."
        )
    if not pod.labels_known:
        yield (
            f"Some labels of {pod.ref.path} could not be read: "
            "policies and rules that seem not to select it may."
        )
    yield from about_subjects(snapshot, pod)
    yield from about_policies(snapshot, () if pod.finished or pod.host_network else (pod.namespace,))
    if (
        not (snapshot.network_policies or snapshot.tiered_policies)
        and not snapshot.unread.asked("NetworkPolicy")
        and not any(
            policy.kind == "NetworkPolicy" and policy.group in _NETWORK_POLICY_GROUPS
            for policy in snapshot.unevaluated
        )
    ):
        yield (
            "No NetworkPolicy at all was read: where the cluster has some, they are missing here "
            "(`kubectl cluster-info dump` leaves them out)."
        )


def _services_in_doubt(snapshot: Snapshot, pod: Pod) -> Iterator[Ref]:
    """Those with errors that select the pod, as far as their selectors can be read."""
    for service in snapshot.services if snapshot.faulty else ():
        if service.namespace == pod.namespace and service.ref in snapshot.faulty and service.selector:
            wanted = ((k, v) for k, v in service.selector.items() if v != UNREADABLE)
            if all(pod.labels.get(key) == value for key, value in wanted):
                yield service.ref


def _about_rules(evaluation: Evaluation, pod: Pod, rules: Rules) -> Iterator[str]:
    for found in rules:
        if isinstance(found, Effective):
            yield from about_ties(evaluation.policies, pod, found.direction)
        for rule in found.rules:
            yield from about_rule_of_tier(pod, rule)
            for peer in rule.peers:
                match peer.peer:
                    case IPBlock():
                        yield from _about_block(pod, peer.peer, peer, found.direction)
                    case PodPeer():
                        yield from about_peer(evaluation.snapshot, peer.peer, peer.namespace)
                        yield from _about_selectors(evaluation, peer.peer, peer.namespace)
                    case None:
                        yield from about_peer(evaluation.snapshot, None, peer.namespace)
                    case _:
                        yield from about_peer_of_tier(evaluation.index, pod, peer)
            protocols = [*(p.protocol for p in rule.ports.ranges()), *(name.protocol for name in rule.named)]
            if "SCTP" in protocols:
                yield "SCTP rules are honoured only by network plugins that support SCTP."
            if rule.ranges and rule.tier is Tier.NETWORK_POLICY:
                yield "Port ranges (endPort) are honoured only by network plugins that support them."
            for name in rule.named if found.direction is Direction.EGRESS else ():
                reached = {other.ref for peer in rule.peers for other in (*peer.pods, *peer.possible)}
                twice = evaluation.index.ambiguous.get((name.name, name.protocol), ())
                where = [other.ref.path for other in twice if other.ref in reached]
                if where:
                    yield (
                        f"Port name {name.name} is declared twice in {_list(where)}: the first one counts "
                        "here; plugins may choose otherwise."
                    )


def _about_own_node(evaluation: Evaluation, pod: Pod, rules: Rules) -> Iterator[str]:
    index = evaluation.index
    if any(e.judged for e in rules if e.direction is Direction.INGRESS):
        there_too = index.hosts_by_node.get(pod.node, 0) if pod.node else 0
        hosts = Members(index, there_too)
        there = f": kubelet probes, and {_paths(hosts)}" if hosts else ", kubelet probes for one"
        yield f"Traffic from the pod's own node is always let in, and not counted{there}."


def _about_exposures(rules: Rules, exposures: Iterable[Exposure]) -> Iterator[str]:
    restricted = any(e.judged for e in rules if e.direction is Direction.INGRESS)
    via = sorted({exposure.via for exposure in exposures if exposure.route})
    if restricted and via:
        yield (
            f"What comes through {_list(via)} comes from a pod of its controller: policy judges that pod, "
            "not the client."
        )


def _about_routing(evaluation: Evaluation, pod: Pod) -> Iterator[str]:
    if evaluation.snapshot.unread and not pod.finished:
        yield from about_services(evaluation.snapshot, pod.namespace)
        services = [service for service, _ in evaluation.routing.services_of(pod)]
        for service in services:
            yield from about_endpoints(evaluation.snapshot, service, evaluation.routing.unseen(service))
        if services:
            yield from about_routes(evaluation.snapshot, pod.namespace)


def _about_counts(evaluation: Evaluation, pod: Pod) -> Iterator[str]:
    if not pod.finished:
        yield from about_counts(evaluation.snapshot)
    if evaluation.index.has_templates and not pod.finished:
        yield "A workload of which no pod was read counts as one pod, however many it makes."


def _about_block(pod: Pod, block: IPBlock, matches: EffectivePeer, direction: Direction) -> Iterator[str]:
    family, own = block.cidr.version, own_families(pod)
    if family not in own:
        yield f"ipBlock {block.cidr} is for IPv{family}, of which the pod has no address: it allows nothing."
    elif len(own) > 1 and pod.ips:
        other = 10 - family
        yield f"ipBlock {block.cidr} is for IPv{family}: over IPv{other} it allows nothing. The pod has both."
    if matches.pods:
        yield (
            f"ipBlock {block.cidr} covers addresses of {_count(len(matches.pods), 'pod')}: "
            "plugins differ on whether an ipBlock matches pods."
        )
    if matches.possible:
        yield (
            f"Whether ipBlock {block.cidr} matches {_count(len(matches.possible), 'pod')} is unknown: "
            "they have no address here."
        )
    if direction is Direction.INGRESS and block.cidr.prefixlen:
        yield (
            "An ipBlock sees the address that arrives, which a Service or a load balancer may have replaced."
        )


def _about_selectors(evaluation: Evaluation, peer: PodPeer, own_namespace: str) -> Iterator[str]:
    snapshot, index = evaluation.snapshot, evaluation.index
    if peer.namespaces is not None:
        yield from _about_namespaces(evaluation, peer.namespaces)
    if peer.pods is None or peer.pods.everything:
        return

    certain, possible = (
        (index.in_namespace(own_namespace), 0)
        if peer.namespaces is None
        else index.selectors.in_namespaces(peer.namespaces)
    )
    hosts = Members(index, index.host_network & index.selected(peer.pods) & (certain | possible))
    if hosts:
        yield f"No pod selector matches hostNetwork pods, whatever their labels: not {_paths(hosts)}, either."
    unread = [
        pod.ref.path
        for pod in (index.pods if snapshot.faulty else ())
        if not pod.labels_known and index.class_bit(pod) & (certain | possible)
    ]
    if unread:
        yield f"Some labels of {_list(unread)} could not be read: rules that select pods may match there."


def _about_namespaces(evaluation: Evaluation, selector: LabelSelector) -> Iterator[str]:
    if all(requirement.key == NAME_LABEL for requirement in selector.requirements()):
        return
    unread, named = _namespaces_not_known(evaluation)
    if unread:
        yield f"The labels of {_list(unread)} could not be read: rules that select namespaces may match them."
    if named:
        yield (
            f"No Namespace object for {_list(named)} was read: of its labels only {NAME_LABEL} is known, "
            "and rules that select namespaces by other labels are judged by that."
        )


@lru_cache(maxsize=1)
def _namespaces_not_known(evaluation: Evaluation) -> tuple[list[str], list[str]]:
    """Those of which labels could not be read, and those that are only named."""
    every = evaluation.snapshot.namespaces.values()
    unread = [namespace.name for namespace in every if not namespace.labels_known]
    named = [each.name for each in every if each.labels_known and each.origin is None]
    return unread, named


def _paths(pods: Sequence[Pod]) -> str:
    """As :func:`_list` of their names."""
    return _list([pod.ref.path for pod in pods[:_NAMED]], len(pods))


_NAMED = 3
"""So many of a list are called by their names."""


def _list(names: list[str], number: int | None = None) -> str:
    """``number``: how many there are, where these are but the first."""
    number = len(names) if number is None else number
    shown = ", ".join(names[:_NAMED])
    return f"{shown} and {number - _NAMED} more" if number > _NAMED else shown


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
