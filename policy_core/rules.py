"""NetworkPolicies compiled against the index: whom each isolates, and whom its rules let through on which
ports. With them the tiers above and below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_

from policy_core.classes import bitset_of
from policy_core.index import Bits, Index
from policy_core.ipblock import EVERY_IPV4, EVERY_IPV6, AddressSet
from policy_core.labels import LabelSelector
from policy_core.leads import Lead, Leads
from policy_core.matching import Family, PeerMatch, PortMatch, match_peer, match_ports
from policy_core.model import Direction, IPBlock, NetworkPolicy, Pod, PodPeer, Rule, RuleRef
from policy_core.parts import Part
from policy_core.selectors import Selectors
from policy_core.tiers import Tiers

__all__ = ["CompiledPolicy", "CompiledRule", "PolicySet"]


@dataclass(frozen=True, eq=False)
class CompiledRule:
    ref: RuleRef
    rule: Rule
    ports: PortMatch
    selectors: Selectors

    @cached_property
    def peers(self) -> PeerMatch:
        """Worked out when it is asked for: nobody looks at the rules of all policies at once but for all
        pairs, and these are long bitsets."""
        if self.rule.peers is None:
            return PeerMatch(self.selectors.bitsets.everyone, addresses=EVERY_IPV4 | EVERY_IPV6)
        matches = [match_peer(self.selectors, peer, self.ref.policy.namespace) for peer in self.rule.peers]
        return reduce(or_, matches) if matches else PeerMatch()

    @cached_property
    def addresses(self) -> AddressSet:
        """Those outside the pods that the peers match."""
        if self.rule.peers is None:
            return EVERY_IPV4 | EVERY_IPV6
        return AddressSet.union(peer.addresses for peer in self.rule.peers if isinstance(peer, IPBlock))


@dataclass(frozen=True, eq=False)
class CompiledPolicy:
    policy: NetworkPolicy
    direction: Direction
    numbers: frozenset[int]
    """Of the classes that the policy isolates in ``direction``."""
    selectors: Selectors

    @cached_property
    def rules(self) -> tuple[CompiledRule, ...]:
        ref, direction = self.policy.ref, self.direction
        return tuple(
            CompiledRule(RuleRef(ref, direction, number), rule, match_ports(rule.ports), self.selectors)
            for number, rule in enumerate(self.policy.rules(direction))
        )

    @property
    def subjects(self) -> Bits:
        """They as a bitset."""
        return bitset_of(self.numbers)


@dataclass(frozen=True, eq=False)
class _Compiled:
    """The policies of one namespace, for the classes that it had then."""

    policies: Part[NetworkPolicy]
    classed: object
    numbers: tuple[frozenset[int], ...]
    """For each policy the classes that it selects."""
    of: Mapping[Direction, tuple[CompiledPolicy, ...]]

    @cached_property
    def selecting(self) -> Mapping[Direction, Mapping[int, Sequence[CompiledPolicy]]]:
        """The policies that select each class."""
        found: dict[Direction, dict[int, list[CompiledPolicy]]] = {way: {} for way in Direction}
        for way, policies in self.of.items():
            for policy in policies:
                for number in policy.numbers:
                    found[way].setdefault(number, []).append(policy)
        return found


class PolicySet:
    """All policies of a snapshot, compiled namespace by namespace when they are asked for.

    What is compiled hangs on the policies, the classes and the namespaces' labels, not on the pods: while
    those are what they were, it is the same.
    """

    def __init__(self, index: Index, previous: PolicySet | None = None) -> None:
        self.index = index
        self.tiers: Tiers = Tiers.of_index(index, previous.tiers if previous else None)
        self.unseen: Bits = self._unseen()
        """The classes whose NetworkPolicies could not be read: no policy that was read counts for them, since
        nobody knows what the others let through or keep out."""
        self._known: dict[str, _Compiled] = {}
        self._let_out: dict[Lead, Bits] = {}
        self._blocks: dict[Lead, PeerMatch] = {}
        self._same_ground = previous is not None and previous.index.selectors is index.selectors
        self._before: Mapping[str, _Compiled] = previous._known if previous else {}
        policies = index.snapshot.network_policies
        if previous and previous.index.snapshot.network_policies is policies:
            carried = {"leads"}  # these hang on nothing but the policies
            if self._same_ground:
                self._known = previous._known
                self._let_out, self._blocks = previous._let_out, previous._blocks
                carried |= {"of", "isolated"}
            # Nobody has to put them together again.
            self.__dict__.update({k: v for k, v in previous.__dict__.items() if k in carried})

    @cached_property
    def of(self) -> Mapping[Direction, tuple[CompiledPolicy, ...]]:
        """Those of all namespaces."""
        every = [self._compiled(name) for name in self.index.snapshot.network_policies.parts]
        return {
            direction: tuple(policy for each in every for policy in each.of[direction])
            for direction in Direction
        }

    @cached_property
    def isolated(self) -> Mapping[Direction, Bits]:
        """The classes that some NetworkPolicy isolates."""
        return {way: bitset_of({n for each in of for n in each.numbers}) for way, of in self.of.items()}

    def _compiled(self, namespace: str) -> _Compiled:
        known = self._known.get(namespace)
        if known is None:
            policies = self.index.snapshot.network_policies.of_namespace(namespace)
            classed = self.index.classed(namespace)
            known = self._before.get(namespace)
            same = known is not None and known.policies is policies and known.classed is classed
            if known is None or not (same and self._same_ground):
                known = self._compile(policies, classed, known)
            self._known[namespace] = known
        return known

    def _compile(self, policies: Part[NetworkPolicy], classed: object, before: _Compiled | None) -> _Compiled:
        numbers: dict[int, frozenset[int]] = {}
        known: dict[tuple[Direction, int], CompiledPolicy] = {}
        if before and before.classed is classed:
            numbers = dict(zip(map(id, before.policies), before.numbers, strict=True))
        if before and self._same_ground:
            known = {(each.direction, id(each.policy)): each for of in before.of.values() for each in of}
        selected: dict[LabelSelector, frozenset[int]] = {}
        for policy in policies:
            if id(policy) not in numbers:
                if policy.pod_selector not in selected:
                    found = self.index.subject_numbers(policy)
                    selected[policy.pod_selector] = frozenset(n for n in found if not self.unseen >> n & 1)
                numbers[id(policy)] = selected[policy.pod_selector]
        of = {
            direction: tuple(
                known.get((direction, id(policy)))
                or CompiledPolicy(policy, direction, numbers[id(policy)], self.index.selectors)
                for policy in policies
                if direction in policy.types
            )
            for direction in Direction
        }
        return _Compiled(policies, classed, tuple(numbers[id(policy)] for policy in policies), of)

    @cached_property
    def leads(self) -> Leads:
        """The egress rules by where they lead."""
        return Leads(self.index.snapshot.network_policies)

    def let_out(self, lead: Lead) -> Bits:
        """The classes whose pods a lead lets out."""
        found = self._let_out.get(lead)
        if found is None:
            numbers: set[int] = set()
            for namespace, places in lead.by_namespace.items():
                compiled = self._compiled(namespace)
                numbers.update(number for place in places for number in compiled.numbers[place])
            found = self._let_out[lead] = bitset_of(numbers)
        return found

    def matches(self, lead: Lead, pod: Pod, family: Family) -> bool | None:
        """Whether a lead's peer matches the pod over an address family; None where that is not known."""
        if lead.peer is None:
            return True
        if isinstance(lead.peer, PodPeer):
            return self.index.selectors.selects(lead.peer, lead.namespace, pod)
        blocks, bit = self._blocks.get(lead), self.index.class_bit(pod)
        if blocks is None:
            blocks = self._blocks[lead] = match_peer(self.index.selectors, lead.peer)
        if blocks.classes(family) & bit:
            return True
        return None if blocks.possible(family) & bit else False

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

    def selecting(self, pod: Pod, direction: Direction) -> tuple[CompiledPolicy, ...]:
        """The policies that isolate the pod in this direction; none where it is open, or unseen."""
        if pod.finished:
            return ()
        number = self.index.class_of[pod.ref]
        return tuple(self._compiled(pod.namespace).selecting[direction].get(number, ()))

    def of_namespace(self, namespace: str, direction: Direction) -> Sequence[CompiledPolicy]:
        """A policy selects pods of its own namespace only."""
        return self._compiled(namespace).of[direction]
