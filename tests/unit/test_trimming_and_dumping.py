"""What is kept of an object gives the same object again, and its YAML reads back as the same values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from policy_core.bundle import bundle
from policy_core.coverage import KindCoverage, KindState
from policy_core.manifests.collect import Collector
from policy_core.manifests.documents import Document, documents
from policy_core.manifests.dumping import yaml_documents, yaml_text
from policy_core.manifests.trimming import trimmed
from policy_core.model import Reading
from policy_core.snapshot import assemble
from policy_core.sources import demo, files
from policy_core.sources.cluster.rights import cluster_role, role

FIXTURES = Path(__file__).parents[1] / "fixtures"
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**31), 2**31),
    st.text(st.characters(exclude_categories=["Cs", "Cc"])),
    st.sampled_from(
        ["y", "n", "on", "0o14", "1e3", "1:30", "2024-01-01", "~", "- a", "a: b", "#", "", " x", "x\ny"]
    ),
)
KEYS = st.text("abcdefghijkl/.-_", min_size=1, max_size=200).filter(lambda key: key[0] not in "-.")
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4)
)


@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=5))
def test_what_is_written_reads_back_as_it_was(value: dict[str, Any]) -> None:
    """By the reader that knows what the API server makes of a scalar."""
    text = yaml_text(value)
    [document] = documents(text)
    assert isinstance(document, Document)
    assert document.value == value


def _reread(reading: Reading) -> Reading:
    collector = Collector()
    collector.add("bundle", yaml_documents(bundle(assemble(reading))))
    return collector.reading(reading.title)


def _without_origins(reading: Reading) -> set[str]:
    import re

    places = re.compile(r"Origin\([^)]*\)")
    return {places.sub("", repr(obj)) for obj in assemble(reading).pods} | {
        places.sub("", repr(obj)) for obj in reading.objects
    }


@pytest.mark.parametrize("folder", ["apps", "dumps", "demo"])
def test_a_bundle_holds_the_same_objects(folder: str) -> None:
    reading = demo.read() if folder == "demo" else files.read([str(FIXTURES / folder)])
    assert _without_origins(_reread(reading)) == _without_origins(reading)


def test_a_bundle_says_how_much_of_each_kind_it_holds() -> None:
    coverage = {
        "Pod": KindCoverage("Pod", "pods", KindState.PARTIAL, frozenset({"shop"}), "no"),
        "Node": KindCoverage("Node", "nodes", KindState.FORBIDDEN),
    }
    assert _reread(Reading("t", (), coverage=coverage)).coverage == coverage


def test_annotations_go_unless_one_keeps_the_object_out() -> None:
    kept = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s", "annotations": {"a": "b"}}}
    assert "annotations" not in trimmed(kept)["metadata"]
    assert "annotations" in kept["metadata"], "the original stays as it was"  # type: ignore[operator]
    bad = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s", "annotations": {"a": 1}}}
    assert trimmed(bad)["metadata"]["annotations"] == {"a": 1}


def test_rights_are_of_reading_alone() -> None:
    for rights in (cluster_role(), role("shop")):
        text = yaml_text(rights, short=True)
        assert yaml.safe_load(text) == rights
        assert {verb for rule in rights["rules"] for verb in rule["verbs"]} == {"get", "list", "watch"}
    resources = {resource for rule in role("shop")["rules"] for resource in rule["resources"]}
    assert "nodes" not in resources
    assert {"namespaces", "pods", "networkpolicies"} <= resources
