"""The network plugins that are recognised, and what each enforces as far as its pods tell.

Every fact is from the plugin's own manifests or documentation. What hangs on something that its pods do not
show, such as a ConfigMap, is not known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from policy_core.model import Container, Pod
from policy_core.plugin_options import argument_values

__all__ = ["PLUGINS", "TIERED_KINDS", "Plugin", "Seen", "Stance", "Support", "visible"]

TIERED_KINDS = ("ClusterNetworkPolicy", "AdminNetworkPolicy", "BaselineAdminNetworkPolicy")
"""Of policy.networking.k8s.io: many plugins that enforce NetworkPolicies do not enforce these."""
_CLUSTER, _ADMIN, _BASELINE = TIERED_KINDS
_VERSION = re.compile(r"v?(\d+)\.(\d+)(?:\.\d+)?(?:[-+.].*)?")
_DATED = re.compile(r"v(20\d{6})-[0-9a-f]+")
Version = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Support:
    """Whether objects of one kind are enforced (None: not known), and on what that hangs."""

    enforced: bool | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Stance:
    """What a plugin does about NetworkPolicies and, in ``tiers``, about the tiered kinds; a kind that is not
    there is not known. ``why`` is empty where they are enforced."""

    enforced: bool | None
    why: str = ""
    tiers: Mapping[str, Support] = field(default_factory=dict)
    caveats: tuple[str, ...] = ()
    """Of pods that policy isolates."""
    always: tuple[str, ...] = ()
    """Of every pod."""


def visible(containers: tuple[Container, ...]) -> tuple[Container, ...]:
    """None where the manifest leaves out what they run."""
    return containers if any(each.image for each in containers) else ()


@dataclass(frozen=True, slots=True)
class Seen:
    """The visible containers of one of a plugin's pods."""

    containers: tuple[Container, ...]

    def container(self, *names: str) -> Container | None:
        return next((each for each in self.containers if each.name in names), None)

    def image(self, *endings: str) -> tuple[str, str]:
        """Repository and tag of the first image whose repository ends so; empty where there is none."""
        for each in self.containers:
            repository, tag = _image(each.image)
            if _ends(repository, endings):
                return repository, tag
        return "", ""

    def version(self, *endings: str) -> Version | None:
        """Major and minor version, by the tag of that image."""
        found = _VERSION.fullmatch(self.image(*endings)[1])
        return (int(found[1]), int(found[2])) if found else None

    def argument(self, name: str) -> str:
        """Empty where no container has it."""
        return next((v for c in self.containers if (v := argument_values(c.arguments).get(name))), "")

    def flag(self, name: str) -> bool | None:
        """An argument that is true or false, as Go reads it; None where it is neither."""
        return _FLAGS.get(self.argument(name).lower())

    def environment(self, name: str) -> str:
        return next((v for c in self.containers for key, v in c.environment if key == name), "")


_FLAGS = {"true": True, "1": True, "t": True, "false": False, "0": False, "f": False}


def _image(image: str) -> tuple[str, str]:
    """Repository and tag, without a digest."""
    name = image.partition("@")[0]
    head, slash, last = name.rpartition("/")
    last, _, tag = last.partition(":")
    return f"{head}{slash}{last}", tag


def _ends(repository: str, endings: tuple[str, ...]) -> bool:
    return any(repository == ending or repository.endswith(f"/{ending}") for ending in endings)


@dataclass(frozen=True, slots=True)
class Plugin:
    """``labels`` are those that its own manifests give its node agents, ``containers`` the names of theirs,
    ``images`` how the repositories of theirs end."""

    name: str
    judge: Callable[[Seen], Stance]
    labels: frozenset[tuple[str, str]] = frozenset()
    containers: frozenset[str] = frozenset()
    images: tuple[str, ...] = ()
    workloads: frozenset[str] = frozenset()
    """Names of DaemonSets by which alone it is told from another one that has the same labels."""
    instead_of: str = ""
    """The name of one that is recognised by the same pods, and is not meant then."""

    def has(self, container: Container) -> bool:
        return container.name in self.containers or _ends(_image(container.image)[0], self.images)

    def recognises(self, pod: Pod, workload: str) -> bool:
        """Whether the hostNetwork pod is one of its agents: by a label, where its containers do not gainsay
        it, or by a container's name and image. ``workload``: the name of the pod's DaemonSet."""
        if self.workloads and workload not in self.workloads:
            return False
        labelled = bool(self.labels & pod.labels.items())
        if labelled and not visible(pod.containers):
            return True
        return any(
            self.has(each)
            if labelled
            else each.name in self.containers and _ends(_image(each.image)[0], self.images)
            for each in pod.containers
        )


def _all(enforced: bool, why: str) -> dict[str, Support]:
    return dict.fromkeys(TIERED_KINDS, Support(enforced, why))


def _calico(seen: Seen) -> Stance:
    found = seen.version("calico/node")
    if found is None:
        why = "Calico does so from v3.29 to v3.31, and its version is not known"
        return Stance(
            True,
            tiers={
                _CLUSTER: Support(None, "Calico does so from v3.32 on, and its version is not known"),
                _ADMIN: Support(None, why),
                _BASELINE: Support(None, why.replace("v3.29", "v3.30")),
            },
        )
    version = f"Calico v{found[0]}.{found[1]}"
    cluster = Support(found >= (3, 32), f"{version}; from v3.32 on")
    admin = Support((3, 29) <= found < (3, 32), f"{version}; from v3.29 to v3.31")
    baseline = Support((3, 30) <= found < (3, 32), f"{version}; from v3.30 to v3.31")
    return Stance(True, tiers={_CLUSTER: cluster, _ADMIN: admin, _BASELINE: baseline})


def _cilium(seen: Seen) -> Stance:
    for argument, value in (("enable-k8s-networkpolicy", "false"), ("enable-policy", "never")):
        if seen.argument(argument) == value:
            return Stance(False, f"Cilium is told so by --{argument}={value}")
    found = seen.version("cilium/cilium", "cilium/cilium-distroless")
    if found is not None and found < (1, 20):
        return Stance(True, tiers=_all(False, f"Cilium v{found[0]}.{found[1]} knows NetworkPolicies only"))
    cluster = Support(None, "an option that Cilium has from v1.20 on, off by default")
    if seen.flag("enable-k8s-cluster-network-policy"):
        cluster = Support(True, "Cilium with --enable-k8s-cluster-network-policy")
    return Stance(True, tiers={_CLUSTER: cluster})


def _enforcing(seen: Seen) -> Stance:
    """One that enforces NetworkPolicies whatever its options."""
    return Stance(True)


def _antrea(seen: Seen) -> Stance:
    found = seen.version("antrea-agent-ubuntu", "antrea-agent-ubi", "antrea-ubuntu", "antrea-ubi")
    gated = Support(None, "Antrea's feature gate AdminNetworkPolicy decides, off by default")
    if found is not None and found < (1, 13):
        gated = Support(False, f"Antrea v{found[0]}.{found[1]}; from v1.13 on")
    return Stance(True, tiers={_ADMIN: gated, _BASELINE: gated})


def _ovn_kubernetes(seen: Seen) -> Stance:
    option = Support(None, "an option of OVN-Kubernetes decides, enable-admin-network-policy")
    told = seen.flag("enable-admin-network-policy")
    if told is not None:
        given = f"--enable-admin-network-policy={str(told).lower()}"
        option = Support(told, f"OVN-Kubernetes with {given}")
    return Stance(True, tiers={_ADMIN: option, _BASELINE: option})


def _kube_router(seen: Seen) -> Stance:
    if seen.flag("run-firewall") is False:
        return Stance(False, "kube-router is told so by --run-firewall=false")
    return Stance(True)


def _weave(seen: Seen) -> Stance:
    if seen.environment("EXPECT_NPC") == "0":
        return Stance(False, "Weave Net is told so by EXPECT_NPC=0")
    if seen.containers and not seen.container("weave-npc"):
        return Stance(None, "Weave Net without its container weave-npc")
    return Stance(True)


def _kube_network_policies(seen: Seen) -> Stance:
    name = "kube-network-policies"
    _, tag = seen.image(name)
    if "npa-v1alpha2" in tag:
        old = Support(False, f"{name} {tag} is built for v1alpha2")
        cluster = Support(True, f"{name} {tag}")
        return Stance(True, tiers={_CLUSTER: cluster, _ADMIN: old, _BASELINE: old})
    if "npa-v1alpha1" in tag:
        admin, new = Support(True, f"{name} {tag}"), Support(False, f"{name} {tag} is built for v1alpha1")
        return Stance(True, tiers={_CLUSTER: new, _ADMIN: admin, _BASELINE: admin})
    found = seen.version(name)
    if found is not None and found >= (1, 0):
        return Stance(True, tiers=_all(False, f"{name} {tag} is built without them"))
    tiers = {}
    for kind, option in ((_ADMIN, "admin-network-policy"), (_BASELINE, "baseline-admin-network-policy")):
        told = seen.flag(option)
        if told is not None:
            tiers[kind] = Support(told, f"{name} with --{option}={str(told).lower()}")
    return Stance(True, tiers=tiers)


_KINDNET_SINCE, _KINDNET_BEFORE = 20240813, 20240723
"""Dates of the image of kind v0.24.0, the first release to enforce, and of the day on which that came in."""

_KINDNET_RIGHTS = (
    "kindnet enforces policy where its ClusterRole lets it read NetworkPolicies, as that of kind itself does."
)


def _kindnet(seen: Seen) -> Stance:
    told = seen.flag("network-policy")
    if told is not None:
        given = f"--network-policy={str(told).lower()}"
        return Stance(told, "" if told else f"kindnet is told so by {given}")
    dated = _DATED.fullmatch(seen.image("kindest/kindnetd")[1])
    if dated and int(dated[1]) >= _KINDNET_SINCE:
        return Stance(True, caveats=(_KINDNET_RIGHTS,))
    if dated and int(dated[1]) < _KINDNET_BEFORE:
        return Stance(False, "this kindnet ignores NetworkPolicies; kind's does not from v0.24.0 on")
    return Stance(None, "kindnet, where policy enforcement depends on the version")


def _flannel(seen: Seen) -> Stance:
    return Stance(
        False, "Flannel ignores NetworkPolicies", tiers=_all(False, "Flannel enforces no policy of any kind")
    )


_AWS = "Amazon VPC CNI"


def _aws(seen: Seen) -> Stance:
    if not seen.containers:
        return Stance(None, f"{_AWS}, where policy enforcement is an option")
    if not seen.container(*_AWS_AGENTS):
        return Stance(False, f"{_AWS} without its policy agent ignores NetworkPolicies")
    if not seen.flag("enable-network-policy"):
        return Stance(False, f"the policy agent of {_AWS} is not told to by --enable-network-policy=true")
    if seen.environment("NETWORK_POLICY_ENFORCING_MODE") == "strict":
        return Stance(True, always=(_AWS_STRICT,))
    return Stance(True, caveats=(_AWS_STANDARD,))


_AWS_AGENTS = ("aws-eks-nodeagent", "aws-network-policy-agent")
_AWS_STANDARD = (
    f"{_AWS} in standard mode: a new pod is open until the agent has set its policies up, a moment later."
)
_AWS_STRICT = (
    f"{_AWS} in strict mode: a pod is denied everything until the agent has set its policies up, and one "
    "that no policy selects stays so."
)

PLUGINS = (
    Plugin(
        "Canal",
        _calico,
        frozenset({("k8s-app", "canal")}),
        frozenset({"calico-node"}),
        instead_of="Calico",
    ),
    Plugin(
        "Calico",
        _calico,
        frozenset({("k8s-app", "calico-node")}),
        frozenset({"calico-node"}),
        ("calico/node", "cnx-node"),
    ),
    Plugin(
        "GKE Dataplane V2",
        _enforcing,
        frozenset({("k8s-app", "cilium")}),
        frozenset({"cilium-agent"}),
        workloads=frozenset({"anetd"}),
        instead_of="Cilium",
    ),
    Plugin(
        "Cilium",
        _cilium,
        frozenset({("k8s-app", "cilium")}),
        frozenset({"cilium-agent"}),
        ("cilium/cilium", "cilium/cilium-distroless"),
    ),
    Plugin(
        "Antrea",
        _antrea,
        frozenset({("app", "antrea")}),
        frozenset({"antrea-agent"}),
        ("antrea-agent-ubuntu", "antrea-agent-ubi", "antrea-ubuntu", "antrea-ubi"),
    ),
    Plugin(
        "kube-router",
        _kube_router,
        frozenset({("k8s-app", "kube-router")}),
        frozenset({"kube-router"}),
        ("cloudnativelabs/kube-router",),
    ),
    Plugin(
        "OVN-Kubernetes",
        _ovn_kubernetes,
        frozenset({("app", "ovnkube-node")}),
        frozenset({"ovnkube-node", "ovnkube-controller", "ovn-controller"}),
    ),
    Plugin(
        "Weave Net",
        _weave,
        frozenset({("name", "weave-net")}),
        frozenset({"weave", "weave-npc"}),
        ("weaveworks/weave-kube", "weaveworks/weave-npc"),
    ),
    Plugin(
        "Azure Network Policy Manager",
        _enforcing,
        frozenset({("k8s-app", "azure-npm")}),
        frozenset({"azure-npm"}),
        ("containernetworking/azure-npm",),
    ),
    Plugin(
        "kube-network-policies",
        _kube_network_policies,
        frozenset({("app", "kube-network-policies"), ("k8s-app", "kube-network-policies")}),
        frozenset({"kube-network-policies"}),
        ("kube-network-policies",),
    ),
    Plugin(
        "kindnet",
        _kindnet,
        frozenset({("app", "kindnet"), ("k8s-app", "kindnet")}),
        frozenset({"kindnet-cni"}),
        ("kindest/kindnetd", "aojea/kindnetd"),
    ),
    Plugin(
        _AWS,
        _aws,
        frozenset({("k8s-app", "aws-node")}),
        frozenset({"aws-node", *_AWS_AGENTS}),
        ("amazon-k8s-cni",),
    ),
    Plugin(
        "Flannel",
        _flannel,
        frozenset({("app", "flannel"), ("k8s-app", "flannel")}),
        frozenset({"kube-flannel"}),
        ("flannel/flannel", "flannelcni/flannel", "coreos/flannel"),
    ),
)
"""A pod may be of several: Flannel's may have kube-network-policies beside it."""
