"""Do the expectations hold?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from policy_core.ends import EndError, Ends, NamedEnd, Pods
from policy_core.evaluation import Evaluation
from policy_core.expectations import Expectation, Expectations
from policy_core.judgement import Judgement, judge
from policy_core.model import Direction, Pod, Problem, Ref, Service, Severity
from policy_core.not_evaluated import NotEvaluated, may_apply
from policy_core.verdict import Verdict

__all__ = ["Checked", "Outcome", "check"]


@dataclass(frozen=True, slots=True)
class Outcome:
    expectation: Expectation
    judgement: Judgement
    verdict: Verdict
    unevaluated: tuple[NotEvaluated, ...] = ()
    """Objects that may apply to either end, too: with any of these the verdict is not the whole truth."""

    @property
    def ok(self) -> bool:
        return self.verdict is self.expectation.verdict


@dataclass(frozen=True, slots=True)
class Checked:
    """``outcomes`` in the order of the entries, without those that have errors; ``problems`` by file and
    line."""

    files: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def differing(self) -> tuple[Outcome, ...]:
        return tuple(outcome for outcome in self.outcomes if not outcome.ok)

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)


def check(evaluation: Evaluation, expected: Expectations, namespace: str = "default") -> Checked:
    """Judge every entry; ``namespace`` is meant where a name says none. What turns out to be wrong with an
    entry is added to the problems of ``expected``."""
    ends = Ends(evaluation, namespace)
    applying = _Applying(evaluation)

    @cache  # the same names come again and again, and what is near to one that is none takes a search
    def named(text: str) -> NamedEnd | EndError:
        try:
            return ends.find(text)
        except EndError as error:
            return error

    outcomes = []
    for entry in expected.entries:
        found = _judged(evaluation, named, expected, entry)
        if found is not None:
            outcomes.append(Outcome(entry, found, found.verdict, applying.to(found)))
    _warn_of_repeats(expected, outcomes)
    order = {file: number for number, file in enumerate(expected.files)}
    problems = sorted(expected.problems, key=lambda problem: (order.get(problem.file, -1), problem.line))
    return Checked(expected.files, tuple(outcomes), tuple(problems))


def _judged(
    evaluation: Evaluation,
    named: Callable[[str], NamedEnd | EndError],
    expected: Expectations,
    entry: Expectation,
) -> Judgement | None:
    """None where it cannot be judged, with the reason noted."""
    source, destination = named(entry.source), named(entry.destination)
    for field, found in (("from", source), ("to", destination)):
        if isinstance(found, EndError):
            expected.problem_with(entry, str(found), field)
    if isinstance(source, EndError) or isinstance(destination, EndError):
        return None
    try:
        return judge(evaluation, source, destination, entry.protocol, entry.port)
    except EndError as error:
        expected.problem_with(entry, str(error))
        return None


def _warn_of_repeats(expected: Expectations, outcomes: Iterable[Outcome]) -> None:
    first: dict[tuple[object, ...], Expectation] = {}
    for outcome in outcomes:
        entry, judgement = outcome.expectation, outcome.judgement
        asked = (_identity(judgement.source), _identity(judgement.destination), entry.protocol, entry.port)
        other = first.setdefault(asked, entry)
        if other is entry:
            continue
        message = f"the same is expected at {other.place}"
        if other.verdict is not entry.verdict:
            message = f"contradicts {other.place}, which expects {other.verdict}: one of them always differs"
        expected.problem_with(entry, message, severity=Severity.WARNING)


def _identity(end: NamedEnd) -> object:
    return end.ref if isinstance(end, (Pods, Service)) else end


class _Applying:
    """What is not evaluated and may apply, asked once for each pod."""

    def __init__(self, evaluation: Evaluation) -> None:
        self._snapshot = evaluation.snapshot
        self._any = self._snapshot.doubtful
        self._known: dict[tuple[Ref, Direction, bool], tuple[NotEvaluated, ...]] = {}

    def to(self, judgement: Judgement) -> tuple[NotEvaluated, ...]:
        if not self._any:
            return ()
        out = ((pod, Direction.EGRESS, judgement.leaves) for pod in judgement.sources)
        into = ((pod, Direction.INGRESS, True) for pod in judgement.destinations)
        applying = (
            policy
            for pod, direction, outside in (*out, *into)
            for policy in self._of(pod, direction, outside)
        )
        return tuple({policy.ref: policy for policy in applying}.values())

    def _of(self, pod: Pod, direction: Direction, outside: bool) -> tuple[NotEvaluated, ...]:
        key = pod.ref, direction, outside
        if key not in self._known:
            self._known[key] = may_apply(self._snapshot, pod, direction, outside=outside)
        return self._known[key]
