"""The core group, v1: Service."""

from __future__ import annotations

from collections.abc import Iterator

from policy_core.manifests import known_fields
from policy_core.manifests.addresses import parse_address, parse_cidr
from policy_core.manifests.fields import Fields, quoted, shown
from policy_core.manifests.metadata import Meta, valid_port_name
from policy_core.model import UNREADABLE, Service, ServicePort
from policy_core.ports import MAX_PORT, PROTOCOLS

__all__ = ["load_balancer_addresses", "read_service"]

_TYPES = ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")
_POLICIES = ("Cluster", "Local")
_FAMILIES = ("IPv4", "IPv6")


def read_service(obj: Fields, meta: Meta) -> list[Service]:
    spec = obj.mapping("spec")
    spec.warn_of_slips(known_fields.SERVICE)
    type_ = spec.choice("type", _TYPES, "ClusterIP", empty_is_absent=True) or "ClusterIP"
    if type_ == "ExternalName" and not spec.raw("externalName"):
        spec.problem("externalName is missing")
    cluster_ips = _cluster_ips(spec)
    if type_ != "ExternalName" and cluster_ips != ("None",) and spec.raw("ports") in (None, []):
        spec.problem("ports are missing: only a headless Service may do without")
    return [
        Service(
            meta.namespace,
            meta.name,
            type_,
            spec.text_map("selector", UNREADABLE) if "selector" in spec else None,
            tuple(_ports(spec)),
            cluster_ips,
            spec.text("externalName"),
            _addresses(spec, "externalIPs"),
            load_balancer_addresses(obj),
            _source_ranges(spec),
            spec.flag("allocateLoadBalancerNodePorts", True),
            spec.choices("ipFamilies", _FAMILIES),
            spec.choice("internalTrafficPolicy", _POLICIES, "Cluster") or "Cluster",
            spec.choice("externalTrafficPolicy", _POLICIES, "Cluster", empty_is_absent=True) or "Cluster",
            spec.choice("sessionAffinity", ("None", "ClientIP"), "None", empty_is_absent=True) or "None",
            spec.flag("publishNotReadyAddresses"),
            meta.labels,
            meta.origin,
        )
    ]


def _ports(spec: Fields) -> Iterator[ServicePort]:
    for entry in spec.mappings("ports"):
        entry.warn_of_slips(known_fields.SERVICE_PORT)
        if "port" not in entry:
            entry.problem("port is missing")
            continue
        port = entry.integer("port", 1, MAX_PORT)
        protocol = entry.choice("protocol", PROTOCOLS, "TCP", empty_is_absent=True)
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
    if target.isascii() and target.isdigit():
        entry.problem(f"a port number has no quotes: write {shown(target)}", "targetPort")
        return None
    if target and not valid_port_name(target):
        entry.problem(f"{quoted(target)} is no valid port name", "targetPort")
    return target


def _cluster_ips(spec: Fields) -> tuple[str, ...]:
    single = spec.text("clusterIP")
    if single not in ("", "None") and parse_address(single) is None:
        spec.problem(f"{quoted(single)} is no address", "clusterIP")
        single = ""
    return _addresses(spec, "clusterIPs", "None") or tuple(filter(None, [single]))


def _addresses(spec: Fields, name: str, *others: str) -> tuple[str, ...]:
    """The addresses in the list in the field, and what else may stand there."""
    found = []
    for index, entry in enumerate(spec.entries(name)):
        if not isinstance(entry, str):
            spec.not_text(entry, name, index)
        elif entry in others or parse_address(entry) is not None:
            found.append(entry)
        elif entry:
            spec.problem(f"{quoted(entry)} is no address", name, index)
    return tuple(found)


def _source_ranges(spec: Fields) -> tuple[str, ...]:
    """As they are written: what is wrong with one does not let anyone else in."""
    name = "loadBalancerSourceRanges"
    for index, entry in enumerate(spec.raw(name) if isinstance(spec.raw(name), list) else ()):
        if isinstance(entry, str) and parse_cidr(entry.strip())[0] is None:
            spec.problem(f"{quoted(entry)} is no CIDR such as 10.0.0.0/8 or 2001:db8::/32", name, index)
    return spec.texts(name)


def load_balancer_addresses(obj: Fields) -> tuple[str, ...]:
    """The addresses or host names in ``status.loadBalancer.ingress``, of a Service or an Ingress."""
    entries = obj.mapping("status").mapping("loadBalancer").mappings("ingress")
    return tuple(address for entry in entries if (address := entry.text("ip") or entry.text("hostname")))
