"""What is certain in spite of what could not be read is so: whoever may read everything is told the same."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from itertools import chain

from hypothesis import given, note
from hypothesis import strategies as st

from policy_core.connectivity import Connectivity, connectivity
from policy_core.coverage import Coverage, KindCoverage, KindState
from policy_core.ends import EndError, NamedEnd, Pods
from policy_core.evaluation import Evaluation
from policy_core.judgement import judge
from policy_core.model import Direction, Node, Pod, Reading, Ref
from policy_core.openness import Openness, openness
from policy_core.snapshot import assemble
from policy_core.verdict import Verdict, connection
from tests.reference import World
from tests.service_strategies import with_ways_in
from tests.strategies import EXTERNAL, clusters, clusters_with_slices, interesting_ports, reading

_RESOURCES = {
    "Namespace": "namespaces",
    "Pod": "pods",
    "Service": "services",
    "EndpointSlice": "endpointslices.discovery.k8s.io",
    "NetworkPolicy": "networkpolicies.networking.k8s.io",
    "Node": "nodes",
    "Ingress": "ingresses.networking.k8s.io",
}
_STATES = (KindState.COMPLETE, KindState.COMPLETE, KindState.PARTIAL, KindState.FORBIDDEN, KindState.FAILED)
_NODES = tuple(
    Node(f"n{number}", {}, (ip_address(f"192.168.0.{number}"), ip_address(f"fd01::{number}")))
    for number in (1, 2)
)
_SPACES = ("a", "b", "c")


@st.composite
def coverages(draw: st.DrawFn, world: World) -> Coverage:
    found: dict[str, KindCoverage] = {}
    for kind, resource in _RESOURCES.items():
        state = draw(st.sampled_from(_STATES))
        if kind == "Node" and state is KindState.PARTIAL:
            state = KindState.COMPLETE
        # What slices list here has nothing to do with what the selectors select.
        if kind == "EndpointSlice" and world.slices:
            state = KindState.COMPLETE
        read = draw(st.frozensets(st.sampled_from(_SPACES))) if state is KindState.PARTIAL else frozenset()
        found[kind] = KindCoverage(kind, resource, state, read)
    return found


def seen(whole: Reading, coverage: Coverage) -> Reading:
    """What is left for somebody who may read no more than that."""

    def visible(ref: Ref) -> bool:
        # A stand-in for pods that nobody made is their own workload: no kind that a cluster is asked for.
        kind = "Pod" if ref.kind in ("Deployment", "StatefulSet", "DaemonSet") else ref.kind
        namespace = ref.name if kind == "Namespace" else ref.namespace
        return kind not in coverage or coverage[kind].covers(namespace)

    return replace(whole, objects=tuple(o for o in whole.objects if visible(o.ref)), coverage=coverage)


@st.composite
def views(draw: st.DrawFn) -> tuple[World, Evaluation, Evaluation]:
    """A cluster, all of it and what is seen of it."""
    world = draw((clusters() | clusters_with_slices()).flatmap(with_ways_in))
    # To be unreadable is what the coverage is for.
    world = world._replace(namespaces=[n for n in world.namespaces if n.labels_known])
    whole = reading(world)
    whole = replace(whole, objects=(*whole.objects, *_NODES))
    part = seen(whole, draw(coverages(world)))
    return world, Evaluation.of(assemble(whole)), Evaluation.of(assemble(part))


def holds(found: Verdict, truth: Verdict) -> bool:
    return found in (Verdict.UNKNOWN, truth)


def seen_pods(evaluation: Evaluation) -> list[Pod]:
    return [pod for pod in evaluation.snapshot.pods if not pod.finished]


@given(views())
def test_what_is_certain_of_two_ends_is_true(both: tuple[World, Evaluation, Evaluation]) -> None:
    world, whole, part = both
    pods = seen_pods(part)
    for source in (*pods, *EXTERNAL):
        for destination in (*pods, *EXTERNAL):
            if not isinstance(source, Pod) and not isinstance(destination, Pod):
                continue
            for protocol, port in interesting_ports(world)[:8]:
                found = connection(part.policies, source, destination, protocol, port)
                truth = connection(whole.policies, source, destination, protocol, port)
                note(f"{source} → {destination} {protocol} {port}: {found}, in truth {truth}")
                assert holds(found.verdict, truth.verdict)
                for direction in Direction:
                    assert holds(found.side(direction).verdict, truth.side(direction).verdict)


@given(views())
def test_what_is_certain_of_a_service_is_true(both: tuple[World, Evaluation, Evaluation]) -> None:
    world, whole, part = both
    pods: list[NamedEnd] = [Pods(pod.ref, (pod,)) for pod in seen_pods(part)]
    services = list(part.snapshot.services)
    for service in services:
        asked = [(port.protocol, port.port) for port in service.ports] + [("TCP", 8888)]
        asked += [(port.protocol, port.node_port) for port in service.ports if port.node_port]
        for source, destination in chain(
            ((end, service) for end in (*pods, *EXTERNAL[:3], *services)),
            ((service, end) for end in (*pods, *EXTERNAL[:3])),
        ):
            for protocol, port in asked + interesting_ports(world)[:2]:
                try:
                    found = judge(part, source, destination, protocol, port)
                except EndError:
                    continue
                truth = judge(whole, source, destination, protocol, port)
                note(f"{source} → {destination} {protocol} {port}: {found}, in truth {truth}")
                assert holds(found.verdict, truth.verdict)


def between_pods(found: Connectivity) -> dict[tuple[Ref, Ref], tuple[int, int]]:
    return {
        (one.ref, other.ref): (source.number, destination.number)
        for source in found.classes
        for destination in found.classes
        for one in source.pods
        for other in destination.pods
        if one.ref != other.ref
    }


@given(views())
def test_what_is_certain_in_the_matrix_is_true(both: tuple[World, Evaluation, Evaluation]) -> None:
    world, whole, part = both
    found, truth = connectivity(part), connectivity(whole)
    known = between_pods(truth)
    for ends, numbers in between_pods(found).items():
        seen_ports, true_ports = found.allowed(*numbers), truth.allowed(*known[ends])
        for protocol, port in interesting_ports(world):
            said = [ports.contains(protocol, port) for ports in seen_ports]
            true = [ports.contains(protocol, port) for ports in true_ports]
            note(f"{ends} {protocol} {port}: {seen_ports}, in truth {true_ports}")
            # Classes may be cut finer where more is known, so what was partial may be all or nothing.
            assert said[2] or said[1] or said == true


@given(views())
def test_what_is_certain_of_addresses_outside_is_true(both: tuple[World, Evaluation, Evaluation]) -> None:
    world, whole, part = both
    found, truth = connectivity(part), connectivity(whole)
    known = {pod.ref: each.number for each in truth.classes for pod in each.pods}
    for each in found.classes:
        for pod in each.pods:
            for direction in Direction:
                seen_ranges = found.outside[each.number][direction]
                true_ranges = truth.outside[known[pod.ref]][direction]
                for address in EXTERNAL:
                    for protocol, port in interesting_ports(world)[:8]:
                        said, true = (
                            [
                                r
                                for r in ranges
                                if address in r.addresses
                                and any(ports.contains(protocol, port) for ports in r.allowed)
                            ]
                            for ranges in (seen_ranges, true_ranges)
                        )
                        unknown = any(r.unknown for r in said)
                        assert unknown or bool(said) is bool(true)


@given(views())
def test_what_is_certain_of_isolation_is_true(both: tuple[World, Evaluation, Evaluation]) -> None:
    _, whole, part = both
    for pod in part.snapshot.pods:
        for direction in Direction:
            found = openness(part.policies, pod, direction)
            truth = openness(whole.policies, pod, direction)
            # Whether some rule has anyone at all to match hangs on the pods that were seen.
            alike = {found, truth} == {Openness.RESTRICTED, Openness.CLOSED}
            assert found in (Openness.UNSEEN, truth) or alike
