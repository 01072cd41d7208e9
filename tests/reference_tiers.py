"""The tiers above and below NetworkPolicy, read as naively as the rest of the reference evaluator.

What a tier says is a set: all that it may say, as things that are not known turn out one way or another and
as policies of equal priority are taken in one order or another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import permutations, product
from typing import Literal, NamedTuple

from policy_core.ipblock import IPNetwork
from policy_core.model import (
    ANY_PROTOCOL,
    Action,
    Direction,
    DomainNames,
    Networks,
    Nodes,
    Pod,
    PodPeer,
    PolicyPort,
    Tier,
    TieredPeer,
    TieredPolicy,
    TieredRule,
)
from tests.reference_world import (
    Answer,
    End,
    Family,
    World,
    addresses,
    all_of,
    any_of,
    finished,
    named_port,
    namespace_answer,
    namespace_named,
    selector_holds,
    yes_if,
)

__all__ = ["Outcome", "Question", "tier_says"]

Outcome = Literal["allow", "deny", "pass", "nothing"]
"""What the first matching rule does, or that there is none."""


class Question(NamedTuple):
    """One direction of a connection over one address family."""

    direction: Direction
    subject: Pod
    peer: End
    family: Family
    protocol: str
    port: int
    name: str
    """The domain name that led to ``peer``; empty where its address was dialled."""


def tier_says(world: World, tier: Tier, question: Question) -> set[Outcome]:
    """All that the policies of a tier may come to. Those that match nothing change nothing in any order."""
    policies = [policy for policy in world.tiered if policy.tier is tier]
    said = [(policy, policy_says(world, policy, question)) for policy in policies]
    speaking = [(policy, says) for policy, says in said if says != {"nothing"}]
    found: set[Outcome] = set()
    for order in orders([policy for policy, _ in speaking]):
        found |= first_to_decide(next(says for each, says in speaking if each is policy) for policy in order)
    return found


def orders(policies: Sequence[TieredPolicy]) -> Iterator[list[TieredPolicy]]:
    """Every order in which the policies of a tier may be taken: by priority, those of equal priority in any
    order, and those without one anywhere."""
    priorities = sorted({policy.priority for policy in policies if policy.priority is not None})
    equal = [[policy for policy in policies if policy.priority == priority] for priority in priorities]
    unplaced = [policy for policy in policies if policy.priority is None]
    for choice in product(*(permutations(group) for group in equal)):
        yield from with_each_anywhere([policy for group in choice for policy in group], unplaced)


def with_each_anywhere(
    order: list[TieredPolicy], unplaced: Sequence[TieredPolicy]
) -> Iterator[list[TieredPolicy]]:
    if not unplaced:
        yield order
        return
    first, *others = unplaced
    for position in range(len(order) + 1):
        yield from with_each_anywhere([*order[:position], first, *order[position:]], others)


def first_to_decide(steps: Iterable[set[Outcome]]) -> set[Outcome]:
    """Of steps in a row, each of which may come to what its set has."""
    found: set[Outcome] = set()
    for step in steps:
        found |= step - {"nothing"}
        if "nothing" not in step:
            return found
    return found | {"nothing"}


def policy_says(world: World, policy: TieredPolicy, question: Question) -> set[Outcome]:
    rules = policy.ingress if question.direction is Direction.INGRESS else policy.egress
    return first_to_decide(rule_says(world, policy, rule, question) for rule in rules)


def rule_says(world: World, policy: TieredPolicy, rule: TieredRule, question: Question) -> set[Outcome]:
    subject = pods_answer(world, policy.subject, question.subject)
    if rule.closed:
        answer = "no" if rule.action is Action.ALLOW else subject
        outcome: Outcome = "deny"
    else:
        answer = all_of([subject, peers_answer(world, rule, question), ports_answer(rule, question)])
        outcome = action_outcome(rule.action)
    match answer:
        case "yes":
            return {outcome}
        case "maybe":
            return {outcome, "nothing"}
        case "no":
            return {"nothing"}


def action_outcome(action: Action) -> Outcome:
    match action:
        case Action.ALLOW:
            return "allow"
        case Action.DENY:
            return "deny"
        case Action.PASS:
            return "pass"


# Whom a rule is about


def pods_answer(world: World, wanted: PodPeer, pod: Pod) -> Answer:
    """No selector is about finished pods, nor about those that share their node's address."""
    if finished(pod) or pod.host_network or wanted.namespaces is None:
        return "no"
    namespaces = namespace_answer(wanted.namespaces, namespace_named(world, pod.namespace))
    return all_of([namespaces, yes_if(wanted.pods is None or selector_holds(wanted.pods, pod.labels))])


def peers_answer(world: World, rule: TieredRule, question: Question) -> Answer:
    return any_of(peer_answer(world, wanted, question) for wanted in rule.peers)


def peer_answer(world: World, wanted: TieredPeer, question: Question) -> Answer:
    end = question.peer
    if isinstance(end, Pod) and finished(end):
        return "no"
    match wanted:
        case PodPeer():
            return pods_answer(world, wanted, end) if isinstance(end, Pod) else "no"
        case Networks():
            return any_of(network_answer(cidr, end, question.family) for cidr in wanted.cidrs)
        case Nodes():
            return nodes_answer(world, wanted, end)
        case DomainNames():
            return yes_if(any(name_matches(pattern, question.name) for pattern in wanted.names))


def network_answer(cidr: IPNetwork, end: End, family: Family) -> Answer:
    if not addresses(end):
        return "maybe" if family in (None, cidr.version) else "no"
    return yes_if(any(address.version == family and address in cidr for address in addresses(end)))


def nodes_answer(world: World, wanted: Nodes, end: End) -> Answer:
    if wanted.selector.invalid:
        return "no"
    if isinstance(end, Pod):
        if not end.host_network:
            return "no"
        own = [node for node in world.nodes if node.name == end.node]
        return yes_if(selector_holds(wanted.selector, own[0].labels)) if own else "maybe"
    holding = [node for node in world.nodes if end in node.addresses]
    if holding:
        return yes_if(any(selector_holds(wanted.selector, node.labels) for node in holding))
    chosen = [node for node in world.nodes if selector_holds(wanted.selector, node.labels)]
    return "no" if world.nodes_known and all(node.addresses for node in chosen) else "maybe"


def name_matches(pattern: str, name: str) -> bool:
    """``*.`` stands for one label or more."""
    if not name:
        return False
    wanted, given = pattern.split("."), name.split(".")
    if wanted[0] != "*":
        return wanted == given
    return len(given) >= len(wanted) and given[len(given) - len(wanted) + 1 :] == wanted[1:]


# On which ports


def ports_answer(rule: TieredRule, question: Question) -> Answer:
    if rule.ports is None:
        return "yes"
    destination: End = question.subject if question.direction is Direction.INGRESS else question.peer
    return yes_if(
        any(port_matches(wanted, destination, question.protocol, question.port) for wanted in rule.ports)
    )


def port_matches(wanted: PolicyPort, destination: End, protocol: str, port: int) -> bool:
    """A name of these tiers holds for whatever protocol the port of that name has."""
    if isinstance(wanted.port, str):
        if wanted.protocol not in (ANY_PROTOCOL, protocol):
            return False
        return isinstance(destination, Pod) and named_port(destination, wanted.port, protocol) == port
    if wanted.protocol != protocol:
        return False
    if wanted.port is None:
        return True
    return wanted.port <= port <= (wanted.port if wanted.end_port is None else wanted.end_port)
