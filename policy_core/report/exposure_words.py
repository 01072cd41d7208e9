"""The words for a way in from outside: one wording for reports, pages and the list."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from policy_core.details.admission import Why
from policy_core.details.exposure import Exposed
from policy_core.exposure import Place, Way
from policy_core.ipblock import EVERY, AddressSet, IPNetwork
from policy_core.proxies import Path
from policy_core.report.document import Role
from policy_core.report.words import count, names
from policy_core.verdict import Verdict

__all__ = [
    "addresses_text",
    "arrival_text",
    "dialled_text",
    "place_text",
    "reason_text",
    "subject_text",
    "verdict_role",
    "verdict_sentence",
    "verdict_text",
]

_MOST = 2
_SIGNS = {Verdict.ALLOW: "✓", Verdict.DENY: "✗", Verdict.PARTIAL: "◐", Verdict.UNKNOWN: "?"}
_ROLES = {Verdict.ALLOW: Role.ALLOW, Verdict.DENY: Role.DENY}
_UNKNOWN = {
    Why.HIDDEN: "client may be hidden",
    Why.EITHER: "client may be hidden",
    Why.BALANCER: "load balancer's own address",
    Why.RANGES_OF_ONE_FAMILY: "source ranges of one family",
    Why.UNSEEN: "policies not read",
    Why.TIERS: "policy not understood",
    Why.NODE_PROXY: "network plugin's own proxy",
    Why.UNFOUND: "controller not found",
    Why.PROXIES_DIFFER: "controllers differ",
    Why.DETACHED: "Gateway not known",
    Why.DRAINING: "shutting down",
    Why.POD_UNREAD: "pod not read",
    Why.ENDPOINTS_UNREAD: "endpoints not read",
}
"""What leaves it open, in a few words."""


def subject_text(exposed: Exposed) -> str:
    """``storefront, 2 pods``, or ``web-0 and 2 more`` of pods that no workload made."""
    name, several = exposed.subject.name, len(exposed.pods)
    if several > 1 and exposed.subject == exposed.pods[0].ref:
        return f"{name} and {several - 1:,} more"
    return f"{name}, {count(several, 'pod')}" if several > 1 else name


def place_text(exposed: Exposed) -> str:
    """Where a client finds it: addresses, names, or in words."""
    entrance = exposed.entrance
    match entrance.place:
        case Place.ADDRESS:
            return names(entrance.addresses, _MOST)
        case Place.OWN_NODE:
            nodes = list(exposed.nodes)
            return names(nodes, _MOST) if nodes else "the pods' nodes"
        case Place.PROXY_NODE:
            return names(entrance.addresses, _MOST) or "the controller's nodes"
    return entrance.place.value


def dialled_text(exposed: Exposed) -> str:
    """``203.0.113.5:80``, ``any node:30080``, ``shop.example.com``: what a client dials."""
    entrance = exposed.entrance
    ports = ",".join(map(str, entrance.ports))
    suffix = "" if entrance.protocol == "TCP" else f"/{entrance.protocol}"
    if entrance.proxy is not None:
        hosts = names(entrance.hosts, _MOST) or "any host"
        if not ports:
            return hosts
        return f"{hosts}:{ports}{suffix}" if len(entrance.hosts) == 1 else f"{hosts}, port {ports}{suffix}"
    place = place_text(exposed)
    if len(entrance.addresses) == 1 and place.count(":") > 1:
        place = f"[{place}]"
    if not ports:
        return f"{place}, any port" if entrance.way is Way.HOST_NETWORK else f"{place}, port not known"
    if entrance.place in (Place.PENDING, Place.UNKNOWN):
        return f"{place}, port {ports}{suffix}"
    return f"{place}:{ports}{suffix}"


def arrival_text(exposed: Exposed) -> str:
    """The port on which it arrives at the pod."""
    return "any" if exposed.target is None else str(exposed.target)


def addresses_text(addresses: AddressSet, families: Collection[int], short: bool = False) -> str:
    """``anyone``, ``203.0.113.0/24``, ``anyone but 10.0.0.0/8``: in whichever way is shorter. Of several,
    where it must be ``short``, ``203.0.113.0/24 +2``."""
    every = AddressSet.union(EVERY[family] for family in families)
    if not addresses:
        return "nobody"
    if every <= addresses:
        return "anyone"
    whole = [family for family in sorted(families) if EVERY[family] <= addresses]
    rest = addresses - AddressSet.union(EVERY[family] for family in whole)
    parts = [f"every IPv{family} address" for family in whole]
    if not rest:
        return parts[0]
    listed, missing = list(rest.networks()), list((every - addresses).networks())
    if len(missing) < len(listed):
        return f"anyone but {_networks(missing, short)}"
    return ", ".join([*parts, _networks(listed, short)])


def _networks(networks: Sequence[IPNetwork], short: bool) -> str:
    if not short:
        return names(map(str, networks), _MOST)
    return f"{networks[0]} +{len(networks) - 1}" if len(networks) > 1 else str(networks[0])


def verdict_text(exposed: Exposed, short: bool = False) -> str:
    """Whether policy lets it through, and whom: a sign and a few words."""
    sign = _SIGNS[exposed.verdict]
    if exposed.doubts and exposed.verdict is not Verdict.UNKNOWN:
        sign = f"? {sign}"
    return f"{sign} {_told(exposed, short)}"


def verdict_sentence(exposed: Exposed) -> str:
    if exposed.verdict is Verdict.UNKNOWN:
        return "Whether anybody gets in is not known."
    return f"Who gets in: {_told(exposed)}."


def _told(exposed: Exposed, short: bool = False) -> str:
    why, verdict = exposed.admission.why, exposed.verdict
    if verdict is Verdict.UNKNOWN:
        return _UNKNOWN.get(why, "not known")
    if exposed.entrance.proxy is not None:
        return _through_proxy(exposed)
    if why is Why.RANGES:
        return "nobody: source ranges"
    return addresses_text(exposed.clients.certain, exposed.families, short)


def _through_proxy(exposed: Exposed) -> str:
    proxy = exposed.entrance.proxy
    who = "its controller" if proxy is None or proxy.path is Path.PODS else "its load balancer"
    if proxy is not None and proxy.path is Path.NODE:
        who = "the node's proxy"
    match exposed.verdict:
        case Verdict.ALLOW:
            return who
        case Verdict.DENY:
            return f"not {who}"
    return f"some of {who}'s pods"


def verdict_role(exposed: Exposed) -> Role:
    return Role.UNKNOWN if exposed.doubts else _ROLES.get(exposed.verdict, Role.UNKNOWN)


def reason_text(exposed: Exposed) -> str:
    """In a sentence's length: why, and what is not known."""
    entrance, why = exposed.entrance, exposed.admission.why
    parts = [why.value]
    if entrance.detached is not None and why is Why.DETACHED:
        parts.append(entrance.detached.value)
    if entrance.proxy is not None and entrance.proxy.unfound is not None and why is Why.UNFOUND:
        parts.append(entrance.proxy.unfound.value)
    if why in (Why.HIDDEN, Why.EITHER, Why.BALANCER):
        parts.append(addresses_text(exposed.admission.policy.certain, exposed.families))
    return ": ".join(parts)
