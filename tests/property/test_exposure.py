"""Whom policy lets in from outside is what the verdict of each connection says."""

from __future__ import annotations

from hypothesis import given, note
from hypothesis import strategies as st

from policy_core.details.exposure import Exposed, exposed_pods, exposures_of
from policy_core.evaluation import Evaluation
from policy_core.exposure import Sight
from policy_core.masked import masked_side
from policy_core.model import Direction, Pod
from policy_core.snapshot import assemble
from policy_core.translation import translate
from policy_core.verdict import Verdict, connection
from tests.reference import World
from tests.service_strategies import with_ways_in
from tests.strategies import EXTERNAL, clusters, clusters_with_slices, reading
from tests.tiered_strategies import clusters_of_ties, clusters_with_tiers

WORLDS = st.one_of(clusters(), clusters_with_slices(), clusters_with_tiers(), clusters_of_ties()).flatmap(
    with_ways_in
)


def directly(evaluation: Evaluation) -> list[tuple[Exposed, Pod, int]]:
    """What Services that translate expose, pod by pod."""
    return [
        (each, pod, each.target)
        for each in exposed_pods(evaluation)
        if each.entrance.service and not each.entrance.proxy and each.target is not None
        for pod in each.pods
    ]


@given(WORLDS)
def test_clients_are_those_whose_connections_are_allowed(world: World) -> None:
    evaluation = Evaluation.of(assemble(reading(world)))
    policies = evaluation.policies
    for exposed, pod, target in directly(evaluation):
        entrance, clients = exposed.entrance, exposed.clients
        note(f"{pod.ref} {entrance} {exposed.admission}")
        if entrance.sight is Sight.NODE and entrance.ranges is None:
            over = exposed.families
            masked = masked_side(policies, Direction.INGRESS, pod, entrance.protocol, target, over)
            assert exposed.verdict is masked.verdict
        for address in EXTERNAL:
            near = address in evaluation.index.own_addresses(pod)
            if entrance.sight is not Sight.CLIENT or address.version not in exposed.families or near:
                continue
            judged = connection(policies, address, pod, entrance.protocol, target).verdict
            inside = entrance.ranges is None or address in entrance.ranges
            if address in clients.possible:
                continue
            assert (address in clients.certain) is (judged is Verdict.ALLOW and inside)


@given(WORLDS)
def test_every_endpoint_that_a_client_gets_to_is_exposed(world: World) -> None:
    """By the translation that traces use, which knows nothing of lists."""
    evaluation = Evaluation.of(assemble(reading(world)))
    every = directly(evaluation)
    for service in evaluation.snapshot.services:
        for port in service.ports:
            by_port = [
                (pod.ref, target)
                for each, pod, target in every
                if each.entrance.service == service.ref and each.entrance.arrives == port
            ]
            for address in EXTERNAL:
                routed = translate(evaluation.routing, service, port.protocol, port.port, address)
                if routed.obstacle is None and routed.port == port:
                    led = {(a.backend.pod.ref, a.port) for a in routed.arrivals if a.backend.pod}
                    assert led <= set(by_port)


@given(WORLDS)
def test_a_pods_own_list_is_its_part_of_the_whole(world: World) -> None:
    evaluation = Evaluation.of(assemble(reading(world)))
    every = exposed_pods(evaluation)
    for pod in evaluation.snapshot.pods:
        mine = [
            (each.way, each.entrance.ports, each.target, each.admission)
            for each in exposures_of(evaluation, pod)
        ]
        whole = [
            (each.way, each.entrance.ports, each.target, each.admission)
            for each in every
            if pod.ref in {other.ref for other in each.pods}
        ]
        assert mine == whole
