"""The fields of what is read here, to tell a slip of the pen from a field that plays no part.

The API server drops a field that it does not know, or refuses the object, depending on who asks; either way
the author meant something else.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CONTAINER", "CONTAINER_PORT", "METADATA", "POD", "SERVICE", "SERVICE_PORT", "Known"]


@dataclass(frozen=True, slots=True)
class Known:
    """``read`` here, and all that there are."""

    read: frozenset[str]
    every: frozenset[str]


def _known(read: str, other: str) -> Known:
    return Known(frozenset(read.split()), frozenset(read.split()) | frozenset(other.split()))


METADATA = _known(
    "name generateName namespace labels annotations ownerReferences",
    """
    uid resourceVersion generation creationTimestamp deletionTimestamp deletionGracePeriodSeconds finalizers
    managedFields selfLink clusterName initializers
    """,
)
SERVICE = _known(
    """
    type selector ports clusterIP clusterIPs externalName externalIPs loadBalancerSourceRanges
    allocateLoadBalancerNodePorts ipFamilies internalTrafficPolicy externalTrafficPolicy sessionAffinity
    publishNotReadyAddresses
    """,
    """
    loadBalancerIP loadBalancerClass healthCheckNodePort sessionAffinityConfig ipFamily ipFamilyPolicy
    topologyKeys trafficDistribution
    """,
)
SERVICE_PORT = _known("name port protocol targetPort nodePort", "appProtocol")
POD = _known(
    "containers initContainers nodeName hostNetwork",
    """
    activeDeadlineSeconds affinity automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks
    ephemeralContainers hostAliases hostIPC hostPID hostUsers hostname hostnameOverride imagePullSecrets
    nodeSelector os overhead preemptionPolicy priority priorityClassName readinessGates resourceClaims
    resources restartPolicy runtimeClassName schedulerName schedulingGates securityContext serviceAccount
    serviceAccountName setHostnameAsFQDN shareProcessNamespace subdomain terminationGracePeriodSeconds
    tolerations topologySpreadConstraints volumes workloadRef
    """,
)
CONTAINER = _known(
    "ports restartPolicy",  # image, command, args and env too, but only of hostNetwork pods
    """
    name image command args workingDir env envFrom resources resizePolicy restartPolicyRules volumeMounts
    volumeDevices livenessProbe readinessProbe startupProbe lifecycle terminationMessagePath
    terminationMessagePolicy imagePullPolicy securityContext stdin stdinOnce tty
    """,
)
CONTAINER_PORT = _known("name containerPort protocol hostPort hostIP", "")
