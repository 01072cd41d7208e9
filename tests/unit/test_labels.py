from __future__ import annotations

import pytest

from policy_core.labels import EVERYTHING, Labels, LabelSelector, Operator, Requirement


@pytest.mark.parametrize(
    ("requirement", "matching", "other"),
    [
        (Requirement("app", Operator.IN, ("a", "b")), [{"app": "b"}], [{"app": "c"}, {}]),
        (Requirement("app", Operator.NOT_IN, ("a",)), [{"app": "b"}, {}], [{"app": "a"}]),
        (Requirement("app", Operator.EXISTS), [{"app": ""}], [{}, {"App": "a"}]),
        (Requirement("app", Operator.DOES_NOT_EXIST), [{}, {"tier": "a"}], [{"app": ""}]),
    ],
    ids=lambda value: value.operator if isinstance(value, Requirement) else None,
)
def test_operators_and_the_absent_key(
    requirement: Requirement, matching: list[Labels], other: list[Labels]
) -> None:
    assert all(requirement.matches(labels) for labels in matching)
    assert not any(requirement.matches(labels) for labels in other)


def test_the_empty_selector_matches_everything() -> None:
    assert EVERYTHING.everything
    assert EVERYTHING.matches({})
    assert EVERYTHING.matches({"app": "a"})


def test_labels_and_expressions_are_all_required() -> None:
    selector = LabelSelector((("app", "a"),), (Requirement("tier", Operator.EXISTS),))
    assert selector.matches({"app": "a", "tier": "x"})
    assert not selector.matches({"app": "a"})
    assert not selector.matches({"tier": "x"})


def test_an_empty_value_is_a_value_and_not_an_absence() -> None:
    assert LabelSelector.of(app="").matches({"app": ""})
    assert not LabelSelector.of(app="").matches({})


@pytest.mark.parametrize(
    "selector",
    [
        LabelSelector(invalid="not a mapping"),
        LabelSelector((), (Requirement("app", Operator.NOT_IN, ()),), "NotIn needs values"),
    ],
)
def test_a_selector_that_the_api_server_refuses_matches_nothing(selector: LabelSelector) -> None:
    assert not selector.matches({})
    assert not selector.matches({"app": "a"})
    assert not selector.everything


def test_a_selector_reads_as_its_requirements() -> None:
    selector = LabelSelector(
        (("app", "a"),),
        (
            Requirement("tier", Operator.NOT_IN, ("x", "y")),
            Requirement("old", Operator.DOES_NOT_EXIST),
            Requirement("new", Operator.EXISTS),
        ),
    )
    assert str(selector) == "app=a, tier not in (x, y), !old, new"
    assert str(EVERYTHING) == ""
    assert str(LabelSelector(invalid="no")) == "(invalid selector)"
