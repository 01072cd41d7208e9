"""The core group, v1: Namespace, Pod, Service. Pod templates are read here too, for the workloads."""

from __future__ import annotations

from collections.abc import Iterable

from policy_core.ipblock import IPAddress
from policy_core.manifests.addresses import parse_address
from policy_core.manifests.fields import Fields, quoted, shown
from policy_core.manifests.metadata import Meta, check_annotations, read_labels
from policy_core.model import UNREADABLE, ContainerPort, Namespace, Pod, Service, ServicePort
from policy_core.ports import MAX_PORT, PROTOCOLS

__all__ = ["read_namespace", "read_pod", "read_pod_template", "read_service"]

_SERVICE_TYPES = ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")
_NAME_LABEL = "kubernetes.io/metadata.name"


def read_namespace(obj: Fields, meta: Meta) -> list[Namespace]:
    return [Namespace(meta.name, {**meta.labels, _NAME_LABEL: meta.name}, meta.origin)]


def read_pod(obj: Fields, meta: Meta) -> list[Pod]:
    spec, status = obj.mapping("spec"), obj.mapping("status")
    return [
        Pod(
            meta.namespace,
            meta.name,
            meta.labels,
            _addresses(status, "podIPs", "podIP"),
            _container_ports(spec),
            spec.text("nodeName"),
            _addresses(status, "hostIPs", "hostIP"),
            spec.flag("hostNetwork"),
            status.text("phase"),
            _ready(status),
            owner=meta.owner,
            origin=meta.origin,
        )
    ]


def read_pod_template(template: Fields, meta: Meta, kind: str, replicas: int | None = None) -> Pod:
    """The pods of a workload's ``template``, under the workload's own name."""
    spec, metadata = template.mapping("spec"), template.mapping("metadata")
    check_annotations(metadata)
    return Pod(
        meta.namespace,
        meta.name,
        read_labels(metadata),
        ports=_container_ports(spec),
        node=spec.text("nodeName"),
        host_network=spec.flag("hostNetwork"),
        kind=kind,
        replicas=replicas,
        origin=meta.origin,
    )


def _addresses(status: Fields, plural: str, singular: str) -> tuple[IPAddress, ...]:
    """``podIPs`` and the like; clusters before dual-stack know the singular field only."""
    texts = [entry.text("ip") for entry in status.mappings(plural)] or [status.text(singular)]
    found = []
    for text in filter(None, texts):
        address = parse_address(text)
        if address is None:
            status.problem(f"{quoted(text)} is no address", plural if plural in status else singular)
        else:
            found.append(address)
    return tuple(found)


def _ready(status: Fields) -> bool:
    """The Ready condition. Until the kubelet has taken the pod on, it has others but not this one; where
    there are none at all nothing is known, as in a manifest of a pod that is yet to be made."""
    conditions = {
        condition.raw("type"): condition.raw("status") for condition in status.mappings("conditions")
    }
    return not conditions or bool(conditions.get("Ready") == "True")


def _container_ports(spec: Fields) -> tuple[ContainerPort, ...]:
    ports: list[ContainerPort] = []
    for container in spec.mappings("containers"):
        _add_ports(container, ports)
    for container in spec.mappings("initContainers"):
        if container.raw("restartPolicy") == "Always":
            _add_ports(container, ports)
    return tuple(ports)


def _add_ports(container: Fields, ports: list[ContainerPort]) -> None:
    for port in container.mappings("ports"):
        if "containerPort" not in port:
            port.problem("containerPort is missing")
            continue
        number = port.integer("containerPort", 1, MAX_PORT)
        protocol = port.choice("protocol", PROTOCOLS, "TCP")
        if number is not None and protocol is not None:
            ports.append(ContainerPort(number, protocol, port.text("name")))


def read_service(obj: Fields, meta: Meta) -> list[Service]:
    spec = obj.mapping("spec")
    type_ = spec.choice("type", _SERVICE_TYPES, "ClusterIP") or "ClusterIP"
    if type_ == "ExternalName" and not spec.raw("externalName"):
        spec.problem("externalName is missing")
    return [
        Service(
            meta.namespace,
            meta.name,
            type_,
            spec.text_map("selector", UNREADABLE) if "selector" in spec else None,
            tuple(_service_ports(spec)),
            _cluster_ips(spec),
            spec.text("externalName"),
            spec.texts("externalIPs"),
            _load_balancer(obj),
            spec.texts("loadBalancerSourceRanges"),
            spec.flag("allocateLoadBalancerNodePorts", True),
            spec.texts("ipFamilies"),
            spec.text("internalTrafficPolicy", "Cluster"),
            spec.text("externalTrafficPolicy", "Cluster"),
            spec.text("sessionAffinity", "None"),
            spec.flag("publishNotReadyAddresses"),
            meta.labels,
            meta.origin,
        )
    ]


def _service_ports(spec: Fields) -> Iterable[ServicePort]:
    for entry in spec.mappings("ports"):
        if "port" not in entry:
            entry.problem("port is missing")
            continue
        port = entry.integer("port", 1, MAX_PORT)
        protocol = entry.choice("protocol", PROTOCOLS, "TCP")
        target = _target(entry)
        if port is None or protocol is None or (target is None and "targetPort" in entry):
            continue
        node_port = entry.integer("nodePort", 0, MAX_PORT) or 0
        # A targetPort of 0 or "" is one that was left out.
        yield ServicePort(port, target or port, protocol, entry.text("name"), node_port)


def _target(entry: Fields) -> int | str | None:
    target = entry.raw("targetPort")
    if not isinstance(target, str):
        return entry.integer("targetPort", 0, MAX_PORT)
    if target.isdigit():
        entry.problem(f"a port number has no quotes: write {shown(target)}", "targetPort")
        return None
    return target


def _cluster_ips(spec: Fields) -> tuple[str, ...]:
    addresses = spec.texts("clusterIPs") or (spec.text("clusterIP"),)
    return tuple(filter(None, addresses))


def _load_balancer(obj: Fields) -> tuple[str, ...]:
    entries = obj.mapping("status").mapping("loadBalancer").mappings("ingress")
    return tuple(address for entry in entries if (address := entry.text("ip") or entry.text("hostname")))
