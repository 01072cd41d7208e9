"""What explains a verdict where tiers stand around NetworkPolicy tells the truth: replayed it comes to the same,
and every other notion of who gets through agrees with the verdict of each connection."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given, note
from hypothesis import strategies as st

from policy_core.classes import named_ports
from policy_core.details.outside import let_in
from policy_core.effective import Effective, EffectivePeer, EffectiveRule, effective
from policy_core.evaluation import Evaluation
from policy_core.judge import Judge
from policy_core.masked import masked_side
from policy_core.matching import Family, families
from policy_core.model import (
    Action,
    Direction,
    IPBlock,
    Networks,
    Nodes,
    Pod,
    RuleRef,
    Tier,
)
from policy_core.openness import Openness, openness, own_families
from policy_core.outside import outside_of
from policy_core.reach import reach
from policy_core.sides import Reason, Side, Step
from policy_core.snapshot import assemble
from policy_core.verdict import Verdict, addresses, connection
from tests.reference import End, World
from tests.strategies import EXTERNAL, interesting_ports, reading
from tests.tiered_strategies import NAMES, clusters_of_ties, clusters_with_tiers

WORLDS = clusters_with_tiers() | clusters_of_ties()


def judged_pods(evaluation: Evaluation) -> list[Pod]:
    return [pod for pod in evaluation.index.pods if not pod.host_network]


def others(evaluation: Evaluation, pod: Pod) -> Iterator[End]:
    yield from EXTERNAL
    for other in evaluation.index.pods:
        # No pod stands for a template that is scaled to 0.
        if other.replicas != 0 and (other.ref != pod.ref or pod.several):
            yield other


def sides(
    evaluation: Evaluation, pod: Pod, direction: Direction, protocol: str, port: int
) -> Iterator[tuple[End, Family, Side]]:
    """What policy alone says of the pod and every other end, over each family that the two may share."""
    for end in others(evaluation, pod):
        source, destination = (pod, end) if direction is Direction.EGRESS else (end, pod)
        judge = Judge(evaluation.policies, source, destination, protocol, port)
        for family in families(addresses(pod), addresses(end)):
            yield end, family, judge.by_policy(direction, pod, end, family)


def some_ports(world: World, data: st.DataObject) -> list[tuple[str, int]]:
    ports = st.lists(st.sampled_from(interesting_ports(world)), min_size=6, max_size=6)
    return list(dict.fromkeys(data.draw(ports)))


# The rules of a pod's page ---------------------------------------------------------------------------------


def peer_matches(evaluation: Evaluation, peer: EffectivePeer, end: End, family: Family, doubt: bool) -> bool:
    if peer.peer is None:
        return True
    if isinstance(peer.peer, Nodes) and not isinstance(end, Pod):
        chosen = [n for n in evaluation.snapshot.nodes if peer.peer.selector.matches(n.labels)]
        if peer.peer.selector.invalid:
            return False
        if any(end in node.addresses for node in chosen):
            return True
        known = any(end in node.addresses for node in evaluation.snapshot.nodes)
        told = evaluation.index.nodes.all_known and all(node.addresses for node in chosen)
        return doubt and not known and not told
    if isinstance(peer.peer, (IPBlock, Networks)):
        if addresses(end):
            return any(a.version == family and a in peer.peer.addresses for a in addresses(end))
        cidrs = peer.peer.cidrs if isinstance(peer.peer, Networks) else (peer.peer.cidr,)
        spoken = family is None or any(cidr.version == family for cidr in cidrs)
        return doubt and spoken and isinstance(end, Pod) and end in peer.possible
    if not isinstance(end, Pod):
        return False
    return end in peer.pods or (doubt and end in peer.possible)


def on_port(rule: EffectiveRule, destination: End, protocol: str, port: int) -> bool:
    if rule.ports.contains(protocol, port):
        return True
    own = named_ports(destination) if isinstance(destination, Pod) else {}
    return any(named.protocol == protocol and own.get((named.name, protocol)) == port for named in rule.named)


def replayed(
    evaluation: Evaluation,
    pod: Pod,
    found: Effective,
    end: End,
    family: Family,
    protocol: str,
    port: int,
    doubt: bool,
) -> Verdict:
    destination = end if found.direction is Direction.EGRESS else pod
    passed: Tier | None = None
    for rule in found.rules:
        if rule.tier is passed or (rule.perhaps and not doubt):
            continue
        if not on_port(rule, destination, protocol, port):
            continue
        if any(peer_matches(evaluation, peer, end, family, doubt) for peer in rule.peers):
            if rule.action is not Action.PASS:
                return Verdict(rule.action.value)
            passed = rule.tier
    return Verdict.DENY if found.isolated else Verdict.ALLOW


@given(WORLDS, st.data(), st.booleans(), st.sampled_from(Direction))
def test_the_rules_of_a_pod_replayed_in_their_order(
    world: World, data: st.DataObject, doubt: bool, direction: Direction
) -> None:
    """Whatever is not known turns out one way for all: where the verdict is known, it is the same."""
    evaluation = Evaluation.of(assemble(reading(world)))
    ports = some_ports(world, data)
    for pod in judged_pods(evaluation):
        found = effective(evaluation.policies, pod, direction)
        for protocol, port in ports:
            for end, family, side in sides(evaluation, pod, direction, protocol, port):
                if side.verdict is Verdict.UNKNOWN:
                    continue
                note(f"{pod.ref} {direction} {end} {family} {protocol} {port}: {side}")
                told = replayed(evaluation, pod, found, end, family, protocol, port, doubt)
                assert told is side.verdict


# The walk of a trace ---------------------------------------------------------------------------------------


def ends_of(walk: tuple[Step, ...]) -> set[Verdict]:
    if not walk:
        return {Verdict.ALLOW}
    found: set[Verdict] = set()
    for action, _ in walk[0].outcomes:
        if action is Action.ALLOW:
            found.add(Verdict.ALLOW)
        elif action is Action.DENY:
            found.add(Verdict.DENY)
        else:
            found |= ends_of(walk[1:])
    return found


@given(WORLDS, st.data(), st.sampled_from(Direction))
def test_the_walk_through_the_tiers_replayed(world: World, data: st.DataObject, direction: Direction) -> None:
    evaluation = Evaluation.of(assemble(reading(world)))
    does: dict[RuleRef, Action] = {}
    for policy in world.tiered:
        for each in Direction:
            for position, rule in enumerate(policy.rules(each)):
                closed = rule.closed and rule.action is not Action.ALLOW
                does[RuleRef(policy.ref, each, position)] = Action.DENY if closed else rule.action
    order = [Tier.ADMIN, Tier.NETWORK_POLICY, Tier.BASELINE]
    for pod in judged_pods(evaluation):
        for protocol, port in some_ports(world, data):
            for end, family, side in sides(evaluation, pod, direction, protocol, port):
                note(f"{pod.ref} {direction} {end} {family} {protocol} {port}: {side}")
                concerned = evaluation.policies.tiers.concerning(evaluation.index, pod, direction)
                assert bool(side.walk) is bool(concerned)
                decided = {does.get(ref, Action.ALLOW) for ref in side.decided_by}
                if side.verdict is not Verdict.UNKNOWN:
                    assert decided <= {Action(side.verdict.value)}
                if side.reason in (Reason.TIER, Reason.RULE, Reason.POSSIBLE, Reason.CONFLICT):
                    assert decided
                if not side.walk:
                    continue
                tiers = [order.index(step.tier) for step in side.walk]
                assert tiers == sorted(set(tiers))
                assert all(step.goes_on for step in side.walk[:-1])
                told = ends_of(side.walk)
                assert told == {side.verdict} or (side.verdict is Verdict.UNKNOWN and len(told) == 2)
                for step in side.walk:
                    for action, refs in step.outcomes:
                        assert {does.get(ref, Action.ALLOW) for ref in refs} <= {action}
                reached = {
                    ref
                    for step in side.walk
                    for action, refs in step.outcomes
                    if action in (Action.ALLOW, Action.DENY)
                    for ref in refs
                }
                assert set(side.decided_by) == reached
                if side.reason is Reason.CONFLICT:
                    assert conflicting(evaluation, side)


def conflicting(evaluation: Evaluation, side: Side) -> bool:
    """Whether rules of several policies of one tier and priority are among those of the walk."""
    policies = {policy.ref: policy for policy in evaluation.snapshot.tiered_policies}
    for step in side.walk:
        named = {ref.policy for _, refs in step.outcomes for ref in refs} & policies.keys()
        priorities = [policies[ref].priority for ref in named]
        if len(set(priorities)) < len(priorities) or (None in priorities and len(priorities) > 1):
            return True
    return False


# Open or closed --------------------------------------------------------------------------------------------


@given(WORLDS)
def test_that_others_were_asked_before_makes_no_difference(world: World) -> None:
    """What the tiers say is kept for pods that are alike to them."""
    snapshot = assemble(reading(world))
    together = Evaluation.of(snapshot)
    for pod in judged_pods(together):
        alone = Evaluation.of(snapshot)
        for direction in Direction:
            found = [openness(one.policies, pod, direction) for one in (together, alone)]
            assert found[0] is found[1]


@given(WORLDS, st.data(), st.sampled_from(Direction))
def test_how_far_a_pod_is_open(world: World, data: st.DataObject, direction: Direction) -> None:
    """Of an end that has no address yet it may be unknown whether one of a block will be its own."""
    evaluation = Evaluation.of(assemble(reading(world)))
    ports = some_ports(world, data)
    for pod in judged_pods(evaluation):
        state = openness(evaluation.policies, pod, direction)
        assert state is not Openness.UNSEEN
        tiered = evaluation.policies.tiers.concerning(evaluation.index, pod, direction)
        whole = effective(evaluation.policies, pod, direction).wholly
        ranges = outside_of(evaluation.policies, evaluation.index.class_of[pod.ref], direction)
        for protocol, port in ports:
            for end, family, side in sides(evaluation, pod, direction, protocol, port):
                if family not in (own_families(pod) if pod.ips else (4, 6, None)):
                    continue
                note(f"{pod.ref} {direction} {state} {end} {family} {protocol} {port}: {side}")
                if state is Openness.OPEN or (state is Openness.WIDE and (tiered or whole)):
                    assert side.verdict is not Verdict.DENY
                    assert side.reason is not Reason.CONFLICT
                if state is Openness.CLOSED:
                    assert side.verdict is not Verdict.ALLOW
                    assert side.reason is not Reason.CONFLICT
        if state is Openness.CLOSED:
            assert not ranges


# Everybody at once -----------------------------------------------------------------------------------------


@given(WORLDS, st.data())
def test_who_reaches_a_pod(world: World, data: st.DataObject) -> None:
    evaluation = Evaluation.of(assemble(reading(world)))
    index = evaluation.index
    for pod in index.pods:
        for protocol, port in some_ports(world, data):
            found = reach(evaluation.policies, pod, protocol, port)
            by_verdict = {
                Verdict.ALLOW: found.allow,
                Verdict.DENY: found.deny,
                Verdict.PARTIAL: found.partial,
                Verdict.UNKNOWN: found.unknown,
            }
            for other in index.pods:
                if other.replicas == 0 or (other.ref == pod.ref and not pod.several):
                    continue
                judged = connection(evaluation.policies, other, pod, protocol, port)
                note(f"{other.ref} → {pod.ref} {protocol} {port}: {judged}")
                assert by_verdict[judged.verdict] & index.class_bit(other)
                is_in = bool(found.let_in & index.class_bit(other))
                assert is_in is any(
                    both.ingress.verdict is not Verdict.DENY for both in judged.by_family.values()
                )


@given(WORLDS, st.data(), st.sampled_from(Direction))
def test_addresses_outside(world: World, data: st.DataObject, direction: Direction) -> None:
    evaluation = Evaluation.of(assemble(reading(world)))
    index = evaluation.index
    for pod in judged_pods(evaluation):
        ranges = outside_of(evaluation.policies, index.class_of[pod.ref], direction)
        for protocol, port in some_ports(world, data):
            for end, _, side in sides(evaluation, pod, direction, protocol, port):
                if isinstance(end, Pod) or end.version not in own_families(pod):
                    continue
                note(f"{pod.ref} {direction} {end} {protocol} {port}: {side}")
                here = [each for each in ranges if end in each.addresses]
                certain = any(each.ports.contains(protocol, port) for each in here)
                possible = any(each.unknown.contains(protocol, port) for each in here)
                assert (certain, possible) == (
                    side.verdict is Verdict.ALLOW,
                    side.verdict is Verdict.UNKNOWN,
                )
                if direction is Direction.INGRESS:
                    told = let_in(evaluation, pod, protocol, port, (4, 6))
                    assert (end in told.certain, end in told.possible) == (certain, possible)


@given(WORLDS, st.data(), st.sampled_from(Direction), st.sampled_from(("", *map(str, NAMES))))
def test_whom_nobody_knows(world: World, data: st.DataObject, direction: Direction, called: str) -> None:
    """What is said of an address that is not known holds for every one that is."""
    evaluation = Evaluation.of(assemble(reading(world)))
    name = called if direction is Direction.EGRESS else ""
    for pod in judged_pods(evaluation):
        for protocol, port in some_ports(world, data):
            masked = masked_side(evaluation.policies, direction, pod, protocol, port, (4, 6), name)
            if masked.verdict is Verdict.UNKNOWN:
                continue
            for end in others(evaluation, pod):
                if direction is Direction.INGRESS and isinstance(end, Pod):
                    continue  # a client outside
                source, destination = (pod, end) if direction is Direction.EGRESS else (end, pod)
                judge = Judge(evaluation.policies, source, destination, protocol, port, name)
                for family in families(addresses(pod), addresses(end)):
                    if family is not None and family not in own_families(pod):
                        continue
                    side = judge.by_policy(direction, pod, end, family)
                    note(f"{pod.ref} {direction} {end} {family} {protocol} {port}: {side} {masked}")
                    assert side.verdict is masked.verdict
