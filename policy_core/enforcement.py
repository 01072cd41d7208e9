"""Whether the cluster's network plugin enforces NetworkPolicy at all, judged by the plugin's own pods."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from policy_core.model import Pod
from policy_core.unread import Unread

__all__ = ["Enforcement", "enforcement"]

# Labels that the plugins' own manifests give their node agents.
_ENFORCING = {
    ("k8s-app", "calico-node"): "Calico",
    ("k8s-app", "canal"): "Canal",
    ("k8s-app", "cilium"): "Cilium",
    ("k8s-app", "kube-router"): "kube-router",
    ("k8s-app", "azure-npm"): "Azure Network Policy Manager",
    ("app", "antrea"): "Antrea",
    ("app", "ovnkube-node"): "OVN-Kubernetes",
    ("name", "weave-net"): "Weave Net",
}
_NOT_ENFORCING = {("app", "flannel"): "Flannel", ("k8s-app", "flannel"): "Flannel"}
_DEPENDS = {
    ("k8s-app", "aws-node"): "Amazon VPC CNI, where policy enforcement is an option",
    ("k8s-app", "kindnet"): "kindnet, where policy enforcement depends on the version",
    ("app", "kindnet"): "kindnet, where policy enforcement depends on the version",
}


@dataclass(frozen=True, slots=True)
class Enforcement:
    """``enforced`` None: not known."""

    enforced: bool | None
    text: str


_HOME = "kube-system"
"""Where most clusters have their plugin's pods."""


def enforcement(pods: Iterable[Pod], unread: Unread | None = None) -> Enforcement:
    hidden = f"{unread.said(['Pod'], [_HOME])}" if unread and unread.here("Pod", _HOME) else ""
    # Every one of these agents uses its node's network; a pod that merely has such a label does not.
    labels = {item for p in pods if p.host_network and not p.finished for item in p.labels.items()}
    for known, enforced in ((_ENFORCING, True), (_NOT_ENFORCING, False), (_DEPENDS, None)):
        for label, plugin in known.items():
            if label in labels:
                match enforced:
                    case True:
                        return Enforcement(True, f"enforced by {plugin}")
                    case False if hidden:
                        # Another one, unseen, may enforce it beside this one.
                        return Enforcement(None, f"not known: {plugin} ignores NetworkPolicies, but {hidden}")
                    case False:
                        return Enforcement(False, f"not enforced: {plugin} ignores NetworkPolicies")
                    case None:
                        return Enforcement(None, f"not known: {plugin}")
    if hidden:
        return Enforcement(None, f"not known: {hidden}")
    return Enforcement(None, "not known: the pods of no network plugin that this tool recognises were read")
