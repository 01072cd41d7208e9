"""This program beside others that a person can install: ``python -m bench.peers --sizes 1000 10000``.

Whole processes in turn, on files with the same objects. Nothing is installed here: the programs are looked
for in the folders given with ``--programs`` and then on the path, and how to get each is printed. A program
that has failed once, or was ended at a limit, is not run on more pods. ``make bench`` does not run this.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.peer_files import Question, question
from bench.peer_programs import CONTESTS, HOW_TO_GET, OURS, Contest, Entrant
from bench.timing import table
from bench.watched import Ended, Limits, run

__all__ = ["Outcome", "contend", "found", "main"]

_SIZES = (1_000, 10_000)
_RUNS = 3
_LONG = 60
"""Seconds: a run that takes longer is the only one."""
_LOOKED_AT = 65_536
_ALLOWED = frozenset(("allow", "allowed", "true"))


@dataclass(slots=True)
class Outcome:
    """Of one entrant on one size."""

    runs: list[Ended] = field(default_factory=list)
    written: int = 0
    verdict: str = ""
    failure: str = ""
    """Why there is no result."""

    @property
    def has_finished(self) -> bool:
        return bool(self.failure) or any(each.seconds > _LONG for each in self.runs)

    def __str__(self) -> str:
        if self.failure or not self.runs:
            return self.failure
        seconds = statistics.median(each.seconds for each in self.runs)
        memory = max(each.megabytes for each in self.runs)
        told = [f"{seconds:,.2f} s", f"{memory:,.0f} MB", f"{self.written / 1000:,.1f} kB"]
        return ", ".join([self.verdict, *told] if self.verdict else told)


def found(entrant: Entrant, folders: Sequence[Path]) -> list[str]:
    """The words that start it, or none."""
    if entrant.project == OURS:
        return [sys.executable, "-m", "tui"]
    where = os.pathsep.join([*map(str, folders), os.environ.get("PATH", os.defpath)])
    for name in entrant.files:
        if program := shutil.which(name, path=where):
            return [program]
    return []


def contend(
    programs: Mapping[Entrant, Sequence[str]], folder: Path, asked: Question, limits: Limits, runs: int
) -> dict[Entrant, Outcome]:
    """In turn, round by round. The first round warms up; where an entrant takes long in it, that run counts
    and is its only one."""
    outcomes = {entrant: Outcome() for entrant in programs}
    for number in range(runs + 1):
        for entrant, program in programs.items():
            outcome = outcomes[entrant]
            if not outcome.has_finished:
                words = [*program, *entrant.words(folder / entrant.form, asked)]
                ended = _once(entrant, words, folder, limits, outcome)
                if number or ended.seconds > _LONG:
                    outcome.runs.append(ended)
    return outcomes


def _once(entrant: Entrant, words: Sequence[str], folder: Path, limits: Limits, outcome: Outcome) -> Ended:
    """Notes what it said, or why it said nothing."""
    output, errors = folder / "output", folder / "errors"
    ended = run(words, output, errors, limits)
    outcome.written = output.stat().st_size
    answer = entrant.answer.search(_looked_at(output))
    if ended.over == "time":
        outcome.failure = f"no result within {limits.seconds:g} s"
    elif ended.over == "memory":
        outcome.failure = f"ended above {limits.gigabytes:g} GB"
    elif ended.over == "output":
        outcome.failure = f"ended above {limits.written:g} GB of output"
    elif ended.code not in entrant.codes or not answer:
        last = _last_line(errors) or _last_line(output) or "it said nothing"
        outcome.failure = f"failed with {ended.code}: {last}"
    elif answer.groups():
        outcome.verdict = "allowed" if answer[1].lower() in _ALLOWED else "denied"
    print(f"{entrant.name}: {ended.seconds:,.2f} s {outcome.failure}", file=sys.stderr, flush=True)
    return ended


def _looked_at(path: Path) -> str:
    """Its beginning: some write gigabytes."""
    with path.open("rb") as file:
        return file.read(_LOOKED_AT).decode(errors="replace")


def _last_line(path: Path) -> str:
    """Fit for a cell of a table."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _LOOKED_AT))
        lines = file.read().decode(errors="replace").split("\n")
    last = next((line for line in reversed(lines) if line.strip()), "")
    return "".join(each for each in last.strip() if each.isprintable()).replace("|", "\\|")[:120]


def _measure(
    contests: Sequence[tuple[Contest, dict[Entrant, list[str]]]],
    sizes: Sequence[int],
    limits: Limits,
    runs: int,
) -> dict[Entrant, dict[int, Outcome]]:
    results: dict[Entrant, dict[int, Outcome]] = {}
    for pods in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            standing = [_standing(programs, results) for _, programs in contests]
            forms = sorted({entrant.form for programs in standing for entrant in programs})
            words = [sys.executable, "-m", "bench.peer_files", str(pods), name, *forms]
            subprocess.run(words, check=True)
            for programs in standing:
                print(f"\n{pods:,} pods", file=sys.stderr)
                outcomes = contend(programs, folder, question(folder), limits, runs)
                for entrant, outcome in outcomes.items():
                    results.setdefault(entrant, {})[pods] = outcome
    return results


def _standing(
    programs: Mapping[Entrant, list[str]], results: Mapping[Entrant, Mapping[int, Outcome]]
) -> dict[Entrant, list[str]]:
    """Those that have not failed so far."""
    return {
        entrant: words
        for entrant, words in programs.items()
        if not any(outcome.failure for outcome in results.get(entrant, {}).values())
    }


def _told(
    contest: Contest,
    programs: Mapping[Entrant, object],
    results: Mapping[Entrant, Mapping[int, Outcome]],
    sizes: Sequence[int],
) -> str:
    titles = ["median time, peak memory, output", *(f"{pods:,} pods" for pods in sizes)]
    rows = [
        [f"`{entrant.name}`", *(str(results[entrant].get(pods, "not tried")) for pods in sizes)]
        for entrant in programs
    ]
    prints = [f"- `{entrant.name}` prints {entrant.prints}." for entrant in programs]
    return "\n".join([f"\n### {contest.title}\n", table(titles, rows), "", *prints])


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description="This program beside others.")
    parser.add_argument("--sizes", type=int, nargs="+", default=_SIZES, metavar="PODS")
    parser.add_argument("--limit", type=float, default=Limits.seconds, metavar="SECONDS")
    parser.add_argument("--memory", type=float, default=Limits.gigabytes, metavar="GB")
    parser.add_argument("--output", type=float, default=Limits.written, metavar="GB")
    parser.add_argument("--runs", type=int, default=_RUNS, metavar="N")
    parser.add_argument(
        "--programs", type=Path, nargs="+", default=[], metavar="FOLDER", help="looked into before the path"
    )
    parser.add_argument(
        "--only", nargs="+", choices=sorted(HOW_TO_GET), default=sorted(HOW_TO_GET), metavar="PROJECT"
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    options = _options(arguments)
    limits, sizes = Limits(options.limit, options.memory, options.output), sorted(set(options.sizes))
    contests = []
    for contest in CONTESTS:
        programs = {
            entrant: words
            for entrant in contest.entrants
            if entrant.project in (OURS, *options.only) and (words := found(entrant, options.programs))
        }
        if any(entrant.project != OURS for entrant in programs):
            contests.append((contest, programs))
    here = {entrant.project for _, programs in contests for entrant in programs}
    print("\n## Beside other programs\n")
    for project in options.only:
        print(f"- {project}: {'found' if project in here else 'not found'}; `{HOW_TO_GET[project]}`")
    results = _measure(contests, sizes, limits, options.runs) if contests else {}
    for contest, programs in contests:
        print(_told(contest, programs, results, sizes))


if __name__ == "__main__":
    main()
