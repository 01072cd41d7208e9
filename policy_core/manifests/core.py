"""The core group, v1: Namespace, Node and Pod. Pod templates are read here too, for the workloads."""

from __future__ import annotations

from policy_core.ipblock import IPAddress
from policy_core.manifests import known_fields
from policy_core.manifests.addresses import parse_address
from policy_core.manifests.containers import read_containers
from policy_core.manifests.fields import Fields, quoted
from policy_core.manifests.metadata import Meta, check_annotations, read_labels
from policy_core.model import NAME_LABEL, ContainerPort, Namespace, Node, Pod
from policy_core.ports import MAX_PORT, PROTOCOLS

__all__ = ["read_namespace", "read_node", "read_pod", "read_pod_template"]


def read_namespace(obj: Fields, meta: Meta) -> list[Namespace]:
    return [Namespace(meta.name, {**meta.labels, NAME_LABEL: meta.name}, meta.origin)]


def read_node(obj: Fields, meta: Meta) -> list[Node]:
    told = obj.mapping("status").mappings("addresses")
    found = [_address(entry, "address") for entry in told if entry.text("type") in _NODE_ADDRESSES]
    addresses = (address for address in found if address is not None)
    return [Node(meta.name, meta.labels, tuple(dict.fromkeys(addresses)), meta.origin)]


_NODE_ADDRESSES = ("InternalIP", "ExternalIP")
"""The others are names."""


def read_pod(obj: Fields, meta: Meta) -> list[Pod]:
    spec, status, shared = obj.mapping("spec"), obj.mapping("status"), obj.report.shared
    return [
        Pod(
            meta.namespace,
            meta.name,
            meta.labels,
            _addresses(status, "podIPs", "podIP"),
            _container_ports(spec),
            shared.text(spec.text("nodeName")),
            _addresses(status, "hostIPs", "hostIP"),
            spec.flag("hostNetwork"),
            shared.text(status.text("phase")),
            _ready(status),
            owner=meta.owner,
            origin=meta.origin,
            terminating="deletionTimestamp" in obj.mapping("metadata"),
            containers=read_containers(spec),
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
        containers=read_containers(spec),
    )


def _addresses(status: Fields, plural: str, singular: str) -> tuple[IPAddress, ...]:
    """``podIPs`` and the like; clusters before dual-stack know the singular field only."""
    listed = status.value.get(plural)
    if type(listed) is list and listed:  # what follows below, for what is as it should be
        texts = [entry.get("ip") if type(entry) is dict else None for entry in listed]
        sound = tuple([text for text in texts if type(text) is str])
        if len(sound) == len(texts) and (known := status.report.shared.addresses(sound)):
            return known
    found = [_address(entry, "ip") for entry in status.mappings(plural)] or [_address(status, singular)]
    return tuple(address for address in found if address is not None)


def _address(fields: Fields, name: str) -> IPAddress | None:
    text = fields.text(name)
    address = parse_address(text)
    if text and address is None:
        fields.problem(f"{quoted(text)} is no address", name)
    return address


def _ready(status: Fields) -> bool:
    """The Ready condition. Until the kubelet has taken the pod on, it has others but not this one; where
    there are none at all nothing is known, as in a manifest of a pod that is yet to be made."""
    conditions = {
        condition.text("type"): condition.text("status") for condition in status.mappings("conditions")
    }
    return not conditions or conditions.get("Ready") == "True"


def _container_ports(spec: Fields) -> tuple[ContainerPort, ...]:
    spec.warn_of_slips(known_fields.POD)
    ports: list[ContainerPort] = []
    for container in spec.mappings("containers"):
        _add_ports(container, ports)
    for container in spec.mappings("initContainers"):
        if container.text("restartPolicy") == "Always":
            _add_ports(container, ports)
    return spec.report.shared.container_ports(tuple(ports))


def _add_ports(container: Fields, ports: list[ContainerPort]) -> None:
    container.warn_of_slips(known_fields.CONTAINER)
    for port in container.mappings("ports"):
        port.warn_of_slips(known_fields.CONTAINER_PORT)
        if "containerPort" not in port:
            port.problem("containerPort is missing")
            continue
        number = port.integer("containerPort", 1, MAX_PORT)
        protocol = port.choice("protocol", PROTOCOLS, "TCP", empty_is_absent=True)
        host_port = port.integer("hostPort", 0, MAX_PORT) or 0
        if number is not None and protocol is not None:
            name, host_ip = port.text("name"), port.text("hostIP")
            ports.append(ContainerPort(number, protocol, name, host_port, host_ip if host_port else ""))
