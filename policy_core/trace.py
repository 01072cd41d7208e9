"""A connection hop by hop: what decides at each, and for what is denied the rule that came nearest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from policy_core.domain_name import DomainName
from policy_core.ends import Pods
from policy_core.evaluation import Evaluation
from policy_core.ipblock import IPAddress
from policy_core.judgement import Judgement, Way
from policy_core.matching import Family
from policy_core.model import Direction, Pod, Service
from policy_core.name_resolution import Resolution, name_resolution
from policy_core.nearest import NearMiss, nearest_miss
from policy_core.not_evaluated import NotEvaluated, may_apply, may_apply_between
from policy_core.trace_caveats import nodes_at, trace_caveats
from policy_core.verdict import Reason, Side, Verdict

__all__ = ["Stage", "Trace", "TracedWay", "trace", "traced_ways"]


_BOTH = (Direction.EGRESS, Direction.INGRESS)


@dataclass(frozen=True, slots=True)
class Stage:
    """One side of a way, over ``families`` (all that the ends have in common unless they differ). ``near`` is
    the nearest miss where it denies for want of a rule: that of the first source and destination, of which
    there may be several."""

    direction: Direction
    side: Side
    families: tuple[Family, ...] = ()
    near: NearMiss | None = None
    ruleless: bool = False
    """Whether the policies that isolate the pod have no rule at all for the direction."""
    doubtful: bool = False
    """Whether something that is not evaluated may have a say on this side."""


@dataclass(frozen=True, slots=True)
class TracedWay:
    way: Way
    egress: tuple[Stage, ...]
    ingress: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    judgement: Judgement
    resolution: Resolution | None
    """None where the source is outside the cluster."""
    unasked: tuple[TracedWay, ...]
    """What keeps the source from asking the DNS pods over UDP, where something does."""
    ways: tuple[TracedWay, ...]
    unevaluated: tuple[NotEvaluated, ...]
    """Objects that may apply to either end, too: with any of these the verdict is not the whole truth."""
    caveats: tuple[str, ...]
    nodes: Mapping[IPAddress, str] = field(default_factory=dict)
    """The ends that are addresses of nodes, and whose."""


def trace(evaluation: Evaluation, judgement: Judgement) -> Trace:
    """Everything there is to say about how a judgement came about."""
    resolution = name_resolution(evaluation, judgement.source)
    ways = tuple(traced_ways(evaluation, judgement))
    stages = (stage for traced in ways for stage in (*traced.egress, *traced.ingress))
    near = {stage.near.rule for stage in stages if stage.near}
    return Trace(
        judgement,
        resolution,
        _unasked(evaluation, resolution),
        ways,
        may_apply_between(evaluation.snapshot, judgement.sources, judgement.destinations, judgement.leaves),
        trace_caveats(evaluation, judgement, near),
        _nodes(evaluation, judgement),
    )


def _nodes(evaluation: Evaluation, judgement: Judgement) -> Mapping[IPAddress, str]:
    ends = (judgement.source, judgement.destination)
    addresses = [end for end in ends if not isinstance(end, (Pods, Service, DomainName))]
    return {each: found[0] for each in addresses if (found := nodes_at(evaluation, each))}


def _unasked(evaluation: Evaluation, resolution: Resolution | None) -> tuple[TracedWay, ...]:
    if resolution is None or resolution.udp is None:
        return ()
    ways = traced_ways(evaluation, resolution.udp)
    return tuple(traced for traced in ways if traced.way.verdict is Verdict.DENY)


def traced_ways(evaluation: Evaluation, judgement: Judgement) -> Iterator[TracedWay]:
    """What decides on each way: of a trace, all that the verdict hangs on."""
    for way in judgement.ways:
        egress, ingress = (tuple(_stages(evaluation, judgement, way, direction)) for direction in _BOTH)
        yield TracedWay(way, egress, ingress)


def _stages(evaluation: Evaluation, judgement: Judgement, way: Way, direction: Direction) -> Iterator[Stage]:
    """One for all families, or one for each where they differ."""
    by_family: dict[Side, list[Family]] = {}
    for family, sides in way.connection.by_family.items():
        by_family.setdefault(sides.egress if direction is Direction.EGRESS else sides.ingress, []).append(
            family
        )
    if len(by_family) > 1:
        for side, families in by_family.items():
            yield _stage(evaluation, judgement, way, direction, side, families)
    elif direction is Direction.EGRESS or way.connection.ingress.reason not in _OF_BOTH_SIDES:
        common = list(way.connection.by_family)[:1]
        found = _stage(evaluation, judgement, way, direction, way.connection.side(direction), common)
        yield replace(found, families=())


def _doubtful(evaluation: Evaluation, way: Way, direction: Direction) -> bool:
    """Whether something that is not evaluated may have a say on that side."""
    ends = way.sources if direction is Direction.EGRESS else way.destinations
    leaves = not way.destinations or not all(isinstance(end, Pod) for end in way.destinations)
    snapshot = evaluation.snapshot
    return snapshot.doubtful and any(
        may_apply(snapshot, end, direction, outside=leaves) for end in ends if isinstance(end, Pod)
    )


_OF_BOTH_SIDES = (Reason.NOT_LOCAL, Reason.NO_COMMON_FAMILY)
"""What is said once, of the source."""


def _stage(
    evaluation: Evaluation,
    judgement: Judgement,
    way: Way,
    direction: Direction,
    side: Side,
    families: list[Family],
) -> Stage:
    stage = Stage(direction, side, tuple(families), doubtful=_doubtful(evaluation, way, direction))
    subject = next(iter(way.sources if direction is Direction.EGRESS else way.destinations), None)
    if side.reason is not Reason.ISOLATED or not isinstance(subject, Pod):
        return stage
    selecting = evaluation.policies.selecting(subject, direction)
    ruleless = not any(policy.rules for policy in selecting)
    if not way.destinations:
        return replace(stage, ruleless=ruleless)
    family = families[0] if families else None
    ends = way.sources[0], way.destinations[0]
    near = nearest_miss(evaluation.policies, direction, *ends, judgement.protocol, way.port, family)
    return replace(stage, near=near, ruleless=ruleless)
