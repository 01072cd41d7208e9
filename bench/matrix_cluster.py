"""Makes the matrix benchmark's file: N pods in 1,000 classes, or 10 pods to a class where that makes fewer,
with a policy for each class, as ``kubectl get namespaces,pods,networkpolicies -A -o json`` prints them.

The same N always gives the same text. Run as a script: ``python -m bench.matrix_cluster 10000 > list.json``.
A second number is that of tiered policies of 25 rules each that are added.
"""

from __future__ import annotations

import json
import sys
from random import Random
from typing import Any

__all__ = ["cluster_json"]

_CLASSES, _APPS = 1_000, 20
"""Classes at most, and how many of them to a namespace."""

Manifest = dict[str, Any]


def cluster_json(pods: int, tiered: int = 0) -> str:
    """One JSON List, indented as kubectl does it; ``pods`` is a multiple of 10. No pod names an owner.
    ``tiered`` is the number of ClusterNetworkPolicies, most of them of the Admin tier."""
    random = Random(pods)
    classes = min(_CLASSES, pods // 10)
    items = [_namespace(number) for number in range(-(-classes // _APPS))]
    items += [_pod(number, number % classes) for number in range(pods)]
    items += [_policy(number, classes, random) for number in range(classes)]
    items += [_tiered(number, classes, random) for number in range(tiered)]
    listed = {"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}}
    return json.dumps(listed, indent=4) + "\n"


def _namespace(number: int) -> Manifest:
    name = f"team-{number}"
    labels = {"kubernetes.io/metadata.name": name, "stage": ("dev", "test", "live")[number % 3]}
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"labels": labels, "name": name},
        "spec": {"finalizers": ["kubernetes"]},
        "status": {"phase": "Active"},
    }


def _pod(number: int, class_: int) -> Manifest:
    app, node = f"app-{class_ % _APPS}", number % 97
    address = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "creationTimestamp": "2024-05-14T09:21:07Z",
            "labels": {"app": app, "tier": f"t{class_ % 3}"},
            "name": f"{app}-{number:05d}",
            "namespace": f"team-{class_ // _APPS}",
            "resourceVersion": str(100_000 + number),
            "uid": f"6f1c9d0e-4b7a-4c55-8c55-{number:012x}",
        },
        "spec": {
            "containers": [
                {
                    "image": f"registry.example.com/{app}:1.10.{class_ % 7}",
                    "name": "main",
                    "ports": [
                        {"containerPort": 8080 + class_ % 5, "name": "http", "protocol": "TCP"},
                        {"containerPort": 9102, "name": "metrics", "protocol": "TCP"},
                    ],
                    "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}},
                }
            ],
            "nodeName": f"node-{node}",
            "restartPolicy": "Always",
            "serviceAccountName": app,
        },
        "status": {
            "conditions": [{"status": "True", "type": "Ready"}],
            "hostIP": f"192.168.0.{node}",
            "phase": "Running",
            "podIP": address,
            "podIPs": [{"ip": address}],
        },
    }


def _policy(number: int, classes: int, random: Random) -> Manifest:
    """The application's own policy: its callers by name, the monitoring by its port's name, now and then
    everybody of a stage; out to DNS, to two others, and to what is outside the cluster."""

    def app() -> Manifest:
        other = random.randrange(classes)
        return {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": f"team-{other // _APPS}"}},
            "podSelector": {"matchLabels": {"app": f"app-{other % _APPS}"}},
        }

    monitoring = {"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "app-0"}}}
    stage = {"namespaceSelector": {"matchLabels": {"stage": random.choice(("dev", "test", "live"))}}}
    neighbour = {"podSelector": {"matchLabels": {"tier": f"t{random.randrange(3)}"}}}
    ingress = [
        {"from": [app(), app(), neighbour], "ports": [{"port": "http", "protocol": "TCP"}]},
        {"from": [monitoring], "ports": [{"port": "metrics", "protocol": "TCP"}]},
    ]
    egress = [
        {"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]},
        {"to": [app(), app(), neighbour], "ports": [{"port": "http", "protocol": "TCP"}]},
        {
            "to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}}],
            "ports": [{"port": 443, "protocol": "TCP"}],
        },
    ]
    if number % 5 == 0:
        first = random.randrange(8000, 8100)
        ingress.append(
            {"from": [stage], "ports": [{"endPort": first + 50, "port": first, "protocol": "TCP"}]}
        )
    if number % 4 == 0:
        egress.append({"to": [stage]})
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": f"app-{number % _APPS}", "namespace": f"team-{number // _APPS}"},
        "spec": {
            "podSelector": {"matchLabels": {"app": f"app-{number % _APPS}"}},
            # A tenth is open to anyone, so that most pairs have something to say.
            "policyTypes": ["Egress"] if number % 10 == 3 else ["Ingress", "Egress"],
            **({} if number % 10 == 3 else {"ingress": ingress}),
            "egress": egress,
        },
    }


def _tiered(number: int, classes: int, random: Random) -> Manifest:
    """What administrators say, in 13 rules for what comes in and 12 for what goes out: most policies are for
    one team, some for a stage, for an application everywhere, or for everybody. A policy is about few ports.
    Every one has a priority of its own."""

    def team() -> Manifest:
        name = f"team-{random.randrange(-(-classes // _APPS))}"
        return {"matchLabels": {"kubernetes.io/metadata.name": name}}

    def stage() -> Manifest:
        return {"matchLabels": {"stage": random.choice(("dev", "test", "live"))}}

    def app(where: Manifest) -> Manifest:
        labels = {"matchLabels": {"app": f"app-{random.randrange(_APPS)}"}}
        return {"pods": {"namespaceSelector": where, "podSelector": labels}}

    def peer() -> Manifest:
        kind = random.randrange(8)
        return {"namespaces": stage()} if kind == 0 else app(team()) if kind < 3 else {"namespaces": team()}

    first = random.randrange(8000, 8100)
    ports: list[Manifest] = random.sample(
        [
            {},
            {"protocols": [{"destinationNamedPort": "http"}]},
            {"protocols": [{"destinationNamedPort": "metrics"}]},
            {"protocols": [{"tcp": {"destinationPort": {"number": 443}}}]},
            {"protocols": [{"tcp": {"destinationPort": {"range": {"start": first, "end": first + 50}}}}]},
            {"protocols": [{"udp": {"destinationPort": {"number": 53}}}]},
        ],
        2,
    )

    def rule(peers: str) -> Manifest:
        action = random.choice(("Accept", "Deny", "Deny", "Pass"))
        return {
            "action": action,
            peers: [peer() for _ in range(random.randrange(1, 3))],
            **random.choice(ports),
        }

    subjects = ({"namespaces": {}}, {"namespaces": stage()}, {"namespaces": stage()}, app({}))
    egress = [rule("to") for _ in range(11)]
    egress.append({"action": "Deny", "to": [{"networks": [f"192.0.{number % 256}.0/24"]}]})
    return {
        "apiVersion": "policy.networking.k8s.io/v1alpha2",
        "kind": "ClusterNetworkPolicy",
        "metadata": {"name": f"cluster-{number}"},
        "spec": {
            "tier": "Baseline" if number % 3 == 2 else "Admin",
            "priority": number,
            "subject": subjects[number % 10] if number % 10 < len(subjects) else {"namespaces": team()},
            "ingress": [rule("from") for _ in range(13)],
            "egress": egress,
        },
    }


if __name__ == "__main__":
    sys.stdout.write(cluster_json(*map(int, sys.argv[1:3])))
