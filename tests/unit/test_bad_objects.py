"""Faults in the fields of Pods, Services and the like: one located message, and the rest still counts."""

from __future__ import annotations

import pytest

from policy_core.manifests.collect import Collector
from policy_core.model import Pod, Problem, Reading


def read(text: str, file: str = "x.yaml") -> Reading:
    collector = Collector()
    collector.add(file, text)
    return collector.reading(file)


def the_problem(reading: Reading) -> Problem:
    (problem,) = reading.problems
    return problem


@pytest.mark.parametrize(
    ("condition", "field"),
    [("{type: [Ready], status: 'True'}", "type"), ("{type: Ready, status: True}", "status")],
)
def test_a_condition_that_is_no_text_makes_no_pod_ready(condition: str, field: str) -> None:
    reading = read(
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nstatus:\n  conditions: [{condition}]\n"
    )
    (pod,) = reading.objects
    assert isinstance(pod, Pod)
    assert not pod.ready
    problem = the_problem(reading)
    assert (problem.line, problem.field) == (5, f"status.conditions[0].{field}")
