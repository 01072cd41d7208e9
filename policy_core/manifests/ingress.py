"""networking.k8s.io/v1: Ingress and IngressClass."""

from __future__ import annotations

from policy_core.manifests.fields import Fields
from policy_core.manifests.metadata import CLASS_ANNOTATION, DEFAULT_CLASS_ANNOTATION, Meta
from policy_core.manifests.services import load_balancer_addresses
from policy_core.model import IngressClass, Route, RouteBackend
from policy_core.ports import MAX_PORT

__all__ = ["read_ingress", "read_ingress_class"]


def read_ingress(obj: Fields, meta: Meta) -> list[Route]:
    spec = obj.mapping("spec")
    hosts: dict[str, None] = {}
    backends: dict[RouteBackend, None] = {}

    def add(backend: Fields) -> None:
        if (service := backend.optional_mapping("service")) and (name := service.text("name")):
            port = service.mapping("port")
            number = port.integer("number", 1, MAX_PORT)
            backends[RouteBackend(meta.namespace, name, number or port.text("name") or None)] = None

    add(spec.mapping("defaultBackend"))
    for rule in spec.mappings("rules"):
        if host := rule.text("host"):
            hosts[host] = None
        for path in rule.mapping("http").mappings("paths"):
            add(path.mapping("backend"))
    named = spec.text("ingressClassName") or _annotation(obj, CLASS_ANNOTATION)
    return [
        Route(
            "networking.k8s.io",
            "Ingress",
            meta.namespace,
            meta.name,
            tuple(hosts),
            tuple(backends),
            meta.origin,
            class_name=named or None,
            addresses=load_balancer_addresses(obj),
            tls=bool(spec.entries("tls")),
        )
    ]


def read_ingress_class(obj: Fields, meta: Meta) -> list[IngressClass]:
    default = _annotation(obj, DEFAULT_CLASS_ANNOTATION) == "true"
    return [IngressClass(meta.name, obj.mapping("spec").text("controller"), default, meta.origin)]


def _annotation(obj: Fields, name: str) -> str:
    """Whatever is wrong with annotations was noted along with the object's name."""
    found = obj.mapping("metadata").raw("annotations")
    value = found.get(name) if isinstance(found, dict) else None
    return value if isinstance(value, str) else ""
