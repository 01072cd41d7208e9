"""What a person should know before trusting an answer about a pod: where network plugins differ, and where
the bundle leaves something open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from policy_core.effective import Effective, EffectivePeer
from policy_core.index import named_ports, namespace_matches
from policy_core.labels import LabelSelector
from policy_core.model import Direction, IPBlock, NetworkPolicy, Pod, UnevaluatedPolicy
from policy_core.snapshot import NAME_LABEL, Snapshot

__all__ = ["caveats", "may_apply", "may_select", "rule_caveats"]


def may_apply(snapshot: Snapshot, pod: Pod) -> tuple[UnevaluatedPolicy | NetworkPolicy, ...]:
    """The objects that may select the pod and are not evaluated, or not wholly: those of kinds that this
    tool only recognises, and NetworkPolicies with errors. What could not be read counts as selecting it."""
    if pod.finished:
        return ()
    unevaluated = (policy for policy in snapshot.unevaluated if may_select(snapshot, policy, pod))
    return (*unevaluated, *_faulty(snapshot, pod))


def _faulty(snapshot: Snapshot, pod: Pod) -> Iterator[NetworkPolicy]:
    if not snapshot.faulty:
        return
    for policy in snapshot.network_policies:
        in_scope = policy.namespace == pod.namespace and policy.ref in snapshot.faulty
        if in_scope and (policy.pod_selector.invalid or policy.pod_selector.matches(pod.labels)):
            yield policy


def may_select(snapshot: Snapshot, policy: UnevaluatedPolicy, pod: Pod) -> bool:
    if policy.namespace and policy.namespace != pod.namespace:
        return False
    if not policy.readable:
        return True
    if policy.namespaces is not None:
        namespace = snapshot.namespaces[pod.namespace]
        # Of a namespace that is only named the name label is all that is known.
        known = namespace if namespace.origin else replace(namespace, labels_known=False)
        if namespace_matches(policy.namespaces, known) is False:
            return False
    return policy.pods is None or policy.pods.matches(pod.labels)


def caveats(snapshot: Snapshot, pod: Pod, rules: tuple[Effective, Effective]) -> tuple[str, ...]:
    """Sentences, the weightiest first; ``rules`` are the pod's effective ingress and egress."""
    told = (
        *_about_pod(pod),
        *_about_what_was_read(snapshot, pod),
        *_about_rules(snapshot, pod, rules),
        *_about_own_node(snapshot, pod, rules),
    )
    return tuple(dict.fromkeys(told))


def rule_caveats(snapshot: Snapshot, pod: Pod, rules: Effective) -> tuple[str, ...]:
    """The caveats about one direction's rules alone, for a page on which the pod is one of many."""
    return tuple(
        dict.fromkeys((*_about_what_was_read(snapshot, pod), *_about_rules(snapshot, pod, (rules,))))
    )


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
        yield (
            "It uses its node's network: policy does not isolate it and no pod selector matches it. "
            "Most network plugins behave so; some differ."
        )
    seen: dict[tuple[str, str], int] = {}
    for port in pod.ports:
        key = (port.name, port.protocol)
        if port.name and seen.setdefault(key, port.number) != port.number:
            yield (
                f"Port name {port.name} is declared twice: {named_ports(pod)[key]} counts here; "
                "plugins may choose otherwise."
            )


def _about_what_was_read(snapshot: Snapshot, pod: Pod) -> Iterator[str]:
    for policy in _faulty(snapshot, pod):
        yield (
            f"{policy.ref} has errors: an API server would refuse it. "
            "Only what is sound of it is shown here; see the problems."
        )
    if not snapshot.network_policies:
        yield (
            "No NetworkPolicy at all was read: where the cluster has some, they are missing here "
            "(`kubectl cluster-info dump` leaves them out)."
        )


def _about_rules(snapshot: Snapshot, pod: Pod, rules: tuple[Effective, ...]) -> Iterator[str]:
    for effective in rules:
        sources = [(rule, peer) for rule in effective.rules for peer in rule.peers]
        for rule, peer in sources:
            if isinstance(peer.peer, IPBlock):
                yield from _about_block(pod, peer.peer, peer, effective.direction)
            elif peer.peer is not None and peer.peer.namespaces is not None:
                yield from _about_namespaces(snapshot, peer.peer.namespaces)
            if any(port.protocol == "SCTP" for port in rule.ports.ranges()):
                yield "SCTP rules are honoured only by network plugins that support SCTP."
            if any(1 < port.last - port.first + 1 < 65535 for port in rule.ports.ranges()):
                yield "Port ranges (endPort) are honoured only by network plugins that support them."


def _about_own_node(snapshot: Snapshot, pod: Pod, rules: tuple[Effective, Effective]) -> Iterator[str]:
    if any(e.isolated for e in rules if e.direction is Direction.INGRESS):
        hosts = [p.ref.path for p in snapshot.pods if p.host_network and p.node and p.node == pod.node]
        there = f": kubelet probes, and {_list(hosts)}" if hosts else ", kubelet probes for one"
        yield f"Traffic from the pod's own node is always let in, and not counted{there}."


def _about_block(pod: Pod, block: IPBlock, matches: EffectivePeer, direction: Direction) -> Iterator[str]:
    if len({address.version for address in pod.ips}) > 1:
        family, other = (4, 6) if block.cidr.version == 4 else (6, 4)
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


def _about_namespaces(snapshot: Snapshot, selector: LabelSelector) -> Iterator[str]:
    if all(requirement.key == NAME_LABEL for requirement in selector.requirements()):
        return
    unread = [n.name for n in snapshot.namespaces.values() if not n.labels_known]
    named = [n.name for n in snapshot.namespaces.values() if n.labels_known and n.origin is None]
    if unread:
        yield f"The labels of {_list(unread)} could not be read: rules that select namespaces may match them."
    if named:
        yield (
            f"No Namespace object for {_list(named)} was read: of its labels only {NAME_LABEL} is known, "
            "and rules that select namespaces by other labels are judged by that."
        )


def _list(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
