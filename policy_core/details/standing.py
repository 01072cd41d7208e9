"""How a Service stands: whether anybody at all is served by it, or what it lacks."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto

from policy_core.details.backend import BackendDetail
from policy_core.details.outside import Outside
from policy_core.model import Service
from policy_core.routing import Exposure
from policy_core.verdict import Verdict

__all__ = ["Standing", "standing"]


class Standing(Enum):
    DNS_NAME = auto()
    NO_ENDPOINT = auto()
    NOT_READY = auto()
    DRAINING = auto()
    """No endpoint is ready, and some are shutting down and still serve: these are used for want of others."""
    NO_PORT = auto()
    """No port of the Service leads to a ready endpoint."""
    NO_PODS = auto()
    """All endpoints are addresses outside the known pods: nothing here could say no."""
    UNSEEN = auto()
    """It may have endpoints that could not be read, and no other that anyone is known to reach."""
    UNSEEN_PODS = auto()
    """No pod that was read gets through, and there may be others."""
    UNREAD = auto()
    """The endpoints are pods that were not read: what policy does to them is not known."""
    ANY_PORT = auto()
    """A headless Service without ports: whatever clients choose arrives."""
    ANSWERS = auto()
    """Some other pod gets through for certain."""
    DOUBTFUL = auto()
    """Whether any pod gets through hangs on objects that are not evaluated."""
    PARTIAL = auto()
    """Pods get through over one address family only."""
    UNKNOWN = auto()
    """Whether any pod gets through hangs on something that is not known."""
    ALONE = auto()
    """There is no other pod, and policy lets addresses in that are no known pods."""
    OUTSIDERS = auto()
    """No other pod gets through; the Service is exposed, and addresses outside are let in."""
    HIDDEN = auto()
    """So, too, but only some addresses, and the cluster may replace those that clients have."""
    UNLED = auto()
    """No other pod gets through; addresses outside are let in, but nothing leads these to the Service."""
    OTHER_PORTS = auto()
    """A headless Service whose targets are closed: clients that dial its ports arrive at other ones."""
    HALF = auto()
    """No pod gets through to the endpoints that are pods; for those that are not, nothing could say no."""
    CLOSED = auto()

    @property
    def verdict(self) -> Verdict:
        return _VERDICTS.get(self, Verdict.UNKNOWN)


_VERDICTS = {
    Standing.DNS_NAME: Verdict.DENY,
    Standing.NO_ENDPOINT: Verdict.DENY,
    Standing.NOT_READY: Verdict.DENY,
    Standing.NO_PORT: Verdict.DENY,
    Standing.CLOSED: Verdict.DENY,
    Standing.NO_PODS: Verdict.ALLOW,
    Standing.ANSWERS: Verdict.ALLOW,
    Standing.ALONE: Verdict.ALLOW,
    Standing.OUTSIDERS: Verdict.ALLOW,
    Standing.PARTIAL: Verdict.PARTIAL,
}


def standing(
    service: Service,
    backends: Sequence[BackendDetail],
    exposures: Sequence[Exposure],
    unseen: bool = False,
    others_unseen: bool = False,
) -> Standing:
    """``unseen``: there may be endpoints besides, which could not be read. ``others_unseen``: so of the pods
    that may connect."""
    found = _standing(service, backends, exposures)
    if unseen and found is not Standing.DNS_NAME and found.verdict is not Verdict.ALLOW:
        return Standing.UNSEEN
    if others_unseen and found is Standing.CLOSED:
        return Standing.UNSEEN_PODS
    return found


def _standing(service: Service, backends: Sequence[BackendDetail], exposures: Sequence[Exposure]) -> Standing:
    if service.type == "ExternalName":
        return Standing.DNS_NAME
    if not backends:
        return Standing.NO_ENDPOINT
    ready = [detail for detail in backends if detail.backend.ready]
    if ready:
        return _of_endpoints(service, ready, exposures)
    # kube-proxy uses these for want of ready ones; the DNS records of a headless Service leave them out.
    draining = [detail for detail in backends if detail.backend.draining and not service.headless]
    served = draining and _of_endpoints(service, draining, exposures).verdict is not Verdict.DENY
    return Standing.DRAINING if served else Standing.NOT_READY


def _of_endpoints(
    service: Service, ready: Sequence[BackendDetail], exposures: Sequence[Exposure]
) -> Standing:
    any_port = service.headless and not service.ports
    if not any_port and all(t.target.number is None for detail in ready for t in detail.targets):
        return Standing.NO_PORT
    pods = [detail for detail in ready if detail.backend.pod]
    if any_port and pods:
        return Standing.ANY_PORT
    return _for_pods(pods) or _for_others(service, ready, exposures)


def _for_pods(pods: Sequence[BackendDetail]) -> Standing | None:
    """Where some pod gets through, or may."""
    counts = [target.through for detail in pods for target in detail.targets if target.through]
    if any(count.allow > count.doubtful_allow for count in counts):
        return Standing.ANSWERS
    if any(count.doubtful for count in counts):
        return Standing.DOUBTFUL
    if any(count.partial for count in counts):
        return Standing.PARTIAL
    return Standing.UNKNOWN if any(count.unknown for count in counts) else None


def _for_others(service: Service, ready: Sequence[BackendDetail], exposures: Sequence[Exposure]) -> Standing:
    """Where no pod gets through to an endpoint that is a known pod."""
    if any(detail.backend.unread for detail in ready):
        return Standing.UNREAD
    if not any(detail.backend.pod for detail in ready):
        return Standing.NO_PODS
    outside = {target.outside for detail in ready for target in detail.targets}
    if Outside.UNKNOWN in outside:
        return Standing.UNKNOWN
    if outside - {Outside.NOBODY}:
        if not any(detail.others for detail in ready):
            return Standing.ALONE
        # A route's controller connects from an address of its own, which is most often a pod's.
        directly = any(exposure.route is None for exposure in exposures)
        if not directly:
            return Standing.UNLED
        as_they_are = Outside.ANYONE in outside or service.external_traffic_policy == "Local"
        return Standing.OUTSIDERS if as_they_are else Standing.HIDDEN
    if not all(detail.backend.pod for detail in ready):
        return Standing.HALF
    targets = [target.target for detail in ready for target in detail.targets]
    if service.headless and any(target.number != target.port.port for target in targets):
        return Standing.OTHER_PORTS
    return Standing.CLOSED
