"""A connection hop by hop: what decides at each, and for what is denied the rule that came nearest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policy_core.caveats import may_apply
from policy_core.evaluation import Evaluation
from policy_core.judgement import Judgement, Way
from policy_core.model import Direction, NetworkPolicy, UnevaluatedPolicy
from policy_core.name_resolution import Resolution, name_resolution
from policy_core.nearest import NearMiss, nearest_miss
from policy_core.rules import Family
from policy_core.trace_caveats import trace_caveats
from policy_core.verdict import Reason, Side

__all__ = ["Stage", "Trace", "TracedWay", "trace", "traced_ways"]


_BOTH = (Direction.EGRESS, Direction.INGRESS)


@dataclass(frozen=True, slots=True)
class Stage:
    """One side of a way, over ``families`` (all that the ends have in common unless they differ). ``near`` is
    the nearest miss where it denies for want of a rule, and the policies have rules at all."""

    direction: Direction
    side: Side
    families: tuple[Family, ...] = ()
    near: NearMiss | None = None


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
    ways: tuple[TracedWay, ...]
    unevaluated: tuple[UnevaluatedPolicy | NetworkPolicy, ...]
    """Objects that may apply to either end, too: with any of these the verdict is not the whole truth."""
    caveats: tuple[str, ...]


def trace(evaluation: Evaluation, judgement: Judgement) -> Trace:
    """Everything there is to say about how a judgement came about."""
    doubtful = evaluation.snapshot.unevaluated or evaluation.snapshot.faulty
    applying = (
        (each for pod in judgement.pods for each in may_apply(evaluation.snapshot, pod)) if doubtful else ()
    )
    return Trace(
        judgement,
        name_resolution(evaluation, judgement.source),
        tuple(traced_ways(evaluation, judgement)),
        tuple({policy.ref: policy for policy in applying}.values()),
        trace_caveats(evaluation, judgement),
    )


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
            near = _near(evaluation, judgement, way, direction, side, families[0])
            yield Stage(direction, side, tuple(families), near)
    else:
        side = way.connection.side(direction)
        family = next(iter(way.connection.by_family), None)
        yield Stage(direction, side, (), _near(evaluation, judgement, way, direction, side, family))


def _near(
    evaluation: Evaluation, judgement: Judgement, way: Way, direction: Direction, side: Side, family: Family
) -> NearMiss | None:
    if side.reason is not Reason.ISOLATED or not way.destinations:
        return None
    return nearest_miss(
        evaluation.policies,
        direction,
        way.sources[0],
        way.destinations[0],
        judgement.protocol,
        way.port,
        family,
    )
