from __future__ import annotations

import pytest

from policy_core.intervals import Interval, IntervalSet, cut


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ([], ()),
        ([(5, 6), (1, 2)], ((1, 2), (5, 6))),
        ([(1, 4), (2, 3)], ((1, 4),)),
        ([(1, 2), (3, 4)], ((1, 4),)),
        ([(1, 2), (4, 5)], ((1, 2), (4, 5))),
    ],
    ids=["empty", "sorted", "swallowed", "adjacent ones merged", "a gap of one kept"],
)
def test_intervals_are_kept_in_one_canonical_form(
    given: list[Interval], canonical: tuple[Interval, ...]
) -> None:
    assert IntervalSet.of(given).intervals == canonical


def test_an_interval_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match=r"3\.\.2"):
        IntervalSet.of([(3, 2)])


def test_both_ends_belong_to_an_interval() -> None:
    line = IntervalSet.of([(3, 5), (8, 8)])
    assert [value for value in range(10) if value in line] == [3, 4, 5, 8]
    assert line.size() == 4


def test_a_hole_splits_an_interval() -> None:
    assert (IntervalSet.of([(1, 9)]) - IntervalSet.of([(4, 5)])).intervals == ((1, 3), (6, 9))


def test_the_empty_set_lies_in_every_set_and_is_false() -> None:
    assert IntervalSet() <= IntervalSet.of([(1, 1)])
    assert IntervalSet() <= IntervalSet()
    assert not IntervalSet()


def test_a_line_is_cut_wherever_a_set_begins_or_ends() -> None:
    one, other = IntervalSet.of([(1, 9), (20, 20)]), IntervalSet.of([(5, 6), (10, 12)])
    assert {within: line.intervals for within, line in cut([one, other]).items()} == {
        0b01: ((1, 4), (7, 9), (20, 20)),
        0b11: ((5, 6),),
        0b10: ((10, 12),),
    }
    assert cut([]) == {}
