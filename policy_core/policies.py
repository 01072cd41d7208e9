"""What controls traffic: NetworkPolicies, the tiered policies above and below them, and the policies of
others, which are only recognised."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from policy_core.conditions import Condition
from policy_core.identity import Origin, Ref, kind_in_group
from policy_core.ipblock import AddressSet, IPNetwork
from policy_core.labels import EVERYTHING, Labels, LabelSelector

__all__ = [
    "ANY_PROTOCOL",
    "Action",
    "Direction",
    "DomainNames",
    "IPBlock",
    "NetworkPolicy",
    "Networks",
    "Nodes",
    "Peer",
    "PodPeer",
    "PolicyPort",
    "Rule",
    "RuleRef",
    "Selection",
    "Tier",
    "TieredPeer",
    "TieredPolicy",
    "TieredRule",
    "UnevaluatedPolicy",
]


class Direction(StrEnum):
    INGRESS = "ingress"
    EGRESS = "egress"


@dataclass(frozen=True, slots=True)
class PodPeer:
    """``namespaceSelector`` and ``podSelector`` of one peer, ANDed. None means absent: without a namespace
    selector the policy's own namespace, without a pod selector every pod of those namespaces."""

    namespaces: LabelSelector | None = None
    pods: LabelSelector | None = None


@dataclass(frozen=True, slots=True)
class IPBlock:
    """``cidr`` and ``except`` as networks, host bits already masked."""

    cidr: IPNetwork
    excepted: tuple[IPNetwork, ...] = ()

    @property
    def addresses(self) -> AddressSet:
        return AddressSet.block(self.cidr, self.excepted)


Peer = PodPeer | IPBlock


@dataclass(frozen=True, slots=True)
class PolicyPort:
    """``port`` None is every port of the protocol; a string is a name that the destination pod resolves."""

    protocol: str = "TCP"
    port: int | str | None = None
    end_port: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of ``ingress`` or ``egress``.

    ``peers`` None is any peer (``from`` absent or empty); an empty tuple is a rule whose peers were all
    invalid, and it matches nobody. ``ports`` likewise: None is every port of every protocol.
    """

    peers: tuple[Peer, ...] | None = None
    ports: tuple[PolicyPort, ...] | None = None


@dataclass(frozen=True, slots=True)
class NetworkPolicy:
    """``types`` has been defaulted. Rules keep their manifest's order: ``ingress[i]`` is rule i + 1."""

    namespace: str
    name: str
    pod_selector: LabelSelector = EVERYTHING
    types: frozenset[Direction] = frozenset({Direction.INGRESS})
    ingress: tuple[Rule, ...] = ()
    egress: tuple[Rule, ...] = ()
    labels: Labels = field(default_factory=dict)
    origin: Origin | None = None

    @property
    def ref(self) -> Ref:
        return Ref("NetworkPolicy", self.namespace, self.name)

    def rules(self, direction: Direction) -> tuple[Rule, ...]:
        return self.ingress if direction is Direction.INGRESS else self.egress


class RuleRef(NamedTuple):
    """One rule of one policy; ``position`` counts from 0, as in the manifest's field path."""

    policy: Ref
    direction: Direction
    position: int

    def __str__(self) -> str:
        return f"{self.policy} {self.direction}[{self.position}]"


# Tiers ----------------------------------------------------------------------------------------------------


class Tier(StrEnum):
    """In the order in which they decide; what none of them decides is allowed."""

    ADMIN = "Admin"
    NETWORK_POLICY = "NetworkPolicy"
    BASELINE = "Baseline"


class Action(StrEnum):
    """What a rule does with what it matches; ClusterNetworkPolicy says ``Accept`` for ALLOW."""

    ALLOW = "allow"
    DENY = "deny"
    PASS = "pass"  # noqa: S105
    """Go on to the next tier."""


ANY_PROTOCOL = "*"
"""Of a :class:`PolicyPort` that is a name: whatever protocol the port of that name has."""


@dataclass(frozen=True, slots=True)
class Networks:
    """Addresses, those of pods among them."""

    cidrs: tuple[IPNetwork, ...]

    @property
    def addresses(self) -> AddressSet:
        return AddressSet.of(*self.cidrs)


@dataclass(frozen=True, slots=True)
class Nodes:
    """The addresses of the nodes with such labels."""

    selector: LabelSelector


@dataclass(frozen=True, slots=True)
class DomainNames:
    """Names, ``*.`` before one meaning everything below it: in small letters and without a dot at the end."""

    names: tuple[str, ...]

    def matching(self, name: str) -> str:
        """The first pattern that matches a name of that form; empty where none does."""
        for pattern in self.names:
            if name == pattern or (pattern.startswith("*.") and name.endswith(pattern[1:])):
                return pattern
        return ""


TieredPeer = PodPeer | Networks | Nodes | DomainNames


@dataclass(frozen=True, slots=True)
class TieredRule:
    """One entry of ``ingress`` or ``egress``. ``ports`` None is every port of every protocol.

    ``closed`` tells what of it is not understood. Such a rule fails closed, as the API asks for: one that
    allows matches nothing, any other denies everything to whatever it is for.
    """

    action: Action
    peers: tuple[TieredPeer, ...]
    ports: tuple[PolicyPort, ...] | None = None
    name: str = ""
    closed: str = ""


@dataclass(frozen=True, slots=True)
class TieredPolicy:
    """A ClusterNetworkPolicy (policy.networking.k8s.io/v1alpha2), AdminNetworkPolicy or
    BaselineAdminNetworkPolicy (v1alpha1). Rules keep their manifest's order: ``ingress[i]`` is rule i + 1.

    ``subject`` always has a namespace selector; one that is invalid where nobody can say for which pods, or
    when, the policy was to decide.
    """

    kind: str
    name: str
    tier: Tier
    priority: int | None
    """Lower ones decide first; None of the BaselineAdminNetworkPolicy, of which there is only one."""
    subject: PodPeer
    ingress: tuple[TieredRule, ...] = ()
    egress: tuple[TieredRule, ...] = ()
    labels: Labels = field(default_factory=dict)
    origin: Origin | None = None

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, "", self.name)

    def rules(self, direction: Direction) -> tuple[TieredRule, ...]:
        return self.ingress if direction is Direction.INGRESS else self.egress


# Others ---------------------------------------------------------------------------------------------------


_BOTH = frozenset(Direction)


@dataclass(frozen=True, slots=True)
class Selection:
    """To what a part of an object that is not evaluated may apply, and in which directions of it."""

    condition: Condition | None = None
    """None: every pod in scope."""
    directions: frozenset[Direction] = _BOTH
    pods: bool = True
    """Whether to pods with an address of their own."""
    hosts: bool = True
    """Whether to hostNetwork pods, which are like their node."""


@dataclass(frozen=True, slots=True)
class UnevaluatedPolicy:
    """A policy object of a kind that this tool recognises but does not evaluate.

    It may apply to the pods in scope that ``namespaces`` and ``pods`` match (None: no restriction) and, in
    the directions given there, any of ``selections``. ``readable`` is False where the object selects in a way
    that was not understood: then it may select any pod in scope.
    """

    group: str
    kind: str
    namespace: str
    """Empty for a cluster-scoped kind; else only pods of this namespace are in scope."""
    name: str
    namespaces: LabelSelector | None = None
    pods: LabelSelector | None = None
    readable: bool = True
    origin: Origin | None = None
    selections: tuple[Selection, ...] = (Selection(),)
    outside_only: bool = False
    """Whether it is about connections to addresses outside the cluster alone."""
    stands_for: Ref | None = None
    """An object of another kind of which this is but a view: where that was read, this says nothing new."""

    @property
    def ref(self) -> Ref:
        return Ref(kind_in_group(self.kind, self.group), self.namespace, self.name)

    @property
    def directions(self) -> frozenset[Direction]:
        """Those of all its parts together."""
        return frozenset().union(*(each.directions for each in self.selections))
