"""Workloads of a large cluster, and what their pods look like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["TIME", "Manifest", "Workload", "manifest", "pod_template"]

Manifest = dict[str, Any]

TIME = "2024-05-14T09:21:07Z"
_SECRET = "kube-root-ca.crt"  # noqa: S105 - the name of a ConfigMap


@dataclass(frozen=True, slots=True)
class Workload:
    namespace: str
    name: str
    kind: str
    number: int
    """Among all workloads."""
    pods: int

    @property
    def hash(self) -> str:
        return f"{self.number * 2654435761 % 2**32:08x}"

    @property
    def labels(self) -> dict[str, str]:
        return {
            "app.kubernetes.io/name": self.name,
            "app.kubernetes.io/part-of": f"product-{self.number % 40}",
            "tier": f"t{self.number % 3}",
        }


def manifest(
    version: str, kind: str, metadata: Manifest, spec: Manifest, status: Manifest | None = None
) -> Manifest:
    made: Manifest = {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}
    return made if status is None else {**made, "status": status}


def pod_template(workload: Workload, host: bool) -> Manifest:
    """A pod of the workload, with marks for what differs from pod to pod."""
    labels = {**workload.labels, "app.kubernetes.io/version": f"1.{workload.number % 30}"}
    owner, group = {"apiVersion": "apps/v1", "kind": workload.kind, "name": workload.name}, workload.kind
    match workload.kind:
        case "Deployment":
            labels["pod-template-hash"] = workload.hash
            owner |= {"kind": "ReplicaSet", "name": f"{workload.name}-{workload.hash}"}
        case "StatefulSet":
            labels["apps.kubernetes.io/pod-index"] = "@ordinal"
            labels["controller-revision-hash"] = f"{workload.name}-{workload.hash}"
            labels["statefulset.kubernetes.io/pod-name"] = "@name"
        case "DaemonSet":
            labels["controller-revision-hash"] = workload.hash
            labels["pod-template-generation"] = "3"
        case "Job":
            labels["job-name"] = workload.name
            owner["apiVersion"] = "batch/v1"
    ports = [
        {"containerPort": 8080 + workload.number % 5, "name": "http", "protocol": "TCP"},
        {"containerPort": 9102, "name": "metrics", "protocol": "TCP"},
    ]
    container: Manifest = {
        "env": [
            {"name": "LOG_LEVEL", "value": "info"},
            {"name": "DATABASE_URL", "value": f"postgres://db.{workload.namespace}.svc:5432/{workload.name}"},
            {
                "name": "POD_IP",
                "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "status.podIP"}},
            },
        ],
        "image": f"example.com/{workload.name}:1.10.{workload.number % 7}",
        "imagePullPolicy": "IfNotPresent",
        "livenessProbe": {
            "failureThreshold": 3,
            "httpGet": {"path": "/live", "port": "http", "scheme": "HTTP"},
            "periodSeconds": 10,
            "successThreshold": 1,
            "timeoutSeconds": 1,
        },
        "name": "main",
        "ports": ports,
        "resources": {
            "limits": {"memory": "512Mi"},
            "requests": {"cpu": "100m", "memory": "128Mi"},
        },
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "volumeMounts": [
            {
                "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount",
                "name": "kube-api-access",
                "readOnly": True,
            }
        ],
    }
    tolerations = [
        {
            "effect": "NoExecute",
            "key": f"node.kubernetes.io/{key}",
            "operator": "Exists",
            "tolerationSeconds": 300,
        }
        for key in ("not-ready", "unreachable")
    ]
    sources: list[Manifest] = [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": _SECRET}},
    ]
    spec: Manifest = {
        "containers": [container],
        "dnsPolicy": "ClusterFirst",
        "enableServiceLinks": True,
        **({"hostNetwork": True} if host else {}),
        "nodeName": "@node",
        "preemptionPolicy": "PreemptLowerPriority",
        "priority": 0,
        "restartPolicy": "Never" if group == "Job" else "Always",
        "schedulerName": "default-scheduler",
        "securityContext": {},
        "serviceAccount": workload.name,
        "serviceAccountName": workload.name,
        "terminationGracePeriodSeconds": 30,
        "tolerations": tolerations,
        "volumes": [{"name": "kube-api-access", "projected": {"defaultMode": 420, "sources": sources}}],
    }
    conditions = [
        {"lastProbeTime": None, "lastTransitionTime": TIME, "status": status, "type": kind}
        for kind, status in (
            ("PodReadyToStartContainers", "True"),
            ("Initialized", "True"),
            ("Ready", "@ready"),
            ("ContainersReady", "@ready"),
            ("PodScheduled", "True"),
        )
    ]
    status: Manifest = {
        "conditions": conditions,
        "containerStatuses": [
            {
                "containerID": "containerd://@uid",
                "image": container["image"],
                "imageID": f"example.com/{workload.name}@sha256:{workload.number:064x}",
                "lastState": {},
                "name": "main",
                "ready": True,
                "restartCount": 0,
                "started": True,
                "state": {"running": {"startedAt": TIME}},
            }
        ],
        "hostIP": "@host",
        "hostIPs": [{"ip": "@host"}],
        "phase": "Succeeded" if group == "Job" else "Running",
        "podIP": "@address",
        "podIPs": [{"ip": "@address"}],
        "qosClass": "Burstable",
        "startTime": TIME,
    }
    metadata: Manifest = {
        "annotations": {"prometheus.io/port": "9102", "prometheus.io/scrape": "true"},
        "creationTimestamp": TIME,
        "generateName": f"{owner['name']}-",
        "labels": labels,
        "name": "@name",
        "namespace": workload.namespace,
        "ownerReferences": [{**owner, "blockOwnerDeletion": True, "controller": True, "uid": "@uid"}],
        "resourceVersion": "@version",
        "uid": "@uid",
    }
    return manifest("v1", "Pod", metadata, spec, status=status)
