"""Which pods are exposed to the outside: by which way, on which port, and whether policy lets it through."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from ipaddress import ip_address

from policy_core.details.admission import Admission, Admissions, Why
from policy_core.details.outside import LetIn
from policy_core.evaluation import Evaluation
from policy_core.exposure import Entrance, Entrances, Way, host_entrances
from policy_core.ipblock import IPAddress
from policy_core.model import Pod, Ref, Service
from policy_core.not_evaluated import may_apply
from policy_core.openness import own_families
from policy_core.reach import reach
from policy_core.routing import Backend, endpoint_families
from policy_core.verdict import Verdict

__all__ = ["Exposed", "InCluster", "exposed_pods", "exposures_of", "in_cluster"]


@dataclass(frozen=True, slots=True, eq=False)
class Exposed:
    """One port of pods that are alike: to policy, of one workload, and reached by the same entrance.

    ``pods`` are none where endpoints could not be read; then ``subject`` is the Service.
    """

    subject: Ref
    """What people know the pods by: their workload; where nobody made them the first of them."""
    pods: tuple[Pod, ...]
    entrance: Entrance
    target: int | None
    """The port on which it arrives; None: whatever the pods listen on, or not known."""
    admission: Admission
    families: frozenset[int]
    doubts: tuple[Ref, ...] = ()
    """The objects that are not evaluated and may apply to the pods, or to those that connect."""

    @property
    def verdict(self) -> Verdict:
        return self.admission.verdict

    @property
    def clients(self) -> LetIn:
        """The addresses outside from which policy lets clients through; none of an Ingress or a route, whose
        controller connects."""
        return self.admission.clients

    @property
    def way(self) -> Way:
        return self.entrance.way

    @property
    def nodes(self) -> dict[str, tuple[IPAddress, ...]]:
        """The pods' nodes with their addresses."""
        return {pod.node: pod.host_ips for pod in self.pods if pod.node}


@dataclass(frozen=True, slots=True)
class InCluster:
    """How many pods of the cluster policy lets through to the port: the controller's may be among them."""

    allow: int
    unknown: int
    total: int


def exposed_pods(evaluation: Evaluation, namespace: str = "") -> tuple[Exposed, ...]:
    """All of them, or those of one namespace; by namespace and name, then nearest to the network first."""
    seen = _seen(evaluation)
    found: list[Exposed] = []
    for service in evaluation.snapshot.services:
        found += seen.by_service(service)
    found += seen.by_node(evaluation.index.pods)
    if namespace:
        found = [each for each in found if each.subject.namespace == namespace]
    return tuple(sorted(found, key=_place))


def exposures_of(evaluation: Evaluation, pod: Pod) -> tuple[Exposed, ...]:
    """Of one pod alone."""
    if pod.finished:
        return ()
    seen = _seen(evaluation)
    found: list[Exposed] = []
    for service, _ in evaluation.routing.services_of(pod):
        used = _used(evaluation, service)
        found += seen.by_backends(service, [each for each in used if each.pod and each.pod.ref == pod.ref])
    return tuple(sorted((*found, *seen.by_node([pod])), key=_place))


_WAYS = list(Way)


def _place(exposed: Exposed) -> tuple[object, ...]:
    subject, entrance = exposed.subject, exposed.entrance
    order = _WAYS.index(entrance.way)
    return (
        subject.namespace,
        subject.name,
        subject.kind,
        order,
        entrance.by,
        entrance.ports,
        exposed.target or 0,
    )


@lru_cache(maxsize=1)
def _seen(evaluation: Evaluation) -> _Exposures:
    """Every page asks for the same, so it is kept for the snapshot at hand."""
    return _Exposures(evaluation)


class _Exposures:
    """Answers once for all pods that are alike. Immutable, apart from caches."""

    def __init__(self, evaluation: Evaluation) -> None:
        self._evaluation = evaluation
        self._entrances = Entrances(evaluation.routing)
        self._admissions = Admissions(evaluation)
        self._doubts: dict[Hashable, tuple[Ref, ...]] = {}
        self._direct: dict[Hashable, Admission] = {}

    def by_service(self, service: Service) -> Iterator[Exposed]:
        backends = _used(self._evaluation, service)
        yield from self.by_backends(service, backends)
        missing = None
        if self._evaluation.routing.unseen(service):
            missing = Why.ENDPOINTS_UNREAD
        elif any(backend.unread for backend in backends):
            missing = Why.POD_UNREAD
        if missing is not None:
            for entrance in self._entrances.to(service):
                unknown = Admission(Verdict.UNKNOWN, missing)
                yield Exposed(service.ref, (), entrance, None, unknown, frozenset((4, 6)))

    def by_backends(self, service: Service, backends: Iterable[Backend]) -> Iterator[Exposed]:
        entrances = list(self._entrances.to(service))
        if not entrances:
            return
        alike: dict[Hashable, list[Backend]] = {}
        for backend in backends:
            if backend.pod is not None and (backend.ready or backend.draining):
                numbers = tuple(target.number for target in backend.targets)
                over = endpoint_families(service, backend)
                key = self._alike(backend.pod), numbers, over, backend.ready
                alike.setdefault(key, []).append(backend)
        for group in alike.values():
            pods = tuple(backend.pod for backend in group if backend.pod)
            over = endpoint_families(service, group[0])
            by_port = {target.port: target.number for target in group[0].targets}
            for entrance in entrances:
                number = by_port.get(entrance.arrives) if entrance.arrives else None
                if number is not None:
                    yield self._exposed(pods, entrance, number, over, group[0].ready)

    def by_node(self, pods: Iterable[Pod]) -> Iterator[Exposed]:
        """By ports of the pods' own nodes."""
        alike: dict[Hashable, tuple[Entrance, list[Pod]]] = {}
        for pod in pods:
            if pod.host_network or any(port.host_port for port in pod.ports):
                for entrance in host_entrances(pod):
                    key = self._alike(pod), replace(entrance, by=Ref("", "", ""))
                    alike.setdefault(key, (entrance, []))[1].append(pod)
        for entrance, members in alike.values():
            placed = replace(entrance, by=self._subject(members))
            over = _bound(entrance) or frozenset(own_families(members[0]))
            yield self._exposed(tuple(members), placed, entrance.target, over, ready=True)

    def _exposed(
        self, pods: tuple[Pod, ...], entrance: Entrance, number: int | None, over: frozenset[int], ready: bool
    ) -> Exposed:
        found = self._admission(pods, entrance, number, over)
        if not ready and found.verdict is not Verdict.DENY:
            found = replace(found, verdict=Verdict.UNKNOWN, why=Why.DRAINING)
        connecting = entrance.proxy.pods if entrance.proxy else ()
        doubts = self._in_doubt(pods[0])
        if connecting:
            doubts += tuple(ref for pod in connecting for ref in self._in_doubt(pod))
        families = frozenset(own_families(pods[0])) & over
        unique = tuple(dict.fromkeys(doubts))
        return Exposed(self._subject(pods), pods, entrance, number, found, families, unique)

    def _admission(
        self, pods: tuple[Pod, ...], entrance: Entrance, number: int | None, over: frozenset[int]
    ) -> Admission:
        # Only a hostNetwork pod is exposed on no port in particular, and policy does not ask for one there.
        asked = 1 if number is None else number
        if entrance.proxy is not None:
            return self._admissions.of(entrance, pods, asked, over)
        index = self._evaluation.index
        sort = index.class_of[pods[0].ref], own_families(pods[0]), over
        key = sort, entrance.protocol, asked, entrance.sight, entrance.ranges, entrance.detached
        known = self._direct.get(key)
        if known is None:
            known = self._direct[key] = self._admissions.of(entrance, pods, asked, over)
        return known

    def _alike(self, pod: Pod) -> Hashable:
        snapshot = self._evaluation.snapshot
        workload = pod.ref if pod.is_template else snapshot.workloads.get(pod.ref)
        return self._evaluation.index.class_of[pod.ref], own_families(pod), workload, self._in_doubt(pod)

    def _subject(self, pods: Sequence[Pod]) -> Ref:
        return self._evaluation.snapshot.workloads.get(pods[0].ref, pods[0].ref)

    def _in_doubt(self, pod: Pod) -> tuple[Ref, ...]:
        """The objects that may apply as well; pods of equal labels are asked about once."""
        snapshot = self._evaluation.snapshot
        if not snapshot.doubtful:
            return ()
        key = pod.namespace, pod.labels_known, frozenset(pod.labels.items())
        found = self._doubts.get(key)
        if found is None:
            found = self._doubts[key] = tuple(each.ref for each in may_apply(snapshot, pod))
        return (pod.ref, *found) if pod.ref in snapshot.faulty else found


def _bound(entrance: Entrance) -> frozenset[int]:
    """The family of the one address on which a host port is open; none where it is open on each, or where
    what the manifest says is no address."""
    with suppress(ValueError):
        return frozenset(ip_address(text).version for text in entrance.addresses)
    return frozenset()


def _used(evaluation: Evaluation, service: Service) -> tuple[Backend, ...]:
    """The endpoints that are used: those that are ready, else those that serve until they have shut down. A
    headless Service's DNS records leave these out."""
    backends = evaluation.routing.backends(service)
    ready = tuple(backend for backend in backends if backend.ready)
    if ready or service.headless:
        return ready
    return tuple(backend for backend in backends if backend.draining)


def in_cluster(evaluation: Evaluation, exposed: Exposed) -> InCluster | None:
    """What policy says of the pods of the cluster, for whoever does not know which of them connects; None
    where there is nothing to ask."""
    if not exposed.pods or exposed.target is None:
        return None
    index, pod = evaluation.index, exposed.pods[0]
    found = reach(evaluation.policies, pod, exposed.entrance.protocol, exposed.target, exposed.families)
    itself = index.class_bit(pod)

    def count(bitset: int) -> int:
        own = not pod.several and bool(bitset & itself)
        return index.count(bitset) - own

    counted = ~found.own_node
    total = count(index.present)
    return InCluster(count(found.allow & counted), count((found.unknown | found.partial) & counted), total)
