"""A side of a connection whose far end has an address that nobody knows here: a client's that a node has
replaced with its own, or whatever a DNS name resolves to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from policy_core.blocks import blocks
from policy_core.index import Bits, Index, bits
from policy_core.intervals import cut
from policy_core.ipblock import EVERY, IPAddress, address_at
from policy_core.judge import End, Judge, addresses
from policy_core.matching import PeerMatch, PortMatch, families
from policy_core.model import Direction, Pod
from policy_core.openness import own_families
from policy_core.rules import PolicySet
from policy_core.sides import Reason, Side, Verdict

__all__ = ["masked_side"]

_Matched = tuple[PeerMatch, PortMatch]


def masked_side(
    policies: PolicySet,
    direction: Direction,
    pod: Pod,
    protocol: str,
    port: int,
    over: Collection[int],
    name: str = "",
) -> Side:
    """Allow where every address is let through, deny where none is, else unknown. ``over`` are the address
    families that may be meant. For egress the far end may be a pod, too: names lead anywhere. ``name`` is
    what it is called, where that is how it was found."""
    own = [family for family in own_families(pod) if family in over]
    if not own:
        return Side(Verdict.DENY, Reason.NO_COMMON_FAMILY)
    if pod.host_network:
        return Side(Verdict.ALLOW, Reason.HOST_NETWORK)
    matched = list(_matched(policies, direction, pod))
    ends: list[End] = list(_addresses(matched, own))
    if direction is Direction.EGRESS:
        ends += _pods(policies.index, matched, protocol, port)
    return _together(_sides(policies, direction, pod, protocol, port, own, name, ends))


def _sides(
    policies: PolicySet,
    direction: Direction,
    pod: Pod,
    protocol: str,
    port: int,
    over: Collection[int],
    name: str,
    ends: Iterable[End],
) -> Iterator[Side]:
    for end in ends:
        source, destination = (pod, end) if direction is Direction.EGRESS else (end, pod)
        judge = Judge(policies, source, destination, protocol, port, name)
        for family in families(addresses(pod), addresses(end)):
            if family is None or family in over:
                yield judge.by_policy(direction, pod, end, family)


def _together(sides: Iterable[Side]) -> Side:
    different = list(dict.fromkeys(sides))
    if len(different) == 1:
        return different[0]
    verdicts = {side.verdict for side in different}
    refs = tuple(dict.fromkeys(ref for side in different for ref in side.decided_by))
    selected_by = tuple(dict.fromkeys(ref for side in different for ref in side.selected_by))
    if len(verdicts) == 1:
        return Side(verdicts.pop(), different[0].reason, refs, selected_by)
    return Side(Verdict.UNKNOWN, Reason.MASKED, refs, selected_by)


def _matched(policies: PolicySet, direction: Direction, pod: Pod) -> Iterator[_Matched]:
    for compiled in policies.selecting(pod, direction):
        for rule in compiled.rules:
            yield rule.peers, rule.ports
    for tiered in policies.tiers.concerning(policies.index, pod, direction):
        for entry in tiered.rules:
            yield entry.peers, entry.ports


def _addresses(matched: Iterable[_Matched], over: Collection[int]) -> Iterator[IPAddress]:
    """One of each stretch of addresses that no rule can tell apart."""
    sets = {addresses.line for peers, _ in matched for addresses in (peers.addresses, peers.perhaps)}
    for family in over:
        every = EVERY[family]
        for within, line in cut([every.line, *sets]).items():
            if within & 1:
                yield address_at(line.intervals[0][0])


def _pods(index: Index, matched: Iterable[_Matched], protocol: str, port: int) -> Iterator[Pod]:
    """One of each kind of pods that no rule can tell apart."""
    bitsets: set[Bits] = {*index.addressed, index.unaddressed}
    for peers, ports in matched:
        bitsets.update((peers.certain, peers.by_ipv4, peers.by_ipv6, peers.by_labels))
        bitsets.update((peers.by_new_ipv4, peers.by_new_ipv6))
        bitsets.update(index.listening(declared, port) for declared in ports.names if declared[1] == protocol)
    for block in blocks(index.present, bitsets):
        first = next(bits(block))
        yield index.members(first)[0]
