"""The rows and columns of the connectivity matrix: pods that no policy can tell apart, that one workload
made, and that the same objects leave in doubt; of those that nobody made, with the same labels as far as
policies ask for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from policy_core.classes import bitset_of
from policy_core.evaluation import Evaluation
from policy_core.index import Bits, bits
from policy_core.model import Direction, Pod, Ref
from policy_core.not_evaluated import may_apply
from policy_core.snapshot import Snapshot
from policy_core.workloads import GENERATED_LABELS

__all__ = ["Doubts", "MatrixClass", "MatrixClasses"]


class Doubts(NamedTuple):
    """What may have a say that is not evaluated, or not wholly: in what comes in, in what goes to other pods,
    and in what leaves the cluster."""

    ingress: tuple[Ref, ...]
    egress: tuple[Ref, ...]
    outside: tuple[Ref, ...]


NO_DOUBTS = Doubts((), (), ())
_Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, eq=False)
class MatrixClass:
    """``pods`` are never none, by name; a template is the only one of its class."""

    number: int
    """Its place among the classes and its bit in bitsets, from 0."""
    index_class: int
    workload: Ref | None
    """The workload that made the pods (the topmost), or whose template stands for them; None where nobody
    made them."""
    pods: tuple[Pod, ...]
    doubts: Doubts = NO_DOUBTS

    @property
    def unevaluated(self) -> tuple[Ref, ...]:
        """The objects that may select the pods and are not evaluated, or not wholly; and pods with errors."""
        return tuple(dict.fromkeys((*self.doubts.ingress, *self.doubts.egress, *self.doubts.outside)))

    @property
    def namespace(self) -> str:
        return self.pods[0].namespace

    @property
    def host_network(self) -> bool:
        return self.pods[0].host_network

    @property
    def single(self) -> bool:
        """Whether it stands for one pod only, which has nobody like it to talk to."""
        return len(self.pods) == 1 and not self.pods[0].several

    def labels(self) -> dict[str, str]:
        """The labels that all of its pods share, by key, without those that controllers generate."""
        first, *others = self.pods
        shared = {item for item in first.labels.items() if item[0] not in GENERATED_LABELS}
        for pod in others:
            shared &= pod.labels.items()
        return dict(sorted(shared))


class MatrixClasses:
    """All of them, in the order in which their first pods come, and bitsets over them.

    Finished pods are in none. Templates that are scaled to 0 have theirs: what would apply is worth seeing.
    """

    def __init__(self, evaluation: Evaluation) -> None:
        index, workloads = evaluation.index, evaluation.snapshot.workloads
        doubts = _doubts(evaluation.snapshot, index.pods)
        keys = index.vocabulary.words.keys
        pods: dict[tuple[int, Ref | None, _Labels, Doubts], list[Pod]] = {}
        for pod in index.pods:
            ref = pod.ref
            made_by = ref if pod.is_template else workloads.get(ref)
            # People know what nobody made by its labels, also where no policy lists their values.
            labels = () if made_by else tuple((key, pod.labels[key]) for key in keys & pod.labels.keys())
            alike = index.class_of[ref], made_by, tuple(sorted(labels)), doubts.get(ref, NO_DOUBTS)
            pods.setdefault(alike, []).append(pod)
        parts: list[list[int]] = [[] for _ in index.classes]
        for number, (index_class, *_) in enumerate(pods):
            parts[index_class].append(number)
        self.every: tuple[MatrixClass, ...] = tuple(
            MatrixClass(number, index_class, workload, tuple(members), doubt)
            for number, ((index_class, workload, _, doubt), members) in enumerate(pods.items())
        )
        self._parts = parts
        """For each of the index's classes the matrix classes that it is split into."""
        self.bits: Bits = (1 << len(self.every)) - 1
        self._alike = all(part == [number] for number, part in enumerate(parts))
        """Whether nothing is split and the numbers are the same: classes that were carried over keep theirs
        while their first pods change places."""
        self._known: dict[Bits, Bits] = {}

    def of_index(self, bitset: Bits) -> Bits:
        """A bitset over the index's classes as one over these."""
        if self._alike:
            return bitset
        found = self._known.get(bitset)
        if found is None:
            parts = map(self._parts.__getitem__, bits(bitset))
            found = self._known[bitset] = bitset_of(chain.from_iterable(parts))
        return found


def _doubts(snapshot: Snapshot, pods: Iterable[Pod]) -> Mapping[Ref, Doubts]:
    """For each pod of which something is in doubt: the objects that may apply to it as well. Pods of equal
    labels are asked about once."""
    if not snapshot.doubtful:
        return {}
    found: dict[Ref, Doubts] = {}
    alike: dict[tuple[object, ...], Doubts] = {}
    for pod in pods:
        key = (pod.namespace, pod.labels_known, pod.host_network, frozenset(pod.labels.items()))
        if key not in alike:
            alike[key] = _doubts_of(snapshot, pod)
        doubts = alike[key]
        if pod.ref in snapshot.faulty:
            doubts = Doubts(*((pod.ref, *refs) for refs in doubts))
        if any(doubts):
            found[pod.ref] = doubts
    return found


def _doubts_of(snapshot: Snapshot, pod: Pod) -> Doubts:
    out = Direction.EGRESS
    return Doubts(
        tuple(policy.ref for policy in may_apply(snapshot, pod, Direction.INGRESS)),
        tuple(policy.ref for policy in may_apply(snapshot, pod, out, outside=False)),
        tuple(policy.ref for policy in may_apply(snapshot, pod, out)),
    )
