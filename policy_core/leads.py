"""The egress rules of all policies by where they lead: of ten thousand policies a few name any one pod."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from weakref import WeakKeyDictionary, ref

from policy_core.classes import Bits, bitset_of
from policy_core.labels import LabelSelector, Operator
from policy_core.matching import Family, PeerMatch, PortMatch, match_peer, match_ports
from policy_core.model import NAME_LABEL, Direction, NetworkPolicy, Peer, Pod, PodPeer, PolicyPort
from policy_core.parts import Part
from policy_core.rules import PolicySet
from policy_core.selectors import namespace_matches

__all__ = ["Lead", "Leads", "leads"]

_Key = tuple[Peer | None, str, tuple[PolicyPort, ...] | None]
"""A peer (None is any), the policies' own namespace where it means pods of that, and the ports."""


class Lead:
    """One peer on the same ports, and all policies that have a rule for it."""

    def __init__(self, policies: PolicySet, key: _Key) -> None:
        self.peer, self._namespace, self._ports = key
        self._whose = ref(policies)  # which keeps the leads, so they must not keep it
        self.by_namespace: dict[str, Sequence[int]] = {}
        """Where the policies are among those of their namespaces."""

    @property
    def _policies(self) -> PolicySet:
        found = self._whose()
        assert found is not None  # noqa: S101 - nobody asks but on behalf of those policies
        return found

    @cached_property
    def ports(self) -> PortMatch:
        return match_ports(self._ports)

    @cached_property
    def subjects(self) -> Bits:
        """The classes whose pods it lets out."""
        return bitset_of(self._numbers())

    def _numbers(self) -> Iterator[int]:
        policies = self._policies.index.snapshot.network_policies
        for namespace, places in self.by_namespace.items():
            part = policies.of_namespace(namespace)
            wanted = {id(part[place]) for place in places}
            for compiled in self._policies.of_namespace(namespace, Direction.EGRESS):
                if id(compiled.policy) in wanted:
                    yield from compiled.numbers

    def matches(self, pod: Pod, family: Family) -> bool | None:
        """Whether it matches the pod over an address family; None where that is not known."""
        if self.peer is None:
            return True
        if isinstance(self.peer, PodPeer):
            return self._selects(pod, self.peer)
        bit = self._policies.index.class_bit(pod)
        if self._blocks.classes(family) & bit:
            return True
        return None if self._blocks.possible(family) & bit else False

    def _selects(self, pod: Pod, peer: PodPeer) -> bool | None:
        """hostNetwork pods carry their node's address, so no selector matches them."""
        if pod.host_network or (peer.pods is not None and not peer.pods.matches(pod.labels)):
            return False
        if peer.namespaces is None:
            return pod.namespace == self._namespace
        return namespace_matches(peer.namespaces, self._policies.index.snapshot.namespaces[pod.namespace])

    @cached_property
    def _blocks(self) -> PeerMatch:
        return match_peer(self._policies.index.selectors, self.peer, "") if self.peer else PeerMatch()


class Leads:
    """Those of all policies. Immutable, apart from what each lead finds out about itself."""

    def __init__(self, policies: PolicySet) -> None:
        self._namespaces = policies.index.snapshot.namespaces
        self._local: dict[str, list[Lead]] = defaultdict(list)
        """To pods of the policies' own namespace."""
        self._named: dict[str, list[Lead]] = defaultdict(list)
        """To namespaces that are given by their names."""
        self._anywhere: list[Lead] = []
        known: dict[_Key, Lead] = {}
        for namespace, part in policies.index.snapshot.network_policies.parts.items():
            for key, places in part.fact(_by_key).items():
                lead = known.get(key)
                if lead is None:
                    lead = known[key] = Lead(policies, key)
                    self._add(lead, key)
                lead.by_namespace[namespace] = places

    def _add(self, lead: Lead, key: _Key) -> None:
        peer, own, _ = key
        names = _names(peer.namespaces) if isinstance(peer, PodPeer) else None
        if own:
            self._local[own].append(lead)
        elif names is None:
            self._anywhere.append(lead)
        else:
            for name in names:
                self._named[name].append(lead)

    def to(self, pod: Pod) -> Iterator[Lead]:
        """Those that may match a pod; some that do not are among them."""
        name = self._namespaces[pod.namespace].labels.get(NAME_LABEL, "")
        yield from self._local.get(pod.namespace, ())
        yield from self._named.get(name, ())
        yield from self._anywhere


def _by_key(policies: Part[NetworkPolicy]) -> Mapping[_Key, Sequence[int]]:
    """The egress rules of one namespace."""
    found: dict[_Key, list[int]] = {}
    for place, policy in enumerate(policies):
        for rule in policy.egress if Direction.EGRESS in policy.types else ():
            for peer in (None,) if rule.peers is None else rule.peers:
                local = isinstance(peer, PodPeer) and peer.namespaces is None
                found.setdefault((peer, policy.namespace if local else "", rule.ports), []).append(place)
    return found


def _names(selector: LabelSelector | None) -> tuple[str, ...] | None:
    """The names that a selector asks of namespaces; None where it asks for none."""
    for requirement in selector.requirements() if selector is not None else ():
        if (requirement.key, requirement.operator) == (NAME_LABEL, Operator.IN):
            return tuple(dict.fromkeys(requirement.values))
    return None


_KNOWN: WeakKeyDictionary[PolicySet, Leads] = WeakKeyDictionary()


def leads(policies: PolicySet) -> Leads:
    """Kept as long as the policies are at hand."""
    found = _KNOWN.get(policies)
    if found is None:
        found = _KNOWN[policies] = Leads(policies)
    return found
