"""Names of kinds, as a Ref has them, by the part that they play."""

from __future__ import annotations

from policy_core.policies import Direction

__all__ = ["GATEWAYS", "ISTIO_ROOT", "MAY_APPLY", "OUTSIDE_ONLY", "ROUTES", "directions_of", "plural"]

MAY_APPLY = frozenset(
    (
        "ClusterNetworkPolicy",
        "AdminNetworkPolicy",
        "BaselineAdminNetworkPolicy",
        "NetworkPolicy.extensions",
        "ClusterNetworkPolicy.networking.k8s.aws",
        "ApplicationNetworkPolicy",
        "SecurityGroupPolicy",
        "CiliumNetworkPolicy",
        "CiliumClusterwideNetworkPolicy",
        "AuthorizationPolicy",
        "GlobalNetworkPolicy",
        "NetworkPolicy.projectcalico.org",
        "NetworkPolicy.crd.projectcalico.org",
        "ClusterNetworkPolicy.crd.antrea.io",
        "NetworkPolicy.crd.antrea.io",
        "EgressFirewall",
        "EgressNetworkPolicy",
    )
)
"""Policies that may apply to a pod beside its NetworkPolicies: while some are unread, no verdict is plain."""
OUTSIDE_ONLY = frozenset(("EgressFirewall", "EgressNetworkPolicy"))
"""Those of them that are about addresses outside the cluster alone."""
ROUTES = frozenset(
    ("Ingress", "HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute", "ReferenceGrant")
)
"""What brings traffic from outside to Services, or lets it."""
GATEWAYS = ("IngressClass", "Gateway", "GatewayClass")
"""What says whose controller serves a route."""
ISTIO_ROOT = "istio-system"
"""Istio's root namespace: an AuthorizationPolicy in it applies to every namespace."""


def directions_of(kind: str) -> frozenset[Direction]:
    """In which of a pod's directions objects of the kind may have a say."""
    if kind == "AuthorizationPolicy":
        return frozenset({Direction.INGRESS})
    return frozenset({Direction.EGRESS}) if kind in OUTSIDE_ONLY else frozenset(Direction)


def plural(kind: str) -> str:
    """``NetworkPolicies``, ``Ingresses``; with the group where the kind has it."""
    name, dot, group = kind.partition(".")
    if name.endswith("y"):
        several = f"{name[:-1]}ies"
    elif name.endswith("s"):
        several = f"{name}es"
    else:
        several = f"{name}s"
    return f"{several}{dot}{group}"
