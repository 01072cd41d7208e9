"""Makes the benchmarks' data: N pods as ``kubectl get pods -o yaml --show-managed-fields`` prints them.

The same N always gives the same text. Run as a script: ``python -m bench.pods 1000 yaml > pods.yaml``.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import yaml

__all__ = ["pod", "pods_json", "pods_yaml"]

_UID = "6f1c{:04x}-9d0e-4b7a-8c55-{:012x}"


def _managed_fields(ip: str) -> list[dict[str, Any]]:
    container: dict[str, Any] = {
        ".": {},
        "f:env": {".": {}, 'k:{"name":"POD_IP"}': {".": {}, "f:name": {}}},
        "f:image": {},
    }
    return [
        {
            "apiVersion": "v1",
            "fieldsType": "FieldsV1",
            "fieldsV1": {
                "f:metadata": {"f:labels": {".": {}, "f:app": {}}},
                "f:spec": {"f:containers": {'k:{"name":"main"}': container}},
            },
            "manager": "kube-controller-manager",
            "operation": "Update",
            "time": "2024-05-14T09:21:07Z",
        },
        {
            "apiVersion": "v1",
            "fieldsType": "FieldsV1",
            "fieldsV1": {"f:status": {"f:podIPs": {".": {}, f'k:{{"ip":"{ip}"}}': {".": {}, "f:ip": {}}}}},
            "manager": "kubelet",
            "operation": "Update",
            "subresource": "status",
            "time": "2024-05-14T09:21:19Z",
        },
    ]


def pod(number: int) -> dict[str, Any]:
    """Pod ``number``: one of 50 applications in one of 20 namespaces, with an address of its own."""
    app, namespace, node = f"app-{number % 50}", f"team-{number % 20}", f"node-{number % 100}"
    replica_set = f"{app}-7d9f8b6c5d"
    ip = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
    uid = _UID.format(number & 0xFFFF, number)
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "annotations": {"prometheus.io/scrape": "true", "prometheus.io/port": "9102"},
            "creationTimestamp": "2024-05-14T09:21:07Z",
            "generateName": f"{replica_set}-",
            "labels": {
                "app": app,
                "pod-template-hash": "7d9f8b6c5d",
                "tier": f"t{number % 3}",
                "version": "1.10",
            },
            "managedFields": _managed_fields(ip),
            "name": f"{replica_set}-{number:05d}",
            "namespace": namespace,
            "ownerReferences": [
                {
                    "apiVersion": "apps/v1",
                    "blockOwnerDeletion": True,
                    "controller": True,
                    "kind": "ReplicaSet",
                    "name": replica_set,
                    "uid": uid,
                }
            ],
            "resourceVersion": str(100000 + number),
            "uid": uid,
        },
        "spec": {
            "containers": [
                {
                    "env": [
                        {"name": "LOG_LEVEL", "value": "info"},
                        {"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
                    ],
                    "image": f"registry.example.com/{app}:1.10.{number % 7}",
                    "imagePullPolicy": "IfNotPresent",
                    "name": "main",
                    "ports": [
                        {"containerPort": 8080, "name": "http", "protocol": "TCP"},
                        {"containerPort": 9102, "name": "metrics", "protocol": "TCP"},
                    ],
                    "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}, "periodSeconds": 10},
                    "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}},
                    "volumeMounts": [
                        {"mountPath": "/var/run/secrets", "name": "token", "readOnly": True},
                    ],
                }
            ],
            "dnsPolicy": "ClusterFirst",
            "nodeName": node,
            "restartPolicy": "Always",
            "serviceAccountName": app,
            "tolerations": [
                {"effect": "NoExecute", "key": "node.kubernetes.io/not-ready", "operator": "Exists"},
            ],
            "volumes": [
                {"name": "token", "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}},
            ],
        },
        "status": {
            "conditions": [
                {"lastTransitionTime": "2024-05-14T09:21:19Z", "status": "True", "type": "Ready"},
                {"lastTransitionTime": "2024-05-14T09:21:07Z", "status": "True", "type": "PodScheduled"},
            ],
            "hostIP": f"192.168.0.{number % 100}",
            "phase": "Running",
            "podIP": ip,
            "podIPs": [{"ip": ip}],
            "qosClass": "Burstable",
            "startTime": "2024-05-14T09:21:07Z",
        },
    }


def _list(count: int) -> dict[str, Any]:
    items = [pod(number) for number in range(count)]
    return {"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}}


def pods_yaml(count: int) -> str:
    """``count`` pods as a YAML List, about 2.8 KB each."""
    return yaml.dump(_list(count), Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper))


def pods_json(count: int) -> str:
    """``count`` pods as an indented JSON List."""
    return json.dumps(_list(count), indent=4) + "\n"


if __name__ == "__main__":
    sys.stdout.write({"yaml": pods_yaml, "json": pods_json}[sys.argv[2]](int(sys.argv[1])))
