"""A few of the inputs, in every run of the tests, and that the fuzzing would notice something."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from policy_core.manifests import documents
from policy_core.manifests.yaml_values import YAMLDocument
from tests.fuzz.invariants import check
from tests.fuzz.mutation import mutated, seeds


def test_whatever_a_manifest_is_turned_into_is_read() -> None:
    corpus, chance = seeds(), random.Random(1)
    for _ in range(100):
        check(mutated(chance.choice(corpus), chance))


def test_an_object_that_is_overlooked_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def but_for_the_last(text: str) -> Iterator[YAMLDocument]:
        yield from list(whole(text))[:-1]

    whole = documents.yaml_values.documents
    check(seeds()[0])
    monkeypatch.setattr(documents.yaml_values, "documents", but_for_the_last)
    with pytest.raises(AssertionError, match="the object before is not read"):
        check(seeds()[0])
