"""What to know of the rules of tiered policies before trusting an answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policy_core.effective import EffectivePeer, EffectiveRule
from policy_core.index import Index
from policy_core.model import Action, DomainNames, Networks, Nodes, Pod, Tier
from policy_core.openness import own_families

__all__ = ["about_peer_of_tier", "about_rule_of_tier"]


def about_rule_of_tier(pod: Pod, rule: EffectiveRule) -> Iterator[str]:
    if rule.tier is Tier.NETWORK_POLICY:
        return
    source = rule.sources[0]
    if rule.closed:
        does = "matches nothing" if rule.action is Action.ALLOW else "denies everything"
        yield f"{source} is not understood ({rule.closed}), so it fails closed: it {does}."
    if rule.perhaps:
        yield (
            f"Whether {source.policy} is for {pod.ref.path} hangs on labels of its namespace, "
            "which could not be read."
        )


def about_peer_of_tier(index: Index, pod: Pod, peer: EffectivePeer) -> Iterator[str]:
    match peer.peer:
        case Networks():
            yield from _about_networks(pod, peer.peer, peer)
        case Nodes():
            yield from _about_nodes(index, peer)
        case DomainNames():
            yield (
                "Rules for domain names match only what was looked up by that name, never an address that is "
                "given as such. Not every plugin has them."
            )


def _about_networks(pod: Pod, networks: Networks, matches: EffectivePeer) -> Iterator[str]:
    versions, own = {cidr.version for cidr in networks.cidrs}, own_families(pod)
    shown = ", ".join(map(str, networks.cidrs[:3])) + (" and more" if len(networks.cidrs) > 3 else "")
    for family in own:
        if family not in versions and pod.ips:
            yield f"networks {shown} match nothing over IPv{family}, of which the pod has an address."
    if matches.pods:
        yield f"networks {shown} cover addresses of {_pods(matches.pods)}: those are matched as well."
    if matches.possible:
        said = f"Whether networks {shown} match {_pods(matches.possible)} is unknown"
        yield f"{said}: they have no address here."


def _about_nodes(index: Index, matches: EffectivePeer) -> Iterator[str]:
    if not index.nodes.all_known:
        unread = index.snapshot.unread
        said = unread.said(["Node"]) if unread.some("Node") else "No Node was read"
        yield f"{said}: which addresses are those of nodes that a rule selects is not known."
    if matches.possible:
        yield f"Whether {_pods(matches.possible)} run on nodes that a rule selects is not known."


def _pods(pods: Iterable[Pod]) -> str:
    number = len(tuple(pods))
    return f"{number:,} pod{'' if number == 1 else 's'}"
