"""What policy makes of a connection that comes in from outside: whom it lets through, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from policy_core.details.outside import LetIn, Outside, let_in, lets_outside_in
from policy_core.evaluation import Evaluation
from policy_core.exposure import Entrance, Sight
from policy_core.ipblock import EVERY, AddressSet
from policy_core.model import Direction, Pod
from policy_core.openness import Openness, openness, own_families
from policy_core.proxies import Path, Proxy
from policy_core.verdict import Verdict, connection, over_families, over_several

__all__ = ["Admission", "Admissions", "Why"]


class Why(StrEnum):
    OPEN = "policy lets every address in"
    SOME = "policy lets these addresses in"
    CLOSED = "policy lets no address in"
    FAMILIES = "policy lets addresses of one family in, and none of the other"
    HOST_NETWORK = "policy does not isolate a hostNetwork pod"
    RANGES = "loadBalancerSourceRanges let no address in that policy lets in"
    RANGES_OF_ONE_FAMILY = "loadBalancerSourceRanges say nothing of one address family"
    HIDDEN = (
        "policy lets only some addresses in, and a node may put its own in place of the client's "
        "(externalTrafficPolicy: Cluster)"
    )
    EITHER = "policy lets only some addresses in, and plugins differ on whose address arrives at a host port"
    UNSEEN = "the NetworkPolicies of the pod's namespace could not be read"
    TIERS = (
        "a rule of a tier that is not understood denies every address, and whether it is for the pod hangs "
        "on labels that could not be read"
    )
    PROXY = "policy judges the connection of the controller's pods, not the client's"
    PROXIES_DIFFER = "several workloads may be the controller's, and policy does not treat them alike"
    BALANCER = "the load balancer connects from addresses of its own, and policy lets only some in"
    NODE_PROXY = "a proxy of the network plugin connects, which no rule of a NetworkPolicy names"
    UNFOUND = "the controller's pods were not found"
    DETACHED = "whether a Gateway takes the route is not known"
    DRAINING = "the pod is shutting down, and used only while no other is ready"
    POD_UNREAD = "the endpoint's pod was not read"
    ENDPOINTS_UNREAD = "the Service's endpoints could not be read"


@dataclass(frozen=True, slots=True)
class Admission:
    """``clients`` are those who get through, as far as addresses decide that; ``policy`` whom policy lets in
    of the addresses that arrive, whoever dialled."""

    verdict: Verdict
    why: Why
    clients: LetIn = LetIn()
    policy: LetIn = LetIn()


class Admissions:
    """Of one evaluation. Immutable, apart from a cache."""

    def __init__(self, evaluation: Evaluation) -> None:
        self._evaluation = evaluation
        self._sources: dict[Proxy, list[_Sources]] = {}

    def of(self, entrance: Entrance, pods: Sequence[Pod], number: int, over: Collection[int]) -> Admission:
        """``pods`` are alike to policy; ``number`` is the port on which the connection arrives at them,
        ``over`` the address families that the entrance serves."""
        evaluation, one = self._evaluation, pods[0]
        policy = let_in(evaluation, one, entrance.protocol, number, over)
        if entrance.detached is not None:
            return Admission(Verdict.UNKNOWN, Why.DETACHED, policy=policy)
        if entrance.sight is Sight.PROXY:
            return self._of_proxy(entrance, pods, number, over, policy)
        families = [family for family in own_families(one) if family in over]
        plainly = entrance.sight is Sight.CLIENT
        # No client outside has the address of a pod; a node has that of its hostNetwork pods.
        nobody = plainly and _only_pods(evaluation, one, entrance.protocol, number, over)
        if nobody or not (policy.certain or policy.possible):
            return Admission(Verdict.DENY, Why.CLOSED, policy=policy)
        seen = _as_seen(policy, families, plainly)
        clients, why = _in_ranges(seen, families, entrance.ranges)
        verdict = over_families(_of_family(clients, family) for family in families)
        if why is None:
            why = _why(evaluation, entrance, one, policy, clients, verdict, families)
        return Admission(verdict, why, clients, policy)

    def _of_proxy(
        self, entrance: Entrance, pods: Sequence[Pod], number: int, over: Collection[int], policy: LetIn
    ) -> Admission:
        evaluation, proxy = self._evaluation, entrance.proxy or Proxy(Path.UNKNOWN)
        match proxy.path:
            case Path.PODS:
                verdicts = {
                    over_several(_of_pairs(evaluation, sources, pods, entrance.protocol, number, over))
                    for sources in self._sources_of(proxy)
                }
                if len(verdicts) > 1:
                    return Admission(Verdict.UNKNOWN, Why.PROXIES_DIFFER, policy=policy)
                return Admission(verdicts.pop(), Why.PROXY, policy=policy)
            case Path.BALANCER:
                return _of_balancer(evaluation, pods[0], over, policy)
            case Path.NODE:
                return _of_node(evaluation, pods[0], policy)
            case Path.UNKNOWN:
                return Admission(Verdict.UNKNOWN, Why.UNFOUND, policy=policy)

    def _sources_of(self, proxy: Proxy) -> list[_Sources]:
        """By workload; pods that nobody made are one to each namespace."""
        found = self._sources.get(proxy)
        if found is None:
            by_workload: dict[object, list[Pod]] = {}
            for pod in proxy.pods:
                made_by = pod.ref if pod.is_template else self._evaluation.snapshot.workloads.get(pod.ref)
                by_workload.setdefault((pod.namespace, made_by), []).append(pod)
            every = by_workload.values()
            found = self._sources[proxy] = [_sources(self._evaluation, pods) for pods in every]
        return found


def _only_pods(evaluation: Evaluation, pod: Pod, protocol: str, number: int, over: Collection[int]) -> bool:
    """Whether all the addresses that are let in, if any, are those of known pods."""
    return lets_outside_in(evaluation, pod, protocol, number, over) is Outside.NOBODY


def _as_seen(policy: LetIn, families: Iterable[int], plainly: bool) -> LetIn:
    """The clients whom that means. Where another address may arrive in place of theirs, only what holds for
    every address of a family is certain."""
    if plainly:
        return policy
    certain, possible = AddressSet(), AddressSet()
    for family in families:
        every = EVERY[family]
        if every <= policy.certain:
            certain |= every
        elif policy.certain & every or policy.possible & every:
            possible |= every
    return LetIn(certain, possible)


def _in_ranges(found: LetIn, families: Iterable[int], ranges: AddressSet | None) -> tuple[LetIn, Why | None]:
    if ranges is None:
        return found, None
    # What ranges of the one family alone mean for the other, implementations do not agree on.
    silent = AddressSet.union(EVERY[f] for f in families if ranges and not ranges & EVERY[f])
    certain = found.certain & ranges
    possible = (found.possible & ranges) | ((found.certain | found.possible) & silent)
    if not certain and not possible:
        return LetIn(), Why.RANGES
    return LetIn(certain, possible), Why.RANGES_OF_ONE_FAMILY if possible & silent else None


def _of_family(found: LetIn, family: int) -> Verdict:
    if found.certain & EVERY[family]:
        return Verdict.ALLOW
    return Verdict.UNKNOWN if found.possible & EVERY[family] else Verdict.DENY


def _why_not_known(evaluation: Evaluation, pod: Pod) -> Why:
    """No rule of a tier names addresses that come in: only one that is not understood is about them."""
    return Why.UNSEEN if evaluation.policies.is_unseen(pod) else Why.TIERS


def _why(
    evaluation: Evaluation,
    entrance: Entrance,
    pod: Pod,
    policy: LetIn,
    clients: LetIn,
    verdict: Verdict,
    families: Iterable[int],
) -> Why:
    if pod.host_network:
        return Why.HOST_NETWORK
    if policy.possible:
        return _why_not_known(evaluation, pod)
    if clients.possible:
        return Why.HIDDEN if entrance.sight is Sight.NODE else Why.EITHER
    if verdict is Verdict.PARTIAL:
        return Why.FAMILIES
    return Why.OPEN if all(EVERY[family] <= policy.certain for family in families) else Why.SOME


# Through a controller -------------------------------------------------------------------------------------


_Sort = tuple[int, tuple[int, ...]]
_Sources = Mapping[_Sort, Mapping[str, Pod]]
"""Of pods that policy cannot tell apart, one on each node; one alone of those that do not use its network."""


def _sort(evaluation: Evaluation, pod: Pod) -> _Sort:
    return evaluation.index.class_of[pod.ref], own_families(pod)


def _sources(evaluation: Evaluation, pods: Iterable[Pod]) -> _Sources:
    found: dict[_Sort, dict[str, Pod]] = {}
    for pod in pods:
        node = pod.node if pod.host_network else ""
        found.setdefault(_sort(evaluation, pod), {}).setdefault(node, pod)
    return found


def _of_node(evaluation: Evaluation, pod: Pod, policy: LetIn) -> Admission:
    match openness(evaluation.policies, pod, Direction.INGRESS):
        case Openness.HOST:
            return Admission(Verdict.ALLOW, Why.HOST_NETWORK, policy=policy)
        case Openness.OPEN:
            return Admission(Verdict.ALLOW, Why.OPEN, policy=policy)
        case Openness.CLOSED:
            return Admission(Verdict.DENY, Why.CLOSED, policy=policy)
        case Openness.UNSEEN:
            return Admission(Verdict.UNKNOWN, Why.UNSEEN, policy=policy)
    return Admission(Verdict.UNKNOWN, Why.NODE_PROXY, policy=policy)


def _of_balancer(evaluation: Evaluation, pod: Pod, over: Collection[int], policy: LetIn) -> Admission:
    if not (policy.certain or policy.possible):
        return Admission(Verdict.DENY, Why.CLOSED, policy=policy)
    families = [family for family in own_families(pod) if family in over]
    seen = _as_seen(policy, families, plainly=False)
    verdict = over_families(_of_family(seen, family) for family in families)
    if verdict is Verdict.ALLOW:
        return Admission(verdict, Why.HOST_NETWORK if pod.host_network else Why.OPEN, policy=policy)
    why = _why_not_known(evaluation, pod) if policy.possible else Why.BALANCER
    return Admission(verdict, why, policy=policy)


def _of_pairs(
    evaluation: Evaluation,
    sources: _Sources,
    destinations: Iterable[Pod],
    protocol: str,
    number: int,
    over: Collection[int],
) -> set[Verdict]:
    """Of one pair of each sort. Of hostNetwork sources it counts whether they are on the pod's own node."""
    found: dict[object, Verdict] = {}
    by_node = any(node for nodes in sources.values() for node in nodes)
    pods = {(_sort(evaluation, pod), pod.node if by_node else ""): pod for pod in destinations}
    for (sort, _), destination in pods.items():
        for sorted_as, nodes in sources.items():
            for node, source in _near_and_far(nodes, destination.node):
                near = node == destination.node if node and destination.node else None
                key = sorted_as, sort, near
                if key not in found:
                    # Should a pod get back to itself, policy judges it as it does the others.
                    judged = connection(
                        evaluation.policies, source, destination, protocol, number, over, translated=True
                    )
                    found[key] = judged.verdict
    return set(found.values())


def _near_and_far(by_node: Mapping[str, Pod], node: str) -> Iterator[tuple[str, Pod]]:
    """One that is on the node, one that is not, and one of which that is not known."""
    if node and node in by_node:
        yield node, by_node[node]
    far = next((item for item in by_node.items() if item[0] not in ("", node)), None)
    if far is not None:
        yield far
    if "" in by_node:
        yield "", by_node[""]
