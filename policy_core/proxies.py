"""Who connects to the endpoints for clients that come through an Ingress or a Gateway: the pods of the
controller, where what was read tells which those are.

A controller is known by the name that its class has for it, and its pods by the labels that the project's own
manifests give them. Nothing is told by what an object happens to be called.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto

from policy_core.attachment import Attachments
from policy_core.gateways import Gateway
from policy_core.model import Pod, Route
from policy_core.snapshot import Snapshot

__all__ = ["Path", "Proxies", "Proxy", "Unfound"]


class Path(Enum):
    """What connects to the endpoints."""

    PODS = auto()
    """Pods, which are known."""
    BALANCER = auto()
    """A load balancer outside the cluster, from addresses of its own."""
    NODE = auto()
    """A proxy in each node's network plugin, which no rule of a NetworkPolicy names."""
    UNKNOWN = auto()


class Unfound(StrEnum):
    """Why the pods of a controller are not known."""

    NO_CLASS = "it names no class, and no one class is the default"
    CLASS_UNREAD = "its class was not read"
    NO_SUCH_CLASS = "there is no class of the name that it gives"
    GATEWAY_UNREAD = "its Gateway was not read"
    OTHER = "which pods its controller uses is not known here"
    NO_PODS = "no pod of its controller was read"


@dataclass(frozen=True, slots=True, eq=False)
class Proxy:
    path: Path
    controller: str = ""
    """As the class names it; empty where that is not known."""
    pods: tuple[Pod, ...] = ()
    unfound: Unfound | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """The labels of its pods: any of these sets. ``namespace``: where labels as plain as these count."""

    labels: tuple[Mapping[str, str], ...] = ()
    namespace: str = ""
    path: Path = field(default=Path.PODS)


_NAME = "app.kubernetes.io/name"
_COMPONENT = "app.kubernetes.io/component"
_CONTOUR = _Known(({"app": "envoy"},), "projectcontour")
_HAPROXY = _Known(({"run": "haproxy-ingress"}, {_NAME: "kubernetes-ingress"}))
_KONG = _Known(({_NAME: "kong", _COMPONENT: "app"},))
_TRAEFIK = _Known(({_NAME: "traefik"},))
_KNOWN: dict[str, _Known] = {
    "k8s.io/ingress-nginx": _Known(({_NAME: "ingress-nginx", _COMPONENT: "controller"},)),
    "traefik.io/ingress-controller": _TRAEFIK,
    "traefik.io/gateway-controller": _TRAEFIK,
    "haproxy.org/ingress-controller": _HAPROXY,
    "haproxy-ingress.github.io/controller": _Known(({_NAME: "haproxy-ingress"},)),
    "projectcontour.io/ingress-controller": _CONTOUR,
    "istio.io/ingress-controller": _Known(({"istio": "ingressgateway"},)),
    "nginx.org/ingress-controller": _Known(({"app": "nginx-ingress"}, {_NAME: "nginx-ingress"})),
    "ingress-controllers.konghq.com/kong": _KONG,
    "cilium.io/ingress-controller": _Known(path=Path.NODE),
    "io.cilium/gateway-controller": _Known(path=Path.NODE),
    "ingress.k8s.aws/alb": _Known(path=Path.BALANCER),
    "gateway.k8s.aws/alb": _Known(path=Path.BALANCER),
    "gateway.k8s.aws/nlb": _Known(path=Path.BALANCER),
}
_OF_INSTANCES = ("haproxy.org/ingress-controller", "haproxy-ingress.github.io/controller")
"""After a slash their names may go on with that of one installation among several."""

_GATEWAY_NAME = "gateway.networking.k8s.io/gateway-name"
"""The label of what an implementation makes for a Gateway, in the Gateway's own namespace."""
_ENVOY_GATEWAY_NAME = "gateway.envoyproxy.io/owning-gateway-name"
_ENVOY_GATEWAY_NAMESPACE = "gateway.envoyproxy.io/owning-gateway-namespace"
"""Those of Envoy Gateway, which makes it in a namespace of its own."""


class Proxies:
    """Of a snapshot. Immutable, apart from caches."""

    def __init__(self, snapshot: Snapshot, attachments: Attachments) -> None:
        self._snapshot = snapshot
        self._attachments = attachments
        self._ingress_classes = {each.name: each for each in snapshot.ingress_classes}
        self._defaults = [each for each in snapshot.ingress_classes if each.default]
        self._labelled: dict[str, dict[str, list[Pod]]] = {}
        self._found: dict[str, Proxy] = {}
        self._made: dict[tuple[str, str], Proxy] = {}

    def of_ingress(self, route: Route) -> Proxy:
        found = None
        if route.class_name is not None:
            found = self._ingress_classes.get(route.class_name)
        elif len(self._defaults) == 1 and not self._snapshot.unread.asked("Ingress"):
            # The API server has written it into those that a cluster holds, as they were made.
            found = self._defaults[0]
        if found is not None:
            return self._of_controller(found.controller)
        if route.class_name is None and not self._snapshot.unread.some("IngressClass"):
            return Proxy(Path.UNKNOWN, unfound=Unfound.NO_CLASS)
        return Proxy(Path.UNKNOWN, unfound=self._no_class("IngressClass"))

    def _no_class(self, kind: str) -> Unfound:
        unread = self._snapshot.unread
        known = unread.asked(kind) and not unread.some(kind)
        return Unfound.NO_SUCH_CLASS if known else Unfound.CLASS_UNREAD

    def of_gateway(self, gateway: Gateway | None) -> Proxy:
        if gateway is None:
            return Proxy(Path.UNKNOWN, unfound=Unfound.GATEWAY_UNREAD)
        key = gateway.namespace, gateway.name
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = self._made_for(gateway)
        return found

    def _made_for(self, gateway: Gateway) -> Proxy:
        controller = self._attachments.controller(gateway)
        named = self._with_label(_GATEWAY_NAME).get(gateway.name, ())
        pods = [pod for pod in named if pod.namespace == gateway.namespace]
        pods += [
            pod
            for pod in self._with_label(_ENVOY_GATEWAY_NAME).get(gateway.name, ())
            if pod.labels.get(_ENVOY_GATEWAY_NAMESPACE) == gateway.namespace
        ]
        if pods:
            made = tuple({pod.ref: pod for pod in pods}.values())
            return Proxy(Path.PODS, controller, made)
        if not controller:
            return Proxy(Path.UNKNOWN, unfound=self._no_class("GatewayClass"))
        return self._of_controller(controller)

    def _of_controller(self, controller: str) -> Proxy:
        found = self._found.get(controller)
        if found is None:
            found = self._found[controller] = self._look_for(controller)
        return found

    def _look_for(self, controller: str) -> Proxy:
        known = _KNOWN.get(controller)
        if known is None:
            known = next((_KNOWN[n] for n in _OF_INSTANCES if controller.startswith(f"{n}/")), None)
        if known is None:
            return Proxy(Path.UNKNOWN, controller, unfound=Unfound.OTHER)
        if known.path is not Path.PODS:
            return Proxy(known.path, controller)
        pods = {
            pod.ref: pod
            for labels in known.labels
            for pod in self._matching(labels)
            if known.namespace in ("", pod.namespace)
        }
        if not pods:
            return Proxy(Path.UNKNOWN, controller, unfound=Unfound.NO_PODS)
        return Proxy(Path.PODS, controller, tuple(pods.values()))

    def _matching(self, labels: Mapping[str, str]) -> list[Pod]:
        key, value = next(iter(labels.items()))
        return [pod for pod in self._with_label(key).get(value, ()) if labels.items() <= pod.labels.items()]

    def _with_label(self, key: str) -> dict[str, list[Pod]]:
        """By the label's value the pods that could connect."""
        found = self._labelled.get(key)
        if found is None:
            found = self._labelled[key] = defaultdict(list)
            for pod in self._snapshot.pods:
                if key in pod.labels and not pod.finished and pod.replicas != 0:
                    found[pod.labels[key]].append(pod)
        return found
