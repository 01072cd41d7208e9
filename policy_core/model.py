"""The Kubernetes objects that routing and policy depend on, as frozen values.

Only what the evaluation needs is kept. Defaults are those of the API server: whoever builds an object has
already applied them (:mod:`policy_core.manifests` does).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from policy_core.coverage import Coverage
from policy_core.gateways import Gateway, GatewayClass, IngressClass, Listener, ParentRef, ParentStatus
from policy_core.identity import Origin, Ref, kind_in_group
from policy_core.ipblock import IPAddress
from policy_core.labels import Labels, LabelSelector
from policy_core.nodes import Node, ServiceCIDR
from policy_core.policies import (
    ANY_PROTOCOL,
    Action,
    Direction,
    DomainNames,
    IPBlock,
    NetworkPolicy,
    Networks,
    Nodes,
    Peer,
    PodPeer,
    PolicyPort,
    Rule,
    RuleRef,
    Selection,
    Tier,
    TieredPeer,
    TieredPolicy,
    TieredRule,
    UnevaluatedPolicy,
)

__all__ = [
    "ANY_PROTOCOL",
    "NAME_LABEL",
    "UNREADABLE",
    "Action",
    "Container",
    "ContainerPort",
    "Direction",
    "DomainNames",
    "Endpoint",
    "EndpointPort",
    "EndpointSlice",
    "Gateway",
    "GatewayClass",
    "IPBlock",
    "IngressClass",
    "Listener",
    "Namespace",
    "NetworkPolicy",
    "Networks",
    "Node",
    "Nodes",
    "ObjectOfInterest",
    "Origin",
    "ParentRef",
    "ParentStatus",
    "Peer",
    "Pod",
    "PodPeer",
    "PolicyPort",
    "Problem",
    "Reading",
    "Ref",
    "ReferenceGrant",
    "Route",
    "RouteBackend",
    "Rule",
    "RuleRef",
    "Selection",
    "Service",
    "ServiceCIDR",
    "ServicePort",
    "Severity",
    "Tier",
    "TieredPeer",
    "TieredPolicy",
    "TieredRule",
    "UnevaluatedPolicy",
    "Workload",
    "kind_in_group",
]


UNREADABLE = "(unreadable)"
"""In place of a label value in a selector: the API server accepts no label of this value, so none matches."""


NAME_LABEL = "kubernetes.io/metadata.name"
"""The label that the API server gives every namespace: its name."""


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read, or that the API server would have refused."""

    severity: Severity
    message: str
    file: str
    line: int = 0
    """Counted from 1; 0 where the whole file is meant."""
    field: str = ""
    """The path inside the object, as ``spec.ingress[0].from[1].ipBlock.cidr``."""
    subject: Ref | None = None

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file

    def __str__(self) -> str:
        parts = [self.where, str(self.subject) if self.subject else "", self.field, self.message]
        return ": ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Namespace:
    name: str
    labels: Labels
    """Always has ``kubernetes.io/metadata.name``."""
    origin: Origin | None = None
    """None where the namespace is only named by other objects."""
    labels_known: bool = True
    """False where the namespace exists but it or its labels could not be read: only its name is certain."""

    @property
    def ref(self) -> Ref:
        return Ref("Namespace", "", self.name)


@dataclass(frozen=True, slots=True)
class ContainerPort:
    number: int
    protocol: str = "TCP"
    name: str = ""
    host_port: int = 0
    """A port of the node that leads here; 0: none."""
    host_ip: str = ""
    """The address of the node on which ``host_port`` is open; empty: each of them."""


@dataclass(frozen=True, slots=True)
class Container:
    """What tells of a network plugin's container whether it enforces policy."""

    name: str
    image: str = ""
    arguments: tuple[str, ...] = ()
    """Of ``command`` and ``args`` those that matter (see :mod:`policy_core.plugin_options`), as written."""
    environment: tuple[tuple[str, str], ...] = ()
    """Of ``env`` the entries that matter, those with a plain value."""


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod, or the pods of a workload's template (then ``kind`` is the workload's kind)."""

    namespace: str
    name: str
    labels: Labels = field(default_factory=dict)
    ips: tuple[IPAddress, ...] = ()
    ports: tuple[ContainerPort, ...] = ()
    """In the order in which the API resolves names: containers, then restartable init containers."""
    node: str = ""
    host_ips: tuple[IPAddress, ...] = ()
    """The node's addresses (``status.hostIPs``)."""
    host_network: bool = False
    phase: str = ""
    """``status.phase``; empty where there is no status to read."""
    ready: bool = True
    """The Ready condition; true where the pod has no conditions."""
    kind: str = "Pod"
    replicas: int | None = None
    """How many pods a template stands for; None where the cluster decides (DaemonSet, Job, CronJob)."""
    owner: Ref | None = None
    """The controller named by ``metadata.ownerReferences``."""
    origin: Origin | None = None
    terminating: bool = False
    """It is being deleted (``metadata.deletionTimestamp``): no ready endpoint any more."""
    labels_known: bool = True
    """False where some of its labels could not be read: selectors may match it that seem not to."""
    containers: tuple[Container, ...] = ()
    """Only of hostNetwork pods, one of which may be a network plugin's; empty for all the others."""

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, self.namespace, self.name)

    @property
    def is_template(self) -> bool:
        return self.kind != "Pod"

    @property
    def several(self) -> bool:
        """Whether it stands for more than one pod (or may): they talk to each other as policy has it."""
        return self.is_template and (self.replicas is None or self.replicas > 1)

    @property
    def finished(self) -> bool:
        """A Succeeded or Failed pod is no subject, no peer and no backend."""
        return self.phase in ("Succeeded", "Failed")


@dataclass(frozen=True, slots=True)
class Workload:
    """A controller with a pod template: Deployment, StatefulSet, DaemonSet, ReplicaSet,
    ReplicationController, Job or CronJob."""

    kind: str
    namespace: str
    name: str
    template: Pod
    selector: LabelSelector | None = None
    """``spec.selector``; None where the kind has none (CronJob) or it is generated later (Job)."""
    owner: Ref | None = None
    finished: bool = False
    """A Job that is complete or has failed."""
    origin: Origin | None = None

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, self.namespace, self.name)


@dataclass(frozen=True, slots=True)
class ServicePort:
    port: int
    target: int | str
    """``targetPort``: a number, or a container port's name that each pod resolves for itself."""
    protocol: str = "TCP"
    name: str = ""
    node_port: int = 0


@dataclass(frozen=True, slots=True)
class Service:
    namespace: str
    name: str
    type: str = "ClusterIP"
    """ClusterIP, NodePort, LoadBalancer or ExternalName."""
    selector: Labels | None = None
    """None or empty: the endpoints come from EndpointSlices alone. An entry that could not be read has the
    value UNREADABLE: leaving it out would select more than anyone wrote."""
    ports: tuple[ServicePort, ...] = ()
    cluster_ips: tuple[str, ...] = ()
    """Addresses; ``("None",)`` for a headless Service; empty where none is assigned yet."""
    external_name: str = ""
    external_ips: tuple[str, ...] = ()
    load_balancer: tuple[str, ...] = ()
    """Addresses or host names in ``status.loadBalancer.ingress``."""
    load_balancer_source_ranges: tuple[str, ...] = ()
    allocate_node_ports: bool = True
    """``spec.allocateLoadBalancerNodePorts``."""
    ip_families: tuple[str, ...] = ()
    """``IPv4``, ``IPv6``; empty where the manifest leaves it to the cluster."""
    internal_traffic_policy: str = "Cluster"
    external_traffic_policy: str = "Cluster"
    session_affinity: str = "None"
    publish_not_ready: bool = False
    labels: Labels = field(default_factory=dict)
    origin: Origin | None = None

    @property
    def ref(self) -> Ref:
        return Ref("Service", self.namespace, self.name)

    @property
    def headless(self) -> bool:
        return self.cluster_ips == ("None",)

    @property
    def allocates_node_ports(self) -> bool:
        """Whether the cluster gives it node ports; ports named in the manifest are opened all the same."""
        return self.type == "NodePort" or (self.type == "LoadBalancer" and self.allocate_node_ports)


@dataclass(frozen=True, slots=True)
class EndpointPort:
    """``port`` is a number after translation; None means all ports (a headless Service without ports)."""

    port: int | None
    protocol: str = "TCP"
    name: str = ""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Nil ``ready`` and ``serving`` have been read as true, nil ``terminating`` as false."""

    addresses: tuple[IPAddress, ...]
    ready: bool = True
    serving: bool = True
    terminating: bool = False
    pod: str = ""
    """The pod named by ``targetRef``; empty where it names none."""
    node: str = ""
    pod_namespace: str = ""
    """``targetRef.namespace``; empty: the slice's own."""


@dataclass(frozen=True, slots=True)
class EndpointSlice:
    namespace: str
    name: str
    service: str
    """From the label ``kubernetes.io/service-name``."""
    ports: tuple[EndpointPort, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    mirrored: bool = False
    """Read from a v1 Endpoints object, as the control plane mirrors it; a real slice takes precedence."""
    origin: Origin | None = None

    @property
    def ref(self) -> Ref:
        return Ref("Endpoints" if self.mirrored else "EndpointSlice", self.namespace, self.name)


@dataclass(frozen=True, slots=True)
class RouteBackend:
    namespace: str
    service: str
    port: int | str | None
    """The SERVICE port, by number or (Ingress only) by name; None where the route names none."""


@dataclass(frozen=True, slots=True)
class Route:
    """What brings traffic from outside to Services: an Ingress (networking.k8s.io) or a Gateway API route."""

    group: str
    kind: str
    namespace: str
    name: str
    hosts: tuple[str, ...] = ()
    backends: tuple[RouteBackend, ...] = ()
    origin: Origin | None = None
    parents: tuple[ParentRef, ...] = ()
    """What a Gateway API route asks to be attached to, Services of a mesh left out."""
    statuses: tuple[ParentStatus, ...] = ()
    class_name: str | None = None
    """The IngressClass of an Ingress: ``spec.ingressClassName``, or the annotation of old; None: the default
    one."""
    addresses: tuple[str, ...] = ()
    """``status.loadBalancer.ingress`` of an Ingress."""
    tls: bool = False
    """Whether an Ingress has certificates (``spec.tls``)."""

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, self.namespace, self.name)


@dataclass(frozen=True, slots=True)
class ReferenceGrant:
    """Lets routes of other namespaces reach Services of this one (gateway.networking.k8s.io)."""

    namespace: str
    name: str
    sources: frozenset[tuple[str, str, str]]
    """(group, kind, namespace) of the routes that may refer here."""
    services: frozenset[str] | None
    """The Services they may name; None for every Service; empty where the grant covers no Service."""
    origin: Origin | None = None

    @property
    def ref(self) -> Ref:
        return Ref("ReferenceGrant", self.namespace, self.name)


ObjectOfInterest = (
    Namespace
    | Pod
    | Workload
    | Service
    | EndpointSlice
    | NetworkPolicy
    | TieredPolicy
    | UnevaluatedPolicy
    | Route
    | ReferenceGrant
    | Gateway
    | GatewayClass
    | IngressClass
    | Node
    | ServiceCIDR
)


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything one source gave, before it is put together as a snapshot. Order is reading order."""

    title: str
    """What the user asked for, in a word or two: a path, ``demo``, ``<stdin>``."""
    objects: Sequence[ObjectOfInterest]
    """A tuple; or :class:`SortedLists`, where every object is unique and in its place already, which saves
    putting them together most of its work."""
    problems: tuple[Problem, ...] = ()
    other_kinds: Mapping[str, int] = field(default_factory=dict)
    """Kinds that play no part here and how often each occurred, by ``group/version Kind``."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """The text of every file, by the name that origins use."""
    coverage: Coverage = field(default_factory=dict)
