"""What runs other programs beside this one: the files that it writes, its limits, and what it makes of an end."""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path

import pytest

from bench import peer_files, peers, watched
from bench.peer_programs import CONTESTS, HOW_TO_GET, OURS, Entrant
from policy_core.snapshot import Snapshot, assemble
from policy_core.sources import files

_LIMITS = watched.Limits(seconds=60)


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("peers")
    peer_files.write(120, folder, peer_files.FORMS)
    return folder


def _read(path: Path) -> Snapshot:
    return assemble(files.read([str(path)]))


def _stand_in(script: str, project: str = "other") -> Entrant:
    """Answers with its verdict, or not."""
    return Entrant(
        project, script, "list", lambda *_: ["-c", script], re.compile(r"verdict (\w+)"), "a verdict"
    )


def _contend(folder: Path, *scripts: str, runs: int, limits: watched.Limits = _LIMITS) -> list[peers.Outcome]:
    programs = {_stand_in(script): [sys.executable] for script in scripts}
    return list(peers.contend(programs, folder, peer_files.question(folder), limits, runs).values())


def test_every_form_has_the_same_objects(written: Path) -> None:
    as_list, as_documents = (_read(written / form) for form in ("list", "documents"))
    assert as_list.problems == as_documents.problems == ()
    assert len(as_list.pods) >= 120
    one, other = (
        {(pod.namespace, pod.name): pod.labels for pod in each.pods} for each in (as_list, as_documents)
    )
    assert one == other
    assert as_list.namespaces.keys() == as_documents.namespaces.keys()
    policies = json.loads((written / "assistant/policies/policies.json").read_text())["items"]
    assert len(as_list.network_policies) == len(as_documents.network_policies) == len(policies) > 0
    resources = json.loads((written / "assistant/model.json").read_text())["Resources"]
    assert len(resources["Pods"]) == len(as_list.pods)
    assert set(resources["Namespaces"]) == set(as_list.namespaces)


def test_a_question_is_of_two_pods_that_are_there(written: Path) -> None:
    asked = peer_files.question(written)
    pods = {(pod.namespace, pod.name): pod for pod in _read(written / "list").pods}
    for end in (asked.source, asked.destination):
        assert dict(pods[end.namespace, end.name].labels) == end.labels
    assert asked.source != asked.destination


@pytest.mark.parametrize("contest", CONTESTS, ids=lambda contest: contest.title)
def test_this_program_answers_in_the_way_that_is_looked_for(written: Path, contest) -> None:
    ours = [entrant for entrant in contest.entrants if entrant.project == OURS]
    programs = {entrant: peers.found(entrant, []) for entrant in ours}
    outcomes = peers.contend(programs, written, peer_files.question(written), _LIMITS, 1)
    assert ours
    for outcome in outcomes.values():
        assert outcome.failure == ""
        assert len(outcome.runs) == 1
        assert outcome.written > 0


def test_every_other_program_can_be_got_and_is_looked_for_under_some_name() -> None:
    others = [each for contest in CONTESTS for each in contest.entrants if each.project != OURS]
    assert {entrant.project for entrant in others} == set(HOW_TO_GET)
    assert all(entrant.files for entrant in others)


def test_a_program_is_found_in_a_given_folder_before_the_path(tmp_path: Path, monkeypatch) -> None:
    entrant = next(each for each in CONTESTS[0].entrants if each.project == "netpol-analyzer")
    given, path = tmp_path / "given", tmp_path / "path"
    for folder in (given, path):
        folder.mkdir()
        (folder / entrant.files[0]).touch(0o755)
    monkeypatch.setenv("PATH", str(path))
    assert peers.found(entrant, []) == [str(path / entrant.files[0])]
    assert peers.found(entrant, [given]) == [str(given / entrant.files[0])]
    monkeypatch.setenv("PATH", str(tmp_path))
    assert peers.found(entrant, []) == []


def test_the_warm_up_is_not_counted_and_the_verdict_is_told(written: Path) -> None:
    scripts = "print('verdict ALLOW')", "print('verdict deny')"
    allowed, denied = _contend(written, *scripts, runs=2)
    assert (allowed.verdict, denied.verdict) == ("allowed", "denied")
    assert len(allowed.runs) == 2
    assert str(allowed).startswith("allowed, 0.")


def test_a_long_run_is_the_only_one(written: Path, monkeypatch) -> None:
    monkeypatch.setattr(peers, "_LONG", 0)
    (outcome,) = _contend(written, "print('verdict allow')", runs=3)
    assert len(outcome.runs) == 1


@pytest.mark.parametrize(
    ("script", "failure"),
    [
        ("print('all is well')", "failed with 0: all is well"),
        ("pass", "failed with 0: it said nothing"),
        ("import sys; print('verdict allow'); sys.exit('no | such\\x1b[31m pod')", r"no \| such[31m pod"),
        ("while True: pass", "no result within 1 s"),
        ("kept = bytearray(b'1') * 2**29\nwhile True: pass", "ended above 0.25 GB"),
        ("while True: print('verdict allow')", "ended above 0.01 GB of output"),
    ],
)
def test_why_there_is_no_result_is_told(written: Path, script: str, failure: str) -> None:
    limits = watched.Limits(seconds=1 if "within" in failure else 60, gigabytes=0.25, written=0.01)
    (outcome,) = _contend(written, script, runs=1, limits=limits)
    assert failure in str(outcome)


def test_who_has_failed_is_not_tried_again(written: Path) -> None:
    well, badly = _stand_in("print('verdict allow')"), _stand_in("pass")
    results = {well: {10: peers.Outcome()}, badly: {10: peers.Outcome(failure="failed with 1: so")}}
    assert list(peers._standing({well: [], badly: []}, results)) == [well]


def test_what_a_program_started_ends_with_it(tmp_path: Path) -> None:
    script = "import subprocess, sys\nprint(subprocess.Popen([sys.executable, '-c', 'while True: pass']).pid)"
    ended = watched.run([sys.executable, "-c", script], tmp_path / "out", tmp_path / "err", _LIMITS)
    assert (ended.code, ended.over) == (0, "")
    assert 5 < ended.megabytes < 1000
    child = Path("/proc", (tmp_path / "out").read_text().strip(), "stat")
    until = time.monotonic() + 10
    while child.exists() and child.read_text().rpartition(") ")[2][0] != "Z":
        assert time.monotonic() < until
        time.sleep(0.01)
