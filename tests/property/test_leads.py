"""Egress rules by where they lead, against looking at every rule there is."""

from __future__ import annotations

from hypothesis import given

from policy_core.evaluation import Evaluation
from policy_core.model import Direction
from policy_core.snapshot import assemble
from tests.reference import World
from tests.strategies import clusters_with_slices, reading


@given(clusters_with_slices())
def test_leads_to_a_pod_are_the_rules_that_match_it(world: World) -> None:
    evaluation = Evaluation.of(assemble(reading(world)))
    index, policies = evaluation.index, evaluation.policies
    for pod in index.pods:
        bit = index.class_bit(pod)
        for family in (4, 6, None):
            certain = possible = 0
            for compiled in policies.of[Direction.EGRESS]:
                for rule in compiled.rules:
                    if rule.peers.classes(family) & bit and rule.ports.contains("TCP", 80, {}):
                        certain |= compiled.subjects
                    elif rule.peers.possible(family) & bit and rule.ports.contains("TCP", 80, {}):
                        possible |= compiled.subjects
            sure = unsure = 0
            for lead in policies.leads.to(pod):
                if lead.ports.contains("TCP", 80, {}):
                    matches = policies.matches(lead, pod, family)
                    sure |= policies.let_out(lead) if matches else 0
                    unsure |= policies.let_out(lead) if matches is None else 0
            assert sure == certain
            assert unsure & ~sure == possible & ~certain
