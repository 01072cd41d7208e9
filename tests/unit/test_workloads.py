"""Each pod of a workload counts once: as itself, or in the template that stands for it, and never as both."""

from __future__ import annotations

import pytest

from policy_core.details.pod import pod_detail
from tests.clusters import evaluate, pod, the_pod

APPS, BATCH = "apps/v1", "batch/v1"
LABELS, HASHED = "app: web", "app: web, pod-template-hash: 5d"
COUNTED_AS_ONE = "A workload of which no pod was read counts as one pod, however many it makes."


def owned_by(kind: str, name: str) -> str:
    return f", ownerReferences: [{{apiVersion: v1, kind: {kind}, name: {name}, uid: u, controller: true}}]"


def workload(
    kind: str, name: str, *, owner: str = "", labels: str = LABELS, spec: str = "", status: str = "{}"
) -> str:
    template = f"template: {{metadata: {{labels: {{{labels}}}}}, spec: {{containers: [{{name: c}}]}}}}"
    body = f"{{{spec}selector: {{matchLabels: {{{labels}}}}}, {template}}}"
    if kind == "Job":
        body = f"{{{template}}}"
    if kind == "CronJob":
        body = f"{{schedule: '* * * * *', jobTemplate: {{spec: {{{template}}}}}}}"
    return (
        f"---\napiVersion: {BATCH if kind.endswith('Job') else APPS}\nkind: {kind}\n"
        f"metadata: {{name: {name}, namespace: x{owner}}}\nspec: {body}\nstatus: {status}\n"
    )


def live(name: str, owner: str = "", labels: str = LABELS, phase: str = "Running") -> str:
    text = pod(name, "10.0.0.1").replace("labels: {}", f"labels: {{{labels}}}{owner}")
    return text.replace("phase: Running", f"phase: {phase}")


DEPLOYMENT = workload("Deployment", "web", spec="replicas: 3, ")
REPLICA_SET = workload("ReplicaSet", "web-5d", owner=owned_by("Deployment", "web"), labels=HASHED)
ORPHAN = workload("ReplicaSet", "web-5d", labels=HASHED)
OLD = workload("ReplicaSet", "web-4c", owner=owned_by("Deployment", "web"), spec="replicas: 0, ")
CRON_JOB = workload("CronJob", "run")
JOB = workload("Job", "run-1", owner=owned_by("CronJob", "run"))
DONE = "{conditions: [{type: Complete, status: 'True'}]}"
FAILED = "{conditions: [{type: Failed, status: 'True'}]}"
OF_SET, OF_JOB = owned_by("ReplicaSet", "web-5d"), owned_by("Job", "run-1")


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        (DEPLOYMENT, ["Deployment web"]),
        (DEPLOYMENT + REPLICA_SET, ["Deployment web"]),
        (DEPLOYMENT + REPLICA_SET + live("a", OF_SET, HASHED), ["Pod a"]),
        # The ReplicaSet is not in the bundle: its name tells whose it is.
        (DEPLOYMENT + live("a", OF_SET, HASHED), ["Pod a"]),
        (DEPLOYMENT + live("a", owned_by("ReplicaSet", "web-6e"), HASHED), ["Deployment web", "Pod a"]),
        # Without an owner it is the Deployment's that selects its pods, as the cluster would have it.
        (DEPLOYMENT + ORPHAN, ["Deployment web"]),
        (DEPLOYMENT + ORPHAN + live("a", OF_SET, HASHED), ["Pod a"]),
        (
            DEPLOYMENT + workload("ReplicaSet", "alone", labels="app: db"),
            ["Deployment web", "ReplicaSet alone"],
        ),
        (
            workload("StatefulSet", "web") + workload("ReplicaSet", "other"),
            ["ReplicaSet other", "StatefulSet web"],
        ),
        # Old revisions: the Deployment is there, or it is not.
        (DEPLOYMENT + OLD, ["Deployment web"]),
        (OLD, []),
        (REPLICA_SET, ["ReplicaSet web-5d"]),
        (workload("ReplicaSet", "web", spec="replicas: 0, "), ["ReplicaSet web"]),
        # What a custom resource owns is no old revision, though it is scaled to 0.
        (
            workload("StatefulSet", "db", owner=owned_by("Prometheus", "p"), spec="replicas: 0, "),
            ["StatefulSet db"],
        ),
        # Pods without an owner are those that the selector matches.
        (DEPLOYMENT + live("a"), ["Pod a"]),
        (DEPLOYMENT + live("a", labels="app: db"), ["Deployment web", "Pod a"]),
        (DEPLOYMENT + live("a", owned_by("DaemonSet", "d")), ["Deployment web", "Pod a"]),
        # A finished pod takes no part, and the Deployment makes another.
        (DEPLOYMENT + live("a", OF_SET, HASHED, "Failed"), ["Deployment web"]),
        (DEPLOYMENT + live("a", phase="Succeeded"), ["Deployment web"]),
        # Jobs
        (CRON_JOB, ["CronJob run"]),
        (CRON_JOB + JOB, ["CronJob run"]),
        (CRON_JOB + JOB + live("a", OF_JOB), ["Pod a"]),
        (CRON_JOB + live("a", OF_JOB), ["Pod a"]),
        (CRON_JOB + workload("Job", "run-1") + live("a", OF_JOB), ["CronJob run", "Pod a"]),
        (CRON_JOB + live("a", owned_by("Job", "run-x")), ["CronJob run", "Pod a"]),
        (CRON_JOB + JOB + live("a", OF_JOB, phase="Succeeded"), ["CronJob run"]),
        (workload("Job", "run-1"), ["Job run-1"]),
        (workload("Job", "run-1") + live("a", OF_JOB, phase="Succeeded"), []),
        (workload("Job", "run-1", status=DONE), []),
        (workload("Job", "run-1", status=FAILED), []),
    ],
)
def test_every_pod_counts_once(text: str, counted: list[str]) -> None:
    assert sorted(f"{p.kind} {p.name}" for p in evaluate(text).index.pods) == counted


def test_what_is_scaled_to_0_is_not_ready() -> None:
    [template] = evaluate(workload("Deployment", "web", spec="replicas: 0, ")).index.pods
    assert (template.ready, template.replicas, template.several) == (False, 0, False)


@pytest.mark.parametrize(("replicas", "told"), [(3, True), (1, False), (0, False)])
def test_that_several_pods_count_as_one_is_told_wherever_pods_are_counted(replicas: int, told: bool) -> None:
    other = pod("other", "10.0.0.9")
    evaluation = evaluate(other + workload("Deployment", "web", spec=f"replicas: {replicas}, "))
    found = the_pod(evaluation, "x/other")
    assert found is not None
    assert (COUNTED_AS_ONE in pod_detail(evaluation, found).caveats) is told


def test_a_pod_belongs_to_the_topmost_workload_that_made_it() -> None:
    by_owner = live("web-5d-1", owned_by("ReplicaSet", "web-5d"), HASHED)
    found = evaluate(DEPLOYMENT + REPLICA_SET + by_owner).snapshot.workloads
    assert {pod.name: str(top) for pod, top in found.items()} == {"web-5d-1": "Deployment x/web"}


def test_without_an_owner_a_pod_belongs_to_the_workload_whose_selector_matches_it() -> None:
    found = evaluate(DEPLOYMENT + REPLICA_SET + live("web-5d-1", labels=HASHED)).snapshot.workloads
    assert {pod.name: str(top) for pod, top in found.items()} == {"web-5d-1": "Deployment x/web"}


@pytest.mark.parametrize("owner", ["", owned_by("Node", "n1")])
def test_a_pod_that_no_workload_made_belongs_to_none(owner: str) -> None:
    assert evaluate(live("alone", owner)).snapshot.workloads == {}
