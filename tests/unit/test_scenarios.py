"""The scenarios of Kubernetes' own NetworkPolicy tests: see ``tests/scenarios/README.md``."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from policy_core.evaluation import Evaluation
from policy_core.model import Pod
from policy_core.snapshot import assemble
from policy_core.sources import files
from tests import reference
from tests.scenarios import generate
from tests.scenarios.scenario import PODS
from tui.cli import main

SLUGS = sorted(path.parent.name for path in generate.FOLDER.glob("*/bundle.yaml"))
EXPECTED = {scenario.slug: scenario for scenario in generate.SCENARIOS}

EVERYTHING_ALLOWED = {
    "allow-all",
    "deleted-policies-after",
    "egress-precedence-after",
    "independent-directions-before",
    "ingress-precedence-after",
    "legacy-egress-precedence-after",
    "legacy-ingress-precedence-after",
    "legacy-stacked-policies",
    "legacy-updated-server-before",
    "updated-policy-before",
    "updated-server-before",
}
"""Where upstream, too, expects nothing but that everything gets through."""


class Expectation(NamedTuple):
    source: str
    destination: str
    port: int
    protocol: str
    verdict: str


@lru_cache(maxsize=4)
def evaluation(slug: str) -> Evaluation:
    return Evaluation.of(assemble(files.read([str(generate.FOLDER / slug / "bundle.yaml")])))


@lru_cache(maxsize=4)
def expectations(slug: str) -> list[Expectation]:
    # The reader in C where there is one: ten thousand lines take the other a while.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    entries = yaml.load((generate.FOLDER / slug / "expect.yaml").read_text(), loader)  # noqa: S506
    return [Expectation(*(e[key] for key in ("from", "to", "port", "protocol", "expect"))) for e in entries]


def differing(slug: str, verdicts: Iterable[str]) -> list[tuple[Expectation, str]]:
    pairs = zip(expectations(slug), verdicts, strict=True)
    return [(expectation, found) for expectation, found in pairs if found != expectation.verdict]


def test_every_scenario_is_there() -> None:
    assert len(SLUGS) >= 40
    assert len({EXPECTED[slug].test for slug in SLUGS}) >= 40
    written = {path: generate.FOLDER / path for path in generate.files()}
    folders = {path.parent for path in written.values()}
    assert {path for folder in folders for path in folder.iterdir()} == set(written.values())
    assert sorted(folder.name for folder in folders) == SLUGS


@pytest.mark.parametrize("slug", SLUGS)
def test_the_files_are_what_the_statements_give(slug: str) -> None:
    scenario = EXPECTED[slug]
    folder: Path = generate.FOLDER / slug
    assert (folder / "bundle.yaml").read_text() == scenario.bundle()
    assert (folder / "expect.yaml").read_text() == scenario.expectations()


@pytest.mark.parametrize("slug", SLUGS)
def test_the_bundle_names_its_test_and_is_read_without_a_problem(slug: str) -> None:
    first = (generate.FOLDER / slug / "bundle.yaml").read_text().splitlines()[0]
    assert first == f"# {EXPECTED[slug].test}"
    snapshot = evaluation(slug).snapshot
    assert snapshot.problems == ()
    assert sorted(pod.ref.path for pod in snapshot.pods) == sorted(PODS)
    assert len(snapshot.network_policies) == len(EXPECTED[slug].policies)


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
    assert {
        expectation.verdict for expectation in table if expectation.source == expectation.destination
    } == {"allow"}


@pytest.mark.parametrize("slug", SLUGS)
def test_every_expectation_holds(slug: str) -> None:
    assert differing(slug, judged(slug)) == []


def judged(slug: str) -> list[str]:
    """The verdict on each line of ``expect.yaml`` in turn, as ``netpol-tui check`` tells it."""
    folder = generate.FOLDER / slug
    out, err = io.StringIO(), io.StringIO()
    words = ["check", "-f", str(folder / "bundle.yaml"), str(folder / "expect.yaml"), "-o", "json"]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(words)
    told = json.loads(out.getvalue())
    assert err.getvalue() == ""
    assert status == (1 if told["failed"] else 0)
    asked = [
        tuple(each[key] for key in ("from", "to", "port", "protocol", "expect")) for each in told["results"]
    ]
    assert asked == expectations(slug)
    return [each["verdict"] for each in told["results"]]


@pytest.mark.parametrize("slug", SLUGS)
def test_every_expectation_holds_in_the_reference(slug: str) -> None:
    snapshot = evaluation(slug).snapshot
    world = reference.World(list(snapshot.namespaces.values()), snapshot.pods, snapshot.network_policies)
    pods: dict[str, Pod] = {pod.ref.path: pod for pod in snapshot.pods}

    def end(text: str) -> Any:
        return pods[text] if text in pods else ip_address(text)

    verdicts = [
        reference.verdict(world, end(source), end(destination), protocol, port).verdict
        for source, destination, port, protocol, _ in expectations(slug)
    ]
    assert differing(slug, verdicts) == []
