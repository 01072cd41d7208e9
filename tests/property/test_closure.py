"""The reason why a Service is closed is true by the reference evaluator, on random clusters."""

from __future__ import annotations

from hypothesis import given, note

from policy_core.details.closure import Cause
from policy_core.details.service import service_detail
from policy_core.evaluation import Evaluation
from policy_core.model import Direction, Pod, Service, ServicePort
from policy_core.snapshot import assemble
from policy_core.verdict import connection
from tests import reference
from tests.reference import End, World
from tests.strategies import EXTERNAL, clusters, clusters_of_similar_rules, interesting_ports, reading
from tests.tiered_strategies import clusters_of_ties, clusters_with_tiers


def with_services(world: World) -> World:
    """A Service for every label set and every port that matters. The Service's own port is another one."""
    ports = interesting_ports(world)
    labels = {(pod.namespace, tuple(pod.labels.items())) for pod in world.pods if pod.labels}
    return world._replace(
        services=[
            Service(
                namespace,
                f"s{number}",
                selector=dict(selector),
                ports=(ServicePort(ports[position - 1][1], target, protocol),),
            )
            for number, (namespace, selector) in enumerate(sorted(labels))
            for position, (protocol, target) in enumerate(ports)
        ]
    )


def sides(world: World, pod: Pod, other: End, protocol: str, number: int) -> set[tuple[str, str]]:
    """(``pod``'s ingress, ``other``'s egress) for each address family, wherever their nodes are."""
    return {
        (
            reference.side(world, Direction.INGRESS, pod, other, family, protocol, number),
            reference.side(world, Direction.EGRESS, other, pod, family, protocol, number),
        )
        for family in reference.families(other, pod)
    }


@given(clusters() | clusters_of_similar_rules() | clusters_with_tiers() | clusters_of_ties())
def test_why_a_service_is_closed(world: World) -> None:
    world = with_services(world)
    evaluation = Evaluation.of(assemble(reading(world)))
    pods = [pod for pod in world.pods if not reference.finished(pod) and pod.replicas != 0]
    for service in evaluation.snapshot.services:
        detail = service_detail(evaluation, service)
        if detail.closure is None:
            continue
        note(f"{service}: {detail.closure}")
        [(protocol, number)] = {(port.protocol, port.target) for port in service.ports}
        assert isinstance(number, int)
        for pod in (b.backend.pod for b in detail.backends if b.backend.pod and b.backend.ready):
            others = [other for other in pods if not reference.one_pod(other, pod)]
            told = [pair for other in others for pair in sides(world, pod, other, protocol, number)]
            outside = [pair for end in EXTERNAL for pair in sides(world, pod, end, protocol, number)]
            let_in = [egress for ingress, egress in told if ingress != "deny"]
            match detail.closure.cause:
                case Cause.NO_RULE | Cause.OTHER_PORT:
                    assert not let_in
                    assert {ingress for ingress, _ in outside} <= {"deny"}
                case Cause.NOBODY:
                    assert not let_in
                case Cause.TIER:
                    judged = [other for other in others if not other.host_network]
                    for other in judged:
                        into = {into for into, _ in sides(world, pod, other, protocol, number)}
                        assert into == {"deny"}
                        side = connection(evaluation.policies, other, pod, protocol, number).ingress
                        assert detail.closure.rule
                        assert {ref.policy for ref in side.decided_by} == {detail.closure.rule.policy}
                    assert judged
                case Cause.EGRESS:
                    assert set(let_in) == {"deny"}
