"""Whatever changes in a cluster, what is renewed is what would be computed from scratch."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from policy_core.connectivity import connectivity
from policy_core.evaluation import Evaluation
from policy_core.index import Bits, Index, bits
from policy_core.isolation import isolations
from policy_core.matching import PeerMatch
from policy_core.model import Direction, Reading, Ref
from policy_core.report.matrix_json import matrix_json
from policy_core.snapshot import assemble
from policy_core.verdict import connection
from tests.changing import in_lists, readings
from tests.strategies import EXTERNAL
from tui.catalogue import Catalogue, Row
from tui.rows import NamespaceRow

STEPS = 6


def classes(index: Index, bitset: Bits) -> set[object]:
    """A set of classes, whatever their numbers."""
    return {index.classes[number] for number in bits(bitset & index.everyone)} | (
        {"others"} if bitset < 0 else set()
    )


def match(index: Index, peers: PeerMatch) -> tuple[object, ...]:
    bitsets = (
        peers.certain,
        peers.by_ipv4,
        peers.by_ipv6,
        peers.by_labels,
        peers.by_new_ipv4,
        peers.by_new_ipv6,
    )
    return (peers.addresses, peers.perhaps, *(classes(index, bitset) for bitset in bitsets))


def about_classes(evaluation: Evaluation) -> Iterator[object]:
    """Everything that the index knows, and what the policies are compiled to."""
    index = evaluation.index
    yield index.pods
    yield {pod_class: index.members(number) for number, pod_class in enumerate(index.classes)}
    yield {ref: index.classes[number] for ref, number in index.class_of.items()}
    yield [index.classes[number] for name in index.pods.parts for number in index.numbers(name)]
    yield dict(zip(index.classes, index.class_ports, strict=True))
    for bitset in (index.everyone, index.host_network, index.present, index.unaddressed, *index.addressed):
        yield classes(index, bitset)
    yield {name: classes(index, bitset) for name, bitset in index.declaring.items()}
    yield {node: classes(index, bitset) for node, bitset in index.hosts_by_node.items()}
    yield index.has_templates, index.ambiguous
    for direction in Direction:
        yield classes(index, evaluation.policies.isolated[direction])
        for compiled in evaluation.policies.of[direction]:
            yield compiled.policy, classes(index, compiled.subjects)
            for rule in compiled.rules:
                yield rule.ref, rule.rule, rule.ports, match(index, rule.peers)
        for tiered in evaluation.policies.tiers.policies[direction]:
            yield tiered.policy, classes(index, tiered.subjects), classes(index, tiered.possible)
            for entry in tiered.rules:
                yield entry.ref, entry.rule, entry.action, entry.ports, match(index, entry.peers)


def about_answers(evaluation: Evaluation) -> Iterator[object]:
    snapshot, policies, routing = evaluation.snapshot, evaluation.policies, evaluation.routing
    yield snapshot
    yield evaluation.pods
    yield isolations(evaluation)
    yield "".join(matrix_json(connectivity(evaluation), ()))
    for pod in snapshot.pods:
        yield routing.services_of(pod)
        for direction in Direction:
            yield [compiled.policy for compiled in policies.selecting(pod, direction)]
    for service in snapshot.services:
        yield routing.backends(service), routing.exposures(service), routing.selected(service)
    ends = [*(pod for pod in evaluation.index.pods if pod.replicas != 0), EXTERNAL[0], EXTERNAL[1]]
    for source in ends[:4] + ends[-2:]:
        for destination in ends[:-2]:
            for protocol, port in (("TCP", 80), ("UDP", 53), ("TCP", 8080)):
                found = connection(policies, source, destination, protocol, port)
                yield found.verdict, found.ingress.verdict, found.egress.verdict


def shown(row: Row) -> object:
    return row.namespace if isinstance(row, NamespaceRow) else row


def by_ref(catalogue: Catalogue) -> dict[Ref, object]:
    return {row.ref: shown(row) for rows in catalogue.rows.values() for row in rows}


@given(readings(STEPS), st.booleans())
def test_what_is_renewed_is_what_would_be_computed_from_scratch(
    states: list[Reading], as_lists: bool
) -> None:
    before: Catalogue | None = None
    for reading in map(in_lists, states) if as_lists else states:
        fresh = Catalogue.of(Evaluation.of(assemble(reading)))
        known = before.evaluation if before else None
        evaluation = Evaluation.of(assemble(reading, known.snapshot if known else None), known)
        renewed = Catalogue.of(evaluation, before)
        assert renewed.rows == fresh.rows
        assert renewed.position == fresh.position
        assert list(about_classes(renewed.evaluation)) == list(about_classes(fresh.evaluation))
        assert list(about_answers(renewed.evaluation)) == list(about_answers(fresh.evaluation))
        if before is not None:
            was, now = by_ref(before), by_ref(fresh)
            assert renewed.changed == {
                ref: "~" if ref in was else "+" for ref in now if ref not in was or was[ref] != now[ref]
            }
            assert renewed.gone == was.keys() - now.keys()
        before = renewed
