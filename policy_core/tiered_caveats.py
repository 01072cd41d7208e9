"""What to know of the rules of tiered policies before trusting an answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sized

from policy_core.effective import EffectivePeer, EffectiveRule
from policy_core.index import Index
from policy_core.model import NAME_LABEL, Action, Direction, DomainNames, Networks, Nodes, Pod, Tier
from policy_core.openness import own_families
from policy_core.rules import PolicySet
from policy_core.snapshot import Snapshot
from policy_core.tiers import CompiledTieredPolicy, Rank, policies_in
from policy_core.unread import listed

__all__ = ["about_peer_of_tier", "about_rule_of_tier", "about_subjects", "about_ties"]


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


def about_subjects(snapshot: Snapshot, pod: Pod) -> Iterator[str]:
    """Where policies are told apart from others by labels of the pod's namespace, which nobody has read."""
    namespace = snapshot.namespaces[pod.namespace]
    if pod.finished or pod.host_network or not namespace.labels_known or namespace.origin is not None:
        return
    for policy in snapshot.tiered_policies:
        selector = policy.subject.namespaces
        if selector is not None and any(each.key != NAME_LABEL for each in selector.requirements()):
            yield (
                f"No Namespace object for {pod.namespace} was read: of its labels only {NAME_LABEL} is "
                "known, and which policies of the tiers are for its pods is judged by that."
            )
            return


def about_ties(policies: PolicySet, pod: Pod, direction: Direction) -> Iterator[str]:
    """The policies for the pod of which nothing says which comes first, and that do not all do the same."""
    if pod.finished or pod.host_network or not policies.tiers:
        return
    isolated = bool(policies.selecting(pod, direction))
    bit = policies.index.class_bit(pod)
    for tier, ranks in policies.tiers.of[direction].items():
        if tier is Tier.BASELINE and isolated:
            continue
        for tied in _tied(ranks, bit):
            if len({rule.action for policy in tied for rule in policy.rules}) > 1:
                *others, last = (str(policy.policy.ref) for policy in tied)
                yield (
                    f"Nothing says which of {', '.join(others)} and {last} decides first in the {tier} tier: "
                    "where they disagree, the verdict is unknown."
                )


def _tied(ranks: Iterable[Rank], bit: int) -> Iterator[list[CompiledTieredPolicy]]:
    for rank in ranks:
        tied = [policy for policy in policies_in([rank]) if policy.concerned & bit]
        single = [policy for policy in tied if policy.policy.priority is None]
        within = [lane for lane in rank if not isinstance(lane, CompiledTieredPolicy)]
        if within and not single:  # the one that has no priority is not for the pod
            for lane in within:
                yield from _tied(lane, bit)
        elif len(tied) > 1:
            yield tied


def about_peer_of_tier(index: Index, pod: Pod, peer: EffectivePeer) -> Iterator[str]:
    match peer.peer:
        case Networks():
            yield from _about_networks(pod, peer.peer, peer)
        case Nodes():
            yield from _about_nodes(index, peer.peer, peer)
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


def _about_nodes(index: Index, nodes: Nodes, matches: EffectivePeer) -> Iterator[str]:
    if not index.nodes.all_known:
        unread = index.snapshot.unread
        none = "Not every Node that pods name was read" if index.snapshot.nodes else "No Node was read"
        said = unread.said(["Node"]) if unread.some("Node") else none
        yield f"{said}: which addresses are those of nodes that a rule selects is not known."
    elif without := index.nodes.unaddressed(nodes.selector):
        yield f"No address of {listed(without)} was read: which addresses those nodes have is not known."
    if unlabelled := index.nodes.unlabelled(nodes.selector):
        yield f"Some labels of {listed(unlabelled)} could not be read: rules for nodes may match there."
    if matches.possible:
        runs = "runs" if len(matches.possible) == 1 else "run"
        yield f"Whether {_pods(matches.possible)} {runs} on nodes that a rule selects is not known."


def _pods(pods: Sized) -> str:
    number = len(pods)
    return f"{number:,} pod{'' if number == 1 else 's'}"
