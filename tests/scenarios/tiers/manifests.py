"""Tiered policies as objects of either version of their API.

What the two versions can both say is said once; here it is written down in the words of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import yaml

__all__ = ["VERSIONS", "Policy", "Rule", "accept", "deny_rule", "hand_on"]

VERSIONS = ("v1alpha1", "v1alpha2")


class Rule(NamedTuple):
    action: str
    """``Accept``, ``Deny`` or ``Pass``."""
    peers: str
    """In YAML flow style: the two versions have the same fields for these."""
    ports: Sequence[str] = ()
    """``TCP 80``, ``TCP 80-90``, or the name of a port; none for all of them."""

    def document(self, version: str, peers_field: str) -> dict[str, Any]:
        first = version == "v1alpha1"
        action = "Allow" if first and self.action == "Accept" else self.action
        found = {"action": action, peers_field: yaml.safe_load(self.peers)}
        if self.ports:
            found["ports" if first else "protocols"] = [
                (_port if first else _protocol)(p) for p in self.ports
            ]
        return found


def accept(peers: str, *ports: str) -> Rule:
    return Rule("Accept", peers, ports)


def deny_rule(peers: str, *ports: str) -> Rule:
    return Rule("Deny", peers, ports)


def hand_on(peers: str, *ports: str) -> Rule:
    return Rule("Pass", peers, ports)


def _port(text: str) -> dict[str, Any]:
    if " " not in text:
        return {"namedPort": text}
    protocol, numbers = text.split()
    start, _, end = numbers.partition("-")
    if end:
        return {"portRange": {"protocol": protocol, "start": int(start), "end": int(end)}}
    return {"portNumber": {"protocol": protocol, "port": int(start)}}


def _protocol(text: str) -> dict[str, Any]:
    if " " not in text:
        return {"destinationNamedPort": text}
    protocol, numbers = text.split()
    start, _, end = numbers.partition("-")
    port = {"range": {"start": int(start), "end": int(end)}} if end else {"number": int(start)}
    return {protocol.lower(): {"destinationPort": port}}


class Policy(NamedTuple):
    name: str
    priority: int
    """Of the baseline it counts only in the second version; in the first there is but one."""
    subject: str
    """In YAML flow style."""
    ingress: Sequence[Rule] = ()
    egress: Sequence[Rule] = ()
    baseline: bool = False

    def document(self, version: str) -> dict[str, Any]:
        first = version == "v1alpha1"
        kind = "ClusterNetworkPolicy"
        if first:
            kind = "BaselineAdminNetworkPolicy" if self.baseline else "AdminNetworkPolicy"
        spec: dict[str, Any] = {}
        if not first:
            spec["tier"] = "Baseline" if self.baseline else "Admin"
        if not (first and self.baseline):
            spec["priority"] = self.priority
        spec["subject"] = yaml.safe_load(self.subject)
        for field, peers_field, rules in (("ingress", "from", self.ingress), ("egress", "to", self.egress)):
            if rules:
                spec[field] = [rule.document(version, peers_field) for rule in rules]
        return {
            "apiVersion": f"policy.networking.k8s.io/{version}",
            "kind": kind,
            "metadata": {"name": self.name},
            "spec": spec,
        }
