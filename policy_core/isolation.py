"""Open or restricted: the state of every pod at a glance, for lists and counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from itertools import compress
from operator import is_not
from weakref import WeakKeyDictionary

from policy_core.classes import Bits, bits, bitset_of
from policy_core.evaluation import Evaluation
from policy_core.leads import Lead
from policy_core.model import Direction, NetworkPolicy, Pod, PodPeer, Ref
from policy_core.not_evaluated import directions_in_doubt
from policy_core.openness import Openness, openness
from policy_core.rules import PolicySet
from policy_core.snapshot import Snapshot

__all__ = ["Isolation", "Isolations", "isolations", "unsettled"]


@dataclass(frozen=True, slots=True)
class Isolation:
    """``doubts``: the directions in which an object that is not evaluated, or that has errors, may have a say
    as well; both where the pod has errors itself."""

    ingress: Openness
    egress: Openness
    doubts: frozenset[Direction] = frozenset()

    @property
    def uncertain(self) -> bool:
        return bool(self.doubts)


def isolations(evaluation: Evaluation, pods: Iterable[Pod] | None = None) -> dict[Ref, Isolation]:
    """The state of the given pods, by default of every pod of the snapshot."""
    isolation = Isolations(evaluation)
    return {pod.ref: isolation.of(pod) for pod in (evaluation.snapshot.pods if pods is None else pods)}


class Isolations:
    """Works out states: once for each class, however many the pods."""

    def __init__(self, evaluation: Evaluation) -> None:
        self._evaluation = evaluation
        self._by_class = _OF_CLASSES.setdefault(evaluation.policies, {})
        self._in_doubt = evaluation.snapshot.doubtful
        self._alike: dict[object, frozenset[Direction]] = {}

    def of(self, pod: Pod) -> Isolation:
        return self.of_class(pod, -1 if pod.finished else self._evaluation.index.class_of[pod.ref])

    def of_class(self, pod: Pod, number: int) -> Isolation:
        """``number`` is that of the pod's class, -1 of one that has finished."""
        state = self._by_class.get(number)
        if state is None:
            state = Isolation(
                openness(self._evaluation.policies, pod, Direction.INGRESS),
                openness(self._evaluation.policies, pod, Direction.EGRESS),
            )
            state = self._by_class[number] = _SHARED.setdefault(state, state)
        if self._in_doubt and (doubts := _doubts_of(self._evaluation.snapshot, pod, self._alike)):
            state = replace(state, doubts=doubts)
            state = _SHARED.setdefault(state, state)
        return state

    def of_namespace(self, name: str) -> list[Isolation]:
        """Of each of its pods, in the snapshot's order."""
        index, pods = self._evaluation.index, self._evaluation.snapshot.pods.of_namespace(name)
        numbers = iter(index.numbers(name))
        return [self.of_class(pod, -1 if pod.finished else next(numbers)) for pod in pods]


_OF_CLASSES: WeakKeyDictionary[PolicySet, dict[int, Isolation]] = WeakKeyDictionary()
"""What was found already, as long as the policies are at hand: lists, pages and counts ask for the same."""
_SHARED: dict[Isolation, Isolation] = {}
"""There are few different ones, and of thousands of pods one each."""


def _doubts_of(
    snapshot: Snapshot, pod: Pod, alike: dict[object, frozenset[Direction]]
) -> frozenset[Direction]:
    """``alike`` remembers it for pods of equal labels."""
    if pod.ref in snapshot.faulty:
        return frozenset(Direction)
    labels = frozenset(pod.labels.items())
    key = pod.namespace, pod.host_network, pod.finished, pod.labels_known, labels
    if key not in alike:
        alike[key] = directions_in_doubt(snapshot, pod)
    return alike[key]


def _doubts(snapshot: Snapshot) -> object:
    """Whatever leaves it open, beside the policies that are evaluated, what applies to a pod."""
    return snapshot.unevaluated, snapshot.faulty, snapshot.coverage


def unsettled(evaluation: Evaluation, previous: Evaluation) -> Mapping[str, Set[int]] | None:
    """The pods whose state may not be what it was though they have not changed themselves: by namespace their
    classes. None: it may be any pod."""
    now, before = evaluation.snapshot, previous.snapshot
    if _doubts(now) != _doubts(before) or (now.doubtful and now.namespaces != before.namespaces):
        return None
    index = evaluation.index
    found: dict[str, set[int]] = {}
    concerned = _concerned_otherwise(evaluation, previous)
    if concerned is None:
        return None  # they may be for any pod, and name any other
    for each in bits(concerned):
        found.setdefault(index.classes[each].namespace, set()).add(each)
    policies = now.network_policies.since(before.network_policies)
    for policy in policies.new:
        found.setdefault(policy.namespace, set()).update(index.subject_numbers(policy))
    for policy in policies.gone:
        found.setdefault(policy.namespace, set()).update(_selected_before(evaluation, previous, policy))
    refused = now.faulty | before.faulty
    for policy in (*policies.new, *policies.gone) if refused else ():
        if policy.ref in refused:  # what it was to do is in doubt, whatever it selects
            found[policy.namespace].update(index.sizes(policy.namespace))
    # What one pod alone would be allowed is nothing: it makes a difference whether there is another; and what
    # ports given by name mean only those pods tell that are here.
    leading: dict[Lead, bool] = {}
    for name, number, pod in _few(evaluation, previous):
        if number is not None:
            found.setdefault(name, set()).add(number)
        for lead in evaluation.policies.leads.to(pod):
            if lead.ports.names and not leading.get(lead):
                leading[lead] = _may_match(evaluation, lead, pod)
    for lead, matches in leading.items():
        for number in bits(evaluation.policies.let_out(lead)) if matches else ():
            found.setdefault(index.classes[number].namespace, set()).add(number)
    return found


def _may_match(evaluation: Evaluation, lead: Lead, pod: Pod) -> bool:
    """``pod`` may have gone: blocks of addresses are taken to match it."""
    peer, selectors = lead.peer, evaluation.index.selectors
    if not isinstance(peer, PodPeer) or pod.namespace not in selectors.namespaces:
        return True
    return selectors.selects(peer, lead.namespace, pod) is not False


def _selected_before(evaluation: Evaluation, previous: Evaluation, policy: NetworkPolicy) -> Set[int]:
    """The classes of the pods that a policy selected which has gone, or was another one."""
    index, earlier = evaluation.index, previous.index
    numbers = earlier.subject_numbers(policy)
    if index.classed(policy.namespace) is earlier.classed(policy.namespace):
        return set(numbers)
    # What it asked for may tell nobody apart any more.
    pods = (pod for number in numbers for pod in earlier.members(number))
    return {number for pod in pods if (number := index.class_of.get(pod.ref)) is not None}


def _concerned_otherwise(evaluation: Evaluation, previous: Evaluation) -> Bits | None:
    """The classes for which other policies of the tiers are, or may be, than before; None: it may be any."""
    tiers, earlier = evaluation.policies.tiers, previous.policies.tiers
    if tiers is earlier:
        return 0
    if not tiers.same_policies(earlier) or _means_otherwise(evaluation, previous):
        return None
    if evaluation.snapshot.namespaces == previous.snapshot.namespaces:
        return 0
    # In other namespaces than before, perhaps for other classes; those that have got a number that was none,
    # or another's, are taken to be concerned.
    now, before = evaluation.index.classes, previous.index.classes
    found = bitset_of(range(len(before), len(now)))
    found |= bitset_of(compress(range(len(now)), map(is_not, before, now)))
    for direction in Direction:
        for one, other in zip(tiers.policies[direction], earlier.policies[direction], strict=True):
            found |= (one.subjects ^ other.subjects) | (one.possible ^ other.possible)
    return found & evaluation.index.everyone


def _means_otherwise(evaluation: Evaluation, previous: Evaluation) -> bool:
    """Whether a port that a tiered policy gives by its name means other numbers than before."""
    if evaluation.index.bitsets is previous.index.bitsets:
        return False
    names = {
        name
        for policy in evaluation.policies.tiers.policies[Direction.EGRESS]
        for rule in policy.rules
        for name in rule.ports.names
    }
    return any(evaluation.index.meanings(name) != previous.index.meanings(name) for name in names)


def _few(evaluation: Evaluation, previous: Evaluation) -> Iterator[tuple[str, int | None, Pod]]:
    """The classes that have become, or have been, one pod or none: with their namespace, their number if
    there are any, and a pod of theirs."""
    now, before = evaluation.index, previous.index
    for name in now.pods.differing(before.pods):
        if now.classed(name) is before.classed(name):
            for each, had_size, size in now.resized(name, before):
                if min(size, had_size) < 2:
                    yield name, each, now.members(each)[0]
            continue
        was = {before.classes[number]: number for number in before.sizes(name)}
        had = {pod_class: before.size(number) for pod_class, number in was.items()}
        has = {now.classes[number]: (number, size) for number, size in now.sizes(name).items()}
        for pod_class in had.keys() | has.keys():
            number, size = has.get(pod_class, (None, 0))
            if min(size, 2) != min(had.get(pod_class, 0), 2):
                members = before.members(was[pod_class]) if number is None else now.members(number)
                yield name, number, members[0]
