"""The engine gives the reference evaluator's answer on every connection of random clusters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from hypothesis import given, note

from policy_core.details.backend import GetThrough, backend_detail
from policy_core.effective import EffectiveRule, effective
from policy_core.evaluation import Evaluation
from policy_core.index import Index
from policy_core.isolation import isolations
from policy_core.model import Direction, NetworkPolicy, Pod
from policy_core.openness import Openness
from policy_core.reach import reach
from policy_core.routing import Routing
from policy_core.rules import PolicySet
from policy_core.snapshot import assemble
from policy_core.verdict import connection
from tests import reference
from tests.reference import Answer, End, Family, Verdict3, World
from tests.strategies import (
    EXTERNAL,
    clusters,
    clusters_of_similar_rules,
    clusters_with_slices,
    interesting_ports,
    reading,
)

VERDICTS = ("allow", "deny", "partial", "unknown")


def live(world: World) -> list[Pod]:
    return [pod for pod in world.pods if not pod.finished]


def present(world: World) -> list[Pod]:
    """Those that may be at the other end of a connection: nothing is there of a template scaled to 0."""
    return [pod for pod in live(world) if pod.replicas != 0]


def pairs(world: World) -> Iterator[tuple[End, End]]:
    ends: list[End] = [*live(world), *EXTERNAL]
    for source in ends:
        for destination in ends:
            if isinstance(source, Pod) or isinstance(destination, Pod):
                yield source, destination


def name(end: End) -> str:
    return end.ref.path if isinstance(end, Pod) else str(end)


@given(clusters())
def test_every_verdict_is_the_references(world: World) -> None:
    policies = PolicySet(Index(assemble(reading(world))))
    for source, destination in pairs(world):
        for protocol, port in interesting_ports(world):
            found = connection(policies, source, destination, protocol, port)
            expected = reference.verdict(world, source, destination, protocol, port)
            answer = Verdict3(found.verdict.value, found.egress.verdict.value, found.ingress.verdict.value)
            assert answer == expected, f"{name(source)} → {name(destination)} {protocol} {port}"


def rule_answer(rule: EffectiveRule, pod: Pod, peer: Pod, protocol: str, port: int) -> Answer:
    """What an effective rule, as it is shown, says about one peer pod."""
    destination = pod if rule.sources[0].direction is Direction.INGRESS else peer
    by_name = any(
        named.protocol == protocol and reference.named_port(destination, named.name, protocol) == port
        for named in rule.named
    )
    if not (by_name or rule.ports.contains(protocol, port)):
        return "no"
    if any(peer.ref == match.ref for match in rule.pods):
        return "yes"
    possible = any(peer.ref == match.ref for shown in rule.peers for match in shown.possible)
    return "maybe" if possible else "no"


def families_of(pod: Pod) -> list[Family]:
    return [address.version for address in pod.ips] or [None]


@given(clusters() | clusters_of_similar_rules())
def test_effective_rules_match_whom_their_policies_match(world: World) -> None:
    policies = PolicySet(Index(assemble(reading(world))))
    by_name: dict[tuple[str, str], NetworkPolicy] = {(p.namespace, p.name): p for p in world.policies}
    for pod in live(world):
        for direction in Direction:
            rules = effective(policies, pod, direction).rules
            for rule in rules:
                for source in rule.sources:
                    policy = by_name[source.policy.namespace, source.policy.name]
                    for peer in present(world):
                        if reference.one_pod(pod, peer):
                            continue
                        for protocol, port in interesting_ports(world):
                            expected = reference.any_of(
                                reference.allows(
                                    world,
                                    policy,
                                    source.position,
                                    direction,
                                    pod,
                                    peer,
                                    family,
                                    protocol,
                                    port,
                                )
                                for family in [address.version for address in pod.ips] or families_of(peer)
                            )
                            shown = rule_answer(rule, pod, peer, protocol, port)
                            assert shown == expected, f"{source}: {pod.ref}, {peer.ref} {protocol} {port}"


@given(clusters() | clusters_of_similar_rules())
def test_effective_rules_come_from_every_rule_of_every_selecting_policy_once(world: World) -> None:
    policies = PolicySet(Index(assemble(reading(world))))
    for pod in world.pods:
        for direction in Direction:
            found = effective(policies, pod, direction)
            selecting = reference.selecting(world, pod, direction)
            assert found.isolated is bool(selecting)
            assert sorted(found.policies) == sorted(policy.ref for policy in selecting)
            assert Counter(source for rule in found.rules for source in rule.sources) == Counter(
                (policy.ref, direction, position)
                for policy in selecting
                for position in range(len(policy.rules(direction)))
            )


@given(clusters() | clusters_of_similar_rules())
def test_shown_port_names_resolve_as_on_the_destination_pods(world: World) -> None:
    policies = PolicySet(Index(assemble(reading(world))))
    for pod in live(world):
        for direction in Direction:
            for rule in effective(policies, pod, direction).rules:
                possible = [other for peer in rule.peers for other in peer.possible]
                destinations = [pod] if direction is Direction.INGRESS else [*rule.pods, *possible]
                for named in rule.named:
                    numbers = {reference.named_port(d, named.name, named.protocol) for d in destinations}
                    own = reference.named_port(pod, named.name, named.protocol)
                    shown = {number for number, _ in named.numbers}
                    # On egress the pod may be its own destination, though it is not listed as a peer.
                    assert numbers - {None} <= shown <= numbers | {own}


def peers_answer(world: World, pod: Pod, direction: Direction, other: End) -> set[Answer]:
    """What the rules that apply to the pod say of the other end, on every port that matters."""
    return {
        reference.allows(world, policy, position, direction, pod, other, family, protocol, port)
        for policy in reference.selecting(world, pod, direction)
        for position in range(len(policy.rules(direction)))
        for family in reference.families(pod, other)
        for protocol, port in interesting_ports(world)
    }


@given(clusters() | clusters_of_similar_rules())
def test_the_word_for_a_pods_state_is_true_of_everyone(world: World) -> None:
    snapshot = assemble(reading(world))
    states = isolations(Evaluation.of(snapshot))
    for pod in world.pods:
        for direction in Direction:
            state = states[pod.ref].ingress if direction is Direction.INGRESS else states[pod.ref].egress
            if pod.finished or pod.host_network:
                assert state is (Openness.FINISHED if pod.finished else Openness.HOST)
                continue
            assert (state is Openness.OPEN) is (not reference.selecting(world, pod, direction))
            others = [peer for peer in present(world) if not reference.one_pod(pod, peer)]
            answers = [peers_answer(world, pod, direction, other) for other in (*others, *EXTERNAL)]
            if state is Openness.CLOSED:
                assert set().union(*answers) <= {"no"}
            if state is Openness.WIDE:
                assert any(
                    all(
                        reference.side(world, direction, pod, end, end.version, protocol, port) == "allow"
                        for end in EXTERNAL
                        if end.version == family
                        for protocol, port in [*interesting_ports(world), ("SCTP", 1)]
                    )
                    for family in {address.version for address in pod.ips} or {4, 6}
                )


@given(clusters() | clusters_of_similar_rules())
def test_all_sources_at_once_are_judged_as_one_by_one(world: World) -> None:
    index = Index(assemble(reading(world)))
    policies = PolicySet(index)
    for pod in live(world):
        for over in ((4, 6), (4,), (6,)):
            for protocol, port in interesting_ports(world):
                found = reach(policies, pod, protocol, port, over)
                for source in present(world):
                    if not reference.one_pod(source, pod):
                        expected = reference.verdict(world, source, pod, protocol, port, (*over, None))
                        bit = index.class_bit(source)
                        verdicts = [word for word in VERDICTS if getattr(found, word) & bit]
                        assert verdicts == [expected.verdict], f"{source.ref} → {pod.ref} {protocol} {port}"


@given(clusters())
def test_services_route_to_the_pods_and_ports_of_the_reference(world: World) -> None:
    routing = Routing(assemble(reading(world)))
    for service in world.services:
        found = {backend.pod.ref: backend for backend in routing.backends(service) if backend.pod}
        expected = reference.backends(world, service)
        assert len(routing.backends(service)) == len(found)
        assert found.keys() == {pod.ref for pod in expected}
        for pod in expected:
            backend = found[pod.ref]
            assert backend.ready is ((pod.ready or service.publish_not_ready) and pod.replicas != 0)
            for port, target in zip(service.ports, backend.targets, strict=True):
                assert target.port == port
                numbers = [] if target.number is None else [target.number]
                assert numbers == reference.routed_targets(world, service, port, pod)


@given(clusters_with_slices())
def test_endpoint_slices_are_the_truth_where_there_are_any(world: World) -> None:
    routing = Routing(assemble(reading(world)))
    for service in world.services:
        expected = reference.listed(world, service)
        assert routing.has_slices(service) is bool(expected)
        if not expected or service.type == "ExternalName":
            continue
        found = {backend.pod.name: backend for backend in routing.backends(service) if backend.pod}
        assert len(routing.backends(service)) == len(found)
        assert found.keys() == expected.keys()
        for name, (ready, ports) in expected.items():
            assert found[name].ready is ready
            assert {target.port.name: target.number for target in found[name].targets} == {
                # Without a number the port arrives as the client has it.
                port.name: port.port if ports[port.name] is None else ports[port.name]
                for port in service.ports
                if port.name in ports
            }
            pod = next(pod for pod in world.pods if pod.name == name)
            assert set(found[name].addresses) == set(pod.ips)


@given(clusters())
def test_a_pods_services_are_those_that_have_it_as_a_backend(world: World) -> None:
    routing = Routing(assemble(reading(world)))
    for pod in world.pods:
        expected = [
            service.ref
            for service in world.services
            if any(backend.ref == pod.ref for backend in reference.backends(world, service))
        ]
        assert [service.ref for service, _ in routing.services_of(pod)] == sorted(expected)


def only_its_node_lets_it_in(
    world: World, source: Pod, pod: Pod, protocol: str, port: int, over: list[Family]
) -> bool:
    """Whether a hostNetwork pod of the same (or perhaps the same) node lacks a rule for some family."""
    return (
        source.host_network
        and (source.node == pod.node or "" in (source.node, pod.node))
        and any(
            reference.side(world, Direction.INGRESS, pod, source, family, protocol, port) != "allow"
            for family in reference.families(source, pod)
            if family in over
        )
    )


@given(clusters() | clusters_of_similar_rules())
def test_as_many_pods_get_through_to_a_backend_as_the_reference_lets_through(world: World) -> None:
    evaluation = Evaluation.of(assemble(reading(world)))
    for service in world.services:
        over: list[Family] = [4, 6, None]
        if service.ip_families:
            over = [*(4 if family == "IPv4" else 6 for family in service.ip_families), None]
        elif service.cluster_ips == ("10.96.0.1",):  # its address tells the family
            over = [4, None]
        for backend in evaluation.routing.backends(service):
            assert backend.pod is not None
            others = [pod for pod in present(world) if not reference.one_pod(pod, backend.pod)]
            detail = backend_detail(evaluation, service, backend)
            note(f"{service.ref} on {backend.pod.ref}")
            if service.headless and not service.ports:  # clients choose the port themselves
                assert detail.reachable_from is None
                continue
            through: set[str] = set()
            for shown in detail.targets:
                if shown.target.number is None:
                    assert shown.through is None
                    continue
                protocol, number = shown.target.port.protocol, shown.target.number
                verdicts = {
                    pod.name: reference.verdict(world, pod, backend.pod, protocol, number, over).verdict
                    for pod in others
                    if not only_its_node_lets_it_in(world, pod, backend.pod, protocol, number, over)
                }
                counts = Counter(verdicts.values())
                over_ipv4 = sum(
                    verdict == "partial"
                    and reference.verdict(world, pod, backend.pod, protocol, number, [4]).verdict == "allow"
                    for pod in others
                    if (verdict := verdicts.get(pod.name))
                )
                assert shown.through == GetThrough(
                    allow=counts["allow"],
                    ipv4_only=over_ipv4,
                    ipv6_only=counts["partial"] - over_ipv4,
                    unknown=counts["unknown"],
                    total=len(verdicts),
                )
                through.update(pod for pod, verdict in verdicts.items() if verdict == "allow")
            assert detail.reachable_from == len(through)
