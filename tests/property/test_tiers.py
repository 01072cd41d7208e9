"""The engine gives the reference evaluator's answer where tiers of policies stand around NetworkPolicy."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given, note
from hypothesis import strategies as st

from policy_core.connectivity import connectivity
from policy_core.domain_name import DomainName
from policy_core.evaluation import Evaluation
from policy_core.ipblock import IPAddress
from policy_core.model import Direction, Pod
from policy_core.snapshot import assemble
from policy_core.verdict import connection
from tests import reference
from tests.reference import End, SideVerdict, Verdict3, World
from tests.strategies import EXTERNAL, interesting_ports, reading
from tests.tiered_strategies import NAMES, clusters_of_ties, clusters_with_tiers

WORDS: tuple[SideVerdict, ...] = ("allow", "partial", "unknown")


def live(world: World) -> list[Pod]:
    return [pod for pod in world.pods if not pod.finished]


def pairs(world: World) -> Iterator[tuple[End, End]]:
    ends: list[End] = [*live(world), *EXTERNAL]
    for source in ends:
        for destination in ends:
            if isinstance(source, Pod) or isinstance(destination, Pod):
                yield source, destination


def name(end: End) -> str:
    return end.ref.path if isinstance(end, Pod) else str(end)


@given(clusters_with_tiers() | clusters_of_ties(), st.data())
def test_every_verdict_is_the_references(world: World, data: st.DataObject) -> None:
    policies = Evaluation.of(assemble(reading(world))).policies
    ports = data.draw(st.lists(st.sampled_from(interesting_ports(world)), min_size=8, max_size=8))
    for source, destination in pairs(world):
        for protocol, port in dict.fromkeys(ports):
            found = connection(policies, source, destination, protocol, port)
            expected = reference.verdict(world, source, destination, protocol, port)
            answer = Verdict3(found.verdict.value, found.egress.verdict.value, found.ingress.verdict.value)
            assert answer == expected, f"{name(source)} → {name(destination)} {protocol} {port}"


@given(clusters_with_tiers(), st.sampled_from(NAMES))
def test_every_verdict_on_a_name_is_the_references(world: World, destination: DomainName) -> None:
    policies = Evaluation.of(assemble(reading(world))).policies
    for source in live(world):
        for protocol, port in interesting_ports(world):
            found = connection(policies, source, destination, protocol, port)
            expected = reference.verdict(world, source, destination, protocol, port)
            answer = Verdict3(found.verdict.value, found.egress.verdict.value, found.ingress.verdict.value)
            assert answer == expected, f"{name(source)} → {destination} {protocol} {port}"


def over_pods(verdicts: set[SideVerdict]) -> SideVerdict:
    """One word for the pods of a class, which differ where only some are on the source's own node."""
    if "unknown" in verdicts:
        return "unknown"
    return verdicts.pop() if len(verdicts) == 1 else "partial"


@given(clusters_with_tiers() | clusters_of_ties(), st.data())
def test_every_pair_of_pods_is_judged_as_one_by_one(world: World, data: st.DataObject) -> None:
    found = connectivity(Evaluation.of(assemble(reading(world))))
    ports = data.draw(st.lists(st.sampled_from(interesting_ports(world)), min_size=8, max_size=8))
    for destination in found.classes:
        for source in found.classes:
            allowed = found.allowed(source.number, destination.number)
            pairs = [(a, b) for a in source.pods for b in destination.pods]
            if source is destination and not source.single:
                pairs = [(a, b) for a, b in pairs if a.ref != b.ref or a.several]
            for protocol, port in dict.fromkeys(ports):
                words = [
                    word
                    for word, numbers in zip(WORDS, allowed, strict=True)
                    if numbers.contains(protocol, port)
                ]
                for end in source.pods:
                    verdicts: set[SideVerdict] = {
                        reference.verdict(world, a, b, protocol, port).verdict
                        for a, b in pairs
                        if a.ref == end.ref
                    }
                    note(f"{end.ref} → {[pod.ref.path for pod in destination.pods]} {protocol} {port}")
                    assert (words or ["deny"]) == [over_pods(verdicts)]


def side_answer(
    world: World, pod: Pod, direction: Direction, address: IPAddress, protocol: str, port: int
) -> SideVerdict:
    """Over a family that the pod does not have nothing gets through."""
    if address.version not in ({ip.version for ip in pod.ips} or {4, 6}):
        return "deny"
    return reference.side(world, direction, pod, address, address.version, protocol, port)


@given(clusters_with_tiers() | clusters_of_ties(), st.data())
def test_addresses_outside_are_judged_as_one_by_one(world: World, data: st.DataObject) -> None:
    found = connectivity(Evaluation.of(assemble(reading(world))))
    probes = sorted({*EXTERNAL, *reference.addresses_to_try(world)}, key=lambda ip: (ip.version, int(ip)))
    ports = data.draw(st.lists(st.sampled_from(interesting_ports(world)), min_size=5, max_size=5))
    for each in found.classes:
        for direction in Direction:
            ranges = found.outside[each.number][direction]
            for address in data.draw(st.lists(st.sampled_from(probes), min_size=8, max_size=8)):
                covering = [here for here in ranges if address in here.addresses]
                assert len(covering) <= 1
                for protocol, port in dict.fromkeys(ports):
                    word: SideVerdict = "deny"
                    for here in covering:
                        if here.ports.contains(protocol, port):
                            word = "allow"
                        elif here.unknown.contains(protocol, port):
                            word = "unknown"
                    for pod in each.pods:
                        note(f"{direction} {pod.ref} {address} {protocol} {port}")
                        assert word == side_answer(world, pod, direction, address, protocol, port)
