"""discovery.k8s.io: EndpointSlice; and the v1 Endpoints that the control plane mirrors into slices."""

from __future__ import annotations

from typing import Any

from policy_core.ipblock import IPAddress
from policy_core.manifests.addresses import parse_address
from policy_core.manifests.fields import Fields, quoted
from policy_core.manifests.metadata import Meta
from policy_core.manifests.sharing import Shared
from policy_core.model import Endpoint, EndpointPort, EndpointSlice
from policy_core.ports import MAX_PORT, PROTOCOLS

__all__ = ["read_endpoint_slice", "read_endpoints"]

_SERVICE_LABEL = "kubernetes.io/service-name"
_SKIP_MIRROR = "endpointslice.kubernetes.io/skip-mirror"


def read_endpoint_slice(obj: Fields, meta: Meta) -> list[EndpointSlice]:
    named = obj.text("addressType") == "FQDN"
    endpoints = tuple(_endpoint(entry, named) for entry in obj.mappings("endpoints"))
    service = obj.report.shared.text(meta.labels.get(_SERVICE_LABEL, ""))
    return [EndpointSlice(meta.namespace, meta.name, service, _ports(obj), endpoints, origin=meta.origin)]


def _endpoint(entry: Fields, named: bool) -> Endpoint:
    plain = None if named else _plain_endpoint(entry.value, entry.report.shared)
    return plain or _any_endpoint(entry, named)


def _plain_endpoint(entry: dict[str, Any], shared: Shared) -> Endpoint | None:
    """One as the control plane writes them; None for any other, which takes longer to read. Slices have up
    to a thousand endpoints, and are written anew whenever one pod becomes ready."""
    texts, node = entry.get("addresses"), entry.get("nodeName")
    conditions, target = entry.get("conditions"), entry.get("targetRef")
    if type(texts) is not list or type(conditions) is not dict or type(target) is not dict:
        return None
    ready, serving = conditions.get("ready"), conditions.get("serving")
    terminating = conditions.get("terminating")
    if not (isinstance(ready, bool) and isinstance(serving, bool) and isinstance(terminating, bool)):
        return None
    pod, namespace = target.get("name"), target.get("namespace")
    if not (node and type(node) is type(pod) is type(namespace) is str and target.get("kind") == "Pod"):
        return None
    if not all(type(text) is str for text in texts):
        return None
    addresses = shared.addresses(tuple(texts))
    if addresses is None:
        return None
    text = shared.text
    return Endpoint(addresses, ready, serving, terminating, text(pod), text(node), text(namespace))


def _any_endpoint(entry: Fields, named: bool) -> Endpoint:
    conditions = entry.mapping("conditions")
    addresses = () if named else _addresses(entry, entry.texts("addresses"), "addresses")
    # v1beta1 had the node in the topology.
    node = entry.text("nodeName") or entry.mapping("topology").text("kubernetes.io/hostname")
    pod, pod_namespace = _pod(entry)
    text = entry.report.shared.text
    return Endpoint(
        addresses,
        conditions.flag("ready", True),
        conditions.flag("serving", True),
        conditions.flag("terminating"),
        text(pod),
        text(node),
        text(pod_namespace),
    )


def _pod(entry: Fields) -> tuple[str, str]:
    """The name and the namespace in ``targetRef``, both empty where it means no pod."""
    target = entry.mapping("targetRef")
    return (target.text("name"), target.text("namespace")) if target.text("kind") == "Pod" else ("", "")


def _addresses(entry: Fields, texts: tuple[str, ...], field: str) -> tuple[IPAddress, ...]:
    if (known := entry.report.shared.addresses(texts)) is not None:
        return known
    found = []
    for text in texts:
        address = parse_address(text)
        if address is None:
            entry.problem(f"{quoted(text)} is no address", field)
        else:
            found.append(address)
    return tuple(found)


def _ports(parent: Fields) -> tuple[EndpointPort, ...]:
    ports = []
    for entry in parent.mappings("ports"):
        number = entry.integer("port", 1, MAX_PORT)
        protocol = entry.choice("protocol", PROTOCOLS, "TCP")
        if protocol is not None and (number is not None or "port" not in entry):
            ports.append(EndpointPort(number, protocol, entry.text("name")))
    return parent.report.shared.endpoint_ports(tuple(ports))


def read_endpoints(obj: Fields, meta: Meta) -> list[EndpointSlice]:
    """One slice per subset: each subset has ports of its own. Without any, one that says so: there is no
    endpoint."""
    if meta.labels.get(_SKIP_MIRROR) == "true":
        return []
    subsets = [(_ports(subset), _subset_endpoints(subset)) for subset in obj.mappings("subsets")]
    if obj.raw("subsets") in (None, []):
        subsets = [((), ())]
    return [
        EndpointSlice(
            meta.namespace,
            # With a blank, which no object's name has: two of one name would replace each other.
            meta.name if number == 1 else f"{meta.name} subset {number}",
            meta.name,
            ports,
            endpoints,
            mirrored=True,
            origin=meta.origin,
        )
        for number, (ports, endpoints) in enumerate(subsets, start=1)
    ]


def _subset_endpoints(subset: Fields) -> tuple[Endpoint, ...]:
    ready = _subset_addresses(subset, "addresses", True)
    return (*ready, *_subset_addresses(subset, "notReadyAddresses", False))


def _subset_addresses(subset: Fields, field: str, ready: bool) -> list[Endpoint]:
    found = []
    for entry in subset.mappings(field):
        if addresses := _addresses(entry, (entry.text("ip"),), "ip"):
            pod, namespace = map(subset.report.shared.text, _pod(entry))
            node = subset.report.shared.text(entry.text("nodeName"))
            found.append(Endpoint(addresses, ready, ready, pod=pod, node=node, pod_namespace=namespace))
    return found
