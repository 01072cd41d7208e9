"""A cluster as large ones are, written as one JSON List, in the shape in which kubectl prints it.

``python -m bench.large_cluster 150000 > list.json`` gives 150,000 pods, 10,000 policies, 10,000 Services with
their EndpointSlices and 5,000 nodes; a smaller number gives less of all of it. The same number always gives
the same text. With ``--tiers 0`` there are no tiered policies, which not every program reads; with ``--only``
kinds (``Pod,Namespace``) only those are written.

What it has of real clusters: a few namespaces that are huge among many small ones, Deployments and
StatefulSets of one pod up to hundreds, agents on every node (two of them in its network), Jobs that have
finished; labels that are different for every rollout and every pod (``pod-template-hash``,
``statefulset.kubernetes.io/pod-name``); and policies with ports by name, blocks of addresses outside, and a
block that cuts through the pods' own network.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from random import Random
from typing import NamedTuple

from bench.large_workloads import TIME, Manifest, Workload, manifest, pod_template

__all__ = ["LargeCluster", "write"]


_PODS_TO_A_NODE, _PODS_TO_A_POLICY, _PODS_TO_A_NAMESPACE = 30, 15, 75
_TIERED = 100
_AGENTS = (("kube-proxy", True), ("network-agent", True), ("log-collector", False))
"""On every node: the name, and whether in the node's own network."""
_SLICE = 100
"""Endpoints to an EndpointSlice, as the control plane has it."""
_SERVING = ("Deployment", "StatefulSet")
_STAGES = ("dev", "test", "live")


class _Endpoint(NamedTuple):
    """What a slice says of a pod."""

    address: str
    ready: bool
    node: int
    name: str
    uid: str


class LargeCluster:
    """``pods`` in all, a few more where that makes whole agents."""

    def __init__(self, pods: int, tiered: int = _TIERED) -> None:
        self._random = Random(pods)
        self.nodes = max(3, pods // _PODS_TO_A_NODE)
        self.policies = self.services = max(10, pods // _PODS_TO_A_POLICY)
        self.tiered = tiered
        self.namespaces = ["kube-system", *(f"team-{n}" for n in range(max(3, pods // _PODS_TO_A_NAMESPACE)))]
        self.agents = [
            Workload("kube-system", name, "DaemonSet", number, self.nodes)
            for number, (name, _) in enumerate(_AGENTS)
        ]
        self.workloads = list(self._workloads(pods - len(_AGENTS) * self.nodes))
        self._addresses = [0] * self.nodes
        self._endpoints: dict[Workload, list[_Endpoint]] = defaultdict(list)

    def _workloads(self, pods: int) -> Iterator[Workload]:
        """The first namespace has twice the pods of the second, three times those of the third, and so on."""
        ranks = [1 / rank for rank in range(1, len(self.namespaces))]
        number, left = len(_AGENTS), pods
        for name, weight in zip(self.namespaces[1:], ranks, strict=True):
            here = min(left, max(4, round(pods * weight / sum(ranks))))
            if name == self.namespaces[-1]:
                here = left
            left -= here
            while here > 0:
                size = min(here, self._random.choice((1, 1, 2, 2, 3, 3, 3, 5, 8, 12, 20, 40, 100)))
                kinds = ("Deployment", "Deployment", "Deployment", "Deployment", "StatefulSet", "Job")
                kind = "Deployment" if size > 20 else self._random.choice(kinds)
                yield Workload(name, f"app-{number}", kind, number, size)
                number, here = number + 1, here - size

    def items(self, only: frozenset[str] = frozenset()) -> Iterator[str]:
        """Each as indented JSON, by kind."""

        def wanted(kind: str, made: Iterable[Manifest]) -> Iterator[str]:
            if not only or kind in only:
                return map(_text, made)
            return iter(())

        return chain(
            wanted("Namespace", map(self._namespace, range(len(self.namespaces)))),
            wanted("Node", map(self._node, range(self.nodes))),
            self._pods() if not only or "Pod" in only else _silently(self._pods()),
            wanted("Service", map(self._service, self._serving())),
            wanted("EndpointSlice", chain.from_iterable(map(self._slices, self._serving()))),
            wanted("NetworkPolicy", self._policies()),
            wanted("ClusterNetworkPolicy", map(self._tiered, range(self.tiered))),
            wanted("Workload", map(self._controller, chain(self.agents, self.workloads))),
        )

    # Pods ---------------------------------------------------------------------------------------------

    def _pods(self) -> Iterator[str]:
        """What the slices say of them is noted on the way."""
        hosts = dict(_AGENTS)
        for workload in chain(self.agents, self.workloads):
            host = workload.kind == "DaemonSet" and hosts[workload.name]
            template = _text(pod_template(workload, host))
            for ordinal in range(workload.pods):
                yield self._pod(template, workload, ordinal, host)

    def _pod(self, template: str, workload: Workload, ordinal: int, host: bool) -> str:
        node = ordinal if workload.kind == "DaemonSet" else self._random.randrange(self.nodes)
        if host:
            address = _node_address(node)
        else:
            self._addresses[node] += 1
            number = (10 << 24) + (node << 8) + self._addresses[node]
            address = ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))
        suffix = f"{(workload.number * 7919 + ordinal * 104729) % 60466176:05x}"[-5:] + f"{ordinal:x}"
        names = {
            "Deployment": f"{workload.name}-{workload.hash}-{suffix}",
            "StatefulSet": f"{workload.name}-{ordinal}",
            "DaemonSet": f"{workload.name}-{suffix}",
            "Job": f"{workload.name}-{suffix}",
        }
        name = names[workload.kind]
        ready = workload.kind != "Job" and self._random.randrange(100) > 0
        values = {
            "@name": name,
            "@uid": f"6f1c9d0e-{workload.number & 65535:04x}-4c55-8c55-{ordinal:012x}",
            "@node": f"node-{node}",
            "@host": _node_address(node),
            "@address": address,
            "@version": str(1_000_000 + workload.number * 1000 + ordinal),
            "@ready": "True" if ready else "False",
            "@ordinal": str(ordinal),
        }
        for mark, value in values.items():
            template = template.replace(mark, value)
        if workload.kind in _SERVING:
            self._endpoints[workload].append(_Endpoint(address, ready, node, name, values["@uid"]))
        return template

    # Everything else -------------------------------------------------------------------------------------

    def _namespace(self, number: int) -> Manifest:
        name = self.namespaces[number]
        labels = {
            "kubernetes.io/metadata.name": name,
            "stage": _STAGES[number % 3],
            "team": f"group-{number % 25}",
        }
        metadata = {"creationTimestamp": TIME, "labels": labels, "name": name, "uid": f"ns-{number}"}
        status = {"phase": "Active"}
        return manifest("v1", "Namespace", metadata, {"finalizers": ["kubernetes"]}, status=status)

    def _node(self, number: int) -> Manifest:
        labels = {
            "kubernetes.io/hostname": f"node-{number}",
            "kubernetes.io/os": "linux",
            "topology.kubernetes.io/zone": f"zone-{number % 3}",
        }
        block = f"10.{number >> 8}.{number & 255}.0/24"
        addresses = [
            {"address": _node_address(number), "type": "InternalIP"},
            {"address": f"node-{number}", "type": "Hostname"},
        ]
        sizes = {"cpu": "16", "memory": "65843352Ki", "pods": "110"}
        status = {"addresses": addresses, "allocatable": sizes, "capacity": sizes}
        metadata = {"creationTimestamp": TIME, "labels": labels, "name": f"node-{number}"}
        return manifest("v1", "Node", metadata, {"podCIDR": block, "podCIDRs": [block]}, status=status)

    def _serving(self) -> Iterator[Workload]:
        return islice((workload for workload in self.workloads if workload.kind in _SERVING), self.services)

    def _service(self, workload: Workload) -> Manifest:
        number = workload.number
        address = f"172.{20 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"
        headless = workload.kind == "StatefulSet"
        spec: Manifest = {
            "clusterIP": "None" if headless else address,
            "clusterIPs": ["None" if headless else address],
            "internalTrafficPolicy": "Cluster",
            "ipFamilies": ["IPv4"],
            "ipFamilyPolicy": "SingleStack",
            "ports": [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": "http"}],
            "selector": {"app.kubernetes.io/name": workload.name},
            "sessionAffinity": "None",
            "type": "ClusterIP",
        }
        status: Manifest = {"loadBalancer": {}}
        if number % 20 == 7 and not headless:
            spec["type"] = "LoadBalancer"
            spec["ports"][0]["nodePort"] = 30000 + number % 2768
            status = {"loadBalancer": {"ingress": [{"ip": f"203.0.{number >> 8 & 255}.{number & 255}"}]}}
        metadata = _metadata(workload.namespace, workload.name, workload.labels, number)
        return manifest("v1", "Service", metadata, spec, status=status)

    def _slices(self, workload: Workload) -> Iterator[Manifest]:
        endpoints = [_endpoint(each, workload.namespace) for each in self._endpoints[workload]]
        port = {"name": "http", "port": 8080 + workload.number % 5, "protocol": "TCP"}
        for start in range(0, len(endpoints), _SLICE):
            labels = {**workload.labels, "kubernetes.io/service-name": workload.name}
            name = f"{workload.name}-{start:05x}"
            yield {
                "addressType": "IPv4",
                "apiVersion": "discovery.k8s.io/v1",
                "endpoints": endpoints[start : start + _SLICE],
                "kind": "EndpointSlice",
                "metadata": _metadata(workload.namespace, name, labels, workload.number),
                "ports": [port],
            }

    def _controller(self, workload: Workload) -> Manifest:
        selector = {"matchLabels": {"app.kubernetes.io/name": workload.name}}
        ports = [{"containerPort": 8080 + workload.number % 5, "name": "http", "protocol": "TCP"}]
        template: Manifest = {
            "metadata": {"labels": workload.labels},
            "spec": {"containers": [{"image": "example.com/app:1", "name": "main", "ports": ports}]},
        }
        spec: Manifest = {"selector": selector, "template": template}
        if workload.kind in ("Deployment", "StatefulSet"):
            spec["replicas"] = workload.pods
        group = "batch/v1" if workload.kind == "Job" else "apps/v1"
        metadata = _metadata(workload.namespace, workload.name, workload.labels, workload.number)
        status: Manifest = {}
        if workload.kind == "Job":
            status = {"conditions": [{"status": "True", "type": "Complete"}], "succeeded": workload.pods}
        return manifest(group, workload.kind, metadata, spec, status=status)

    def _policies(self) -> Iterator[Manifest]:
        """Every second namespace denies by default, every fourth lets its own names be resolved; the others
        are of a workload each."""
        written = 0
        for number, name in enumerate(self.namespaces[1:]):
            if number % 2 == 0 and written < self.policies // 3:
                types = ["Ingress", "Egress"] if number % 4 == 0 else ["Ingress"]
                yield _policy(name, "default-deny", {"podSelector": {}, "policyTypes": types})
                written += 1
            if number % 4 == 0 and written < self.policies // 3:
                dns: Manifest = {
                    "ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}],
                    "to": [{"namespaceSelector": _named("kube-system")}],
                }
                spec = {"podSelector": {}, "policyTypes": ["Egress"], "egress": [dns]}
                yield _policy(name, "dns", spec)
                written += 1
        lasting = [workload for workload in self.workloads if workload.kind != "Job"]
        for turn in range(-(-self.policies // len(lasting))):
            for workload in lasting:
                if written < self.policies:
                    yield self._policy(workload, turn)
                    written += 1

    def _policy(self, workload: Workload, turn: int) -> Manifest:
        """The workload's callers by name, a tier of its own namespace, the monitoring by its port's name; out
        to two others and to what lies outside the cluster."""
        random = self._random

        def other() -> Manifest:
            called = random.choice(self.workloads)
            labels = {"matchLabels": {"app.kubernetes.io/name": called.name}}
            return {"namespaceSelector": _named(called.namespace), "podSelector": labels}

        http = [{"port": "http", "protocol": "TCP"}]
        tier = {"podSelector": {"matchLabels": {"tier": f"t{random.randrange(3)}"}}}
        monitoring = {
            "namespaceSelector": {"matchLabels": {"team": "group-0"}},
            "podSelector": {"matchLabels": {"tier": "t0"}},
        }
        ingress: list[Manifest] = [
            {"from": [other(), other(), tier], "ports": http},
            {"from": [monitoring], "ports": [{"port": "metrics", "protocol": "TCP"}]},
        ]
        if workload.number % 10 == 0:
            ingress.append({"from": [{"ipBlock": {"cidr": f"192.168.{workload.number % 200}.0/24"}}]})
        if workload.number % 50 == 1:  # cuts through the network of the pods
            ingress.append({"from": [{"ipBlock": {"cidr": "10.2.0.0/15"}}], "ports": http})
        outside = {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]}
        egress: list[Manifest] = [
            {"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]},
            {"ports": http, "to": [other(), other(), tier]},
            {"ports": [{"port": 443, "protocol": "TCP"}], "to": [{"ipBlock": outside}]},
        ]
        if workload.number % 25 == 3:
            stage = {"namespaceSelector": {"matchLabels": {"stage": random.choice(_STAGES)}}}
            egress.append({"ports": [{"endPort": 8090, "port": 8080, "protocol": "TCP"}], "to": [stage]})
        both = workload.number % 3 > 0
        spec: Manifest = {
            "ingress": ingress,
            "podSelector": {"matchLabels": {"app.kubernetes.io/name": workload.name}},
            "policyTypes": ["Ingress", "Egress"] if both else ["Ingress"],
        }
        if both:
            spec["egress"] = egress
        return _policy(workload.namespace, f"{workload.name}-{turn}", spec)

    def _tiered(self, number: int) -> Manifest:
        """What administrators say of a stage, of a group of teams or of a single namespace."""
        random = self._random
        subjects: tuple[Manifest, ...] = (
            {"matchLabels": {"team": f"group-{number % 25}"}},
            {"matchLabels": {"stage": _STAGES[number % 3]}},
            _named(random.choice(self.namespaces)),
        )

        def rule(peers: str) -> Manifest:
            peer = {"matchLabels": {"team": f"group-{random.randrange(25)}"}}
            port: Manifest = {"tcp": {"destinationPort": {"number": random.choice((22, 443, 5432, 8080))}}}
            action = random.choice(("Accept", "Deny", "Deny", "Pass"))
            return {"action": action, peers: [{"namespaces": peer}], "protocols": [port]}

        spec = {
            "egress": [rule("to"), {"action": "Deny", "to": [{"networks": ["169.254.169.254/32"]}]}],
            "ingress": [rule("from"), rule("from")],
            "priority": number,
            "subject": {"namespaces": subjects[number % 3 if number % 10 else 1]},
            "tier": "Baseline" if number % 4 == 3 else "Admin",
        }
        version = "policy.networking.k8s.io/v1alpha2"
        return manifest(version, "ClusterNetworkPolicy", {"name": f"cluster-{number}"}, spec)


def write(pods: int, tiered: int = _TIERED, only: frozenset[str] = frozenset()) -> Iterator[str]:
    """The text, piece by piece."""
    yield '{\n    "apiVersion": "v1",\n    "items": ['
    before = "\n"
    for item in LargeCluster(pods, tiered).items(only):
        yield before
        yield item
        before = ",\n"
    yield '\n    ],\n    "kind": "List",\n    "metadata": {\n        "resourceVersion": ""\n    }\n}\n'


def _text(manifest: Manifest) -> str:
    lines = json.dumps(manifest, indent=4).splitlines()
    return "\n".join(" " * 8 + line for line in lines)


def _silently(texts: Iterator[str]) -> Iterator[str]:
    for _ in texts:
        pass
    return iter(())


def _endpoint(each: _Endpoint, namespace: str) -> Manifest:
    return {
        "addresses": [each.address],
        "conditions": {"ready": each.ready, "serving": each.ready, "terminating": False},
        "nodeName": f"node-{each.node}",
        "targetRef": {"kind": "Pod", "name": each.name, "namespace": namespace, "uid": each.uid},
    }


def _metadata(namespace: str, name: str, labels: dict[str, str], number: int) -> Manifest:
    return {
        "creationTimestamp": TIME,
        "labels": labels,
        "name": name,
        "namespace": namespace,
        "resourceVersion": str(100_000 + number),
        "uid": f"6f1c9d0e-4b7a-4c55-8c55-{number:012x}",
    }


def _policy(namespace: str, name: str, spec: Manifest) -> Manifest:
    return manifest("networking.k8s.io/v1", "NetworkPolicy", _metadata(namespace, name, {}, len(name)), spec)


def _named(namespace: str) -> Manifest:
    return {"matchLabels": {"kubernetes.io/metadata.name": namespace}}


def _node_address(node: int) -> str:
    return f"192.168.{node >> 8}.{node & 255}"


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("pods", type=int)
    parser.add_argument("--tiers", type=int, default=_TIERED, metavar="N")
    parser.add_argument("--only", default="", metavar="KIND,KIND", help="Workload: all that have a template")
    options = parser.parse_args()
    for piece in write(options.pods, options.tiers, frozenset(filter(None, options.only.split(",")))):
        sys.stdout.write(piece)


if __name__ == "__main__":
    _main()
