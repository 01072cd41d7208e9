"""Can a pod look up names at all? Whether policy lets it reach the cluster's DNS, over UDP and over TCP."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from ipaddress import ip_address
from operator import or_

from policy_core.ends import NamedEnd, Pods
from policy_core.evaluation import Evaluation
from policy_core.judgement import Judgement, judge
from policy_core.model import Pod, Ref, Service
from policy_core.snapshot import Snapshot
from policy_core.verdict import Verdict, over_several

__all__ = ["Resolution", "name_resolution"]

_NAMESPACES = ("kube-system", "openshift-dns")
_LABELS = (
    ("k8s-app", "kube-dns"),
    ("k8s-app", "coredns"),
    ("dns.operator.openshift.io/daemonset-dns", "default"),
)
"""What the common distributions give the pods of the cluster's DNS, and its Service."""
_SERVICES = ("kube-dns", "coredns", "dns-default")
_NODE_LOCAL_LABEL = ("k8s-app", "node-local-dns")
_NODE_LOCAL_ADDRESS = ip_address("169.254.20.10")
"""Where NodeLocal DNSCache listens on every node, unless it was set up otherwise."""
PORT = 53


@dataclass(frozen=True, slots=True)
class Resolution:
    """``udp`` and ``tcp`` are the ways to the DNS pods; None where none was read. ``node_local`` are those,
    over UDP and TCP, to the cache on the pod's own node, where the cluster has one."""

    server: Ref | None
    """The Service, else a DNS pod."""
    udp: Judgement | None = None
    tcp: Judgement | None = None
    node_local: tuple[Judgement, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Partial where UDP alone gets through (long answers need TCP), or to some DNS pods only. Unknown
        where no DNS pod was read, and where the pods and the cache differ: which is asked depends on how the
        cluster was set up."""
        if self.udp is None or self.tcp is None:
            return Verdict.UNKNOWN
        to_pods = over_several((self.udp.verdict, self.tcp.verdict))
        if not self.node_local:
            return to_pods
        to_cache = over_several(each.verdict for each in self.node_local)
        return to_pods if to_pods is to_cache else Verdict.UNKNOWN


def name_resolution(evaluation: Evaluation, source: NamedEnd) -> Resolution | None:
    """Of ``source``; None where it is outside the cluster and asks another DNS."""
    if not isinstance(source, (Pods, Service)):
        return None
    server = _server(evaluation)
    if server is None:
        return Resolution(None)
    pods = source.pods if isinstance(source, Pods) else ()
    cached = any(_has(pod, _NODE_LOCAL_LABEL) for pod in _pods(evaluation))
    ipv4 = not pods or any(not pod.ips or any(a.version == 4 for a in pod.ips) for pod in pods)
    return Resolution(
        server.ref,
        judge(evaluation, source, server, "UDP", PORT),
        judge(evaluation, source, server, "TCP", PORT),
        tuple(judge(evaluation, source, _NODE_LOCAL_ADDRESS, protocol, PORT) for protocol in ("UDP", "TCP"))
        if cached and ipv4
        else (),
    )


def _server(evaluation: Evaluation) -> Service | Pods | None:
    """The DNS Service if a pod of it was read, else the DNS pods."""
    for service in _services(evaluation.snapshot):
        if any(backend.pod for backend in evaluation.routing.backends(service)):
            return service
    # Without its Service nobody knows on which port of the pods it arrives.
    if any(evaluation.snapshot.unread.here("Service", name) for name in _NAMESPACES):
        return None
    pods = tuple(pod for pod in _pods(evaluation) if any(_has(pod, label) for label in _LABELS))
    return Pods(pods[0].ref, pods) if pods else None


def _pods(evaluation: Evaluation) -> tuple[Pod, ...]:
    """Those that take part, of the namespaces in which the cluster's own pods are."""
    index = evaluation.index
    return index.pods_of(reduce(or_, map(index.in_namespace, _NAMESPACES)))


def _services(snapshot: Snapshot) -> Iterable[Service]:
    return (
        service
        for service in snapshot.services
        if service.namespace in _NAMESPACES
        and (service.name in _SERVICES or any(service.labels.get(k) == v for k, v in _LABELS))
        and any(port.port == PORT for port in service.ports)
    )


def _has(pod: Pod, label: tuple[str, str]) -> bool:
    key, value = label
    return pod.labels.get(key) == value
