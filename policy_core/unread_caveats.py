"""What to know of an answer for which something could not be read from the cluster: one sentence each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policy_core.index import namespace_matches
from policy_core.ipblock import IPAddress
from policy_core.model import PodPeer, Service
from policy_core.snapshot import Snapshot
from policy_core.unread import listed

__all__ = [
    "about_address",
    "about_counts",
    "about_endpoints",
    "about_peer",
    "about_policies",
    "about_routes",
    "about_services",
]


def about_policies(snapshot: Snapshot, namespaces: Iterable[str]) -> Iterator[str]:
    """Those that isolate, or not, the pods of these namespaces."""
    unread = snapshot.unread
    hidden = [name for name in namespaces if unread.here("NetworkPolicy", name)]
    if hidden:
        said = unread.said(["NetworkPolicy"], hidden)
        yield f"{said}: whether and how policy isolates pods there is not known."


def about_peer(snapshot: Snapshot, peer: PodPeer | None, own_namespace: str) -> Iterator[str]:
    """A rule for that peer (None: anyone) may match pods that could not be read."""
    unread = snapshot.unread
    if not unread.some("Pod"):
        return
    if peer is not None and peer.namespaces is None:
        spaces = [own_namespace] if unread.here("Pod", own_namespace) else []
        elsewhere = False
    else:
        selector = peer.namespaces if peer else None
        spaces = [
            each.name
            for each in snapshot.namespaces.values()
            if unread.here("Pod", each.name)
            and (selector is None or namespace_matches(selector, each) is not False)
        ]
        elsewhere = unread.namespaces and not (selector is not None and selector.invalid)
    if spaces or elsewhere:
        yield f"{_pods(snapshot, spaces, elsewhere)}: rules that select pods may match more than is shown."


def about_counts(snapshot: Snapshot, so: str = "no count here has them") -> Iterator[str]:
    """Of N of M, M is what could be read."""
    unread = snapshot.unread
    if unread.some("Pod"):
        spaces = unread.pods_of(snapshot.namespaces.values())
        if spaces or unread.namespaces:
            yield f"{_pods(snapshot, spaces, unread.namespaces)}: {so}."


def _pods(snapshot: Snapshot, spaces: Iterable[str], elsewhere: bool) -> str:
    names = list(spaces)
    if elsewhere:
        names = [*names[:2], *((f"{len(names) - 2:,} more",) if len(names) > 2 else ())]
        names.append("perhaps other namespaces" if names else "namespaces that are not known here")
    return snapshot.unread.said(["Pod"], names)


def about_services(snapshot: Snapshot, namespace: str) -> Iterator[str]:
    if snapshot.unread.here("Service", namespace):
        said = snapshot.unread.said(["Service"], [namespace])
        yield f"{said}: which of them route here is not known."


def about_routes(snapshot: Snapshot, namespace: str) -> Iterator[str]:
    """What may expose the Services of a namespace."""
    kinds = snapshot.unread.routes(namespace)
    if kinds:
        yield f"{snapshot.unread.said(kinds)}: Services here may be exposed by some that are not shown."


def about_endpoints(snapshot: Snapshot, service: Service, unseen: bool) -> Iterator[str]:
    """Of a Service of which no EndpointSlice was read."""
    unread = snapshot.unread
    if service.type == "ExternalName":
        return
    slices = unread.here("EndpointSlice", service.namespace)
    if unseen:
        kinds = [kind for kind in ("EndpointSlice", "Pod") if unread.here(kind, service.namespace)]
        said = unread.said(kinds, [service.namespace])
        yield f"{said}: which endpoints {service.ref.path} has is not known."
    elif slices and service.selector:
        said = unread.said(["EndpointSlice"], [service.namespace])
        yield (
            f"{said}: the selector of {service.ref.path} is evaluated instead, and the Ready condition "
            "says of each pod whether it is ready."
        )


def about_address(snapshot: Snapshot, address: IPAddress, source: bool) -> Iterator[str]:
    """An address that is not that of any pod, Service or node which was read, as the ``source`` of a
    connection or its destination."""
    unread = snapshot.unread
    ranges = [str(c) for each in snapshot.service_cidrs for c in each.cidrs if address in c]
    if not source and ranges:
        if unread.some("Service"):
            said = f"{unread.said(['Service'])}, and one of them may have it"
        else:
            said = "but no Service has it, so nothing answers there"
        yield f"{address} is in the range of cluster addresses ({listed(ranges)}): {said}."
        return
    if not source and unread.some("Service") and _may_be_of_a_service(snapshot, address):
        yield (
            f"{unread.said(['Service'])}: where {address} is the address of one of them, policy sees its "
            "endpoints instead."
        )
    if unread.some("Pod"):
        yield (
            f"{unread.said(['Pod'])}: where {address} is the address of one of them, rules that select pods "
            "may match it."
        )
    if source and unread.some("Node"):
        yield (
            f"{unread.said(['Node'])}: where {address} is one of a pod's own node, that pod lets it in "
            "whatever policy says."
        )


def _may_be_of_a_service(snapshot: Snapshot, address: IPAddress) -> bool:
    """Not where the ranges are known and have it not; and nobody gives Services public IPv4 addresses."""
    if snapshot.service_cidrs and not snapshot.unread.some("ServiceCIDR"):
        return False
    return not (address.version == 4 and address.is_global)
