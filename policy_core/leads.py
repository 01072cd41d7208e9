"""The egress rules of all policies by where they lead: of ten thousand policies a few name any one pod."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from policy_core.labels import LabelSelector, Operator
from policy_core.matching import PortMatch, match_ports
from policy_core.model import NAME_LABEL, Direction, NetworkPolicy, Peer, Pod, PodPeer, PolicyPort
from policy_core.parts import ByNamespace, Part

__all__ = ["Lead", "Leads"]

_Key = tuple[Peer | None, str, tuple[PolicyPort, ...] | None]
"""A peer (None is any), the policies' own namespace where it means pods of that, and the ports."""


class Lead:
    """One peer on the same ports, and all policies that have a rule for it. It hangs on nothing but the
    policies: what it means for some pods the compiled policies tell."""

    def __init__(self, key: _Key) -> None:
        self.peer, self.namespace, self._ports = key
        self.by_namespace: dict[str, Sequence[int]] = {}
        """Where the policies are among those of their namespaces."""

    @cached_property
    def ports(self) -> PortMatch:
        return match_ports(self._ports)


class Leads:
    """Those of all policies. Immutable."""

    def __init__(self, policies: ByNamespace[NetworkPolicy]) -> None:
        self._local: dict[str, list[Lead]] = defaultdict(list)
        """To pods of the policies' own namespace."""
        self._named: dict[str, list[Lead]] = defaultdict(list)
        """To namespaces that are given by their names."""
        self._anywhere: list[Lead] = []
        known: dict[_Key, Lead] = {}
        for namespace, part in policies.parts.items():
            for key, places in part.fact(_by_key).items():
                lead = known.get(key)
                if lead is None:
                    lead = known[key] = Lead(key)
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
        yield from self._local.get(pod.namespace, ())
        yield from self._named.get(pod.namespace, ())
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
