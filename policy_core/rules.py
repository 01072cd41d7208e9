"""NetworkPolicies compiled against the index: whom each isolates, and whom its rules let through on which
ports. With them the tiers above and below."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from policy_core.index import Bits, Index
from policy_core.ipblock import EVERY_IPV4, EVERY_IPV6
from policy_core.matching import PeerMatch, PortMatch, match_peer, match_ports
from policy_core.model import Direction, NetworkPolicy, Peer, Pod, Rule, RuleRef
from policy_core.tiers import Tiers

__all__ = ["CompiledPolicy", "CompiledRule", "PolicySet"]


@dataclass(frozen=True, slots=True)
class CompiledRule:
    ref: RuleRef
    rule: Rule
    peers: PeerMatch
    ports: PortMatch


@dataclass(frozen=True, slots=True)
class CompiledPolicy:
    """``subjects`` are the classes that the policy isolates in ``direction``."""

    policy: NetworkPolicy
    direction: Direction
    subjects: Bits
    rules: tuple[CompiledRule, ...]


class PolicySet:
    """All policies of a snapshot, compiled. Build once for an index, then only read.

    What is compiled hangs on the policies, the classes and the namespaces' labels, not on the pods: while
    those are what they were, it is the same. Of a ``previous`` for other classes each rule keeps its ports.
    """

    def __init__(self, index: Index, previous: PolicySet | None = None) -> None:
        self.index = index
        self._everybody = PeerMatch(index.everyone, addresses=EVERY_IPV4 | EVERY_IPV6)
        self.of: Mapping[Direction, tuple[CompiledPolicy, ...]]
        self.isolated: Mapping[Direction, Bits]
        self.tiers: Tiers = Tiers.of_index(index, previous.tiers if previous else None)
        self._by_namespace: Mapping[tuple[Direction, str], Sequence[CompiledPolicy]]
        same_ground = previous is not None and _same_ground(previous.index, index)
        policies = index.snapshot.network_policies
        self.unseen: Bits = self._unseen()
        """The classes whose NetworkPolicies could not be read: no policy that was read counts for them, since
        nobody knows what the others let through or keep out."""
        if previous and same_ground and previous.index.snapshot.network_policies == policies:
            self.of, self.isolated = previous.of, previous.isolated
            self._by_namespace = previous._by_namespace
            return
        self.of = {
            direction: tuple(self._compiled(direction, previous, same_ground)) for direction in Direction
        }
        by_namespace: dict[tuple[Direction, str], list[CompiledPolicy]] = defaultdict(list)
        for direction, compiled_policies in self.of.items():
            for compiled in compiled_policies:
                by_namespace[direction, compiled.policy.namespace].append(compiled)
        self._by_namespace = by_namespace
        self.isolated = {
            direction: reduce(or_, (compiled.subjects for compiled in self.of[direction]), 0)
            for direction in Direction
        }

    def _compiled(
        self, direction: Direction, previous: PolicySet | None, same_ground: bool
    ) -> Iterator[CompiledPolicy]:
        before = {id(compiled.policy): compiled for compiled in previous.of[direction]} if previous else {}
        for policy in self.index.snapshot.network_policies:
            if direction in policy.types:
                known = before.get(id(policy))
                yield known if known and same_ground else self._compile(policy, direction, known)

    def _compile(
        self, policy: NetworkPolicy, direction: Direction, known: CompiledPolicy | None
    ) -> CompiledPolicy:
        rules = (
            CompiledRule(
                known.rules[number].ref if known else RuleRef(policy.ref, direction, number),
                rule,
                self._match_peers(rule.peers, policy.namespace),
                known.rules[number].ports if known else match_ports(rule.ports),
            )
            for number, rule in enumerate(policy.rules(direction))
        )
        return CompiledPolicy(policy, direction, self.index.subjects(policy) & ~self.unseen, tuple(rules))

    def _unseen(self) -> Bits:
        index, unread = self.index, self.index.snapshot.unread
        if not unread.some("NetworkPolicy"):
            return 0
        names = (name for name in index.snapshot.namespaces if unread.here("NetworkPolicy", name))
        return reduce(or_, map(index.in_namespace, names), 0) & ~index.host_network

    def open(self, direction: Direction) -> Bits:
        """The classes that no NetworkPolicy isolates, for certain."""
        return self.index.everyone & ~self.isolated[direction] & ~self.unseen

    def is_unseen(self, pod: Pod) -> bool:
        """Whether the policies of the pod, one that takes part, could not be read."""
        return bool(self.unseen and self.unseen & self.index.class_bit(pod))

    def _match_peers(self, peers: tuple[Peer, ...] | None, namespace: str) -> PeerMatch:
        if peers is None:
            return self._everybody
        matches = [match_peer(self.index, peer, namespace) for peer in peers]
        return reduce(or_, matches) if matches else PeerMatch()

    def selecting(self, pod: Pod, direction: Direction) -> tuple[CompiledPolicy, ...]:
        """The policies that isolate the pod in this direction; none where it is open, or unseen."""
        if pod.finished:
            return ()
        bit = self.index.class_bit(pod)
        return tuple(c for c in self.of_namespace(pod.namespace, direction) if c.subjects & bit)

    def of_namespace(self, namespace: str, direction: Direction) -> Sequence[CompiledPolicy]:
        """A policy selects pods of its own namespace only."""
        return self._by_namespace.get((direction, namespace), ())


def _same_ground(one: Index, other: Index) -> bool:
    """Whether the same policy, compiled for either, is the same."""
    return one.bitsets is other.bitsets and one.snapshot.namespaces == other.snapshot.namespaces
