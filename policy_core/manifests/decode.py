"""One object's plain values → the model, by API group, version and kind: never by kind alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from policy_core.manifests import (
    antrea,
    calico_policies,
    cilium,
    core,
    discovery,
    gateway,
    ingress,
    networking,
    services,
    tiered,
    unevaluated,
    workloads,
)
from policy_core.manifests.fields import Fields, Report, shown
from policy_core.manifests.metadata import Meta, read_meta
from policy_core.manifests.objects import RawObject
from policy_core.manifests.sharing import Shared
from policy_core.model import ObjectOfInterest, Problem, Ref, Severity, kind_in_group
from policy_core.printable import printable

__all__ = ["Decoded", "decode", "is_namespaced"]

_Reader = Callable[[Fields, Meta], Sequence[ObjectOfInterest]]


@dataclass(frozen=True, slots=True)
class _Kind:
    read: _Reader
    namespaced: bool = True


@dataclass(frozen=True, slots=True)
class Decoded:
    """``other_kind`` is ``group/version Kind`` where the kind plays no part here, else empty."""

    objects: tuple[ObjectOfInterest, ...] = ()
    problems: tuple[Problem, ...] = ()
    other_kind: str = ""


_KINDS: dict[tuple[str, str], _Kind] = {
    ("v1", "Namespace"): _Kind(core.read_namespace, namespaced=False),
    ("v1", "Node"): _Kind(core.read_node, namespaced=False),
    ("v1", "Pod"): _Kind(core.read_pod),
    ("v1", "Service"): _Kind(services.read_service),
    ("v1", "Endpoints"): _Kind(discovery.read_endpoints),
    ("v1", "ReplicationController"): _Kind(workloads.read_replication_controller),
    **{
        ("apps/v1", kind): _Kind(workloads.read_workload)
        for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
    },
    ("batch/v1", "Job"): _Kind(workloads.read_job),
    ("batch/v1", "CronJob"): _Kind(workloads.read_cron_job),
    ("discovery.k8s.io/v1", "EndpointSlice"): _Kind(discovery.read_endpoint_slice),
    ("discovery.k8s.io/v1beta1", "EndpointSlice"): _Kind(discovery.read_endpoint_slice),
    ("networking.k8s.io/v1", "NetworkPolicy"): _Kind(networking.read_network_policy),
    ("networking.k8s.io/v1", "Ingress"): _Kind(ingress.read_ingress),
    ("networking.k8s.io/v1", "IngressClass"): _Kind(ingress.read_ingress_class, namespaced=False),
    **{
        (f"networking.k8s.io/{version}", "ServiceCIDR"): _Kind(networking.read_service_cidr, namespaced=False)
        for version in ("v1", "v1beta1")
    },
}
_TIERED: dict[tuple[str, str], _Kind] = {
    (f"{tiered.GROUP}/v1alpha2", "ClusterNetworkPolicy"): _Kind(tiered.read_cluster, False),
    (f"{tiered.GROUP}/v1alpha1", "AdminNetworkPolicy"): _Kind(tiered.read_admin, False),
    (f"{tiered.GROUP}/v1alpha1", "BaselineAdminNetworkPolicy"): _Kind(tiered.read_baseline, False),
}
_UNEVALUATED: dict[tuple[str, str], _Kind] = {
    ("extensions/v1beta1", "NetworkPolicy"): _Kind(unevaluated.read_network_policy),
    ("networking.k8s.aws/v1alpha1", "ClusterNetworkPolicy"): _Kind(unevaluated.read_subject, False),
    ("networking.k8s.aws/v1alpha1", "ApplicationNetworkPolicy"): _Kind(unevaluated.read_network_policy),
    ("vpcresources.k8s.aws/v1beta1", "SecurityGroupPolicy"): _Kind(unevaluated.read_security_groups),
    ("cilium.io/v2", "CiliumNetworkPolicy"): _Kind(cilium.read_cilium),
    ("cilium.io/v2", "CiliumClusterwideNetworkPolicy"): _Kind(cilium.read_cilium, False),
    **{
        (version, kind): _Kind(calico_policies.read_calico, namespaced)
        for version in ("crd.projectcalico.org/v1", "projectcalico.org/v3")
        for kind, namespaced in (("NetworkPolicy", True), ("GlobalNetworkPolicy", False))
    },
    **{
        (f"security.istio.io/{version}", "AuthorizationPolicy"): _Kind(unevaluated.read_istio)
        for version in ("v1", "v1beta1")
    },
    **{
        (f"crd.antrea.io/{version}", kind): _Kind(antrea.read_antrea, namespaced)
        for version in ("v1beta1", "v1alpha1")
        for kind, namespaced in (("NetworkPolicy", True), ("ClusterNetworkPolicy", False))
    },
    ("k8s.ovn.org/v1", "EgressFirewall"): _Kind(unevaluated.read_egress_firewall),
    ("network.openshift.io/v1", "EgressNetworkPolicy"): _Kind(unevaluated.read_egress_firewall),
}
_UNEVALUATED_IN_GROUP = {
    (version.rpartition("/")[0], name): _Kind(unevaluated.in_unknown_version(kind.read), kind.namespaced)
    for (version, name), kind in (
        *_UNEVALUATED.items(),
        *((key, _Kind(unevaluated.read_subject, False)) for key in _TIERED),
    )
}
"""By group and kind: not to know a version is no reason to overlook what may apply."""
_GATEWAY = {
    "Gateway": _Kind(gateway.read_gateway),
    "GatewayClass": _Kind(gateway.read_gateway_class, namespaced=False),
    "ReferenceGrant": _Kind(gateway.read_reference_grant),
    **dict.fromkeys(
        ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"), _Kind(gateway.read_route)
    ),
}
_FORMER_GROUP = "extensions"
_GROUPS = frozenset(version.rpartition("/")[0] for version, _ in _KINDS)
_NAMELESS: dict[tuple[str, str], _Kind] = {
    ("networking.k8s.io/v1", "NetworkPolicy"): _Kind(unevaluated.read_network_policy),
    **dict.fromkeys(_TIERED, _Kind(unevaluated.read_subject, False)),
    **_UNEVALUATED,
}
"""How policies are read that have no name to be evaluated under."""


def decode(raw: RawObject, namespace: str, shared: Shared | None = None) -> Decoded:
    """The object as the API server would have stored it. ``namespace`` is for those that name none;
    ``shared`` is what has been read of others."""
    report = Report(raw.text, raw.origin, alone=raw.alone, shared=shared)
    obj = Fields(raw.value, (), report)
    kind: _Kind | None = None
    meta: Meta | None = None
    other = ""
    if identity := _identity(obj):
        version, name = identity
        kind = _known(version, name)
        if kind is None or version.startswith(f"{_FORMER_GROUP}/"):
            _warn_of_near_misses(report, version, name)
        if kind is None:
            other = printable(f"{version} {name}")
        else:
            meta = _meta(obj, kind, name, namespace)
            if meta is None and (standing_in := _standing_in(version, name)):
                # It may be in force for all that: what it selects must not look as if nothing did.
                kind, meta = standing_in, _nameless(obj, namespace if kind.namespaced else None)
    for flaw in raw.flaws:
        report.flaw(flaw)
    objects = kind.read(obj, meta) if kind and meta else ()
    return Decoded(tuple(objects), report.distinct(), other)


def _identity(obj: Fields) -> tuple[str, str] | None:
    """``apiVersion`` and ``kind``."""
    missing = [name for name in ("apiVersion", "kind") if obj.raw(name) in (None, "")]
    if missing:
        are = "are" if len(missing) > 1 else "is"
        obj.problem(f"not a Kubernetes object: {' and '.join(missing)} {are} missing")
        return None
    version, kind = obj.text("apiVersion"), obj.text("kind")
    return (version, kind) if version and kind else None


def _known(version: str, kind: str) -> _Kind | None:
    group, _, number = version.rpartition("/")
    if group == gateway.GROUP and number.startswith("v1"):
        return _GATEWAY.get(kind)
    key = version, kind
    known = _KINDS.get(key) or _TIERED.get(key) or _UNEVALUATED.get(key)
    return known or _UNEVALUATED_IN_GROUP.get((group, kind))


def _standing_in(version: str, kind: str) -> _Kind | None:
    group = version.rpartition("/")[0]
    return _NAMELESS.get((version, kind)) or _UNEVALUATED_IN_GROUP.get((group, kind))


def is_namespaced(version: str, kind: str) -> bool:
    """Whether objects of the kind belong to a namespace; false where the kind plays no part here."""
    known = _known(version, kind)
    return known is not None and known.namespaced


def _warn_of_near_misses(report: Report, version: str, kind: str) -> None:
    """What Kubernetes itself does not know is a slip, and may be about an object that matters. Groups with a
    dot in their name, other than those here, are somebody else's."""
    group = version.rpartition("/")[0]
    if "." in group and group not in _GROUPS:
        return
    for known, known_kind in _KINDS:
        if kind.lower() in _spellings(known_kind):
            of_old = kind == known_kind and group in (known.rpartition("/")[0], _FORMER_GROUP) and group
            report.add(
                f"{shown(version)} {kind} is not read: write it as {known}"
                if of_old
                else f"there is no {shown(version)} {shown(kind)} (did you mean {known} {known_kind}?)",
                ("apiVersion" if kind == known_kind else "kind",),
                Severity.WARNING,
            )
            return


def _spellings(kind: str) -> tuple[str, str]:
    """The singular and the plural of ``kind``, in small letters."""
    name = kind.lower()
    if name.endswith("s"):
        return name, f"{name}es"
    return name, f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"


def _meta(obj: Fields, kind: _Kind, kind_name: str, default_namespace: str) -> Meta | None:
    metadata = obj.mapping("metadata")
    name = metadata.raw("name")
    subject_kind = kind_in_group(kind_name, obj.text("apiVersion").rpartition("/")[0])
    namespace = ""
    if kind.namespaced:
        given = metadata.raw("namespace")
        if given is not None and not isinstance(given, str):
            # Left out: whatever namespace it was to be in, it is not the default one.
            obj.report.subject = Ref(subject_kind, "", name if isinstance(name, str) else "")
            metadata.not_text(given, "namespace")
            return None
        namespace = obj.report.shared.text(given or default_namespace)
    if isinstance(name, str) and name:
        name = obj.report.shared.text(name)
        obj.report.subject = Ref(subject_kind, namespace, name)
        return read_meta(metadata, kind_name, namespace, name)
    obj.report.subject = Ref(subject_kind, namespace, "")
    if name not in (None, ""):
        metadata.not_text(name, "name")
    elif metadata.raw("generateName"):
        metadata.problem(
            "only a generateName: the cluster makes the name, so it is left out",
            "generateName",
            severity=Severity.WARNING,
        )
    elif "metadata" not in obj or isinstance(obj.raw("metadata"), dict):
        obj.report.add("metadata.name is missing", at=metadata.path)
    return None


def _nameless(obj: Fields, default_namespace: str | None) -> Meta | None:
    """A name made of the place for a policy that has none, or gets one from the cluster. No namespace: of a
    kind that belongs to none."""
    metadata = obj.mapping("metadata")
    given, prefix = metadata.raw("namespace"), metadata.raw("generateName")
    namespace = ""
    if default_namespace is not None:
        if given is not None and not isinstance(given, str):
            return None
        namespace = given or default_namespace
    name = f"{prefix if isinstance(prefix, str) else ''}* ({obj.report.origin})"
    return Meta(namespace, name, {}, None, obj.report.origin)
