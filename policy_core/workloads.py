"""Which workload each pod belongs to, and which workloads stand for their pods: those of which no pod was
read, each workload once."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from policy_core.model import Pod, Ref, Workload

__all__ = ["GENERATED_LABELS", "Controllers"]

GENERATED_LABELS = frozenset(
    {
        "apps.kubernetes.io/pod-index",
        "batch.kubernetes.io/controller-uid",
        "batch.kubernetes.io/job-completion-index",
        "batch.kubernetes.io/job-name",
        "controller-revision-hash",
        "controller-uid",
        "job-name",
        "pod-template-generation",
        "pod-template-hash",
        "statefulset.kubernetes.io/pod-name",
    }
)
"""Labels that controllers give their pods: they tell revisions and replicas apart, not workloads."""

_CRON_JOB_RUN = re.compile(r"(?P<cron_job>.+)-\d+")


class Controllers:
    """What pods belong to (source: ``metadata.ownerReferences``, else the selectors of the workloads)."""

    def __init__(self, workloads: Iterable[Workload]) -> None:
        self._known = {workload.ref: workload for workload in workloads}
        self._selecting = _by_selector(self._known.values())
        self._owners = _owners(self._known, self._selecting)
        self._chains: dict[tuple[Ref, str], tuple[Ref, ...]] = {}
        """The pods of one controller belong to the same; of one that is not here their labels tell more."""

    def of(self, pod: Pod) -> tuple[Ref, ...]:
        """The workloads that the pod belongs to, each the controller of the one before it."""
        if pod.owner is None:
            adopting = [
                workload
                for workload in self._selecting.get(pod.namespace, ())
                if workload.selector and workload.selector.matches(pod.labels)
            ]
            # What has an owner itself comes before it.
            return tuple(w.ref for w in sorted(adopting, key=lambda w: self._owners[w.ref] is None))
        key = pod.owner, pod.labels.get("pod-template-hash", "")
        if key not in self._chains:
            self._chains[key] = tuple(_chain(pod, self._owners))
        return self._chains[key]

    def topmost(self, pod: Pod) -> Ref | None:
        """The workload that people know the pod by. A static pod's owner is its node, which is no
        workload."""
        return next((ref for ref in reversed(self.of(pod)) if ref.kind != "Node"), None)

    def stand_ins(self, pods: Iterable[Pod]) -> list[Pod]:
        """The templates of the workloads that have no live pod among ``pods``, directly or through a workload
        they own."""
        present: set[Ref] = set()
        for pod in pods if self._known else ():
            # A finished pod says that its Job ran, not that a CronJob or a Deployment has pods now.
            present.update(ref for ref in self.of(pod) if not pod.finished or ref.kind == "Job")
        return [
            # Scaled to zero it has no endpoint to offer, yet what would apply to its pods is worth seeing.
            replace(workload.template, ready=False) if workload.template.replicas == 0 else workload.template
            for workload in self._known.values()
            if workload.ref not in present and not workload.finished and not _is_part(workload, self._owners)
        ]


def _by_selector(workloads: Iterable[Workload]) -> defaultdict[str, list[Workload]]:
    """Under each namespace the workloads that say which pods are theirs."""
    selecting: defaultdict[str, list[Workload]] = defaultdict(list)
    for workload in workloads:
        if workload.selector and not workload.selector.everything:
            selecting[workload.namespace].append(workload)
    return selecting


def _owners(known: Mapping[Ref, Workload], selecting: Mapping[str, list[Workload]]) -> dict[Ref, Ref | None]:
    return {ref: workload.owner or _adopter(workload, selecting) for ref, workload in known.items()}


def _adopter(workload: Workload, selecting: Mapping[str, list[Workload]]) -> Ref | None:
    """The Deployment that a ReplicaSet without an owner belongs to: a cluster would let it take that over."""
    if workload.kind != "ReplicaSet":
        return None
    labels = workload.template.labels
    return next(
        (
            other.ref
            for other in selecting.get(workload.namespace, ())
            if other.kind == "Deployment" and other.selector and other.selector.matches(labels)
        ),
        None,
    )


def _chain(pod: Pod, owners: Mapping[Ref, Ref | None]) -> list[Ref]:
    """The pod's controller, that one's controller and so on. Where the middle of the chain is not in the
    bundle, the names that the controllers give their children tell what lies above."""
    chain: list[Ref] = []
    ref = pod.owner
    while ref is not None and ref not in chain:
        chain.append(ref)
        ref = owners[ref] if ref in owners else _by_name(ref, pod)
    return chain


def _by_name(child: Ref, pod: Pod) -> Ref | None:
    if child.kind == "ReplicaSet" and (hash_ := pod.labels.get("pod-template-hash")):
        name = child.name.removesuffix(f"-{hash_}")
        return Ref("Deployment", child.namespace, name) if name != child.name else None
    if child.kind == "Job" and (run := _CRON_JOB_RUN.fullmatch(child.name)):
        return Ref("CronJob", child.namespace, run["cron_job"])
    return None


def _is_part(workload: Workload, owners: Mapping[Ref, Ref | None]) -> bool:
    """True for what another workload stands for already, and for the old revisions that it keeps."""
    owner = owners[workload.ref]
    if owner is None:
        return False
    return owner in owners or (workload.kind == "ReplicaSet" and workload.template.replicas == 0)
