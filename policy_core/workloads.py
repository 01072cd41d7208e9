"""Which workload each pod belongs to, and which workloads stand for their pods: those of which no pod was
read, each workload once."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from policy_core.model import Pod, Ref, Workload

__all__ = ["GENERATED_LABELS", "Controllers", "controllers", "stand_ins", "topmost"]

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

Controllers = Mapping[Ref, tuple[Ref, ...]]
"""For each pod the workloads that it belongs to, each the controller of the one before it."""

_CRON_JOB_RUN = re.compile(r"(?P<cron_job>.+)-\d+")


def controllers(pods: Iterable[Pod], workloads: Iterable[Workload]) -> Controllers:
    """What the pods belong to (source: ``metadata.ownerReferences``, else the selectors of the workloads)."""
    known = {workload.ref: workload for workload in workloads}
    selecting = _by_selector(known.values())
    owners = _owners(known, selecting)
    found: dict[Ref, tuple[Ref, ...]] = {}
    for pod in pods:
        if pod.owner is not None:
            found[pod.ref] = tuple(_chain(pod, owners))
        else:
            adopting = [w for w in selecting[pod.namespace] if w.selector and w.selector.matches(pod.labels)]
            # What has an owner itself comes before it.
            found[pod.ref] = tuple(w.ref for w in sorted(adopting, key=lambda w: owners[w.ref] is None))
    return found


def topmost(chain: Sequence[Ref]) -> Ref | None:
    """The workload that people know the pod by. A static pod's owner is its node, which is no workload."""
    return next((ref for ref in reversed(chain) if ref.kind != "Node"), None)


def stand_ins(pods: Iterable[Pod], workloads: Iterable[Workload], belongs: Controllers) -> list[Pod]:
    """The templates of the workloads that have no live pod here, directly or through a workload they own."""
    known = {workload.ref: workload for workload in workloads}
    owners = _owners(known, _by_selector(known.values()))
    present: set[Ref] = set()
    for pod in pods:
        # A finished pod says that its Job ran, not that a CronJob or a Deployment has pods now.
        present.update(ref for ref in belongs[pod.ref] if not pod.finished or ref.kind == "Job")

    return [
        # Scaled to zero it has no endpoint to offer, yet what would apply to its pods is worth seeing.
        replace(workload.template, ready=False) if workload.template.replicas == 0 else workload.template
        for workload in known.values()
        if workload.ref not in present and not workload.finished and not _is_part(workload, owners)
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
