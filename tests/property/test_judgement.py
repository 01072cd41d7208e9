"""Connections between the ends that people name, and so the expectations, get the reference's verdict."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain

from hypothesis import given, note
from hypothesis import strategies as st

from policy_core.checking import check
from policy_core.ends import NamedEnd, Pods
from policy_core.evaluation import Evaluation
from policy_core.expectations import Expectations
from policy_core.judgement import judge
from policy_core.model import Direction, Pod, Ref, Service
from policy_core.snapshot import assemble
from policy_core.verdict import End
from tests import reference
from tests.reference import SideVerdict, World
from tests.reference_services import ANY_ADDRESS, at_endpoints, over_endpoints, to_service
from tests.service_strategies import with_ways_in
from tests.strategies import EXTERNAL, clusters, clusters_with_slices, interesting_ports, reading

WORLDS = (clusters() | clusters_with_slices()).flatmap(with_ways_in)


def live(world: World) -> list[Pod]:
    return [pod for pod in world.pods if not pod.finished]


def named(end: End) -> NamedEnd:
    return Pods(end.ref, (end,)) if isinstance(end, Pod) else end


def asked_of(world: World, service: Service) -> Iterator[tuple[str, int]]:
    """(protocol, port): the Service's own and its node ports, one that it has not, and of one that has no
    address those of its pods."""
    yield "TCP", 8888
    for port in service.ports:
        yield port.protocol, port.port
        yield "SCTP", port.port
        if port.node_port:
            yield port.protocol, port.node_port
    if service.headless:
        yield from interesting_ports(world)[:6]


@given(WORLDS)
def test_a_service_is_allowed_as_far_as_its_ready_endpoints_are(world: World) -> None:
    evaluation = Evaluation.of(assemble(reading(world)))
    for service in world.services:
        if service.type == "ExternalName":
            continue
        for protocol, port in dict.fromkeys(asked_of(world, service)):
            for source in (*live(world), *EXTERNAL):
                found = judge(evaluation, named(source), service, protocol, port).verdict.value
                note(f"{named(source)} → {service} {protocol} {port}")
                assert found == to_service(world, source, service, protocol, port)


@given(WORLDS)
def test_a_name_elsewhere_is_allowed_only_where_any_address_is(world: World) -> None:
    evaluation = Evaluation.of(assemble(reading(world)))
    for service in world.services:
        if service.type != "ExternalName":
            continue
        for source in live(world):
            families = {address.version for address in source.ips} or {4, 6}
            for protocol, port in interesting_ports(world)[:6]:
                found = judge(evaluation, named(source), service, protocol, port).verdict.value
                ends: list[End] = [a for a in ANY_ADDRESS if a.version in families]
                outside = {
                    reference.side(world, Direction.EGRESS, source, a, a.version, protocol, port)
                    for a in ends
                    if not isinstance(a, Pod)
                }
                inside = {
                    reference.verdict(world, source, pod, protocol, port).egress
                    for pod in live(world)
                    if pod.ref != source.ref
                }
                note(f"{source} → {service} {protocol} {port}: {found}, {outside}, {inside}")
                assert (found == "allow") is (outside == {"allow"})
                if found == "deny":
                    assert outside == {"deny"}
                    assert inside <= {"deny"}
        for client in EXTERNAL:
            assert judge(evaluation, client, service, "TCP", 80).verdict.value == "deny"


@given(WORLDS, st.data())
def test_several_pods_are_judged_as_each_of_them_is(world: World, data: st.DataObject) -> None:
    """A workload, or the pods behind a Service. What a pod has with itself says nothing of the others."""
    evaluation = Evaluation.of(assemble(reading(world)))
    pods = live(world)
    if not pods:
        return
    here = data.draw(st.lists(st.sampled_from(pods), unique_by=lambda pod: pod.name))
    there = data.draw(st.lists(st.sampled_from(pods), unique_by=lambda pod: pod.name))
    pairs = [(a, b) for a in here for b in there]
    pairs = [(a, b) for a, b in pairs if not reference.one_pod(a, b)] or pairs
    one = Pods(Ref("Deployment", "a", "here"), tuple(here))
    other = Pods(Ref("Deployment", "a", "there"), tuple(there))
    for protocol, port in interesting_ports(world)[:8]:
        if here and there:
            expected = over_endpoints(
                reference.verdict(world, a, b, protocol, port).verdict for a, b in pairs
            )
            assert judge(evaluation, one, other, protocol, port).verdict.value == expected
        for outside in EXTERNAL[:3] if here else ():
            found = judge(evaluation, one, outside, protocol, port)
            each = [reference.verdict(world, a, outside, protocol, port) for a in here]
            assert found.verdict.value == over_endpoints(one_.verdict for one_ in each)
            assert found.side(Direction.EGRESS).value == over_endpoints(one_.egress for one_ in each)
            assert found.side(Direction.INGRESS).value == over_endpoints(one_.ingress for one_ in each)
    for service in world.services:
        for protocol, port in asked_of(world, service) if here and service.type != "ExternalName" else ():
            alone = len(here) == 1
            at_all = (at_endpoints(world, a, service, protocol, port, by_address=alone) for a in here)
            expected = over_endpoints(chain.from_iterable(at_all))
            assert judge(evaluation, one, service, protocol, port).verdict.value == expected


@given(WORLDS)
def test_what_the_reference_says_is_what_holds(world: World) -> None:
    """Through the list of expectations: names are found, ports and words read, nothing is mixed up."""
    evaluation = Evaluation.of(assemble(reading(world)))
    entries: list[dict[str, object]] = []

    def expect(source: Pod, destination: str, protocol: str, port: int, verdict: SideVerdict) -> None:
        entry = {"from": source.ref.path, "to": destination, "port": port, "expect": verdict}
        entries.append(entry if protocol == "TCP" else entry | {"protocol": protocol.lower()})

    for source in live(world):
        for pod in live(world):
            for protocol, port in interesting_ports(world)[:3]:
                verdict = reference.verdict(world, source, pod, protocol, port).verdict
                expect(source, pod.ref.path, protocol, port, verdict)
        for service in world.services:
            for each in service.ports if service.type != "ExternalName" else ():
                verdict = to_service(world, source, service, each.protocol, each.port)
                expect(source, f"service:{service.ref.path}", each.protocol, each.port, verdict)
    expected = Expectations()
    expected.add("expect.json", json.dumps(entries))
    checked = check(evaluation, expected)
    assert checked.errors == ()
    assert len(checked.outcomes) == len(entries)
    assert [(o.expectation, o.verdict) for o in checked.differing] == []
