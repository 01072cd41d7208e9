"""May one end open a connection to another? Every way that it may take is judged: from each pod of a
workload, to each endpoint of a Service."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from policy_core.domain_name import DomainName
from policy_core.ends import EndError, NamedEnd, Pods
from policy_core.evaluation import Evaluation
from policy_core.masked import masked_side
from policy_core.model import Direction, Pod, Ref, RuleRef, Service
from policy_core.ports import MAX_PORT, PROTOCOLS
from policy_core.routing import endpoint_families
from policy_core.translation import Arrival, Entry, Translation, translate
from policy_core.verdict import (
    Connection,
    End,
    Reason,
    Side,
    Verdict,
    addresses,
    connection,
    over_several,
)

__all__ = ["Judgement", "Way", "judge"]


@dataclass(frozen=True, slots=True)
class Way:
    """What holds alike for connections from each of ``sources`` to each of ``destinations``, as they arrive
    at ``port``. No destination: an endpoint that is a DNS name, or none at all that the source may use."""

    sources: tuple[End, ...]
    destinations: tuple[End, ...]
    port: int
    connection: Connection

    @property
    def verdict(self) -> Verdict:
        return self.connection.verdict


@dataclass(frozen=True, slots=True)
class Judgement:
    """``ways`` are empty only where a Service leads to no endpoint at all."""

    source: NamedEnd
    destination: NamedEnd
    protocol: str
    port: int
    ways: tuple[Way, ...]
    translation: Translation | None = None
    """Of a Service."""
    unseen: bool = False
    """Whether pods at either end, or endpoints, may be missing here since they could not be read."""

    @property
    def verdict(self) -> Verdict:
        """Allow where every pod reaches every endpoint, deny where none does; see
        :func:`policy_core.verdict.over_several`."""
        if self.translation is not None and self.translation.obstacle is not None:
            return Verdict.DENY
        if self.translation is not None and self.translation.entry in (Entry.ROUTE, Entry.UNREAD):
            return Verdict.UNKNOWN
        return over_several(chain((way.verdict for way in self.ways), self._missing))

    def side(self, direction: Direction) -> Verdict:
        """The one side's own verdict, whatever routing says; unknown where there is nothing to judge."""
        sides = [way.connection.side(direction) for way in self.ways]
        judged = [side.verdict for side in sides if side.reason is not Reason.NOT_LOCAL]
        return over_several((*judged, *self._missing)) if judged else Verdict.UNKNOWN

    @property
    def _missing(self) -> tuple[Verdict, ...]:
        return (Verdict.UNKNOWN,) if self.unseen else ()

    @property
    def pods(self) -> tuple[Pod, ...]:
        """Every pod at either end, also where no way leads from the one to the other."""
        return tuple({pod.ref: pod for pod in (*self.sources, *self.destinations)}.values())

    @property
    def sources(self) -> tuple[Pod, ...]:
        """Every pod from which it may start."""
        return _pods(self.source, chain.from_iterable(way.sources for way in self.ways))

    @property
    def destinations(self) -> tuple[Pod, ...]:
        """Every pod at which it may arrive."""
        routed = self.translation.arrivals if self.translation else ()
        arriving = chain.from_iterable(way.destinations for way in self.ways)
        return _pods(self.destination, (*arriving, *(arrival.backend.pod for arrival in routed)))

    @property
    def leaves(self) -> bool:
        """Whether it may arrive at something else than a pod."""
        if isinstance(self.destination, Pods):
            return False
        return not self.ways or any(
            not way.destinations or not all(isinstance(end, Pod) for end in way.destinations)
            for way in self.ways
        )

    @property
    def decided_by(self) -> tuple[RuleRef | Ref, ...]:
        """The rules that let it through; of what is denied, the policies that isolate the pod and have no
        rule for it."""
        if self.translation is not None and self.translation.obstacle is not None:
            return ()  # policy was not even asked
        found = (ref for way in self.ways for ref in _deciders(way.connection))
        return tuple(dict.fromkeys(found))


def _pods(named: NamedEnd, ends: Iterable[object]) -> tuple[Pod, ...]:
    every = (*(named.pods if isinstance(named, Pods) else ()), *ends)
    return tuple({pod.ref: pod for pod in every if isinstance(pod, Pod)}.values())


def _deciders(judged: Connection) -> Iterator[RuleRef | Ref]:
    for each in (judged.egress, judged.ingress):
        if judged.verdict is not Verdict.DENY or each.verdict is Verdict.DENY:
            yield from each.decided_by
        if each.verdict in (Verdict.DENY, Verdict.PARTIAL):
            yield from each.selected_by


def judge(
    evaluation: Evaluation, source: NamedEnd, destination: NamedEnd, protocol: str, port: int
) -> Judgement:
    """``port`` is the Service's where ``destination`` is one, else the one that the pod listens on.

    Raises ValueError for a port or protocol that does not exist, and EndError where nothing here can judge:
    both ends are outside, or no pod is behind the Service that is to be the source.
    """
    if protocol not in PROTOCOLS or not 1 <= port <= MAX_PORT:
        raise ValueError(f"no such port: {protocol} {port}")
    if isinstance(destination, Service) and not isinstance(source, DomainName):
        return _to_service(evaluation, source, destination, protocol, port)
    if isinstance(source, DomainName):
        raise EndError(f"{source} is a name to connect to: what connects has an address, so name that")
    if not isinstance(source, (Pods, Service)) and not isinstance(destination, Pods):
        raise EndError(f"{source} and {destination} are both outside: name a pod or a Service as one end")

    def pair(one: End, other: End, arriving: int) -> Connection:
        return connection(evaluation.policies, one, other, protocol, arriving)

    arrivals = [(end, port) for end in _ends(evaluation, destination)]
    ways = _ways(evaluation, _ends(evaluation, source), arrivals, pair)
    unseen = isinstance(source, Service) and _unseen(evaluation, source)
    return Judgement(source, destination, protocol, port, tuple(ways), unseen=unseen)


def _pods_of(evaluation: Evaluation, service: Service) -> tuple[Pod, ...]:
    """The pods behind a Service, ready or not."""
    return tuple(backend.pod for backend in evaluation.routing.backends(service) if backend.pod)


def _unseen(evaluation: Evaluation, service: Service) -> bool:
    """Whether there may be pods behind the Service that could not be read."""
    routing = evaluation.routing
    if routing.unseen(service):
        return True
    hidden = evaluation.snapshot.unread.some("Pod")
    return hidden and any(backend.unread for backend in routing.backends(service))


def _ends(evaluation: Evaluation, named: NamedEnd) -> Sequence[End]:
    match named:
        case Pods():
            return named.pods
        case Service():
            pods = _pods_of(evaluation, named)
            if not pods:
                hidden = "; some could not be read" if _unseen(evaluation, named) else ""
                raise EndError(
                    f"{named.ref} has no pod in what was read that could open a connection{hidden}"
                )
            return pods
        case _:
            return (named,)


# To a Service ---------------------------------------------------------------------------------------------


def _to_service(
    evaluation: Evaluation, source: NamedEnd, service: Service, protocol: str, port: int
) -> Judgement:
    client = None if isinstance(source, (Pods, Service, DomainName)) else source
    routed = translate(evaluation.routing, service, protocol, port, client)
    sources = _ends(evaluation, source)
    if routed.entry is Entry.DNS_NAME:
        ways = _to_name(evaluation, sources, protocol, port, routed.service.external_name)
    elif routed.entry in (Entry.ROUTE, Entry.UNREAD):
        ways = []  # policy judges the controller's pod, which is not the source
    elif routed.local:
        ways = _to_own_node(evaluation, sources, routed, protocol)
    else:
        ways = _to_endpoints(evaluation, sources, routed, routed.arrivals, protocol)
    unseen = routed.unseen or (isinstance(source, Service) and _unseen(evaluation, source))
    return Judgement(source, service, protocol, port, tuple(ways), routed, unseen)


def _to_endpoints(
    evaluation: Evaluation,
    sources: Sequence[End],
    routed: Translation,
    arrivals: Iterable[Arrival],
    protocol: str,
) -> list[Way]:
    # A pod that finds itself among the endpoints may be let in where the others are not.
    own = sources[0] if len(sources) == 1 and not routed.translated else None
    found: dict[tuple[frozenset[int], bool, bool], list[tuple[End, int]]] = defaultdict(list)
    for arrival in arrivals:
        backend = arrival.backend
        end = backend.pod or backend.addresses[0]
        key = endpoint_families(routed.service, backend), backend.unread is not None, end == own
        found[key].append((end, arrival.port))
    ways: list[Way] = []
    for (over, unread, _), ends in found.items():
        pair = _pairs(evaluation, routed, protocol, over, unread)
        ways += _ways(evaluation, sources, ends, pair)
    return ways


def _pairs(
    evaluation: Evaluation, routed: Translation, protocol: str, over: frozenset[int], unread: bool
) -> Callable[[End, End, int], Connection]:
    policies = evaluation.policies

    def pair(source: End, destination: End, port: int) -> Connection:
        if routed.masked and isinstance(destination, Pod) and not isinstance(source, (Pod, DomainName)):
            families = over & {source.version}
            into = masked_side(policies, Direction.INGRESS, destination, protocol, port, families)
            return Connection(into.verdict, Side(Verdict.ALLOW, Reason.OUTSIDE), into)
        judged = connection(policies, source, destination, protocol, port, over, routed.translated)
        if not unread:
            return judged
        # Its address is known, but not the labels by which rules may let it be reached.
        hidden = Side(Verdict.UNKNOWN, Reason.UNREAD)
        out = judged.egress
        if out.reason is Reason.NO_COMMON_FAMILY:
            return Connection(Verdict.UNKNOWN, hidden, hidden)  # it may have further addresses
        if isinstance(source, Pod) and policies.tiers.concerning(policies.index, source, Direction.EGRESS):
            out = hidden  # a rule that denies may select it, too
        elif isinstance(source, Pod) and out.verdict is not Verdict.ALLOW:
            out = masked_side(policies, Direction.EGRESS, source, protocol, port, over)
            out = out if out.verdict is Verdict.DENY else hidden
        return Connection(Verdict.DENY if out.verdict is Verdict.DENY else Verdict.UNKNOWN, out, hidden)

    return pair


def _to_own_node(
    evaluation: Evaluation, sources: Sequence[End], routed: Translation, protocol: str
) -> list[Way]:
    """``internalTrafficPolicy: Local``: endpoints of the source's own node, or none."""
    ways: list[Way] = []
    for node in dict.fromkeys(source.node for source in sources if isinstance(source, Pod)):
        there = [source for source in sources if isinstance(source, Pod) and source.node == node]
        # An endpoint of another node is not used; one whose node is not known may be.
        here = [arrival for arrival in routed.arrivals if node and _node(arrival) == node]
        perhaps = [arrival for arrival in routed.arrivals if not (node and _node(arrival))]
        certain = _to_endpoints(evaluation, there, routed, here, protocol)
        possible = _to_endpoints(evaluation, there, routed, perhaps, protocol)
        settled = over_several(way.verdict for way in certain)  # deny where there is none
        ways += [*certain, *(way if way.verdict is settled else _unknown(way) for way in possible)]
        if routed.arrivals and not (certain or possible):
            away = Side(Verdict.DENY, Reason.NOT_LOCAL)
            ways.append(Way(tuple(there), (), 0, Connection(Verdict.DENY, away, away)))
    return ways


def _node(arrival: Arrival) -> str:
    return arrival.backend.pod.node if arrival.backend.pod else ""


def _unknown(way: Way) -> Way:
    return replace(way, connection=replace(way.connection, verdict=Verdict.UNKNOWN))


def _to_name(
    evaluation: Evaluation, sources: Sequence[End], protocol: str, port: int, name: str
) -> list[Way]:
    """To whatever address a DNS name has: the source's egress alone can be judged, and only to deny."""
    found: dict[Side, list[End]] = defaultdict(list)
    for source in sources:
        if isinstance(source, Pod):
            policies, known_as = evaluation.policies, name.lower().removesuffix(".")
            out = masked_side(policies, Direction.EGRESS, source, protocol, port, (4, 6), known_as)
            found[out].append(source)
    there = Side(Verdict.UNKNOWN, Reason.ELSEWHERE)
    return [
        Way(
            tuple(alike),
            (),
            port,
            Connection(out.verdict if out.verdict is Verdict.DENY else there.verdict, out, there),
        )
        for out, alike in found.items()
    ]


# Pods that policy treats alike ----------------------------------------------------------------------------


_Results = dict[tuple[Connection, int], list[End]]
"""What was judged, and on which port it arrives → the ends for which that holds."""


def _ways(
    evaluation: Evaluation,
    sources: Sequence[End],
    arrivals: Iterable[tuple[End, int]],
    pair: Callable[[End, End, int], Connection],
) -> list[Way]:
    """Every source with every arrival, each judgement made once for all that it holds for."""
    index = evaluation.index
    by_node = any(not isinstance(source, Pod) or source.host_network for source in sources)

    def kind(end: End) -> Hashable:
        if not isinstance(end, Pod):
            return end
        node = (end.node, end.host_ips) if by_node else ()
        return index.class_of[end.ref], frozenset(a.version for a in addresses(end)), end.several, node

    sources_alike: dict[Hashable, list[End]] = defaultdict(list)
    for source in sources:
        sources_alike[kind(source)].append(source)
    arrivals_alike: dict[tuple[Hashable, int], list[End]] = defaultdict(list)
    for end, port in arrivals:
        arrivals_alike[kind(end), port].append(end)

    alone = len(sources) == 1 and sum(map(len, arrivals_alike.values())) == 1
    by_source: list[tuple[list[End], _Results]] = []
    for alike in sources_alike.values():
        results: _Results = defaultdict(list)
        for (_, port), ends in arrivals_alike.items():
            judged = pair(*_two(alike, ends), port)
            if alone or judged.egress.reason is not Reason.ITSELF:
                results[judged, port] += ends
        same = next((first for first, found in by_source if found == results), None)
        if same is None:
            by_source.append((alike, results))
        else:
            same += alike
    return [
        Way(tuple(alike), tuple(ends), port, judged)
        for alike, results in by_source
        for (judged, port), ends in results.items()
    ]


def _two(sources: Sequence[End], destinations: Sequence[End]) -> tuple[End, End]:
    """One of each, two different pods if possible: what a pod has with itself says nothing of the others."""
    for source in sources[:2]:
        for destination in destinations[:2]:
            if source != destination:
                return source, destination
    return sources[0], destinations[0]
