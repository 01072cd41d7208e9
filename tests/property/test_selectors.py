"""Label selectors against a literal reading of the API's words."""

from __future__ import annotations

from hypothesis import given

from policy_core.labels import Labels, LabelSelector, Requirement
from tests.reference import requirement_holds, selector_holds
from tests.strategies import labels, requirements, selectors


@given(requirements(), labels())
def test_requirements_mean_what_the_api_says(requirement: Requirement, given_labels: Labels) -> None:
    assert requirement.matches(given_labels) is requirement_holds(requirement, given_labels)


@given(selectors(), labels())
def test_selectors_mean_what_the_api_says(selector: LabelSelector, given_labels: Labels) -> None:
    assert selector.matches(given_labels) is selector_holds(selector, given_labels)


@given(selectors(), labels())
def test_requirements_are_the_whole_of_a_sound_selector(
    selector: LabelSelector, given_labels: Labels
) -> None:
    together = all(requirement.matches(given_labels) for requirement in selector.requirements())
    assert selector.matches(given_labels) is (together and not selector.invalid)


@given(selectors(), selectors(), labels())
def test_joining_two_selectors_asks_for_both(
    a: LabelSelector, b: LabelSelector, given_labels: Labels
) -> None:
    both = LabelSelector(
        a.match_labels + b.match_labels,
        a.match_expressions + b.match_expressions,
        a.invalid or b.invalid,
    )
    assert both.matches(given_labels) is (a.matches(given_labels) and b.matches(given_labels))


@given(selectors(), labels())
def test_a_selector_of_everything_matches_every_set_of_labels(
    selector: LabelSelector, given_labels: Labels
) -> None:
    assert not selector.everything or selector.matches(given_labels)
