"""What belongs to the cluster as a whole: its nodes, and the addresses that it gives to Services."""

from __future__ import annotations

from dataclasses import dataclass, field

from policy_core.identity import Origin, Ref
from policy_core.ipblock import IPAddress, IPNetwork
from policy_core.labels import Labels

__all__ = ["Node", "ServiceCIDR"]


@dataclass(frozen=True, slots=True)
class Node:
    name: str
    labels: Labels = field(default_factory=dict)
    addresses: tuple[IPAddress, ...] = ()
    """Those of ``status.addresses`` that are an InternalIP or an ExternalIP."""
    origin: Origin | None = None
    labels_known: bool = True
    """False where some could not be read: a selector that seems not to match may."""

    @property
    def ref(self) -> Ref:
        return Ref("Node", "", self.name)


@dataclass(frozen=True, slots=True)
class ServiceCIDR:
    """Ranges out of which Services get their cluster addresses."""

    name: str
    cidrs: tuple[IPNetwork, ...] = ()
    origin: Origin | None = None

    @property
    def ref(self) -> Ref:
        return Ref("ServiceCIDR", "", self.name)
