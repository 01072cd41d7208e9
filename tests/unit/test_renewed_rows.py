"""The rows of what has not changed itself."""

from __future__ import annotations

from dataclasses import replace

from policy_core.evaluation import Evaluation
from policy_core.model import Direction, Problem, Reading, Severity
from policy_core.snapshot import assemble
from tests.unit.test_renewal import CLUSTER, FIRST, catalogue
from tui.catalogue import Catalogue, Pane, PodRow


def test_a_pod_that_has_finished_is_in_doubt_as_soon_as_something_is_wrong_with_it() -> None:
    done = replace(FIRST, phase="Succeeded")
    objects = tuple(done if obj is FIRST else obj for obj in CLUSTER)
    before = catalogue(objects)
    wrong = Problem(Severity.ERROR, "refused", "f", field="spec.nodeName", subject=done.ref)
    snapshot = assemble(Reading("test", objects, (wrong,)), before.evaluation.snapshot)
    after = Catalogue.of(Evaluation.of(snapshot, before.evaluation), before)
    row = after.rows[Pane.PODS][0]
    assert isinstance(row, PodRow)
    assert row.isolation.doubts == frozenset(Direction)
    assert list(after.rows[Pane.PODS]) == list(Catalogue.of(Evaluation.of(snapshot)).rows[Pane.PODS])
