"""Pods of classes, counted and in their order, against looking at all of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from policy_core.census import Census
from policy_core.evaluation import Evaluation
from policy_core.members import Members
from policy_core.snapshot import assemble
from tests.reference import World
from tests.strategies import clusters_with_slices, reading


@given(st.data(), clusters_with_slices(), st.sampled_from([0, 1, 2, 200]))
def test_members_are_the_pods_of_their_classes(data: DataObject, world: World, few: int) -> None:
    index = Evaluation.of(assemble(reading(world))).index
    bitset = data.draw(st.integers(0, index.everyone))
    apart_from = data.draw(st.sampled_from([None, *index.pods]))
    wanted = tuple(pod for pod in index.pods_of(bitset) if pod is not apart_from)
    most = data.draw(st.integers(0, 6))
    assert Members(index, bitset, apart_from, few)[:most] == wanted[:most]
    found = Members(index, bitset, apart_from, few)
    assert len(found) == len(wanted) == len(tuple(found))
    assert found == wanted


@given(st.data(), st.lists(st.integers(0, 40), max_size=40))
def test_a_census_counts_as_a_sum_does(data: DataObject, sizes: list[int]) -> None:
    numbers = data.draw(st.sets(st.sampled_from(range(len(sizes))))) if sizes else set()
    bitset = sum(1 << number for number in numbers)
    assert Census(sizes).count(bitset) == sum(sizes[number] for number in numbers)
    assert Census(sizes).count(~bitset) == sum(sizes) - sum(sizes[number] for number in numbers)
