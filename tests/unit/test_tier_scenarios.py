"""The scenarios of the network policy API's own tests: see ``tests/scenarios/tiers/README.md``."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address
from typing import Any, NamedTuple

import pytest
import yaml

from policy_core.model import Pod
from policy_core.snapshot import Snapshot, assemble
from policy_core.sources import files
from tests import reference
from tests.scenarios.tiers import generate
from tests.scenarios.tiers.manifests import VERSIONS
from tests.scenarios.tiers.scenario import PODS
from tui.cli import main

SLUGS = sorted(path.parent.name for path in generate.FOLDER.glob("*/expect.yaml"))
EXPECTED = {scenario.slug: scenario for scenario in generate.SCENARIOS}
EVERYTHING_ALLOWED = {"admin-priority-after"}
"""Where upstream, too, expects nothing but that everything gets through."""
PARTS = (
    "EgressInlineCIDRPeers",
    "EgressNamedPort",
    "EgressNodePeers",
    "EgressSCTP",
    "EgressTCP",
    "EgressUDP",
    "Gress",
    "IngressNamedPort",
    "IngressSCTP",
    "IngressTCP",
    "IngressUDP",
)
TESTS = {
    *(f"{tier}{part}" for tier in ("Admin", "Baseline") for part in PARTS),
    "AdminIntegration",
    "AdminPriorityField",
}
"""All that upstream has."""


class Expectation(NamedTuple):
    source: str
    destination: str
    port: int
    protocol: str
    verdict: str


@lru_cache(maxsize=4)
def snapshot(slug: str, version: str) -> Snapshot:
    return assemble(files.read([str(generate.FOLDER / slug / f"{version}.yaml")]))


@lru_cache(maxsize=4)
def expectations(slug: str) -> list[Expectation]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    entries = yaml.load((generate.FOLDER / slug / "expect.yaml").read_text(), loader)  # noqa: S506
    return [Expectation(*(e[key] for key in ("from", "to", "port", "protocol", "expect"))) for e in entries]


def differing(slug: str, verdicts: Iterable[str]) -> list[tuple[Expectation, str]]:
    pairs = zip(expectations(slug), verdicts, strict=True)
    return [(expectation, found) for expectation, found in pairs if found != expectation.verdict]


def test_every_scenario_is_there() -> None:
    assert {scenario.test for scenario in generate.SCENARIOS} == TESTS
    written = {path: generate.FOLDER / path for path in generate.files()}
    folders = {path.parent for path in written.values()}
    assert {path for folder in folders for path in folder.iterdir()} == set(written.values())
    assert sorted(folder.name for folder in folders) == SLUGS


@pytest.mark.parametrize("slug", SLUGS)
def test_the_files_are_what_the_statements_give(slug: str) -> None:
    scenario, folder = EXPECTED[slug], generate.FOLDER / slug
    for version in VERSIONS:
        assert (folder / f"{version}.yaml").read_text() == scenario.bundle(version)
    assert (folder / "expect.yaml").read_text() == scenario.expectations()


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("slug", SLUGS)
def test_the_bundle_names_its_test_and_is_read_without_a_problem(slug: str, version: str) -> None:
    scenario, found = EXPECTED[slug], snapshot(slug, version)
    first = (generate.FOLDER / slug / f"{version}.yaml").read_text().splitlines()[0]
    assert first == f"# {scenario.test_of(version)}"
    assert found.problems == ()
    assert sorted(pod.ref.path for pod in found.pods) == sorted(PODS)
    assert len(found.tiered_policies) == len(scenario.policies)
    assert len(found.network_policies) == len(scenario.others)
    kinds = {policy.kind for policy in found.tiered_policies}
    if version == "v1alpha2":
        assert kinds == {"ClusterNetworkPolicy"}
    else:
        assert kinds <= {"AdminNetworkPolicy", "BaselineAdminNetworkPolicy"}


@pytest.mark.parametrize("slug", SLUGS)
def test_both_versions_mean_the_same(slug: str) -> None:
    first, second = (
        {
            (policy.tier, policy.name, policy.subject, policy.ingress, policy.egress)
            for policy in snapshot(slug, version).tiered_policies
        }
        for version in VERSIONS
    )
    assert first == second


@pytest.mark.parametrize("slug", SLUGS)
def test_the_table_is_full_and_can_fail(slug: str) -> None:
    table = expectations(slug)
    asked = [expectation[:4] for expectation in table]
    assert len(asked) == len(set(asked))
    ends = {end for expectation in table for end in expectation[:2]}
    assert set(PODS) <= ends
    probes = {(expectation.port, expectation.protocol) for expectation in table}
    assert set(asked) == {
        (source, destination, *probe)
        for source in ends
        for destination in ends
        for probe in probes
        if source in PODS or destination in PODS
    }
    # What a pod says to itself is allowed everywhere, and proves nothing.
    found = {expectation.verdict for expectation in table if expectation.source != expectation.destination}
    assert found == ({"allow"} if slug in EVERYTHING_ALLOWED else {"allow", "deny"})
    itself = {expectation.verdict for expectation in table if expectation.source == expectation.destination}
    assert itself == {"allow"}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("slug", SLUGS)
def test_every_expectation_holds(slug: str, version: str) -> None:
    assert differing(slug, judged(slug, version)) == []


def judged(slug: str, version: str) -> list[str]:
    """The verdict on each line of ``expect.yaml`` in turn, as ``netpol-tui check`` tells it."""
    folder = generate.FOLDER / slug
    out, err = io.StringIO(), io.StringIO()
    words = ["check", "-f", str(folder / f"{version}.yaml"), str(folder / "expect.yaml"), "-o", "json"]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(words)
    assert err.getvalue() == ""
    told = json.loads(out.getvalue())
    assert status == (1 if told["failed"] else 0)
    asked = [
        tuple(each[key] for key in ("from", "to", "port", "protocol", "expect")) for each in told["results"]
    ]
    assert asked == expectations(slug)
    return [each["verdict"] for each in told["results"]]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("slug", SLUGS)
def test_every_expectation_holds_in_the_reference(slug: str, version: str) -> None:
    found = snapshot(slug, version)
    world = reference.World(
        list(found.namespaces.values()),
        found.pods,
        found.network_policies,
        tiered=found.tiered_policies,
        nodes=found.nodes,
    )
    pods: dict[str, Pod] = {pod.ref.path: pod for pod in found.pods}

    def end(text: str) -> Any:
        return pods[text] if text in pods else ip_address(text)

    verdicts = [
        reference.verdict(world, end(source), end(destination), protocol, port).verdict
        for source, destination, port, protocol, _ in expectations(slug)
    ]
    assert differing(slug, verdicts) == []
