"""Addresses outside the cluster's pods, with what they have in common."""

from __future__ import annotations

from typing import NamedTuple

from policy_core.column import Allowed
from policy_core.ipblock import AddressSet
from policy_core.ports import NO_PORTS, PortSet

__all__ = ["AddressRange"]


class AddressRange(NamedTuple):
    """Addresses that may all be reached (or may all reach the pods) on exactly these ports."""

    addresses: AddressSet
    ports: PortSet
    unknown: PortSet = NO_PORTS
    """The ports of which nobody knows: where policies or nodes could not be read, or policies disagree."""

    @property
    def allowed(self) -> Allowed:
        return Allowed(self.ports, unknown=self.unknown)
