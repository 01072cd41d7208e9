"""What is read of a cluster: which resources, and under which version each is served there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from policy_core.model import kind_in_group
from policy_core.sources.cluster.connection import Connection
from policy_core.sources.cluster.errors import AbsentError

__all__ = ["RESOURCES", "Resource", "served"]


@dataclass(frozen=True, slots=True)
class Resource:
    """``versions`` in the order of preference; where a server has none of them its own preference counts,
    since not to know a version is no reason to overlook what may apply."""

    group: str
    versions: tuple[str, ...]
    plural: str
    kind_name: str
    namespaced: bool = True

    @property
    def kind(self) -> str:
        """As a Ref has it."""
        return kind_in_group(self.kind_name, self.group)

    @property
    def name(self) -> str:
        """As kubectl and RBAC have it: ``networkpolicies.networking.k8s.io``."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def path(self, version: str, namespace: str = "") -> str:
        """Where its objects are listed, in one namespace or (empty) in the whole cluster."""
        root = f"/apis/{self.group}/{version}" if self.group else f"/api/{version}"
        within = f"/namespaces/{namespace}" if namespace else ""
        return f"{root}{within}/{self.plural}"


_GATEWAY = "gateway.networking.k8s.io"
_ANTREA = "crd.antrea.io"
_TIERS = "policy.networking.k8s.io"

RESOURCES: tuple[Resource, ...] = (
    Resource("", ("v1",), "namespaces", "Namespace", False),
    Resource("", ("v1",), "pods", "Pod"),
    Resource("", ("v1",), "services", "Service"),
    Resource("discovery.k8s.io", ("v1",), "endpointslices", "EndpointSlice"),
    Resource("networking.k8s.io", ("v1",), "networkpolicies", "NetworkPolicy"),
    Resource("", ("v1",), "nodes", "Node", False),
    Resource("networking.k8s.io", ("v1",), "ingresses", "Ingress"),
    Resource("networking.k8s.io", ("v1",), "ingressclasses", "IngressClass", False),
    Resource("networking.k8s.io", ("v1", "v1beta1"), "servicecidrs", "ServiceCIDR", False),
    Resource(_TIERS, ("v1alpha2",), "clusternetworkpolicies", "ClusterNetworkPolicy", False),
    Resource(_TIERS, ("v1alpha1",), "adminnetworkpolicies", "AdminNetworkPolicy", False),
    Resource(_TIERS, ("v1alpha1",), "baselineadminnetworkpolicies", "BaselineAdminNetworkPolicy", False),
    Resource(_GATEWAY, ("v1", "v1beta1"), "gatewayclasses", "GatewayClass", False),
    Resource(_GATEWAY, ("v1", "v1beta1"), "gateways", "Gateway"),
    Resource(_GATEWAY, ("v1", "v1beta1"), "httproutes", "HTTPRoute"),
    Resource(_GATEWAY, ("v1",), "grpcroutes", "GRPCRoute"),
    Resource(_GATEWAY, ("v1", "v1alpha3", "v1alpha2"), "tlsroutes", "TLSRoute"),
    Resource(_GATEWAY, ("v1", "v1alpha2"), "tcproutes", "TCPRoute"),
    Resource(_GATEWAY, ("v1", "v1alpha2"), "udproutes", "UDPRoute"),
    Resource(_GATEWAY, ("v1", "v1beta1"), "referencegrants", "ReferenceGrant"),
    Resource("cilium.io", ("v2",), "ciliumnetworkpolicies", "CiliumNetworkPolicy"),
    Resource(
        "cilium.io", ("v2",), "ciliumclusterwidenetworkpolicies", "CiliumClusterwideNetworkPolicy", False
    ),
    Resource("projectcalico.org", ("v3",), "networkpolicies", "NetworkPolicy"),
    Resource("projectcalico.org", ("v3",), "globalnetworkpolicies", "GlobalNetworkPolicy", False),
    Resource("crd.projectcalico.org", ("v1",), "networkpolicies", "NetworkPolicy"),
    Resource("crd.projectcalico.org", ("v1",), "globalnetworkpolicies", "GlobalNetworkPolicy", False),
    Resource("security.istio.io", ("v1", "v1beta1"), "authorizationpolicies", "AuthorizationPolicy"),
    Resource("vpcresources.k8s.aws", ("v1beta1",), "securitygrouppolicies", "SecurityGroupPolicy"),
    Resource("networking.k8s.aws", ("v1alpha1",), "clusternetworkpolicies", "ClusterNetworkPolicy", False),
    Resource("networking.k8s.aws", ("v1alpha1",), "applicationnetworkpolicies", "ApplicationNetworkPolicy"),
    Resource(
        "crd.antrea.io", ("v1beta1", "v1alpha1"), "clusternetworkpolicies", "ClusterNetworkPolicy", False
    ),
    Resource("crd.antrea.io", ("v1beta1", "v1alpha1"), "networkpolicies", "NetworkPolicy"),
    Resource("k8s.ovn.org", ("v1",), "egressfirewalls", "EgressFirewall"),
    Resource("network.openshift.io", ("v1",), "egressnetworkpolicies", "EgressNetworkPolicy"),
)
"""In the order in which people think of them."""

_STANDING_FOR = {"crd.projectcalico.org": "projectcalico.org"}
"""A group whose objects are those of another one: where that is served, too, each would be read twice."""


def served(connection: Connection) -> dict[Resource, str]:
    """The resources that the cluster serves, each with the version to ask for. Raises ClusterError."""
    groups = {str(g.get("name")): g for g in connection.get_json("/apis").get("groups") or ()}
    found: dict[Resource, str] = {}
    listed: dict[str, frozenset[str]] = {}
    for resource in RESOURCES:
        if not resource.group:
            found[resource] = resource.versions[0]
        elif resource.group in groups and _STANDING_FOR.get(resource.group) not in groups:
            for version in _candidates(resource, groups[resource.group]):
                path = f"/apis/{resource.group}/{version}"
                if path not in listed:
                    listed[path] = _plurals(connection, path)
                if resource.plural in listed[path]:
                    found[resource] = version
                    break
    return found


def _candidates(resource: Resource, group: Mapping[str, Any]) -> Iterable[str]:
    offered = [str(version.get("version")) for version in group.get("versions") or ()]
    return (
        *(v for v in resource.versions if v in offered),
        *(v for v in offered if v not in resource.versions),
    )


def _plurals(connection: Connection, path: str) -> frozenset[str]:
    try:
        found = connection.get_json(path).get("resources") or ()
    except AbsentError:  # it has gone since the groups were listed
        return frozenset()
    return frozenset(str(resource.get("name")) for resource in found)
