"""A → B : port, and what decided it.

A connection needs the source's egress and the destination's ingress. Each address family is judged by
itself, because an ``ipBlock`` may let one through and not the other. Replies are implied by the connection.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from policy_core.domain_name import DomainName
from policy_core.judge import End, Judge, addresses
from policy_core.masked import masked_side
from policy_core.matching import Family, families
from policy_core.model import Direction, Pod
from policy_core.rules import PolicySet
from policy_core.sides import (
    UNSEEN,
    Reason,
    Side,
    Verdict,
    over_families,
    over_several,
)

__all__ = [
    "UNSEEN",
    "Connection",
    "End",
    "Reason",
    "Side",
    "Sides",
    "Verdict",
    "addresses",
    "connection",
    "over_families",
    "over_several",
]


class Sides(NamedTuple):
    """Both sides over one address family."""

    egress: Side
    ingress: Side

    @property
    def verdict(self) -> Verdict:
        return _both(self.egress.verdict, self.ingress.verdict)


@dataclass(frozen=True, slots=True)
class Connection:
    """``egress`` and ``ingress`` are each side's own verdict over all address families that the ends have in
    common; ``by_family`` has both for each of these."""

    verdict: Verdict
    egress: Side
    ingress: Side
    by_family: Mapping[Family, Sides] = field(default_factory=dict, hash=False)

    def side(self, direction: Direction) -> Side:
        return self.egress if direction is Direction.EGRESS else self.ingress


def connection(
    policies: PolicySet,
    source: End,
    destination: End,
    protocol: str,
    port: int,
    over: Collection[int] = (4, 6),
    translated: bool = False,
) -> Connection:
    """Judge a new connection from ``source`` to ``port`` (1 to 65535, after Service translation) of
    ``destination``. ``protocol`` is TCP, UDP or SCTP. Finished pods take part in nothing: do not ask.

    ``over`` limits the address families, as a Service's ``ipFamilies`` does. ``translated``: the source
    dialled a Service's address, so that policy judges even a pod that gets back to itself.
    """
    if not translated and _itself(source, destination):
        itself = Side(Verdict.ALLOW, Reason.ITSELF)
        return Connection(Verdict.ALLOW, itself, itself)
    if isinstance(destination, DomainName):
        return _to_name(policies, source, destination, protocol, port, over)
    possible = families(addresses(source), addresses(destination))
    common = [family for family in possible if family is None or family in over]
    if not common:
        apart = Side(Verdict.DENY, Reason.NO_COMMON_FAMILY)
        return Connection(Verdict.DENY, apart, apart)
    judged = Judge(policies, source, destination, protocol, port)
    by_family = {
        family: Sides(judged.side(Direction.EGRESS, family), judged.side(Direction.INGRESS, family))
        for family in common
    }
    # Which families the two will share is only known where the addresses of both are.
    certain = bool(addresses(source) and addresses(destination))
    return Connection(
        over_families((sides.verdict for sides in by_family.values()), certain),
        _merge((sides.egress for sides in by_family.values()), certain),
        _merge((sides.ingress for sides in by_family.values()), certain),
        by_family,
    )


def _to_name(
    policies: PolicySet,
    source: End,
    destination: DomainName,
    protocol: str,
    port: int,
    over: Collection[int],
) -> Connection:
    there = Side(Verdict.ALLOW, Reason.OUTSIDE)
    out = there
    if isinstance(source, Pod):
        out = masked_side(policies, Direction.EGRESS, source, protocol, port, over, destination.name)
    return Connection(out.verdict, out, there)


def _itself(source: End, destination: End) -> bool:
    """Two pods of one template are no more the same than any other two."""
    if not isinstance(source, Pod) or not isinstance(destination, Pod):
        return False
    return source.ref == destination.ref and not source.several


def _both(egress: Verdict, ingress: Verdict) -> Verdict:
    for verdict in (Verdict.DENY, Verdict.UNKNOWN):
        if verdict in (egress, ingress):
            return verdict
    return Verdict.ALLOW


def _merge(sides: Iterable[Side], certain: bool) -> Side:
    different = list(dict.fromkeys(sides))
    if len(different) == 1:
        return different[0]
    return Side(
        over_families((side.verdict for side in different), certain),
        Reason.FAMILIES if len({side.verdict for side in different}) > 1 else different[0].reason,
        tuple(dict.fromkeys(ref for side in different for ref in side.decided_by)),
        different[0].selected_by,
    )
