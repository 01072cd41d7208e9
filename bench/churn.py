"""A live cluster that changes: ``clusters.py``'s, as the store of a followed cluster holds it, with an
EndpointSlice for each Service, and the changes that its watches would bring."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from ipaddress import IPv4Address

from bench.clusters import cluster
from policy_core.model import (
    Endpoint,
    EndpointPort,
    EndpointSlice,
    Namespace,
    NetworkPolicy,
    ObjectOfInterest,
    Pod,
    Reading,
    Service,
)
from policy_core.sources.cluster.resources import RESOURCES
from policy_core.sources.cluster.store import Held, Store

__all__ = ["CHANGES", "Churn"]

_RESOURCES = {resource.kind: resource for resource in RESOURCES}


class Churn:
    """The same number of pods and the same changes in the same order always give the same cluster."""

    def __init__(self, pods: int) -> None:
        self._store = Store()
        self._random = random.Random(1)
        self._pods: dict[tuple[str, str], Pod] = {}
        self._others: dict[type, list[ObjectOfInterest]] = {}
        self._created = 0
        for obj in cluster(pods).objects:
            if isinstance(obj, Pod):
                self._pods[obj.namespace, obj.name] = obj
            else:
                self._others.setdefault(type(obj), []).append(obj)
            self._put(obj)
        self._write_slices(self._others[Service])

    def reading(self) -> Reading:
        return self._store.reading("churn", {})

    def readiness(self, number: int) -> None:
        """So many pods become ready or unready, and their slices say so."""
        self._changed(replace(pod, ready=not pod.ready) for pod in self._some(number))

    def labels(self, number: int) -> None:
        """So many pods get a label of which no policy speaks."""
        self._changed(
            replace(pod, labels={**pod.labels, "build": str(self._random.random())})
            for pod in self._some(number)
        )

    def rollout(self, number: int) -> None:
        """A third of so many pods go, as many come, and those that came last time get their addresses."""
        self._changed(
            [
                replace(pod, ips=(IPv4Address(self._random.randrange(10 << 24, 11 << 24)),), ready=True)
                for pod in self._pods.values()
                if not pod.ips
            ]
        )
        gone = self._some(number // 3)
        for pod in gone:
            del self._pods[pod.namespace, pod.name]
            self._store.drop(_RESOURCES["Pod"], (pod.namespace, pod.name))
        self._changed([replace(pod, name=self._new_name(pod), ips=(), ready=False) for pod in gone])

    def policy(self, number: int) -> None:
        """So many policies lose or regain their rules."""
        for at in self._random.sample(range(len(self._others[NetworkPolicy])), number):
            policy = self._others[NetworkPolicy][at]
            assert isinstance(policy, NetworkPolicy)
            changed = replace(policy, ingress=policy.ingress[:-1], labels={"revision": "2"})
            self._others[NetworkPolicy][at] = changed
            self._put(changed)

    def namespace(self, number: int) -> None:
        """So many namespaces change their teams, which selectors ask for."""
        for at in self._random.sample(range(len(self._others[Namespace])), number):
            namespace = self._others[Namespace][at]
            assert isinstance(namespace, Namespace)
            team = f"team-{self._random.randrange(7)}"
            changed = replace(namespace, labels={**namespace.labels, "team": team})
            self._others[Namespace][at] = changed
            self._put(changed)

    def _new_name(self, pod: Pod) -> str:
        self._created += 1
        return f"{pod.labels['app']}-{self._created:06}"

    def _some(self, number: int) -> list[Pod]:
        return self._random.sample(list(self._pods.values()), min(number, len(self._pods)))

    def _changed(self, pods: Iterable[Pod]) -> None:
        touched = set()
        for pod in pods:
            self._pods[pod.namespace, pod.name] = pod
            self._put(pod)
            touched.add((pod.namespace, pod.labels["app"]))
        self._write_slices(s for s in self._others[Service] if (s.ref.namespace, s.ref.name) in touched)

    def _write_slices(self, services: Iterable[ObjectOfInterest]) -> None:
        wanted: dict[tuple[str, str], list[Endpoint]] = {
            (service.ref.namespace, service.ref.name): [] for service in services
        }
        for pod in self._pods.values():
            key = pod.namespace, pod.labels["app"]
            if key in wanted and pod.ips:
                wanted[key].append(Endpoint(pod.ips, pod.ready, pod=pod.name, pod_namespace=pod.namespace))
        for (namespace, name), endpoints in wanted.items():
            port = EndpointPort(8080)
            self._put(EndpointSlice(namespace, f"{name}-x", name, (port,), tuple(endpoints)))

    def _put(self, obj: ObjectOfInterest) -> None:
        ref = obj.ref
        resource = _RESOURCES[ref.kind]
        held = Held((ref.namespace, ref.name), f"{resource.name}/{ref.path}", (obj,), (), b"{}")
        self._store.put(resource, held)


CHANGES: Mapping[str, tuple[Callable[[Churn, int], None], int]] = {
    "nothing but a pod": (Churn.readiness, 1),
    "readiness of 300 pods": (Churn.readiness, 300),
    "labels of 300 pods": (Churn.labels, 300),
    "100 pods go, 100 come, 100 get addresses": (Churn.rollout, 300),
    "a policy": (Churn.policy, 1),
    "the labels of a namespace": (Churn.namespace, 1),
}
"""By what they are: the change, and how often it happens at once."""
