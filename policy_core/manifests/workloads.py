"""apps/v1, batch/v1 and ReplicationController: what makes pods from a template."""

from __future__ import annotations

from policy_core.labels import LabelSelector
from policy_core.manifests.core import read_pod_template
from policy_core.manifests.fields import Fields
from policy_core.manifests.metadata import Meta, check_annotations, read_labels
from policy_core.manifests.selectors import read_selector
from policy_core.model import Workload

__all__ = ["read_cron_job", "read_job", "read_replication_controller", "read_workload"]

_MAX_REPLICAS = 2**31 - 1
_ONE_BY_DEFAULT = ("Deployment", "StatefulSet", "ReplicaSet", "ReplicationController")


def read_workload(obj: Fields, meta: Meta) -> list[Workload]:
    """Deployment, StatefulSet, DaemonSet or ReplicaSet."""
    spec = obj.mapping("spec")
    return [_workload(obj, meta, spec, read_selector(spec, "selector"))]


def read_replication_controller(obj: Fields, meta: Meta) -> list[Workload]:
    """Its selector is a plain map of labels."""
    spec = obj.mapping("spec")
    before = len(spec.report.problems)
    labels = spec.text_map("selector")
    noted = spec.report.problems[before:]
    selector = LabelSelector(tuple(sorted(labels.items())), invalid=noted[0].message if noted else "")
    return [_workload(obj, meta, spec, selector if labels or noted else None)]


def read_job(obj: Fields, meta: Meta) -> list[Workload]:
    conditions = obj.mapping("status").mappings("conditions")
    finished = any(
        c.text("type") in ("Complete", "Failed") and c.text("status") == "True" for c in conditions
    )
    spec = obj.mapping("spec")
    return [_workload(obj, meta, spec, read_selector(spec, "selector"), finished)]


def read_cron_job(obj: Fields, meta: Meta) -> list[Workload]:
    job = obj.mapping("spec").mapping("jobTemplate")
    check_annotations(job.mapping("metadata"))
    read_labels(job.mapping("metadata"))
    return [_workload(obj, meta, job.mapping("spec"), None)]


def _workload(
    obj: Fields, meta: Meta, spec: Fields, selector: LabelSelector | None, finished: bool = False
) -> Workload:
    kind = obj.text("kind")
    replicas = spec.integer("replicas", 0, _MAX_REPLICAS)
    if "replicas" not in spec and kind in _ONE_BY_DEFAULT:
        replicas = 1
    if "template" not in spec:
        spec.problem("template is missing")
    template = read_pod_template(spec.mapping("template"), meta, kind, replicas)
    return Workload(kind, meta.namespace, meta.name, template, selector, meta.owner, finished, meta.origin)
