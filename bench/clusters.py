"""Makes a cluster of N pods as model values: a namespace for every 100 pods, Deployments of 10 pods with
a Service each; in every namespace a default-deny, a policy for DNS and the outside, and one for each
Deployment."""

from __future__ import annotations

from ipaddress import IPv4Address, ip_network

from policy_core.labels import EVERYTHING, LabelSelector
from policy_core.model import (
    ContainerPort,
    Direction,
    IPBlock,
    Namespace,
    NetworkPolicy,
    Pod,
    PodPeer,
    PolicyPort,
    Reading,
    Rule,
    Service,
    ServicePort,
)

__all__ = ["cluster"]

_DNS = Rule(
    (PodPeer(LabelSelector.of(**{"kubernetes.io/metadata.name": "ns-0"}), LabelSelector.of(app="app-0")),),
    (PolicyPort("UDP", 53), PolicyPort("TCP", 53)),
)
_OUTSIDE = Rule((IPBlock(ip_network("0.0.0.0/0"), (ip_network("10.0.0.0/8"),)),), (PolicyPort("TCP", 443),))


def cluster(pods: int) -> Reading:
    """The same N always gives the same cluster. Pods, and what belongs to them, are in ``ns-0`` up to the
    hundredth, then in ``ns-1``, and so on; every namespace looks like any other but for its team."""
    objects: list[Namespace | Pod | Service | NetworkPolicy] = []
    for start in range(0, pods, 100):
        name = f"ns-{start // 100}"
        objects.append(Namespace(name, {"team": f"team-{start // 100 % 7}"}))
        objects.append(NetworkPolicy(name, "default-deny", types=frozenset(Direction)))
        objects.append(
            NetworkPolicy(name, "out", EVERYTHING, frozenset({Direction.EGRESS}), (), (_DNS, _OUTSIDE))
        )
        for number in range(min(100, pods - start)):
            app = f"app-{number // 10}"
            address = IPv4Address((10 << 24) + start + number)
            labels = {"app": app, "pod-template-hash": f"{start:x}"}
            port = ContainerPort(8080, name="http")
            objects.append(
                Pod(
                    name,
                    f"{app}-{number}",
                    labels,
                    (address,),
                    (port,),
                    f"node-{number % 50}",
                    phase="Running",
                )
            )
            if number % 10 == 0:
                objects.extend(_application(name, app, number // 10))
    return Reading(f"{pods} pods", tuple(objects))


def _application(namespace: str, app: str, number: int) -> tuple[Service, NetworkPolicy]:
    """The application and the neighbour that may call it."""
    caller = PodPeer(pods=LabelSelector.of(app=f"app-{(number + 1) % 10}"))
    team = PodPeer(LabelSelector.of(team=f"team-{number % 7}"), LabelSelector.of(app="app-9"))
    rule = Rule((caller, team), (PolicyPort("TCP", "http"),))
    return (
        Service(namespace, app, selector={"app": app}, ports=(ServicePort(80, "http"),)),
        NetworkPolicy(
            namespace, app, LabelSelector.of(app=app), frozenset(Direction), (rule,), (Rule((caller,)),)
        ),
    )
